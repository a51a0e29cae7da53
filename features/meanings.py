"""What the cells of delivered files say, and of whom: text turned into meanings and child keys.

The frame made here still holds names and ID numbers beside the meanings. It lives in memory while a
source is taken in, and of it only meanings go to the contract check and only lake columns to the lake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

import pandas as pd

from features.cells import ADULT, INVALID, PERSONAL, VALID, as_declared, plain, read_date, reader
from features.delivery import Cells
from features.derivation import Derived
from features.identity import IdentityError, IdentityStore, normalise_id_number
from features.language import ID_NUMBER, NAME, RECORD_ID, Kind, Personal, Source
from features.person_numbers import is_adults
from features.withdrawals import OPERATION

_LONG_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


@dataclass
class People:
    """Which child each delivered ID number is; numbers are validated and remembered once in a run."""

    identity: IdentityStore
    keys: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    remembered: set[tuple[str, str]] = field(default_factory=set)
    merged: Mapping[str, str] = field(default_factory=dict)

    def key(self, text: str) -> str | None:
        """The child key of a delivered number, None if the number is not valid."""
        if text not in self.keys:
            try:
                number = normalise_id_number(text)
                key = self.identity.child_key(number)
                # Two numbers that a person found to be one child's give one key.
                self.keys[text] = (number, self.merged.get(key, key))
            except IdentityError:
                self.keys[text] = None
        found = self.keys[text]
        return found[1] if found else None

    def is_adults(self, text: str, on: str) -> bool:
        """Whether a delivered number is of somebody who had come of age on this day: a guardian's."""
        found = self.keys.get(text)
        day = read_date(on)
        return found is not None and day is not None and is_adults(found[0], day)

    def remember(self, numbers: Iterable[str | None], names: Iterable[str | None], on: date) -> None:
        """Bring the (valid) numbers and names of accepted rows into the identity store."""
        rows: dict[tuple[str, str], None] = {}
        for text, name in zip(numbers, names, strict=True):
            found = self.keys[text] if text else None
            # Another name of the same child is told too: a row without number may come under it.
            if found and (row := (found[0], name or "")) not in self.remembered:
                rows[row] = None
        self.identity.remember(rows, on)
        self.remembered.update(rows)


class Whose(Protocol):
    """Which child a number is, as `People` tells."""

    def key(self, text: str) -> str | None:
        """The child key of a delivered number, None if the number is not valid."""

    def is_adults(self, text: str, on: str) -> bool:
        """Whether a delivered number is that of somebody who had come of age on this day."""


def meanings(source: Source, files: Sequence[Cells], people: Whose) -> pd.DataFrame:
    """All rows of all files: our columns as meanings, with whose they are and where they stood."""
    parts = []
    for number, cells in enumerate(files):
        part = pd.DataFrame(
            {column.name: _each(cells.column(column.name), plain) for column in source.delivered_columns}
        )
        part[OPERATION.name] = _each(_each(cells.column(OPERATION.name), plain), reader(OPERATION))
        part["file"] = number
        part["ragged"] = part.index.isin(list(cells.ragged))
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    frame["number"], frame["child"] = frame[ID_NUMBER.name], _each(frame[ID_NUMBER.name], people.key)
    state = frame["number"].mask(frame["child"].isna(), INVALID).mask(frame["child"].notna(), VALID)
    frame[ID_NUMBER.name] = state.where(frame["number"].notna(), None)
    for column in source.delivered_columns:
        if column.name in (ID_NUMBER.name, NAME.name):
            continue
        if column.kind is Kind.TEXT and column.personal is not Personal.DIRECT:
            frame[column.name] = _without_persons(frame, column.name)
        frame[column.name] = _each(frame[column.name], reader(column))
    adults = pd.Series(
        [
            isinstance(number, str) and isinstance(on, str) and people.is_adults(number, on)
            for number, on in zip(frame["number"], frame["occurred_on"], strict=True)
        ],
        index=frame.index,
        dtype=bool,
    )
    frame["child"] = frame["child"].mask(adults, None)
    frame[ID_NUMBER.name] = frame[ID_NUMBER.name].mask(adults, ADULT)
    _derive(source, frame)
    return frame


