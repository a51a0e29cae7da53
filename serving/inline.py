"""A record sent along with a request, read as intake reads a delivered row.

What a source derives (the result of an instrument from its answers) is derived here by the same function,
and refused by the same rules. What only intake may read goes no further: it stands in no record made here,
so it is neither screened, stored nor logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from features.intake_rules import sentence
from features.language import Column, Kind, Source
from features.meanings import derived
from features.reference import Value

# As a request holds it: `Value`, a whole number, or answers by item.
Sent = str | float | date | None | Mapping[int, int]


class Refused(ValueError):
    """A record that intake would refuse; the sentence holds no value."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def as_taken_in(source: Source, values: Mapping[str, Sent]) -> dict[str, Value]:
    """The lake columns of a record. Refused if the source's derivation refuses what was sent.

    A result may be sent as it was scored elsewhere, or as what it is scored from; not as both.
    """
    made = [column for column in source.columns if column.derived]
    stated = [column.name for column in made if values.get(column.name) is not None]
    raw = [
        column.name
        for column in source.columns
        if column not in source.lake_columns and values.get(column.name) is not None
    ]
    if stated and raw:
        raise Refused(stated[0], f"is worked out from {raw[0]}; send one of the two")
    kept = {column.name: _value(column, values.get(column.name)) for column in source.lake_columns}
    if stated or source.derive is None:
        return kept
    cells = {column.name: _cell(values.get(column.name)) for column in source.columns if not column.derived}
    found = derived(source, cells)
    if found.refused is not None:
        _, _, field = found.refused.partition(":")
        raise Refused(field, sentence(found.refused, source).en)
    columns = {column.name: column for column in source.lake_columns}
    return kept | {
        name: _value(columns[name], float(cell) if cell is not None and _is_number(columns[name]) else cell)
        for name, cell in found.cells.items()
        if name in columns
    }


def _is_number(column: Column) -> bool:
    return column.kind in (Kind.INTEGER, Kind.NUMBER)


def _value(column: Column, sent: Sent) -> Value:
    if isinstance(sent, Mapping):
        raise TypeError(f"{column.name} holds answers, which no record keeps.")
    return float(sent) if isinstance(sent, int) else sent


def _cell(sent: Sent) -> str | None:
    """As `features.cells` writes its meaning."""
    if sent is None:
        return None
    if isinstance(sent, Mapping):
        return " ".join(f"{item}:{answer}" for item, answer in sorted(sent.items()))
    return sent.isoformat() if isinstance(sent, date) else str(sent)
