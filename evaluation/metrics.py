"""What matters to the people who visit: of those they can see, how many needed it, and who is missed.

Plain functions of (y_true, risk) and optional row weights. At a capacity the last places may be tied: then
the figure depends on luck, and both ends of that luck are given. Smoothed calibration is a natural cubic
curve in the log-odds and not a running mean (lowess): the latter knows no weights, and a resample of it takes
a hundred times as long; a test holds both to the same answer.
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

ENDS = (0.025, 0.975)
ICI_GROUPS = 100


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


@dataclass(frozen=True)
class VisitedShare:
    """Visiting this share of all children, with intervals by resampling children."""

    share: float
    found: AtCapacity
    precision: Interval
    recall: Interval


def chosen(risk: Floats, capacity: float, weights: Floats | None = None) -> Floats:
    """How much of each row is among the `capacity` highest risks: 1, 0, or the share of a tie at the edge.

    With weights the capacity is an amount of weight: the children the rows stand for.
    """
    weight = np.ones_like(risk) if weights is None else weights
    capacity = min(float(capacity), float(weight.sum()))
    if capacity <= 0 or not len(risk):
        return np.zeros_like(risk)
    order = np.argsort(-risk, kind="stable")
    reached = np.searchsorted(np.cumsum(weight[order]), capacity * (1 - 1e-12))
    edge = risk[order[min(int(reached), len(order) - 1)]]
    above, level = risk > edge, risk == edge
    places = capacity - float(weight[above].sum())
    part = min(1.0, places / float(weight[level].sum()))
    return np.where(above, 1.0, np.where(level, part, 0.0))


def at_capacity(y_true: Floats, risk: Floats, capacity: int, weights: Floats | None = None) -> AtCapacity:
    """Precision and recall among the `capacity` highest risks; ties at the edge counted by expectation."""
    weight = np.ones_like(risk) if weights is None else weights
    visited = min(float(capacity), float(weight.sum()))
    positives = float(weight @ y_true)
    if visited < 1 or positives == 0:
        nothing = math.nan
        return AtCapacity(max(int(visited), 0), nothing, nothing, nothing, nothing, nothing, nothing, 0)
    part = chosen(risk, visited, weight)
    above, level = part == 1, (part > 0) & (part < 1)
    sure = float((weight * y_true)[above].sum())
    places = visited - float(weight[above].sum())
    tied, tied_positive = float(weight[level].sum()), float((weight * y_true)[level].sum())
    worst = sure + max(0.0, places - (tied - tied_positive))
    best = sure + min(places, tied_positive)
    mean = float((weight * part) @ y_true)
    return AtCapacity(
        round(visited),
        mean / visited, worst / visited, best / visited,
        mean / positives, worst / positives, best / positives,
        int(level.sum()),
    )  # fmt: skip


def visited_share(
    y_true: Floats,
    risk: Floats,
    share: float,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    draws: int = 200,
    weights: Floats | None = None,
) -> VisitedShare:
    """Precision and recall when this share of all children is visited, with their intervals.

    The list is drawn up again in every resample, as it would be in another county like this one.
    """
    own = np.ones_like(risk) if weights is None else weights
    children = child_codes(child_keys)
    order = np.argsort(-risk, kind="stable")
    label, ordered, own, children = y_true[order], risk[order], own[order], children[order]
    precision, recall = [], []
    for _ in range(draws):
        weight = child_weights(children, rng) * own
        part = weight * chosen(ordered, share * float(weight.sum()), weight)
        seen, hits, positives = float(part.sum()), float(part @ label), float(weight @ label)
        precision.append(hits / seen if seen else math.nan)
        recall.append(hits / positives if positives else math.nan)
    found = at_capacity(label, ordered, round(share * float(own.sum())), own)
    return VisitedShare(share, found, _interval(found.precision, precision), _interval(found.recall, recall))


def smooth_calibration(y_true: Floats, risk: Floats, knots: int = 4, weights: Floats | None = None) -> Floats:
    """The outcome rate as a smooth function of the risk, at each row: a natural cubic curve in log-odds."""
    weight = np.ones_like(risk) if weights is None else weights
    odds = np.log(np.clip(risk, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(risk, 1e-9, 1 - 1e-9))
    fitted: Floats = _fit_curves(_natural_spline(odds, knots), y_true[None, :], weight[None, :])[0]
    return fitted


def _fit_curves(design: Floats, rates: Floats, weights: Floats) -> Floats:
    """The logistic curve through each row of rates, with its row of weights; all rows are fitted at once."""
    at = np.zeros((len(rates), design.shape[1]))
    rate = np.clip(np.average(rates, weights=weights, axis=1), 1e-6, 1 - 1e-6)
    at[:, 0] = np.log(rate) - np.log1p(-rate)
    terms = design.shape[1]
    ridge = 1e-4 * np.eye(terms)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), terms * terms)
    for _ in range(30):  # a tail without outcomes sinks for ever, and changes nothing
        probability = sigmoid(at @ design.T)
        gradient = (weights * (rates - probability)) @ design - at @ ridge
        bend = weights * probability * (1 - probability)
        curvature = (bend @ products).reshape(-1, terms, terms) + ridge
        step = np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0]
        size = np.max(np.abs(step), axis=1, keepdims=True)
        at = at + step * np.minimum(1.0, 4.0 / np.maximum(size, 1e-12))
        if float(size.max()) < 1e-7:
            break
    return sigmoid(at @ design.T)


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


def ici(y_true: Floats, risk: Floats, weights: Floats | None = None) -> float:
    """Integrated calibration index: the mean distance between a risk and the smoothed rate at it."""
    distance = np.abs(smooth_calibration(y_true, risk, weights=weights) - risk)
    return float(np.average(distance, weights=weights))


def ici_interval(
    y_true: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    draws: int = 200,
    weights: Floats | None = None,
) -> Interval:
    """The index with its interval: as far on either side as the curve itself is uncertain, but not below 0.

    The distance to a curve differs from the distance to the true one by at most the distance between the
    two, which resamples show. A plain interval of resampled distances will not do: a distance can only grow
    by chance, and in a resample it grows once more: it would nearly always miss a well calibrated screener.
    """
    own = np.ones_like(risk) if weights is None else weights
    found = ici(y_true, risk, own)
    noise = ici_noise(y_true, risk, child_codes(child_keys), own, rng, draws)
    reach = float(np.quantile(noise, 0.95))
    return Interval(found, max(0.0, found - reach), found + reach)


def ici_noise(
    y_true: Floats,
    risk: Floats,
    children: npt.NDArray[np.intp],
    weights: Floats,
    rng: np.random.Generator,
    draws: int,
) -> Floats:
    """Mean distances between the curve and those of resampled children, through 100 groups of like risk."""
    order = np.argsort(risk, kind="stable")
    group = np.empty(len(risk), dtype=np.intp)
    group[order] = np.arange(len(risk)) * min(ICI_GROUPS, len(risk)) // len(risk)
    centre = np.bincount(group, risk) / np.bincount(group)
    odds = np.log(np.clip(centre, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(centre, 1e-9, 1 - 1e-9))
    totals, rates = np.empty((draws + 1, len(centre))), np.empty((draws + 1, len(centre)))
    for draw in range(draws + 1):  # the first is not drawn: the curve itself
        weight = child_weights(children, rng) * weights if draw else weights
        totals[draw] = np.bincount(group, weight, minlength=len(centre))
        hits = np.bincount(group, weight * y_true, minlength=len(centre))
        rates[draw] = hits / np.where(totals[draw] > 0, totals[draw], 1.0)
    curves = _fit_curves(_natural_spline(odds, 4), rates, totals)
    noise: Floats = np.average(np.abs(curves[1:] - curves[0]), weights=totals[0], axis=1)
    return noise


def calibration_groups(
    y_true: Floats, risk: Floats, groups: int = 10, weights: Floats | None = None
) -> list[tuple[float, float, int]]:
    """Mean risk, outcome rate and rows of equal groups by risk, lowest first; empty groups left out."""
    weight = np.ones_like(risk) if weights is None else weights
    parts = np.array_split(np.argsort(risk, kind="stable"), groups)
    return [
        (
            float(np.average(risk[part], weights=weight[part])),
            float(np.average(y_true[part], weights=weight[part])),
            len(part),
        )
        for part in parts
        if len(part)
    ]


def auroc_difference(
    y_true: Floats,
    risk: Floats,
    other: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    draws: int = 200,
    weights: Floats | None = None,
) -> Interval:
    """How much better one ranking is than another on the same children, resampled together."""
    own = np.ones_like(risk) if weights is None else weights
    children = child_codes(child_keys)
    found = []
    for _ in range(draws):
        drawn = child_weights(children, rng) * own
        found.append(auroc(y_true, risk, drawn) - auroc(y_true, other, drawn))
    return _interval(auroc(y_true, risk, weights) - auroc(y_true, other, weights), found)


def _interval(value: float, resampled: Sequence[float]) -> Interval:
    """The figure and the middle 95 % of its resamples, those without a value left out."""
    values = np.asarray(resampled, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return Interval(value, math.nan, math.nan)
    low, high = np.quantile(values, ENDS)
    return Interval(value, float(low), float(high))
