"""What it costs when a department is silent: its features become not known, and the rows are screened again.

The loss is of recall at a capacity, on the same children with and without the department, with an interval
by resampling children. It tells how the screener bears silence it was not fitted for, not what a screener
fitted without that department would do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.metrics import chosen
from features.language import Text
from models.calibration import child_codes, child_weights
from models.measures import Interval, auroc

Floats = npt.NDArray[np.float64]

ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Outage:
    """One silent department: how many features fall away, and what recall at the capacity loses."""

    department: str
    title: Text
    features: int
    share: float
    recall: float
    recall_lost: Interval
    auroc_lost: float
    list_kept: float


def columns_by_department(features: Sequence[Any]) -> dict[str, tuple[Text, tuple[str, ...]]]:
    """Title and feature columns of each department; features without a declared source belong to none."""
    found: dict[str, tuple[Text, tuple[str, ...]]] = {}
    for feature in features:
        source = getattr(feature, "source", None)
        if source is not None:
            code, title = source.department.value, source.department.title
            found[code] = (title, (*found.get(code, (title, ()))[1], feature.name))
    return found


def outages(
    rows: pd.DataFrame,
    label: Floats,
    child_keys: Sequence[str],
    departments: Mapping[str, tuple[Text, tuple[str, ...]]],
    risks: Callable[[pd.DataFrame], Floats],
    share: float,
    rng: np.random.Generator,
    weights: Floats | None = None,
    draws: int = 200,
) -> tuple[Outage, ...]:
    """Each department silent in turn, the costliest first. `risks` screens rows again."""
    own = np.ones(len(rows)) if weights is None else weights
    children = child_codes(child_keys)
    resamples = [child_weights(children, rng) * own for _ in range(draws)]
    heard = risks(rows)
    full, whole = _recall(label, heard, share, own), chosen(heard, share * float(own.sum()), own)
    full_drawn = np.array([_recall(label, heard, share, weight) for weight in resamples])
    found = []
    for department, (title, columns) in departments.items():
        silent = risks(rows.assign(**dict.fromkeys(columns, np.nan)))
        without = _recall(label, silent, share, own)
        drawn = np.array([_recall(label, silent, share, weight) for weight in resamples])
        low, high = np.nanquantile(full_drawn - drawn, ENDS)
        part = chosen(silent, share * float(own.sum()), own)
        found.append(
            Outage(
                department=department,
                title=title,
                features=len(columns),
                share=share,
                recall=without,
                recall_lost=Interval(full - without, float(low), float(high)),
                auroc_lost=auroc(label, heard, own) - auroc(label, silent, own),
                list_kept=float(own @ np.minimum(whole, part) / (own @ whole)),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.recall_lost.value, each.department)))


def _recall(label: Floats, risk: Floats, share: float, weights: Floats) -> float:
    part = chosen(risk, share * float(weights.sum()), weights)
    positives = float(weights @ label)
    return float((weights * part) @ label / positives) if positives else float("nan")
