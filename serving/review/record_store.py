"""How records of support are found, changed and logged: area first, compare-and-set, one audit event.

A record outside the actor's area is `NotFound`, as is one that is not there. Events carry ids, codes and
counts; whatever anybody wrote lies in the record or in its steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from features.jurisdiction import Profile
from features.language import Text
from serving.review import audit, queries
from serving.review.access_tables import RightsRow
from serving.review.acting import NotFound
from serving.review.case import Refused, Role
from serving.review.one_child import KeysOf, only_itself
from serving.review.permissions import Actor, sees_area
from serving.review.record_tables import (
    AssessmentRow,
    LedgerEntry,
    PlanRow,
    RecordStep,
    ReferralRow,
    ReportRow,
)
from serving.review.records import Kind
from serving.review.tables import Case

# Codes of towns and villages have at least so many digits; a shorter prefix holds most of a store.
TOWN = 9

Row = LedgerEntry | AssessmentRow | ReportRow | ReferralRow | PlanRow
TABLES: Mapping[Kind, type[Row]] = {
    Kind.LEDGER: LedgerEntry,
    Kind.ASSESSMENT: AssessmentRow,
    Kind.REPORT: ReportRow,
    Kind.REFERRAL: ReferralRow,
    Kind.PLAN: PlanRow,
}
KINDS: Mapping[type[Row], Kind] = {table: kind for kind, table in TABLES.items()}


class Changed(Refused):
    """Somebody else changed the record after it was read."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "这条记录刚刚被别人更改过，您的内容没有保存。请看过最新内容后再试。",
                "Somebody has just changed this record; yours was not saved. Look again, then retry.",
            )
        )


@dataclass(frozen=True)
class Doing:
    """Who records something, when, under which jurisdiction. `keys_of`: every key a child ever had."""

    actor: Actor
    now: datetime
    today: date
    profile: Profile
    keys_of: KeysOf = only_itself


@dataclass(frozen=True)
class About:
    """Whom a record is about. A mandatory report may be about nobody we know."""

    child_key: str | None
    area_code: str
    case_id: str | None


def about_case(session: Session, actor: Actor, case_id: str, *, opened: bool = False) -> About:
    """The child of a case in the actor's area, or if so asked of one they have `opened`; else NotFound."""
    case = queries.case_for(session, actor, case_id)
    if case is None and opened and case_id in actor.opened:
        case = session.get(Case, case_id)
    if case is None:
        raise NotFound(case_id)
    return About(case.child_key, case.area_code, case.id)


def visible(session: Session, actor: Actor, kind: Kind, record_id: int) -> Row:
    """The record, if it lies in the actor's area; NotFound otherwise."""
    table: type[Any] = TABLES[kind]
    row: Row | None = session.get(table, record_id)
    if row is None or not sees_area(actor, row.area_code):
        raise NotFound(str(record_id))
    return row


def in_area(actor: Actor, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """`permissions.sees_area` as a condition on a column that holds an area, which an index can answer."""
    prefix = actor.area_prefix
    if not prefix:
        known = column != ""
    elif len(prefix) < TOWN:
        # Most of the store: an order is walked along sooner than an index of areas.
        known = func.substr(column, 1, len(prefix)) == prefix
    else:
        known = and_(column >= prefix, column < prefix[:-1] + chr(ord(prefix[-1]) + 1))
    return or_(known, column == "") if actor.role is Role.SCREENER else known


def advance(session: Session, row: Row | RightsRow, version: int, **values: Any) -> None:
    """Compare-and-set: the record moves on only from the version that was seen; Changed otherwise."""
    table = type(row)
    session.flush()
    moved = session.scalar(
        update(table)
        .where(table.id == row.id, table.version == version)
        .values(version=version + 1, **values)
        .returning(table.version)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise Changed
    session.refresh(row)


def add_step(
    session: Session,
    doing: Doing,
    row: Row,
    verb: str,
    happened_on: date,
    *,
    code: str = "",
    number: str = "",
    note: str = "",
) -> None:
    """What happened to a record, appended."""
    session.add(
        RecordStep(
            kind=KINDS[type(row)].value, record_id=row.id, child_key=row.child_key, verb=verb,
            happened_on=happened_on, code=code, number=number, note=note,
            made_by=doing.actor.account_id, made_at=doing.now,
        )
    )  # fmt: skip


def log(session: Session, doing: Doing, row: Row, verb: str, detail: audit.Detail | None = None) -> None:
    """One audit event about a record: its kind, number and case, and codes."""
    kind = KINDS[type(row)].value
    audit.write(
        session,
        actor=doing.actor.account_id,
        verb=verb,
        subject=f"{kind}-{row.id}",
        now=doing.now,
        detail={"case": row.case_id, "state": row.state, **(detail or {})},
    )


def steps_of_records(session: Session, kind: Kind, record_ids: Sequence[int]) -> dict[int, list[RecordStep]]:
    """The later steps of each record, oldest first."""
    found: dict[int, list[RecordStep]] = {record_id: [] for record_id in record_ids}
    for step in session.scalars(
        select(RecordStep)
        .where(RecordStep.kind == kind.value, RecordStep.record_id.in_(record_ids))
        .order_by(RecordStep.id)
    ):
        found[step.record_id].append(step)
    return found
