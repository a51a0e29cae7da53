"""Every way we know to misunderstand a feature. Its worked examples must tell each from the truth.

A misreading is a function of records and an as-of date, like the feature itself. Those that only change
the form are read by the reference; the others say here what the mistaken reader would compute.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from features.language import (
    EXAMPLE_AS_OF,
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Condition,
    DaysSince,
    DistinctCount,
    Feature,
    Latest,
    OneOf,
    Ratio,
    Trend,
    Window,
    YearsSince,
)
from features.reference import Record, counting, example_records, satisfies, value

Reading = Callable[[Sequence[Record], date], float | None]


def left_open(feature: Feature) -> list[str]:
    """The misreadings that agree with every example of the feature."""
    examples = [(example_records(example, feature.source), example.expect) for example in feature.examples]
    return [
        what
        for what, reading in misreadings(feature)
        if all(reading(records, EXAMPLE_AS_OF) == expect for records, expect in examples)
    ]


def misreadings(feature: Feature) -> Iterator[tuple[str, Reading]]:
    """What is misread, and how it would then be computed."""
    form, changed = feature.form, _changing(feature)
    if form.window is not None:
        yield "the window is a day longer", changed(window=Window(form.window.days + 1))
        if form.window.days > 1:
            yield "the window is a day shorter", changed(window=Window(form.window.days - 1))
    for place, condition in enumerate(form.where):
        before, after = form.where[:place], form.where[place + 1 :]
        yield f"the condition on {condition.column} is dropped", changed(where=before + after)
        for what, other in _misread(condition):
            yield what, changed(where=(*before, other, *after))
    if isinstance(form, Aggregate) and form.column is not None:
        for of in Aggregation:
            if of not in (form.of, Aggregation.COUNT):
                yield f"the {of.value} is taken instead of the {form.of.value}", changed(of=of)
    if isinstance(form, Latest) and form.among:
        yield "the codes named in among are the ones left out", changed(among=_others(feature, form))
        for code in form.among if len(form.among) > 1 else ():
            others = tuple(name for name in form.among if name != code)
            yield f"{code} is missing in among", changed(among=others)
    if isinstance(form, Latest | DaysSince | YearsSince):
        first = _over(feature, lambda records, as_of: value(feature, records[:1], as_of))
        yield "the earliest record counts instead of the latest", first
    if isinstance(form, Trend):
        yield from _of_a_trend(feature, form)
    if isinstance(form, DistinctCount):
        yield "records are counted instead of kinds", _over(feature, lambda records, _: float(len(records)))
        yield "anything recorded is one kind", _over(feature, lambda _records, _: 1.0)
    if isinstance(form, Ratio):
        yield from _of_a_ratio(feature, form)
    yield (
        "the day it occurred stands for the day it was known",
        lambda records, as_of: value(
            feature, [replace(record, known_on=record.occurred_on) for record in records], as_of
        ),
    )


def _misread(condition: Condition) -> Iterator[tuple[str, Condition]]:
    match condition:
        case OneOf(column=column, values=values):
            for code in values if len(values) > 1 else ():
                others = (name for name in values if name != code)
                yield f"{code} is missing in the condition on {column}", OneOf(column, *others)
        case AtLeast() | AtMost():
            for step in (-0.5, 0.5):
                other = replace(condition, limit=condition.limit + step)
                yield f"the limit on {condition.column} is {other.limit}", other


def _others(feature: Feature, form: Latest) -> tuple[str, ...]:
    column = feature.source.column(form.column)
    every = [code.value for code in column.codes] or ["yes", "no"]
    return tuple(code for code in every if code not in form.among)


def _of_a_trend(feature: Feature, form: Trend) -> Iterator[tuple[str, Reading]]:
    def cell(record: Record) -> float:
        return float(record.values[form.column])  # type: ignore[arg-type]  # a trend is of numbers

    def slope(records: Sequence[Record], as_of: date) -> float:
        return value(feature, records, as_of) or 0.0

    def rise(records: Sequence[Record]) -> float:
        return cell(records[-1]) - cell(records[0])

    def days(records: Sequence[Record]) -> int:
        return (records[-1].occurred_on - records[0].occurred_on).days

    for what, reading in (
        ("the sign of the trend is turned round", lambda records, as_of: -slope(records, as_of)),
        ("the trend is per day", lambda records, as_of: slope(records, as_of) / 365),
        ("only the first and the last record count", lambda records, _: 365 * rise(records) / days(records)),
        ("the rise is not divided by time", lambda records, _: rise(records)),
        ("the latest number stands for the trend", lambda records, _: cell(records[-1])),
        (
            "the trend runs over the days it was known",
            lambda records, as_of: slope(
                [replace(record, occurred_on=record.known_on) for record in records], as_of
            ),
        ),
    ):
        yield what, _over(feature, reading, days=2)
    if feature.when_no_records is None:
        yield "a single day makes a trend of nought", _over(feature, slope)


def _of_a_ratio(feature: Feature, form: Ratio) -> Iterator[tuple[str, Reading]]:
    changed = _changing(feature)
    for place, condition in enumerate(form.part):
        before, after = form.part[:place], form.part[place + 1 :]
        if before + after:
            yield f"the part's condition on {condition.column} is dropped", changed(part=before + after)
        for what, other in _misread(condition):
            yield f"of the part, {what}", changed(part=(*before, other, *after))

    def inside(records: Sequence[Record]) -> int:
        return sum(all(satisfies(record, condition) for condition in form.part) for record in records)

    def outside(records: Sequence[Record]) -> int:
        return len(records) - inside(records)

    for what, reading in (
        ("the part is dropped", lambda _records, _: 1.0),
        ("the share is that of the others", lambda records, _: outside(records) / len(records)),
        ("the part is counted", lambda records, _: float(inside(records))),
        ("any record in the part makes it one", lambda records, _: float(inside(records) > 0)),
        ("part is set against the others", lambda records, _: inside(records) / max(outside(records), 1)),
        ("part and whole change places", lambda records, _: len(records) / max(inside(records), 1)),
    ):
        yield what, _over(feature, reading)


def _changing(feature: Feature) -> Callable[..., Reading]:
    def changed(**changes: object) -> Reading:
        other = feature.with_form(**changes)
        return lambda records, as_of: value(other, records, as_of)

    return changed


def _over(feature: Feature, reading: Callable[[list[Record], date], float | None], days: int = 1) -> Reading:
    """The reading of the records that count, their cell not empty; the truth if they lie on fewer days."""
    column = getattr(feature.form, "column", None)

    def read(records: Sequence[Record], as_of: date) -> float | None:
        told = [
            record
            for record in counting(feature, records, as_of)
            if column is None or record.values.get(column) is not None
        ]
        if len({record.occurred_on for record in told}) < days:
            return value(feature, records, as_of)
        return reading(told, as_of)

    return read
