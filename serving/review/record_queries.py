"""What may be read of the records beside the case: lists, what is due, what is overdue, all of one child.

Lists are the actor's area only. `records_of` is for whoever may already see the child. No query per row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from serving.review.case import coded
from serving.review.permissions import Actor, sees_area
from serving.review.record_store import TABLES, TOWN, Row, in_area, steps_of_records
from serving.review.record_tables import (
    IN_LEDGER,
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
from serving.review.rhythm import Bucket, Due, Duty, Rhythm, bucket_of, days_left, dues

# As many lines as one part of a list holds.
PART = 100
# Where a duty stands in the calendar: its day, the number of its entry, the duty's code.
Place = tuple[date, int, str]


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
    running = _running(rhythm)
    counts, lines = dict.fromkeys(Bucket, 0), defaultdict[Bucket, list[DueLine]](list)
    for entry_id, child_key, area_code, code, began, number in _due(session, actor, running, today, limit):
        duty = coded(Duty, code)
        on = began + running[duty]
        bucket = bucket_of((on - today).days)
        counts[bucket] += number
        if entry_id is not None:
            lines[bucket].append(DueLine(entry_id, child_key, area_code, duty, on))
    for part in lines.values():
        part.sort(key=_place)
    return {bucket: DuePart(counts[bucket], lines[bucket][:limit]) for bucket in Bucket}


def due_within(
    session: Session,
    actor: Actor,
    rhythm: Rhythm,
    today: date,
    bucket: Bucket,
    after: Place | None = None,
    limit: int = PART,
) -> tuple[list[DueLine], bool]:
    """One part of the calendar from this place on, the earliest first, and whether there is more."""
    entries, which = _open_entries(actor)
    lines = []
    for duty, days in _running(rhythm).items():
        began = entries.contacted_on if duty is Duty.CONTACT else entries.visited_on
        query = select(entries.id, entries.child_key, entries.area_code, began)
        query = query.where(*which, *_within(began, bucket, days, today))
        if after is not None:
            place, here = tuple_(began, entries.id), tuple_(after[0] - days, after[1])
            query = query.where(place >= here if duty.value > after[2] else place > here)
        rows = session.execute(query.order_by(began, entries.id).limit(limit + 1))
        lines += [DueLine(number, key, area, duty, day + days) for number, key, area, day in rows]
    lines.sort(key=_place)
    return lines[:limit], len(lines) > limit


def _place(line: DueLine) -> Place:
    return line.on, line.entry_id, line.duty.value


def _running(rhythm: Rhythm) -> dict[Duty, timedelta]:
    """The clocks that run, and how long each does."""
    clocks = ((Duty.CONTACT, rhythm.contact_days), (Duty.VISIT, rhythm.visit_days))
    return {duty: timedelta(days=days) for duty, days in clocks if days is not None}


def _within(began: Any, bucket: Bucket, days: timedelta, today: date) -> list[ColumnElement[bool]]:
    """From when on, and until when, a clock must have begun for its end to lie in this part."""
    first, last = days_left(bucket)
    within = [began >= today + timedelta(days=first) - days] if first is not None else []
    return within + ([began <= today + timedelta(days=last) - days] if last is not None else [])


def _due(
    session: Session, actor: Actor, running: Mapping[Duty, timedelta], today: date, limit: int
) -> Sequence[Any]:
    """The first entries of each duty and bucket, and how many count from each day, in one statement."""
    entries, which = _open_entries(actor)
    shown: list[Select[Any]] = []
    counted: list[Select[Any]] = []
    for duty, days in running.items():
        began = entries.contacted_on if duty is Duty.CONTACT else entries.visited_on
        code = literal(duty.value)
        of_area = select(entries.id, entries.child_key, entries.area_code, code, began, literal(0))
        of_area = of_area.where(*which).order_by(began, entries.id).limit(limit)
        for bucket in Bucket:
            shown.append(select(of_area.where(*_within(began, bucket, days, today)).subquery()))
        by_day = select(null(), null(), null(), code, began, func.count())
        counted.append(by_day.where(*which).group_by(began))
    return session.execute(union_all(*shown, *counted)).all() if shown else ()


def _open_entries(actor: Actor) -> tuple[Any, Sequence[ColumnElement[bool]]]:
    """The columns of the open entries of an area, and under which conditions a row is one of them.

    Those of a county are walked along day by day; the few of a town or village are picked out first.
    """
    which = (IN_LEDGER, in_area(actor, LedgerEntry.area_code))
    if len(actor.area_prefix) < TOWN:
        return LedgerEntry, which
    picked = select(
        LedgerEntry.id, LedgerEntry.child_key, LedgerEntry.area_code, LedgerEntry.contacted_on,
        LedgerEntry.visited_on,
    )  # fmt: skip
    return picked.where(*which).cte("picked").prefix_with("MATERIALIZED").c, ()


def dues_of(actor: Actor, entry: LedgerEntry, rhythm: Rhythm) -> tuple[Due, ...]:
    """What is due for one child of the ledger: nothing once it has left, or for who does not see it."""
    if entry.state != State.OPEN.value or not sees_area(actor, entry.area_code):
        return ()
    return dues(entry.contacted_on, entry.visited_on, rhythm)


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
