"""Since when a department has been silent: one column for each source, beside the features in a matrix.

    heard_days_<source>   days from the last delivery known before the as-of date; NaN if there was none

"No record" and "the department is silent" are different values: the first is the declared value of a
feature, the second is NaN in all features of the source. Coverage says how the second came about, and
how near the first is to it. It is derived from the sources, so that none can be forgotten, and read
from the lake's ledger.

Coverage is no feature, and no screener may read it: a screener would learn a department's rhythm (who
delivers late in a bad year, which county's schools report) and call it a child's risk. It is there for
the words beside a reason, for abstaining, and for monitoring. Our own queue delivers to itself and is
never silent: it has no coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from features.language import COVERAGE_PREFIX, Department, Source, Text
from features.sources import SOURCES


class Ledger(Protocol):
    """What is asked of the lake."""

    def last_heard(self, source: Source | str, as_of: date, /) -> date | None:
        """The last day before `as_of` on which the source was heard; None if it never was."""


@dataclass(frozen=True)
class Coverage:
    """The coverage column of one source."""

    source: Source

    @property
    def name(self) -> str:
        """The column's name in a matrix."""
        return COVERAGE_PREFIX + self.source.name

    @property
    def title(self) -> Text:
        """The column in words."""
        title = self.source.title
        return Text(f"“{title.zh}”最近一次投递距今天数", f"Days since the last delivery of “{title.en}”")


def covered(sources: Sequence[Source]) -> tuple[Coverage, ...]:
    """The coverage of every source that can fall silent."""
    return tuple(Coverage(source) for source in sources if source.department is not Department.REVIEW)


COVERAGE: tuple[Coverage, ...] = covered(SOURCES)


def heard_days(ledger: Ledger, as_of: date) -> dict[str, float]:
    """Column name → days since the source was last heard before this date (1 = the day before); NaN never."""
    days = {}
    for coverage in COVERAGE:
        heard = ledger.last_heard(coverage.source, as_of)
        days[coverage.name] = math.nan if heard is None else float((as_of - heard).days)
    return days
