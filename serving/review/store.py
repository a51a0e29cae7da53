"""Where the review queue is kept: SQLite in WAL mode, or PostgreSQL by setting MIAOHU_REVIEW_DB.

One writer at a time on both. A write transaction takes the lock when it begins: SQLite's own, or on
PostgreSQL an advisory lock of the database. The log is a chain, so writers would queue for its end in any
case; who queues at the start cannot deadlock, and a verb that reads before it writes is right on both
without a word about isolation. Waiting ends after BUSY_SECONDS with an error.

    reading   sees one state of the store and refuses to write    (WAL snapshot; REPEATABLE READ, READ ONLY)
    writing   alone, sees what was committed before it began      (BEGIN IMMEDIATE; READ COMMITTED and lock)

A PostgreSQL database must sort by bytes (LC_COLLATE 'C'): orders and area prefixes are then SQLite's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import quote, unquote

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parents[1] / "migrations"
BUSY_SECONDS = 15
CONNECT_SECONDS = 10
# Any number, the same in every process: the name of the writers' lock in a PostgreSQL database.
WRITERS = 7_305_417_263
DRIVER = "postgresql+psycopg"
EXAMPLES = "sqlite:////srv/miaohu/review.db or postgresql+psycopg://miaohu@db.example/miaohu"


class StoreError(Exception):
    """The store cannot be used; the message says in one sentence what was wanted."""


class Store:
    """One database of cases, screenings, accounts and their log."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(writing=True)

    @classmethod
    def open(cls, url: str) -> Store:
        """A store on this address; a SQLite file's folder is made if need be. Tables come by `migrate`."""
        try:
            address = make_url(url)
        except ArgumentError:
            raise StoreError(f"MIAOHU_REVIEW_DB is no database address; one looks like {EXAMPLES}.") from None
        if address.drivername in ("postgresql", DRIVER) and address.database:
            return cls(_postgresql(address))
        if address.drivername == "sqlite" and address.database not in (None, "", ":memory:"):
            return cls(_sqlite(address))
        raise StoreError(
            f"The review store needs a SQLite file or a PostgreSQL database, an address such as {EXAMPLES}."
        )

    @property
    def dialect(self) -> str:
        """Which database this is: sqlite or postgresql."""
        return self._engine.dialect.name

    @property
    def file(self) -> Path | None:
        """The file of a SQLite store."""
        return _file_of(self._engine.url) if self.dialect == "sqlite" else None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or not at all."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the store and cannot change it."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to this revision (the newest by default), up or down.

        StoreError if the database cannot be reached or opened, is none of ours, or sorts otherwise.
        """
        self.check_reachable()
        try:
            with self._writing.begin() as connection:
                if self.dialect == "postgresql":
                    _check_sorting(connection)
                if revision == "head" and _revision(connection) == newest_revision():
                    return
                # A service finds its tables up to date, and would wait for Alembic to be loaded.
                from serving.review.migrating import bring_to

                bring_to(connection, revision)
        except DBAPIError as error:
            if not _is_refusal(error):
                raise
            raise StoreError(
                "The database user of MIAOHU_REVIEW_DB may not make tables: run"
                " `python -m serving migrate` once as the owner of the database."
            ) from None

    def check_reachable(self) -> None:
        """StoreError in a sentence if the database cannot be reached or opened."""
        path = self.file
        try:
            if path is not None:
                # Notes of visits lie here: nobody else on the machine may read them.
                path.touch(mode=0o600)
            self._engine.connect().close()
        except DatabaseError as error:
            # The driver lists every address it tried, one a line; none holds the password.
            said = str(error.orig).strip().splitlines()[0].rstrip(".")
            where = path or "The PostgreSQL database of MIAOHU_REVIEW_DB"
            raise StoreError(f"{where} cannot be used: {said}.") from None
        except OSError as error:
            raise StoreError(f"{path} cannot be used: {error.strerror}.") from None

    def revision(self) -> str | None:
        """The revision the tables stand at; None if there are none."""
        with self._engine.connect() as connection:
            return _revision(connection)

    def connection(self, *, writing: bool = False) -> Connection:
        """A plain connection, where a session's objects are not needed and its time is; the caller closes it.

        Its transactions read only unless it is for `writing`.
        """
        return (self._writing if writing else self._engine).connect()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def newest_revision() -> str:
    """The revision this code wants: that of the last migration, which its file begins with."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _sqlite(address: URL) -> Engine:
    Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    # A failed statement must not carry what was in it into a log.
    # Only `check_reachable` makes the file: one that went away must not be replaced by an empty one.
    opened = address.set(
        database=f"file:{quote(str(address.database))}", query={**address.query, "mode": "rw", "uri": "true"}
    )
    engine = create_engine(opened, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "checkout", partial(_same_file, _file_of(opened)))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _file_of(address: URL) -> Path:
    return Path(unquote(str(address.database).removeprefix("file:")))


def _same_file(path: Path, _: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection kept from before the file was moved or put back would go on with the file of then."""
    try:
        is_now = path.stat().st_ino
    except OSError:
        is_now = 0
    if entry.info.setdefault("file", is_now) != is_now:
        raise DisconnectionError


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Without this the driver would begin transactions by itself, deferred.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = bool(connection.get_execution_options().get("writing"))
    # By the driver itself, which has nothing to refuse here: the way round takes five times as long.
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    driver.execute(f"PRAGMA query_only={0 if writing else 1}").close()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


# What a connection to PostgreSQL asks of the server. A page is a few statements, each read off an index: to
# plan one takes longer than to run it, so a statement is planned once a connection, whatever its values, and
# never compiled or shared among processes. Indexes lie in memory or on disks without heads.
_SESSION = {
    "lock_timeout": f"{BUSY_SECONDS}s",
    "timezone": "UTC",
    "client_encoding": "utf8",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": 0,
    "random_page_cost": 1.1,
}
# As many plans as a connection keeps: every statement of every page and operation, and then some.
_PLANS = 1000


def _postgresql(address: URL) -> Engine:
    engine = create_engine(
        address.set(drivername=DRIVER),
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        # A server that went away and came back is noticed before a request fails on it.
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items()),
            "prepare_threshold": 1,
        },
    )
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "connect", _keep_plans)
    event.listen(engine, "handle_error", _say_no_values)
    return engine


def _keep_plans(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.prepared_max = _PLANS


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writing"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _say_no_values(context: ExceptionContext) -> None:
    """PostgreSQL tells the values of a refused row beside its message; a log must not learn them."""
    original, wrapped = context.original_exception, context.sqlalchemy_exception
    message = getattr(getattr(original, "diag", None), "message_primary", None)
    if message and wrapped is not None:
        wrapped.args = (str(wrapped.args[0]).replace(str(original), message),)
        original.args = (message,)


def _check_sorting(connection: Connection) -> None:
    sorting, letters = connection.execute(
        text(
            "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database"
            " WHERE datname = current_database()"
        )
    ).one()
    if sorting not in ("C", "POSIX") or letters != "UTF8":
        raise StoreError(
            "The PostgreSQL database must sort by bytes in UTF-8; make it with"
            " CREATE DATABASE miaohu TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'."
        )


def _is_refusal(error: DBAPIError) -> bool:
    # 42501: insufficient privilege.
    return getattr(error.orig, "sqlstate", None) == "42501"
