"""What the identity store gives out: a child, a record whose child is not known, a record that waits.

Nothing here shows a value when it is printed: a log line or a traceback holds no name and no number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# Why a record's child is not known.
NO_NUMBER = "no_number"


@dataclass(frozen=True)
class Identity:
    """A child's name and ID number, revealed. Keep it no longer than showing it takes."""

    name: str
    id_number: str

    def __repr__(self) -> str:
        return "Identity(sealed)"


@dataclass(frozen=True)
class UnresolvedRecord:
    """A record without ID number, waiting for a person: where it came from and whose it may be."""

    source: str
    record_id: str
    delivery: str
    received_on: date
    masked_name: str


@dataclass(frozen=True)
class Waiting:
    """A record whose child is not known, opened: `reason` is NO_NUMBER or the rule its number broke."""

    source: str
    record_id: str
    delivery: str
    received_on: date
    reason: str
    cells: Mapping[str, str | None]

    def __repr__(self) -> str:
        return f"Waiting({self.source}, {self.record_id}, sealed)"
