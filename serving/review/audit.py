"""The log: who did which step to what, when. Append-only; each event carries the one before in its hash.

An edited, removed or reordered event breaks the chain; a cut-off tail disagrees with the head that is
kept apart. Whoever can rewrite the whole database can rewrite both, so an outside witness may keep a
`Head` and hand it to `verify`. Details hold codes, counts and ids: never a name, a note or a risk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Table, insert, select, update
from sqlalchemy.orm import Session

from serving.review.tables import AuditEvent, AuditHead

SYSTEM = "system"
START = "0" * 64
Detail = Mapping[str, str | int | bool | None]

# What an event's hash is made of, in this order, and the hash itself.
_EVENT = (
    AuditEvent.number,
    AuditEvent.at,
    AuditEvent.actor,
    AuditEvent.verb,
    AuditEvent.subject,
    AuditEvent.detail,
    AuditEvent.previous_hash,
    AuditEvent.own_hash,
)
_AT_ONCE = 2000
# As plain tables, and said once: every step and every answer writes here, alone on the database meanwhile.
_EVENTS, _HEADS = cast(Table, AuditEvent.__table__), cast(Table, AuditHead.__table__)
_READ_HEAD = select(_HEADS.c.number, _HEADS.c.own_hash).where(_HEADS.c.id == 1)
_BEGIN_LOG, _MOVE_HEAD = insert(_HEADS), update(_HEADS).where(_HEADS.c.id == 1)
_APPEND = insert(_EVENTS)


class AuditBroken(Exception):
    """The log has been tampered with; the message names the first event that does not fit."""


@dataclass(frozen=True)
class Head:
    """The newest event of a log: its number and hash."""

    number: int
    own_hash: str


def write(
    session: Session | Connection,
    *,
    actor: str,
    verb: str,
    subject: str,
    now: datetime,
    detail: Detail | None = None,
) -> int:
    """Append one event to the log, in the caller's transaction, and return its number."""
    if isinstance(session, Session):
        session.flush()
        connection = session.connection()
    else:
        connection = session
    before = connection.execute(_READ_HEAD).one_or_none()
    newest = Head(0, START) if before is None else Head(*before)
    number, kept = newest.number + 1, dict(detail or {})
    own_hash = hash_of(number, now, actor, verb, subject, kept, newest.own_hash)
    event = {
        "number": number, "at": now, "actor": actor, "verb": verb, "subject": subject, "detail": kept,
        "previous_hash": newest.own_hash, "own_hash": own_hash,
    }  # fmt: skip
    connection.execute(_APPEND, event)
    if before is None:
        connection.execute(_BEGIN_LOG, {"id": 1, "number": number, "own_hash": own_hash})
    else:
        connection.execute(_MOVE_HEAD, {"number": number, "own_hash": own_hash})
    return number


def head(session: Session) -> Head:
    """The head of the log, for a witness to keep."""
    found = session.connection().execute(_READ_HEAD).one_or_none()
    return Head(0, START) if found is None else Head(*found)


# What the log calls what a case system read begins with.
READ_BY_SYSTEM = "api_"


def history(session: Session, subject: str) -> list[AuditEvent]:
    """The events of one subject, oldest first."""
    return list(
        session.scalars(select(AuditEvent).where(AuditEvent.subject == subject).order_by(AuditEvent.number))
    )


def verify(session: Session, witness: Head | None = None) -> int:
    """The number of events in an intact log; AuditBroken names the first event that does not fit."""
    return walk(session, witness).number


def walk(session: Session, witness: Head | None = None) -> Head:
    """The last event of an intact log, as `verify`. However long the log, little of it is held at a time."""
    previous, number = START, 0
    witnessed = witness is None or witness.number == 0
    events = select(*_EVENT).order_by(AuditEvent.number).execution_options(yield_per=_AT_ONCE)
    with session.execute(events) as rows:
        for event in rows:
            number += 1
            if event.number != number:
                raise AuditBroken(f"The log has no event {number}.")
            if event.previous_hash != previous or event.own_hash != hash_of(*event[:7]):
                raise AuditBroken(f"Event {number} of the log is not as it was written.")
            previous = event.own_hash
            if witness is not None and witness.number == number:
                witnessed = witness.own_hash == previous
    newest = head(session)
    if newest != Head(number, previous):
        raise AuditBroken(f"The log ends at event {number}, its head says {newest.number}.")
    if not witnessed:
        raise AuditBroken("The log is not the one the witness saw.")
    return newest


def hash_of(
    number: int, at: datetime, actor: str, verb: str, subject: str, detail: Detail, previous_hash: str
) -> str:
    """The hash of one event: of everything in it, and of the hash of the one before."""
    said = json.dumps(
        [number, at.timestamp(), actor, verb, subject, detail, previous_hash],
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(said.encode()).hexdigest()
