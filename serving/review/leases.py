"""Who may do a piece of background work: one holder at a time, until the lease runs out.

One that would run longer than any can was written by a clock that has gone back since; it binds nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from serving.review.tables import LeaseRow


def acquire(session: Session, *, name: str, holder: str, lasts: timedelta, now: datetime) -> bool:
    """Take or renew the lease. False while somebody else's has not run out."""
    row = session.get(LeaseRow, name)
    if row is None:
        session.add(LeaseRow(name=name, holder=holder, until=now + lasts))
        session.flush()
        return True
    if row.holder != holder and now < row.until <= now + lasts:
        return False
    row.holder, row.until = holder, now + lasts
    return True


def release(session: Session, *, name: str, holder: str) -> None:
    """Give the lease back, if it is this holder's."""
    row = session.get(LeaseRow, name)
    if row is not None and row.holder == holder:
        session.delete(row)
