"""Features the straightforward way with pandas: a third opinion, and what the engine is measured against.

Written from the meaning of each form alone, as anybody would write it who has the county in memory:
join, filter, group, aggregate, feature by feature. It holds all records of a source at once, and more
than once. It refuses nothing beyond what the questions refuse, and nobody but tests and the benchmark
uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import assert_never

import numpy as np
import pandas as pd

from features.language import (
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Condition,
    DaysSince,
    DistinctCount,
    Ever,
    Feature,
    Latest,
    OneOf,
    Ratio,
    Source,
    Trend,
    Where,
    YearsSince,
)
from features.questions import Answer, FeatureEngine, Questions
from features.reference import DAYS_IN_A_YEAR, PARTS, TREND_DAYS

_DATES = ("occurred_on", "known_on", "superseded_on")


class PandasEngine(FeatureEngine):
    """Features by pandas, with the calls of `features.engine.Engine`."""

    def __init__(self, tables: Mapping[str, Path | pd.DataFrame]) -> None:
        self._tables = dict(tables)

    def answers(self, source: Source) -> bool:
        """Whether the source has a table."""
        return source.name in self._tables

    def answer(self, source: Source, features: tuple[Feature, ...], questions: Questions) -> Answer:
        """All features of one source for all questions."""
        table = self._tables[source.name]
        own = dict.fromkeys(name for feature in features for name in feature.columns_used)
        wanted = ["child_key", *_DATES, "ordinal", *own]
        records = table[wanted] if isinstance(table, pd.DataFrame) else pd.read_parquet(table, columns=wanted)
        records = records.assign(**{name: pd.to_datetime(records[name]) for name in _DATES})
        asked = pd.DataFrame(
            {
                "asked": np.arange(len(questions)),
                "child_key": list(questions.child_keys),
                "as_of": pd.to_datetime(pd.Series(questions.days, dtype=object)),
            }
        )
        known = asked.merge(records, on="child_key")
        known = known[
            (known["known_on"] < known["as_of"])
            & (known["superseded_on"].isna() | (known["superseded_on"] >= known["as_of"]))
            & (known["occurred_on"] < known["as_of"])
        ]
        known = known.assign(age=(known["as_of"] - known["occurred_on"]).dt.days)
        cells = [_number(known, feature).reindex(asked["asked"]) for feature in features]
        return Answer(np.arange(len(questions)), tuple(cell.to_numpy(dtype=np.float64) for cell in cells))


def _number(known: pd.DataFrame, feature: Feature) -> pd.Series:
    """The form over the counting records, by question; questions without any are left out."""
    form = feature.form
    keep = _satisfy(known, form.where)
    if form.window is not None:
        keep &= known["age"] <= form.window.days
    column = getattr(form, "column", None)
    if column is not None:
        keep &= known[column].notna()
    counting = known[keep]
    groups = counting.groupby("asked")
    match form:
        case Ever():
            return groups.size() * 0.0 + 1.0
        case DaysSince():
            return groups["age"].min()
        case Latest(column=name, among=among):
            latest = _latest(counting)[name]
            return latest.isin(among).astype(float) if among else latest
        case YearsSince(column=name):
            last = _latest(counting)
            return (last["as_of"] - pd.to_datetime(last[name])).dt.days / DAYS_IN_A_YEAR
        case Trend(column=name):
            return _slope(counting, name)
        case DistinctCount(column=name):
            return groups[name].nunique()
        case Ratio(part=part):
            return _satisfy(counting, part).groupby(counting["asked"]).sum() / groups.size()
        case Aggregate():
            return _aggregate(form, counting)
        case _:
            assert_never(form)


def _aggregate(form: Aggregate, counting: pd.DataFrame) -> pd.Series:
    groups = counting.groupby("asked")
    name = form.column
    if name is None:
        return groups.size()
    match form.of:
        case Aggregation.MAX:
            return groups[name].max()
        case Aggregation.MIN:
            return groups[name].min()
        case Aggregation.SUM:
            return _parts(counting[name]).groupby(counting["asked"]).sum() / PARTS
        case Aggregation.MEAN:
            return _parts(counting[name]).groupby(counting["asked"]).sum() / PARTS / groups.size()
        case Aggregation.COUNT:
            return groups[name].size()
        case _:
            assert_never(form.of)


def _slope(counting: pd.DataFrame, name: str) -> pd.Series:
    age, parts = counting["age"].astype(np.int64), _parts(counting[name])
    points = pd.DataFrame({"n": 1, "x": age, "y": parts, "xx": age * age, "xy": age * parts})
    # Python's own whole numbers for the few products that may need more than 64 bits.
    sums = points.groupby(counting["asked"]).sum().astype(object)
    across = sums["n"] * sums["xx"] - sums["x"] * sums["x"]
    across = across[across != 0]
    up = (sums["x"] * sums["y"] - sums["n"] * sums["xy"])[across.index]
    slope: pd.Series = up.astype(float) * TREND_DAYS / (across.astype(float) * PARTS)
    return slope


def _latest(counting: pd.DataFrame) -> pd.DataFrame:
    return counting.sort_values("ordinal").groupby("asked").tail(1).set_index("asked")


def _parts(numbers: pd.Series) -> pd.Series:
    whole: pd.Series = np.floor(numbers * PARTS + 0.5).astype(np.int64)
    return whole


def _satisfy(records: pd.DataFrame, where: Where) -> pd.Series:
    keep = pd.Series(True, index=records.index)
    for condition in where:
        keep &= _satisfies(records, condition)
    return keep


def _satisfies(records: pd.DataFrame, condition: Condition) -> pd.Series:
    cell = records[condition.column]
    match condition:
        case OneOf(values=values):
            return cell.isin(values)
        case AtLeast(limit=limit):
            return cell >= limit
        case AtMost(limit=limit):
            return cell <= limit
        case _:
            assert_never(condition)
