"""What is due, what is open, all of one child: in the actor's area only, and without a query per row."""

from datetime import date

import pytest
from sqlalchemy import event

from serving.review import actions, queries, record_queries
from serving.review.case import Met, Role
from serving.review.record_queries import PART
from serving.review.records import Kind, State
from serving.review.rhythm import Bucket, Duty, Rhythm
from tests import support_records as records
from tests import support_review as support
from tests.integration.test_records_of_support import do
from tests.support_records import a_case
from tests.support_review import COUNTY, ELSEWHERE, NOW, TODAY, VILLAGE

HANGZHOU = Rhythm(92, 183)


@pytest.fixture
def director(store):
    return support.add_account(store, Role.CHILD_DIRECTOR)


def due(store, actor, rhythm=HANGZHOU):
    with store.read() as session:
        return {
            (line.child_key, line.duty): line.on
            for part in record_queries.calendar(session, actor, rhythm, TODAY).values()
            for line in part.lines
        }


def test_the_calendar_holds_what_is_due_in_the_area_and_nothing_else(store, director):
    support.open_cases(
        store,
        [support.alert("c-one"), support.alert("c-two")],
        areas={"c-one": VILLAGE, "c-two": ELSEWHERE},
    )
    screener = support.add_account(store, Role.SCREENER)
    with store.read() as session:
        ids = {key: queries.open_case_of(session, key).id for key in ("c-one", "c-two")}
    records.enter(store, director, ids["c-one"])
    records.enter(store, screener, ids["c-two"])

    assert due(store, director) == {
        ("c-one", Duty.CONTACT): date(2026, 10, 1),
        ("c-one", Duty.VISIT): date(2026, 12, 31),
    }
    assert len(due(store, screener)) == 4
    assert due(store, screener, Rhythm(None, None)) == {}


def test_contacts_in_the_ledger_and_visits_of_the_case_both_count(store, director):
    case_id = a_case(store)
    entry = records.enter(store, director, case_id)
    do(store, director, Kind.LEDGER, entry, "care_contact", happened_on="2026-10-02", met="nobody", note="…")
    do(store, director, Kind.LEDGER, entry, "care_contact", happened_on="2026-09-01", met="child", note="…")
    assert due(store, director)["c-one", Duty.CONTACT] == date(2026, 12, 2)

    with store.write() as session:
        case = actions.claim(session, actor=director, case_id=case_id, version=1, now=NOW)
        actions.record_visit(
            session, actor=director, case_id=case_id, version=case.version, happened_on=TODAY, met=Met.BOTH,
            note="家中", now=NOW, today=TODAY,
        )  # fmt: skip

    assert due(store, director) == {
        ("c-one", Duty.CONTACT): date(2027, 1, 6),
        ("c-one", Duty.VISIT): date(2027, 4, 7),
    }


def test_who_left_the_ledger_is_due_nothing(store, director):
    entry = records.enter(store, director, a_case(store))
    do(
        store, director, Kind.LEDGER, entry, "leave_ledger",
        happened_on="2026-10-06", reason="moved", note="随父母回乡",
    )  # fmt: skip

    assert due(store, director) == {}


def test_lists_hold_the_area_only_and_go_on_where_they_stopped(store, director):
    case_id = a_case(store)
    made = [records.refer(store, director, case_id) for _ in range(PART + 2)]
    stranger = support.add_account(store, Role.CHILD_DIRECTOR, username="elsewhere", area_prefix=ELSEWHERE)

    with store.read() as session:
        first = record_queries.listed(session, director, Kind.REFERRAL)
        rest = record_queries.listed(session, director, Kind.REFERRAL, before=first[PART - 1].id)
        assert [row.id for row in (*first[:PART], *rest)] == made[::-1]
        assert record_queries.count(session, director, Kind.REFERRAL, states=(State.SENT,)) == PART + 2
        assert record_queries.count(session, director, Kind.REFERRAL, states=(State.DONE,)) == 0
        assert record_queries.listed(session, stranger, Kind.REFERRAL) == []
        assert record_queries.overdue_answers(session, director, date(2026, 10, 20)) == 0
        assert record_queries.overdue_answers(session, director, date(2026, 10, 21)) == PART + 2
        assert record_queries.overdue_answers(session, stranger, date(2026, 10, 21)) == 0


