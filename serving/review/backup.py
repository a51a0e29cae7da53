"""Backup and restore: a backup is itself a review store, in one SQLite file, whichever database it is of.

All rows are copied out of one reading session, so the backup is of one moment while work goes on. It goes
back into SQLite or PostgreSQL alike, which is also how a store moves from one to the other. A backup holds
what the store holds, notes and all: keep it where the store may be kept. Refuses to write over anything.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from serving.review.checking import Checked, check
from serving.review.schema import METADATA
from serving.review.store import Store, StoreError, newest_revision

_AT_ONCE = 2000


def back_up(store: Store, file: Path) -> Checked:
    """Copy the store into a new file and check what was copied; StoreError if the file is there already."""
    _check_ours(store)
    try:
        # Nobody else may read it, from its first byte.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise StoreError(f"{file} is there already; a backup writes over nothing.") from None
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror}.") from None
    copy = Store.open(f"sqlite:///{file}")
    try:
        copy.migrate()
        with store.read() as source, copy.write() as target:
            copy_rows(source, target)
        return check(copy)
    except BaseException:
        file.unlink()  # half a backup is none
        raise
    finally:
        copy.close()


def restore(file: Path, store: Store) -> Checked:
    """Copy a backup into a store that holds nothing yet, and check it; StoreError if it holds anything.

    A backup made by an older version is brought up to date on the way; the file stays as it is.
    """
    if not file.is_file():
        raise StoreError(f"There is no backup {file}.")
    store.migrate()
    with store.read() as session:
        for table in METADATA.sorted_tables:
            if session.execute(select(table).limit(1)).first() is not None:
                raise StoreError(f"The store is not empty ({table.name}); a restore writes over nothing.")
    with TemporaryDirectory(dir=file.parent) as folder:
        source = Store.open(f"sqlite:///{shutil.copyfile(file, Path(folder) / 'backup.db')}")
        try:
            if _revision(source) is None:
                raise StoreError(f"{file} is no backup of a review store.")
            source.migrate()
            with source.read() as reading, store.write() as writing:
                copy_rows(reading, writing)
                if store.dialect == "postgresql":
                    _go_on_counting(writing)
        finally:
            source.close()
    return check(store)


def _revision(store: Store) -> str | None:
    try:
        return store.revision()
    except DatabaseError:
        return None  # a file that is no database


def _check_ours(store: Store) -> None:
    store.check_reachable()
    if store.revision() != newest_revision():
        raise StoreError("The tables are not up to date: run `python -m serving migrate` first.")


def copy_rows(source: Session, target: Session) -> None:
    """Every row of one store, added to another that has none of them."""
    # Tables come after those they point to.
    for table in METADATA.sorted_tables:
        ordered = select(table).order_by(*table.primary_key.columns)
        with source.execute(ordered.execution_options(yield_per=_AT_ONCE)) as rows:
            for part in rows.mappings().partitions():
                target.execute(insert(table), [dict(row) for row in part])


def _go_on_counting(session: Session) -> None:
    """Numbers that PostgreSQL gives out go on after the largest that was restored."""
    for table in METADATA.sorted_tables:
        column = _counted(table)
        if column is not None:
            largest = session.scalar(select(func.max(table.c[column])))
            if largest is not None:
                session.execute(
                    text("SELECT setval(pg_get_serial_sequence(:table, :column), :largest)"),
                    {"table": table.name, "column": column, "largest": largest},
                )


def _counted(table: Table) -> str | None:
    [first, *more] = table.primary_key.columns
    is_counted = not more and isinstance(first.type, Integer) and first.autoincrement is True
    return first.name if is_counted else None
