"""Margins to probabilities: a line on the log-odds, fitted on rows the booster never saw.

The line is fitted again on resampled children (a child's rows stay together), and the spread of those
lines is the range shown beside every risk. The range says how sure the calibration is; it does not say
what will happen to one child.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RANGE = (0.025, 0.975)


class CalibrationError(ValueError):
    """Margins that cannot be turned into probabilities; the message says why."""


@dataclass(frozen=True)
class Calibration:
    """The fitted line and the lines of the resamples; plain numbers, so it is saved as text."""

    slope: float
    intercept: float
    draws: tuple[tuple[float, float], ...]

    def risk(self, margins: Floats) -> Floats:
        """Calibrated probability of the outcome for each margin; rises with the margin."""
        return sigmoid(self.slope * margins + self.intercept)

    def bounds(self, margins: Floats) -> tuple[Floats, Floats]:
        """Low and high end of the range for each margin; the risk always lies between them."""
        lines = self._lines
        if not len(lines):
            raise CalibrationError("A calibration without resamples has no range to show.")
        risk = self.risk(margins)
        low, high = np.empty_like(risk), np.empty_like(risk)
        for start in range(0, len(margins), 5000):  # 200 lines x a whole county would need gigabytes
            part = slice(start, start + 5000)
            spread = lines[:, :1] * margins[part] + lines[:, 1:]
            low[part], high[part] = sigmoid(_ends(spread))
        return np.minimum(low, risk), np.maximum(high, risk)

    @cached_property
    def _lines(self) -> Floats:
        return np.asarray(self.draws, dtype=np.float64)


def _ends(spread: Floats) -> Floats:
    """The quantiles of RANGE of each column, to the bit as numpy gives them and at a fraction of its cost."""
    under, over, part = _places(len(spread))
    ordered = np.partition(spread, [*under, *over], axis=0)
    low, high = ordered[under], ordered[over]
    step = high - low
    # From the nearer end, as numpy does: the two differ in the last bit.
    return np.where(part >= 0.5, high - step * (1 - part), low + step * part)


@cache
def _places(lines: int) -> tuple[list[int], list[int], Floats]:
    """Between which of so many ordered lines the quantiles of RANGE lie, and how far from the lower one."""
    places = [share * (lines - 1) for share in RANGE]
    under = [int(place) for place in places]
    over = [min(place + 1, lines - 1) for place in under]
    return under, over, np.array([[place - low] for place, low in zip(places, under, strict=True)])


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small), dtype=np.float64)


def fit_line(
    margins: Floats,
    y_true: Floats,
    weights: Floats | None = None,
    smooth: bool = True,
    start: tuple[float, float] | None = None,
) -> tuple[float, float]:
    """Slope and intercept of the logistic line through (margin, outcome), by Newton's method.

    `smooth` uses Platt's targets, so that a set which the margins separate still has a finite line;
    `start` is a line nearby, which saves most of the steps.
    Refuses a set without both outcomes: no line can be drawn through it.
    """
    weight = np.ones_like(margins) if weights is None else weights
    positives = float(weight @ y_true)
    total = float(weight.sum())
    if not 0 < positives < total:
        raise CalibrationError("Calibration needs children with the outcome and children without it.")
    if float(np.ptp(margins)) == 0.0:
        raise CalibrationError("All margins are equal: there is nothing to calibrate.")
    ends = ((positives + 1) / (positives + 2), 1 / (total - positives + 2)) if smooth else (1.0, 0.0)
    target = np.where(y_true > 0, *ends)
    line = np.array([0.0, np.log(positives / (total - positives))] if start is None else start)
    odds = line[0] * margins + line[1]
    loss = _loss(odds, target, weight)
    for _ in range(100):
        probability = sigmoid(odds)
        left = weight * (target - probability)
        spread = weight * probability * (1 - probability)
        across = float(spread @ margins)
        curvature = np.array([[spread @ margins**2, across], [across, spread.sum()]])
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), [left @ margins, left.sum()])
        step *= min(1.0, 5.0 / float(np.max(np.abs(step)) or 1.0))
        # Far from the line a whole step can overshoot and swing for ever: it is halved until it helps.
        while True:
            odds = (line[0] + step[0]) * margins + (line[1] + step[1])
            after = _loss(odds, target, weight)
            if after <= loss + 1e-9 * abs(loss) or float(np.max(np.abs(step))) <= 1e-10:
                break
            step /= 2
        line, loss = line + step, after
        if float(np.max(np.abs(step))) < 1e-9:
            return float(line[0]), float(line[1])
    raise CalibrationError("The calibration line did not settle; the margins and outcomes do not fit one.")


def _loss(odds: Floats, target: Floats, weight: Floats) -> float:
    return float(weight @ (np.maximum(odds, 0.0) + np.log(1.0 + np.exp(-np.abs(odds))) - target * odds))


def calibrate(
    margins: Floats, y_true: Floats, child_keys: Sequence[str], rng: np.random.Generator, draws: int = 200
) -> Calibration:
    """The calibration of these margins. Refuses margins that do not rise with the outcome."""
    slope, intercept = fit_line(margins, y_true)
    if slope <= 0:
        raise CalibrationError(
            "The margins do not rise with the outcome on later dates; nothing to calibrate."
        )
    lines: list[tuple[float, float]] = []
    children = child_codes(child_keys)
    while len(lines) < draws:
        weights = child_weights(children, rng)
        if 0 < weights @ y_true < weights.sum():
            lines.append(fit_line(margins, y_true, weights, start=(slope, intercept)))
    return Calibration(slope, intercept, tuple(lines))


def child_codes(child_keys: Sequence[str]) -> npt.NDArray[np.intp]:
    """The children as numbers 0, 1, 2 …, so that resampling them needs no text."""
    return np.unique(np.asarray(child_keys, dtype=str), return_inverse=True)[1]


def child_weights(children: npt.NDArray[np.intp], rng: np.random.Generator) -> Floats:
    """How often each row counts in one resample of children; all rows of a child count alike."""
    number = int(children.max()) + 1
    times = np.bincount(rng.integers(0, number, number), minlength=number)
    return times[children].astype(np.float64)
