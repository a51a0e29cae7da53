"""What the review pages need from outside, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from features.jurisdiction import Hotline, Profile, ProfileUnknown, Tier
from features.language import Text
from features.unread import Unread
from models.changes import Changes
from models.explanation import Evidence
from models.rules import Rule
from models.screening import Screening
from serving.comparing import NO_RECORDS
from serving.held import HeldRecord
from serving.monitored import Monitored
from serving.review.emergency import LASTS
from serving.review.export_templates import Template
from serving.review.one_child import KeysOf, only_itself
from serving.review.opening import ChildFacts
from serving.review.store import Store
from serving.web.kept import KEPT_FOR

if TYPE_CHECKING:
    from serving.oidc import Provider

# Staff read and write dates of this zone; there is no daylight saving time in it.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True)
class LakeRecord:
    """Where one record of a child lies and when it happened and became known; nothing of what it says."""

    source: str
    occurred_on: date
    known_on: date


@dataclass(frozen=True)
class Deps:
    """The store, the clock, and what is looked up elsewhere.

    `names`: full names by child key, of those it knows. `last_heard`: the day a source was heard from last,
    before a date. `evidence`: the dates of one record of a child (child key, source, record number).
    `area_title`: the name of an area code, None if it has none. `areas_below`: the areas one level below a
    prefix, for choosing one. `monitored`: what the last round's monitoring wrote, None if there was none;
    raises MonitoredError if it cannot be read. `records`: every record of a child; `held`: and what it says.
    `unread`: refused rows that may carry danger.
    `find_child`: the key of a known child by its number, which is kept nowhere; `about_child`: what the queue
    is told of a child; `keys_of`: every key it had. `tier_of_requests`: the tier of what a person raises.
    `changes`: why two screenings of a child differ, or in words why that cannot be told. `new_token`: a fresh
    secret each time. `templates`: tables for other platforms by id. `provider`: where people may sign in
    too, or only if `password_sign_in` is not.
    """

    store: Store
    now: Callable[[], datetime]
    new_token: Callable[[], str]
    names: Callable[[Collection[str]], Mapping[str, str]]
    profile: Profile
    last_heard: Callable[[str, date], date | None]
    evidence: Callable[[str, str, str], Evidence | None]
    area_title: Callable[[str], Text | None]
    rules: tuple[Rule, ...] = ()
    areas_below: Callable[[str], Sequence[tuple[str, Text]]] = lambda _: ()
    templates: Mapping[str, Template] = field(default_factory=dict)
    monitored: Callable[[], Monitored | None] = lambda: None
    records: Callable[[str], Sequence[LakeRecord]] = lambda _: ()
    held: Callable[[str], Sequence[HeldRecord]] = lambda _: ()
    unread: Callable[[], Sequence[Unread]] = lambda: ()
    find_child: Callable[[str], str | None] = lambda _: None
    about_child: Callable[[str], ChildFacts] = lambda _: ChildFacts()
    keys_of: KeysOf = only_itself
    tier_of_requests: str | None = None
    changes: Callable[[Screening, Screening], Changes | Text] = lambda before, now: NO_RECORDS
    provider: Provider | None = None
    password_sign_in: bool = True
    secure_cookies: bool = False
    emergency_lasts: timedelta = LASTS
    figures_last: timedelta = KEPT_FOR  # whole areas are counted anew after it
    simulated: bool = False

    def today(self) -> date:
        """The date in Asia/Shanghai."""
        return self.now().astimezone(CHINA).date()

    def hotlines(self) -> tuple[Hotline, ...]:
        """The numbers of the profile; none if no document gives any."""
        try:
            return self.profile.hotlines
        except ProfileUnknown:
            return ()

    def tiers(self) -> tuple[Tier, ...]:
        """The tiers of the profile, the most pressing first; none if it has none."""
        try:
            return self.profile.tiers
        except ProfileUnknown:
            return ()
