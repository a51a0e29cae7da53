"""When a key-care child is due to be contacted and visited, by the intervals the jurisdiction states.

An interval that no document states makes no clock: nobody is overdue by a rule that nobody wrote. A visit
is a contact too; reaching nobody is neither. Pure: no store, no clock.
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


def bucket_of(days_left: int) -> Bucket:
    """Where a duty stands that falls due in so many days."""
    if days_left < 0:
        return Bucket.OVERDUE
    if days_left == 0:
        return Bucket.TODAY
    return Bucket.WEEK if days_left <= 7 else Bucket.LATER


def dues(
    entered_on: date, last_contact: date | None, last_visit: date | None, rhythm: Rhythm
) -> tuple[Due, ...]:
    """What is due for a child in the ledger, the earliest first. Clocks start on the day of entry."""
    contacted = max(day for day in (entered_on, last_contact, last_visit) if day is not None)
    visited = max(day for day in (entered_on, last_visit) if day is not None)
    found = []
    if rhythm.contact_days is not None:
        found.append(Due(Duty.CONTACT, contacted, contacted + timedelta(days=rhythm.contact_days)))
    if rhythm.visit_days is not None:
        found.append(Due(Duty.VISIT, visited, visited + timedelta(days=rhythm.visit_days)))
    return tuple(sorted(found, key=lambda due: (due.on, due.duty.value)))
