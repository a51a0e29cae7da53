"""From screenings to alerts: one weekly release, by capacity and never by score alone. Pure.

Hard triggers and requests always come, outside capacity; nothing here can hold one back or rank it.
What is left of each area's capacity goes to the children highest placed by any screener, or by the
published rules where no screener speaks. A small slice is drawn at random from everybody else, with the
probability written down: the only way to know who is missed. Children who are being looked after, or
were lately, rest. Nobody is alerted on a screening that has expired.

Rank: the greatest percentile among a child's screeners that reach the least band, then the next one;
by rules, reds then yellows. Equal ranks stand in the order of a hash of child and round, which favours
nobody and is the same on every machine.

Draw: all children who could be drawn are laid in a row, area by area, at random within an area, and
every k-th is taken from a random start. So each has exactly the same probability, n / N, and no area
gets more than its fair share rounded up, which its capacity can hold. A ranked child whose place a draw
takes waits for the next release, and could not have been drawn in this one: what is estimated from draws
speaks of the children they were drawn from, which a release counts (`drawn_from`).
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from random import Random
from typing import Any

from features.language import Trigger
from models.rules import RuleFinding
from models.screening import Screening

POLICY_FILE = Path(__file__).parent / "policy.toml"
FIELDS = ("value", "unit", "why", "approved_by", "since")
BANDS_IN_ORDER = ("none", "usual", "raised", "high")


# A hit that opened work: child key, trigger name, record id.
Raised = tuple[str, str, str]


class PolicyError(ValueError):
    """A policy or an input to it that cannot be used; the message says what was wanted."""


class Lane(Enum):
    """How an alert came to be. Only MODEL, RULE and AUDIT draw on capacity.

    DECLARED: a family declared itself; REFERRED: a worker saw a reason; ENTITLEMENT: records imply a service
    that nobody shows, which is no risk.
    """

    TRIGGER = "trigger"
    REQUEST = "request"
    MODEL = "model"
    RULE = "rule"
    AUDIT = "audit"
    DECLARED = "declared"
    REFERRED = "referred"
    ENTITLEMENT = "entitlement"


@dataclass(frozen=True)
class Policy:
    """The numbers of policy.toml. `area_capacity` overrides the capacity of named areas."""

    capacity_per_area: int
    audit_share: float
    least_draws: int
    least_band: str
    cool_down_days: int
    expires_days: int
    second_tier_percentile: float
    tiers: Mapping[str, str]
    requests: tuple[str, ...]
    area_capacity: Mapping[str, int]
    reveal_share: float = 0.0
    entitlements_per_area: int = 0

    def __post_init__(self) -> None:
        if self.capacity_per_area < 0 or any(value < 0 for value in self.area_capacity.values()):
            raise PolicyError("Capacity is a number of cases, 0 or more.")
        if not 0 <= self.audit_share <= 0.5 or self.least_draws < 0:
            raise PolicyError("The audit share lies between 0 and a half, and draws are 0 or more.")
        if self.entitlements_per_area < 0:
            raise PolicyError("The number of services brought up a week is 0 or more.")
        if not 0 <= self.reveal_share <= 1:
            raise PolicyError("The share of cases that ask for the reviewer's own view lies between 0 and 1.")
        if self.least_band not in BANDS_IN_ORDER:
            raise PolicyError(
                f"The least band is one of {', '.join(BANDS_IN_ORDER)}, not {self.least_band!r}."
            )
        wanted = {"trigger", "request", "top", "high", "raised", "red", "yellow", "audit"}
        if set(self.tiers) != wanted:
            raise PolicyError(
                f"The policy names a tier for each of {', '.join(sorted(wanted))}, and no other."
            )

    @classmethod
    def read(cls, path: Path = POLICY_FILE, area_capacity: Mapping[str, int] | None = None) -> Policy:
        """The policy in this file; PolicyError if a number does not say why, who and since when."""
        rows: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, row in rows.items():
            silent = [word for word in FIELDS if row.get(word) in (None, "")]
            if silent:
                raise PolicyError(f"{path.name}: {name} does not give {', '.join(silent)}.")
        values = {name: row["value"] for name, row in rows.items()}
        try:
            return cls(
                **{
                    **values,
                    "requests": tuple(values["requests"]),
                    "area_capacity": dict(area_capacity or {}),
                }
            )
        except (TypeError, KeyError) as error:
            raise PolicyError(f"{path.name} does not hold the numbers a policy needs: {error}.") from None

    def capacity(self, area: str) -> int:
        """Cases a week in this area."""
        return self.area_capacity.get(area, self.capacity_per_area)


@dataclass(frozen=True)
class Candidate:
    """An eligible child of this round: what each screener said, or what the published rules found."""

    child_key: str
    as_of: date
    area_code: str
    screenings: tuple[Screening, ...] = ()
    rules: RuleFinding | None = None

    @property
    def area(self) -> str:
        """Town or street: the first nine digits of the area code."""
        return self.area_code[:9]


@dataclass(frozen=True)
class TriggerHit:
    """A hard trigger, or a request, found in one record of one child."""

    child_key: str
    trigger: Trigger
    record_id: str
    occurred_on: date


@dataclass(frozen=True)
class Alert:
    """One child a person should look at, and how it came to that.

    `blind`: the reviewer decides before the screener's view is shown. Every audit draw is blind, with a
    ranked alert of the same tier beside it while there are ranked alerts, so that being shown nothing tells
    nothing.
    """

    child_key: str
    as_of: date
    lane: Lane
    area: str | None = None
    screener: str | None = None
    rank: int | None = None
    draw_probability: float | None = None
    trigger: str | None = None
    trigger_record: str | None = None
    tier: str | None = None
    due_days: int | None = None
    screening: str | None = None
    blind: bool = False


@dataclass(frozen=True)
class Release:
    """One week's alerts, triggers first, and how many children were not considered and why."""

    released_on: date
    alerts: tuple[Alert, ...]
    waiting: int
    resting: int
    expired: int
    drawn_from: int


