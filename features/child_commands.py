"""python -m features forget | readmit | history: what is done with one child's records, by its key.

`forget` is for a data home without a review queue. Beside a queue it refuses: whether people still work for
the child only the queue knows, and `python -m serving forget` asks it before it deletes.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from features.deletion import forget_child
from features.identity import IdentityError, open_identity
from features.intake_report import report_again
from features.lake import Lake
from features.settings import Settings
from features.sources import source_named

Say = list[str]


def forget(settings: Settings, child_key: str, basis: str, today: date) -> Say:
    """Delete a child by right, write the intake report again, and say what is gone."""
    identity = open_identity(settings)
    try:
        lake = Lake(settings.lake)
        deleted = forget_child(settings, lake, identity, child_key, basis, today)
        report_again(lake, identity, settings.quarantine, settings.reports, today)
        return list(deleted.lines())
    finally:
        identity.close()


def forget_without_queue(settings: Settings, child_key: str, basis: str, today: date) -> Say:
    """As `forget`, where no review store stands; refused beside one, without looking into it."""
    if _has_queue(settings.review_url):
        raise IdentityError(
            "A review store stands beside this data home, and a case of the child may be open. Delete with:"
            " python -m serving forget"
        )
    return forget(settings, child_key, basis, today)


def _has_queue(review_url: str) -> bool:
    try:
        url = make_url(review_url)
    except ArgumentError:
        return True
    # Of a server nothing is known here, so it counts as one with a queue.
    if url.get_backend_name() != "sqlite" or not url.database:
        return True
    return Path(url.database).exists()


def readmit(settings: Settings, child_key: str, basis: str, today: date) -> Say:
    """Let a deleted child be taken in again."""
    if not basis.strip():
        raise IdentityError("A readmission says on what basis it is made.")
    identity = open_identity(settings)
    try:
        identity.readmit(child_key, today, basis)
        report_again(Lake(settings.lake), identity, settings.quarantine, settings.reports, today)
    finally:
        identity.close()
    return ["files delivered from now on are taken in for this child; what was deleted stays deleted"]


def history(settings: Settings, child_key: str) -> Say:
    """Every version of every record that was ever this child's, in order of occurring, by source.

    A correction, a link, a merge or a withdrawal ends a version on the day the next one was known.
    """
    lines: Say = []
    for name, path in Lake(settings.lake).tables().items():
        rows = pq.read_table(path, filters=[("child_key", "=", child_key)]).to_pylist()
        if not rows:
            continue
        source = source_named(name)
        lines.append(source.title.en)
        for row in sorted(rows, key=lambda row: row["ordinal"]):
            until = f"until {row['superseded_on']}" if row["superseded_on"] else "stands"
            said = ", ".join(
                f"{column.name} {row[column.name]}"
                for column in source.lake_columns
                if row[column.name] is not None
            )
            lines.append(
                f"  {row['record_id']} version {row['version']}: occurred {row['occurred_on']}, known"
                f" {row['known_on']}, {until}{': ' if said else ''}{said}"
            )
    if not lines:
        raise IdentityError("No record of a child with this key is in the lake.")
    return lines


__all__ = ["forget", "forget_without_queue", "history", "readmit"]
