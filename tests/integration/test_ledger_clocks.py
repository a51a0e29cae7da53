"""The days kept in the ledger are those a plain recount finds, whatever was recorded in whatever order."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.review import record_actions, record_queries
from serving.review.case import Met, Role, Verb
from serving.review.forgetting import forget
from serving.review.permissions import sees_area
from serving.review.record_store import About, about_case
from serving.review.record_tables import LedgerEntry
from serving.review.records import Kind
from serving.review.rhythm import Bucket, Due, Duty, Rhythm
from tests import support_records as records
from tests import support_review as support
from tests.support_clocks import AREAS, LEDGER, Walk, kept, recounted
from tests.support_life import do, fact
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE

RHYTHM = Rhythm(31, 92)
MOVES = 100


@pytest.mark.parametrize("seed", [1, 2])
def test_the_days_kept_are_those_of_a_recount_after_every_step(store, seed):
    walk = Walk(store, seed)

    for _ in range(MOVES):
        walk.move()
        with store.read() as session:
            assert kept(session) == recounted(session)

    facts = {verb.value for verb in (Verb.RECORD_CONTACT, Verb.RECORD_VISIT, Verb.RECORD_FOLLOW_UP)}
    assert walk.done >= {"enter_ledger", *LEDGER, *facts}
    forget(store, ["c-one"], NOW)
    with store.read() as session:
        assert kept(session) == recounted(session)
        assert "c-one" not in kept(session)


def test_reaching_nobody_before_the_entry_moves_no_clock_of_it(store):
    worker = support.add_account(store, Role.CHILD_DIRECTOR)
    case_id = records.a_case(store)
    do(store, Verb.CLAIM, worker)
    fact(store, worker, met=Met.NOBODY)

    def entered():
        return record_actions.enter_ledger(session, records.doing(worker), about, records.ENTER)

    with store.write() as session:
        about = about_case(session, worker, case_id)
        first = entered()
        assert (first.contacted_on, first.visited_on) == (first.entered_on, first.entered_on)
        given = {"happened_on": TODAY.isoformat(), "met": "nobody", "reason": "moved", "note": "…"}
        for version, verb in enumerate(("care_visit", "leave_ledger"), start=1):
            record_actions.do(session, records.doing(worker), Kind.LEDGER, first.id, version, verb, given)
        second = entered()
        assert (second.contacted_on, second.visited_on) == (second.entered_on, second.entered_on)


@pytest.mark.parametrize("prefix", ["", "330109", "330109001", "330109002", VILLAGE, "440100"])
@pytest.mark.parametrize("role", [Role.SCREENER, Role.CHILD_DIRECTOR])
def test_the_calendar_of_any_area_is_that_of_a_recount(store, role, prefix):
    walk = Walk(store, 1)
    for number, (child_key, area) in enumerate({**AREAS, "c-four": "", "c-five": "330109001002"}.items()):
        about = About(child_key, area, None)
        given = records.ENTER | {"entered_on": (TODAY - timedelta(days=25 + 3 * number)).isoformat()}
        with store.write() as session:
            record_actions.enter_ledger(session, records.doing(walk.actor), about, given)
    actor = support.add_account(store, role, username="other", area_prefix=prefix)

    with store.read() as session:
        parts = record_queries.calendar(session, actor, RHYTHM, TODAY)
        seen = {
            entry.child_key
            for entry in session.scalars(select(LedgerEntry))
            if sees_area(actor, entry.area_code)
        }
        wanted = {
            (child_key, due.duty, due.on, due.bucket(TODAY))
            for child_key, (contacted, visited) in recounted(session).items()
            if child_key in seen
            for due in (
                Due(Duty.CONTACT, contacted, contacted + timedelta(days=31)),
                Due(Duty.VISIT, visited, visited + timedelta(days=92)),
            )
        }

    found = {
        (line.child_key, line.duty, line.on, bucket) for bucket in Bucket for line in parts[bucket].lines
    }
    assert found == wanted
    assert {bucket: part.count for bucket, part in parts.items()} == {
        bucket: sum(one[3] is bucket for one in wanted) for bucket in Bucket
    }


def test_an_entry_that_left_or_lies_elsewhere_has_nothing_due(store):
    screener = support.add_account(store, Role.SCREENER)
    elsewhere = support.add_account(store, Role.CHILD_DIRECTOR, area_prefix=ELSEWHERE)
    number = records.enter(store, screener, records.a_case(store))

    with store.write() as session:
        entry = session.get(LedgerEntry, number)
        assert len(record_queries.dues_of(screener, entry, RHYTHM)) == 2
        assert record_queries.dues_of(elsewhere, entry, RHYTHM) == ()
        leave = {"happened_on": TODAY.isoformat(), "reason": "moved", "note": "…"}
        record_actions.do(session, records.doing(screener), Kind.LEDGER, number, 1, "leave_ledger", leave)

    with store.read() as session:
        assert record_queries.dues_of(screener, session.get(LedgerEntry, number), RHYTHM) == ()
