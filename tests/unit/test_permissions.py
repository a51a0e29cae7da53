"""Who sees which case, whose name, and who may act on a case that somebody holds."""

from itertools import product

import pytest

from serving.review.case import CaseState, Refused, Role, Status, Verb
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
    state = CaseState(Status.IN_REVIEW, "holder", False, False)

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
    state = CaseState(Status.IN_REVIEW, "holder", False, False)

    assert may_reveal_name(Actor(account, role, ""), state) is revealed


@pytest.mark.parametrize(("verb", "role"), list(product(Verb, Role)))
def test_on_somebody_elses_case_only_coordinators_act_and_only_to_move_it(verb, role):
    state = CaseState(Status.IN_REVIEW, "holder", has_fact=True, awaits_view=verb is Verb.RECORD_VIEW)
    moved = verb in (Verb.ASSIGN, Verb.RETURN) and role in (Role.SUPERVISOR, Role.SCREENER)

    assert may(verb, state, Actor("other", role, "")) is moved


def test_acting_on_somebody_elses_case_is_refused_with_a_sentence():
    state = CaseState(Status.IN_REVIEW, "holder", False, False)

    with pytest.raises(Refused) as refused:
        check_may(Verb.RECORD_VISIT, state, Actor("other", Role.CHILD_DIRECTOR, ""))

    assert refused.value.sentence.zh == "这件个案由别人负责；如需接手，请督导员重新指派。"
    assert refused.value.sentence.en == "Somebody else holds this case; ask a supervisor to assign it to you."


def test_a_closed_case_remembers_its_holder_and_a_coordinator_may_still_reopen_it():
    state = CaseState(Status.CLOSED, "holder", True, False)

    assert may(Verb.REOPEN, state, Actor("other", Role.SUPERVISOR, ""))


def test_the_buttons_of_a_page_are_the_steps_allowed_now():
    state = CaseState(Status.IN_REVIEW, "me", has_fact=False, awaits_view=False)

    shown = [step.verb.value for step in allowed_steps(state, Actor("me", Role.CHILD_DIRECTOR, ""))]

    assert shown == ["record_contact", "record_visit", "return"]
