"""Refused rows, and files refused whole, that may carry danger: where they lie, without opening them.

Read from the summaries the quarantine keeps in plain sight: source, file and row numbers, and no cell. A row
stays here for `DAYS` after its file came; by then it was looked at, or mended and delivered again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from features.safety import IN_REFUSED_ROW

DAYS = 30


@dataclass(frozen=True)
class Unread:
    """One delivered file with such rows. No `rows`: it was refused whole, and which rows cannot be told."""

    source: str
    file: str
    rows: tuple[int, ...]
    received_on: date

    @property
    def number(self) -> int:
        """How many places to look at: rows, or the file."""
        return len(self.rows) or 1


def unread_dangers(quarantine: Path, today: date) -> tuple[Unread, ...]:
    """What came within the last `DAYS` days, the newest first."""
    found = (_read(path, path.stat().st_mtime_ns) for path in quarantine.glob("*.json"))
    recent = (each for each in found if each and each.received_on > today - timedelta(days=DAYS))
    return tuple(sorted(recent, key=lambda each: (-each.received_on.toordinal(), each.file)))


def numbers_by_source(found: Iterable[Unread]) -> dict[str, int]:
    """How many places there are to look at, for each source that has any."""
    counted: dict[str, int] = {}
    for each in found:
        counted[each.source] = counted.get(each.source, 0) + each.number
    return counted


# A summary is written once and replaced whole; pages ask for all of them each time.
@lru_cache(maxsize=4096)
def _read(path: Path, _written: int) -> Unread | None:
    said = json.loads(path.read_text(encoding="utf-8"))
    rows = said["problems"].get(IN_REFUSED_ROW)
    if rows is None:
        return None
    return Unread(said["source"], said["file"], tuple(rows), date.fromisoformat(said["received_on"]))


__all__ = ["DAYS", "Unread", "numbers_by_source", "unread_dangers"]
