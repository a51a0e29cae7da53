"""A safety fact is not lost because another cell of its row cannot be read.

A row that its contract would refuse for its own columns alone, and that establishes a hard trigger by
what can be read, is taken in with those cells empty: not known, as any other empty cell. The trigger then
fires on the day of the delivery, and a person sees the child. Whose the row is and when it happened must be
readable all the same: a row without either is refused, as is one whose safety fact itself cannot be read,
and the report says on the same day which rows a person must look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from features.cells import PERSONAL, UNREADABLE, as_declared
from features.language import Column, Fact, Kind, Source
from features.meanings import derived
from features.reference import Record, Value, satisfies
from features.triggers import TRIGGERS
from features.withdrawals import is_withdrawal

KEPT, IN_REFUSED_ROW = "safety_kept", "safety_in_refused_row"
_NO_DAY = date.min


def safety_facts(source: Source) -> tuple[Fact, ...]:
    """The facts of this source that go straight to a person."""
    return tuple(trigger.fact for trigger in TRIGGERS if trigger.fact.source == source)


def own_cells(source: Source, frame: pd.DataFrame, row: int) -> dict[str, str | None]:
    """What a row says in the source's own columns, as meanings."""
    # Cell by cell: a row taken out of the frame by itself costs twenty times as much, and thousands are.
    cells: dict[str, Any] = {column.name: frame.at[row, column.name] for column in source.columns}
    return cells


def carries_safety(source: Source, cells: Mapping[str, str | None]) -> bool:
    """Whether a row with these meanings, as `features.cells` writes them, establishes a hard trigger."""
    return _carries(source, cells, ())


def may_carry_safety(source: Source, cells: Mapping[str, str | None]) -> bool:
    """Whether it would if what cannot be read in it spoke for the trigger."""
    return _carries(source, cells, (UNREADABLE, PERSONAL))


def _carries(source: Source, cells: Mapping[str, str | None], suspect: tuple[str, ...]) -> bool:
    values = {column.name: _value(column, cells.get(column.name)) for column in source.columns}
    record = Record("", 1, _NO_DAY, _NO_DAY, values)
    return any(
        all(
            satisfies(record, condition) or cells.get(condition.column) in suspect for condition in fact.where
        )
        for fact in safety_facts(source)
    )


def keep_safety(source: Source, frame: pd.DataFrame) -> frozenset[int]:
    """Empty what cannot be read in the rows that carry a safety fact; which rows those are.

    `frame` is of `features.meanings`, and is changed. A cell that names a person stays in a row whose
    child is not known: it would be read again when the child is found.
    """
    if not safety_facts(source):
        return frozenset()
    kept = []
    nobody = frame["child"].isna()
    for row in frame.index[_not_as_declared(source, frame) & ~frame["ragged"] & ~is_withdrawal(frame)]:
        cells = own_cells(source, frame, row)
        if nobody[row] and PERSONAL in cells.values():
            continue
        said = {
            column.name: cells[column.name] if as_declared(column, cells[column.name]) else None
            for column in source.columns
        }
        said |= derived(source, said).cells
        if carries_safety(source, said):
            for name, cell in said.items():
                frame.at[row, name] = cell
            kept.append(int(row))
    return frozenset(kept)


def _not_as_declared(source: Source, frame: pd.DataFrame) -> pd.Series:
    found = pd.Series(False, index=frame.index)
    for column in source.columns:
        cells = frame[column.name]
        found |= cells.isin((UNREADABLE, PERSONAL))
        if column.required and not column.derived:
            found |= cells.isna()
        if column.minimum is not None or column.maximum is not None:
            numbers = pd.to_numeric(cells, errors="coerce")
            found |= (numbers < column.minimum) | (numbers > column.maximum)
    return found


def _value(column: Column, cell: str | None) -> Value:
    if cell is None or not as_declared(column, cell):
        return None
    return float(cell) if column.kind in (Kind.INTEGER, Kind.NUMBER) else cell