@dataclass(frozen=True)
class _Ranked:
    candidate: Candidate
    lane: Lane
    order: tuple[float, ...]
    tier: str
    screening: Screening | None = None


def choose(
    policy: Policy,
    candidates: Sequence[Candidate],
    hits: Sequence[TriggerHit],
    *,
    released_on: date,
    rng: Random,
    due_days: Mapping[str, int],
    open_cases: Set[str] = frozenset(),
    disposed_on: Mapping[str, date] | None = None,
    raised: Set[Raised] = frozenset(),
) -> Release:
    """The alerts of one weekly release.

    `due_days`: days to contact by tier code, from the jurisdiction profile. `open_cases`: children with an
    open case; `disposed_on`: day of each child's last disposition. `raised`: hits that already opened work
    for this child; a record that is another child's now opens work for that one. The order of the arguments'
    rows changes nothing.
    """
    _check(policy, candidates, due_days)
    trigger_alerts = _trigger_alerts(policy, hits, released_on, raised)
    urgent = {alert.child_key for alert in trigger_alerts}
    oldest = released_on - timedelta(days=policy.expires_days)
    rested = released_on - timedelta(days=policy.cool_down_days)
    quiet = {key for key, day in (disposed_on or {}).items() if day > rested} | set(open_cases)
    fresh = [c for c in candidates if c.as_of >= oldest]
    awake = [c for c in fresh if c.child_key not in quiet and c.child_key not in urgent]
    ranked = sorted(
        (row for candidate in awake if (row := _rank(policy, candidate)) is not None),
        key=lambda row: (row.order, _lot(row.candidate)),
    )
    picked = _within_capacity(ranked, policy)
    chosen = {row.candidate.child_key for row in picked}
    pool = [
        c for c in awake if c.child_key not in chosen and _was_screened(c) and policy.capacity(c.area) > 0
    ]
    drawn, probability = _draw(policy, pool, {c.area for c in awake}, rng)
    picked = _make_room(picked, drawn, policy)
    places = {row.candidate.child_key: place for place, row in enumerate(ranked, start=1)}
    ranked_alerts = [_ranked_alert(row, places[row.candidate.child_key]) for row in picked]
    alerts = [*trigger_alerts, *_blinded(policy, ranked_alerts, drawn, probability, rng)]
    return Release(
        released_on=released_on,
        alerts=tuple(replace(alert, due_days=due_days[alert.tier]) for alert in alerts if alert.tier),
        waiting=len(ranked) - len(picked),
        resting=sum(c.child_key in quiet for c in fresh),
        expired=len(candidates) - len(fresh),
        drawn_from=len(pool),
    )


def _check(policy: Policy, candidates: Sequence[Candidate], due_days: Mapping[str, int]) -> None:
    unknown = sorted(set(policy.tiers.values()) - set(due_days))
    if unknown:
        raise PolicyError(f"The jurisdiction has no tier {', '.join(unknown)}, which the policy gives out.")
    if len({c.child_key for c in candidates}) != len(candidates):
        raise PolicyError("A child stands twice among the candidates of one release.")
    if any(len(c.area) != 9 or not c.area.isdigit() for c in candidates):
        raise PolicyError("An area code has at least nine digits: province to town or street.")


def _trigger_alerts(
    policy: Policy, hits: Iterable[TriggerHit], released_on: date, raised: Set[Raised]
) -> list[Alert]:
    new = {
        (hit.trigger.name, hit.record_id): hit
        for hit in hits
        if (hit.child_key, hit.trigger.name, hit.record_id) not in raised
    }
    alerts = []
    for (name, record_id), hit in sorted(
        new.items(), key=lambda item: (item[1].occurred_on, item[1].child_key, item[0])
    ):
        lane = Lane.REQUEST if name in policy.requests else Lane.TRIGGER
        alerts.append(
            Alert(
                child_key=hit.child_key,
                as_of=released_on,
                lane=lane,
                trigger=name,
                trigger_record=record_id,
                tier=policy.tiers["request" if lane is Lane.REQUEST else "trigger"],
            )
        )
    return sorted(alerts, key=lambda alert: alert.lane is not Lane.TRIGGER)


