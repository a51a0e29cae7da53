"""Declarations as expressions: one relational expression per source for all its features at once.

Written once in Ibis and run by whichever engine executes it (DuckDB in `features.engine`, Spark in
`features.spark_engine`), so that there is one translation of the language and not one per database.
It must give the bits of `features.reference`; what keeps it so:

- every condition is on whole days, whole numbers, equal strings or limits, never on rounded floats;
- sums are of whole ten-thousandths, so the order in which an engine adds does not matter, and a trend
  is made of whole numbers up to its one division;
- "latest" is the record with the greatest `ordinal`, which is unique, so no tie is left to an engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import ibis
from ibis.expr.types import Table

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
    Form,
    Kind,
    Latest,
    OneOf,
    Ratio,
    Source,
    Trend,
    YearsSince,
)
from features.reference import DAYS_IN_A_YEAR, PARTS, TREND_DAYS

# What a feature reads of compacted records beside the source's own columns.
COMMON_TYPES = {
    "child_key": "string",
    "occurred_on": "date",
    "known_on": "date",
    "superseded_on": "date",
    "ordinal": "int64",
}
ASKED_TYPES = {"asked": "int64", "child_key": "string", "as_of": "date"}


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def max_by(value: float, place: int) -> float:  # type: ignore[empty-body]
    """The value at the greatest place. Ibis's own `argmax` makes DuckDB sort by a key of every record."""


def column_types(source: Source) -> dict[str, str]:
    """The columns of a source's compacted records and what each is in an engine."""
    types = {Kind.INTEGER: "float64", Kind.NUMBER: "float64", Kind.DATE: "date"}
    return COMMON_TYPES | {column.name: types.get(column.kind, "string") for column in source.lake_columns}


def asked_table(name: str) -> Table:
    """The questions, not bound to any engine: which child as of which date, numbered by `asked`."""
    return ibis.table(ASKED_TYPES, name=name)


def records_table(source: Source, name: str) -> Table:
    """A source's compacted records, not bound to any engine."""
    return ibis.table(column_types(source), name=name)


def aggregated(asked: Table, records: Table, features: Sequence[Feature]) -> Table:
    """One row per question with a counting record: `asked`, then f0, f1, ... in the order of `features`.

    All features must be of the source the records are of. A cell is null, and a question without
    any record has no row, where no record counts; what that means the caller fills in.
    """
    # Before the join, where a column still lies as its few codes; what joins is one bit a condition.
    records = records.mutate(
        **{_flag(condition): _satisfies(records, condition) for condition in _conditions(features)}
    )
    known = asked.join(
        records,
        [
            asked.child_key == records.child_key,
            records.known_on < asked.as_of,
            records.superseded_on.isnull() | (records.superseded_on >= asked.as_of),
            records.occurred_on < asked.as_of,
        ],
    )
    known = known.mutate(age_days=known.as_of.delta(known.occurred_on, unit="day"))
    windows = [feature.form.window for feature in features]
    widest = max((window.days for window in windows if window is not None), default=0)
    if None not in windows:
        known = known.filter(known.age_days <= widest)
    cells = {f"f{place}": _number(known, feature) for place, feature in enumerate(features)}
    return known.group_by("asked").aggregate(**cells)


def _number(known: Table, feature: Feature) -> Any:
    """The form over the records of one question, null if none counts (Ibis has no narrower common type)."""
    form = feature.form
    counts = _counts(known, form)
    match form:
        case Ever():
            return (known.count(where=counts) > 0).ifelse(_float(1.0), ibis.null("float64"))
        case DaysSince():
            return known.age_days.min(where=counts).cast("float64")
        case Latest(column=name, among=among):
            cell = known[_flag(OneOf(name, *among))] if among else known[name]
            return max_by(cell.cast("float64"), known.ordinal, where=counts)
        case YearsSince(column=name):
            days = known.as_of.delta(known[name], unit="day")
            return max_by(days.cast("float64"), known.ordinal, where=counts) / _float(DAYS_IN_A_YEAR)
        case Trend(column=name):
            return _slope(known, name, counts)
        case DistinctCount(column=name):
            # One flag a code rather than a distinct count: Spark copies every record for each of those, and
            # Ibis knows no bits on Spark.
            codes = [code.value for code in feature.source.column(name).codes]
            met = [_how_many(known, counts & known[_flag(OneOf(name, code))]).sign() for code in codes]
            return sum(met[1:], met[0]).nullif(0).cast("float64")
        case Ratio(part=part):
            number = known.count(where=counts).nullif(0).cast("float64")
            inside = ibis.and_(counts, *(known[_flag(condition)] for condition in part))
            return _how_many(known, inside).cast("float64") / number
        case Aggregate(of=of, column=name):
            return _aggregate(known, of, name, counts)
        case _:
            assert_never(form)


