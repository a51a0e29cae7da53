"""Why a child's place changed between two rounds, worked out from the records; or why it cannot be told.

A pair of stored screenings never changes, and neither does what was known by their dates, so an answer is
kept while the process runs.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from features.lake import Lake
from features.language import Text
from models.changes import Changes, ChangesError, since
from models.screener import Screener, ScreenerError
from models.screening import Screening

ABSTAINED = Text(
    "其中一轮筛查模型没有作判断，无法比较。",
    "In one of the two rounds the screener said nothing, so they cannot be compared.",
)
NO_MODEL = Text(
    "当时使用的筛查模型已不在，无法比较。",
    "The screener used then is no longer here, so they cannot be compared.",
)
NOT_AS_STORED = Text(
    "按现有记录算不出当时的结果（记录可能已依法删除或归并），因此不作比较。",
    "The records here do not give what was found then (they may have been deleted by right or merged), so no"
    " comparison is made.",
)
NO_RECORDS = Text(
    "这里没有接入部门记录，无法比较两轮。",
    "The departments' records are not here, so two rounds cannot be compared.",
)

# A page asks for at most one pair for each screener.
_KEPT = 512


class Comparer:
    """Answers for pairs of screenings of one child, out of the lake and the screeners kept beside it."""

    def __init__(self, lake: Lake, champions: Path) -> None:
        self._lake = lake
        self._champions = champions
        self._kept = lru_cache(maxsize=_KEPT)(self._compare)
        self._screener = lru_cache(maxsize=8)(self._load)

    def __call__(self, before: Screening, now: Screening) -> Changes | Text:
        """The difference, or in words why there is none to tell."""
        if before.abstained is not None or now.abstained is not None:
            return ABSTAINED
        # Screenings hold lists of reasons; their text stands for them as a key.
        return self._kept(before.to_json(), now.to_json())

    def _compare(self, before: str, now: str) -> Changes | Text:
        earlier, later = Screening.from_json(before), Screening.from_json(now)
        if not self._lake.tables():
            return NO_RECORDS
        was, now_is = (self._screener(each.screener, each.version) for each in (earlier, later))
        if was is None or now_is is None:
            return NO_MODEL
        try:
            return since(self._lake, earlier, later, was, now_is)
        except ChangesError:
            return NOT_AS_STORED

    def _load(self, name: str, version: str) -> Screener | None:
        return kept_screener(self._champions, name, version)


def kept_screener(champions: Path, name: str, version: str) -> Screener | None:
    """A screener that was in use once, out of its folder; None if it is not there or not the same."""
    try:
        found = Screener.load(champions / name / version)
    except (ScreenerError, FileNotFoundError):
        return None
    return found if found.version == version else None
