"""When the worker last did a whole turn, and what cut one off since: reports of danger come by turns.

The queue says so when turns stand still, since nothing else on a page shows what is not there yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.review.machine_tables import WorkerTurn
from serving.review.tables import AuditEvent

# A turn comes every half-minute, and screening a county takes minutes: as long as a worker's lease, and more.
STILL_AFTER = timedelta(minutes=40)
# Turns write at most this often.
NOTED_EVERY = timedelta(minutes=1)
_ONLY = 1


@dataclass(frozen=True)
class Turns:
    """Since when no whole turn was done, and what cut off the newest ones, if anything did."""

    since: datetime
    cut_off_by: str

    def stand_still(self, now: datetime) -> bool:
        """Whether that is too long ago for a worker that runs."""
        return now - self.since > STILL_AFTER


def note_whole(session: Session, now: datetime) -> None:
    """A turn was done to its end."""
    row = session.get(WorkerTurn, _ONLY)
    if row is None:
        session.add(WorkerTurn(id=_ONLY, ended_at=now, cut_off_by=""))
    elif row.cut_off_by or row.ended_at is None or not timedelta() <= now - row.ended_at < NOTED_EVERY:
        row.ended_at, row.cut_off_by = now, ""


def note_cut_off(session: Session, by: str) -> None:
    """A turn was cut off; `by` is a kind of error and a line of ours, and nothing of what was read."""
    row = session.get(WorkerTurn, _ONLY)
    if row is None:
        session.add(WorkerTurn(id=_ONLY, ended_at=None, cut_off_by=by))
    elif row.cut_off_by != by:
        row.cut_off_by = by


def turns(session: Session) -> Turns | None:
    """How the turns stand; None in a store in which nothing has happened yet.

    Where no turn was ever whole, they stand still since the first event of the log.
    """
    row = session.get(WorkerTurn, _ONLY)
    since = None if row is None else row.ended_at
    if since is None:
        since = session.scalar(select(AuditEvent.at).order_by(AuditEvent.number).limit(1))
    return None if since is None else Turns(since, "" if row is None else row.cut_off_by)
