"""The whole life of a case on a real store: every way to the end, colleagues, second reviews, objections."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review import audit, closing, outbox, queries, staff, teamwork
from serving.review.acting import NotFound
from serving.review.case import (
    RISKS,
    Answer,
    Conflict,
    Incomplete,
    Met,
    Objector,
    Refused,
    Role,
    Verb,
)
from serving.review.life_tables import ConclusionRow, ConsultationRow, ObjectionRow
from serving.review.tables import AuditEvent, Case, DispositionRow
from tests import support_review as support
from tests.support_life import CONFIRMED, NOT_CONFIRMED, case_now, conclude, do, fact, opened
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE, alert, open_cases


@pytest.fixture
def worker(store):
    return support.add_account(store)


@pytest.fixture
def supervisor(store):
    return support.add_account(store, Role.SUPERVISOR)


@pytest.fixture
def screener(store):
    return support.add_account(store, Role.SCREENER)


def claimed(store, actor, **changes):
    opened(store, **changes)
    return do(store, Verb.CLAIM, actor)


def refusal(store, verb, actor, **given):
    with pytest.raises(Refused) as refused:
        do(store, verb, actor, **given)
    return refused.value.sentence.en


# --- from contact to follow-up ------------------------------------------------------------------------


def test_a_case_goes_through_contact_visit_assessment_support_and_follow_up(store, worker):
    claimed(store, worker)
    seen = [
        fact(store, worker, Verb.RECORD_CONTACT).status,
        fact(store, worker).status,
        do(store, Verb.RECORD_ASSESSMENT, worker, findings=dict.fromkeys(RISKS, "情绪低落")).status,
        do(store, Verb.START_SUPPORT, worker, note="联系学校心理老师").status,
        fact(store, worker, Verb.RECORD_FOLLOW_UP).status,
        conclude(store, worker).status,
    ]

    assert seen == ["contacting", "visited", "assessed", "in_support", "follow_up", "closed"]
    with store.read() as session:
        case = session.scalars(select(Case)).one()
        assert [row.finding for row in queries.findings_of(session, case.id)] == ["情绪低落"] * 2
        assert "联系学校心理老师" in queries.notes_of(session, case.id).values()
        assert (case.ending, case.contacted_on) == ("reviewed", TODAY)


def test_a_visit_that_found_nobody_is_an_attempt_at_contact(store, worker):
    claimed(store, worker)

    case = fact(store, worker, met=Met.NOBODY)

    assert (case.status, case.contacted_on) == ("contacting", None)


def test_a_contact_that_reached_somebody_meets_the_date_and_overdue_is_over(store, worker):
    claimed(store, worker)
    late = TODAY + timedelta(days=60)

    def overdue():
        with store.read() as session:
            return list(session.scalars(select(Case.child_key).where(queries.late(late))))

    assert overdue() == ["c-one"]
    fact(store, worker, Verb.RECORD_CONTACT, met=Met.GUARDIAN)
    assert overdue() == []


# --- out of reach and moved away ------------------------------------------------------------------------


def attempts(store, actor, *days):
    for day in days:
        fact(
            store, actor, Verb.RECORD_CONTACT, happened_on=TODAY + timedelta(days=day), met=Met.NOBODY,
            today=TODAY + timedelta(days=5),
        )  # fmt: skip


def test_three_attempts_on_different_days_end_a_case_only_if_a_coordinator_agrees(store, worker, supervisor):
    claimed(store, worker)
    attempts(store, worker, 0, 0, 1)
    said = refusal(store, Verb.CANNOT_REACH, worker, reason="没人接")
    assert said == "Contacts or visits on 3 different days must have reached nobody."

    attempts(store, worker, 2)
    case = do(store, Verb.CANNOT_REACH, worker, reason="没人接")
    assert (case.status, case.second, case.holder_id) == ("second_review", "agreement", None)
    case = do(store, Verb.AGREE, supervisor)

    assert (case.status, case.ending, case.holder_id) == ("closed", "cannot_reach", worker.account_id)
    with store.read() as session:
        rows = session.scalars(select(DispositionRow)).all()
        sent = [row.record for row in outbox.pending(session) if row.source == "dispositions"]
    assert {(row.disposition, row.visited, row.disposed_by) for row in rows} == {
        ("cannot_tell", False, worker.account_id)
    }
    assert [record["disposition"] for record in sent] == ["cannot_tell"] * 2


def test_a_coordinator_who_does_not_agree_gives_the_case_back(store, worker, supervisor):
    claimed(store, worker)
    attempts(store, worker, 0, 1, 2)
    do(store, Verb.CANNOT_REACH, worker, reason="没人接")

    case = do(store, Verb.GIVE_BACK, supervisor, reason="请到学校找一找")

    assert (case.status, case.holder_id, case.second, case.ending) == (
        "contacting", worker.account_id, None, None,
    )  # fmt: skip
    fact(store, worker)
    assert conclude(store, worker).status == "closed"


def test_nobody_agrees_to_their_own_attempts(store, supervisor):
    claimed(store, supervisor)
    attempts(store, supervisor, 0, 1, 2)
    do(store, Verb.CANNOT_REACH, supervisor, reason="没人接")

    said = refusal(store, Verb.AGREE, supervisor)

    assert said == "You have concluded on this case already; somebody else must do this."


def test_a_family_that_moved_away_closes_its_case_with_where_to(store, worker):
    claimed(store, worker)
    fact(store, worker, Verb.RECORD_CONTACT, met=Met.OTHER, note="邻居说搬走了")

    case = do(store, Verb.MOVED_AWAY, worker, where_to="衢州市柯城区")

    assert (case.status, case.ending) == ("closed", "moved_away")
    with store.read() as session:
        rows = session.scalars(select(DispositionRow)).all()
        logged = str([event.detail for event in session.scalars(select(AuditEvent))])
    assert {(row.disposition, row.reason) for row in rows} == {("cannot_tell", "衢州市柯城区")}
    assert "衢州" not in logged


def test_a_family_of_the_top_tier_moves_away_only_with_a_coordinators_agreement(store, worker):
    claimed(store, worker, lane=Lane.TRIGGER)
    fact(store, worker, met=Met.OTHER)

    case = do(store, Verb.MOVED_AWAY, worker, where_to="不知道")

    assert (case.status, case.second) == ("second_review", "agreement")


# --- second review ----------------------------------------------------------------------------------------


def waiting_for_second(store, worker, dispositions=CONFIRMED):
    claimed(store, worker, lane=Lane.TRIGGER)
    fact(store, worker)
    return conclude(store, worker, dispositions)


def seen_by(store, actor):
    case = case_now(store)
    with store.read() as session:
        return {row.account_id for row in queries.conclusions_shown(session, case, actor)}


def test_a_top_tier_case_waits_for_a_second_person_and_equal_conclusions_close_it(store, worker, supervisor):
    case = waiting_for_second(store, worker)
    assert (case.status, case.second, case.holder_id) == ("second_review", "opinion", None)

    do(store, Verb.CLAIM, supervisor)
    case = conclude(store, supervisor, verb=Verb.CONCLUDE_SECOND)

    assert (case.status, case.second, case.holder_id) == ("closed", None, worker.account_id)
    with store.read() as session:
        rows = session.scalars(select(DispositionRow)).all()
    assert {row.disposed_by for row in rows} == {worker.account_id}
    assert len(rows) == len(RISKS)


def test_nobody_sees_the_others_conclusion_until_both_are_in(store, worker, supervisor, screener):
    waiting_for_second(store, worker)
    mine, theirs = worker.account_id, supervisor.account_id
    assert [seen_by(store, one) for one in (worker, supervisor, screener)] == [{mine}, set(), set()]

    do(store, Verb.CLAIM, supervisor)
    assert seen_by(store, supervisor) == set()
    conclude(store, supervisor, NOT_CONFIRMED, Verb.CONCLUDE_SECOND)

    for one in (worker, supervisor, screener):
        assert seen_by(store, one) == {mine, theirs}


def test_different_conclusions_go_to_a_third_person_who_settles(store, worker, supervisor, screener):
    waiting_for_second(store, worker)
    do(store, Verb.CLAIM, supervisor)
    case = conclude(store, supervisor, NOT_CONFIRMED, Verb.CONCLUDE_SECOND)
    assert (case.status, case.second, case.holder_id) == ("second_review", "settlement", None)
    with store.read() as session:
        assert session.scalars(select(DispositionRow)).all() == []

    with pytest.raises(Refused):
        conclude(store, supervisor, NOT_CONFIRMED, Verb.SETTLE)
    case = conclude(store, screener, NOT_CONFIRMED, Verb.SETTLE)

    assert (case.status, case.holder_id) == ("closed", worker.account_id)
    with store.read() as session:
        rows = session.scalars(select(DispositionRow)).all()
        assert {(row.disposition, row.disposed_by) for row in rows} == {
            ("not_confirmed", screener.account_id)
        }
        assert {row.place for row in session.scalars(select(ConclusionRow))} == {
            closing.FIRST, closing.SECOND, closing.SETTLED,
        }  # fmt: skip


def test_the_first_person_cannot_take_or_be_given_the_second_review(store, worker, supervisor):
    waiting_for_second(store, worker)

    said = refusal(store, Verb.CLAIM, worker)
    assert said == "You have concluded on this case already; somebody else must do this."
    with pytest.raises(Incomplete) as incomplete:
        do(store, Verb.ASSIGN, supervisor, person=worker.account_id)
    assert incomplete.value.problems[0].sentence.en == "Somebody else must do the second review."


def test_a_second_review_is_put_back_and_taken_by_another(store, worker, supervisor, screener):
    waiting_for_second(store, worker)
    do(store, Verb.CLAIM, supervisor)

    case = do(store, Verb.RETURN, supervisor, reason="认识这家人")
    assert (case.status, case.second, case.holder_id) == ("second_review", "opinion", None)

    do(store, Verb.CLAIM, screener)
    assert conclude(store, screener, verb=Verb.CONCLUDE_SECOND).status == "closed"


@pytest.mark.parametrize(("band", "status"), [("high", "second_review"), ("raised", "closed")])
def test_a_conclusion_against_a_high_screening_is_looked_at_again(store, worker, band, status):
    support.add_screenings(store, [support.screening("c-one", band=band)])
    claimed(store, worker)
    fact(store, worker)

    assert conclude(store, worker, NOT_CONFIRMED).status == status
    assert case_now(store).status == status


def test_a_case_reopened_after_a_second_review_begins_anew(store, worker, supervisor, screener):
    waiting_for_second(store, worker)
    do(store, Verb.CLAIM, supervisor)
    conclude(store, supervisor, verb=Verb.CONCLUDE_SECOND)

    case = do(store, Verb.REOPEN, screener, reason="家长来电")

    assert (case.status, case.second, case.ending, case.contacted_on) == ("waiting", None, None, None)
    assert (case.due_on, case.due_provisional) == (date(2026, 10, 10), False)
    do(store, Verb.CLAIM, worker)
    fact(store, worker)
    assert conclude(store, worker).status == "second_review"


# --- colleagues -----------------------------------------------------------------------------------------------


def test_a_colleague_from_elsewhere_reads_until_they_have_answered(store, worker):
    far = support.add_account(store, Role.ASSESSOR, area_prefix=ELSEWHERE)
    case = claimed(store, worker)

    def reads():
        with store.read() as session:
            return queries.readable_case(session, far, case.id) is not None

    assert not reads()
    do(store, Verb.CONSULT, worker, person=far.account_id, note="这样说话算不算正常？")
    assert reads()
    with store.read() as session:
        assert [one.id for one in queries.asked_of(session, far)] == [case.id]
    with pytest.raises(NotFound):
        do(store, Verb.SNOOZE, far, until=TODAY + timedelta(days=1), reason="x")

    do(store, Verb.ANSWER, far, note="建议请学校心理老师一起看")

    assert not reads()
    with store.read() as session:
        row = session.scalars(select(ConsultationRow)).one()
        assert (row.answer, row.answered_at) == ("建议请学校心理老师一起看", NOW)
        events = audit.history(session, case.id)
    assert [(event.verb, dict(event.detail)) for event in events[-2:]] == [
        ("consult", {"asked": far.account_id}),
        ("answer", {}),
    ]


def test_nobody_asks_themselves_or_who_works_no_case(store, worker):
    manager = support.add_account(store, Role.MANAGER)
    claimed(store, worker)

    for person in (worker.account_id, manager.account_id, "nobody"):
        with pytest.raises(Incomplete):
            do(store, Verb.CONSULT, worker, person=person, note="？")


@pytest.mark.parametrize("answered_by", ["advise", "take_over", "assign"])
def test_an_escalated_case_stands_first_for_coordinators_until_one_answers(
    store, worker, supervisor, answered_by
):
    claimed(store, worker)
    do(store, Verb.ESCALATE, worker, reason="家长不让进门")
    assert (
        refusal(store, Verb.ESCALATE, worker, reason="再报")
        == "This case has been escalated and waits for an answer."
    )

    def escalated():
        with store.read() as session:
            return [case.child_key for case in staff.escalated(session, supervisor)]

    assert escalated() == ["c-one"]
    case = {
        "advise": lambda: do(store, Verb.ADVISE, supervisor, reason="请居委会陪同"),
        "take_over": lambda: do(store, Verb.TAKE_OVER, supervisor),
        "assign": lambda: do(store, Verb.ASSIGN, supervisor, person=supervisor.account_id, reason="我来"),
    }[answered_by]()

    assert escalated() == []
    expected = worker if answered_by == "advise" else supervisor
    assert case.holder_id == expected.account_id


def test_a_case_set_aside_sleeps_until_its_day_and_wakes_by_itself(store, worker, supervisor):
    opened(store)
    until = TODAY + timedelta(days=7)
    do(store, Verb.SNOOZE, supervisor, until=until, reason="全家回乡，8 号之后回来")

    def waits(day):
        with store.read() as session:
            return [case.child_key for case in session.scalars(queries.waiting(worker, day))]

    assert waits(TODAY) == []
    assert waits(until - timedelta(days=1)) == []
    assert waits(until) == ["c-one"]


def test_a_hard_trigger_cannot_be_set_aside_and_wakes_what_was(store, supervisor):
    opened(store)
    do(store, Verb.SNOOZE, supervisor, until=TODAY + timedelta(days=7), reason="等")

    open_cases(store, [alert("c-one", Lane.TRIGGER)], release=2)

    assert case_now(store).asleep_until is None
    said = refusal(store, Verb.SNOOZE, supervisor, until=TODAY + timedelta(days=7), reason="等")
    assert said == "A case with a hard trigger cannot be set aside."


def test_any_step_wakes_a_case(store, worker):
    claimed(store, worker)
    do(store, Verb.SNOOZE, worker, until=TODAY + timedelta(days=7), reason="等")

    assert fact(store, worker, Verb.RECORD_CONTACT).asleep_until is None


# --- giving out many ----------------------------------------------------------------------------------------


def test_of_several_cases_each_is_assigned_or_refused_by_itself(store, worker, supervisor):
    open_cases(
        store, [alert(key) for key in ("one", "two", "stale", "far", "held")], areas={"far": ELSEWHERE}
    )
    other = support.add_account(store, username="other")
    do(store, Verb.CLAIM, other, child_key="held")
    cases = {key: case_now(store, key) for key in ("one", "two", "stale", "far", "held")}
    versions = {key: case.version for key, case in cases.items()} | {"stale": 99}

    with store.write() as session:
        done = teamwork.assign_many(
            session,
            actor=supervisor,
            cases=[(cases[key].id, versions[key]) for key in cases],
            person=worker.account_id,
            reason="",
            now=NOW,
            today=TODAY,
        )

    said = {one.case_id: one.refused.en if one.refused else "" for one in done}
    assert said == {
        cases["one"].id: "",
        cases["two"].id: "",
        cases["stale"].id: Conflict().sentence.en,
        cases["far"].id: "There is no such case, or it lies outside your area.",
        cases["held"].id: "Give the reason.",
    }
    holders = {key: case_now(store, key).holder_id for key in cases}
    assert holders == {
        "one": worker.account_id, "two": worker.account_id, "stale": None, "far": None,
        "held": other.account_id,
    }  # fmt: skip
    with store.read() as session:
        assert audit.verify(session) > 0
        given = [e for e in session.scalars(select(AuditEvent)) if e.verb == "assign"]
    assert len(given) == 2


# --- who is there ---------------------------------------------------------------------------------------------


def suggestions(session, day):
    return staff.suggestions(session, queries.colleagues(session), VILLAGE, day)


def test_an_absent_persons_cases_are_listed_and_they_are_suggested_last(store, worker, supervisor):
    claimed(store, worker)
    with store.write() as session:
        staff.declare_absence(
            session, actor=worker, account_id=worker.account_id, first_day=TODAY,
            last_day=TODAY + timedelta(days=2), now=NOW, today=TODAY,
        )  # fmt: skip

    def seen(day):
        with store.read() as session:
            absent = [case.child_key for case in staff.cases_of_absent(session, supervisor, day)]
            order = [member.id for member, _ in suggestions(session, day)]
        return absent, order

    mine, boss = worker.account_id, supervisor.account_id
    assert seen(TODAY) == (["c-one"], [boss, mine])
    assert seen(TODAY + timedelta(days=3)) == ([], [mine, boss])


def test_who_is_full_is_suggested_after_who_has_room(store, worker, supervisor):
    claimed(store, worker)
    with store.write() as session:
        staff.set_capacity(session, actor=supervisor, account_id=worker.account_id, capacity=1, now=NOW)

    with store.read() as session:
        (first, room), (last, full) = suggestions(session, TODAY)
    assert (first.id, room.has_room, last.id, full.has_room) == (
        supervisor.account_id, True, worker.account_id, False,
    )  # fmt: skip


def test_cases_far_beyond_their_date_are_listed_for_coordinators(store, supervisor):
    case = opened(store)

    def listed(days):
        with store.read() as session:
            day = case.due_on + timedelta(days=days)
            return [one.child_key for one in staff.long_overdue(session, supervisor, day)]

    assert [listed(days) for days in (0, 3, 4)] == [[], [], ["c-one"]]


# --- objections -------------------------------------------------------------------------------------------------


def objected(store, actor, **changes):
    given = {"raised_by": Objector.GUARDIAN, "record": ("residence", "r1"), "wrong": "没有住过那里"} | changes
    return do(store, Verb.OBJECT, actor, **given)


def test_an_objection_waits_for_the_department_and_then_says_what_it_answered(store, worker, supervisor):
    opened(store)
    objected(store, worker)
    with store.read() as session:
        row = session.scalars(select(ObjectionRow)).one()
    assert (row.source, row.record_id, row.answer, row.forwarded_at) == ("residence", "r1", None, NOW)

    given = {"answer": Answer.STANDS, "answered_on": TODAY, "reason": "核实无误"}
    with pytest.raises(Incomplete):
        do(store, Verb.ANSWER_OBJECTION, supervisor, objection="another", **given)
    do(store, Verb.ANSWER_OBJECTION, supervisor, objection=row.id, **given)

    with store.read() as session:
        row = session.scalars(select(ObjectionRow)).one()
        logged = str([event.detail for event in session.scalars(select(AuditEvent))])
    assert (row.answer, row.answer_reason, row.answered_on) == ("stands", "核实无误", TODAY)
    assert "没有住过" not in logged
    assert refusal(store, Verb.ANSWER_OBJECTION, supervisor, objection=row.id, **given) == (
        "No objection in this case waits for an answer."
    )


def test_a_guardian_may_object_after_the_case_has_closed(store, worker):
    claimed(store, worker)
    fact(store, worker)
    conclude(store, worker)

    case = objected(store, worker)

    assert (case.status, case.holder_id) == ("closed", worker.account_id)


# --- one household ------------------------------------------------------------------------------------------------


def test_open_cases_of_one_household_are_shown_together_within_the_area(store, worker):
    open_cases(store, [alert(key) for key in ("c-one", "c-two", "far", "alone")], areas={"far": ELSEWHERE})
    with store.write() as session:
        for case in session.scalars(select(Case).where(Case.child_key != "alone")):
            case.household = "h1"

    case = case_now(store)
    with store.read() as session:
        assert [one.child_key for one in queries.in_household(session, worker, case)] == ["c-two"]
        assert queries.in_household(session, worker, case_now(store, "alone")) == []
