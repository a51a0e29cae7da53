"""How early the list speaks: days from the as-of date, or from the alert, to the fact that came to be known.

Only children with a dated fact have a lead time; those confirmed by the visit itself have none and are
counted apart, for a visit cannot be early of itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.figures import NotEnough
from evaluation.metrics import chosen
from features.language import Outcome, Text
from models import facts
from models.calibration import child_codes, child_weights
from models.facts import Tables
from models.measures import Interval
from models.screeners import ScreenerSpec

Floats = npt.NDArray[np.float64]

LEAST_FACTS = 10
DATED = Text("入选且有结局日期的儿童", "listed children with a dated fact")
ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class LeadTime:
    """Days gained at one capacity: quartiles over the listed children with a dated fact."""

    share: float
    dated: int
    undated: int
    lower_quartile: Interval
    median: Interval
    upper_quartile: Interval


def days_to_fact(
    spec: ScreenerSpec,
    rows: pd.DataFrame,
    tables: Tables,
    trained_on: date,
    since: Mapping[tuple[str, date], date] | None = None,
) -> Floats:
    """Days to the first fact in each row's label window, known before the training date; NaN without one.

    Counted from the as-of date, or from the day `since` gives for (child, as-of date), as an alert's.
    """
    if not isinstance(spec.outcome, Outcome):
        raise ValueError(f"The outcome of {spec.name} is a column of a table and has no dated facts.")
    found = facts.standing(facts.versions(tables, spec.outcome.facts), trained_on)
    dated = found[["child_key", "occurred_on"]].sort_values("occurred_on")
    days = np.full(len(rows), np.nan)
    keys, dates = rows["child_key"].to_numpy(), rows["as_of"].to_numpy()
    for as_of in sorted(set(dates)):
        start = as_of + timedelta(days=spec.gap_days)
        end = start + timedelta(days=spec.horizon_days)
        inside = dated["occurred_on"].between(pd.Timestamp(start), pd.Timestamp(end), inclusive="left")
        first = dated[inside].groupby("child_key")["occurred_on"].first().to_dict()
        for place in np.flatnonzero(dates == as_of):
            happened = first.get(keys[place])
            if happened is not None:
                began = as_of if since is None else since.get((keys[place], as_of))
                days[place] = np.nan if began is None else (happened.date() - began).days
    return days


def lead_time(
    label: Floats,
    days: Floats,
    risk: Floats,
    child_keys: Sequence[str],
    share: float,
    rng: np.random.Generator,
    weights: Floats | None = None,
    draws: int = 200,
) -> LeadTime | NotEnough:
    """Quartiles of the days gained when this share is visited; a tie at the edge counts by its part."""
    own = np.ones_like(risk) if weights is None else weights
    part = own * chosen(risk, share * float(own.sum()), own)
    positive = (label == 1) & (part > 0)
    dated = positive & ~np.isnan(days)
    if int(dated.sum()) < LEAST_FACTS:
        return NotEnough(LEAST_FACTS, int(dated.sum()), DATED)
    values, weight = days[dated], part[dated]
    children = child_codes(np.asarray(child_keys, dtype=str)[dated].tolist())
    again = np.array(
        [weighted_quartiles(values, weight * child_weights(children, rng)) for _ in range(draws)]
    )
    low, high = np.quantile(again, ENDS, axis=0)
    quartiles = [
        Interval(float(value), float(down), float(up))
        for value, down, up in zip(weighted_quartiles(values, weight), low, high, strict=True)
    ]
    return LeadTime(share, int(dated.sum()), int((positive & np.isnan(days)).sum()), *quartiles)


def weighted_quartiles(values: Floats, weights: Floats) -> Floats:
    """The values below which a quarter, half and three quarters of the weight lie."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    places = np.searchsorted(reached, (0.25 - 1e-12, 0.5 - 1e-12, 0.75 - 1e-12))
    found: Floats = values[order][np.minimum(places, len(values) - 1)]
    return found
