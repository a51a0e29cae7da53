"""Who sees which case, whose name, and who may act on a case that somebody holds."""

from itertools import product

import pytest

from serving.review.case import WORKERS, Refused, Role, Second, Status, Verb
from serving.review.case_rules import CaseState
from serving.review.permissions import (
    Actor,
    allowed_steps,
    check_may,
    may,
    may_reveal_name,
    may_see_name,
    sees_area,
)

VILLAGE = "330109001001"


@pytest.mark.parametrize(
    ("prefix", "area", "seen"),
    [
        ("330109001001", VILLAGE, True),
        ("330109001", VILLAGE, True),
        ("330109", VILLAGE, True),
        ("", VILLAGE, True),
        ("330109002", VILLAGE, False),
        ("330109001002", VILLAGE, False),
        ("3301090010011", VILLAGE, False),
    ],
)
def test_an_account_sees_the_areas_that_begin_with_its_own(prefix, area, seen):
    assert sees_area(Actor("a", Role.CHILD_DIRECTOR, prefix), area) is seen


@pytest.mark.parametrize("role", list(Role))
def test_a_case_of_unknown_area_is_the_county_screeners(role):
    assert sees_area(Actor("a", role, ""), "") is (role is Role.SCREENER)


def test_auditors_see_no_name_and_managers_only_masked_ones():
    state = CaseState(Status.CLAIMED, "holder", False, False)

    assert {role for role in Role if may_see_name(Actor("a", role, ""))} == set(Role) - {Role.AUDITOR}
    assert not may_reveal_name(Actor("holder", Role.MANAGER, ""), state)
    assert not may_reveal_name(Actor("holder", Role.AUDITOR, ""), state)


@pytest.mark.parametrize(
    ("account", "role", "revealed"),
    [
        ("holder", Role.CHILD_DIRECTOR, True),
        ("other", Role.CHILD_DIRECTOR, False),
        ("holder", Role.ASSESSOR, True),
        ("other", Role.ASSESSOR, False),
        ("other", Role.SUPERVISOR, True),
        ("other", Role.SCREENER, True),
    ],
)
def test_the_full_name_is_for_the_holder_and_who_coordinates(account, role, revealed):
    state = CaseState(Status.CLAIMED, "holder", False, False)

    assert may_reveal_name(Actor(account, role, ""), state) is revealed


COORDINATED = {"assign", "return", "snooze", "take_over", "advise", "answer_objection"}


@pytest.mark.parametrize("escalated", [False, True])
@pytest.mark.parametrize(("verb", "role"), list(product(Verb, Role)))
def test_on_somebody_elses_case_coordinators_move_it_and_anybody_may_object(verb, role, escalated):
    state = CaseState(
        Status.CLAIMED,
        "holder",
        has_fact=True,
        awaits_view=verb is Verb.RECORD_VIEW,
        escalated=escalated,
        open_objections=1,
    )
    moved = verb.value in COORDINATED and role in (Role.SUPERVISOR, Role.SCREENER)
    if verb in (Verb.TAKE_OVER, Verb.ADVISE):
        moved = moved and escalated
    objected = verb is Verb.OBJECT and role in WORKERS

    assert may(verb, state, Actor("other", role, "")) is (moved or objected)


def test_only_who_was_asked_may_answer_and_outside_their_area_nothing_else():
    state = CaseState(Status.CLAIMED, "holder", False, False, escalated=True, asked=frozenset({"other"}))
    asked, coordinator = Actor("other", Role.ASSESSOR, ""), Actor("other", Role.SUPERVISOR, "")

    assert may(Verb.ANSWER, state, asked)
    assert not may(Verb.ANSWER, state, Actor("third", Role.ASSESSOR, ""))
    assert [step.verb for step in allowed_steps(state, coordinator, in_area=False)] == [Verb.ANSWER]
    assert Verb.ASSIGN in {step.verb for step in allowed_steps(state, coordinator)}


@pytest.mark.parametrize(
    ("verb", "second", "holder"),
    [
        (Verb.CLAIM, Second.OPINION, None),
        (Verb.CONCLUDE_SECOND, Second.OPINION, "me"),
        (Verb.SETTLE, Second.SETTLEMENT, None),
        (Verb.AGREE, Second.AGREEMENT, None),
        (Verb.GIVE_BACK, Second.AGREEMENT, None),
    ],
)
def test_whoever_has_concluded_does_not_review_it_too(verb, second, holder):
    def state(*concluded: str) -> CaseState:
        return CaseState(
            Status.SECOND_REVIEW, holder, True, False, second=second, concluded=frozenset(concluded)
        )

    me = Actor("me", Role.SUPERVISOR, "")
    assert may(verb, state("first"), me)
    with pytest.raises(Refused) as refused:
        check_may(verb, state("first", "me"), me)
    assert refused.value.sentence.en == "You have concluded on this case already; somebody else must do this."


def test_acting_on_somebody_elses_case_is_refused_with_a_sentence():
    state = CaseState(Status.CLAIMED, "holder", False, False)

    with pytest.raises(Refused) as refused:
        check_may(Verb.RECORD_VISIT, state, Actor("other", Role.CHILD_DIRECTOR, ""))

    assert refused.value.sentence.zh == "这件个案由别人负责；如需接手，请督导员重新指派。"
    assert refused.value.sentence.en == "Somebody else holds this case; ask a supervisor to assign it to you."


def test_a_closed_case_remembers_its_holder_and_a_coordinator_may_still_reopen_it():
    state = CaseState(Status.CLOSED, "holder", True, False)

    assert may(Verb.REOPEN, state, Actor("other", Role.SUPERVISOR, ""))


def test_the_buttons_of_a_page_are_the_steps_allowed_now():
    state = CaseState(Status.CLAIMED, "me", has_fact=False, awaits_view=False)

    shown = [step.verb.value for step in allowed_steps(state, Actor("me", Role.CHILD_DIRECTOR, ""))]

    assert shown == ["record_contact", "record_visit", "consult", "escalate", "snooze", "return", "object"]
