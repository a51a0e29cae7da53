"""The lists of open cases that the queue page shows: which, filtered how, in which order, a part at a time.

A part is found by the case it follows, never by counting from the start, and a count stops at a bound: the
last part of a long list costs what the first does. A link to a part holds a case id and nothing of a child.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from features.language import Worded
from serving.review.case import Role, Status
from serving.review.life_tables import AbsenceRow
from serving.review.permissions import Actor
from serving.review.queries import QUEUE_ORDER, case_for
from serving.review.tables import IN_SECOND_REVIEW, IS_CLOSED, IS_OPEN, Case

# Beyond this many a count only says that there are more.
BOUND = 1000
# As many lines as a part holds.
PART = 50
# Codes of towns and villages have at least so many digits; a shorter prefix holds most of a store.
_TOWN = 9
_SOON = timedelta(days=7)


class Which(Worded):
    """The lists. The values stand in addresses."""

    MINE = ("mine", "我负责的", "Held by me")
    WAITING = ("waiting", "待领取", "Waiting")
    OVERDUE = ("overdue", "已逾期", "Overdue")
    TRIGGERS = ("triggers", "强制触发", "Hard triggers")
    OTHERS = ("others", "其他人处理中", "Held by others")
    ESCALATED = ("escalated", "已上报", "Escalated")
    ABSENT = ("absent", "负责人不在岗", "Holder is away")
    SECOND = ("second", "待复核", "Second review")
    ASLEEP = ("asleep", "已暂缓", "Snoozed")
    ALL = ("all", "全部", "All")


class CameBy(Worded):
    """How a case came into the queue, as far as staff are told before it is closed. Values: queue classes."""

    TRIGGER = ("0", "强制触发", "Hard trigger")
    REQUEST = ("1", "主动求助或转来", "Asked for or referred")
    SCREENING = ("2", "筛查轮次", "Screening round")
    ENTITLEMENT = ("3", "可能未享受应有服务", "A service the child may not be getting")


class Due(Worded):
    """When contact is due. The values stand in addresses."""

    PAST = ("past", "已逾期", "Past")
    TODAY = ("today", "今天", "Today")
    SOON = ("soon", "七天内", "Within seven days")


class Sort(Worded):
    """The orders of a list. The values stand in addresses."""

    QUEUE = ("queue", "待办顺序", "Queue order")
    DUE = ("due", "联系期限", "Date to contact by")


class Turn(Enum):
    """Which way a part lies from the case it is found by."""

    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True)
class Asked:
    """A list as somebody asked for it. `area`: a prefix of area codes; `id_start`: how case ids begin."""

    which: Which = Which.WAITING
    area: str = ""
    tier: str = ""
    came_by: CameBy | None = None
    due: Due | None = None
    id_start: str = ""
    sort: Sort = Sort.QUEUE


@dataclass(frozen=True)
class Part:
    """Some lines of a list, and whether there are others before and after them."""

    cases: Sequence[Case]
    has_before: bool
    has_after: bool


_ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.QUEUE: QUEUE_ORDER,
    Sort.DUE: (Case.due_on, Case.id),
}


def condition(actor: Actor, asked: Asked, today: date) -> ColumnElement[bool]:
    """Which cases are in the list, of those that exist for the actor."""
    parts = [IS_OPEN, visible(actor), _which(asked.which, actor, today)]
    if asked.area:
        parts.append(within(asked.area))
    if asked.tier:
        parts.append(Case.tier == asked.tier)
    if asked.came_by is not None:
        parts.append(Case.queue_class == int(asked.came_by.value))
    if asked.due is not None:
        parts.append(_due(asked.due, today))
    if asked.id_start:
        parts.append(_begins(Case.id, asked.id_start))
    return and_(*parts)


def part(
    session: Session, actor: Actor, asked: Asked, today: date, *, turn: Turn = Turn.AFTER, at: str = "",
    size: int = PART,
) -> Part:  # fmt: skip
    """The part of a list that follows or precedes the case `at`; the first part if there is no such case."""
    edge = case_for(session, actor, at) if at else None
    return _part(session, condition(actor, asked, today), _ORDERS[asked.sort], edge, turn, size)


def closed_part(
    session: Session, actor: Actor, *, turn: Turn = Turn.AFTER, at: str = "", size: int = PART
) -> Part:
    """The part of the closed cases, the latest first, that follows or precedes the case `at`."""
    edge = case_for(session, actor, at) if at else None
    if edge is not None and edge.closed_at is None:
        edge = None
    # Read from the newest, a part that follows is one that precedes.
    other = Turn.BEFORE if turn is Turn.AFTER else Turn.AFTER
    found = _part(session, _closed(actor), (Case.closed_at, Case.id), edge, other, size, newest_first=True)
    return Part(found.cases[::-1], has_before=found.has_after, has_after=found.has_before)


def count(session: Session, actor: Actor, asked: Asked, today: date) -> int:
    """How many cases the list holds; `BOUND` if as many or more."""
    return _count(session, condition(actor, asked, today))


def count_closed(session: Session, actor: Actor) -> int:
    """How many cases are closed; `BOUND` if as many or more."""
    return _count(session, _closed(actor))


def _closed(actor: Actor) -> ColumnElement[bool]:
    return and_(IS_CLOSED, visible(actor))


def _count(session: Session, wanted: ColumnElement[bool]) -> int:
    some = select(Case.id).where(wanted).limit(BOUND).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _part(
    session: Session, wanted: ColumnElement[bool], order: tuple[Any, ...], edge: Case | None, turn: Turn,
    size: int, *, newest_first: bool = False,
) -> Part:  # fmt: skip
    """Lines on one side of the edge, nearest to it, in this order; from an end if there is no edge."""
    backwards = newest_first if edge is None else turn is Turn.BEFORE
    some = select(Case).where(wanted)
    if edge is not None:
        place = session.execute(select(*order).where(Case.id == edge.id)).one()
        some = some.where(tuple_(*order) < tuple_(*place) if backwards else tuple_(*order) > tuple_(*place))
    some = some.order_by(*(column.desc() for column in order) if backwards else order)
    # One more than shown tells whether there are more.
    found = list(session.scalars(some.limit(size + 1)))
    more, cases = len(found) > size, found[:size]
    if backwards:
        return Part(cases[::-1], has_before=more, has_after=edge is not None)
    return Part(cases, has_before=edge is not None, has_after=more)


def visible(actor: Actor) -> ColumnElement[bool]:
    """`permissions.sees_area` as a condition that an index can answer."""
    known = Case.area_code != "" if not actor.area_prefix else within(actor.area_prefix)
    return or_(known, Case.area_code == "") if actor.role is Role.SCREENER else known


def within(prefix: str) -> ColumnElement[bool]:
    """Cases of this area, as a condition that an index can answer."""
    if len(prefix) < _TOWN:
        # Most of the store: walking along the order finds the first lines sooner than an index of areas.
        head: ColumnElement[str] = func.substr(Case.area_code, 1, len(prefix))
        return head == prefix
    return _begins(Case.area_code, prefix)


def _begins(column: ColumnElement[str] | InstrumentedAttribute[str], start: str) -> ColumnElement[bool]:
    """What begins so, as a condition that an index can answer."""
    # Both sort by bytes: whatever begins so lies below the same text with its last character raised.
    return and_(column >= start, column < start[:-1] + chr(ord(start[-1]) + 1))


def _which(which: Which, actor: Actor, today: date) -> ColumnElement[bool]:
    match which:
        case Which.MINE:
            return Case.holder_id == actor.account_id
        case Which.WAITING:
            return Case.status == str(Status.WAITING.value)
        case Which.OVERDUE:
            return and_(Case.due_on < today, Case.contacted_on.is_(None), _awake(today))
        case Which.TRIGGERS:
            return Case.queue_class == int(CameBy.TRIGGER.value)
        case Which.OTHERS:
            return and_(Case.holder_id.is_not(None), Case.holder_id != actor.account_id)
        case Which.ESCALATED:
            return Case.escalated_at.is_not(None)
        case Which.ABSENT:
            return Case.holder_id.in_(away_on(today))
        case Which.SECOND:
            return IN_SECOND_REVIEW
        case Which.ASLEEP:
            return Case.asleep_until > today
        case _:
            return true()


def away_on(today: date) -> Select[str]:
    """The accounts that are away on this day."""
    return select(AbsenceRow.account_id).where(
        AbsenceRow.withdrawn_at.is_(None), AbsenceRow.first_day <= today, AbsenceRow.last_day >= today
    )


def _awake(today: date) -> ColumnElement[bool]:
    return or_(Case.asleep_until.is_(None), Case.asleep_until <= today)


def _due(due: Due, today: date) -> ColumnElement[bool]:
    match due:
        case Due.PAST:
            return Case.due_on < today
        case Due.TODAY:
            return Case.due_on == today
        case _:
            return Case.due_on.between(today, today + _SOON)
