"""Since when has a department been silent? Asked of every source, read from the ledger, fed to no screener."""

import math
from datetime import date, timedelta

import pandas as pd
import pytest

from features.catalogue import FEATURES
from features.coverage import COVERAGE, covered, heard_days
from features.lake import Delivery, Lake
from features.language import Department, Source
from features.sources import SOURCES, Community, Education, Review
from models.screeners import SCREENERS

AS_OF = date(2024, 4, 1)


def heard(lake: Lake, source: Source, received_on: date, since: date | None = None) -> None:
    """One delivery without records: a department that had nothing to say, but said so."""
    first = since or received_on
    row = Delivery(
        delivery=f"{received_on}-{source.name}", source=source.name, department=source.department.value,
        received_on=received_on, history=since is not None, file="x", sha256="x",
        delivered=0, accepted=0, quarantined=0, unresolved=0, heard_from=first, heard_to=received_on,
    )  # fmt: skip
    lake.append(source, pd.DataFrame(), row)


def test_every_source_but_our_own_queue_has_its_coverage():
    assert [coverage.source for coverage in COVERAGE] == [
        source for source in SOURCES if source.department is not Department.REVIEW
    ]
    assert [coverage.name for coverage in covered([Education.absences, Review.alerts])] == [
        "heard_days_absences"
    ]


def test_coverage_is_worded_in_both_languages_and_named_once():
    assert len({coverage.name for coverage in COVERAGE}) == len(COVERAGE)
    for coverage in COVERAGE:
        assert coverage.source.title.zh in coverage.title.zh
        assert coverage.source.title.en in coverage.title.en


def test_no_screener_and_no_feature_reads_coverage():
    names = {coverage.name for coverage in COVERAGE}

    assert not names & {feature.name for feature in FEATURES}
    for screener in SCREENERS:
        assert not names & set(screener.columns)


@pytest.mark.parametrize(("days_before", "expected"), [(1, 1.0), (40, 40.0), (0, math.nan), (-5, math.nan)])
def test_days_are_counted_from_the_last_delivery_before_the_date(tmp_path, days_before, expected):
    lake = Lake(tmp_path)
    heard(lake, Education.absences, AS_OF - timedelta(days=days_before))

    found = heard_days(lake, AS_OF)["heard_days_absences"]

    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_a_later_delivery_counts_from_its_day_and_never_before_it(tmp_path):
    lake = Lake(tmp_path)
    heard(lake, Education.absences, AS_OF - timedelta(days=100))
    heard(lake, Education.absences, AS_OF - timedelta(days=10))

    found = [
        heard_days(lake, AS_OF - timedelta(days=back))["heard_days_absences"] for back in (9, 10, 0, 150)
    ]

    assert found[:3] == [1.0, 90.0, 10.0]
    assert math.isnan(found[3])


def test_a_first_historical_load_covers_the_days_it_speaks_of(tmp_path):
    lake = Lake(tmp_path)
    heard(lake, Education.absences, AS_OF + timedelta(days=30), since=AS_OF - timedelta(days=900))

    assert heard_days(lake, AS_OF)["heard_days_absences"] == 1.0


def test_one_department_falling_silent_leaves_the_others_heard(tmp_path):
    lake = Lake(tmp_path)
    heard(lake, Education.absences, AS_OF - timedelta(days=7))
    heard(lake, Community.hotline_calls, AS_OF - timedelta(days=700))

    found = heard_days(lake, AS_OF)

    assert list(found) == [coverage.name for coverage in COVERAGE]
    assert (found["heard_days_absences"], found["heard_days_hotline_calls"]) == (7.0, 700.0)
    assert {name for name, days in found.items() if days == days} == {
        "heard_days_absences",
        "heard_days_hotline_calls",
    }
    assert lake.silent(AS_OF) >= {"hotline_calls"}
    assert "absences" not in lake.silent(AS_OF)


@pytest.mark.parametrize("days_before", [0, 1, 213, 214, 215, 400])
def test_coverage_and_silence_tell_the_same_story(tmp_path, days_before):
    lake = Lake(tmp_path)
    source = Education.absences
    heard(lake, source, AS_OF - timedelta(days=days_before))

    days = heard_days(lake, AS_OF)["heard_days_absences"]

    assert (source.name in lake.silent(AS_OF)) == (math.isnan(days) or days > source.silent_after_days)
