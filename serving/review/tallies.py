"""How the work goes: counts over the cases of an area, for its managers. Nothing here names a child.

Everything is counted in the store, a few statements for a page however many cases there are. Workers are
counted by what they have in hand, never by how fast they close.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, distinct, func, or_, select
from sqlalchemy.orm import Session

from serving.review.anchoring import Anchoring, anchoring, wilson
from serving.review.case import Disposition, Status
from serving.review.life_tables import ObjectionRow
from serving.review.listing import visible
from serving.review.permissions import Actor
from serving.review.tables import IS_CLOSED, IS_OPEN, Account, Case, DispositionRow

# Towns for whoever answers for more than a town, villages below.
_TOWN, _VILLAGE = 9, 12
HALF_YEAR = timedelta(days=183)
# As many closed cases as similar ones are told from.
_SIMILAR = 500


@dataclass(frozen=True)
class Handled:
    """Of the cases somebody should have been reached in by now, how many were."""

    due: int
    reached: int


@dataclass(frozen=True)
class Confirmed:
    """Of the cases closed after a visit, in how many at least one risk was confirmed."""

    closed: int
    confirmed: int


def likely_range(part: int, whole: int) -> tuple[float, float]:
    """Between which shares the true one lies with 95 % confidence, by Wilson's interval."""
    share = wilson(part, whole)
    if share.low is None or share.high is None:
        raise ValueError("A share needs a whole.")
    return share.low, share.high


@dataclass(frozen=True)
class Corrections:
    """Objections to records: how many were made, and how many departments have answered."""

    made: int
    answered: int


@dataclass(frozen=True)
class Load:
    """What one worker has in hand."""

    name: str
    role: str
    capacity: int | None
    held: int
    overdue: int


@dataclass(frozen=True)
class Waits:
    """Days from coming into the queue to the first contact that reached somebody."""

    reached: int
    median: int | None
    ninth_decile: int | None


@dataclass(frozen=True)
class Tally:
    """The counts of one area. Confirmed shares are by tier, and by how the cases came into the queue.

    `by_area`: open cases and those past their date of each area below, towns or villages.
    """

    handled: Handled
    handled_by_tier: Mapping[str, Handled]
    open: int
    overdue: int
    overdue_by_tier: Mapping[str, int]
    waits: Waits
    by_tier: Mapping[str, Confirmed]
    by_class: Mapping[int, Confirmed]
    loads: tuple[Load, ...]
    by_area: Mapping[str, tuple[int, int]]
    corrections: Corrections
    anchoring: Anchoring


def tally(session: Session, actor: Actor, today: date) -> Tally:
    """The counts of the actor's area over the last half-year."""
    since = today - HALF_YEAR
    handled, by_tier, by_class = _by_tier_and_way(session, actor, today, since)
    by_area, overdue = _open_by_area(session, actor, today)
    return Tally(
        handled=_sum(handled.values()),
        handled_by_tier=handled,
        open=sum(opened for opened, _ in by_area.values()),
        overdue=sum(overdue.values()),
        overdue_by_tier=overdue,
        waits=_waits(session, actor, since),
        by_tier=by_tier,
        by_class=by_class,
        loads=_loads(session, actor, today),
        by_area=by_area,
        corrections=_corrections(session, actor, since),
        anchoring=anchoring(session, area_prefix=actor.area_prefix),
    )


def similar(session: Session, one: Case) -> Confirmed:
    """Of the latest closed cases of the same tier that came the same way, how many were confirmed."""
    alike = (
        select(Case.id)
        .where(
            ~_open(),
            Case.tier.is_(None) if one.tier is None else Case.tier == one.tier,
            Case.queue_class == one.queue_class,
            Case.id != one.id,
        )
        .order_by(Case.closed_at.desc())
        .limit(_SIMILAR)
    )
    found = session.execute(
        select(
            func.count(distinct(DispositionRow.case_id)),
            func.count(distinct(case((_is_confirmed(), DispositionRow.case_id)))),
        ).where(DispositionRow.visited, DispositionRow.case_id.in_(alike))
    ).one()
    return Confirmed(found[0], found[1])


def half_years(session: Session, actor: Actor) -> tuple[date, ...]:
    """The first days of the half-years in which cases came in, the latest first."""
    days = select(Case.entered_on).where(visible(actor)).limit(1)
    # Asked apart, each is the first row of an index; both at once are looked for in all.
    first = session.scalar(days.order_by(Case.entered_on))
    last = session.scalar(days.order_by(Case.entered_on.desc()))
    if first is None or last is None:
        return ()
    found = []
    start = half_year_of(last)
    while start >= half_year_of(first):
        found.append(start)
        start = half_year_of(start - timedelta(days=1))
    return tuple(found)


def half_year_of(day: date) -> date:
    """The first day of the half-year this day lies in."""
    return date(day.year, 1 if day.month < 7 else 7, 1)


def half_year_end(start: date) -> date:
    """The first day after the half-year that starts on this day."""
    return date(start.year, 7, 1) if start.month == 1 else date(start.year + 1, 1, 1)


MEASURES = ("came", "triggers", "reached", "visited", "closed", "confirmed")


