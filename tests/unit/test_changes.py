"""What changed since an earlier round, on records small enough to add up by hand."""

from datetime import date
from math import isnan

import pytest

from features.language import Text
from models.change_words import change_sentences
from models.changes import ChangesError, Part, Version, four_vectors, split
from models.explanation import FamilyReason, ask_about, protecting, raising
from tests.support_changes import (
    FEATURES,
    NOW,
    OLD,
    absence,
    changes,
    residence,
    screener,
    screening,
    versions,
)

ATTENDANCE = "attendance"


def parts_of(found, family=ATTENDANCE):
    by_name = {one.family: one for one in found.families}
    return {part: pytest.approx(size) for part, size in by_name[family].parts.items()}


def test_a_record_that_came_since_is_a_new_fact():
    found = changes(versions(residence=[residence()], absences=[absence("A1", date(2026, 9, 1))]))

    assert parts_of(found) == {Part.CORRECTED: 0, Part.TIME: 0, Part.NEW: 0.5, Part.MODEL: 0}
    assert found.total == pytest.approx(0.5)


def test_a_record_known_late_is_a_new_fact_though_it_happened_before():
    late = absence("A1", date(2026, 3, 30), known_on=date(2026, 4, 2))

    found = changes(
        versions(residence=[residence()], absences=[late]), screener({"absences_unexplained_365d": 0.25})
    )

    assert parts_of(found) == {Part.CORRECTED: 0, Part.TIME: 0, Part.NEW: 0.25, Part.MODEL: 0}


def test_a_record_that_leaves_its_window_is_the_passing_of_time():
    found = changes(versions(residence=[residence()], absences=[absence("A1", date(2026, 3, 1))]))

    assert parts_of(found) == {Part.CORRECTED: 0, Part.TIME: -0.5, Part.NEW: 0, Part.MODEL: 0}
    (change,) = (one for one in found.families[0].features if one.part is not Part.MODEL)
    assert (change.feature, change.before, change.after) == ("absences_unexplained_90d", 1.0, 0.0)


def test_a_child_that_is_older_is_the_passing_of_time():
    found = changes(versions(residence=[residence()]), screener({"age_years": 1.0}))

    assert found.part(Part.TIME) == pytest.approx((NOW - OLD).days / 365.25)
    assert found.part(Part.NEW) == found.part(Part.CORRECTED) == found.part(Part.MODEL) == 0


def test_a_correction_counts_as_of_the_old_date_before_time_passes():
    first = absence("A1", date(2026, 3, 1))
    corrected = absence("A1", date(2026, 3, 1), known_on=date(2026, 5, 1), version=2, kind="sick")

    found = changes(versions(residence=[residence()], absences=[first, corrected]))

    assert parts_of(found) == {Part.CORRECTED: -0.5, Part.TIME: 0, Part.NEW: 0, Part.MODEL: 0}


def test_a_record_given_to_another_child_since_is_a_correction():
    ours = {
        **versions(residence=[residence()]),
        "absences": [Version(absence("A1", date(2026, 3, 1)), date(2026, 5, 1))],
    }

    found = changes(ours)

    assert parts_of(found) == {Part.CORRECTED: -0.5, Part.TIME: 0, Part.NEW: 0, Part.MODEL: 0}


def test_a_department_that_falls_silent_is_the_passing_of_time_and_one_heard_again_a_new_fact():
    records = versions(
        residence=[residence()], absences=[absence("A1", date(2026, 9, 1)), absence("A2", date(2026, 3, 1))]
    )
    mute, heard = frozenset({"absences"}), frozenset()

    fell_silent, heard_again = changes(records, silent=(heard, mute)), changes(records, silent=(mute, heard))

    assert parts_of(fell_silent) == {Part.CORRECTED: 0, Part.TIME: -0.5, Part.NEW: 0, Part.MODEL: 0}
    assert parts_of(heard_again) == {Part.CORRECTED: 0, Part.TIME: 0, Part.NEW: 0.5, Part.MODEL: 0}
    missing = [one for one in fell_silent.families[0].features if one.feature == "absences_unexplained_90d"]
    assert missing[0].after is None


