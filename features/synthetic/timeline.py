"""The county's months and the days on which departments deliver.

    first month                      history received          until
┄┄┄┄├──────────────────────────────────┼────┬────┬────┬────┬───┬┤┄┄┄┄┄┄
warm-up: people live,                  everything so far, then  ahead: lived on,
nothing is recorded                    what is new each quarter  never recorded
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from features.language import Department

Array = npt.NDArray[Any]

WARM_UP_MONTHS = 24
AHEAD_MONTHS = 8  # the label window of the newest round closes seven months after it
QUARTER_MONTHS = (3, 6, 9, 12)
DELIVERY_DAY = 25
LAST_DELIVERY_DAYS_BEFORE = 6
# Two deliveries closer than this to each other would be one.
CLOSE_DAYS = 45
# How many deliveries in a row the silent department misses, the last of all excepted.
MISSED_DELIVERIES = 3
SILENT_DEPARTMENT = Department.HOUSING


def latest_round_end(today: date) -> date:
    """The end of the latest April or October that is not after `today`."""
    ends = [
        date(year, month, monthrange(year, month)[1])
        for year in (today.year - 1, today.year)
        for month in (4, 10)
    ]
    return max(end for end in ends if end <= today)


@dataclass(frozen=True)
class Timeline:
    """The span of the records, in months, and the county's life a little before and after it."""

    start: date
    until: date

    @classmethod
    def ending(cls, until: date, years: int) -> "Timeline":
        """The span of `years` years and the month they begin in."""
        first = until.replace(day=1)
        return cls(start=date(first.year - years, first.month, 1), until=until)

    @property
    def months(self) -> Array:
        """First days of all months lived through, warm-up and time ahead included."""
        first = np.datetime64(self.start, "M") - WARM_UP_MONTHS
        last = np.datetime64(self.until, "M") + AHEAD_MONTHS
        return np.arange(first, last + 1)

    @property
    def month_starts(self) -> Array:
        """`months` as days."""
        return self.months.astype("datetime64[D]")

    @property
    def month_lengths(self) -> Array:
        """Days in each month."""
        return ((self.months + 1).astype("datetime64[D]") - self.month_starts).astype(int)

    def month_of(self, day: date) -> int:
        """Place of the day's month among `months`."""
        return int((np.datetime64(day, "M") - self.months[0]).astype(int))

    def history_on(self, department: Department) -> date:
        """When the department handed over its records so far: about half the span, each on its own day."""
        middle = self.start + (self.until - self.start) / 2
        return middle + timedelta(days=list(Department).index(department))

    def quarters(self, department: Department) -> tuple[date, ...]:
        """The days of the department's later deliveries, the silent department's gap left out."""
        shift = timedelta(days=list(Department).index(department) % 5 - 2)
        history, last = self.history_on(department), self.until - timedelta(days=LAST_DELIVERY_DAYS_BEFORE)
        days = [
            date(year, month, DELIVERY_DAY) + shift
            for year in range(self.start.year, self.until.year + 1)
            for month in QUARTER_MONTHS
        ]
        days = [day for day in days if history + timedelta(days=CLOSE_DAYS) < day < last - timedelta(days=20)]
        if department is SILENT_DEPARTMENT:
            days = days[:-MISSED_DELIVERIES]
        return (*days, last)

    def rounds(self) -> tuple[date, ...]:
        """1 April and 1 October from half a year after the start to the end."""
        return tuple(
            day
            for year in range(self.start.year, self.until.year + 1)
            for day in (date(year, 4, 1), date(year, 10, 1))
            if self.start + timedelta(days=150) <= day <= self.until
        )
