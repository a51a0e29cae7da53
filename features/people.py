"""What the identity store says to other stores of who is who: who was deleted by right, who is one child.

Keys only, no names. Another store reads it each time it works, so that no message between the two can be
lost: a deletion or a merge holds there from its next turn on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from features.identity import IdentityStore
from features.identity_tables import FORGOTTEN, merged


@dataclass(frozen=True)
class People:
    """`forgotten`: every key of a child deleted by right. `merged`: the old key → the key that stayed."""

    forgotten: frozenset[str] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)

    def person(self, child_key: str) -> str:
        """The key the child's records stand under now."""
        return self.merged.get(child_key, child_key)

    def keys_of(self, child_key: str) -> tuple[str, ...]:
        """Every key of the same child, the one that stayed first: older work stands under the older ones."""
        person = self.person(child_key)
        return (person, *sorted(key for key, stayed in self.merged.items() if stayed == person))


def read_people(identity: IdentityStore) -> People:
    """What the store says now."""
    with identity.engine.connect() as connection:
        return People(frozenset(connection.scalars(select(FORGOTTEN.c.child_key))), merged(connection))
