"""Every verb × status × role, every refusal by its sentence: the declared steps are what we agreed."""

from datetime import date
from itertools import product

import pytest

from features.language import Text
from serving.review.case import (
    RISKS,
    STEPS,
    WORKERS,
    Ask,
    CaseState,
    Disposition,
    Given,
    Incomplete,
    Met,
    Need,
    Refused,
    Role,
    Status,
    Verb,
    View,
    can,
    check_can,
    check_given,
    coded,
    step_named,
    steps_from,
)

# Written out by hand, not derived: who may do what, from where to where.
AGREED = {
    ("claim", "waiting"): ("in_review", {"child_director", "supervisor", "screener", "assessor"}),
    ("assign", "waiting"): ("in_review", {"supervisor", "screener"}),
    ("assign", "in_review"): ("in_review", {"supervisor", "screener"}),
    ("return", "in_review"): ("waiting", {"child_director", "supervisor", "screener", "assessor"}),
    ("record_view", "in_review"): ("in_review", {"child_director", "supervisor", "screener", "assessor"}),
    ("record_contact", "in_review"): ("in_review", {"child_director", "supervisor", "screener", "assessor"}),
    ("record_visit", "in_review"): ("in_review", {"child_director", "supervisor", "screener", "assessor"}),
    ("dispose", "in_review"): ("closed", {"child_director", "supervisor", "screener", "assessor"}),
    ("reopen", "closed"): ("waiting", {"supervisor", "screener"}),
}
TODAY = date(2026, 10, 6)
ENTERED = date(2026, 10, 2)


def ready(status: Status, verb: Verb) -> CaseState:
    """A case in which everything the verb needs has been recorded."""
    return CaseState(status, "somebody", has_fact=True, awaits_view=verb is Verb.RECORD_VIEW)


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


def test_only_a_conclusion_closes_a_case_and_it_asks_for_conclusion_reason_and_fact():
    closing = [step for step in STEPS if step.end is Status.CLOSED]

    assert [step.verb for step in closing] == [Verb.DISPOSE]
    assert closing[0].asks == (Ask.DISPOSITIONS, Ask.REASON)
    assert Need.FACT in closing[0].needs


def test_what_undoes_or_moves_other_peoples_work_asks_for_a_reason():
    for verb, start in (("assign", "in_review"), ("return", "in_review"), ("reopen", "closed")):
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
    said = refusal(Verb.DISPOSE, CaseState(Status.IN_REVIEW, "me", False, False), Role.CHILD_DIRECTOR)

    assert said.zh == "结案前需要先记录一次走访或联系（并且联系上了人）。"
    assert said.en == "Before closing, record a visit or a contact that reached somebody."


def test_a_case_decided_before_it_is_revealed_cannot_be_closed_without_an_own_view():
    said = refusal(Verb.DISPOSE, CaseState(Status.IN_REVIEW, "me", True, True), Role.CHILD_DIRECTOR)

    assert said == Text("这件个案需要先记录您自己的判断。", "This case needs your own view first.")


def test_an_own_view_is_taken_once_and_only_where_it_is_asked_for():
    said = refusal(Verb.RECORD_VIEW, CaseState(Status.IN_REVIEW, "me", True, False), Role.CHILD_DIRECTOR)

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
    }
    expected = set().union(*(wanted[ask] for ask in step.asks))
    if expected:
        assert set(problems(step.verb, step.start, Given())) == expected
    else:
        check_given(step, Given(), today=TODAY, entered_on=ENTERED)


def test_each_missing_field_has_its_sentence():
    assert problems(Verb.RETURN, Status.IN_REVIEW, Given(reason=" \n")) == {"reason": "Give the reason."}
    assert problems(Verb.RECORD_VIEW, Status.IN_REVIEW, Given()) == {"view": "Choose your own view."}
    assert problems(Verb.ASSIGN, Status.WAITING, Given()) == {"person": "Choose whom to assign the case to."}
    assert problems(Verb.RECORD_VISIT, Status.IN_REVIEW, Given()) == {
        "happened_on": "Give the date, for example 2026-10-08.",
        "met": "Choose whom you reached.",
        "note": "Write down what you saw or learnt.",
    }
    assert problems(Verb.DISPOSE, Status.IN_REVIEW, Given(reason="because")) == {
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

    assert problems(Verb.RECORD_VISIT, Status.IN_REVIEW, given) == {"happened_on": sentence}


@pytest.mark.parametrize("day", [date(2026, 10, 2), date(2026, 10, 6)])
def test_both_ends_of_that_span_are_allowed(day):
    given = Given(happened_on=day, met=Met.NOBODY, note="nobody at home")

    check_given(step_named(Verb.RECORD_VISIT, Status.IN_REVIEW), given, today=TODAY, entered_on=ENTERED)


def test_a_stored_value_that_is_no_member_is_refused():
    with pytest.raises(ValueError, match="There is no Status of this value"):
        coded(Status, "asleep")
