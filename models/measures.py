"""Plain measures of a risk against what happened, and their intervals by resampling children.

Every function takes (y_true, risk) and optional row weights. Intervals resample children, not rows: a
child seen on several dates is one witness. A label that is not known is refused, never taken for 0.
Training logs these, evaluation judges by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.calibration import CalibrationError, child_codes, child_weights, fit_line, sigmoid

Floats = npt.NDArray[np.float64]
Measure = Callable[[Floats, Floats, Floats | None], float]


@dataclass(frozen=True)
class Interval:
    """A figure and the range that holds 95 % of its resamples."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "–"
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def auroc(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """The chance that a child with the outcome is placed above one without; ties half. NaN without both."""
    weight = np.ones_like(risk) if weights is None else weights
    positive, total = _by_distinct(y_true, risk, weight)
    negative = total - positive
    below = np.cumsum(negative[::-1])[::-1] - negative
    pairs = positive.sum() * negative.sum()
    return float(positive @ (below + negative / 2) / pairs) if pairs else math.nan


def average_precision(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """Mean precision over the children with the outcome, highest risk first. NaN without any."""
    weight = np.ones_like(risk) if weights is None else weights
    positive, total = _by_distinct(y_true, risk, weight)
    if not positive.sum():
        return math.nan
    seen = np.cumsum(total)
    precision = np.divide(np.cumsum(positive), seen, out=np.zeros_like(seen), where=seen > 0)
    return float(positive @ precision / positive.sum())


def brier(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """Mean squared distance between risk and outcome."""
    return float(np.average((risk - y_true) ** 2, weights=weights))


def calibration_slope(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """1 if risks spread as outcomes do; below 1 they are too extreme. NaN if no line fits."""
    return _line(y_true, risk, weights)[0]


def calibration_intercept(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """Intercept of the same line: 0 if, at even odds, risks are neither too high nor too low."""
    return _line(y_true, risk, weights)[1]


def calibration_in_the_large(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """How far all log-odds would have to move to promise as many outcomes as were seen; 0 is right."""
    weight = np.ones_like(risk) if weights is None else weights
    odds, seen, total = _odds(risk), float(weight @ y_true), float(weight.sum())
    if not 0 < seen < total:
        return math.nan
    # The total rises with the shift, so Newton's steps lead to it; held short where the curve is flat.
    shift = 0.0
    for _ in range(100):
        probability = sigmoid(odds + shift)
        slope = float(weight @ (probability * (1 - probability)))
        step = (seen - float(weight @ probability)) / max(slope, 1e-12)
        step = max(-2.0, min(2.0, step))
        shift += step
        if abs(step) < 1e-10:
            return shift
    return math.nan


def observed_to_expected(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """Outcomes seen for each outcome the risks promised."""
    return float(np.average(y_true, weights=weights) / np.average(risk, weights=weights))


MEASURES: Mapping[str, Measure] = {
    "auroc": auroc,
    "average_precision": average_precision,
    "brier": brier,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
    "calibration_in_the_large": calibration_in_the_large,
    "observed_to_expected": observed_to_expected,
}


def with_intervals(
    y_true: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    draws: int = 200,
    measures: Mapping[str, Measure] = MEASURES,
    weights: Floats | None = None,
) -> dict[str, Interval]:
    """Each measure with its interval. Resamples in which a measure has no value are left out.

    `weights`: how many children a row stands for, as in a survey; all ones where it is not given.
    """
    if np.isnan(y_true).any():
        raise ValueError("A measure is of known labels only: leave out, and count, the rows without one.")
    order = np.argsort(risk, kind="stable")  # sorted once, so that each resample sorts in linear time
    y_sorted, risk_sorted = y_true[order], risk[order]
    children = child_codes(child_keys)[order]
    own = np.ones_like(risk_sorted) if weights is None else weights[order]
    resamples = [child_weights(children, rng) * own for _ in range(draws)]
    lines: Floats | None = None
    found = {}
    for name, measure in measures.items():
        if measure in _ENDS:
            # Both ends of one line, each resample's begun at the line of all: it is fitted once, and soon.
            if lines is None:
                whole = _line(y_true, risk, weights)
                lines = np.array([_line(y_sorted, risk_sorted, drawn, whole) for drawn in resamples])
            values = lines[:, _ENDS.index(measure)]
        else:
            values = np.array([measure(y_sorted, risk_sorted, drawn) for drawn in resamples])
        values = values[~np.isnan(values)]
        low, high = np.quantile(values, (0.025, 0.975)) if len(values) else (math.nan, math.nan)
        found[name] = Interval(measure(y_true, risk, weights), float(low), float(high))
    return found


def _by_distinct(y_true: Floats, risk: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weight of positives and of all rows at each distinct risk, the highest first."""
    order = np.argsort(-risk, kind="stable")
    ordered = risk[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, int)
    positive = np.add.reduceat((y_true * weight)[order], starts) if len(starts) else np.empty(0)
    total = np.add.reduceat(weight[order], starts) if len(starts) else np.empty(0)
    return positive, total


def _line(
    y_true: Floats, risk: Floats, weights: Floats | None, start: tuple[float, float] | None = None
) -> tuple[float, float]:
    begun = None if start is None or math.isnan(start[0]) else start
    try:
        return fit_line(_odds(risk), y_true, weights, smooth=False, start=begun)
    except CalibrationError:
        return math.nan, math.nan


# What one calibration line gives: its two ends are measured together.
_ENDS: tuple[Measure, ...] = (calibration_slope, calibration_intercept)


def _odds(risk: Floats) -> Floats:
    held = np.clip(risk, 1e-9, 1 - 1e-9)
    return np.log(held) - np.log1p(-held)