def _was_screened(candidate: Candidate) -> bool:
    return candidate.rules is not None or any(s.abstained is None for s in candidate.screenings)


def tier_of(policy: Policy, screening: Screening) -> str | None:
    """The tier an alert on this screening would get; None below the least band, or where it abstained."""
    if screening.abstained is not None:
        return None
    if BANDS_IN_ORDER.index(screening.band) < BANDS_IN_ORDER.index(policy.least_band):
        return None
    if screening.band != "high":
        return policy.tiers["raised"]
    return policy.tiers["top" if screening.percentile >= policy.second_tier_percentile else "high"]


def _rank(policy: Policy, candidate: Candidate) -> _Ranked | None:
    spoke = [s for s in candidate.screenings if s.abstained is None]
    strong = sorted(
        ((tier, s) for s in spoke if (tier := tier_of(policy, s)) is not None),
        key=lambda row: (-row[1].percentile, row[1].screener),
    )
    if strong:
        tier, first = strong[0]
        order = (0.0, -first.percentile, -(strong[1][1].percentile if len(strong) > 1 else 0.0))
        return _Ranked(candidate, Lane.MODEL, order, tier, first)
    if not spoke and candidate.rules is not None and (candidate.rules.reds or candidate.rules.yellows):
        found = candidate.rules
        tier = policy.tiers["red" if found.reds else "yellow"]
        return _Ranked(candidate, Lane.RULE, (1.0, -float(found.reds), -float(found.yellows)), tier)
    return None


def _lot(candidate: Candidate) -> str:
    return hashlib.sha256(f"{candidate.child_key} {candidate.as_of.isoformat()}".encode()).hexdigest()


def _within_capacity(ranked: Sequence[_Ranked], policy: Policy) -> list[_Ranked]:
    taken: dict[str, int] = {}
    picked = []
    for row in ranked:
        area = row.candidate.area
        if taken.get(area, 0) < policy.capacity(area):
            taken[area] = taken.get(area, 0) + 1
            picked.append(row)
    return picked


def _draw(
    policy: Policy, pool: Sequence[Candidate], areas: Set[str], rng: Random
) -> tuple[list[Candidate], float]:
    capacity = sum(policy.capacity(area) for area in areas)
    wanted = max(policy.least_draws, math.floor(policy.audit_share * capacity + 0.5))
    sizes: dict[str, int] = {}
    for candidate in pool:
        sizes[candidate.area] = sizes.get(candidate.area, 0) + 1
    number = min(wanted, len(pool))
    # An area gets at most its share of the pool, rounded up; fewer draws where that would not fit.
    while number > 0 and any(
        -(-number * size // len(pool)) > policy.capacity(area) for area, size in sizes.items()
    ):
        number -= 1
    if not number:
        return [], 0.0
    order = sorted(sizes)
    rng.shuffle(order)
    row = []
    for area in order:
        members = sorted((c for c in pool if c.area == area), key=lambda c: c.child_key)
        rng.shuffle(members)
        row += members
    step = len(row) / number
    start = rng.random() * step
    places = [min(int(start + i * step), len(row) - 1) for i in range(number)]
    return [row[place] for place in places], number / len(row)


def _make_room(picked: list[_Ranked], drawn: Sequence[Candidate], policy: Policy) -> list[_Ranked]:
    room: dict[str, int] = {}
    for candidate in drawn:
        room.setdefault(candidate.area, policy.capacity(candidate.area))
        room[candidate.area] -= 1
    kept = []
    for row in picked:
        area = row.candidate.area
        if area in room:
            if room[area] <= 0:
                continue
            room[area] -= 1
        kept.append(row)
    return kept


def _ranked_alert(row: _Ranked, place: int) -> Alert:
    return Alert(
        child_key=row.candidate.child_key,
        as_of=row.candidate.as_of,
        lane=row.lane,
        area=row.candidate.area,
        screener=row.screening.screener if row.screening else None,
        rank=place,
        tier=row.tier,
        screening=row.screening.key if row.screening else None,
    )


def _blinded(
    policy: Policy, ranked: list[Alert], drawn: Sequence[Candidate], probability: float, rng: Random
) -> list[Alert]:
    beside = rng.sample(range(len(ranked)), min(len(drawn), len(ranked)))
    for place in beside:
        ranked[place] = replace(ranked[place], blind=True)
    draws = []
    for number, candidate in enumerate(drawn):
        tier = ranked[beside[number]].tier if number < len(beside) else policy.tiers["audit"]
        spoke = [s for s in candidate.screenings if s.abstained is None]
        shown = max(spoke, key=lambda s: (s.percentile, s.screener), default=None)
        draws.append(
            Alert(
                child_key=candidate.child_key,
                as_of=candidate.as_of,
                lane=Lane.AUDIT,
                area=candidate.area,
                screener=shown.screener if shown else None,
                draw_probability=probability,
                tier=tier,
                screening=shown.key if shown else None,
                blind=True,
            )
        )
    return [*ranked, *draws]
