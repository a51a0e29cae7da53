"""When a key-care child is due to be contacted and visited, by the intervals the jurisdiction states.

An interval that no document states makes no clock: nobody is overdue by a rule that nobody wrote. From which
day each clock runs is in the entry (`ledger_clocks`). Pure: no store, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from features.jurisdiction import Profile, ProfileUnknown
from features.language import Worded


class Duty(Worded):
    """What is due."""

    CONTACT = ("contact", "联系", "Contact")
    VISIT = ("visit", "入户走访", "Visit at home")


class Bucket(Worded):
    """How far away it is."""

    OVERDUE = ("overdue", "已过期限", "Overdue")
    TODAY = ("today", "今天", "Today")
    WEEK = ("week", "七天之内", "Within seven days")
    LATER = ("later", "以后", "Later")


@dataclass(frozen=True)
class Rhythm:
    """At least once in so many days; None where no document states it."""

    contact_days: int | None
    visit_days: int | None

    @classmethod
    def of(cls, profile: Profile) -> Rhythm:
        """The intervals of a profile."""
        try:
            contact: int | None = profile.contact_days
        except ProfileUnknown:
            contact = None
        try:
            visit: int | None = profile.visit_days
        except ProfileUnknown:
            visit = None
        return cls(contact, visit)


@dataclass(frozen=True)
class Due:
    """One duty, the day it falls due, and since when it counts."""

    duty: Duty
    since: date
    on: date

    def bucket(self, today: date) -> Bucket:
        """Where it stands in the calendar."""
        return bucket_of((self.on - today).days)


# How many days are left at most: each begins where the one before ends.
_LAST: dict[Bucket, int | None] = {Bucket.OVERDUE: -1, Bucket.TODAY: 0, Bucket.WEEK: 7, Bucket.LATER: None}


def bucket_of(left: int) -> Bucket:
    """Where a duty stands that falls due in so many days."""
    return next(bucket for bucket, last in _LAST.items() if last is None or left <= last)


def days_left(bucket: Bucket) -> tuple[int | None, int | None]:
    """The fewest and most days that are left to a duty of the bucket; None where there is no end."""
    ends = [None, *(None if last is None else last + 1 for last in _LAST.values())]
    return ends[list(_LAST).index(bucket)], _LAST[bucket]


def dues(contacted_on: date, visited_on: date, rhythm: Rhythm) -> tuple[Due, ...]:
    """What is due for a child in the ledger whose clocks run from these days, the earliest first."""
    found = []
    if rhythm.contact_days is not None:
        found.append(Due(Duty.CONTACT, contacted_on, contacted_on + timedelta(days=rhythm.contact_days)))
    if rhythm.visit_days is not None:
        found.append(Due(Duty.VISIT, visited_on, visited_on + timedelta(days=rhythm.visit_days)))
    return tuple(sorted(found, key=lambda due: (due.on, due.duty.value)))
