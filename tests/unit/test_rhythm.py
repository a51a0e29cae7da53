"""When contacts and visits fall due; no clock runs by a rule that nobody wrote."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.jurisdiction import load_profile
from serving.review.rhythm import Bucket, Due, Duty, Rhythm, bucket_of, days_left, dues

DAYS = st.dates(date(2024, 1, 1), date(2027, 1, 1))
HANGZHOU = Rhythm.of(load_profile("hangzhou"))


def test_clocks_start_on_the_day_of_entry():
    assert dues(date(2026, 7, 1), None, None, HANGZHOU) == (
        Due(Duty.CONTACT, date(2026, 7, 1), date(2026, 10, 1)),
        Due(Duty.VISIT, date(2026, 7, 1), date(2026, 12, 31)),
    )


def test_a_contact_moves_the_next_contact_and_not_the_visit():
    contact, visit = dues(date(2026, 7, 1), date(2026, 9, 1), None, HANGZHOU)

    assert (contact.on, visit.on) == (date(2026, 12, 2), date(2026, 12, 31))


def test_a_visit_counts_as_a_contact_too():
    found = {due.duty: due.on for due in dues(date(2026, 7, 1), None, date(2026, 9, 1), HANGZHOU)}

    assert found == {Duty.CONTACT: date(2026, 12, 2), Duty.VISIT: date(2027, 3, 3)}


def test_xiamen_asks_for_a_month_and_three():
    assert Rhythm.of(load_profile("xiamen")) == Rhythm(31, 92)


def test_where_no_document_states_an_interval_no_clock_runs():
    assert Rhythm.of(load_profile("national")) == Rhythm(None, None)
    assert dues(date(2020, 1, 1), None, None, Rhythm(None, None)) == ()


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


@given(entered=DAYS, contact=st.none() | DAYS, visit=st.none() | DAYS, later=DAYS)
def test_recording_more_never_brings_a_duty_forward(entered, contact, visit, later):
    before = {due.duty: due.on for due in dues(entered, contact, visit, HANGZHOU)}
    last = later if contact is None else max(contact, later)
    after = {due.duty: due.on for due in dues(entered, last, visit, HANGZHOU)}

    assert all(after[duty] >= before[duty] for duty in before)
    assert after[Duty.VISIT] == before[Duty.VISIT]


@given(entered=DAYS, contact=st.none() | DAYS, visit=st.none() | DAYS)
def test_no_duty_lies_further_ahead_than_its_interval(entered, contact, visit):
    newest = max(day for day in (entered, contact, visit) if day is not None)

    for due in dues(entered, contact, visit, HANGZHOU):
        assert due.on <= newest + timedelta(days=183)
        assert due.since <= newest
