"""How the work goes: counts over the cases of an area, for its managers. Nothing here names a child.

Everything is counted in the store, a few statements for a page however many cases there are. Workers are
counted by what they have in hand, never by how fast they close.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, distinct, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from serving.review.anchoring import Anchoring, anchoring, wilson
from serving.review.case import Disposition, Status
from serving.review.life_tables import ObjectionRow
from serving.review.listing import visible
from serving.review.permissions import Actor
from serving.review.tables import IS_OPEN, Account, Case, DispositionRow, FactRow

# Towns for whoever answers for more than a town, villages below.
_TOWN, _VILLAGE = 9, 12
HALF_YEAR = timedelta(days=183)
# A literal: PostgreSQL takes two values sent beside the statement for two groupings.
_TIER = func.coalesce(Case.tier, literal_column("''"))
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
    handled, opened, overdue = _handled(session, actor, today, since)
    by_tier, by_class = _confirmed(session, actor, since)
    return Tally(
        handled=_sum(handled.values()),
        handled_by_tier=handled,
        open=opened,
        overdue=sum(overdue.values()),
        overdue_by_tier=overdue,
        waits=_waits(session, actor, since),
        by_tier=by_tier,
        by_class=by_class,
        loads=_loads(session, actor, today),
        by_area=_by_area(session, actor, today),
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
    first, last = session.execute(
        select(func.min(Case.entered_on), func.max(Case.entered_on)).where(visible(actor))
    ).one()
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
    visited = select(FactRow.case_id).where(FactRow.kind == "visit", FactRow.met != "nobody")
    confirmed = select(DispositionRow.case_id).where(DispositionRow.visited, _is_confirmed())
    area = func.substr(Case.area_code, 1, digits)
    rows = session.execute(
        select(
            area,
            func.count(),
            _number(Case.queue_class == 0),
            _number(Case.contacted_on.is_not(None)),
            _number(Case.id.in_(visited)),
            _number(Case.status == str(Status.CLOSED.value)),
            _number(Case.id.in_(confirmed)),
        )
        .where(visible(actor), Case.entered_on >= start, Case.entered_on < half_year_end(start))
        .group_by(area)
        .order_by(area)
    )
    return {row[0]: dict(zip(MEASURES, row[1:], strict=True)) for row in rows}


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _is_confirmed() -> ColumnElement[bool]:
    return DispositionRow.disposition == str(Disposition.CONFIRMED.value)


def _open() -> ColumnElement[bool]:
    return IS_OPEN


def _late(today: date) -> ColumnElement[bool]:
    awake = or_(Case.asleep_until.is_(None), Case.asleep_until <= today)
    return and_(_open(), Case.due_on < today, Case.contacted_on.is_(None), awake)


def _handled(
    session: Session, actor: Actor, today: date, since: date
) -> tuple[dict[str, Handled], int, dict[str, int]]:
    done = or_(Case.contacted_on.is_not(None), ~_open())
    # Asked apart, each is read off one index.
    entered = session.execute(
        select(_TIER, _number(or_(done, Case.due_on < today)), _number(done))
        .where(visible(actor), Case.entered_on >= since)
        .group_by(_TIER)
    ).all()
    opened = session.execute(
        select(_TIER, func.count(), _number(_late(today))).where(visible(actor), _open()).group_by(_TIER)
    ).all()
    return (
        {tier: Handled(due, reached) for tier, due, reached in entered},
        sum(row[1] for row in opened),
        {row[0]: row[2] for row in opened},
    )


def _sum(parts: Iterable[Handled]) -> Handled:
    found = list(parts)
    return Handled(sum(part.due for part in found), sum(part.reached for part in found))


def _confirmed(
    session: Session, actor: Actor, since: date
) -> tuple[dict[str, Confirmed], dict[int, Confirmed]]:
    # Asked of each case apart: joined, SQLite looks up every case by its id.
    visited = exists().where(DispositionRow.case_id == Case.id, DispositionRow.visited)
    rows = session.execute(
        select(_TIER, Case.queue_class, func.count(), _number(visited.where(_is_confirmed())))
        .where(visible(actor), ~_open(), Case.entered_on >= since, visited)
        .group_by(_TIER, Case.queue_class)
    ).all()
    tiers: dict[str, Confirmed] = {}
    ways: dict[int, Confirmed] = {}
    for tier, way, closed, confirmed in rows:
        tiers[tier] = _more(tiers.get(tier), closed, confirmed)
        ways[way] = _more(ways.get(way), closed, confirmed)
    return tiers, ways


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
    rows = session.execute(
        select(Account.display_name, Account.role, Account.capacity, func.count(), _number(_late(today)))
        .join(Case, Case.holder_id == Account.id)
        .where(visible(actor), _open())
        .group_by(Account.id, Account.display_name, Account.role, Account.capacity)
        .order_by(Account.display_name)
    )
    return tuple(Load(*row) for row in rows)


def area_digits(actor: Actor) -> int:
    """How many digits of a code name the areas below: towns, or villages for who answers for one town."""
    return _VILLAGE if len(actor.area_prefix) >= _TOWN else _TOWN


def _by_area(session: Session, actor: Actor, today: date) -> dict[str, tuple[int, int]]:
    area = func.substr(Case.area_code, 1, area_digits(actor))
    rows = session.execute(
        select(area, func.count(), _number(_late(today)))
        .where(visible(actor), _open())
        .group_by(area)
        .order_by(area)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _corrections(session: Session, actor: Actor, since: date) -> Corrections:
    made, answered = session.execute(
        select(func.count(), func.count(ObjectionRow.answered_on))
        .join(Case, Case.id == ObjectionRow.case_id)
        .where(visible(actor), Case.entered_on >= since)
    ).one()
    return Corrections(made, answered)
