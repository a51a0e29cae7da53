from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from features.cohort import COLUMNS, cohort
from features.jurisdiction import load_profile

AS_OF = date(2026, 4, 1)
PROFILE = load_profile("zhejiang")


def residence(**changes):
    record = {
        "child_key": "c1",
        "record_id": "r1",
        "version": 1,
        "occurred_on": date(2024, 3, 1),
        "known_on": date(2024, 3, 8),
        "superseded_on": None,
        "ordinal": 1,
        "birth_on": date(2016, 5, 5),
        "sex": "female",
        "area_code": "330109001001",
        "hukou_area": "522601",
        "arrived_on": date(2024, 2, 20),
        "left_on": None,
    }
    return record | changes


def judged(*records, profile=PROFILE, as_of=AS_OF, **tables):
    frame = pd.DataFrame(records)
    for column in ("occurred_on", "known_on", "superseded_on", "birth_on", "arrived_on", "left_on"):
        frame[column] = pd.to_datetime(frame[column])
    return cohort({"residence": frame, **tables}, as_of, profile)


def reason(**changes):
    return judged(residence(**changes)).loc[0, "reason"]


def test_a_child_from_another_county_here_for_years_is_in_scope():
    row = judged(residence()).iloc[0]

    assert row["eligible"]
    assert row["reason"] == "eligible"
    assert row["age_years"] == pytest.approx((AS_OF - date(2016, 5, 5)).days / 365.25)
    assert (row["sex"], row["area_code"]) == ("female", "330109001001")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"birth_on": AS_OF.replace(year=2010)}, "over_age"),  # sixteen today
        ({"birth_on": AS_OF.replace(year=2010) + timedelta(days=1)}, "eligible"),  # sixteen tomorrow
        ({"birth_on": date(2008, 2, 29)}, "over_age"),
        ({"arrived_on": AS_OF - timedelta(days=183)}, "eligible"),
        ({"arrived_on": AS_OF - timedelta(days=182)}, "too_recent"),
        ({"left_on": AS_OF - timedelta(days=1)}, "left"),
        ({"left_on": AS_OF}, "eligible"),  # not known before the as-of date to have left
        ({"hukou_area": "330109"}, "same_county"),
        ({"hukou_area": "330106"}, "cannot_tell_area"),
        ({"arrived_on": None}, "no_residence"),
    ],
)
def test_the_profile_decides_who_is_in_scope(changes, expected):
    assert reason(**changes) == expected


def test_named_central_districts_settle_a_move_within_the_city():
    named = replace(
        PROFILE,
        values=PROFILE.values
        | {"eligibility": PROFILE.values["eligibility"] | {"central_districts": ["330109", "330106"]}},
    )

    assert judged(residence(hukou_area="330106"), profile=named).loc[0, "reason"] == "same_county"
    assert judged(residence(hukou_area="330182"), profile=named).loc[0, "reason"] == "eligible"


def test_a_profile_that_looks_at_cities_counts_a_move_between_counties_of_one_city_as_none():
    city = replace(
        PROFILE, values=PROFILE.values | {"eligibility": PROFILE.values["eligibility"] | {"crossing": "city"}}
    )

    assert judged(residence(hukou_area="330182"), profile=city).loc[0, "reason"] == "same_city"


def test_a_record_known_on_the_as_of_date_does_not_count():
    assert judged(residence(known_on=AS_OF)).empty


def test_the_latest_standing_record_counts_and_a_superseded_version_does_not():
    older = residence(superseded_on=date(2025, 1, 1))
    corrected = residence(version=2, known_on=date(2025, 1, 1), ordinal=2, hukou_area="330109")

    assert judged(older, corrected).loc[0, "reason"] == "same_county"
    assert judged(older, corrected, as_of=date(2024, 12, 1)).loc[0, "reason"] == "eligible"


def test_a_child_without_residence_has_no_row_and_no_table_gives_no_rows():
    assert list(cohort({}, AS_OF, PROFILE).columns) == list(COLUMNS)
    assert judged(residence()).query("child_key == 'c2'").empty


def test_school_type_and_stage_come_from_the_latest_enrolment():
    enrolment = {
        "child_key": "c1", "record_id": "e1", "version": 1, "ordinal": 1, "superseded_on": pd.NaT,
        "occurred_on": pd.Timestamp(2025, 9, 1), "known_on": pd.Timestamp(2025, 9, 15),
        "stage": "primary", "school_type": "migrant",
    }  # fmt: skip

    row = judged(residence(), enrolments=pd.DataFrame([enrolment])).iloc[0]

    assert (row["school_type"], row["stage"]) == ("migrant", "primary")


def test_only_the_named_children_are_looked_at():
    frame = pd.DataFrame([residence(), residence(child_key="c2", record_id="r2", ordinal=2)])
    for column in ("occurred_on", "known_on", "superseded_on", "birth_on", "arrived_on", "left_on"):
        frame[column] = pd.to_datetime(frame[column])

    assert list(cohort({"residence": frame}, AS_OF, PROFILE, ("c2",))["child_key"]) == ["c2"]
