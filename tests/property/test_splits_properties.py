"""Past and future stay apart, whatever the dates, gaps and horizons."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.splits import SplitError, closes_on, temporal_split

HALF_YEARS = [date(year, month, 1) for year in range(2021, 2026) for month in (4, 10)]


def test_ten_half_years_fit_on_five_calibrate_on_one_and_judge_on_two():
    split = temporal_split(HALF_YEARS, 30, 180)

    assert split.fit == tuple(HALF_YEARS[:5])
    assert split.calibrate == (date(2024, 4, 1),)
    assert split.judge == (date(2025, 4, 1), date(2025, 10, 1))
    assert split.left_out == (date(2023, 10, 1), date(2024, 10, 1))


def test_a_set_may_begin_on_the_very_day_the_last_label_window_has_closed():
    first = date(2024, 1, 1)
    dates = [first, first + timedelta(days=210), first + timedelta(days=420)]

    assert temporal_split(dates, 30, 180).judge == (dates[2],)
    with pytest.raises(SplitError):
        temporal_split([dates[0], dates[1], dates[2] - timedelta(days=1)], 30, 180)


def test_with_few_dates_one_judges():
    split = temporal_split([date(2022, 4, 1), date(2023, 4, 1), date(2024, 4, 1)], 30, 180)

    assert (split.fit, split.calibrate, split.judge) == (
        (date(2022, 4, 1),), (date(2023, 4, 1),), (date(2024, 4, 1),),
    )  # fmt: skip


@pytest.mark.parametrize("dates", [[], HALF_YEARS[:1], HALF_YEARS[:2]])
def test_too_few_dates_are_refused_with_their_number(dates):
    with pytest.raises(SplitError, match=f"{len(dates)} as-of dates have closed label windows"):
        temporal_split(dates, 30, 180)


def test_a_set_without_a_date_is_refused():
    with pytest.raises(SplitError, match="at least one as-of date"):
        temporal_split(HALF_YEARS, 30, 180, judge_dates=0)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.dates(date(2015, 1, 1), date(2030, 12, 31)), max_size=25),
    st.integers(0, 60),
    st.integers(1, 400),
    st.integers(1, 3),
    st.integers(1, 3),
)
def test_no_label_window_reaches_into_a_later_set(dates, gap, horizon, judges, calibrates):
    try:
        split = temporal_split(dates, gap, horizon, judges, calibrates)
    except SplitError:
        return

    assert split.fit
    assert max(closes_on(day, gap, horizon) for day in split.fit) <= min(split.calibrate)
    assert max(closes_on(day, gap, horizon) for day in split.calibrate) <= min(split.judge)
    used = [*split.fit, *split.calibrate, *split.judge, *split.left_out]
    assert sorted(used) == sorted(set(dates))