def test_all_records_of_a_child_come_in_a_fixed_number_of_queries(store, director):
    case_id = a_case(store)
    supervisor = support.add_account(store, Role.SUPERVISOR)
    assessor = support.add_account(store, Role.ASSESSOR)
    records.enter(store, director, case_id)
    for _ in range(3):
        records.refer(store, director, case_id)
        records.report(store, director, case_id)
        made = records.assess(store, assessor, supervisor, case_id)
        do(store, supervisor, Kind.ASSESSMENT, made, "sign_assessment")
    plan = records.plan(store, director, case_id)

    asked = []
    with store.read() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = record_queries.records_of(session, "c-one")
        counts = record_queries.counts_of_cases(session, [case_id])[case_id]

    assert len(found.rows()) == 11
    assert [action.what for action in found.actions[plan]] == ["调整夜班"]
    assert [step.verb for step in found.steps[Kind.ASSESSMENT, made]] == ["sign_assessment"]
    assert counts == {Kind.LEDGER: 1, Kind.ASSESSMENT: 3, Kind.REPORT: 3, Kind.REFERRAL: 3, Kind.PLAN: 1}
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 12
    with store.read() as session:
        assert record_queries.records_of(session, "c-nobody").rows() == []


def test_a_settlement_stands_for_the_assessment_and_the_first_view_is_kept(store):
    case_id = a_case(store)
    supervisor = support.add_account(store, Role.SUPERVISOR)
    assessor = support.add_account(store, Role.ASSESSOR)
    screener = support.add_account(store, Role.SCREENER)
    made = records.assess(store, assessor, supervisor, case_id)
    given = {"conclusion": "absent", "level": "first", "note": "…"}
    do(store, supervisor, Kind.ASSESSMENT, made, "dispute_assessment", **given)

    def stands():
        with store.read() as session:
            rows = record_queries.records_of(session, "c-one").assessments
            return record_queries.concluded(session, rows)[made]

    assert stands() == ("insufficient", "second")
    do(store, screener, Kind.ASSESSMENT, made, "settle_dispute", **given)
    assert stands() == ("absent", "first")


def test_records_under_two_keys_of_one_child_come_together(store, director):
    first, second = a_case(store), a_case(store, "c-two")
    made = [records.refer(store, director, case_id) for case_id in (first, second)]

    with store.read() as session:
        found = record_queries.records_of(session, "c-one", "c-two")

    assert [row.id for row in found.referrals] == made[::-1]


def test_the_calendar_agrees_with_the_rule_for_one_child_and_counts_what_it_does_not_list(store, director):
    made = {}
    for number, day in enumerate(("2026-07-06", "2026-07-05", "2026-07-13", "2026-07-14")):
        case_id = a_case(store, f"c-{number}")
        made[records.enter(store, director, case_id, entered_on=day)] = f"c-{number}"

    with store.read() as session:
        parts = record_queries.calendar(session, director, HANGZHOU, TODAY, limit=1)
        rows = record_queries.listed(session, director, Kind.LEDGER)
        rule = [due for row in rows for due in record_queries.dues_of(director, row, HANGZHOU)]

    assert {bucket: part.count for bucket, part in parts.items()} == {
        bucket: sum(due.bucket(TODAY) is bucket for due in rule) for bucket in Bucket
    }
    assert [parts[bucket].count for bucket in Bucket] == [1, 1, 1, 5]
    assert [len(part.lines) for part in parts.values()] == [1, 1, 1, 1]
    assert made[parts[Bucket.OVERDUE].lines[0].entry_id] == "c-1"
    assert parts[Bucket.LATER].lines[0].on == min(due.on for due in rule if due.bucket(TODAY) is Bucket.LATER)


@pytest.mark.parametrize("prefix", [COUNTY, VILLAGE])
def test_a_part_of_the_calendar_is_read_to_its_end_with_nothing_twice_and_nothing_left_out(
    store, director, prefix
):
    reader = support.add_account(store, Role.SUPERVISOR, username="reader", area_prefix=prefix)
    for number, day in enumerate(("2026-09-05", "2026-09-05", "2026-08-05", "2026-09-06")):
        records.enter(store, director, a_case(store, f"c-{number}"), entered_on=day)
    # Both duties of a child fall due on one day.
    rhythm, after, read = Rhythm(10, 10), None, []

    with store.read() as session:
        whole = record_queries.calendar(session, reader, rhythm, TODAY)
        more = True
        while more:
            lines, more = record_queries.due_within(
                session, reader, rhythm, TODAY, Bucket.OVERDUE, after, limit=3
            )
            read += lines
            after = (lines[-1].on, lines[-1].entry_id, lines[-1].duty.value)
        nothing = record_queries.due_within(session, reader, rhythm, TODAY, Bucket.LATER)

    assert len(read) == 8
    assert read == whole[Bucket.OVERDUE].lines
    assert nothing == ([], False)
