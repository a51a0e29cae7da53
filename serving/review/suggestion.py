"""Whom to give a case to: who is there, has room, works nearest and has least to do.

A suggestion orders the list a coordinator chooses from. It decides nothing, and nobody is left out of it.
Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from serving.review.case import Role

# Open cases one person can have in hand at a time, where nobody has set another number for them. Most child
# directors do this beside other duties. No document states a number: the deploying office confirms these.
CAPACITY: Mapping[Role, int] = {
    Role.CHILD_DIRECTOR: 12,
    Role.SUPERVISOR: 20,
    Role.SCREENER: 30,
    Role.ASSESSOR: 20,
}


@dataclass(frozen=True)
class Colleague:
    """A member of staff who may get a case. `away_until`: the last day of an absence that holds now."""

    account_id: str
    area_prefix: str
    in_hand: int
    capacity: int
    away_until: date | None = None

    @property
    def has_room(self) -> bool:
        """Whether one more case fits."""
        return self.in_hand < self.capacity


def suggested(staff: Sequence[Colleague]) -> tuple[Colleague, ...]:
    """Everybody, the best first: at work, with room, answering for the smallest area, with the least load."""
    return tuple(
        sorted(
            staff,
            key=lambda one: (
                one.away_until is not None,
                not one.has_room,
                -len(one.area_prefix),
                one.in_hand / max(one.capacity, 1),
                one.account_id,
            ),
        )
    )


def best(staff: Sequence[Colleague]) -> Colleague | None:
    """The first of them if that person is there and has room; else nobody."""
    for one in suggested(staff)[:1]:
        return one if one.away_until is None and one.has_room else None
    return None
