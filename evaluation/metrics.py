"""What matters to the people who visit: of those they can see, how many needed it, and who is missed.

Plain functions of (y_true, risk). At a capacity the last places may be tied: then the figure depends on
luck, and both ends of that luck are given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import child_codes, child_weights, sigmoid
from models.measures import Interval, auroc

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AtCapacity:
    """Visiting so many children, highest risk first. `worst` and `best`: if ties fall ill or well."""

    visited: int
    precision: float
    precision_worst: float
    precision_best: float
    recall: float
    recall_worst: float
    recall_best: float
    tied: int


def at_capacity(y_true: Floats, risk: Floats, capacity: int) -> AtCapacity:
    """Precision and recall among the `capacity` highest risks; ties at the edge counted by expectation."""
    visited = min(capacity, len(risk))
    positives = float(y_true.sum())
    if visited < 1 or positives == 0:
        nothing = math.nan
        return AtCapacity(max(visited, 0), nothing, nothing, nothing, nothing, nothing, nothing, 0)
    edge = np.sort(risk)[::-1][visited - 1]
    above, level = risk > edge, risk == edge
    sure = float(y_true[above].sum())
    places = visited - int(above.sum())
    tied, tied_positive = int(level.sum()), float(y_true[level].sum())
    worst = sure + max(0.0, places - (tied - tied_positive))
    best = sure + min(float(places), tied_positive)
    mean = sure + places * tied_positive / tied
    return AtCapacity(
        visited,
        mean / visited, worst / visited, best / visited,
        mean / positives, worst / positives, best / positives,
        tied if tied > places else 0,
    )  # fmt: skip


def smooth_calibration(y_true: Floats, risk: Floats, knots: int = 4) -> Floats:
    """The outcome rate as a smooth function of the risk, at each row: a natural cubic curve in log-odds."""
    odds = np.log(np.clip(risk, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(risk, 1e-9, 1 - 1e-9))
    design = _natural_spline(odds, knots)
    weights = np.zeros(design.shape[1])
    rate = float(np.clip(y_true.mean(), 1e-6, 1 - 1e-6))
    weights[0] = math.log(rate / (1 - rate))
    ridge = 1e-4 * np.eye(design.shape[1])
    for _ in range(60):
        probability = sigmoid(design @ weights)
        gradient = design.T @ (y_true - probability) - ridge @ weights
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design + ridge
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step * min(1.0, 4.0 / float(np.max(np.abs(step)) or 1.0))
        if float(np.max(np.abs(step))) < 1e-8:
            break
    return sigmoid(design @ weights)


def _natural_spline(values: Floats, knots: int) -> Floats:
    at = np.unique(np.quantile(values, np.linspace(0.05, 0.95, knots)))
    columns = [np.ones_like(values), values - values.mean()]
    if len(at) >= 3:
        last, before = at[-1], at[-2]
        scale = (last - at[0]) ** 2
        for knot in at[:-2]:
            cubes = [np.maximum(values - k, 0) ** 3 for k in (knot, before, last)]
            bent = (
                cubes[0]
                - cubes[1] * (last - knot) / (last - before)
                + cubes[2] * (before - knot) / (last - before)
            )
            columns.append(bent / scale)
    return np.column_stack(columns)


def ici(y_true: Floats, risk: Floats) -> float:
    """Integrated calibration index: the mean distance between a risk and the smoothed rate at it."""
    return float(np.mean(np.abs(smooth_calibration(y_true, risk) - risk)))


def calibration_groups(y_true: Floats, risk: Floats, groups: int = 10) -> list[tuple[float, float, int]]:
    """Mean risk, outcome rate and rows of equal groups by risk, lowest first; empty groups left out."""
    parts = np.array_split(np.argsort(risk, kind="stable"), groups)
    return [(float(risk[p].mean()), float(y_true[p].mean()), len(p)) for p in parts if len(p)]


def auroc_difference(
    y_true: Floats,
    risk: Floats,
    other: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    draws: int = 200,
) -> Interval:
    """How much better one ranking is than another on the same children, resampled together."""
    children = child_codes(child_keys)
    found = []
    for _ in range(draws):
        weights = child_weights(children, rng)
        found.append(auroc(y_true, risk, weights) - auroc(y_true, other, weights))
    low, high = np.nanquantile(found, (0.025, 0.975))
    return Interval(auroc(y_true, risk) - auroc(y_true, other), float(low), float(high))
