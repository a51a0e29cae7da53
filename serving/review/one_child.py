"""A child that two departments knew as two has work under two keys; it is one child all the same.

Rows keep the key they were written under. Whoever looks for a child's cases asks under every key the child
ever had, as the identity store says them (`features.people`); a merge taken back needs no undoing here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from serving.review.case import Status
from serving.review.tables import Case

# Every key of the child with this key.
KeysOf = Callable[[str], Collection[str]]


def only_itself(child_key: str) -> tuple[str, ...]:
    """The keys of a child never merged with another."""
    return (child_key,)


def cases_of_person(session: Session, keys: Collection[str]) -> Sequence[Case]:
    """Every case of the child, under whichever key, the newest first."""
    found = select(Case).where(Case.child_key.in_(keys)).order_by(Case.opened_at.desc(), Case.id)
    return session.scalars(found).all()


def open_case_of_person(session: Session, keys: Collection[str]) -> Case | None:
    """The case that is not closed; of two, opened before the children were found to be one, the older."""
    found = select(Case).where(Case.child_key.in_(keys), Case.status != Status.CLOSED.value)
    return session.scalars(found.order_by(Case.opened_at, Case.id)).first()
