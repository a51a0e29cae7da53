"""Closing a case: what was concluded is written down, left for the lake, and the case is closed with it.

While a second person is awaited a conclusion is kept apart, under whose it is; it becomes the disposition
of the case only when the case closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.review import outbox, queries, screenings
from serving.review.acting import Doing, finish
from serving.review.case import RISKS, Disposition, Ending, Status, coded
from serving.review.life_tables import ConclusionRow
from serving.review.tables import Case, DispositionRow

FIRST, SECOND, SETTLED = "first", "second", "settled"


@dataclass(frozen=True)
class Conclusion:
    """What one person concluded on every risk, and why."""

    account_id: str
    dispositions: Mapping[str, Disposition]
    reason: str


def cannot_tell(account_id: str, reason: str) -> Conclusion:
    """That nothing can be said of any risk."""
    return Conclusion(account_id, dict.fromkeys(RISKS, Disposition.CANNOT_TELL), reason.strip())


def high_risks(session: Session, case: Case) -> frozenset[str]:
    """The risks whose screener put the child in its high band when the case was raised."""
    behind = screenings.behind_alerts(session, queries.alerts_of(session, [case.id])[case.id])
    return frozenset(screening.screener for screening in behind if screening.band == "high")


def keep(doing: Doing, place: str, conclusion: Conclusion) -> None:
    """Keep a conclusion apart until the second review is over."""
    for risk in RISKS:
        doing.session.add(
            ConclusionRow(
                case_id=doing.case.id,
                entry=doing.case.entry,
                place=place,
                risk=risk,
                disposition=conclusion.dispositions[risk].value,
                reason=conclusion.reason,
                account_id=conclusion.account_id,
                recorded_at=doing.now,
            )
        )


def kept(session: Session, case: Case, place: str) -> Conclusion:
    """The conclusion kept last at this place since the case came into the queue; KeyError without one."""
    rows = session.scalars(
        select(ConclusionRow)
        .where(
            ConclusionRow.case_id == case.id, ConclusionRow.entry == case.entry, ConclusionRow.place == place
        )
        .order_by(ConclusionRow.id)
    ).all()
    newest = {row.risk: row for row in rows}
    if not newest:
        raise KeyError(place)
    last = newest[RISKS[0]]
    return Conclusion(
        last.account_id,
        {risk: coded(Disposition, row.disposition) for risk, row in newest.items()},
        last.reason,
    )


def close(
    doing: Doing,
    conclusion: Conclusion,
    today: date,
    *,
    holder: str | None = None,
    ending: Ending = Ending.REVIEWED,
) -> Case:
    """Close the case with this conclusion and leave it for the lake, one record for each risk.

    `holder`: who worked the case, if that is not who concluded.
    """
    session, case = doing.session, doing.case
    visited, confirmed = queries.has_visit(session, case), case.confirmed
    if visited:
        confirmed = bool(confirmed) or Disposition.CONFIRMED in conclusion.dispositions.values()
    for risk in RISKS:
        disposition = conclusion.dispositions[risk].value
        session.add(
            DispositionRow(
                case_id=case.id,
                risk=risk,
                disposition=disposition,
                visited=visited,
                reason=conclusion.reason,
                disposed_by=conclusion.account_id,
                disposed_at=doing.now,
            )
        )
        outbox.put(
            session,
            source="dispositions",
            # A case closed again gives the same record number: a correction of the first conclusion.
            record={
                "record_id": f"{case.id}-{risk}",
                "child_key": case.child_key,
                "occurred_on": today.isoformat(),
                "risk": risk,
                "disposition": disposition,
                "visited": "yes" if visited else "no",
                "case_id": case.id,
            },
            now=doing.now,
        )
    return finish(
        doing,
        holder=holder or conclusion.account_id,
        end=Status.CLOSED,
        detail={"visited": visited, "ending": ending.value},
        closed_at=doing.now,
        ending=ending.value,
        confirmed=confirmed,
        second=None,
        escalated_at=None,
    )
