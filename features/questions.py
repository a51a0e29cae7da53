"""What an engine is asked, and how its answers become a matrix. The same for every engine.

A question is a child and an as-of date. Engines answer per source with nulls where no record counts;
here a null becomes the declared value of "no records", or NaN where the department was silent or
never delivered: no data is information only if somebody was there to report.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.language import Feature, Kind, Source
from features.reference import Record

_ARROW = {"string": pa.string(), "float64": pa.float64(), "int64": pa.int64(), "date": pa.date32()}

# What a feature reads of compacted records beside the source's own columns.
COMMON_TYPES = {
    "child_key": "string",
    "occurred_on": "date",
    "known_on": "date",
    "superseded_on": "date",
    "ordinal": "int64",
}

Silence = Mapping[date, frozenset[str]]
Cells = NDArray[np.float64]


class EngineError(ValueError):
    """A question that cannot be answered as asked, or records that are not as declared."""


def column_types(source: Source) -> dict[str, str]:
    """The columns of a source's compacted records and what each is in an engine."""
    types = {Kind.INTEGER: "float64", Kind.NUMBER: "float64", Kind.DATE: "date"}
    return COMMON_TYPES | {column.name: types.get(column.kind, "string") for column in source.lake_columns}


@dataclass(frozen=True)
class Questions:
    """Checked questions in the order they were asked: whose, and which of the as-of `dates` each is about."""

    child_keys: tuple[str, ...]
    dates: tuple[date, ...]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Questions:
        """The questions of a frame with child_key and as_of; EngineError if two are the same."""
        if not {"child_key", "as_of"} <= set(rows.columns):
            raise EngineError("Rows to compute features for need the columns child_key and as_of.")
        child_keys = rows["child_key"].astype(str)
        # The same day may be written in several ways, as a date and as a moment.
        codes, written = pd.factorize(rows["as_of"], use_na_sentinel=False)
        days = [_day(value) for value in written]
        dates = tuple(sorted(set(days)))
        places = np.array([dates.index(day) for day in days], dtype=np.int64)[codes]
        if pd.DataFrame({"child_key": child_keys.to_numpy(), "place": places}).duplicated().any():
            raise EngineError("A child is asked about twice for the same as-of date.")
        return cls(tuple(child_keys), dates, places)

    @classmethod
    def on(cls, child_keys: Sequence[str], as_of: date) -> Questions:
        """One question about each child, all of one date; EngineError if a child is named twice."""
        if len(set(child_keys)) < len(child_keys):
            raise EngineError("A child is asked about twice for the same as-of date.")
        return cls(tuple(child_keys), (as_of,), np.zeros(len(child_keys), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.child_keys)

    @cached_property
    def days(self) -> NDArray[np.object_]:
        """The as-of date of each question."""
        dates = np.empty(len(self.dates), dtype=object)
        dates[:] = self.dates
        return dates[self.places]

    @cached_property
    def table(self) -> pa.Table:
        """The questions as the engines join them: asked (their number), child_key, as_of."""
        numbers = pa.array(np.arange(len(self), dtype=np.int64))
        days = pa.array(self.dates, pa.date32()).take(pa.array(self.places))
        columns = [numbers, pa.array(self.child_keys, pa.string()), days]
        return pa.table(columns, names=["asked", "child_key", "as_of"])

    def of_silent(self, source: Source, silent: Silence) -> NDArray[np.bool_]:
        """For each question whether the source's department was silent on its date."""
        told = np.array([source.name in silent[day] for day in self.dates], dtype=np.bool_)
        return told[self.places]


@dataclass(frozen=True)
class Answer:
    """What an engine found: the numbers of the questions, and a column for each feature, NaN for null."""

    asked: NDArray[np.int64]
    cells: tuple[NDArray[np.float64], ...]

    @classmethod
    def none(cls, features: int) -> Answer:
        """No question has any record."""
        return cls(np.empty(0, dtype=np.int64), (np.empty(0),) * features)


class FeatureEngine(ABC):
    """Questions in, matrix out; a subclass only answers one source at a time."""

    @abstractmethod
    def answers(self, source: Source) -> bool:
        """Whether the source ever delivered records to answer from."""

    @abstractmethod
    def answer(self, source: Source, features: tuple[Feature, ...], questions: Questions) -> Answer:
        """All features of one source for all questions, in one query."""

    def matrix(self, rows: pd.DataFrame, features: Sequence[Feature], silent: Silence) -> pd.DataFrame:
        """The features of each row's child as of its date; NaN = not known.

        `rows` holds child_key and as_of, each pair once. `silent` names the sources of silent
        departments for every as-of date asked about; leaving a date out is refused, since silence
        overlooked looks like innocence. The answer has the rows' order and index: child_key, as_of,
        then one float64 column per feature.
        """
        names = [feature.name for feature in features]
        if len(set(names)) < len(names) or not all(names):
            raise EngineError("Features to compute need names, each of its own.")
        questions = Questions.of(rows)
        values = self.values(questions, features, silent)
        matrix = pd.DataFrame(values, columns=names, index=rows.index, copy=False)
        matrix.insert(0, "as_of", pd.Series(questions.days, index=rows.index, dtype=object))
        matrix.insert(0, "child_key", rows["child_key"])
        return matrix

    def values(self, questions: Questions, features: Sequence[Feature], silent: Silence) -> Cells:
        """The numbers of the matrix alone: a row a question, a column a feature."""
        unheard = sorted(set(questions.dates) - set(silent))
        if unheard:
            raise EngineError(f"Nobody said which departments were silent on {unheard[0]}.")

        # Column by column and never copied: for a county on many dates this is most of the memory.
        values = np.full((len(questions), len(features)), np.nan, order="F")
        for source, places in _by_source(features).items():
            if not self.answers(source) or not len(questions):
                continue
            heard = ~questions.of_silent(source, silent)
            if not heard.any():
                continue
            asked_for = tuple(features[place] for place in places)
            answer = self.answer(source, asked_for, questions)
            for place, cells in zip(places, answer.cells, strict=True):
                values[:, place] = _filled(features[place], answer.asked, cells, len(questions))
            for place in places:
                values[~heard, place] = np.nan
        return values


def records_frame(records_by_child: Mapping[str, Sequence[Record]], source: Source) -> pd.DataFrame:
    """Records that lie in no lake (sent inline, worked examples) in the columns of compacted ones."""
    rows = []
    for child_key, records in records_by_child.items():
        next_version: dict[str, date] = {}
        for record in sorted(records, key=lambda record: (record.known_on, record.version), reverse=True):
            row = {
                "child_key": child_key,
                "record_id": record.record_id,
                "version": record.version,
                "occurred_on": record.occurred_on,
                "known_on": record.known_on,
                "delivery": "inline",
                "superseded_on": next_version.get(record.record_id),
            }
            row |= {column.name: record.values.get(column.name) for column in source.lake_columns}
            next_version[record.record_id] = record.known_on
            rows.append(row)
    rows.sort(
        key=lambda row: tuple(row[name] for name in ("occurred_on", "known_on", "record_id", "version"))
    )
    for ordinal, row in enumerate(rows):
        row["ordinal"] = ordinal
    rows.sort(key=lambda row: (row["child_key"], row["ordinal"]))
    columns = {name: [row[name] for row in rows] for name in _frame_columns(source)}
    numbers = {column.name for column in source.lake_columns if column.kind in (Kind.INTEGER, Kind.NUMBER)}
    whole = {"version", "ordinal"}
    return pd.DataFrame(
        {
            name: pd.Series(
                cells, dtype="float64" if name in numbers else "int64" if name in whole else object
            )
            for name, cells in columns.items()
        }
    )


def arrow_records(frame: pd.DataFrame, source: Source) -> pa.Table:
    """A frame of compacted records in the types engines read; EngineError if a column is missing."""
    columns = column_types(source)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise EngineError(
            f"The records of {source.name} are not as declared: column {missing[0]} is missing."
        )
    arrays = [pa.array(frame[name], _ARROW[kind], from_pandas=True) for name, kind in columns.items()]
    return pa.table(arrays, names=list(columns))


def _frame_columns(source: Source) -> tuple[str, ...]:
    common = ("child_key", "record_id", "version", "occurred_on", "known_on", "delivery")
    own = tuple(column.name for column in source.lake_columns)
    return (*common, *own, "superseded_on", "ordinal")


def _by_source(features: Sequence[Feature]) -> dict[Source, list[int]]:
    places: dict[Source, list[int]] = {}
    for place, feature in enumerate(features):
        places.setdefault(feature.source, []).append(place)
    return places


def _filled(
    feature: Feature, asked: NDArray[np.int64], cells: NDArray[np.float64], number: int
) -> NDArray[np.float64]:
    otherwise = np.nan if feature.when_no_records is None else feature.when_no_records
    column = np.full(number, otherwise)
    known = ~np.isnan(cells)
    column[asked[known]] = cells[known]
    return column


def _day(value: object) -> date:
    if isinstance(value, datetime):  # pandas' Timestamp is one
        return value.date()
    if isinstance(value, date):
        return value
    raise EngineError(f"An as-of date is a date, not a {type(value).__name__}.")
