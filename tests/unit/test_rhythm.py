"""When contacts and visits fall due; no clock runs by a rule that nobody wrote."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.jurisdiction import load_profile
from serving.review.rhythm import Bucket, Due, Duty, Rhythm, bucket_of, days_left, dues

DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))
HANGZHOU = Rhythm.of(load_profile("hangzhou"))


def test_each_clock_runs_from_its_own_day():
    assert dues(date(2026, 9, 1), date(2026, 7, 1), HANGZHOU) == (
        Due(Duty.CONTACT, date(2026, 9, 1), date(2026, 12, 2)),
        Due(Duty.VISIT, date(2026, 7, 1), date(2026, 12, 31)),
    )


def test_the_earliest_duty_stands_first():
    found = dues(date(2026, 12, 1), date(2026, 7, 1), HANGZHOU)

    assert [due.duty for due in found] == [Duty.VISIT, Duty.CONTACT]


def test_xiamen_asks_for_a_month_and_three():
    assert Rhythm.of(load_profile("xiamen")) == Rhythm(31, 92)


def test_where_no_document_states_an_interval_no_clock_runs():
    assert Rhythm.of(load_profile("national")) == Rhythm(None, None)
    assert dues(date(2020, 1, 1), date(2020, 1, 1), Rhythm(None, None)) == ()


@pytest.mark.parametrize(
    ("on", "bucket"),
    [
        (date(2026, 10, 5), Bucket.OVERDUE),
        (date(2026, 10, 6), Bucket.TODAY),
        (date(2026, 10, 7), Bucket.WEEK),
        (date(2026, 10, 13), Bucket.WEEK),
        (date(2026, 10, 14), Bucket.LATER),
    ],
)
def test_the_calendar_has_overdue_today_this_week_and_later(on, bucket):
    assert Due(Duty.CONTACT, on, on).bucket(date(2026, 10, 6)) is bucket


@pytest.mark.parametrize("left", [-40, -1, 0, 1, 7, 8, 200])
def test_the_days_of_a_bucket_hold_what_stands_in_it_and_nothing_else(left):
    ends = {bucket: days_left(bucket) for bucket in Bucket}
    holding = [
        bucket for bucket, (first, last) in ends.items()
        if (first is None or first <= left) and (last is None or left <= last)
    ]  # fmt: skip

    assert holding == [bucket_of(left)]


@given(contacted=DAYS, visited=DAYS)
def test_every_duty_lies_its_interval_after_the_day_it_counts_from(contacted, visited):
    intervals = {Duty.CONTACT: timedelta(days=92), Duty.VISIT: timedelta(days=183)}
    since = {Duty.CONTACT: contacted, Duty.VISIT: visited}

    found = dues(contacted, visited, HANGZHOU)

    assert {due.duty: (due.since, due.on) for due in found} == {
        duty: (since[duty], since[duty] + days) for duty, days in intervals.items()
    }
