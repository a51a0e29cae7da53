"""Calibration group by group: does a risk mean the same for every age, sex, town and school?

Groups are declared here once. A cell with too few children, or too few with the outcome, is counted and
never given a number: the number would be chance, and could point to a child. Many cells are looked at, so
a cell is called out of bounds only when the interval at the joint level (Bonferroni over every figure that
is held to a bound) lies wholly outside what is allowed: noise alone stops hardly one sound screener in
twenty, and what such a rule cannot see in small cells it does not claim to.

Slope and observed / expected have cluster-robust errors (a child's rows are one witness); how far the
calibration curve itself may lie from the true one is seen in resampled children.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.metrics import ici, ici_noise
from features.language import Code, Text
from features.sources import source_named
from models.calibration import CalibrationError, child_codes, fit_line, sigmoid
from models.measures import Interval

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

LEAST_CHILDREN = 100
LEAST_WITH_OUTCOME = 20
JOINT_ERROR = 0.05
SLOPE = (0.8, 1.25)
OBSERVED_TO_EXPECTED = (0.8, 1.25)
WORST_ICI_SHARE = 0.5
DRAWS = 100
MOST_NAMED = 3
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Grouping:
    """A way to split rows: by a column, its first `digits` characters, or bands that start at `edges`."""

    name: str
    title: Text
    column: str
    digits: int | None = None
    edges: tuple[float, ...] = ()
    codes: tuple[Code, ...] = ()

    def of(self, rows: pd.DataFrame) -> list[str]:
        """The group of each row; "unknown" where the column is empty, or lies below the first edge."""
        values = rows[self.column]
        if self.edges:
            numbers = pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan)
            places = np.searchsorted(self.edges, numbers, side="right") - 1
            ends = [f"{edge:g}" for edge in self.edges]
            bands = [f"{start}–<{end}" for start, end in itertools.pairwise(ends)]
            names = [*bands, f"≥{ends[-1]}", UNKNOWN]
            return [
                names[-1 if math.isnan(number) else place]
                for number, place in zip(numbers, places, strict=True)
            ]
        return [UNKNOWN if pd.isna(value) else str(value)[: self.digits] for value in values]

    def title_of(self, group: str) -> Text:
        """The wording of one group; a code without one stands for itself."""
        if group == UNKNOWN:
            return Text("未知", "unknown")
        return next((code.title for code in self.codes if code.value == group), Text(group, group))


GROUPINGS: tuple[Grouping, ...] = (
    Grouping("age_band", Text("年龄段", "Age band"), "age_years", edges=(0, 3, 6, 12)),
    Grouping("sex", Text("性别", "Sex"), "sex", codes=source_named("residence").column("sex").codes),
    Grouping("town", Text("乡镇街道", "Town or street"), "area_code", digits=9),
    Grouping(
        "school_type", Text("学校类型", "Type of school"), "school_type",
        codes=source_named("enrolments").column("school_type").codes,
    ),
)  # fmt: skip


def groupings_of(rows: pd.DataFrame) -> tuple[Grouping, ...]:
    """The declared groupings these rows can be split by."""
    return tuple(grouping for grouping in GROUPINGS if grouping.column in rows)


@dataclass(frozen=True)
class Cell:
    """The rows of one group, or of one pair of groups. No grouping at all: everybody."""

    groupings: tuple[Grouping, ...]
    groups: tuple[str, ...]
    rows: Rows

    @property
    def title(self) -> Text:
        """What it is called, in both languages."""
        if not self.groupings:
            return Text("全部", "everybody")
        pairs = [
            (grouping.title, grouping.title_of(group))
            for grouping, group in zip(self.groupings, self.groups, strict=True)
        ]
        return Text(
            "、".join(f"{grouping.zh}{group.zh}" for grouping, group in pairs),
            ", ".join(f"{grouping.en.lower()} {group.en.lower()}" for grouping, group in pairs),
        )


@dataclass(frozen=True)
class Cells:
    """The cells large enough to speak of, and by grouping how many are not and how many rows they hold."""

    judged: tuple[Cell, ...]
    too_few: Mapping[str, int]
    rows_in_too_few: Mapping[str, int]


@dataclass(frozen=True)
class Breach:
    """One figure out of bounds, in words, and by what factor its interval stays beyond what is allowed."""

    said: Text
    factor: float


@dataclass(frozen=True)
class GroupCalibration:
    """One cell: each figure with its 95 % interval, and what is out of bounds at the joint level."""

    cell: Cell
    rows: int
    children: int
    with_outcome: int
    slope: Interval
    observed_to_expected: Interval
    ici: Interval
    rate: float
    outside: tuple[Breach, ...]


@dataclass(frozen=True)
class GroupReport:
    """Every cell that can be spoken of, everybody first, and the verdict over all of them."""

    everybody: GroupCalibration
    groups: tuple[GroupCalibration, ...]
    cells: Cells
    figures_held: int

    @property
    def passed(self) -> bool:
        """Whether no cell is out of bounds."""
        return not any(each.outside for each in (self.everybody, *self.groups))

    @property
    def sentence(self) -> Text:
        """Which groups failed and what was found, the worst first, or how many are within bounds."""
        silent = sum(self.cells.too_few.values())
        breaches = [breach for each in (self.everybody, *self.groups) for breach in each.outside]
        if breaches:
            worst = sorted(breaches, key=lambda breach: -breach.factor)[:MOST_NAMED]
            more = len(breaches) - len(worst)
            return Text(
                "；".join(breach.said.zh for breach in worst) + (f"；另有{more}项" if more else ""),
                "; ".join(breach.said.en for breach in worst) + (f"; and {more} more" if more else ""),
            )
        return Text(
            f"{len(self.groups)}个群体均在允许范围内；{silent}个群体人数太少，不作判断",
            f"{len(self.groups)} groups within bounds; {silent} too small to say",
        )


def find_cells(
    rows: pd.DataFrame,
    label: Floats,
    child_keys: Sequence[str],
    groupings: Sequence[Grouping] = GROUPINGS,
    pairs: bool = True,
) -> Cells:
    """Groups and pairs of groups; one with too few children, with the outcome or without, is only counted."""
    wanted: list[tuple[Grouping, ...]] = [(grouping,) for grouping in groupings]
    if pairs:
        wanted += list(itertools.combinations(groupings, 2))
    groups = {grouping.name: grouping.of(rows) for grouping in groupings}
    children = child_codes(child_keys)
    judged: list[Cell] = []
    too_few, rows_in_too_few = {}, {}
    for each in wanted:
        name = " x ".join(grouping.name for grouping in each)
        too_few[name] = rows_in_too_few[name] = 0
        keys = pd.MultiIndex.from_arrays([groups[grouping.name] for grouping in each])
        codes, found = pd.factorize(keys, sort=True)
        for place in range(len(found)):
            inside = np.flatnonzero(codes == place)
            if large_enough(label[inside], children[inside]):
                judged.append(Cell(each, tuple(str(group) for group in found[place]), inside))
            else:
                too_few[name] += 1
                rows_in_too_few[name] += len(inside)
    return Cells(tuple(judged), too_few, rows_in_too_few)


def large_enough(label: Floats, children: Rows) -> bool:
    """Whether these rows are enough children, with the outcome and without it, to give any number."""
    with_outcome = len(np.unique(children[label == 1]))
    everybody = len(np.unique(children))
    return (
        everybody >= LEAST_CHILDREN
        and with_outcome >= LEAST_WITH_OUTCOME
        and everybody - with_outcome >= LEAST_WITH_OUTCOME
    )


def group_calibration(
    rows: pd.DataFrame,
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    rng: np.random.Generator,
    weights: Floats | None = None,
    groupings: Sequence[Grouping] = GROUPINGS,
    draws: int = DRAWS,
    witnesses: Sequence[str] | None = None,
) -> GroupReport:
    """Slope, observed / expected and distance to the curve for everybody and every cell large enough.

    `witnesses`: what is one witness if it is more than a child (a school drawn whole into a survey).
    """
    own = np.ones_like(risk) if weights is None else weights
    children = child_codes(child_keys if witnesses is None else witnesses)
    cells = find_cells(rows, label, child_keys, groupings)
    held = 3 * (len(cells.judged) + 1)
    strict = NormalDist().inv_cdf(1 - JOINT_ERROR / (2 * held))
    everybody = Cell((), (), np.arange(len(risk)))
    found = [
        _calibration(cell, label, risk, children, own, rng, strict, draws)
        for cell in (everybody, *cells.judged)
    ]
    return GroupReport(found[0], tuple(found[1:]), cells, held)


def _calibration(
    cell: Cell,
    label: Floats,
    risk: Floats,
    children: Rows,
    weights: Floats,
    rng: np.random.Generator,
    strict: float,
    draws: int,
) -> GroupCalibration:
    inside = cell.rows
    seen, promised, weight = label[inside], risk[inside], weights[inside]
    child = np.unique(children[inside], return_inverse=True)[1]
    slope, slope_error = slope_with_error(seen, promised, child, weight)
    ratio, ratio_error = log_ratio_with_error(seen, promised, child, weight)
    distance = ici(seen, promised, weight)
    noise = ici_noise(seen, promised, child, weight, rng, draws)
    typical, spread = float(noise.mean()), float(noise.std(ddof=1))
    rate = float(np.average(seen, weights=weight))

    def around(error: float) -> tuple[Interval, Interval, Interval]:
        reach = typical + error * spread
        return (
            Interval(slope, slope - error * slope_error, slope + error * slope_error),
            Interval(*(math.exp(ratio + side * error * ratio_error) for side in (0, -1, 1))),
            Interval(distance, max(0.0, distance - reach), distance + reach),
        )

    plain, joint = around(NormalDist().inv_cdf(0.975)), around(strict)
    bounds = (SLOPE, OBSERVED_TO_EXPECTED, (0.0, WORST_ICI_SHARE * rate))
    titles = (
        Text("校准斜率", "calibration slope"),
        Text("观察/预期", "outcomes seen for each promised"),
        Text("校准平均差距", "distance from risk to rate"),
    )
    outside = tuple(
        Breach(
            Text(
                f"{cell.title.zh}：{title.zh} {_digits(interval)}，允许{low:.3g}至{high:.3g}",
                f"{cell.title.en}: {title.en} {_digits(interval, ' to ')}, allowed {low:.3g} to {high:.3g}",
            ),
            interval.low / high if interval.low > high else low / max(interval.high, 1e-9),
        )
        for interval, (low, high), title in zip(joint, bounds, titles, strict=True)
        if not (interval.low <= high and interval.high >= low)
    )
    return GroupCalibration(
        cell, len(inside), int(child.max()) + 1, len(np.unique(child[seen == 1])), *plain, rate, outside
    )


def _digits(interval: Interval, between: str = "至") -> str:
    return f"{interval.value:.3g} ({interval.low:.3g}{between}{interval.high:.3g})"


def slope_with_error(label: Floats, risk: Floats, children: Rows, weights: Floats) -> tuple[float, float]:
    """The calibration slope and its cluster-robust standard error; NaN where no line can be drawn."""
    held = np.clip(risk, 1e-9, 1 - 1e-9)
    odds = np.log(held) - np.log1p(-held)
    try:
        slope, intercept = fit_line(odds, label, weights, smooth=False)
    except CalibrationError:
        return math.nan, math.nan
    probability = sigmoid(slope * odds + intercept)
    design = np.column_stack([odds, np.ones_like(odds)])
    bread = np.linalg.inv((design * (weights * probability * (1 - probability))[:, None]).T @ design)
    score = (weights * (label - probability))[:, None] * design
    by_child = np.column_stack([np.bincount(children, score[:, column]) for column in (0, 1)])
    number = len(by_child)
    variance = bread @ (by_child.T @ by_child) @ bread * number / (number - 1)
    return slope, math.sqrt(float(variance[0, 0]))


def log_ratio_with_error(label: Floats, risk: Floats, children: Rows, weights: Floats) -> tuple[float, float]:
    """The logarithm of outcomes seen for each one promised, and its cluster-robust standard error."""
    seen, promised = float(weights @ label), float(weights @ risk)
    if not seen:
        return -math.inf, math.nan
    by_child = np.bincount(children, weights * (label / seen - risk / promised))
    number = len(by_child)
    return math.log(seen / promised), math.sqrt(float(by_child @ by_child) * number / (number - 1))
