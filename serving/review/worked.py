"""What has opened work, and whose case is open or was closed last: what a release must not raise again.

Child keys are those the work was begun under; which of them are one child is for the caller to know.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from serving.review.case import Status
from serving.review.tables import IS_OPEN, AlertRow, Case


def open_children(session: Session) -> frozenset[str]:
    """The child keys that have a case which is not closed; policy lets them rest."""
    return frozenset(session.scalars(select(Case.child_key).where(IS_OPEN)))


def closed_on(session: Session) -> dict[str, datetime]:
    """When each child's case was closed last."""
    rows = session.execute(
        select(Case.child_key, func.max(Case.closed_at))
        .where(Case.status == Status.CLOSED.value)
        .group_by(Case.child_key)
    )
    return {child_key: closed_at for child_key, closed_at in rows if closed_at is not None}


def raised_triggers(session: Session) -> frozenset[tuple[str, str, str]]:
    """The child, the trigger and the record number of every hard trigger or request that has opened work."""
    rows = session.execute(
        select(AlertRow.child_key, AlertRow.trigger, AlertRow.trigger_record).where(
            AlertRow.trigger_record.is_not(None)
        )
    )
    return frozenset((child_key, trigger or "", record or "") for child_key, trigger, record in rows)
