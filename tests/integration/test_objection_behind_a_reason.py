"""An objection to one record behind a reason: forwarded, answered, scored again as of then and now, and told."""

from datetime import timedelta
from random import Random

import pandas as pd
import pytest
from sqlalchemy import select

from features.catalogue import FEATURES
from features.child_records import RecordReader
from features.lake import Lake
from features.reference_engine import ReferenceEngine
from features.sources import source_named
from models.champions import load_champions
from models.wording import often
from serving.correcting import NOT_ASKED, rescore_corrected
from serving.replay import replay_stored
from serving.review import objections, queries, webhooks
from serving.review.accounts import actor_of, create
from serving.review.case import Answer, Objector, Role, Verb
from serving.review.case_forms import Given
from serving.review.life_tables import ObjectionRow, ScoreNotice
from serving.review.machine_tables import WebhookMessage
from serving.review.objections import Stage
from serving.review.perform import Wanted, perform
from serving.review.screenings import behind_case
from serving.review.store import Store
from serving.review.tables import Case
from serving.screening import run_round
from tests.support_serving import AS_OF, NOW, TODAY, copy_home, delivery, round_deps, settings_at

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def deps(request, tmp_path_factory):
    home = copy_home(tmp_path_factory.mktemp("home") / "home")
    settings = settings_at(home)
    if request.param == "sqlite":
        address = settings.review_url
    else:
        server = request.getfixturevalue("postgres")
        address = server.address(server.make())
    store = Store.open(address)
    store.migrate()
    deps = round_deps(home, store, load_champions(settings.champions))
    run_round(deps, TODAY, Random(1), lambda _: None)
    yield deps
    store.close()


@pytest.fixture(scope="module")
def actor(deps):
    with deps.store.write() as session:
        account = create(
            session, username="s", display_name="s", role=Role.SCREENER, area_prefix="", password="p" * 20,
            now=NOW - timedelta(days=1),
        )  # fmt: skip
        webhooks.add(
            session, url="https://a.example.org/", title="x", events=["score.superseded"], area_prefix="",
            internal=False, now=NOW,
        )  # fmt: skip
        return actor_of(account)


def cases(deps):
    with deps.store.read() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def behind(deps, case):
    with deps.store.read() as session:
        rounds = {alert.round_id for alert in queries.alerts_of(session, [case.id])[case.id]}
        return behind_case(session, child_keys=[case.child_key], round_ids=rounds)


def without(deps, screening, evidence):
    """The screening as it would have been had the record never been there: by the meaning of each feature."""
    tables = deps.lake.tables()
    reader = RecordReader({source_named(name): path for name, path in tables.items()})
    records = reader.standing([screening.child_key], AS_OF)
    reader.close()
    of_child = records[evidence.source][screening.child_key]
    records[evidence.source] = {
        screening.child_key: [one for one in of_child if one.record_id != evidence.record_id]
    }
    silent = {AS_OF: frozenset(screening.silent)}
    asked = pd.DataFrame({"child_key": [screening.child_key], "as_of": [AS_OF]})
    matrix = ReferenceEngine(records, AS_OF, tables).matrix(asked, FEATURES, silent)
    screener = deps.champions[screening.screener]
    [found] = screener.screen(matrix, silent, among=screener.reference)
    return found


def one_that_counts(deps):
    """A case and a record behind one of its reasons without which the risk would have been another one."""
    for case in cases(deps):
        for screening in behind(deps, case):
            for (source, _), evidence in objections.behind([screening]).items():
                if source != "residence":
                    other = without(deps, screening, evidence)
                    if often(other) != often(screening) and other.abstained is None:
                        return case, screening, evidence, other
    raise AssertionError("no record behind a reason changes a risk")


def do(deps, actor, case, verb, **given):
    with deps.store.write() as session:
        now = session.get_one(Case, case.id)
        perform(session, verb, Wanted(actor, case.id, now.version, NOW, TODAY), Given(**given))


def take_back(lake: Lake, child_key, evidence, known_on):
    source = source_named(evidence.source)
    row = {
        "child_key": child_key, "record_id": evidence.record_id, "version": 2,
        "occurred_on": evidence.occurred_on, "known_on": known_on, "delivery": "correction", "withdrawn": True,
    }  # fmt: skip
    lake.append(source, pd.DataFrame([row]), delivery(source, 1, "correction", known_on))
    lake.compact()


