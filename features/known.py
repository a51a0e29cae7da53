"""What is known of one child beside the number, as it grows from delivery to delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.person_numbers import birth_in

# The field of the number of the household a child is registered with.
HOUSEHOLD = "household"


@dataclass(frozen=True)
class Known:
    """All that is known of one child for linking: `also` holds other values by field, other names too."""

    child_key: str
    name: str
    id_number: str
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names_with_birth(self) -> set[tuple[str, str]]:
        """Every name of the child with every date of birth told of it, the one in its number included."""
        births = set(self.also.get("birth_on", ()))
        if self.id_number:
            births.add(birth_in(self.id_number).isoformat())
        names = {self.name, *self.also.get("name", ())} - {""}
        return {(name, birth) for name in names for birth in births}

    def __repr__(self) -> str:
        return f"Known({self.child_key}, sealed)"


def joined(before: Known | None, told: Known) -> Known:
    """What is known of a child after it was told again; what came first stays first.

    Of households the one told of last stands last: a family may come back to where it was before.
    """
    if before is None:
        return told
    also = {name: list(values) for name, values in before.also.items()}
    more = {name: list(values) for name, values in told.also.items()}
    if before.name and told.name != before.name:
        more.setdefault("name", []).insert(0, told.name)
    for name, values in more.items():
        kept = also.setdefault(name, [])
        if name == HOUSEHOLD:
            kept[:] = [value for value in kept if value not in values]
        kept.extend(value for value in values if value and value not in kept)
    name = before.name or told.name
    return Known(
        before.child_key,
        name,
        before.id_number or told.id_number,
        {field: tuple(v for v in values if field != "name" or v != name) for field, values in also.items()},
    )
