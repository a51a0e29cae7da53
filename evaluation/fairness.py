"""Who is chosen at a capacity, group by group: selection rate, TPR, FPR and precision, and their differences.

The figures are fairlearn's own. It resamples rows, not children, and knows no ties, so ties at the edge of
the list enter as two rows that share the child's weight, and intervals come from plain sums over resampled
children, which a test holds to fairlearn's figures number by number. The greatest difference between groups
grows by chance alone, and once more in a resample: its interval is reflected about the figure and ends at 0.
Differences are described, not judged: groups differ in need, and a list ordered by need cannot promise
equal rates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.groups import GROUPINGS, Cells, Grouping, find_cells
from evaluation.metrics import chosen
from features.language import Text
from models.calibration import child_codes, child_weights
from models.measures import Interval

Floats = npt.NDArray[np.float64]

LEAST_CHOSEN = 10
ENDS = (0.025, 0.975)

RATES: Mapping[str, Text] = {
    "selection_rate": Text("入选率", "Selection rate"),
    "true_positive_rate": Text("有结局者入选率", "True positive rate"),
    "false_positive_rate": Text("无结局者入选率", "False positive rate"),
    "precision": Text("入选者中有结局的比例", "Precision"),
}


@dataclass(frozen=True)
class GroupRates:
    """One group's rates at the capacity. A precision of fewer than ten chosen children is not given."""

    title: Text
    group: tuple[str, ...]
    rows: int
    rates: Mapping[str, Interval]


@dataclass(frozen=True)
class FairnessBy:
    """One grouping, or one pair of them: its groups, and for each rate the greatest difference."""

    name: str
    title: Text
    groups: tuple[GroupRates, ...]
    differences: Mapping[str, Interval]
    too_few: int


def fairness(
    rows: pd.DataFrame,
    label: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    share: float,
    rng: np.random.Generator,
    weights: Floats | None = None,
    groupings: Sequence[Grouping] = GROUPINGS,
    pairs: bool = True,
    draws: int = 200,
    witnesses: Sequence[str] | None = None,
) -> tuple[FairnessBy, ...]:
    """Rates by group when this share of all children is visited, for each grouping and pair of groupings.

    `witnesses`: what is one witness if it is more than a child (a school drawn whole into a survey).
    """
    own = np.ones_like(risk) if weights is None else weights
    cells = find_cells(rows, label, child_keys, groupings, pairs)
    drawn = _drawn(
        label,
        risk,
        child_codes(child_keys if witnesses is None else witnesses),
        own,
        share,
        cells,
        rng,
        draws,
    )
    part = chosen(risk, share * float(own.sum()), own)
    found = []
    for name in cells.too_few:
        places = [
            place
            for place, cell in enumerate(cells.judged)
            if " x ".join(grouping.name for grouping in cell.groupings) == name
        ]
        if places:
            found.append(_by(name, places, cells, label, part, own, drawn))
    return tuple(found)


def _by(
    name: str,
    places: Sequence[int],
    cells: Cells,
    label: Floats,
    part: Floats,
    weights: Floats,
    drawn: Floats,
) -> FairnessBy:
    members = [cells.judged[place] for place in places]
    inside = np.concatenate([cell.rows for cell in members])
    group = np.repeat(np.arange(len(members)), [len(cell.rows) for cell in members])
    frame = metric_frame(label[inside], part[inside], weights[inside], group)
    of = drawn[:, places, :]
    few = [float(part[cell.rows].sum()) < LEAST_CHOSEN for cell in members]
    groups, differences = [], {}
    for at, cell in enumerate(members):
        rates = {
            rate: _interval(float(frame.by_group.loc[at, rate]), of[:, at, number])
            for number, rate in enumerate(RATES)
            if not (rate == "precision" and few[at])
        }
        groups.append(GroupRates(cell.title, cell.groups, len(cell.rows), rates))
    for number, rate in enumerate(RATES):
        spoken = [at for at in range(len(members)) if not (rate == "precision" and few[at])]
        if len(spoken) > 1:
            values = frame.by_group.loc[spoken, rate].to_numpy(dtype=np.float64)
            differences[rate] = _reflected(float(np.ptp(values)), np.ptp(of[:, spoken, number], axis=1))
    title = Text(
        "、".join(grouping.title.zh for grouping in members[0].groupings),
        " and ".join(grouping.title.en for grouping in members[0].groupings),
    )
    return FairnessBy(name, title, tuple(groups), differences, cells.too_few[name])


def metric_frame(label: Floats, part: Floats, weights: Floats, group: npt.NDArray[np.intp]):  # type: ignore[no-untyped-def]  # fairlearn ships no types
    """The four rates in fairlearn's frame. A row chosen in part stands as two rows that share its weight."""
    from fairlearn.metrics import (  # a second and a half to import, and only needed here
        MetricFrame,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )
    from sklearn.metrics import precision_score

    def precision(y_true: Floats, y_pred: Floats, sample_weight: Floats) -> float:
        return float(precision_score(y_true, y_pred, sample_weight=sample_weight, zero_division=np.nan))

    metrics = {
        "selection_rate": selection_rate,
        "true_positive_rate": true_positive_rate,
        "false_positive_rate": false_positive_rate,
        "precision": precision,
    }
    weight = np.concatenate([weights * part, weights * (1 - part)])
    kept = weight > 0
    taken = np.repeat([1, 0], len(label))[kept]
    return MetricFrame(
        metrics=metrics,
        y_true=np.tile(label, 2)[kept].astype(int),
        y_pred=taken,
        sensitive_features=np.tile(group, 2)[kept],
        sample_params={name: {"sample_weight": weight[kept]} for name in metrics},
    )


def plain_rates(label: Floats, part: Floats, weights: Floats) -> tuple[float, float, float, float]:
    """The same four rates by their definitions: sums of weights divided by sums of weights."""
    everybody, taken = float(weights.sum()), float(weights @ part)
    positive, hits = float(weights @ label), float((weights * part) @ label)
    return (
        _ratio(taken, everybody),
        _ratio(hits, positive),
        _ratio(taken - hits, everybody - positive),
        _ratio(hits, taken),
    )


def _drawn(
    label: Floats,
    risk: Floats,
    children: npt.NDArray[np.intp],
    weights: Floats,
    share: float,
    cells: Cells,
    rng: np.random.Generator,
    draws: int,
) -> Floats:
    """The four rates of every cell in every resample of children; the list is drawn up again in each."""
    found = np.empty((draws, len(cells.judged), len(RATES)))
    for draw in range(draws):
        weight = child_weights(children, rng) * weights
        part = chosen(risk, share * float(weight.sum()), weight)
        for place, cell in enumerate(cells.judged):
            inside = cell.rows
            found[draw, place] = plain_rates(label[inside], part[inside], weight[inside])
    return found


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def _interval(value: float, resampled: Floats) -> Interval:
    known = resampled[~np.isnan(resampled)]
    low, high = np.quantile(known, ENDS) if len(known) else (math.nan, math.nan)
    return Interval(value, float(low), float(high))


def _reflected(value: float, resampled: Floats) -> Interval:
    plain = _interval(value, resampled)
    return Interval(value, max(0.0, 2 * value - plain.high), max(value, 2 * value - plain.low))
