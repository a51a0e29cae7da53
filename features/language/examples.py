"""Worked examples: a small table in, a value out, in a form that anybody can check.

Refuses a line that does not fit the source it is an example of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from features.language.columns import Column, Source
from features.language.words import DeclarationError, Kind

EXAMPLE_AS_OF = date(2024, 4, 1)


@dataclass(frozen=True)
class ExampleRecord:
    """One record of a worked example, as the engines see it."""

    record_id: str
    occurred_on: date
    known_on: date
    values: Mapping[str, str | float | date | None]


@dataclass(frozen=True, init=False)
class Example:
    """A table in, a value out: the meaning of a feature in a form anybody can check.

    The first line names the columns, each further line is a record. `occurred` and `known` are days
    before the as-of date (known 0 = learnt on the as-of date, which is too late); without `known` a
    record was known on the day it occurred. `record` gives a record number, so that two lines can be
    two versions of one record. Dates in other columns are days before the as-of date too; a dash is
    an empty cell.
    """

    lines: tuple[str, ...]
    expect: float | None

    def __init__(self, *lines: str, expect: float | None) -> None:
        object.__setattr__(self, "lines", lines)
        object.__setattr__(self, "expect", expect)

    @property
    def header(self) -> tuple[str, ...]:
        """The column names of the table; empty for the example without records."""
        return tuple(cell.strip() for cell in self.lines[0].split("|")) if self.lines else ()

    @property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The cells of the table as written."""
        return tuple(tuple(cell.strip() for cell in line.split("|")) for line in self.lines[1:])

    def records(self, source: Source, as_of: date = EXAMPLE_AS_OF) -> tuple[ExampleRecord, ...]:
        """The example's records; DeclarationError if a line does not fit the source."""
        return tuple(self._records(source, as_of))

    def _records(self, source: Source, as_of: date) -> Iterator[ExampleRecord]:
        for number, cells in enumerate(self.cells, start=1):
            if len(cells) != len(self.header):
                raise DeclarationError(
                    f"Example line {number} has {len(cells)} cells, its header {len(self.header)}."
                )
            row = dict(zip(self.header, cells, strict=True))
            if "occurred" not in row:
                raise DeclarationError("An example says when each record occurred.")
            record_id = row.pop("record", str(number))
            known = row.pop("known", row["occurred"])
            occurred = _example_days(row.pop("occurred"))
            yield ExampleRecord(
                record_id=record_id,
                occurred_on=as_of - timedelta(days=occurred),
                known_on=as_of - timedelta(days=_example_days(known)),
                values={name: _example_value(source.column(name), cell, as_of) for name, cell in row.items()},
            )


def _example_value(column: Column, cell: str, as_of: date) -> str | float | date | None:
    if cell in ("", "-"):
        return None
    if column.kind is Kind.DATE:
        return as_of - timedelta(days=_example_days(cell))
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
            raise DeclarationError(f"{column.name} holds a number, not {cell!r}.")
        return float(cell)
    if column.kind is Kind.CODE and cell not in {code.value for code in column.codes}:
        raise DeclarationError(f"{column.name} has no code {cell!r}.")
    if column.kind is Kind.FLAG and cell not in ("yes", "no"):
        raise DeclarationError(f"A flag is yes or no, not {cell!r}.")
    return cell


def _example_days(cell: str) -> int:
    if not re.fullmatch(r"-?\d+", cell):
        raise DeclarationError(f"Days before the as-of date are a whole number, not {cell!r}.")
    return int(cell)
