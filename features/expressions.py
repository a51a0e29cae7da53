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
    Latest,
    OneOf,
    Ratio,
    Source,
    Trend,
    Where,
    YearsSince,
)
from features.questions import column_types
from features.reference import DAYS_IN_A_YEAR, PARTS, TREND_DAYS

# How many codes one whole number tells apart.
BITS = 60
ASKED_TYPES = {"asked": "int64", "child_key": "string", "as_of": "date"}


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def max_by(value: float, place: int) -> float:  # type: ignore[empty-body]
    """The value at the greatest place. Ibis's own `argmax` makes DuckDB sort by a key of every record."""


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def count_if(condition: bool) -> int:  # type: ignore[empty-body]
    """How many records satisfy the condition, in half the time of a filter; null if it is null of each."""


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def bit_or(bits: int) -> int:  # type: ignore[empty-body]
    """All bits that any record has. Ibis knows no bits on Spark, which has them by the same names."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def bit_count(bits: int) -> int:  # type: ignore[empty-body]
    """How many bits there are."""


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
    windows = {feature.form.window for feature in features}
    within = sorted({window.days for window in windows if window is not None})
    widest = None if None in windows else within.pop()
    # Before the join, where a column still lies as its few codes; what joins is one flag a condition.
    marks = _marks(records, features)
    cells_read = dict.fromkeys(name for feature in features if (name := _cell_read(feature.form)))
    days = ("occurred_on", "known_on", "superseded_on")
    records = records.select("child_key", *days, "ordinal", *cells_read, **marks)
    known = asked.join(records, asked.child_key == records.child_key)
    # Days between, and not dates compared: those DuckDB takes into the join, and is slower by a third.
    age, known_for, superseded_for = (known.as_of.delta(known[name], unit="day") for name in days)
    known = known.select(
        "asked",
        "as_of",
        "ordinal",
        *cells_read,
        *marks,
        age_days=age,
        known_days=known_for,
        superseded_days=superseded_for,
        **{_within(window): age <= window for window in within},
    )
    known = known.filter(
        known.age_days > 0,
        known.known_days > 0,
        known.superseded_days.fill_null(0) <= 0,
        *([] if widest is None else [known.age_days <= widest]),
    )
    cells = {f"f{place}": _number(known, feature, widest) for place, feature in enumerate(features)}
    return known.group_by("asked").aggregate(**cells)


def _number(known: Table, feature: Feature, widest: int | None) -> Any:
    """The form over the records of one question, null if none counts (Ibis has no narrower common type)."""
    form = feature.form
    counts = _counts(known, form, widest)
    match form:
        case Ever():
            return (count_if(counts) > 0).ifelse(_float(1.0), ibis.null("float64"))
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
            met = [
                bit_count(bit_or(known[_bits(name, begin)], where=counts)).fill_null(0)
                for begin in range(0, len(feature.source.column(name).codes), BITS)
            ]
            return sum(met[1:], met[0]).nullif(0).cast("float64")
        case Ratio(part=part):
            number = count_if(counts).nullif(0).cast("float64")
            inside = count_if(_counts(known, form, widest, part)).fill_null(0)
            return inside.cast("float64") / number
        case Aggregate(of=of, column=name):
            return _aggregate(known, of, name, counts)
        case _:
            assert_never(form)


def _aggregate(known: Table, of: Aggregation, name: str | None, counts: Any) -> Any:
    match of:
        case Aggregation.COUNT:
            return count_if(counts).nullif(0).cast("float64")
        case Aggregation.MAX:
            return known[name].max(where=counts)
        case Aggregation.MIN:
            return known[name].min(where=counts)
        case Aggregation.SUM:
            return _total(known[name], counts)
        case Aggregation.MEAN:
            number = count_if(counts).nullif(0).cast("float64")
            return _total(known[name], counts) / number
        case _:
            assert_never(of)


def _total(column: Any, counts: Any) -> Any:
    return _parts(column).sum(where=counts).cast("float64") / _float(PARTS)


def _parts(column: Any) -> Any:
    return (column * _float(PARTS) + _float(0.5)).floor().cast("int64")


def _slope(known: Table, name: str, counts: Any) -> Any:
    ages, parts = known.age_days.cast("int64"), _parts(known[name])
    number = count_if(counts)
    sum_of_ages = ages.sum(where=counts)
    across = number * (ages * ages).sum(where=counts) - sum_of_ages * sum_of_ages
    up = sum_of_ages * parts.sum(where=counts) - number * (ages * parts).sum(where=counts)
    # DuckDB sums into 128 bits, and rounds the negative ones differently when they become floats.
    size = up.abs().cast("float64") * _float(TREND_DAYS) / (across.nullif(0).cast("float64") * _float(PARTS))
    return (up < 0).ifelse(-size, size)


def _counts(known: Table, form: Form, widest: int | None, part: Where = ()) -> Any:
    """Whether a record counts for this form: in its window, satisfying `where`, its cell not empty.

    With `part`, whether it satisfies that too; null where a cell asked about is empty.
    """
    conditions = [known[_flag(condition)] for condition in _merged((*form.where, *part))]
    if form.window is not None and form.window.days != widest:
        conditions.append(known[_within(form.window.days)])
    match form:
        case Latest(column=name, among=among) if among:
            conditions.append(known[_flag(OneOf(name, *among))].notnull())
        case _:
            if column := _cell_read(form):
                conditions.append(known[column].notnull())
    return ibis.and_(*conditions)


def _merged(where: Where) -> Where:
    """The same conditions with those that ask one column for codes made one."""
    codes: dict[str, OneOf] = {}
    others: dict[Condition, None] = {}
    for condition in where:
        if isinstance(condition, OneOf):
            before = codes.get(condition.column, condition)
            both = (value for value in before.values if value in condition.values)
            codes[condition.column] = OneOf(condition.column, *both)
        else:
            others[condition] = None
    return (*codes.values(), *others)


def _cell_read(form: Form) -> str | None:
    """The column whose cell this form reads itself, and not only flags or bits made of it."""
    match form:
        case DistinctCount():
            return None
        case Latest(among=among) if among:
            return None
        case _:
            column: str | None = getattr(form, "column", None)
            return column


def _marks(records: Table, features: Sequence[Feature]) -> dict[str, Any]:
    """What the features ask of a record alone, each once: its flags, and the bits of its codes."""
    asked: dict[Condition, None] = {}
    marks: dict[str, Any] = {}
    for feature in features:
        form = feature.form
        asked |= dict.fromkeys(_merged(form.where))
        match form:
            case Ratio(part=part):
                asked |= dict.fromkeys(_merged((*form.where, *part)))
            case Latest(column=name, among=among) if among:
                asked[OneOf(name, *among)] = None
            case DistinctCount(column=name):
                codes = [code.value for code in feature.source.column(name).codes]
                for begin in range(0, len(codes), BITS):
                    marks[_bits(name, begin)] = _bit(records[name], codes[begin : begin + BITS])
    return {_flag(condition): _satisfies(records, condition) for condition in asked} | marks


def _within(days: int) -> str:
    """The column that says whether a record is at most so many days old."""
    return f"within {days}"


def _bits(name: str, begin: int) -> str:
    """The column with the bit of a record's code, of those from the one numbered `begin`."""
    return f"{name} bits {begin}"


def _bit(cell: Any, codes: Sequence[str]) -> Any:
    bits = (ibis.literal(1 << place, "int64") for place in range(len(codes)))
    return ibis.cases(*((cell == code, bit) for code, bit in zip(codes, bits, strict=True)))


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
