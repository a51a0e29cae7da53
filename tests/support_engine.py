"""Builders for everything that asks whether the two engines mean the same.

`SAMPLES` cover the language itself, one feature for each form and aggregation, on a source that has
a column of every kind; they go through every test the catalogue's features go through.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from features.catalogue import FEATURES
from features.catalogue.families import SchoolLife
from features.engine import Engine, records_frame
from features.language import (
    EXAMPLE_AS_OF,
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Code,
    Column,
    DaysSince,
    Department,
    DistinctCount,
    Ever,
    Example,
    Feature,
    Kind,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Source,
    Text,
    Trend,
    Window,
    YearsSince,
    declared,
)
from features.reference import Record, value
from features.signals import to_table


class Sampled:
    lessons = Source(
        title=Text("样例", "Lessons"),
        department=Department.EDUCATION,
        occurred=Text("日期", "Held on"),
        legal_basis=Text("样例", "A sample"),
        rhythm_days=30,
        delay_days=3,
        meaning=Text("样例", "A sample with a column of every kind."),
        columns=(
            Column(
                "kind", Text("类型", "Kind"), Kind.CODE, tuple(Code(code, Text(code, code)) for code in "abc")
            ),
            Column("missed", Text("缺课", "Missed"), Kind.INTEGER),
            Column("hours", Text("小时", "Hours"), Kind.NUMBER, minimum=0, maximum=2e9),
            Column("alone", Text("独自", "Alone"), Kind.FLAG),
            Column("began_on", Text("开始", "Began on"), Kind.DATE),
        ),
    )


def sample(form, *examples: Example, when_no_records: float | None = 0.0) -> Feature:
    return Feature(
        title=Text("样例", "A sample"), family=SchoolLife.attendance, source=Sampled.lessons, form=form,
        risk=RiskDirection.EITHER, unit="times", why="It covers the language.",
        examples=examples, when_no_records=when_no_records,
    )  # fmt: skip


_NUMBERS = (
    "record | occurred | known | kind | hours",
    "1      | 31       | 31    | a    | 64",
    "2      | 30       | 29    | a    | 4.5",
    "3      | 20       | 19    | a    | 1.5",
    "4      | 20       | 19    | b    | 32",
    "5      | 10       | 0     | a    | 0.25",
    "6      | 9        | 9     | a    | 128",
    "6      | 9        | 8     | a    | 3",
    "7      | 8        | 8     | a    | -",
)
_A = (OneOf("kind", "a"),)


def _of(of: Aggregation, column: str | None = "hours") -> Aggregate:
    return Aggregate(of=of, column=column, window=Window(30), where=_A)


class Samples:
    count_30d = sample(_of(Aggregation.COUNT, None), Example(*_NUMBERS, expect=4), Example(expect=0))
    sum_30d = sample(_of(Aggregation.SUM), Example(*_NUMBERS, expect=9))
    mean_30d = sample(
        _of(Aggregation.MEAN), Example(*_NUMBERS, expect=3), Example(expect=None), when_no_records=None
    )
    max_30d = sample(
        _of(Aggregation.MAX),
        Example(*_NUMBERS, expect=4.5),
        Example("occurred | kind | hours", "30 | a | 4", "29 | a | 5", "28 | b | 9", expect=5),
        Example("occurred | known | kind | hours", "30 | 30 | a | 4", "9 | 0 | a | 5", expect=4),
    )
    min_30d = sample(
        _of(Aggregation.MIN),
        Example(*_NUMBERS, expect=1.5),
        Example("occurred | kind | hours", "31 | a | 1", "30 | a | 2", "29 | a | 5", "28 | b | 1", expect=2),
    )
    number_at_least_30d = sample(
        Aggregate(
            of=Aggregation.COUNT, window=Window(30), where=(AtLeast("missed", 3), AtMost("hours", 1.5))
        ),
        Example(
            "occurred | known | missed | hours",
            "31       | 31    | 3      | 1",
            "30       | 30    | 3      | 1.5",
            "20       | 20    | 2.9999 | 1",
            "19       | 19    | 4      | 1.5001",
            "18       | 18    | -      | 1",
            "17       | 17    | 3      | -",
            "16       | 0     | 3      | 1",
            expect=1,
        ),
    )
    latest_30d = sample(
        Latest(column="missed", window=Window(30), where=(OneOf("alone", "yes"),)),
        Example(
            "record | occurred | known | alone | missed",
            "1      | 30       | 30    | yes   | 7",
            "2      | 20       | 19    | yes   | 5",
            "3      | 20       | 18    | yes   | 4",
            "4      | 10       | 9     | no    | 3",
            "5      | 9        | 8     | yes   | -",
            "6      | 8        | 0     | yes   | 2",
            expect=4,
        ),
        Example("occurred | alone | missed", "31 | yes | 9", expect=None),
        Example("occurred | alone | missed", "30 | yes | 9", expect=9),
        when_no_records=None,
    )
    latest_of_one_day_30d = sample(
        Latest(column="missed", window=Window(30)),
        Example(
            "record | occurred | known | missed",
            "9      | 30       | 9     | 1",
            "10     | 30       | 9     | 2",
            "95     | 30       | 10    | 3",
            expect=1,  # of one day and learnt on one day, the greater record number as text
        ),
        Example("occurred | missed", "31 | 4", expect=0),
        Example("occurred | known | missed", "9 | 9 | 4", "8 | 0 | 5", expect=4),
        Example("occurred | missed", "9 | 4", "8 | 5", expect=5),
    )
    latest_among_30d = sample(
        Latest(column="kind", window=Window(30), among=("a", "b")),
        Example("occurred | kind", "30 | a", "31 | c", expect=1),
        Example("occurred | kind", "31 | a", expect=0),
        Example("occurred | kind", "9 | a", "8 | c", "7 | -", expect=0),
        Example("occurred | known | kind", "9 | 9 | b", "8 | 0 | c", expect=1),
    )
    ever_30d = sample(
        Ever(window=Window(30), where=_A),
        Example("occurred | kind", "30 | a", expect=1),
        Example("occurred | kind", "31 | a", "30 | b", "30 | -", expect=0),
        Example("occurred | known | kind", "30 | 0 | a", expect=0),
    )
    days_since_30d = sample(
        DaysSince(window=Window(30), where=_A),
        Example("occurred | known | kind", "30 | 30 | a", expect=30),
        Example("occurred | known | kind", "31 | 31 | a", "12 | 12 | b", expect=None),
        Example("occurred | known | kind", "9 | 9 | a", "1 | 1 | a", "1 | 0 | a", "8 | 8 | b", expect=1),
        Example("occurred | known | kind", "9 | 9 | a", "2 | 0 | a", expect=9),
        when_no_records=None,
    )
    years_since = sample(
        YearsSince(column="began_on", where=_A),
        Example(
            "occurred | known | kind | began_on",
            "3000     | 2999  | a    | 2922",
            "2000     | 1999  | a    | 1461",
            "1500     | 1500  | a    | -",
            "9        | 0     | a    | 1",
            "8        | 8     | b    | 1",
            expect=4,
        ),
        Example(expect=None),
        when_no_records=None,
    )
    trend_365d = sample(
        Trend(column="hours", window=Window(365), where=_A),
        Example(
            "record | occurred | known | kind | hours",
            "1      | 366      | 366   | a    | 99",
            "2      | 365      | 362   | a    | 5",
            "3      | 360      | 347   | a    | 1",
            "4      | 345      | 344   | a    | 2",
            "5      | 344      | 343   | b    | 50",
            "6      | 30       | 30    | a    | -",
            "7      | 7        | 0     | a    | 80",
            expect=-36.5,  # a tenth of an hour less a day; the first and the last alone would say more
        ),
        Example("occurred | kind | hours", "30 | a | 1", "30 | a | 9", expect=None),
        Example("occurred | kind | hours", "30 | a | 1", expect=None),
        Example("occurred | kind | hours", "30 | a | 1", "20 | a | 1", expect=0),
        Example("occurred | kind | hours", "30 | a | 1", "20 | a | 2", "15 | a | 2.5", expect=36.5),
        when_no_records=None,
    )
    distinct_count_30d = sample(
        DistinctCount(column="kind", window=Window(30), where=(AtLeast("hours", 1),)),
        Example(
            "record | occurred | known | kind | hours",
            "1      | 31       | 31    | c    | 1",
            "2      | 30       | 30    | a    | 1",
            "3      | 20       | 20    | b    | 1.5",
            "4      | 19       | 19    | b    | 2",
            "5      | 18       | 18    | c    | 0.9999",
            "6      | 17       | 17    | -    | 5",
            "7      | 16       | 0     | c    | 5",
            expect=2,
        ),
        Example(expect=0),
    )
    ratio_30d = sample(
        Ratio(part=(OneOf("kind", "a", "b"), OneOf("alone", "yes")), window=Window(30), where=(AtLeast("hours", 1),)),
        Example(
            "record | occurred | known | kind | alone | hours",
            "1      | 31       | 31    | a    | yes   | 1",
            "2      | 30       | 30    | a    | yes   | 1",
            "3      | 20       | 20    | b    | yes   | 1",
            "4      | 19       | 19    | a    | no    | 1",
            "5      | 18       | 18    | c    | yes   | 1",
            "6      | 17       | 17    | -    | yes   | 1",
            "7      | 16       | 16    | c    | -     | 1",
            "8      | 15       | 15    | c    | no    | 1",
            "9      | 14       | 14    | c    | no    | 1",
            "10     | 13       | 13    | a    | yes   | 0.5",
            "11     | 12       | 0     | a    | yes   | 1",
            expect=0.25,
        ),
        Example("occurred | kind | alone | hours", "30 | c | yes | 1", expect=0),
        Example("occurred | kind | alone | hours", "30 | a | yes | 0.5", expect=None),
        when_no_records=None,
    )  # fmt: skip


SAMPLES: tuple[Feature, ...] = declared(Samples, Feature)
ALL: tuple[Feature, ...] = (*FEATURES, *SAMPLES)
BY_SOURCE: Mapping[Source, tuple[Feature, ...]] = {
    source: tuple(feature for feature in ALL if feature.source == source)
    for source in dict.fromkeys(feature.source for feature in ALL)
}
NOBODY_SILENT = frozenset[str]()


def by_name(item: Feature | Source) -> str:
    return item.name


# --- asking both engines -----------------------------------------------------------------------


def fast(
    source: Source,
    records_by_child: Mapping[str, Sequence[Record]],
    features: Sequence[Feature] | None = None,
    days: Sequence[date] = (EXAMPLE_AS_OF,),
    silent: frozenset[str] = NOBODY_SILENT,
) -> dict[tuple[str, date, str], float | None]:
    """What the fast engine says, by child, as-of date and feature name; None for not known."""
    features = BY_SOURCE[source] if features is None else features
    rows = pd.DataFrame(
        [(child, day) for child in records_by_child for day in days], columns=["child_key", "as_of"]
    )
    with Engine({source.name: records_frame(records_by_child, source)}, threads=1) as engine:
        matrix = engine.matrix(rows, features, dict.fromkeys(days, silent))
    return {
        (row["child_key"], row["as_of"], feature.name): None
        if pd.isna(row[feature.name])
        else row[feature.name]
        for row in matrix.to_dict("records")
        for feature in features
    }


def slow(
    source: Source,
    records_by_child: Mapping[str, Sequence[Record]],
    features: Sequence[Feature] | None = None,
    days: Sequence[date] = (EXAMPLE_AS_OF,),
    silent: frozenset[str] = NOBODY_SILENT,
) -> dict[tuple[str, date, str], float | None]:
    """What the reference says, in the same shape."""
    features = BY_SOURCE[source] if features is None else features
    return {
        (child, day, feature.name): value(feature, records, day, silent=source.name in silent)
        for child, records in records_by_child.items()
        for day in days
        for feature in features
    }


def lake_file(frame: pd.DataFrame, source: Source, folder: Path, rows: int = 2) -> Path:
    """A frame of compacted records as the lake writes it, in row groups of so many rows."""
    written = to_table(source, frame.drop(columns=["superseded_on", "ordinal"]))
    for name, kind in (("superseded_on", pa.date32()), ("ordinal", pa.int64())):
        written = written.append_column(name, pa.array(frame[name], kind, from_pandas=True))
    path = folder / f"{source.name}.parquet"
    pq.write_table(written, path, row_group_size=rows)
    return path


# --- histories -------------------------------------------------------------------------------------

DAYS = (EXAMPLE_AS_OF, EXAMPLE_AS_OF + timedelta(days=1))


def edges(source: Source) -> list[date]:
    """The days on which something changes: a day before, on and after both ends of every window."""
    ages = {0} | {feature.form.window.days for feature in BY_SOURCE[source] if feature.form.window}
    return sorted({EXAMPLE_AS_OF - timedelta(days=age + step) for age in ages for step in (-1, 0, 1)})


def days_near_edges(source: Source) -> st.SearchStrategy[date]:
    """Mostly the days on which something changes, and a few between them."""
    between = [EXAMPLE_AS_OF - timedelta(days=age) for age in (5, 12, 60, 150, 300, 500, 900, 2000)]
    return st.sampled_from([*edges(source), *edges(source), *between])


def cells(column: Column) -> list[str | float | date | None]:
    """Cells of a column: all its codes, numbers on and around plausible limits, and an empty one."""
    if column.kind is Kind.CODE:
        return [None, *(code.value for code in column.codes)]
    if column.kind is Kind.FLAG:
        return [None, "yes", "no"]
    if column.kind is Kind.INTEGER:
        return [None, *(float(number) for number in range(7))]
    if column.kind is Kind.NUMBER:
        # Tenths and thirds have no end in binary, and a huge number swallows them: order would show.
        return [None, 0.0, 0.1, 0.2, 0.3, 1.5, 2.0, 2.49995, 4.7, 8.0, 9.5, 1 / 3, 61.35, 1e9 + 0.7]
    if column.kind is Kind.DATE:
        return [None, *(EXAMPLE_AS_OF - timedelta(days=age) for age in (0, 1, 365, 366, 1461, 5000))]
    return [None, "x", "y"]


def records_of(source: Source) -> st.SearchStrategy[Record]:
    """One version of one of few records, so that versions of the same record meet."""
    day = days_near_edges(source)
    return st.builds(
        lambda record_id, version, occurred_on, known_on, row: Record(
            record_id, version, occurred_on, known_on or occurred_on, row
        ),
        st.sampled_from(["1", "2", "10", "甲"]),
        st.integers(1, 4),
        day,
        st.none() | day,
        st.fixed_dictionaries(
            {column.name: st.sampled_from(cells(column)) for column in source.lake_columns}
        ),
    )


def histories(source: Source, most: int = 7) -> st.SearchStrategy[list[Record]]:
    """All versions of one child's records."""
    return st.lists(
        records_of(source), max_size=most, unique_by=lambda record: (record.record_id, record.version)
    )


def counties(source: Source) -> st.SearchStrategy[dict[str, list[Record]]]:
    """A few children's records."""
    return st.lists(histories(source), min_size=1, max_size=3).map(
        lambda found: {f"c{place}": records for place, records in enumerate(found)}
    )
