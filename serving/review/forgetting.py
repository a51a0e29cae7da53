"""Deletion by right reaches the queue: what was said of a child goes, that work was done stays.

    removed     visits, contacts, views, notes, conclusions, findings, requests, objections, drafts, the
                ledger and everything else of the child's cases; records of ours for the lake, answers
                kept for case systems
    emptied     cases, alerts, screenings, feature rows: dates, lanes, versions and chances of a draw stay,
                since they say what the queue did; of the child nothing
                likewise emergency openings, requests about personal data and mandatory reports: that a
                danger was reported, when and to whom stays as proof of a duty done, and nothing in words
    kept        the log, which never held more than ids, codes and counts, with one more event

What is append-only is emptied by the one change its guards let through: to `DELETED`, nothing else of the
row moving. On PostgreSQL the service's own user cannot even do that: it calls `erase_children`, which the
owner of the tables made. Doing it again finds nothing; an emptied screening cannot be replayed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Table,
    cast,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import String

from serving.review import audit
from serving.review.access_tables import OpeningRow, RightsRow
from serving.review.case import Status
from serving.review.machine_tables import KeptAnswer
from serving.review.record_tables import ReportRow
from serving.review.schema import METADATA
from serving.review.store import Store
from serving.review.tables import APPEND_ONLY, AlertRow, Case, FeatureRow, OutboxRow, ScreeningRow

# Stands where a key stood. No key of ours has this form.
DELETED = "deleted"
VERB = "forget_child"
_PROOF = (OpeningRow.__tablename__, RightsRow.__tablename__, ReportRow.__tablename__)
_KEPT = frozenset((*APPEND_ONLY, Case.__tablename__, *_PROOF))
# So much of an area says which county answers for a row, and no more.
_COUNTY = 6
# Rows that are emptied and stay.
EMPTIED = (AlertRow, ScreeningRow, FeatureRow)
_AT_ONCE = 500


@dataclass(frozen=True)
class Forgotten:
    """How many cases and other rows were emptied, and how many rows removed."""

    cases: int = 0
    emptied: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.cases or self.emptied or self.removed)


def forget(store: Store, child_keys: Collection[str], now: datetime) -> Forgotten:
    """Let go of these children, in one transaction for a few hundred of them; what was there to let go of."""
    keys, found = sorted(child_keys), Forgotten()
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        with store.read() as session:
            if not _is_here(session, some):
                continue
        with store.write() as session:
            part = _forget(session, some, now, postgresql=store.dialect == "postgresql")
        found = Forgotten(
            found.cases + part.cases, found.emptied + part.emptied, found.removed + part.removed
        )
    return found


def _is_here(session: Session, keys: list[str]) -> bool:
    # There is nothing else of a child of whom there is nothing here, and looking there takes long.
    return any(
        session.scalar(select(literal(1)).select_from(table).where(_theirs(table, keys)).limit(1)) is not None
        for table in METADATA.sorted_tables
        if table.name not in (OutboxRow.__tablename__, KeptAnswer.__tablename__)
    )


def _forget(session: Session, keys: list[str], now: datetime, *, postgresql: bool) -> Forgotten:
    removed = 0
    # Rows that others point to come last.
    for table in reversed(METADATA.sorted_tables):
        if table.name not in _KEPT:
            removed += _rows(session.execute(delete(table).where(_theirs(table, keys))))
    emptied = sum(
        session.scalar(select(func.count()).where(kind.child_key.in_(keys))) or 0 for kind in EMPTIED
    )
    if postgresql:
        session.execute(select(func.erase_children(cast(keys, ARRAY(String)))))
    else:
        _erase(session, keys)
    _empty(session, keys)
    cases = _rows(
        session.execute(
            update(Case)
            .where(Case.child_key.in_(keys))
            .values(
                child_key=DELETED, area_code="", age_years=None, stage=None, tier=None, household=None,
                status=Status.CLOSED.value, closed_at=func.coalesce(Case.closed_at, now), holder_id=None,
                second=None, asleep_until=None, asks_view=False, confirmed=None,
                visited_on=None, version=Case.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
    )  # fmt: skip
    found = Forgotten(cases, emptied, removed)
    audit.write(
        session,
        actor=audit.SYSTEM,
        verb=VERB,
        subject=VERB,
        now=now,
        detail={"cases": cases, "emptied": emptied, "removed": removed},
    )
    return found


def _empty(session: Session, keys: list[str]) -> None:
    """Openings, requests and reports stay as proof of what was done; nothing of the child or in words."""
    theirs = select(Case.id).where(Case.child_key.in_(keys))
    session.execute(
        update(OpeningRow)
        .where(OpeningRow.case_id.in_(theirs))
        .values(words="", verdict_words="", area_code=func.substr(OpeningRow.area_code, 1, _COUNTY))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(RightsRow)
        .where(RightsRow.child_key.in_(keys))
        .values(child_key=DELETED, wish="", answer="", area_code=func.substr(RightsRow.area_code, 1, _COUNTY))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(ReportRow)
        .where(or_(ReportRow.child_key.in_(keys), ReportRow.case_id.in_(theirs)))
        .values(child_key=DELETED, about="", note="", area_code=func.substr(ReportRow.area_code, 1, _COUNTY))
        .execution_options(synchronize_session=False)
    )


def _theirs(table: Table, keys: list[str]) -> ColumnElement[bool]:
    """The rows of a table that are about these children: by key, by case, or by a row of theirs."""
    if table is METADATA.tables[KeptAnswer.__tablename__]:
        # By case too: a table for another platform names the case and not the child.
        by_case = exists().where(Case.child_key.in_(keys), KeptAnswer.body.contains(Case.id))
        return or_(by_case, *(KeptAnswer.body.contains(key, autoescape=True) for key in keys))
    if table is METADATA.tables[OutboxRow.__tablename__]:
        waiting: ColumnElement[bool] = OutboxRow.record["child_key"].as_string().in_(keys)
        return waiting
    about: list[ColumnElement[bool]] = []
    if "child_key" in table.c:
        about.append(table.c.child_key.in_(keys))
    if table.name not in _KEPT:
        for key in table.foreign_keys:
            parent = key.column.table
            if parent.name != table.name and ("child_key" in parent.c or "case_id" in parent.c):
                about.append(key.parent.in_(select(key.column).where(_theirs(parent, keys))))
    return or_(*about) if about else false()


def _erase(session: Session, keys: list[str]) -> None:
    """`erase_children` of the migrations, for SQLite."""
    for kind, values in (
        (
            AlertRow,
            {
                "once": literal(f"{DELETED} ") + cast(AlertRow.id, String), "trigger": None,
                "trigger_record": None, "tier": None, "screening_key": None,
            },
        ),
        (ScreeningRow, {"body": ""}),
        (FeatureRow, {"features": {}}),
    ):  # fmt: skip
        session.execute(
            update(kind)
            .where(kind.child_key.in_(keys))
            .values(child_key=DELETED, **values)
            .execution_options(synchronize_session=False)
        )


def _rows(result: object) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
