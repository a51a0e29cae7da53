"""Who is there and how much they have in hand: capacity, absences, and what coordinators must look at.

An absence is declared by oneself or by a coordinator whose area holds the account's; it moves no case by
itself, it only says whose cases somebody should look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit, queries
from serving.review.case import COORDINATORS, WORKERS, Incomplete, Refused, Role, coded
from serving.review.life_tables import AbsenceRow
from serving.review.listing import away_on, visible
from serving.review.permissions import Actor
from serving.review.queries import Member
from serving.review.suggestion import CAPACITY, Colleague, suggested
from serving.review.tables import IN_SECOND_REVIEW, IS_OPEN, Account, Case

# A case counts as long overdue, and stands first for coordinators, after so many days beyond its date.
LONG_OVERDUE = timedelta(days=3)
_MOST = 200


class NoSuchAccount(LookupError):
    """There is no such account, or not for this actor."""


def may_manage(actor: Actor, account: Account | Member) -> bool:
    """Whether the actor may speak for this account: themselves, or who coordinates its area."""
    if account.id == actor.account_id:
        return True
    return actor.role in COORDINATORS and account.area_prefix.startswith(actor.area_prefix)


def declare_absence(
    session: Session,
    *,
    actor: Actor,
    account_id: str,
    first_day: date | None,
    last_day: date | None,
    now: datetime,
    today: date,
) -> AbsenceRow:
    """Say that somebody is away from one day to another, both included."""
    account = _managed(session, actor, account_id)
    problems = []
    if first_day is None:
        problems.append(Refused(Text("请填写从哪天起。", "Give the first day."), "first_day"))
    if last_day is None or last_day < (first_day or today) or last_day < today:
        problems.append(
            Refused(
                Text(
                    "请填写到哪天止，不早于起始日和今天。",
                    "Give the last day, not before the first or today.",
                ),
                "last_day",
            )
        )
    if problems:
        raise Incomplete(tuple(problems))
    row = AbsenceRow(
        account_id=account.id,
        first_day=first_day,
        last_day=last_day,
        declared_by=actor.account_id,
        declared_at=now,
    )
    session.add(row)
    session.flush()
    audit.write(
        session, actor=actor.account_id, verb="declare_absence", subject=account.id, now=now,
        detail={"absence": row.id},
    )  # fmt: skip
    return row


def withdraw_absence(session: Session, *, actor: Actor, absence_id: int, now: datetime) -> None:
    """Say that an absence does not hold after all."""
    row = session.get(AbsenceRow, absence_id)
    if row is None or row.withdrawn_at is not None:
        raise NoSuchAccount(absence_id)
    _managed(session, actor, row.account_id)
    row.withdrawn_at = now
    audit.write(
        session, actor=actor.account_id, verb="withdraw_absence", subject=row.account_id, now=now,
        detail={"absence": row.id},
    )  # fmt: skip


def set_capacity(
    session: Session, *, actor: Actor, account_id: str, capacity: int | None, now: datetime
) -> None:
    """Say how many open cases somebody can have in hand; only who coordinates them may."""
    account = _managed(session, actor, account_id)
    if actor.role not in COORDINATORS:
        raise Refused(
            Text("只有督导员和筛查员可以设定件数。", "Only supervisors and screeners may set this number.")
        )
    if capacity is None or not 0 <= capacity <= _MOST:
        raise Incomplete(
            (
                Refused(
                    Text(f"请填写 0 到 {_MOST} 的整数。", f"Give a whole number from 0 to {_MOST}."),
                    "capacity",
                ),
            )
        )
    account.capacity = capacity
    audit.write(
        session, actor=actor.account_id, verb="set_capacity", subject=account.id, now=now,
        detail={"capacity": capacity},
    )  # fmt: skip


def _managed(session: Session, actor: Actor, account_id: str) -> Account:
    account = session.get(Account, account_id)
    if account is None or coded(Role, account.role) not in WORKERS or not may_manage(actor, account):
        raise NoSuchAccount(account_id)
    return account


def absences_on(session: Session, today: date) -> dict[str, date]:
    """Who is away today, and until when."""
    rows = session.execute(
        select(AbsenceRow.account_id, func.max(AbsenceRow.last_day))
        .where(AbsenceRow.withdrawn_at.is_(None), AbsenceRow.first_day <= today, AbsenceRow.last_day >= today)
        .group_by(AbsenceRow.account_id)
    )
    return {account_id: until for account_id, until in rows if until is not None}


def absences_ahead(session: Session, today: date) -> Sequence[AbsenceRow]:
    """The absences that hold today or later, the nearest first."""
    return session.scalars(
        select(AbsenceRow)
        .where(AbsenceRow.withdrawn_at.is_(None), AbsenceRow.last_day >= today)
        .order_by(AbsenceRow.first_day, AbsenceRow.id)
    ).all()


def in_hand(session: Session) -> dict[str, int]:
    """How many open cases each account holds."""
    rows = session.execute(
        select(Case.holder_id, func.count())
        .where(Case.holder_id.is_not(None), IS_OPEN)
        .group_by(Case.holder_id)
    )
    return {holder: count for holder, count in rows if holder is not None}


def capacity_of(account: Member) -> int:
    """How many open cases this account can have in hand."""
    return CAPACITY[account.role] if account.capacity is None else account.capacity


def suggestions(
    session: Session, everybody: Sequence[Member], area_code: str, today: date
) -> tuple[tuple[Member, Colleague], ...]:
    """Those of them a case of this area may go to, the best first."""
    by_id = {account.id: account for account in queries.assignable(everybody, area_code)}
    return tuple((by_id[one.account_id], one) for one in suggested(_as_staff(session, by_id.values(), today)))


def team(session: Session, actor: Actor, today: date) -> tuple[tuple[Member, Colleague], ...]:
    """Everybody whose work the actor coordinates, in the order of their names; or the actor alone."""
    everybody = [account for account in queries.colleagues(session) if may_manage(actor, account)]
    return tuple(zip(everybody, _as_staff(session, everybody, today), strict=True))


def _as_staff(session: Session, accounts: Iterable[Member], today: date) -> list[Colleague]:
    away, load = absences_on(session, today), in_hand(session)
    return [
        Colleague(
            account_id=account.id,
            area_prefix=account.area_prefix,
            in_hand=load.get(account.id, 0),
            capacity=capacity_of(account),
            away_until=away.get(account.id),
        )
        for account in accounts
    ]


def cases_of_absent(session: Session, actor: Actor, today: date, most: int = _MOST) -> Sequence[Case]:
    """Open cases in the actor's area whose holder is away, in queue order."""
    wanted = [Case.holder_id.in_(away_on(today)), IS_OPEN]
    return _first(session, actor, wanted, queries.QUEUE_ORDER, most)


def long_overdue(session: Session, actor: Actor, today: date, most: int = _MOST) -> Sequence[Case]:
    """Cases in the actor's area far beyond their date with nobody reached; the longest first."""
    wanted = [queries.late(today, LONG_OVERDUE), queries.awake(today)]
    return _first(session, actor, wanted, (Case.due_on, Case.id), most)


def escalated(session: Session, actor: Actor, most: int = _MOST) -> Sequence[Case]:
    """Escalated cases in the actor's area; the longest first."""
    wanted = [Case.escalated_at.is_not(None), IS_OPEN]
    return _first(session, actor, wanted, (Case.escalated_at, Case.id), most)


def second_reviews(session: Session, actor: Actor, most: int = _MOST) -> Sequence[Case]:
    """Cases in the actor's area that wait for a second person or for a coordinator, in queue order."""
    return _first(session, actor, [IN_SECOND_REVIEW], queries.QUEUE_ORDER, most)


def _first(
    session: Session, actor: Actor, wanted: Sequence[ColumnElement[bool]], order: Sequence[Any], most: int
) -> Sequence[Case]:
    return session.scalars(select(Case).where(visible(actor), *wanted).order_by(*order).limit(most)).all()