def _how_many(known: Table, condition: Any) -> Any:
    # To Spark the number of records of which nothing is known is null, to DuckDB it is nought.
    return known.count(where=condition.fill_null(False))


def _aggregate(known: Table, of: Aggregation, name: str | None, counts: Any) -> Any:
    match of:
        case Aggregation.COUNT:
            return known.count(where=counts).nullif(0).cast("float64")
        case Aggregation.MAX:
            return known[name].max(where=counts)
        case Aggregation.MIN:
            return known[name].min(where=counts)
        case Aggregation.SUM:
            return _total(known[name], counts)
        case Aggregation.MEAN:
            number = known.count(where=counts).nullif(0).cast("float64")
            return _total(known[name], counts) / number
        case _:
            assert_never(of)


def _total(column: Any, counts: Any) -> Any:
    return _parts(column).sum(where=counts).cast("float64") / _float(PARTS)


def _parts(column: Any) -> Any:
    return (column * _float(PARTS) + _float(0.5)).floor().cast("int64")


def _slope(known: Table, name: str, counts: Any) -> Any:
    ages, parts = known.age_days.cast("int64"), _parts(known[name])
    number = known.count(where=counts)
    sum_of_ages = ages.sum(where=counts)
    across = number * (ages * ages).sum(where=counts) - sum_of_ages * sum_of_ages
    up = sum_of_ages * parts.sum(where=counts) - number * (ages * parts).sum(where=counts)
    # DuckDB sums into 128 bits, and rounds the negative ones differently when they become floats.
    size = up.abs().cast("float64") * _float(TREND_DAYS) / (across.nullif(0).cast("float64") * _float(PARTS))
    return (up < 0).ifelse(-size, size)


def _counts(known: Table, form: Form) -> Any:
    """Whether a record counts for this form: in its window, satisfying `where`, its cell not empty."""
    conditions = [known[_flag(condition)] for condition in form.where]
    if form.window is not None:
        conditions.append(known.age_days <= form.window.days)
    column = getattr(form, "column", None)
    if column is not None:
        conditions.append(known[column].notnull())
    return ibis.and_(*conditions)


def _conditions(features: Sequence[Feature]) -> list[Condition]:
    """What any of the features asks of a record alone, each once."""
    asked: dict[Condition, None] = {}
    for feature in features:
        form = feature.form
        asked |= dict.fromkeys(form.where)
        match form:
            case Ratio(part=part):
                asked |= dict.fromkeys(part)
            case Latest(column=name, among=among) if among:
                asked[OneOf(name, *among)] = None
            case DistinctCount(column=name):
                asked |= {OneOf(name, code.value): None for code in feature.source.column(name).codes}
    return list(asked)


def _flag(condition: Condition) -> str:
    """The column that says whether a record satisfies the condition; null where the cell is empty."""
    match condition:
        case OneOf(values=values):
            return f"{condition.column} in {' '.join(values)}"
        case AtLeast(limit=limit):
            return f"{condition.column} from {limit!r}"
        case AtMost(limit=limit):
            return f"{condition.column} to {limit!r}"
        case _:
            assert_never(condition)


def _satisfies(records: Table, condition: Condition) -> Any:
    cell = records[condition.column]
    match condition:
        case OneOf(values=values):
            return cell.isin(values)
        case AtLeast(limit=limit):
            return cell >= _float(limit)
        case AtMost(limit=limit):
            return cell <= _float(limit)
        case _:
            assert_never(condition)


def _float(number: float) -> Any:
    # A bare 10000.0 is a decimal to Spark, and dividing by one loses digits.
    return ibis.literal(float(number), "float64")
