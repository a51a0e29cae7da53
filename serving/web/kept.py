"""Figures of a whole area, kept for some minutes: counting a large store takes longer than a page may.

Kept by whoever may see them, in this process only, and every page that shows them says when it was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

# How long figures are kept where nobody says otherwise.
KEPT_FOR = timedelta(minutes=5)
# As many figures as are kept at a time; beyond that the oldest go.
MOST = 200

Counted = TypeVar("Counted")


@dataclass(frozen=True)
class Kept(Generic[Counted]):
    """Figures by what they are of, each with the moment it was counted."""

    lasts: timedelta
    _found: dict[Hashable, tuple[datetime, Counted]] = field(default_factory=dict)

    def get(self, of: Hashable, now: datetime, count: Callable[[], Counted]) -> tuple[datetime, Counted]:
        """When it was counted, and what came of it; counted now if that is too long ago."""
        at, counted = self._found.get(of, (None, None))
        if at is not None and counted is not None and now - at <= self.lasts:
            return at, counted
        fresh = count()
        self._found.pop(of, None)
        while len(self._found) >= MOST:
            self._found.pop(next(iter(self._found)), None)
        self._found[of] = (now, fresh)
        return now, fresh
