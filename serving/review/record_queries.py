"""What may be read of the records beside the case: lists, what is due, what is overdue, all of one child.

Lists are the actor's area only. `records_of` is for whoever may already see the child. No query per row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, union_all
from sqlalchemy.orm import Session

from serving.review.case import FactKind, Met, coded
from serving.review.permissions import Actor
from serving.review.record_store import TABLES, Row, in_area, steps_of_records
from serving.review.record_tables import (
    AssessmentRow,
    LedgerEntry,
    PlanAction,
    PlanRow,
    RecordStep,
    ReferralRow,
    ReportRow,
    RosterChangeRow,
    RosterRound,
)
from serving.review.records import Kind, State
from serving.review.rhythm import Bucket, Due, Duty, Rhythm, bucket_of, dues
from serving.review.tables import Case, FactRow

# As many lines as one part of a list holds.
PART = 100


@dataclass(frozen=True)
class DueLine:
    """One duty towards one child of the ledger, and the day it falls due."""

    entry_id: int
    child_key: str
    area_code: str
    duty: Duty
    on: date


@dataclass(frozen=True)
class DuePart:
    """How many duties a part of the calendar holds, and the first of them."""

    count: int
    lines: list[DueLine]


@dataclass(frozen=True)
class RecordsOf:
    """All records of one child, the newest first, with the later steps of each by kind and number."""

    ledger: Sequence[LedgerEntry]
    assessments: Sequence[AssessmentRow]
    reports: Sequence[ReportRow]
    referrals: Sequence[ReferralRow]
    plans: Sequence[PlanRow]
    actions: dict[int, list[PlanAction]]
    steps: dict[tuple[Kind, int], list[RecordStep]]

    def rows(self) -> list[Row]:
        """Every record, kind by kind."""
        return [*self.ledger, *self.assessments, *self.reports, *self.referrals, *self.plans]


def listed(
    session: Session, actor: Actor, kind: Kind, *, states: Sequence[State] = (), before: int | None = None
) -> Sequence[Row]:
    """One part of the records of a kind in the actor's area, the newest first; `before` goes on."""
    table: Any = TABLES[kind]
    query: Select[Any] = select(table).where(*_seen(actor, kind, states))
    if before is not None:
        query = query.where(table.id < before)
    return session.scalars(query.order_by(table.id.desc()).limit(PART + 1)).all()


def count(session: Session, actor: Actor, kind: Kind, *, states: Sequence[State] = ()) -> int:
    """How many records of a kind the actor's area holds."""
    table: Any = TABLES[kind]
    return session.scalar(select(func.count()).select_from(table).where(*_seen(actor, kind, states))) or 0


def calendar(
    session: Session, actor: Actor, rhythm: Rhythm, today: date, limit: int = PART
) -> dict[Bucket, DuePart]:
    """What is due for every child in the ledger of the actor's area, bucket by bucket, the earliest first."""
    clocks = ((Duty.CONTACT, rhythm.contact_days), (Duty.VISIT, rhythm.visit_days))
    running = [(duty, timedelta(days=days)) for duty, days in clocks if days is not None]
    # By the day counting began: there are far fewer days than children.
    since: dict[tuple[Duty, date], list[tuple[int, str, str]]] = defaultdict(list)
    for entry_id, child_key, area_code, contacted, visited in session.execute(_last_reached(actor)):
        for duty, _ in running:
            began = contacted if duty is Duty.CONTACT else visited
            since[duty, began].append((entry_id, child_key, area_code))
    found: dict[Bucket, list[_SameDay]] = {bucket: [] for bucket in Bucket}
    for duty, days in running:
        for (of, began), entries in since.items():
            if of is duty:
                on = began + days
                found[bucket_of((on - today).days)].append(_SameDay(on, duty, entries))
    return {
        bucket: DuePart(sum(len(each.entries) for each in parts), _first_due(parts, limit))
        for bucket, parts in found.items()
    }


@dataclass(frozen=True)
class _SameDay:
    """One duty that falls due on one day towards these entries: number, child and area."""

    on: date
    duty: Duty
    entries: list[tuple[int, str, str]]


def _first_due(parts: Sequence[_SameDay], limit: int) -> list[DueLine]:
    """The first lines by day, number and duty, looking at no day that is not shown."""
    found: list[DueLine] = []
    for on, same in groupby(sorted(parts, key=lambda each: each.on), key=lambda each: each.on):
        if len(found) >= limit:
            break
        lines = [
            DueLine(entry_id, child_key, area_code, each.duty, on)
            for each in same
            for entry_id, child_key, area_code in each.entries
        ]
        found += sorted(lines, key=lambda line: (line.entry_id, line.duty.value))
    return found[:limit]


def dues_of(session: Session, actor: Actor, entry: LedgerEntry, rhythm: Rhythm) -> tuple[Due, ...]:
    """What is due for one child of the ledger."""
    row = session.execute(_last_reached(actor, entry.id)).one_or_none()
    return () if row is None else dues(entry.entered_on, row[3], row[4], rhythm)


def overdue_answers(session: Session, actor: Actor, today: date) -> int:
    """How many referrals have no answer although the day agreed on has passed."""
    late = select(func.count()).select_from(ReferralRow).where(
        *_seen(actor, Kind.REFERRAL, (State.SENT,)), ReferralRow.answer_by < today
    )  # fmt: skip
    return session.scalar(late) or 0


