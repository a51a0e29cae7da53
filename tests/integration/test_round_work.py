"""The queue's clocks: what the outbox holds reaches the lake once, and one worker works at a time."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pandas as pd
import pytest
from sqlalchemy import select

from features.lake import Lake
from features.people import People
from features.sources import source_named
from models.champions import load_champions
from models.policy import Lane
from serving.review import actions, leases, outbox
from serving.review.accounts import actor_of, create
from serving.review.case import RISKS, Disposition, Met, Role, View
from serving.review.second_review import conclude_second
from serving.review.store import Store
from serving.review.tables import AlertRow, Case, OutboxRow, ScreeningRow
from serving.screening import run_round
from serving.work import LEASE, LEASE_LASTS, publish_outbox, work_once
from tests.support_serving import NOW, TODAY, copy_home, delivery, round_deps, settings_at

RECORD = {
    "record_id": "c1-psychological", "child_key": "c1", "occurred_on": "2026-10-20", "risk": "psychological",
    "disposition": "not_confirmed", "visited": "yes", "case_id": "case1",
}  # fmt: skip


def quiet(_: str) -> None:
    """Progress nobody looks at."""


@pytest.fixture
def deps(tmp_path):
    home = copy_home(tmp_path / "home")
    settings = settings_at(home)
    store = Store.open(settings.review_url)
    store.migrate()
    yield round_deps(home, store, load_champions(settings.champions))
    store.close()


def put(deps, **changes: str) -> None:
    with deps.store.write() as session:
        outbox.put(session, source="dispositions", record={**RECORD, **changes}, now=NOW)


def publish(deps, today: date = TODAY) -> int:
    return publish_outbox(deps.store, deps.lake, today, deps.now)


def test_a_record_waiting_reaches_the_lake_once(deps):
    put(deps)

    assert (publish(deps), publish(deps)) == (1, 0)

    found = deps.lake.child_records("c1")["dispositions"]
    assert [(r.record_id, r.occurred_on, r.known_on, r.version) for r in found] == [
        ("c1-psychological", date(2026, 10, 20), TODAY, 1)
    ]
    assert found[0].values["disposition"] == "not_confirmed"


def test_a_worker_killed_between_lake_and_mark_publishes_nothing_twice(deps):
    put(deps)
    deps.lake.publish("dispositions", [{**RECORD, "occurred_on": date(2026, 10, 20)}], TODAY)

    assert publish(deps) == 0

    assert len(deps.lake.child_records("c1")["dispositions"]) == 1
    with deps.store.read() as session:
        assert outbox.pending(session) == []


def test_a_conclusion_changed_while_waiting_arrives_as_two_versions_in_order(deps):
    put(deps)
    put(deps, disposition="confirmed")

    publish(deps)

    found = deps.lake.child_records("c1")["dispositions"]
    assert [(r.version, r.values["disposition"]) for r in found] == [(1, "not_confirmed"), (2, "confirmed")]


def test_a_disposition_made_in_the_queue_lies_in_the_lake_after_one_turn(deps):
    run_round(deps, TODAY, Random(1), quiet)
    with deps.store.write() as session:
        account = create(
            session, username="a", display_name="a", role=Role.SCREENER, area_prefix="", password="p" * 20, now=NOW
        )  # fmt: skip
        actor = actor_of(account)
        case = actions.claim_next(session, actor=actor, now=NOW)
        assert case is not None
        if case.asks_view:
            case = actions.record_view(
                session, actor=actor, case_id=case.id, version=case.version, view=View.CONCERN, note="看到",
                now=NOW, today=TODAY,
            )  # fmt: skip
        case = actions.record_visit(
            session, actor=actor, case_id=case.id, version=case.version, happened_on=TODAY, met=Met.BOTH,
            note="见到孩子和奶奶", now=NOW, today=TODAY,
        )  # fmt: skip
        case = actions.dispose(
            session, actor=actor, case_id=case.id, version=case.version,
            dispositions=dict.fromkeys(RISKS, Disposition.CONFIRMED), reason="需要支持", now=NOW, today=TODAY,
        )  # fmt: skip
        # The first case of the queue has a hard trigger, and the most pressing tier has a second review.
        second = actor_of(
            create(
                session, username="b", display_name="b", role=Role.SCREENER, area_prefix="",
                password="p" * 20, now=NOW,
            )
        )  # fmt: skip
        case = actions.claim(session, actor=second, case_id=case.id, version=case.version, now=NOW)
        case = conclude_second(
            session, actor=second, case_id=case.id, version=case.version,
            dispositions=dict.fromkeys(RISKS, Disposition.CONFIRMED), reason="同样", now=NOW, today=TODAY,
        )  # fmt: skip

    done = work_once(deps, TODAY, Random(1), "one", quiet)

    assert done is not None
    found = deps.lake.child_records(case.child_key, ["dispositions"])["dispositions"]
    assert {(r.values["risk"], r.values["disposition"], r.values["visited"]) for r in found} == {
        (risk, "confirmed", "yes") for risk in RISKS
    }
    raised = deps.lake.child_records(case.child_key, ["alerts"])["alerts"]
    assert {r.values["case_id"] for r in raised} == {case.id}


def test_the_first_turn_screens_the_round_and_the_next_finds_nothing_to_do(deps):
    first = work_once(deps, TODAY, Random(1), "one", quiet)
    second = work_once(deps, TODAY, Random(1), "one", quiet)

    assert first is not None
    assert second is not None
    with deps.store.read() as session:
        lanes = [alert.lane for alert in session.scalars(select(AlertRow))]
    assert first.published == len(lanes)
    assert len(lanes) - lanes.count("entitlement") == first.release.opened.alerts
    assert (second.published, second.triggers, second.release) == (0, 0, None)


def test_only_who_holds_the_lease_works(deps):
    with deps.store.write() as session:
        assert leases.acquire(session, name=LEASE, holder="other", lasts=LEASE_LASTS, now=NOW)

    assert work_once(deps, TODAY, Random(1), "one", quiet) is None
    with deps.store.read() as session:
        assert session.scalars(select(Case)).all() == []

    after = replace(deps, now=lambda: NOW + LEASE_LASTS + timedelta(seconds=1))
    assert work_once(after, TODAY, Random(1), "one", quiet) is not None


def test_a_turn_gives_its_lease_back_even_when_it_fails(deps):
    def broken(_: str) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        work_once(deps, TODAY, Random(1), "one", broken)

    assert work_once(deps, TODAY, Random(1), "two", quiet) is not None


def test_while_no_release_is_allowed_publication_and_triggers_go_on(deps):
    put(deps)

    done = work_once(deps, TODAY, Random(1), "one", quiet, may_release=False)

    assert done is not None
    assert (done.published, done.release) == (1 + done.triggers, None)
    assert done.triggers > 0, "reports of danger wait for no champion and no round"
    with deps.store.read() as session:
        assert session.scalars(select(OutboxRow).where(OutboxRow.published_at.is_(None))).all() == []


def test_a_report_of_danger_is_raised_where_nobody_can_be_screened(deps, tmp_path):
    """Nothing but one report has come; there is no residence, nobody in scope and no round."""
    lake = Lake(tmp_path / "only a report")
    source = source_named("grid_reports")
    row = {
        "child_key": "cfirst", "record_id": "report", "version": 1, "occurred_on": TODAY, "known_on": TODAY,
        "delivery": "report", "kind": "abuse", "verified": "open",
    }  # fmt: skip
    lake.append(source, pd.DataFrame([row]), delivery(source, 1, "report", TODAY))
    lake.compact()
    said: list[str] = []

    for _ in range(2):
        work_once(replace(deps, lake=lake), TODAY, Random(1), "one", said.append)

    assert any("no residence records" in line for line in said)
    with deps.store.read() as session:
        [case] = session.scalars(select(Case)).all()
    assert (case.child_key, case.queue_class, case.due_on) == ("cfirst", 0, TODAY)


def test_screening_that_fails_holds_no_report_of_danger_back(deps):
    def broken(text: str) -> None:
        if text.startswith("screening"):
            raise ValueError("a screener that cannot be used")

    with pytest.raises(ValueError, match="cannot be used"):
        work_once(deps, TODAY, Random(1), "one", broken)

    with deps.store.read() as session:
        lanes = set(session.scalars(select(AlertRow.lane)))
    assert Lane.TRIGGER.value in lanes
    assert Lane.MODEL.value not in lanes


@pytest.mark.parametrize("lane", [Lane.TRIGGER.value, Lane.MODEL.value])
def test_a_child_deleted_by_right_is_let_go_of_and_does_not_come_back(deps, lane):
    run_round(deps, TODAY, Random(1), quiet)
    with deps.store.read() as session:
        key = session.scalars(select(AlertRow.child_key).where(AlertRow.lane == lane)).first()
    assert deps.lake.child_records(key)  # the deletion has not reached the lake yet
    without = replace(deps, people=People(forgotten=frozenset({key})))

    for day in (TODAY, TODAY + timedelta(days=7)):  # new triggers only, then a release
        work_once(without, day, Random(2), "one", quiet)

        with deps.store.read() as session:
            assert session.scalar(select(Case.id).where(Case.child_key == key)) is None
            assert session.scalar(select(AlertRow.id).where(AlertRow.child_key == key)) is None
            assert session.scalar(select(ScreeningRow.id).where(ScreeningRow.child_key == key)) is None
        assert "alerts" not in deps.lake.child_records(key)
