"""The margin of a booster by walking its trees: the bits LightGBM's own `predict` gives, without LightGBM.

Loading LightGBM takes a second, and asking it of one row takes longer than walking does, so a service that
answers about children never loads it. Of very many rows it is the faster of the two; see `models.margins`.

All trees are walked at once: every node says where it sends a row, a leaf to itself, and what is followed
as often as the deepest tree asks has arrived at a leaf of each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.fast_reasons import FEW, Asked
from models.tree_tables import Walk

Floats = npt.NDArray[np.float64]
_Bits = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.intp]

# Rows walked at once: enough that numpy's own cost per call vanishes, few enough for the cache.
BLOCK = 256


@dataclass(frozen=True)
class Forest:
    """Nodes and leaves of all trees end to end, behind a first leaf of nought: from there LightGBM adds."""

    asked: Asked
    starts: _Places
    nodes: _Places
    tests: _Places  # of each node, where it sends a row that passes, and one that does not
    left: _Places
    right: _Places
    values: Floats  # of each place; of a node it is never read
    deepest: int

    @classmethod
    def of(cls, walks: tuple[Walk, ...], asked: Asked) -> Forest:
        """The trees of a booster, whose tests `asked` answers."""
        first = list(itertools.accumulate((len(w.tests) + len(w.leaf_values) for w in walks), initial=1))
        begun = list(zip(first, walks, strict=False))
        return cls(
            asked=asked,
            starts=np.array([0, *first[: len(walks)]], dtype=np.intp),
            nodes=_whole(start + node for start, walk in begun for node in range(len(walk.tests))),
            tests=_whole(test for walk in walks for test in walk.tests),
            left=_whole(_place(start, walk, way) for start, walk in begun for way in walk.left),
            right=_whole(_place(start, walk, way) for start, walk in begun for way in walk.right),
            values=np.array(
                [0.0, *(v for walk in walks for v in (*(0.0 for _ in walk.tests), *walk.leaf_values))]
            ),
            deepest=max((_depth(walk, 0) for walk in walks if walk.tests), default=0),
        )

    def margins(self, rows: Floats) -> Floats:
        """The margin of each row."""
        found = np.empty(len(rows))
        for start in range(0, len(rows), BLOCK):
            part = rows[start : start + BLOCK]
            into = found[start : start + BLOCK]
            if len(part) > FEW:
                into[:] = self._together(self.asked.answers(np.ascontiguousarray(part.T)))
            else:
                for place, row in enumerate(part):
                    into[place] = self._alone(self.asked.answers_of_one(row))
        return found

    def _alone(self, answers: _Bits) -> float:
        sent = np.arange(len(self.values))
        sent[self.nodes] = np.where(answers[self.tests], self.left, self.right)
        at = self.starts
        for _ in range(self.deepest):
            at = sent[at]
        return float(_added(self.values[at]))

    def _together(self, answers: _Bits) -> Floats:
        rows = answers.shape[1]
        sent = np.repeat(np.arange(len(self.values))[:, None], rows, axis=1)
        sent[self.nodes] = np.where(answers[self.tests], self.left[:, None], self.right[:, None])
        at = np.repeat(self.starts[:, None], rows, axis=1)
        for _ in range(self.deepest):
            at = np.take_along_axis(sent, at, axis=0)
        return np.asarray(_added(self.values[at]), dtype=np.float64)


def _added(leaves: Floats) -> Floats:
    # One after the other, as LightGBM does: numpy's own sum pairs them, which rounds otherwise.
    return np.asarray(np.add.accumulate(leaves, axis=0)[-1])


def _place(start: int, walk: Walk, way: int) -> int:
    return start + way if way >= 0 else start + len(walk.tests) + ~way


def _depth(walk: Walk, way: int) -> int:
    return 0 if way < 0 else 1 + max(_depth(walk, walk.left[way]), _depth(walk, walk.right[way]))


def _whole(numbers: Iterable[int]) -> _Places:
    return np.fromiter(numbers, dtype=np.intp)