def records_of(session: Session, *child_keys: str) -> RecordsOf:
    """All records of a child, whatever their area: for whoever may already see the child.

    A child that two departments knew as two has several keys.
    """

    def of(table: Any) -> Sequence[Any]:
        return session.scalars(
            select(table).where(table.child_key.in_(child_keys)).order_by(table.id.desc())
        ).all()

    plans: Sequence[PlanRow] = of(PlanRow)
    found = RecordsOf(
        of(LedgerEntry), of(AssessmentRow), of(ReportRow), of(ReferralRow), plans,
        actions_of(session, [plan.id for plan in plans]), {},
    )  # fmt: skip
    for step in session.scalars(
        select(RecordStep).where(RecordStep.child_key.in_(child_keys)).order_by(RecordStep.id)
    ):
        found.steps.setdefault((coded(Kind, step.kind), step.record_id), []).append(step)
    return found


def actions_of(session: Session, plan_ids: Sequence[int]) -> dict[int, list[PlanAction]]:
    """What each plan wants done, in order."""
    found: dict[int, list[PlanAction]] = {plan_id: [] for plan_id in plan_ids}
    for action in session.scalars(
        select(PlanAction).where(PlanAction.plan_id.in_(plan_ids)).order_by(PlanAction.id)
    ):
        found[action.plan_id].append(action)
    return found


def counts_of_cases(session: Session, case_ids: Sequence[str]) -> dict[str, dict[Kind, int]]:
    """How many records of each kind grew out of each case; a kind without any is left out."""
    found: dict[str, dict[Kind, int]] = {case_id: {} for case_id in case_ids}
    for kind, table in TABLES.items():
        rows: Any = table
        counted = select(rows.case_id, func.count()).where(rows.case_id.in_(case_ids)).group_by(rows.case_id)
        for case_id, number in session.execute(counted):
            found[case_id][kind] = number
    return found


def concluded(session: Session, rows: Sequence[AssessmentRow]) -> dict[int, tuple[str, str | None]]:
    """Kind and level that stand for each assessment: the settlement's if there was a dispute."""
    steps = steps_of_records(session, Kind.ASSESSMENT, [row.id for row in rows])
    found: dict[int, tuple[str, str | None]] = {}
    for row in rows:
        settled = [step for step in steps[row.id] if step.verb == "settle_dispute"]
        found[row.id] = (
            (settled[-1].code, settled[-1].number or None) if settled else (row.conclusion, row.level)
        )
    return found


def newest_roster(session: Session) -> RosterRound | None:
    """The round whose changes were computed last."""
    return session.scalar(select(RosterRound).order_by(RosterRound.as_of.desc()).limit(1))


def roster_changes(
    session: Session, actor: Actor, as_of: date, change: str = "", before: int | None = None
) -> Sequence[RosterChangeRow]:
    """One part of a round's changes that concern the actor's area, on the way in or out."""
    query = select(RosterChangeRow).where(RosterChangeRow.as_of == as_of, _roster_area(actor))
    if change:
        query = query.where(RosterChangeRow.change == change)
    if before is not None:
        query = query.where(RosterChangeRow.id < before)
    return session.scalars(query.order_by(RosterChangeRow.id.desc()).limit(PART + 1)).all()


def roster_counts(session: Session, actor: Actor, as_of: date) -> dict[str, int]:
    """How many of each change the actor's area has."""
    rows = session.execute(
        select(RosterChangeRow.change, func.count())
        .where(RosterChangeRow.as_of == as_of, _roster_area(actor))
        .group_by(RosterChangeRow.change)
    )
    return {change: int(number) for change, number in rows}


def _roster_area(actor: Actor) -> ColumnElement[bool]:
    came_from = RosterChangeRow.from_area.startswith(actor.area_prefix, autoescape=True)
    return or_(in_area(actor, RosterChangeRow.area_code), came_from)


def _seen(actor: Actor, kind: Kind, states: Sequence[State]) -> list[ColumnElement[bool]]:
    table: Any = TABLES[kind]
    conditions: list[ColumnElement[bool]] = [in_area(actor, table.area_code)]
    if states:
        conditions.append(table.state.in_([state.value for state in states]))
    return conditions


def _last_reached(actor: Actor, entry_id: int | None = None) -> Select[int, str, str, date, date]:
    """Each open entry of the area, or one, with the day its contacts and its visits are counted from.

    That is the day somebody was last reached, in the ledger or in a case, or else the day of entry.
    """
    seen = _seen(actor, Kind.LEDGER, (State.OPEN,))
    if entry_id is not None:
        seen.append(LedgerEntry.id == entry_id)
    children = select(LedgerEntry.child_key).where(*seen)
    reached = union_all(
        select(
            RecordStep.child_key.label("child"),
            RecordStep.happened_on.label("day"),
            case((RecordStep.verb == "care_visit", RecordStep.happened_on)).label("visit"),
        ).where(
            RecordStep.verb.in_(("care_contact", "care_visit")),
            RecordStep.code != Met.NOBODY.value,
            RecordStep.child_key.in_(children),
        ),
        select(
            Case.child_key,
            FactRow.happened_on,
            case((FactRow.kind == FactKind.VISIT.value, FactRow.happened_on)),
        )
        .join(Case, Case.id == FactRow.case_id)
        .where(FactRow.met != Met.NOBODY.value, Case.child_key.in_(children)),
    ).subquery()
    last = (
        select(
            reached.c.child, func.max(reached.c.day).label("day"), func.max(reached.c.visit).label("visit")
        )
        .group_by(reached.c.child)
        .subquery()
    )

    def counted_from(day: ColumnElement[date | None]) -> ColumnElement[date]:
        return case((day > LedgerEntry.entered_on, day), else_=LedgerEntry.entered_on)

    return (
        select(
            LedgerEntry.id,
            LedgerEntry.child_key,
            LedgerEntry.area_code,
            counted_from(last.c.day),
            counted_from(last.c.visit),
        )
        .outerjoin(last, last.c.child == LedgerEntry.child_key)
        .where(*seen)
    )
