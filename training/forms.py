"""How each form simpler than a booster is fitted. Every form is held to the directions its screener declares.

A base rate, one feature, the published rules as points, a logistic regression and an additive glass-box
model. The same rows give the same margin to the bit. Only rows of the fit dates come here.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.calibration import sigmoid
from models.margins import Line, Step, Sum
from models.measures import auroc
from models.rules import RULES, Rule
from models.screeners import ScreenerSpec
from training.inner import inner_split, lots, some_children

Floats = npt.NDArray[np.float64]

SINGLE_ROWS = 50_000
LINEAR_ROWS = 150_000
PENALTY_ROWS = 30_000
PENALTIES = (3000.0, 300.0, 30.0, 3.0)
BLOCK, MOST_STEPS, MOST_SWEEPS = 20_000, 30, 100


@dataclass(frozen=True)
class Glass:
    """How the additive model is grown; rows and bags are few so that it can be made every time."""

    most_rows: int = 20_000
    bags: int = 2
    most_bins: int = 64
    learning_rate: float = 0.04
    most_rounds: int = 3000
    seed: int = 20240401


def fit_constant(spec: ScreenerSpec, rows: pd.DataFrame) -> Sum:
    """The rate of the outcome, for every child."""
    rate = float(rows["label"].mean())
    return Sum("constant", spec.columns, math.log(rate / (1 - rate)), ())


def fit_single(spec: ScreenerSpec, rows: pd.DataFrame) -> Sum:
    """The one feature that orders the fit rows best in its declared direction, on a line.

    What is not known stands in the middle while features are compared; the line then gives it a level of
    its own. Equal features: the one declared first.
    """
    some = some_children(rows, SINGLE_ROWS)
    values, label = _values(spec, some), _label(some)
    best, strength = 0, 0.0
    for place, feature in enumerate(spec.features):
        known = values[:, place]
        unknown = np.isnan(known)
        if unknown.all():
            continue
        area = auroc(label, np.where(unknown, float(np.median(known[~unknown])), known))
        orders = {1: area, -1: 1 - area, 0: max(area, 1 - area)}[feature.risk.value]
        if orders > strength:
            best, strength = place, orders
    return _line_model("single", spec, rows, [best], 1.0)


def rule_points(spec: ScreenerSpec, rules: Sequence[Rule] = RULES) -> Sum:
    """The published rules as points: a red is one, and all yellows together are less than a red.

    Not known lights no rule; a feature counts once, at its most pressing level.
    """
    points = {"red": 1.0, "yellow": 1.0 / (len(rules) + 1)}
    by_feature: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.feature.name in spec.columns:
            by_feature.setdefault(rule.feature.name, []).append(rule)
    terms = []
    for name, found in by_feature.items():
        cuts = sorted({rule.at_least for rule in found})
        lit = [max(points[rule.level] for rule in found if rule.at_least <= cut) for cut in cuts]
        terms.append(Step(name, tuple(cuts), (0.0, *lit), 0.0))
    return Sum("rules", spec.columns, 0.0, tuple(terms))


def fit_linear(spec: ScreenerSpec, rows: pd.DataFrame) -> tuple[Sum, float]:
    """The logistic regression on every feature and on what is not known, and the penalty it was given.

    The penalty is the one of PENALTIES that does best on the inner split.
    """
    some = some_children(rows, PENALTY_ROWS)
    early, late = inner_split(spec, some)
    every = list(range(len(spec.columns)))
    tried = {}
    for penalty in PENALTIES:
        model = _line_model("linear", spec, early, every, penalty)
        tried[penalty] = log_loss(_label(late), sigmoid(model.margins(_values(spec, late))))
    penalty = min(PENALTIES, key=lambda one: tried[one])
    return _line_model("linear", spec, some_children(rows, LINEAR_ROWS), every, penalty), penalty


def fit_additive(spec: ScreenerSpec, rows: pd.DataFrame, glass: Glass) -> Sum:
    """An explainable boosting machine without interactions, kept as the tables of its terms.

    Stopping is decided on children of the fit rows set aside by lot, a fifth for each bag. Five or ten pairs
    of features lost on the simulated county's calibration dates (AUROC 0.729 and 0.732 against 0.734 without,
    0.713 and 0.716 against 0.719), and would be no table of one feature.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that its own plots do not show what is not known
        from interpret.glassbox import ExplainableBoostingClassifier

        some = some_children(rows, glass.most_rows)
        values, label = _values(spec, some), _label(some)
        lot = lots(some)
        aside = [(lot // np.uint64(97)) % np.uint64(5) == bag for bag in range(glass.bags)]
        machine = ExplainableBoostingClassifier(
            feature_names=list(spec.columns), feature_types=["continuous"] * len(spec.columns),
            interactions=0, outer_bags=glass.bags, inner_bags=0, max_bins=glass.most_bins,
            learning_rate=glass.learning_rate, max_rounds=glass.most_rounds, n_jobs=1,
            monotone_constraints=list(spec.monotone), random_state=glass.seed,
        )  # fmt: skip
        machine.fit(
            values,
            label.astype(int),
            bags=np.column_stack([np.where(out, -1, 1).astype(np.int8) for out in aside]),
        )
    terms = []
    for (place,), scores in zip(machine.term_features_, machine.term_scores_, strict=True):
        cuts = tuple(float(cut) for cut in machine.bins_[place][0])
        unknown, *known = (float(score) for score in scores[: len(cuts) + 2])
        seen = bool(np.isnan(values[:, place]).any())
        # What was never unknown while it was grown says nothing, either way, when it is unknown later.
        terms.append(Step(spec.columns[place], cuts, tuple(known), unknown if seen else 0.0))
    return Sum("additive", spec.columns, float(machine.intercept_[0]), tuple(terms))


def log_loss(label: Floats, risk: Floats) -> float:
    """Mean logarithmic loss."""
    held = np.clip(risk, 1e-12, 1 - 1e-12)
    return float(-np.mean(label * np.log(held) + (1 - label) * np.log1p(-held)))


def _line_model(
    kind: str, spec: ScreenerSpec, rows: pd.DataFrame, places: Sequence[int], penalty: float
) -> Sum:
    """A logistic regression on these columns, its weights held to the declared directions."""
    values, label = _values(spec, rows)[:, list(places)], _label(rows)
    unknown = np.isnan(values)
    known = np.maximum((~unknown).sum(axis=0), 1)
    filled = np.where(unknown, 0.0, values)
    means = filled.sum(axis=0) / known
    centred = np.where(unknown, 0.0, values - means)
    spread = np.sqrt((centred**2).sum(axis=0) / known)
    scales = np.where(spread > 0, spread, 1.0)
    gaps = [place for place in range(len(places)) if unknown[:, place].any()]
    design = np.hstack([centred / scales, unknown[:, gaps].astype(np.float64)])
    ways = [spec.monotone[place] for place in places]
    free = (-np.inf, np.inf)
    bounds = [{1: (0.0, np.inf), -1: (-np.inf, 0.0), 0: free}[way] for way in ways]
    weights, base = _logistic(design, label, [*bounds, *[free] * len(gaps)], penalty)
    of_gap = dict(zip(gaps, weights[len(places) :].tolist(), strict=True))
    low = np.where(unknown, np.inf, values).min(axis=0)
    high = np.where(unknown, -np.inf, values).max(axis=0)
    terms = tuple(
        Line(
            column=spec.columns[place],
            mean=float(means[number]),
            scale=float(scales[number]),
            weight=float(weights[number]),
            unknown=of_gap.get(number, 0.0),
            low=float(low[number]),
            high=float(high[number]),
        )
        for number, place in enumerate(places)
        if np.isfinite(low[number])
    )
    return Sum(kind, spec.columns, base, terms)


def _logistic(
    design: Floats, label: Floats, bounds: Sequence[tuple[float, float]], penalty: float
) -> tuple[Floats, float]:
    """Weights within their bounds and the intercept that minimise the penalised logarithmic loss.

    Newton's method; the bounds are kept inside each step. Features that tell the same story slow plain
    gradient methods down thirtyfold.
    """
    low, high = (np.array([*(pair[end] for pair in bounds), way]) for end, way in ((0, -np.inf), (1, np.inf)))
    ridge = np.append(np.full(design.shape[1], penalty), 0.0)
    rate = float(np.clip(label.mean(), 1e-6, 1 - 1e-6))
    line = np.append(np.zeros(design.shape[1]), math.log(rate / (1 - rate)))
    loss = np.inf
    for _ in range(MOST_STEPS):
        gradient, curvature = ridge * line, np.diag(ridge)
        now = 0.5 * float(line @ (ridge * line))
        for start in range(0, len(label), BLOCK):
            true = label[start : start + BLOCK]
            part = np.column_stack([design[start : start + BLOCK], np.ones(len(true))])
            odds = part @ line
            risk = sigmoid(odds)
            now += float(np.logaddexp(0.0, odds).sum() - true @ odds)
            gradient += part.T @ (risk - true)
            curvature += (part * (risk * (1 - risk))[:, None]).T @ part
        if loss - now < 1e-8 * abs(now):
            break
        loss = now
        line = line + _bounded_step(curvature, gradient, low - line, high - line)
    return line[:-1], float(line[-1])


def _bounded_step(curvature: Floats, gradient: Floats, low: Floats, high: Floats) -> Floats:
    """The step that minimises the quadratic within the bounds, one coordinate after another."""
    step = np.zeros_like(gradient)
    slope = gradient.copy()
    size = np.maximum(np.diag(curvature), 1e-12)
    for _ in range(MOST_SWEEPS):
        largest = 0.0
        for place in range(len(step)):
            to = min(max(step[place] - slope[place] / size[place], low[place]), high[place])
            change = to - step[place]
            if change:
                step[place] = to
                slope += curvature[:, place] * change
                largest = max(largest, abs(change) * math.sqrt(size[place]))
        if largest < 1e-6:
            break
    return step


def _values(spec: ScreenerSpec, rows: pd.DataFrame) -> Floats:
    return np.ascontiguousarray(rows[list(spec.columns)].to_numpy(dtype=np.float64, na_value=np.nan))


def _label(rows: pd.DataFrame) -> Floats:
    return rows["label"].to_numpy(dtype=np.float64)
