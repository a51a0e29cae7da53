"""Who may open a child's page, for what, and what a role may know of a case and its child."""

import pytest

from features.sources import SOURCES
from serving.review.access import Group, Reach, shown
from serving.review.case import COORDINATORS, WORKERS, Conflict, Incomplete, Refused, Role
from serving.review.permissions import Actor, may_read_notes, may_see_name, reaches
from serving.review.reading import (
    MAY_READ_SENSITIVE,
    SENSITIVE,
    Purpose,
    check_may_open,
    check_purpose,
    may_open,
    sources_for,
)

VILLAGE = "330109001001"


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("holds", [True, False])
def test_who_works_on_the_case_or_coordinates_it_may_open_it(role, holds):
    near = {Reach.AREA, Reach.HELD} if holds else {Reach.AREA}

    assert may_open(role, near) is (role in WORKERS and (holds or role in COORDINATORS))


def test_a_purpose_is_needed():
    assert check_purpose(Purpose.VISIT) is Purpose.VISIT
    with pytest.raises(Incomplete):
        check_purpose(None)


def test_what_is_sensitive_is_a_source_and_is_kept_from_who_only_visits():
    every = {source.name for source in SOURCES}

    assert every >= SENSITIVE
    assert sources_for(Role.CHILD_DIRECTOR, every) == every - SENSITIVE
    assert sources_for(Role.ASSESSOR, every) == every
    assert {Role.CHILD_DIRECTOR, Role.MANAGER, Role.AUDITOR}.isdisjoint(MAY_READ_SENSITIVE)


@pytest.mark.parametrize("role", Role)
def test_the_step_refuses_with_a_sentence_exactly_whom_the_page_would(role):
    for near in ({Reach.HELD}, {Reach.AREA}, {Reach.OPENED}, set()):
        if may_open(role, near):
            check_may_open(role, near)
        else:
            with pytest.raises(Refused, match="Only who holds the case"):
                check_may_open(role, near)


@pytest.mark.parametrize("role", Role)
def test_names_and_notes_are_read_by_whom_the_table_says(role):
    actor = Actor("a", role, "")

    assert may_see_name(actor) is shown(Group.MASKED_NAME, role)
    assert may_read_notes(actor) is shown(Group.NOTES, role)


def test_a_case_is_near_by_holding_it_by_its_area_and_by_an_emergency():
    actor = Actor("a", Role.SCREENER, "330109", opened=frozenset({"far"}))

    assert reaches(actor, "one", VILLAGE, "a") == {Reach.HELD, Reach.AREA}
    assert reaches(actor, "one", "440300001001", "b") == frozenset()
    assert reaches(actor, "far", "440300001001", None) == {Reach.OPENED}


def test_who_comes_second_is_told_that_nothing_was_saved():
    assert "没有保存" in Conflict().sentence.zh
    assert "was not saved" in Conflict().sentence.en