def test_another_model_changes_families_and_the_base():
    records = versions(residence=[residence()], absences=[absence("A1", date(2026, 9, 1))])

    found = changes(records, screener(), screener({"absences_unexplained_90d": 0.75}, base=-2.0))

    assert parts_of(found) == {Part.CORRECTED: 0, Part.TIME: 0, Part.NEW: 0.5, Part.MODEL: 0.25}
    assert found.base == pytest.approx(1.0)
    assert found.part(Part.MODEL) == pytest.approx(1.25)
    assert found.total == pytest.approx(1.75)


def test_values_not_known_are_not_known_at_every_point():
    vectors = four_vectors({}, FEATURES, (OLD, NOW), (frozenset({"absences"}),) * 2)

    assert all(isnan(values["absences_unexplained_90d"]) for values in vars(vectors).values())


def test_dates_in_the_wrong_order_are_refused():
    with pytest.raises(ChangesError, match="The later screening comes first"):
        four_vectors({}, FEATURES, (NOW, OLD), (frozenset(), frozenset()))


def test_sentences_name_the_largest_part_first_with_its_facts():
    absences = [absence("A1", date(2026, 3, 1)), *(absence(f"B{n}", date(2026, 9, n)) for n in (1, 2, 3))]

    said = change_sentences(changes(versions(residence=[residence()], absences=absences)), (False, True))

    assert [sentence.en for sentence in said] == [
        "Compared with 2026-04-01: more need for attention.",
        "The child is on the list now and was not then.",
        "New facts: more need for attention (Days of unexplained absence in the last 90 days: 0 days → 3 days).",
        "Passing of time: less need for attention (Days of unexplained absence in the last 90 days: 1 day → 0 days).",
    ]
    assert all(sentence.zh for sentence in said)


@pytest.mark.parametrize(
    ("listed", "means"),
    [((False, True), "other children or the capacity"), ((True, False), "other children or the capacity")],
)
def test_a_place_that_changed_though_the_child_did_not_is_said_to_come_from_others(listed, means):
    said = change_sentences(changes(versions(residence=[residence()])), listed)

    assert said[0] == Text("与2026-04-01相比：基本没有变化。", "Compared with 2026-04-01: hardly any change.")
    assert means in said[1].en
    assert len(said) == 2


def test_a_place_that_did_not_change_is_not_mentioned():
    assert len(change_sentences(changes(versions(residence=[residence()])), (True, True))) == 1


def test_another_model_is_told_by_the_families_it_weighs_otherwise():
    records = versions(residence=[residence()], absences=[absence("A1", date(2026, 9, 1))])

    said = change_sentences(changes(records, screener(), screener({"absences_unexplained_90d": 1.0})))

    assert "Change of model: more need for attention (Attendance)." in [sentence.en for sentence in said]


def test_what_raises_and_what_protects_are_told_apart_and_questions_follow_what_raises():
    reasons = (
        FamilyReason("attendance", 1.0, ()), FamilyReason("care", -0.5, ()), FamilyReason("sleep", 0.2, ()),
        FamilyReason("learning", 0.0, ()),
    )  # fmt: skip

    assert [reason.family for reason in raising(reasons)] == ["attendance", "sleep"]
    assert [reason.family for reason in protecting(reasons)] == ["care"]
    assert [question.en for question in ask_about(reasons)] == [
        "What happened on the days away from school?",
        "When do you go to sleep, and what do you do before?",
    ]
    assert ask_about((FamilyReason("a column of a table", 1.0, ()),)) == ()


def test_margins_of_the_screenings_differ_by_the_total():
    records = versions(residence=[residence()], absences=[absence("A1", date(2026, 9, 1))])
    was, now_is = screener(), screener({"absences_unexplained_90d": 0.9}, base=-2.5)
    before, now = screening(records, OLD, was), screening(records, NOW, now_is)

    found = split(
        four_vectors(records, FEATURES, (OLD, NOW), (frozenset(), frozenset())), before, now, was, now_is
    )

    assert found.total == pytest.approx(now.margin - before.margin, abs=1e-12)
