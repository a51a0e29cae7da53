"""Open cases of children of one household, for one visit together. Each is judged by itself, always."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.review.listing import visible
from serving.review.permissions import Actor
from serving.review.tables import IS_OPEN, Case


def together_with(session: Session, actor: Actor, cases: Sequence[Case]) -> dict[str, list[Case]]:
    """For each of these cases the open ones of its household that exist for the actor, in one query."""
    homes = {case.household for case in cases if case.household is not None}
    if not homes:
        return {case.id: [] for case in cases}
    found = session.scalars(
        select(Case).where(Case.household.in_(homes), IS_OPEN, visible(actor)).order_by(Case.id)
    ).all()
    return {
        case.id: [
            other
            for other in found
            if other.household == case.household and other.id != case.id and case.household is not None
        ]
        for case in cases
    }
