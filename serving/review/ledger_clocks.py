"""The days from which the clocks of the ledger run, kept in its entries so that what is due is read in order.

The clock of contacts runs from the day the child or its family was last reached, that of visits from the last
visit, whether recorded in the ledger or in a case; or else from the day of entry. A visit is a contact too;
reaching nobody is neither. Whoever records that somebody was reached tells it here, in the same transaction.
An entry that has left keeps the days it had then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import case, func, select, union_all, update
from sqlalchemy.orm import Session

from serving.review.case import FactKind, Met
from serving.review.record_tables import IN_LEDGER, LedgerEntry, RecordStep
from serving.review.tables import Case, FactRow

VISIT = "care_visit"
VERBS = ("care_contact", VISIT)
_NOBODY = Met.NOBODY.value


def start(session: Session, *entries: LedgerEntry) -> None:
    """Set the days of new entries: what was recorded of a child before counts where it is the later."""
    reached = _last_reached(session, [entry.child_key for entry in entries])
    for entry in entries:
        contacted, visited = reached.get(entry.child_key, (None, None))
        entry.contacted_on = max(entry.entered_on, contacted or entry.entered_on)
        entry.visited_on = max(entry.entered_on, visited or entry.entered_on)


def reached(session: Session, child_key: str, on: date, *, visit: bool) -> None:
    """The clocks of a child's open entry run from this day on, unless from a later one already."""
    known = (LedgerEntry.contacted_on, LedgerEntry.visited_on)[: 2 if visit else 1]
    session.execute(
        update(LedgerEntry)
        .where(IN_LEDGER, LedgerEntry.child_key == child_key)
        .values({column: case((column < on, on), else_=column) for column in known})
        .execution_options(synchronize_session=False)
    )


def _last_reached(session: Session, child_keys: Sequence[str]) -> dict[str, tuple[date, date | None]]:
    """For each child ever reached: the last day of all, and that of the last visit."""
    days = union_all(
        select(
            RecordStep.child_key.label("child"),
            RecordStep.happened_on.label("contacted"),
            case((RecordStep.verb == VISIT, RecordStep.happened_on)).label("visited"),
        ).where(RecordStep.child_key.in_(child_keys), RecordStep.verb.in_(VERBS), RecordStep.code != _NOBODY),
        select(
            Case.child_key,
            FactRow.happened_on,
            case((FactRow.kind == FactKind.VISIT.value, FactRow.happened_on)),
        )
        .join(Case, Case.id == FactRow.case_id)
        .where(Case.child_key.in_(child_keys), FactRow.met != _NOBODY),
    ).subquery()
    rows: Any = session.execute(
        select(days.c.child, func.max(days.c.contacted), func.max(days.c.visited)).group_by(days.c.child)
    )
    return {child: (contacted, visited) for child, contacted, visited in rows}
