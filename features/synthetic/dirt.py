"""Clerks' and systems' mistakes, at declared low rates: what a contract check or linking must find."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from features.chinese_names import name_parts
from features.language import Kind, Source
from features.synthetic import names
from features.synthetic.exports import STYLES, date_form, date_text
from features.synthetic.preset import Paperwork
from features.synthetic.timeline import Array

KINDS = (
    "missing_cell", "unknown_code", "impossible_date", "invalid_id_number", "out_of_range", "duplicated",
    "guardian_number", "name_variant",
)  # fmt: skip
# Mistakes after which a row no longer says plainly whose it is.
OF_IDENTITY = ("invalid_id_number", "guardian_number", "name_variant")
UNKNOWN_CODES = ("99Z", "其他未列", "ZZ")
FUTURE_YEARS = 9


@dataclass(frozen=True)
class Spoiled:
    """Rows with mistakes made: the cells, each row's delivery, how many of each kind, and whose is unsaid.

    `troubles` are rows, as they came, with the mistake that hides their child.
    """

    cells: dict[str, Array]
    delivery: Array
    counts: dict[str, int]
    troubles: dict[int, str]


def spoil(
    rng: np.random.Generator,
    source: Source,
    cells: dict[str, Array],
    delivery: Array,
    paperwork: Paperwork,
    last_year: int,
    guardian_numbers: Array,
) -> Spoiled:
    """Make mistakes in copies of a few cells; every row has one mistake at most."""
    rates = [getattr(paperwork, kind) for kind in KINDS]
    bounds = np.cumsum(rates)
    kind_of_row = np.searchsorted(bounds, rng.random(len(delivery)), side="right")
    style = STYLES[source.department]
    required = [column.name for column in source.delivered_columns if column.required]
    coded = [column for column in source.delivered_columns if column.kind is Kind.CODE]
    ranged = [column for column in source.delivered_columns if column.kind in (Kind.INTEGER, Kind.NUMBER)]
    cells = {name: column.copy() for name, column in cells.items()}
    counts = dict.fromkeys(KINDS, 0)
    doubled: list[int] = []
    troubles: dict[int, str] = {}
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
        elif kind == "guardian_number" and cells["id_number"][row]:
            cells["id_number"][row] = guardian_numbers[row]
        elif kind == "name_variant" and (variant := _variant(cells["name"][row], choice)):
            cells["name"][row] = variant
        else:
            continue
        counts[kind] += 1
        if kind in OF_IDENTITY:
            troubles[int(row)] = kind
    rows = np.concatenate([np.arange(len(delivery)), np.array(doubled, dtype=int)])
    spoiled = {name: column[rows] for name, column in cells.items()}
    return Spoiled(spoiled, delivery[rows], counts, troubles)


@lru_cache(maxsize=1)
def _homophones() -> dict[str, list[str]]:
    read: dict[str, list[str]] = {}
    for character in dict.fromkeys(names.BOYS + names.GIRLS + names.EITHER + "玮雯璇涵晗姿宜嘉珈浩昊语羽"):
        read.setdefault(name_parts(f"王{character}").given_py, []).append(character)
    return read


def _variant(name: str, choice: int) -> str:
    """The name as another clerk writes it; empty if there is no such way."""
    parts = name_parts(name)
    given = parts.given
    if choice % 4 == 0:
        return f"{parts.surname} {given}"
    if choice % 4 == 1 and len(given) > 1 and given != given[::-1]:
        return parts.surname + given[::-1]
    for place, character in enumerate(given):
        alike = _homophones().get(name_parts(f"王{character}").given_py, [])
        others = [each for each in alike if each != character]
        if others:
            return parts.surname + given[:place] + others[choice % len(others)] + given[place + 1 :]
    return ""


def _invalid(number: str, choice: int) -> str:
    """A digit missing, two neighbours swapped, or another check digit: never a valid number."""
    if choice % 3 == 0:
        return number[:-1]
    if choice % 3 == 1:
        for place in (choice % 8 + 8, *range(8, 16)):
            if number[place] != number[place + 1]:
                return number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    digits = "0123456789X"
    return number[:-1] + digits[(digits.index(number[-1].upper()) + 1 + choice % 9) % 11]
