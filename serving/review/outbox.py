"""Our own records on their way into the lake: written with the step that made them, published later.

The step and its record stand in one transaction, so none is lost; a record is marked once it lies in
the lake, and the lake refuses a record number it already has in the same version, so none counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from serving.review import webhooks
from serving.review.tables import OutboxRow
from serving.review.webhooks import Event

# What receivers are told of when we leave a record of it for the lake.
_TOLD = {"alerts": Event.ALERT_RAISED, "dispositions": Event.DISPOSITION_RECORDED}


@dataclass(frozen=True)
class Pending:
    """One record to publish: `source` is the lake's, `record` a row that `Lake.publish` takes."""

    id: int
    source: str
    record: dict[str, Any]


def put(session: Session, *, source: str, record: dict[str, Any], now: datetime) -> None:
    """Leave a record for the lake, in the caller's transaction, and word of it for receivers.

    Its dates are ISO text.
    """
    session.add(OutboxRow(source=source, record=record, created_at=now))
    if source in _TOLD:
        webhooks.announce(
            session,
            _TOLD[source],
            once=str(record["record_id"]),
            child_key=str(record["child_key"]),
            case_id=str(record["case_id"]),
            now=now,
        )


def pending(session: Session, limit: int = 1000) -> list[Pending]:
    """The records not yet published, oldest first."""
    rows = session.scalars(
        select(OutboxRow).where(OutboxRow.published_at.is_(None)).order_by(OutboxRow.id).limit(limit)
    )
    # JSON has no dates.
    return [
        Pending(
            row.id,
            row.source,
            {**row.record, "occurred_on": date.fromisoformat(str(row.record["occurred_on"]))},
        )
        for row in rows
    ]


def mark(session: Session, ids: Iterable[int], *, now: datetime) -> None:
    """Say that these records lie in the lake."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(list(ids)), OutboxRow.published_at.is_(None))
        .values(published_at=now)
    )