def half_year(session: Session, actor: Actor, start: date, digits: int) -> dict[str, dict[str, int]]:
    """For each area (the first digits of its code), each of `MEASURES` over the half-year.

    Cases count in the half-year they came in; what was reached, visited, closed and confirmed of them since
    is counted too.
    """
    rows = session.execute(
        select(
            Case.area_code,
            func.count(),
            _number(Case.queue_class == 0),
            _number(Case.contacted_on.is_not(None)),
            _number(Case.visited_on.is_not(None)),
            _number(Case.status == str(Status.CLOSED.value)),
            _number(Case.confirmed.is_(True)),
        )
        .where(visible(actor), Case.entered_on >= start, Case.entered_on < half_year_end(start))
        # By village, which needs nothing worked out of each code; the towns are added up here.
        .group_by(Case.area_code)
        .order_by(Case.area_code)
    )
    found: dict[str, dict[str, int]] = {}
    for area_code, *counts in rows:
        of_area = found.setdefault(area_code[:digits], dict.fromkeys(MEASURES, 0))
        for measure, count in zip(MEASURES, counts, strict=True):
            of_area[measure] += count
    return found


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _is_confirmed() -> ColumnElement[bool]:
    return DispositionRow.disposition == str(Disposition.CONFIRMED.value)


def _open() -> ColumnElement[bool]:
    return IS_OPEN


def _late(today: date) -> ColumnElement[bool]:
    awake = or_(Case.asleep_until.is_(None), Case.asleep_until <= today)
    return and_(_open(), Case.due_on < today, Case.contacted_on.is_(None), awake)


def _by_tier_and_way(
    session: Session, actor: Actor, today: date, since: date
) -> tuple[dict[str, Handled], dict[str, Confirmed], dict[int, Confirmed]]:
    """What came of the cases that came in since then: reached or not, confirmed or not."""
    done = or_(Case.contacted_on.is_not(None), IS_CLOSED)
    rows = session.execute(
        select(
            Case.tier,
            Case.queue_class,
            _number(or_(done, Case.due_on < today)),
            _number(done),
            _number(and_(IS_CLOSED, Case.confirmed.is_not(None))),
            _number(and_(IS_CLOSED, Case.confirmed.is_(True))),
        )
        .where(visible(actor), Case.entered_on >= since)
        # As they stand in an index: grouped otherwise, SQLite sorts them all.
        .group_by(Case.tier, Case.queue_class)
    ).all()
    handled: dict[str, Handled] = {}
    tiers: dict[str, Confirmed] = {}
    ways: dict[int, Confirmed] = {}
    for known, way, due, reached, closed, confirmed in rows:
        tier = known or ""
        handled[tier] = _sum((handled.get(tier, Handled(0, 0)), Handled(due, reached)))
        if closed:
            tiers[tier] = _more(tiers.get(tier), closed, confirmed)
            ways[way] = _more(ways.get(way), closed, confirmed)
    return handled, tiers, ways


def _sum(parts: Iterable[Handled]) -> Handled:
    found = list(parts)
    return Handled(sum(part.due for part in found), sum(part.reached for part in found))


def _more(before: Confirmed | None, closed: int, confirmed: int) -> Confirmed:
    if before is None:
        return Confirmed(closed, confirmed)
    return Confirmed(before.closed + closed, before.confirmed + confirmed)


def _waits(session: Session, actor: Actor, since: date) -> Waits:
    rows = session.execute(
        select(Case.entered_on, Case.contacted_on, func.count())
        .where(visible(actor), Case.entered_on >= since, Case.contacted_on.is_not(None))
        .group_by(Case.entered_on, Case.contacted_on)
    )
    days: Counter[int] = Counter()
    for entered, contacted, count in rows:
        if contacted is not None:
            days[(contacted - entered).days] += count
    return Waits(days.total(), _quantile(days, 0.5), _quantile(days, 0.9))


def _quantile(days: Counter[int], part: float) -> int | None:
    """The least number of days within which this part of the cases was reached."""
    seen = 0
    for day in sorted(days):
        seen += days[day]
        if seen >= part * days.total():
            return day
    return None


def _loads(session: Session, actor: Actor, today: date) -> tuple[Load, ...]:
    held = (
        select(Case.holder_id, func.count().label("held"), _number(_late(today)).label("late"))
        .where(visible(actor), _open(), Case.holder_id.is_not(None))
        .group_by(Case.holder_id)
        .subquery()
    )
    rows = session.execute(
        select(Account.display_name, Account.role, Account.capacity, held.c.held, held.c.late)
        .join(held, held.c.holder_id == Account.id)
        .order_by(Account.display_name, Account.id)
    )
    return tuple(Load(*row) for row in rows)


def area_digits(actor: Actor) -> int:
    """How many digits of a code name the areas below: towns, or villages for who answers for one town."""
    return _VILLAGE if len(actor.area_prefix) >= _TOWN else _TOWN


def _open_by_area(
    session: Session, actor: Actor, today: date
) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """Open cases and those past their date of each area below, and those past their date of each tier."""
    rows = session.execute(
        select(Case.area_code, Case.tier, func.count(), _number(_late(today)))
        .where(visible(actor), _open())
        # By village, as they stand in an index; the towns are added up here.
        .group_by(Case.area_code, Case.tier)
    ).all()
    areas: dict[str, tuple[int, int]] = {}
    tiers: dict[str, int] = {}
    for area_code, tier, count, late in rows:
        area = area_code[: area_digits(actor)]
        before = areas.get(area, (0, 0))
        areas[area] = (before[0] + count, before[1] + late)
        tiers[tier or ""] = tiers.get(tier or "", 0) + late
    return dict(sorted(areas.items())), tiers


def _corrections(session: Session, actor: Actor, since: date) -> Corrections:
    made, answered = session.execute(
        select(func.count(), func.count(ObjectionRow.answered_on))
        .join(Case, Case.id == ObjectionRow.case_id)
        .where(visible(actor), Case.entered_on >= since)
    ).one()
    return Corrections(made, answered)
