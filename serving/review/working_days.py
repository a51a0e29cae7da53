"""Dates to contact by, counted in working days as the State Council arranges them each year.

Weekends and public holidays do not count; a weekend worked in exchange does. A year whose arrangement is
not known yet counts without weekends only, and whatever was counted in it is provisional. Pure: no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from chinese_calendar import constants, is_workday

# Where the children and the staff are; there is no daylight saving time in it.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
_SATURDAY = 5
_KNOWN_YEARS = frozenset(day.year for day in constants.holidays)


@dataclass(frozen=True)
class Due:
    """A date to do something by; `provisional` if the days off of a year it crosses are not known yet."""

    on: date
    provisional: bool


def day_in_china(now: datetime) -> date:
    """The date in China at this moment."""
    return now.astimezone(CHINA).date()


def is_working_day(day: date) -> bool | None:
    """Whether people work on this day; None if the arrangement of its year is not known."""
    return bool(is_workday(day)) if day.year in _KNOWN_YEARS else None


def due_after(start: date, working_days: int) -> Due:
    """The day so many working days after `start`. None after means today, whatever day it is."""
    day, provisional, left = start, False, working_days
    while left > 0:
        day += timedelta(days=1)
        works = is_working_day(day)
        if works is None:
            provisional, works = True, day.weekday() < _SATURDAY
        left -= works
    return Due(day, provisional)
