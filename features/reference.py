"""What each feature means, computed the slow and obvious way for one child.

This is the meaning; `features.engine` is the speed, and tests hold the two to the same bits. Nothing
here is optimised, so that it can be checked by reading:

    all versions ──known before the as-of date, newest of each record──► standing
    standing ──occurred in the window, satisfying `where`──► counting (the evidence behind a value)
    counting ──the form──► one number, or None where nothing is known
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from features.language import (
    EXAMPLE_AS_OF,
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Condition,
    DaysSince,
    DistinctCount,
    Ever,
    Example,
    Feature,
    Latest,
    OneOf,
    Ratio,
    Source,
    Trend,
    Where,
    YearsSince,
)

Value = str | float | date | None

DAYS_IN_A_YEAR = 365.25

# A trend is given for as long as most windows last; a leap day would only blur what a window's length is.
TREND_DAYS = 365.0

# Sums and means are taken in whole ten-thousandths, far finer than anything a department measures:
# whole numbers add up to the same sum in every order, floats do not, and a score must not change by
# a bit because a child was screened alone instead of with the county.
PARTS = 10_000


@dataclass(frozen=True)
class Record:
    """One version of one record of a source: what it said, when it happened, when we could know."""

    record_id: str
    version: int
    occurred_on: date
    known_on: date
    values: Mapping[str, Value]


def standing(records: Iterable[Record], as_of: date) -> list[Record]:
    """Of each record the version that counts on a date: the latest known before it, earliest record first."""
    newest: dict[str, Record] = {}
    for record in sorted(records, key=lambda record: (record.known_on, record.version)):
        if record.known_on < as_of:
            newest[record.record_id] = record
    return sorted(newest.values(), key=_by_occurrence)


def counting(feature: Feature, records: Iterable[Record], as_of: date) -> list[Record]:
    """The evidence behind a value: standing records inside the window that satisfy `where`."""
    return counting_among(feature, standing(records, as_of), as_of)


def counting_among(feature: Feature, stood: Iterable[Record], as_of: date) -> list[Record]:
    """The same of records that stand: which do is asked once for all features of a source."""
    window = feature.form.window
    return [
        record
        for record in stood
        if record.occurred_on < as_of
        and (window is None or (as_of - record.occurred_on).days <= window.days)
        and satisfies_all(record, feature.form.where)
    ]


def value(feature: Feature, records: Iterable[Record], as_of: date, silent: bool = False) -> float | None:
    """The feature of the child whose records these are; None where it is not known.

    `silent` says that the department has not been heard from: then no record of it tells anything.
    """
    if silent:
        return None
    found = number(feature, records, as_of)
    return feature.when_no_records if found is None else found


def number(feature: Feature, records: Iterable[Record], as_of: date) -> float | None:
    """What the records of a child come to; None where none counts, or too few to tell."""
    return number_among(feature, standing(records, as_of), as_of)


def number_among(feature: Feature, stood: Iterable[Record], as_of: date) -> float | None:
    """The same of records that stand."""
    return _number(feature, counting_among(feature, stood, as_of), as_of)


def satisfies_all(record: Record, where: Where) -> bool:
    """Whether a record satisfies all of these conditions."""
    return all(satisfies(record, condition) for condition in where)


def satisfies(record: Record, condition: Condition) -> bool:
    """Whether a record satisfies one condition; an empty cell satisfies none."""
    cell = record.values.get(condition.column)
    if cell is None:
        return False
    match condition:
        case OneOf(values=values):
            return cell in values
        case AtLeast(limit=limit):
            return _as_number(cell) >= limit
        case AtMost(limit=limit):
            return _as_number(cell) <= limit
        case _:
            assert_never(condition)


def example_records(example: Example, source: Source, as_of: date = EXAMPLE_AS_OF) -> list[Record]:
    """A worked example as records; two lines with one record number are its versions in that order."""
    versions: dict[str, int] = {}
    records = []
    for line in example.records(source, as_of):
        versions[line.record_id] = versions.get(line.record_id, 0) + 1
        version = versions[line.record_id]
        records.append(Record(line.record_id, version, line.occurred_on, line.known_on, line.values))
    return records


def _by_occurrence(record: Record) -> tuple[date, date, str, int]:
    return record.occurred_on, record.known_on, record.record_id, record.version


def _number(feature: Feature, records: list[Record], as_of: date) -> float | None:
    """The form applied to counting records, in order of occurring; None if nothing is left to apply it to."""
    form = feature.form
    column = getattr(form, "column", None)
    if column is not None:
        records = [record for record in records if record.values.get(column) is not None]
    if not records:
        return None
    latest = records[-1]
    match form:
        case Ever():
            return 1.0
        case DaysSince():
            return float((as_of - latest.occurred_on).days)
        case Latest(column=name, among=among):
            cell = latest.values[name]
            return float(cell in among) if among else _as_number(cell)
        case YearsSince(column=name):
            return (as_of - _as_date(latest.values[name])).days / DAYS_IN_A_YEAR
        case Trend(column=name):
            return _slope([((as_of - record.occurred_on).days, _cell(record, name)) for record in records])
        case DistinctCount(column=name):
            return float(len({record.values[name] for record in records}))
        case Ratio(part=part):
            return sum(satisfies_all(record, part) for record in records) / len(records)
        case Aggregate():
            return _aggregate(form, records)
        case _:
            assert_never(form)


def _aggregate(form: Aggregate, records: list[Record]) -> float:
    name = form.column
    numbers = [] if name is None else [_cell(record, name) for record in records]
    match form.of:
        case Aggregation.COUNT:
            return float(len(records))
        case Aggregation.MAX:
            return max(numbers)
        case Aggregation.MIN:
            return min(numbers)
        case Aggregation.SUM:
            return _total(numbers)
        case Aggregation.MEAN:
            return _total(numbers) / len(numbers)
        case _:
            assert_never(form.of)


def _slope(points: list[tuple[int, float]]) -> float | None:
    """The least-squares slope of (days before the as-of date, number) towards the as-of date, per year.

    Whole numbers up to the one division, as for sums; None if all points lie on one day.
    """
    number = len(points)
    ages, parts = [age for age, _ in points], [_parts(cell) for _, cell in points]
    across = number * sum(age * age for age in ages) - sum(ages) ** 2
    if across == 0:
        return None
    # Days before the as-of date run backwards, hence this order of the difference.
    up = sum(ages) * sum(parts) - number * sum(age * part for age, part in zip(ages, parts, strict=True))
    return float(up) * TREND_DAYS / (float(across) * PARTS)


def _total(numbers: list[float]) -> float:
    return sum(_parts(number) for number in numbers) / PARTS


def _parts(number: float) -> int:
    # Half a part rounds up: the one rule Python, DuckDB and Spark all follow to the bit when it is
    # written out as a floor.
    return math.floor(number * PARTS + 0.5)


def _cell(record: Record, column: str) -> float:
    return _as_number(record.values[column])


def _as_number(cell: Value) -> float:
    if isinstance(cell, int | float):
        return float(cell)
    raise TypeError(f"A {type(cell).__name__} stands where a number is declared.")


def _as_date(cell: Value) -> date:
    if isinstance(cell, date):
        return cell
    raise TypeError(f"A {type(cell).__name__} stands where a date is declared.")
