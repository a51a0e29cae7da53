"""Dates to contact by over weekends, holidays, weekends worked in exchange, and years not announced yet."""

from datetime import UTC, date, datetime

import pytest

from serving.review.working_days import Due, day_in_china, due_after, is_working_day


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        # A plain week: Thursday and three working days.
        (date(2026, 11, 12), 3, date(2026, 11, 17)),
        # National Day 2026 is 1 to 7 October; Saturday the tenth is worked in exchange.
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 4, date(2026, 10, 12)),
        # Spring Festival 2026 is 15 to 23 February; Saturday the fourteenth and the twenty-eighth are worked.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 24), 4, date(2026, 2, 28)),
        # Asked on a holiday itself, counting begins with the next working day.
        (date(2026, 10, 3), 1, date(2026, 10, 8)),
    ],
)
def test_days_off_do_not_count_and_weekends_worked_do(start, days, due):
    assert due_after(start, days) == Due(due, provisional=False)


@pytest.mark.parametrize("day", [date(2026, 10, 3), date(2026, 11, 14), date(2031, 1, 1)])
def test_what_is_due_at_once_is_due_today_whatever_the_day(day):
    assert due_after(day, 0) == Due(day, provisional=False)


def test_a_year_not_announced_yet_counts_weekends_only_and_says_so():
    assert is_working_day(date(2099, 1, 1)) is None
    assert due_after(date(2099, 1, 1), 2) == Due(date(2099, 1, 5), provisional=True)


def test_a_date_is_provisional_as_soon_as_it_crosses_into_such_a_year():
    known, unknown = date(2026, 12, 30), date(2026, 12, 31)

    assert not due_after(known, 1).provisional
    assert due_after(unknown, 1).provisional


def test_the_day_is_the_one_in_china():
    assert day_in_china(datetime(2026, 10, 6, 15, 59, tzinfo=UTC)) == date(2026, 10, 6)
    assert day_in_china(datetime(2026, 10, 6, 16, 0, tzinfo=UTC)) == date(2026, 10, 7)
