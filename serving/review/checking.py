"""Is the store whole? Its log, whatever points from one table to another, and what it holds.

The worker looks at the whole log once a day and keeps what it found; each look is the witness of the next,
so that a log rewritten together with its head is found out too. Refuses to mend: a person must look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, and_, exists, func, select, text
from sqlalchemy.orm import Session

from serving.review import audit
from serving.review.audit import AuditBroken, Head
from serving.review.schema import METADATA
from serving.review.store import Store, newest_revision
from serving.review.tables import APPEND_ONLY, AuditCheck

LOOK_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Checked:
    """What a check found: rows of each table, the log's head if it is whole, and what is wrong in sentences.

    `may_change_log` says that this database user could change the log: that is no fault, but no guard either.
    """

    revision: str | None
    rows: Mapping[str, int]
    head: Head | None
    faults: tuple[str, ...]
    may_change_log: bool


def check(store: Store, witness: Head | None = None) -> Checked:
    """Look at everything. A store of another revision is not looked at further, and that is its fault."""
    store.check_reachable()
    revision = store.revision()
    if revision != newest_revision():
        fault = f"The tables stand at revision {revision}, this version wants {newest_revision()}."
        return Checked(revision, {}, None, (fault,), may_change_log=False)
    faults: list[str] = []
    head = None
    with store.read() as session:
        if store.dialect == "sqlite":
            said = session.scalars(text("PRAGMA integrity_check(10)")).all()
            faults += [f"The file is damaged: {line}." for line in said if line != "ok"]
        rows = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
        }
        faults += [fault for table in METADATA.sorted_tables for fault in _dangling(session, table)]
        try:
            head = audit.walk(session, witness or last_intact(session))
        except AuditBroken as broken:
            faults.append(str(broken))
        faults += _unguarded(session, store)
        may = _may_change_log(session, store)
    return Checked(revision, rows, head, tuple(faults), may)


def look_at_log(store: Store, now: datetime) -> AuditCheck | None:
    """Walk along the whole log if the last look was a day ago; what was found, or None if none was due."""
    with store.read() as session:
        last = newest_look(session)
        if last is not None and timedelta(0) <= now - last.checked_at < LOOK_EVERY:
            return None
        newest, fault = audit.head(session), None
        try:
            audit.walk(session, last_intact(session))
        except AuditBroken as broken:
            fault = str(broken)
    found = AuditCheck(checked_at=now, events=newest.number, own_hash=newest.own_hash, fault=fault)
    with store.write() as session:
        session.add(found)
    return found


def newest_look(session: Session) -> AuditCheck | None:
    """What the last look at the log found, or None before the first."""
    return session.scalar(select(AuditCheck).order_by(AuditCheck.id.desc()).limit(1))


def last_intact(session: Session) -> Head | None:
    """The head of the log when it was last found whole."""
    seen = session.scalar(
        select(AuditCheck).where(AuditCheck.fault.is_(None)).order_by(AuditCheck.id.desc()).limit(1)
    )
    return None if seen is None else Head(seen.events, seen.own_hash)


def _dangling(session: Session, table: Table) -> list[str]:
    """Rows that point to one that is not there."""
    faults = []
    for key in table.foreign_key_constraints:
        other = key.referred_table.alias()
        pairs = [(one.parent, other.c[one.column.name]) for one in key.elements]
        alone = and_(
            *(mine.is_not(None) for mine, _ in pairs),
            ~exists().where(and_(*(mine == theirs for mine, theirs in pairs))),
        )
        count = session.scalar(select(func.count()).select_from(table).where(alone)) or 0
        if count:
            faults.append(f"{count} rows of {table.name} point to no row of {key.referred_table.name}.")
    return faults


def _unguarded(session: Session, store: Store) -> list[str]:
    """Tables that no longer refuse a change: somebody took a guard away and may have changed their rows."""
    on_postgresql = store.dialect == "postgresql"
    there = set(
        session.scalars(
            text(
                "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
                if on_postgresql
                else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            )
        )
    )
    changes = ("update", "delete", *(("truncate",) if on_postgresql else ()))
    return [
        f"The guard that keeps {table} append-only is gone."
        for table in APPEND_ONLY
        if any(f"{table}_no_{change}" not in there for change in changes)
    ]


def _may_change_log(session: Session, store: Store) -> bool:
    if store.dialect == "sqlite":
        return False  # whoever may write the file may change all of it; the file's mode is its guard
    return bool(
        session.scalar(text("SELECT has_table_privilege(current_user, 'audit_events', 'UPDATE, DELETE')"))
    )
