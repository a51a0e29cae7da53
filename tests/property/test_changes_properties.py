"""The four parts of a change, on histories nobody thought of."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.changes import Part
from tests.support_changes import NOW, OLD, absence, changes, residence, screener, screening, versions

QUICK = settings(max_examples=60, deadline=None)
WEIGHTS = {"age_years": 0.3, "absences_unexplained_365d": -0.2}


@st.composite
def histories(draw, known_from=date(2025, 3, 1), known_to=date(2026, 9, 30), versions_to=3):
    """Absences known between two days, in up to so many versions that say otherwise."""
    found = []
    for number in range(draw(st.integers(0, 5))):
        occurred_on = date(2025, 3, 1) + timedelta(days=draw(st.integers(0, 575)))
        known_on = max(occurred_on, known_from)
        for version in range(1, draw(st.integers(1, versions_to)) + 1):
            known_on += timedelta(days=draw(st.integers(0, 200)))
            if known_on <= known_to:
                kind = draw(st.sampled_from(["unexplained", "sick"]))
                found.append(absence(f"A{number}", occurred_on, known_on, version, kind))
    return versions(residence=[residence()], absences=found)


silences = st.sampled_from([frozenset(), frozenset({"absences"}), frozenset({"residence"})])


@QUICK
@given(histories(), silences, silences, st.booleans())
def test_the_parts_add_up_to_the_difference_of_the_margins(records, silent_then, silent_now, retrained):
    was = screener(WEIGHTS)
    now_is = screener({"age_years": 0.1, "left_unattended_365d": 2.0}, base=-1.5) if retrained else was

    found = changes(records, was, now_is, (silent_then, silent_now))

    difference = (
        screening(records, NOW, now_is, silent_now).margin - screening(records, OLD, was, silent_then).margin
    )
    assert found.total == pytest.approx(difference, abs=1e-9)
    assert sum(found.part(part) for part in Part) == pytest.approx(difference, abs=1e-9)
    for family in found.families:
        assert sum(family.parts.values()) == pytest.approx(family.total, abs=1e-9)


@QUICK
@given(histories(versions_to=1))
def test_without_corrections_no_part_is_laid_to_them(records):
    assert changes(records, screener(WEIGHTS)).part(Part.CORRECTED) == 0


@QUICK
@given(histories(known_to=OLD - timedelta(days=1)))
def test_where_nothing_came_since_nothing_is_laid_to_new_or_corrected_facts(records):
    found = changes(records, screener(WEIGHTS))

    assert found.part(Part.NEW) == found.part(Part.CORRECTED) == 0


@QUICK
@given(histories(known_from=OLD))
def test_without_records_then_only_age_is_laid_to_time(records):
    found = changes(records, screener(WEIGHTS))

    by_age = 0.3 * (NOW - OLD).days / 365.25
    assert found.part(Part.TIME) == pytest.approx(by_age, abs=1e-9)


@QUICK
@given(histories(), silences, silences)
def test_the_same_model_changes_nothing_by_itself(records, silent_then, silent_now):
    found = changes(records, screener(WEIGHTS), silent=(silent_then, silent_now))

    assert found.part(Part.MODEL) == found.base == 0
