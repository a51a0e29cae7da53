"""Features the straightforward way with pandas: a third opinion, and what the engine is measured against.

Straightforward is what a scientist writes who has the county in memory and thinks of one feature at a
time: of the source's records take those known by the date, in the window and with the codes asked for,
group them by child, and merge the number found onto the children. Each feature is worked out by itself,
from the meaning of its form alone; features share the records and nothing else. No step is made slower
than pandas makes it, and none is rearranged to be quick: filters, groups and merges are pandas' own.
It refuses nothing beyond what the questions refuse, and nobody but tests and the benchmark uses it.
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
        """All features of one source, one after the other, for the children asked about on each date."""
        table = self._tables[source.name]
        records = table if isinstance(table, pd.DataFrame) else pd.read_parquet(table)
        records = records.assign(**{name: pd.to_datetime(records[name]) for name in _DATES})
        asked = pd.DataFrame(
            {
                "asked": np.arange(len(questions)),
                "child_key": list(questions.child_keys),
                "as_of": pd.to_datetime(pd.Series(questions.days, dtype=object)),
            }
        )
        matrices = []
        for day in asked["as_of"].unique():
            as_of, matrix = pd.Timestamp(day), asked[asked["as_of"] == day]
            for place, feature in enumerate(features):
                number = _number(records, feature, as_of).rename(f"f{place}")
                matrix = matrix.merge(number, how="left", left_on="child_key", right_index=True)
            matrices.append(matrix)
        found = pd.concat(matrices)
        cells = (found[f"f{place}"].to_numpy(dtype=np.float64) for place in range(len(features)))
        return Answer(found["asked"].to_numpy(), tuple(cells))


def _number(records: pd.DataFrame, feature: Feature, as_of: pd.Timestamp) -> pd.Series:
    """The form over the counting records, by child; children without any are left out."""
    form = feature.form
    counting = records[
        (records["known_on"] < as_of)
        & (records["superseded_on"].isna() | (records["superseded_on"] >= as_of))
        & (records["occurred_on"] < as_of)
    ]
    if form.window is not None:
        counting = counting[counting["occurred_on"] >= as_of - pd.Timedelta(days=form.window.days)]
    counting = counting[_satisfy(counting, form.where)]
    column = getattr(form, "column", None)
    if column is not None:
        counting = counting[counting[column].notna()]
    groups = counting.groupby("child_key")
    match form:
        case Ever():
            return groups.size() * 0.0 + 1.0
        case DaysSince():
            since: pd.Series = (as_of - groups["occurred_on"].max()).dt.days
            return since
        case Latest(column=name, among=among):
            latest = _latest(counting)[name]
            return latest.isin(among).astype(float) if among else latest
        case YearsSince(column=name):
            return (as_of - pd.to_datetime(_latest(counting)[name])).dt.days / DAYS_IN_A_YEAR
        case Trend(column=name):
            return _slope(counting, name, as_of)
        case DistinctCount(column=name):
            return groups[name].nunique()
        case Ratio(part=part):
            return _satisfy(counting, part).groupby(counting["child_key"]).sum() / groups.size()
        case Aggregate():
            return _aggregate(form, counting)
        case _:
            assert_never(form)


def _aggregate(form: Aggregate, counting: pd.DataFrame) -> pd.Series:
    groups = counting.groupby("child_key")
    name = form.column
    if name is None:
        return groups.size()
    match form.of:
        case Aggregation.MAX:
            return groups[name].max()
        case Aggregation.MIN:
            return groups[name].min()
        case Aggregation.SUM:
            return _parts(counting[name]).groupby(counting["child_key"]).sum() / PARTS
        case Aggregation.MEAN:
            return _parts(counting[name]).groupby(counting["child_key"]).sum() / PARTS / groups.size()
        case Aggregation.COUNT:
            return groups[name].size()
        case _:
            assert_never(form.of)


def _slope(counting: pd.DataFrame, name: str, as_of: pd.Timestamp) -> pd.Series:
    age, parts = (as_of - counting["occurred_on"]).dt.days, _parts(counting[name])
    points = pd.DataFrame({"n": 1, "x": age, "y": parts, "xx": age * age, "xy": age * parts})
    # Python's own whole numbers for the few products that may need more than 64 bits.
    sums = points.groupby(counting["child_key"]).sum().astype(object)
    across = sums["n"] * sums["xx"] - sums["x"] * sums["x"]
    across = across[across != 0]
    up = (sums["x"] * sums["y"] - sums["n"] * sums["xy"])[across.index]
    slope: pd.Series = up.astype(float) * TREND_DAYS / (across.astype(float) * PARTS)
    return slope


def _latest(counting: pd.DataFrame) -> pd.DataFrame:
    return counting.sort_values("ordinal").groupby("child_key").tail(1).set_index("child_key")


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
