"""Curves with bands: risk promised against rate seen, and net benefit against visiting all or nobody.

The decision curve of unweighted rows is dcurves' own. That library knows neither weights nor intervals, so
those come from the plain formula, which a test holds to the library at every threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.metrics import calibration_groups, smooth_calibration
from models.calibration import child_codes, child_weights
from models.measures import Interval

Floats = npt.NDArray[np.float64]

THRESHOLDS = tuple(round(0.01 * step, 2) for step in range(1, 31))
POINTS = 41
GROUPS = 10
ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class CurvePoint:
    """One point of a smooth curve: where, and the rate seen there with its band."""

    risk: float
    rate: Interval


@dataclass(frozen=True)
class CalibrationGroup:
    """Rows of nearly equal risk: what was promised, what was seen, how many."""

    promised: float
    seen: Interval
    rows: int


@dataclass(frozen=True)
class CalibrationCurve:
    """The smooth curve over the middle 98 % of risks, and groups of equal size beside it."""

    points: tuple[CurvePoint, ...]
    groups: tuple[CalibrationGroup, ...]


@dataclass(frozen=True)
class DecisionPoint:
    """Net benefit per child at one threshold: the risk at which a visit is just worth its cost."""

    threshold: float
    screener: Interval
    visit_all: float
    visit_none: float
    over_best_default: Interval


def calibration_curve(
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    weights: Floats | None = None,
    draws: int = 200,
) -> CalibrationCurve:
    """The rate seen at each risk, smoothed and in groups, each with its 95 % band."""
    own = np.ones_like(risk) if weights is None else weights
    order = np.argsort(risk, kind="stable")
    label, risk, own = label[order], risk[order], own[order]
    children = child_codes(child_keys)[order]
    at = np.quantile(risk, np.linspace(0.01, 0.99, POINTS))
    smooth = np.interp(at, risk, smooth_calibration(label, risk, weights=own))
    seen = calibration_groups(label, risk, GROUPS, own)
    group = np.concatenate(
        [np.full(len(part), place) for place, part in enumerate(np.array_split(np.arange(len(risk)), GROUPS))]
    )
    curves, rates = [], []
    for _ in range(draws):
        weight = child_weights(children, rng) * own
        curves.append(np.interp(at, risk, smooth_calibration(label, risk, weights=weight)))
        total = np.bincount(group, weight, minlength=GROUPS)
        hits = np.bincount(group, weight * label, minlength=GROUPS)
        rates.append(np.divide(hits, total, out=np.full(GROUPS, math.nan), where=total > 0))
    low, high = np.quantile(curves, ENDS, axis=0)
    group_low, group_high = np.nanquantile(np.asarray(rates)[:, : len(seen)], ENDS, axis=0)
    return CalibrationCurve(
        tuple(
            CurvePoint(float(where), Interval(float(value), float(down), float(up)))
            for where, value, down, up in zip(at, smooth, low, high, strict=True)
        ),
        tuple(
            CalibrationGroup(promised, Interval(rate, float(down), float(up)), rows)
            for (promised, rate, rows), down, up in zip(seen, group_low, group_high, strict=True)
        ),
    )


def net_benefit(label: Floats, risk: Floats, threshold: float, weights: Floats | None = None) -> float:
    """Right visits less needless ones at the price the threshold sets, per child."""
    weight = np.ones_like(risk) if weights is None else weights
    visited = weight * (risk >= threshold)
    right = float(visited @ label)
    needless = float(visited.sum()) - right
    return (right - needless * threshold / (1 - threshold)) / float(weight.sum())


def decision_curve(
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    weights: Floats | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
    draws: int = 200,
) -> tuple[DecisionPoint, ...]:
    """Net benefit at each threshold beside visiting all and nobody, and how far it beats the better one."""
    if list(thresholds) != sorted(set(thresholds)) or not all(0 < each < 1 for each in thresholds):
        raise ValueError("Thresholds rise, and lie between 0 and 1.")
    own = np.ones_like(risk) if weights is None else weights
    children = child_codes(child_keys)
    resampled = []
    for _ in range(draws):
        weight = child_weights(children, rng) * own
        resampled.append(_benefits(label, risk, thresholds, weight))
    mine, everybody = (
        _library(label, risk, thresholds)
        if weights is None
        else _split(_benefits(label, risk, thresholds, own))
    )
    drawn = np.asarray(resampled)  # draws, thresholds, (screener, all)
    gain = drawn[:, :, 0] - np.maximum(drawn[:, :, 1], 0.0)
    low, high = np.quantile(drawn[:, :, 0], ENDS, axis=0)
    gain_low, gain_high = np.quantile(gain, ENDS, axis=0)
    return tuple(
        DecisionPoint(
            float(threshold),
            Interval(mine[place], float(low[place]), float(high[place])),
            everybody[place],
            0.0,
            Interval(
                mine[place] - max(everybody[place], 0.0), float(gain_low[place]), float(gain_high[place])
            ),
        )
        for place, threshold in enumerate(thresholds)
    )


def _benefits(label: Floats, risk: Floats, thresholds: Sequence[float], weight: Floats) -> Floats:
    """Net benefit of the screener and of visiting all at every threshold, from one pass over the rows."""
    steps = np.asarray(thresholds, dtype=np.float64)
    reached = np.searchsorted(steps, risk, side="right")  # how many thresholds each risk reaches
    at = [np.bincount(reached, each, minlength=len(steps) + 1) for each in (weight * label, weight)]
    right, visited = (np.cumsum(each[::-1])[::-1][1:] for each in at)
    price = steps / (1 - steps)
    positives, total = float(weight @ label), float(weight.sum())
    mine = (right - (visited - right) * price) / total
    everybody = (positives - (total - positives) * price) / total
    return np.column_stack([mine, everybody])


def _split(benefits: Floats) -> tuple[list[float], list[float]]:
    return benefits[:, 0].tolist(), benefits[:, 1].tolist()


def _library(label: Floats, risk: Floats, thresholds: Sequence[float]) -> tuple[list[float], list[float]]:
    from dcurves import dca  # two seconds to import, and only needed here

    found = dca(
        data=pd.DataFrame({"label": label, "screener": risk}),
        outcome="label",
        modelnames=["screener"],
        thresholds=list(thresholds),
    )
    by_model = found.set_index(["model", "threshold"])["net_benefit"]
    return tuple(  # type: ignore[return-value]  # two models, two lists
        [float(by_model[(model, each)]) for each in thresholds] for model in ("screener", "all")
    )
