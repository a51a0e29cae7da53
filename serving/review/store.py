"""Where the review queue is kept: SQLite in WAL mode, one writer at a time.

A write transaction takes the lock when it begins. One that first reads and then writes would fail at
once with "database is locked" under load, whatever the busy timeout, and no retry inside it could help.
Reading sessions refuse to write. This release keeps the queue in SQLite only and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parents[1] / "migrations"
BUSY_SECONDS = 15


class StoreError(Exception):
    """The store cannot be used; the message says in one sentence what was wanted."""


class Store:
    """One database of cases, screenings, accounts and their log."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Store:
        """A store on this address; its folder is made if need be. Tables come by `migrate`."""
        try:
            address = make_url(url)
        except ArgumentError:
            raise StoreError(
                "MIAOHU_REVIEW_DB is no database address; one looks like sqlite:////srv/miaohu/review.db."
            ) from None
        if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
            raise StoreError(
                "The review store needs a SQLite file, an address such as sqlite:////srv/miaohu/review.db."
            )
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        # A failed statement must not carry what was in it into a log.
        engine = create_engine(address, hide_parameters=True)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return cls(engine)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or not at all."""
        writing = self._engine.execution_options(writing=True)
        with Session(writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the store and cannot change it."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to this revision (the newest by default), up or down.

        StoreError if the file cannot be opened, or is no database.
        """
        path = Path(str(self._engine.url.database))
        try:
            # Notes of visits lie here: nobody else on the machine may read them.
            path.touch(mode=0o600)
            self._engine.connect().close()
        except DatabaseError as error:
            raise StoreError(f"{path} cannot be used: {error.orig}.") from None
        except OSError as error:
            raise StoreError(f"{path} cannot be used: {error.strerror}.") from None
        with self._engine.execution_options(writing=True).begin() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            if revision == "head" or revision.startswith("+"):
                command.upgrade(config, revision)
            else:
                command.downgrade(config, revision)

    def connection(self) -> Connection:
        """A plain connection, for what inspects the tables; the caller closes it."""
        return self._engine.connect()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def alembic_config() -> Config:
    """Alembic's configuration for our migrations, wherever the package lies."""
    config = Config()
    # Alembic reads the value through configparser, where a percent sign must be doubled.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
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


def _begin(connection: Connection) -> None:
    writing = bool(connection.get_execution_options().get("writing"))
    connection.exec_driver_sql(f"PRAGMA query_only={0 if writing else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
