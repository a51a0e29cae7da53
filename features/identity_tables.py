"""The tables of the identity store, and the database they stand in.

Every value that could say who somebody is stands in a column named `sealed` or `wrapped_key`. Child
keys and tokens are keyed digests. `links`, `decisions` and `merges` are append-only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)

METADATA = MetaData()
IDENTITIES = Table(
    "identities",
    METADATA,
    Column("child_key", String(27), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("remembered_on", Date),
)
# Which child a student number stands for. Kept after a deletion, as `forgotten` is: what is delivered
# under that number later must not bring the child back.
STUDENT_NUMBERS = Table(
    "student_numbers",
    METADATA,
    Column("token", String(32), primary_key=True),
    Column("child_key", String(27), nullable=False, index=True),
)
FORGOTTEN = Table(
    "forgotten",
    METADATA,
    Column("child_key", String(27), primary_key=True),
    Column("forgotten_on", Date),
)
# Under which name and birth date a deleted child was known, as keyed digests: a record without a number
# that says the same is put before a person and never made a new child.
FORGOTTEN_AS = Table(
    "forgotten_as",
    METADATA,
    Column("token", String(32), primary_key=True),
    Column("child_key", String(27), primary_key=True),
)
# Append-only: every deletion by right and every readmission, with its basis in a person's words.
DELETIONS = Table(
    "deletions",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("child_key", String(27), nullable=False),
    Column("event", String(10), nullable=False),
    Column("done_on", Date, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
# Records whose child is not known: without a number, or with one that cannot be the child's.
UNRESOLVED = Table(
    "unresolved",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("delivery", String(120), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("reason", String(24), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
# What such a record said of its child, kept when it was linked, so that the link can be undone.
LINKED = Table(
    "linked",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("delivery", String(120), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("reason", String(24), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
# Append-only: the last row of a record stands. Without a child it says that the record is nobody's.
LINKS = Table(
    "links",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("record_id", String(64), nullable=False, index=True),
    Column("child_key", String(27)),
    Column("confidence", Float, nullable=False),
    Column("method", String(8), nullable=False),
    Column("known_on", Date, nullable=False),
    Column("decision", Integer),
    sqlite_autoincrement=True,
)
# Pairs for a person: a record and a child who may be meant, or two children who may be one.
PAIRS = Table(
    "pairs",
    METADATA,
    Column("pair", String(16), primary_key=True),
    Column("source", String(64)),
    Column("record_id", String(64)),
    Column("left_key", String(27)),
    Column("right_key", String(27), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("agreement", String(400), nullable=False),
    Column("listed_on", Date, nullable=False),
)
# Append-only: the last decision on a pair stands, and an earlier one is undone by a later one.
DECISIONS = Table(
    "decisions",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("pair", String(16), nullable=False, index=True),
    Column("verdict", String(9), nullable=False),
    Column("decided_by", String(64), nullable=False),
    Column("decided_at", DateTime, nullable=False),
    # The reason in a person's words, which may name somebody; destroyed with a child deleted by right.
    Column("sealed", LargeBinary),
    sqlite_autoincrement=True,
)
# Append-only: into whom a child was merged; the last row stands, and one without `into_key` undoes it.
MERGES = Table(
    "merges",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("child_key", String(27), nullable=False, index=True),
    Column("into_key", String(27)),
    Column("known_on", Date, nullable=False),
    Column("decision", Integer, nullable=False),
    sqlite_autoincrement=True,
)
# The keys everything else hangs on, sealed under the master key: a store opened with another one is
# noticed at once.
KEYRING = Table(
    "keyring",
    METADATA,
    Column("purpose", String(16), primary_key=True),
    Column("algorithm", String(8), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
)

# Below the number of variables one statement may hold on any database.
_BATCH = 500


def open_database(url: str) -> Engine:
    """The database at this address, its file made readable by its owner only."""
    address = make_url(url)
    sqlite = address.get_backend_name() == "sqlite"
    if sqlite and address.database and address.database != ":memory:":
        path = Path(address.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    # Parameters are sealed bytes and keys, but an error page is no place for either.
    engine = create_engine(address, hide_parameters=True)
    if sqlite:

        @event.listens_for(engine, "connect")
        def _prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]  # the driver's own type
            connection.execute("pragma busy_timeout = 5000")
            # Deleted pages are overwritten: a destroyed data key must not linger in the file.
            connection.execute("pragma secure_delete = on")

    return engine


def batches(keys: Iterable[str]) -> Iterator[list[str]]:
    """The keys, each once, in lists one statement can hold."""
    every = list(dict.fromkeys(keys))
    for start in range(0, len(every), _BATCH):
        yield every[start : start + _BATCH]


# Said once: every score asks it.
_MERGED = select(MERGES.c.child_key, MERGES.c.into_key).where(
    MERGES.c.number.in_(select(func.max(MERGES.c.number)).group_by(MERGES.c.child_key))
)


def merged(connection: Connection) -> dict[str, str]:
    """Children merged into another, by key: whose their records are now."""
    rows = connection.execute(_MERGED).all()
    into = {row.child_key: row.into_key for row in rows if row.into_key}
    return {key: _end(key, into) for key in into}


def linked_to(connection: Connection, child_keys: Iterable[str]) -> list[tuple[str, str]]:
    """(source, record number) of every record whose link that stands gives it to one of these children."""
    newest = select(func.max(LINKS.c.number)).group_by(LINKS.c.source, LINKS.c.record_id)
    found = select(LINKS.c.source, LINKS.c.record_id).where(
        LINKS.c.child_key.in_(list(child_keys)), LINKS.c.number.in_(newest)
    )
    return [(row.source, row.record_id) for row in connection.execute(found)]


def _end(key: str, into: dict[str, str]) -> str:
    """Where a chain of merges ends; a ring, which no decision should make, ends before it closes."""
    seen = {key}
    while (following := into.get(key)) and following not in seen:
        seen.add(following)
        key = following
    return key


def forgotten_among(connection: Connection, keys: list[str]) -> frozenset[str]:
    """Which of these keys belong to children deleted by right."""
    return frozenset(connection.scalars(select(FORGOTTEN.c.child_key).where(FORGOTTEN.c.child_key.in_(keys))))
