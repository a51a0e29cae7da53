"""Clerks' and systems' mistakes: what a contract check must find, at declared low rates."""

from dataclasses import dataclass

import numpy as np

from features.language import Kind, Source
from features.synthetic.exports import STYLES, date_form, date_text
from features.synthetic.preset import Paperwork
from features.synthetic.timeline import Array

KINDS = ("missing_cell", "unknown_code", "impossible_date", "invalid_id_number", "out_of_range", "duplicated")
UNKNOWN_CODES = ("99Z", "其他未列", "ZZ")
FUTURE_YEARS = 9


@dataclass(frozen=True)
class Spoiled:
    """Rows with mistakes made: the cells, each row's delivery, and how many of each kind."""

    cells: dict[str, Array]
    delivery: Array
    counts: dict[str, int]


def spoil(
    rng: np.random.Generator,
    source: Source,
    cells: dict[str, Array],
    delivery: Array,
    paperwork: Paperwork,
    last_year: int,
) -> Spoiled:
    """Make mistakes in copies of a few cells; every row has one mistake at most."""
    rates = [getattr(paperwork, kind) for kind in KINDS]
    bounds = np.cumsum(rates)
    kind_of_row = np.searchsorted(bounds, rng.random(len(delivery)), side="right")
    style = STYLES[source.department]
    required = [column.name for column in source.all_columns if column.required]
    coded = [column for column in source.columns if column.kind is Kind.CODE]
    ranged = [column for column in source.columns if column.kind in (Kind.INTEGER, Kind.NUMBER)]
    cells = {name: column.copy() for name, column in cells.items()}
    counts = dict.fromkeys(KINDS, 0)
    doubled: list[int] = []
    for row in np.flatnonzero(kind_of_row < len(KINDS)):
        kind = KINDS[kind_of_row[row]]
        choice = int(rng.integers(0, 1000))
        if kind == "missing_cell":
            cells[required[choice % len(required)]][row] = ""
        elif kind == "unknown_code" and coded:
            cells[coded[choice % len(coded)].name][row] = UNKNOWN_CODES[choice % len(UNKNOWN_CODES)]
        elif kind == "impossible_date":
            year, month, day = (
                (last_year + FUTURE_YEARS, 3, 1) if choice % 3 == 0 else (last_year - choice % 5, 2, 30)
            )
            cells["occurred_on"][row] = date_text(year, month, day, date_form(style, int(row)))
        elif kind == "invalid_id_number" and cells["id_number"][row]:
            cells["id_number"][row] = _invalid(cells["id_number"][row], choice)
        elif kind == "out_of_range" and ranged:
            column = ranged[choice % len(ranged)]
            limit = column.maximum if column.maximum is not None else 0
            cells[column.name][row] = f"{limit + 1 + choice:.0f}" if choice % 2 else f"-{1 + choice % 9}"
        elif kind == "duplicated":
            doubled.append(int(row))
        else:
            continue
        counts[kind] += 1
    rows = np.concatenate([np.arange(len(delivery)), np.array(doubled, dtype=int)])
    return Spoiled({name: column[rows] for name, column in cells.items()}, delivery[rows], counts)


def _invalid(number: str, choice: int) -> str:
    """The same number with a digit missing, or with another check digit: never a valid one."""
    if choice % 3 == 0:
        return number[:-1]
    digits = "0123456789X"
    return number[:-1] + digits[(digits.index(number[-1].upper()) + 1 + choice % 9) % 11]
