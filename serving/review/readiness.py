"""May requests come here? What is in the way, each with a code and a sentence.

None names a person, a case or a path.

A log that is not whole is a reason too: somebody has had the database in hands, and a person must look. So
is a clock that stands before the newest entry of the log. Everything else is over by itself when what was
away is back.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from serving.review import queries
from serving.review.checking import newest_look
from serving.review.store import Store, newest_revision
from serving.review.tables import AuditEvent

# With less than this left, the next release or backup may not fit.
LEAST_FREE_BYTES = 64 * 1024 * 1024
# Clocks of several machines differ by a little.
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Trouble:
    """One reason why this service should not be asked."""

    code: str
    sentence: str


def troubles(store: Store, now: datetime, home: Path | None = None) -> list[Trouble]:
    """What is in the way of the store and, if given, of the data home; empty if nothing is."""
    found = _of_folder(home) if home is not None else []
    path = store.file
    if path is not None:
        if not path.is_file():
            return [*found, Trouble("database", "The file of the review store is not there.")]
        if not os.access(path, os.W_OK):
            found.append(Trouble("read_only", "The review store cannot be written to."))
    try:
        revision = store.revision()
        if revision != _wanted():
            wanted = f"The tables stand at revision {revision}, this version wants {_wanted()}."
            return [*found, Trouble("revision", wanted)]
        with store.read() as session:
            return found + _of_tables(session, store.dialect, now)
    except DBAPIError as error:
        # What the driver says may name an address; the kind of its error is enough here.
        kind = type(error.orig).__name__
        return [*found, Trouble("database", f"The database of the review store cannot be used ({kind}).")]
    except SQLAlchemyError:
        return [*found, Trouble("database", "The database of the review store cannot be reached.")]


@cache
def _wanted() -> str:
    # Read off the files of all migrations, and this process keeps the code it was started with.
    return newest_revision()


def missing(store: Store, screeners: bool, records: bool) -> list[Trouble]:
    """What the newest round was screened with and is gone; a deployment that never had it lacks nothing."""
    try:
        with store.read() as session:
            newest = queries.newest_round(session)
    except SQLAlchemyError:
        return []  # `troubles` tells of the store
    found = []
    if newest is not None and newest.screeners and not screeners:
        found.append(Trouble("screener", "The newest round was screened, and no screener is in use now."))
    if newest is not None and not records:
        found.append(Trouble("records", "A round was screened here, and the lake holds no records now."))
    return found


def _of_folder(home: Path) -> list[Trouble]:
    if not home.is_dir():
        return [Trouble("read_only", "The data home is not there.")]
    if not os.access(home, os.W_OK):
        return [Trouble("read_only", "The data home cannot be written to.")]
    if shutil.disk_usage(home).free < LEAST_FREE_BYTES:
        return [Trouble("disk", "The disk of the data home is all but full.")]
    return []


def _of_tables(session: Session, dialect: str, now: datetime) -> list[Trouble]:
    found = []
    if dialect == "postgresql" and session.scalar(
        text("SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'")
    ):
        found.append(Trouble("read_only", "The PostgreSQL server takes no writes."))
    look = newest_look(session)
    if look is not None and look.fault is not None:
        found.append(Trouble("log", f"The log of the review store is not whole. {look.fault}"))
    newest = session.scalar(select(AuditEvent.at).order_by(AuditEvent.number.desc()).limit(1))
    if newest is not None and newest > now + CLOCKS_DIFFER:
        found.append(Trouble("clock", "The clock stands before the newest entry of the log."))
    return found
