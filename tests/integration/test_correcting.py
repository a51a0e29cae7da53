"""A corrected record brings a new score: what changed is shown, and a notice waits for who had the old one."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import select

from models.champions import load_champions
from models.policy import Lane
from serving.correcting import came_in, rescore_corrected, waiting_corrections
from serving.entitling import raise_entitlements
from serving.review import audit, queries
from serving.review.accounts import actor_of, create
from serving.review.case import Answer, Objector, Role, Verb
from serving.review.case_forms import Given
from serving.review.life_tables import ObjectionRow, ScoreNotice
from serving.review.perform import Wanted, perform
from serving.review.store import Store
from serving.review.tables import AlertRow, Case, ScreeningRow
from serving.screening import run_round
from tests.support_serving import NOW, TODAY, copy_home, round_deps, settings_at


@pytest.fixture(scope="module")
def deps(tmp_path_factory):
    home = copy_home(tmp_path_factory.mktemp("home") / "home")
    settings = settings_at(home)
    store = Store.open(settings.review_url)
    store.migrate()
    deps = round_deps(home, store, load_champions(settings.champions))
    run_round(deps, TODAY, Random(1), lambda _: None)
    yield deps
    store.close()


def corrected(deps, case, actor, record_id):
    """An objection to one of our own records that the department answered with a correction."""
    for verb, given in (
        (
            Verb.OBJECT,
            Given(raised_by=Objector.GUARDIAN, record=("dispositions", record_id), wrong="不是这样"),
        ),
        (Verb.ANSWER_OBJECTION, Given(answer=Answer.CORRECTED, answered_on=TODAY, reason="登记错了")),
    ):
        with deps.store.write() as session:
            now = session.get_one(Case, case.id)
            waiting = queries.open_objections(session, case.id)
            if waiting:
                given = Given(**{**given.__dict__, "objection": waiting[0].id})
            perform(session, verb, Wanted(actor, case.id, now.version, NOW, TODAY), given)


def publish(deps, child_key, record_id, disposition):
    record = {
        "record_id": record_id, "child_key": child_key, "occurred_on": date(2026, 5, 1),
        "risk": "psychological", "disposition": disposition, "visited": "yes", "case_id": "old",
    }  # fmt: skip
    deps.lake.publish("dispositions", [record], TODAY)


def test_a_correction_that_has_come_in_is_scored_again_once(deps):
    with deps.store.write() as session:
        account = create(
            session, username="s", display_name="s", role=Role.SCREENER, area_prefix="", password="p" * 20,
            now=NOW - timedelta(days=1),
        )  # fmt: skip
        actor = actor_of(account)
        alert = session.scalars(select(AlertRow).where(AlertRow.lane == Lane.MODEL.value)).first()
        case = session.get_one(Case, alert.case_id)
        screened = len(session.scalars(select(ScreeningRow)).all())
    publish(deps, case.child_key, "r-old", "not_confirmed")
    corrected(deps, case, actor, "r-old")
    with deps.store.read() as session:
        [waiting] = waiting_corrections(session)
    assert waiting.before
    tomorrow = TODAY + timedelta(days=1)
    assert not came_in(deps.lake, waiting, case.child_key, tomorrow)
    assert rescore_corrected(deps, tomorrow) == 0

    publish(deps, case.child_key, "r-old", "cannot_tell")
    # What is received today counts from tomorrow, here as in every score.
    assert not came_in(deps.lake, waiting, case.child_key, TODAY)
    assert came_in(deps.lake, waiting, case.child_key, tomorrow)
    before = case_version(deps, case)
    assert [rescore_corrected(deps, day) for day in (TODAY, tomorrow, tomorrow)] == [0, 1, 0]

    assert case_version(deps, case) == before + 1
    with deps.store.read() as session:
        row = session.scalars(select(ObjectionRow)).one()
        notices = session.scalars(select(ScoreNotice)).all()
        last = audit.history(session, case.id)[-1]
        assert len(session.scalars(select(ScreeningRow)).all()) >= screened
        ids = set(session.scalars(select(ScreeningRow.id)))
    assert row.rescored_at == NOW
    said = {one["screener"]: one["sentences"] for one in row.change["screeners"]}
    assert set(said) == {screening.screener for screening in waiting.before}
    assert all(sentence["zh"] and sentence["en"] for sentences in said.values() for sentence in sentences)
    assert {notice.screener for notice in notices} == set(said)
    assert {notice.old_screening for notice in notices} == {one.key for one in waiting.before}
    assert {notice.new_screening for notice in notices} <= ids | {None}
    corrected_ids = {one["corrected_screening"] for one in row.change["screeners"]} - {None}
    assert corrected_ids <= ids
    assert set(last.detail.pop("as_of_then").split()) == corrected_ids
    assert (last.verb, last.detail) == ("rescore", {"objection": row.id, "screeners": len(said)})


def case_version(deps, case):
    with deps.store.read() as session:
        return session.get_one(Case, case.id).version


def test_services_nobody_shows_are_brought_up_last_and_once(deps):
    first = raise_entitlements(deps, TODAY)

    with deps.store.read() as session:
        alerts = session.scalars(select(AlertRow).where(AlertRow.lane == Lane.ENTITLEMENT.value)).all()
        cases = {row.case_id: session.get_one(Case, row.case_id) for row in alerts}
    assert 0 < first.alerts == first.opened == len(alerts)
    assert {case.queue_class for case in cases.values()} <= {3}
    towns = [case.area_code[:9] for case in cases.values()]
    assert len(towns) == len(set(towns))
    again = raise_entitlements(deps, TODAY)
    with deps.store.read() as session:
        keys = session.scalars(
            select(AlertRow.child_key).where(AlertRow.lane == Lane.ENTITLEMENT.value)
        ).all()
    assert len(keys) == len(set(keys)) == first.alerts + again.alerts
