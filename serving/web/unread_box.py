"""Where refused rows lie that may carry danger, said at the top of the queue to who answers for the county.

No child is known of such a row, so it is in nobody's area and no case is opened: a person looks into the
quarantine, or asks the department. Source, file and row numbers are told, and nothing of a cell.
"""

from __future__ import annotations

from dataclasses import dataclass

from features.sources import source_named
from features.unread import DAYS
from serving.review.case import Role
from serving.web.deps import Deps
from serving.web.text import translator

TOLD = frozenset({Role.SCREENER, Role.MANAGER})
# So many files stand here; the report of intake has all of them.
SHOWN = 20


@dataclass(frozen=True)
class UnreadBox:
    """What the box says: how many, and a line for each file."""

    heading: str
    lines: tuple[str, ...]
    more: str


def unread_box(deps: Deps, role: Role, language: str) -> UnreadBox | None:
    """The box for this role; None if it is not told or there is nothing to look at."""
    found = deps.unread() if role in TOLD else ()
    if not found:
        return None
    t = translator(language)
    lines = [
        t(
            "unread.rows" if each.rows else "unread.whole",
            source=source_named(each.source).title[language],
            file=each.file,
            rows=t("separator").join(str(row) for row in each.rows[:SHOWN])
            + ("…" if len(each.rows) > SHOWN else ""),
            day=each.received_on.isoformat(),
        )
        for each in found[:SHOWN]
    ]
    return UnreadBox(
        heading=t("unread.heading", count=sum(each.number for each in found), days=DAYS),
        lines=tuple(lines),
        more=t("unread.more", count=len(found) - SHOWN) if len(found) > SHOWN else "",
    )
