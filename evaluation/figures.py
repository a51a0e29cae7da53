"""Every measure of one screener on one set of rows, and in plain words each figure that cannot be given.

Counts come first: rows, children, labels not known, ties. A label that is not known is left out and
counted, never taken for 0. A figure that would rest on too few children is not given, only the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.metrics import ici_interval
from features.language import Text
from models.measures import MEASURES, Interval, with_intervals

Floats = npt.NDArray[np.float64]

DRAWS = 200
OF_BOTH_KINDS = Text("有结局（或无结局）的儿童", "children with the outcome (or without it)")

TITLES: Mapping[str, Text] = {
    "auroc": Text("AUROC", "AUROC"),
    "average_precision": Text("平均精度", "Average precision"),
    "brier": Text("Brier分", "Brier score"),
    "calibration_slope": Text("校准斜率", "Calibration slope"),
    "calibration_intercept": Text("校准截距", "Calibration intercept"),
    "calibration_in_the_large": Text("总体校准（对数优势）", "Calibration in the large (log-odds)"),
    "observed_to_expected": Text("观察/预期", "Observed / expected"),
    "ici": Text("校准平均差距（ICI）", "Integrated calibration index (ICI)"),
}

# Children with the outcome, and children without it, below whom a figure says more of chance than of the
# screener. A ranking needs fewer than a line, and a line fewer than a curve.
LEAST_CHILDREN: Mapping[str, int] = {
    "auroc": 10,
    "average_precision": 10,
    "brier": 10,
    "calibration_slope": 20,
    "calibration_intercept": 20,
    "calibration_in_the_large": 10,
    "observed_to_expected": 10,
    "ici": 50,
}


@dataclass(frozen=True)
class Counts:
    """What the figures rest on. `tied`: judged rows that share their risk with another child's."""

    rows: int
    unknown_labels: int
    unknown_risks: int
    judged: int
    children: int
    positives: int
    children_with_outcome: int
    children_without: int
    distinct_risks: int
    tied: int


@dataclass(frozen=True)
class NotEnough:
    """Why a figure is not given."""

    needed: int
    found: int
    of: Text = OF_BOTH_KINDS

    @property
    def sentence(self) -> Text:
        """The reason, in words."""
        return Text(
            f"{self.of.zh}仅{self.found}名，至少需{self.needed}名，暂不给出",
            f"Not enough to say: {self.found} {self.of.en}, {self.needed} are needed",
        )


@dataclass(frozen=True)
class Figures:
    """Measures by name with intervals; those that cannot be given are in `not_enough` and nowhere else."""

    counts: Counts
    measures: Mapping[str, Interval]
    not_enough: Mapping[str, NotEnough]


@dataclass(frozen=True)
class Known:
    """The rows whose label and risk are known."""

    label: Floats
    risk: Floats
    child_keys: Sequence[str]
    weights: Floats | None
    kept: npt.NDArray[np.bool_]


def known_rows(
    label: Floats, risk: Floats, child_keys: Sequence[str], weights: Floats | None = None
) -> Known:
    """The rows that can be judged, and which they are. Refuses arrays of unequal length, and other labels."""
    if not len(label) == len(risk) == len(child_keys) or (weights is not None and len(weights) != len(label)):
        raise ValueError("Labels, risks, children and weights must be of one length.")
    kept = ~np.isnan(label) & ~np.isnan(risk)
    if not np.isin(label[kept], (0.0, 1.0)).all():
        raise ValueError("A label is 1, 0 or not known.")
    keys = np.asarray(child_keys, dtype=str)[kept].tolist()
    return Known(label[kept], risk[kept], keys, None if weights is None else weights[kept], kept)


def count(label: Floats, risk: Floats, child_keys: Sequence[str]) -> Counts:
    """What there is to judge."""
    known = known_rows(label, risk, child_keys)
    keys = np.asarray(known.child_keys, dtype=str)
    levels, sizes = np.unique(known.risk, return_counts=True)
    with_outcome = set(keys[known.label == 1])
    return Counts(
        rows=len(label),
        unknown_labels=int(np.isnan(label).sum()),
        unknown_risks=int(np.isnan(risk).sum()),
        judged=len(known.label),
        children=len(set(keys)),
        positives=int(known.label.sum()),
        children_with_outcome=len(with_outcome),
        children_without=len(set(keys[known.label == 0]) - with_outcome),
        distinct_risks=len(levels),
        tied=int(sizes[sizes > 1].sum()),
    )


def figures(
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    weights: Floats | None = None,
    draws: int = DRAWS,
) -> Figures:
    """Every measure that these rows can bear, with intervals by resampling children."""
    counts = count(label, risk, child_keys)
    known = known_rows(label, risk, child_keys, weights)
    found = min(counts.children_with_outcome, counts.children_without)
    enough = {name for name, least in LEAST_CHILDREN.items() if found >= least}
    not_enough = {
        name: NotEnough(least, found) for name, least in LEAST_CHILDREN.items() if name not in enough
    }
    measures = {name: measure for name, measure in MEASURES.items() if name in enough}
    made = dict(
        with_intervals(known.label, known.risk, known.child_keys, rng, draws, measures, known.weights)
        if measures
        else {}
    )
    if "ici" in enough:
        made["ici"] = ici_interval(known.label, known.risk, known.child_keys, rng, draws, known.weights)
    return Figures(counts, made, not_enough)