def test_a_record_behind_a_reason_is_objected_to_answered_scored_again_and_told(deps, actor):
    case, screening, evidence, other = one_that_counts(deps)
    given = often(screening)
    do(
        deps, actor, case, Verb.OBJECT, raised_by=Objector.GUARDIAN, wrong="不是我的孩子",
        record=(evidence.source, evidence.record_id),
    )  # fmt: skip

    with deps.store.read() as session:
        [line] = objections.listed(session, actor, [evidence.source], Stage.ASKED)
        asked = objections.counts(session, actor, Stage.ASKED)
    assert (line.row.occurred_on, line.row.known_on) == (evidence.occurred_on, evidence.known_on)
    assert (line.case.id, line.stage, asked) == (case.id, Stage.ASKED, {evidence.source: 1})

    do(
        deps, actor, case, Verb.ANSWER_OBJECTION, objection=line.row.id, answer=Answer.WITHDRAWN,
        answered_on=TODAY, reason="登记到了别人名下",
    )  # fmt: skip
    assert rescore_corrected(deps, TOMORROW) == 0
    with deps.store.read() as session:
        assert objections.counts(session, actor, Stage.CHANGING) == {evidence.source: 1}
    take_back(deps.lake, case.child_key, evidence, TODAY)
    assert rescore_corrected(deps, TOMORROW) == 1

    champions = deps.lake.root.parent / "champions"
    with deps.store.read() as session:
        row = session.get_one(ObjectionRow, line.row.id)
        told = {one["screener"]: one for one in row.change["screeners"]}[screening.screener]
        notices = session.scalars(select(ScoreNotice)).all()
        messages = session.scalars(select(WebhookMessage)).all()
        stages = {stage: objections.counts(session, actor, stage) for stage in Stage}
        old = {one.screener: often(one) for one in behind(deps, case)}
        again = replay_stored(session, told["corrected_screening"], champions)
    assert again.identical
    assert (again.screening.as_of, often(again.screening)) == (screening.as_of, often(other))
    assert (told["then"]["zh"], told["then"]["en"]) == (given.zh, given.en)
    assert (told["corrected"]["zh"], told["corrected"]["en"]) == (often(other).zh, often(other).en)
    assert told["as_of"] == screening.as_of.isoformat()
    assert told["now"]["zh"] == NOT_ASKED.zh or "儿童中" in told["now"]["zh"] or "判断" in told["now"]["zh"]
    # What was given out stays as it was given out.
    assert old[screening.screener] == given
    assert {notice.old_screening for notice in notices} == {one.key for one in behind(deps, case)}
    assert {(one.event, one.case_id) for one in messages} == {("score.superseded", case.id)}
    assert len(messages) == len(notices)
    assert all(notice.delivered_at for notice in notices)
    assert stages == {Stage.ASKED: {}, Stage.CHANGING: {}, Stage.DONE: {evidence.source: 1}}


def test_a_record_that_stands_changes_no_score_and_tells_nobody(deps, actor):
    case = cases(deps)[-1]
    do(deps, actor, case, Verb.OBJECT, raised_by=Objector.WORKER, record=("residence", ""), wrong="地址不对")
    with deps.store.read() as session:
        [row] = queries.open_objections(session, case.id)
        before = len(session.scalars(select(WebhookMessage)).all())
    do(
        deps, actor, case, Verb.ANSWER_OBJECTION, objection=row.id, answer=Answer.STANDS, answered_on=TODAY,
        reason="核实无误",
    )  # fmt: skip

    assert rescore_corrected(deps, TOMORROW) == 0
    with deps.store.read() as session:
        assert session.get_one(ObjectionRow, row.id).change is None
        assert len(session.scalars(select(WebhookMessage)).all()) == before
        assert objections.counts(session, actor, Stage.DONE)["residence"] == 1


def test_a_department_list_ends_where_the_readers_area_ends(deps, actor):
    elsewhere = actor_of_area(deps, "330109001")
    with deps.store.read() as session:
        for stage in Stage:
            whole = objections.listed(session, actor, ["residence"], stage)
            seen = objections.listed(session, elsewhere, ["residence"], stage)
            assert {one.row.id for one in seen} == {
                one.row.id for one in whole if one.case.area_code.startswith("330109001")
            }


def actor_of_area(deps, prefix):
    with deps.store.write() as session:
        account = create(
            session, username=f"s{prefix}", display_name="s", role=Role.SUPERVISOR, area_prefix=prefix,
            password="p" * 20, now=NOW - timedelta(days=1),
        )  # fmt: skip
        return actor_of(account)
