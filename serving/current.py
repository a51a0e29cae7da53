"""What stands on files that others replace: made anew when they change, so that nothing need be restarted.

A promotion, a roll-back, a first intake, a screener that was damaged and put back: each is noticed within
seconds, by the requests and readiness checks that come anyway; no timer runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from features.lake import Lake
from models.champions import CURRENT
from models.screeners import SCREENERS

T = TypeVar("T")

# In seconds: so long an old state may go on.
LOOK_EVERY = 2.0


class Current(Generic[T]):
    """Holds what `make` makes, and makes it again when `state` is another. Safe to share between threads.

    One request does the work; the others go on with what there was.
    """

    def __init__(
        self, make: Callable[[], T], state: Callable[[], object], seconds: Callable[[], float]
    ) -> None:
        self._make, self._state, self._seconds = make, state, seconds
        self._lock = threading.Lock()
        self._seen, self._looked = state(), seconds()
        self._made = make()

    def get(self) -> T:
        """What stands now."""
        if self._seconds() - self._looked >= LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                state = self._state()
                if state != self._seen:
                    self._made, self._seen = self._make(), state
                self._looked = self._seconds()
            finally:
                self._lock.release()
        return self._made


def state_of(champions: Path, lake: Lake) -> tuple[object, ...]:
    """What tells one state of screeners and sources from another, at the cost of a look at their files."""
    return (tuple(_files(champions)), tuple(lake.tables()))


def _files(champions: Path) -> Iterator[tuple[str, int, int]]:
    for spec in SCREENERS:
        home = champions / spec.name
        pointer = home / CURRENT
        version = pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else ""
        for path in (pointer, *(home / version / name for name in ("margin.txt", "screener.json"))):
            found = path.stat() if path.is_file() else None
            yield str(path), found.st_size if found else -1, found.st_mtime_ns if found else -1
