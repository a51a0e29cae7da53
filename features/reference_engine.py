"""The meaning itself as an engine: features of children whose records are at hand.

For one child, or records sent along with a question, nothing is faster than reading what a feature
means and doing it; for a county nothing is slower. The answers are those of `features.engine` to the
bit. The records are those that stand on one date, so a question about another date is refused.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date

import numpy as np

from features.child_records import Standing
from features.language import Feature, Source
from features.questions import Answer, EngineError, FeatureEngine, Questions
from features.reference import number_among, standing


class ReferenceEngine(FeatureEngine):
    """Features by `features.reference`. `delivered` names the sources that ever delivered."""

    def __init__(self, records: Standing, as_of: date, delivered: Collection[str]) -> None:
        self._records = records
        self._as_of = as_of
        self._delivered = frozenset(delivered)

    def answers(self, source: Source) -> bool:
        """Whether the source ever delivered."""
        return source.name in self._delivered

    def answer(self, source: Source, features: tuple[Feature, ...], questions: Questions) -> Answer:
        """All features of one source for all questions."""
        if set(questions.dates) - {self._as_of}:
            raise EngineError(
                f"The records at hand are those known as of {self._as_of}, and of no other date."
            )
        by_child = self._records.get(source.name, {})
        asked = [place for place, key in enumerate(questions.child_keys) if key in by_child]
        stood = [standing(by_child[questions.child_keys[place]], self._as_of) for place in asked]
        rows = [
            [_cell(number_among(feature, records, self._as_of)) for feature in features] for records in stood
        ]
        cells = np.array(rows, dtype=np.float64).reshape(len(asked), len(features))
        return Answer(np.array(asked, dtype=np.int64), tuple(cells.T))


def _cell(found: float | None) -> float:
    return math.nan if found is None else found
