"""Whose data a fetched table held: kept with the fetching, and read by whoever may see who looked.

Only the case is kept, never what the table said of it; it goes when the child is let go of.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from serving.review.door_tables import ExportedCase, ExportRequest
from serving.review.export_templates import Template, Value
from serving.review.life_tables import ObjectionRow
from serving.review.objection_tables import OBJECTIONS

_AT_ONCE = 500


def keep(
    session: Session, request: ExportRequest, template: Template, rows: Sequence[Mapping[str, Value]]
) -> None:
    """Keep with a request which cases its table held."""
    ids = [str(row["row_id"]) for row in rows]
    cases = _cases_of_objections(session, ids) if template.of == OBJECTIONS else set(ids)
    if cases:
        held = [{"request_id": request.id, "case_id": case_id} for case_id in sorted(cases)]
        session.execute(insert(ExportedCase), held)


def of_cases(session: Session, case_ids: Collection[str]) -> Sequence[ExportRequest]:
    """The fetched tables that held any of these cases, the newest first."""
    held = select(ExportedCase.request_id).where(ExportedCase.case_id.in_(case_ids))
    return session.scalars(
        select(ExportRequest).where(ExportRequest.id.in_(held)).order_by(ExportRequest.fetched_at.desc())
    ).all()


def _cases_of_objections(session: Session, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), _AT_ONCE):
        asked = select(ObjectionRow.case_id).where(ObjectionRow.id.in_(ids[start : start + _AT_ONCE]))
        found.update(session.scalars(asked))
    return found
