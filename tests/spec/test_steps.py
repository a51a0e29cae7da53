"""Every verb × status × role, every refusal by its sentence: the declared steps are what we agreed."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from features.language import Text
from serving.review.case import (
    IN_HAND,
    RISKS,
    STEPS,
    WORKERS,
    Answer,
    Ask,
    Disposition,
    Incomplete,
    Met,
    Need,
    Objector,
    Refused,
    Role,
    Second,
    Status,
    Verb,
    View,
    coded,
    step_named,
    steps_from,
)
from serving.review.case_forms import Given, check_given
from serving.review.case_rules import CaseState, asks_second_opinion, can, check_can

# Written out by hand, not derived: who may do what, from where to where.
WORKING = {"child_director", "supervisor", "screener", "assessor"}
COORDINATING = {"supervisor", "screener"}
HAND = ("claimed", "contacting", "visited", "assessed", "in_support", "follow_up")
EVERY = ("waiting", *HAND, "second_review", "closed")
STAYS = ""


def each(verb, starts, end, roles):
    return {(verb, start): (end or start, roles) for start in starts}


AGREED = {
    **each("claim", ["waiting"], "claimed", WORKING),
    **each("claim", ["second_review"], STAYS, WORKING),
    **each("assign", ["waiting"], "claimed", COORDINATING),
    **each("assign", [*HAND, "second_review"], STAYS, COORDINATING),
    **each("record_view", HAND, STAYS, WORKING),
    **each("record_contact", ["claimed"], "contacting", WORKING),
    **each("record_contact", HAND[1:], STAYS, WORKING),
    **each("record_visit", HAND[:2], "visited", WORKING),
    **each("record_visit", HAND[2:], STAYS, WORKING),
    **each("record_assessment", HAND[:3], "assessed", WORKING),
    **each("record_assessment", HAND[3:], STAYS, WORKING),
    **each("start_support", HAND[:4], "in_support", WORKING),
    **each("record_follow_up", HAND[4:], "follow_up", WORKING),
    **each("dispose", HAND, "closed", WORKING),
    **each("moved_away", HAND, "closed", WORKING),
    **each("cannot_reach", HAND[:2], "second_review", WORKING),
    **each("consult", HAND, STAYS, WORKING),
    **each("answer", EVERY, STAYS, WORKING),
    **each("escalate", HAND, STAYS, WORKING),
    **each("take_over", HAND, STAYS, COORDINATING),
    **each("advise", HAND, STAYS, COORDINATING),
    **each("snooze", ["waiting"], STAYS, COORDINATING),
    **each("snooze", HAND, STAYS, WORKING),
    **each("return", HAND, "waiting", WORKING),
    **each("return", ["second_review"], STAYS, WORKING),
    **each("conclude_second", ["second_review"], "closed", WORKING),
    **each("settle", ["second_review"], "closed", COORDINATING),
    **each("agree", ["second_review"], "closed", COORDINATING),
    **each("give_back", ["second_review"], "contacting", COORDINATING),
    **each("object", EVERY, STAYS, WORKING),
    **each("answer_objection", EVERY, STAYS, COORDINATING),
    **each("reopen", ["closed"], "waiting", COORDINATING),
}
TODAY = date(2026, 10, 6)
ENTERED = date(2026, 10, 2)


WAITS_FOR = {Verb.SETTLE: Second.SETTLEMENT, Verb.AGREE: Second.AGREEMENT, Verb.GIVE_BACK: Second.AGREEMENT}


def ready(status: Status, verb: Verb) -> CaseState:
    """A case in which everything the verb needs has been recorded."""
    return CaseState(
        status,
        holder=None if verb is Verb.CLAIM else "somebody",
        has_fact=verb is not Verb.CANNOT_REACH,
        awaits_view=verb is Verb.RECORD_VIEW,
        attempts=3,
        escalated=verb in (Verb.TAKE_OVER, Verb.ADVISE),
        second=WAITS_FOR.get(verb, Second.OPINION) if status is Status.SECOND_REVIEW else None,
        open_objections=1,
    )


@pytest.mark.parametrize(("verb", "status", "role"), list(product(Verb, Status, Role)))
def test_a_step_may_be_done_exactly_as_agreed(verb, status, role):
    end, roles = AGREED.get((verb.value, status.value), (None, set()))

    assert can(verb, ready(status, verb), role) is (role.value in roles)
    if role.value in roles:
        assert check_can(verb, ready(status, verb), role).end.value == end


def test_a_verb_leaves_a_status_by_one_step_only():
    pairs = [(step.verb, step.start) for step in STEPS]

    assert len(pairs) == len(set(pairs)) == len(AGREED)


def test_every_status_can_be_reached_and_left():
    reached, grown = {Status.WAITING}, True
    while grown:
        more = {step.end for step in STEPS if step.start in reached} - reached
        reached, grown = reached | more, bool(more)

    assert reached == set(Status)
    assert all(any(step.end is not status for step in steps_from(status)) for status in Status)


def test_a_case_closes_only_with_a_fact_or_with_attempts_that_a_coordinator_accepts():
    closing = {step.verb for step in STEPS if step.end is Status.CLOSED and step.start is not Status.CLOSED}
    to_second = {
        step.verb
        for step in STEPS
        if Status.SECOND_REVIEW in (step.end, step.or_end) and step.start is not Status.SECOND_REVIEW
    }

    assert closing == {
        Verb.DISPOSE, Verb.MOVED_AWAY, Verb.CONCLUDE_SECOND, Verb.SETTLE, Verb.AGREE
    }  # fmt: skip
    assert to_second == {Verb.DISPOSE, Verb.MOVED_AWAY, Verb.CANNOT_REACH}
    for step in STEPS:
        if step.verb in (Verb.DISPOSE, Verb.MOVED_AWAY):
            assert Need.FACT in step.needs
        if step.verb is Verb.CANNOT_REACH:
            assert step.needs == (Need.ATTEMPTS,)
        if step.verb in (Verb.DISPOSE, Verb.CONCLUDE_SECOND, Verb.SETTLE):
            assert step.asks == (Ask.DISPOSITIONS, Ask.REASON)


def test_a_conclusion_closes_from_every_status_after_the_case_was_taken():
    assert {step.start for step in STEPS if step.verb is Verb.DISPOSE} == set(IN_HAND)


def test_what_undoes_or_moves_other_peoples_work_asks_for_a_reason():
    for verb, start in (("assign", "visited"), ("return", "visited"), ("reopen", "closed")):
        assert Ask.REASON in step_named(coded(Verb, verb), coded(Status, start)).asks


def test_roles_that_only_read_have_no_step():
    assert not {Role.MANAGER, Role.AUDITOR} & WORKERS
    assert all(not {Role.MANAGER, Role.AUDITOR} & step.by for step in STEPS)


def refusal(verb, state, role) -> Text:
    with pytest.raises(Refused) as refused:
        check_can(verb, state, role)
    return refused.value.sentence


def test_a_closed_case_cannot_be_claimed():
    said = refusal(Verb.CLAIM, CaseState(Status.CLOSED, None, False, False), Role.SCREENER)

    assert said == Text(
        "个案处于“已结案”时不能“领取”。", "“Claim” is not possible while the case is “Closed”."
    )


def test_an_auditor_cannot_claim():
    said = refusal(Verb.CLAIM, CaseState(Status.WAITING, None, False, False), Role.AUDITOR)

    assert said == Text("“审计员”不能“领取”。", "“Claim” is not open to the role “Auditor”.")


def test_a_case_cannot_be_closed_without_a_fact():
    said = refusal(Verb.DISPOSE, CaseState(Status.CLAIMED, "me", False, False), Role.CHILD_DIRECTOR)

    assert said.zh == "需要先记录一次走访或联系（并且联系上了人）。"
    assert said.en == "First record a visit or a contact that reached somebody."


def test_a_case_decided_before_it_is_revealed_cannot_be_closed_without_an_own_view():
    said = refusal(Verb.DISPOSE, CaseState(Status.CLAIMED, "me", True, True), Role.CHILD_DIRECTOR)

    assert said == Text("这件个案需要先记录您自己的判断。", "This case needs your own view first.")


def test_an_own_view_is_taken_once_and_only_where_it_is_asked_for():
    said = refusal(Verb.RECORD_VIEW, CaseState(Status.CLAIMED, "me", True, False), Role.CHILD_DIRECTOR)

    assert said.en == "This case does not ask for your own view, or already has it."


def problems(verb, status, given) -> dict[str, str]:
    with pytest.raises(Incomplete) as incomplete:
        check_given(step_named(verb, status), given, today=TODAY, entered_on=ENTERED)
    return {problem.field: problem.sentence.en for problem in incomplete.value.problems}


FULL = Given(
    reason="because",
    person="u1",
    view=View.CONCERN,
    happened_on=TODAY,
    met=Met.CHILD,
    note="seen",
    dispositions=dict.fromkeys(RISKS, Disposition.CONFIRMED),
    findings=dict.fromkeys(RISKS, "found"),
    until=date(2026, 10, 9),
    where_to="Quzhou",
    raised_by=Objector.GUARDIAN,
    record=("residence", "r1"),
    wrong="we never lived there",
    objection="o1",
    answer=Answer.STANDS,
    answered_on=TODAY,
)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.verb.value} from {step.start.value}")
def test_a_full_form_passes_and_an_empty_one_names_every_field(step):
    check_given(step, FULL, today=TODAY, entered_on=ENTERED)

    wanted = {
        Ask.REASON: {"reason"},
        Ask.PERSON: {"person"},
        Ask.VIEW: {"view"},
        Ask.FACT: {"happened_on", "met", "note"},
        Ask.DISPOSITIONS: {"disposition_psychological", "disposition_guardianship"},
        Ask.COLLEAGUE: {"person", "note"},
        Ask.FINDINGS: {"finding_psychological", "finding_guardianship"},
        Ask.NOTE: {"note"},
        Ask.UNTIL: {"until"},
        Ask.WHERE_TO: {"where_to"},
        Ask.RECORD: {"raised_by", "record", "wrong"},
        Ask.OBJECTION_ANSWER: {"objection", "answer", "answered_on", "reason"},
    }
    expected = set().union(*(wanted[ask] for ask in step.asks))
    if expected:
        assert set(problems(step.verb, step.start, Given())) == expected
    else:
        check_given(step, Given(), today=TODAY, entered_on=ENTERED)


@pytest.mark.parametrize("day", [TODAY, date(2026, 10, 21), date(2026, 10, 1)])
def test_a_case_is_set_aside_from_tomorrow_for_two_weeks_at_most(day):
    said = problems(Verb.SNOOZE, Status.CLAIMED, Given(reason="away", until=day))

    assert said == {"until": "Give a date from tomorrow to 2026-10-20."}


@pytest.mark.parametrize("day", [date(2026, 10, 7), date(2026, 10, 20)])
def test_both_ends_of_those_two_weeks_are_allowed(day):
    given = Given(reason="away", until=day)

    check_given(step_named(Verb.SNOOZE, Status.CLAIMED), given, today=TODAY, entered_on=ENTERED)


def test_a_department_cannot_have_answered_tomorrow():
    given = Given(objection="o1", answer=Answer.CORRECTED, answered_on=date(2026, 10, 7), reason="mistyped")

    assert problems(Verb.ANSWER_OBJECTION, Status.CLAIMED, given) == {
        "answered_on": "Give the date of the answer, not after today."
    }


CONFIRMED = dict.fromkeys(RISKS, Disposition.CONFIRMED)
NOT_CONFIRMED = CONFIRMED | {"guardianship": Disposition.NOT_CONFIRMED}


@pytest.mark.parametrize(
    ("tier_order", "dispositions", "high", "because"),
    [
        (0, CONFIRMED, set(), "top_tier"),
        (1, CONFIRMED, {"guardianship"}, None),
        (1, NOT_CONFIRMED, {"guardianship"}, "against_high"),
        (1, NOT_CONFIRMED, {"psychological"}, None),
        (1, NOT_CONFIRMED, set(), None),
    ],
)
def test_a_second_person_looks_at_the_top_tier_and_at_what_goes_against_a_high_screening(
    tier_order, dispositions, high, because
):
    assert asks_second_opinion(tier_order, dispositions, high) == because


@pytest.mark.parametrize("need", Need)
def test_each_need_refuses_by_a_sentence_of_its_own(need):
    step = next(step for step in STEPS if need in step.needs)
    state = ready(step.start, step.verb)
    without = {
        Need.FACT: {"has_fact": False},
        Need.OWN_VIEW: {"awaits_view": True},
        Need.NO_OWN_VIEW: {"awaits_view": False},
        Need.ATTEMPTS: {"attempts": 2},
        Need.UNHELD: {"holder": "somebody"},
        Need.HELD: {"holder": None},
        Need.NO_TRIGGER: {"has_trigger": True},
        Need.ESCALATED: {"escalated": False},
        Need.NOT_ESCALATED: {"escalated": True},
        Need.OPINION: {"second": Second.AGREEMENT},
        Need.SETTLEMENT: {"second": Second.OPINION},
        Need.AGREEMENT: {"second": Second.OPINION},
        Need.OPEN_OBJECTION: {"open_objections": 0},
    }[need]

    role = next(iter(step.by))
    assert can(step.verb, state, role)
    with pytest.raises(Refused):
        check_can(step.verb, replace(state, **without), role)


def test_attempts_count_only_while_nobody_was_reached():
    state = replace(ready(Status.CONTACTING, Verb.CANNOT_REACH), has_fact=True)

    assert not can(Verb.CANNOT_REACH, state, Role.CHILD_DIRECTOR)


def test_each_missing_field_has_its_sentence():
    assert problems(Verb.RETURN, Status.CLAIMED, Given(reason=" \n")) == {"reason": "Give the reason."}
    assert problems(Verb.RECORD_VIEW, Status.CLAIMED, Given()) == {"view": "Choose your own view."}
    assert problems(Verb.ASSIGN, Status.WAITING, Given()) == {"person": "Choose whom to assign the case to."}
    assert problems(Verb.RECORD_VISIT, Status.CLAIMED, Given()) == {
        "happened_on": "Give the date, for example 2026-10-08.",
        "met": "Choose whom you reached.",
        "note": "Write down what you saw or learnt.",
    }
    assert problems(Verb.DISPOSE, Status.CLAIMED, Given(reason="because")) == {
        "disposition_psychological": "Choose a conclusion for “Needs psychological support”.",
        "disposition_guardianship": "Choose a conclusion for “Needs guardianship support”.",
    }


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (date(2026, 10, 7), "The date cannot be after today."),
        (date(2026, 10, 1), "The date cannot be before the case came into the queue (2026-10-02)."),
    ],
)
def test_a_visit_lies_between_the_day_the_case_came_and_today(day, sentence):
    given = Given(happened_on=day, met=Met.CHILD, note="seen")

    assert problems(Verb.RECORD_VISIT, Status.CLAIMED, given) == {"happened_on": sentence}


@pytest.mark.parametrize("day", [date(2026, 10, 2), date(2026, 10, 6)])
def test_both_ends_of_that_span_are_allowed(day):
    given = Given(happened_on=day, met=Met.NOBODY, note="nobody at home")

    check_given(step_named(Verb.RECORD_VISIT, Status.CLAIMED), given, today=TODAY, entered_on=ENTERED)


def test_a_stored_value_that_is_no_member_is_refused():
    with pytest.raises(ValueError, match="There is no Status of this value"):
        coded(Status, "asleep")