def derived(source: Source, cells: Mapping[str, str | None]) -> Derived:
    """What the source's derivation makes of a row's own cells; nothing where one is not as declared."""
    columns = [column for column in source.columns if not column.derived]
    if source.derive is None or not all(as_declared(column, cells.get(column.name)) for column in columns):
        return Derived()
    return source.derive.make({column.name: cells.get(column.name) for column in columns})


def _derive(source: Source, frame: pd.DataFrame) -> None:
    """Fill the derived columns, and in `refused` the rule by which the derivation refuses a row."""
    frame["refused"] = None
    if source.derive is None:
        return
    for column in source.columns:
        if column.derived:
            frame[column.name] = None
    own = [column.name for column in source.columns]
    columns = [frame[name].tolist() for name in own]
    rows = [derived(source, dict(zip(own, row, strict=True))) for row in zip(*columns, strict=True)]
    for name in own:
        delivered = frame[name].tolist()
        cells = [each.cells.get(name, cell) for each, cell in zip(rows, delivered, strict=True)]
        frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    frame["refused"] = pd.Series([each.refused for each in rows], index=frame.index, dtype=object)


def dated(source: Source, rows: pd.DataFrame, received_on: date, *, history: bool) -> pd.DataFrame:
    """Rows of known children in the lake's columns but `delivery`, known on the day they were delivered."""
    received = pd.Timestamp(received_on)
    signals = pd.DataFrame(index=rows.index)
    signals["child_key"] = rows["child"]
    signals["record_id"] = rows[RECORD_ID.name]
    signals["version"] = 1
    signals["occurred_on"] = pd.to_datetime(rows["occurred_on"], format="%Y-%m-%d")
    signals["known_on"] = received
    if history:
        # Nobody knows any more when these reached others; what is certain is that it was by now.
        known = pd.to_datetime(rows["recorded_on"], format="%Y-%m-%d") + timedelta(days=source.delay_days)
        signals["known_on"] = known.where(known <= received, received)
    for column in source.lake_columns:
        values = rows[column.name]
        if column.kind is Kind.DATE:
            values = pd.to_datetime(values, format="%Y-%m-%d")
        elif column.kind in (Kind.INTEGER, Kind.NUMBER):
            values = pd.to_numeric(values)
        signals[column.name] = values
    return signals


def repeats(source: Source, frame: pd.DataFrame) -> pd.Series:
    """Rows that say again what an earlier row of the same file says of the same record."""
    whose = frame["child"].fillna(frame["number"])
    names = ["occurred_on", *(column.name for column in source.lake_columns)]
    said = frame[["file", RECORD_ID.name, *names]].assign(whose=whose)
    return said.duplicated(keep="first") & frame[RECORD_ID.name].notna() & ~frame["ragged"]


def _each(values: pd.Series, function: Callable[[str], str | None]) -> pd.Series:
    """The function applied to every filled cell, once for each different text."""
    codes, texts = pd.factorize(values)
    # The last place stands for an empty cell, whose code is -1.
    meanings = pd.Series([*map(function, texts), None], dtype=object).to_numpy()
    return pd.Series(meanings[codes], index=values.index, dtype=object)


def _without_persons(frame: pd.DataFrame, column: str) -> pd.Series:
    """The texts of a column that reaches the lake, marked where they name or number the row's child."""
    marked = [
        PERSONAL if text and _names_person(text, name, number) else text
        for text, name, number in zip(frame[column], frame[NAME.name], frame["number"], strict=True)
    ]
    return pd.Series(marked, index=frame.index, dtype=object)


def _names_person(text: str, name: str | None, number: str | None) -> bool:
    if (name and len(name) > 1 and name in text) or (number and len(number) > 9 and number in text):
        return True
    for found in _LONG_NUMBER.findall(text):
        try:
            normalise_id_number(found)
        except IdentityError:
            continue
        return True
    return False
