"""Files as departments deliver them: which source each belongs to, and what stands in its cells.

    deliveries/<department>/<YYYY-MM-DD>[-history]/<source>.csv|.parquet

A file that cannot be placed or read is named with a rule and never guessed at. CSV is read as UTF-8
or GB18030, strictly; Parquet is turned into text, so that both take the same way from here. Titles
that no column declares are counted, not repeated: in a file without titles they are a child's name.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.cells import plain
from features.language import ID_NUMBER, Department, Source, Use, forbidden_meaning, known_proxy
from features.sources import SOURCES, source_named
from features.withdrawals import OPERATION

MAPPING_FILE = "mapping.toml"
_HISTORY = ("-history", "-历史")
_DAY_FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}")


class MappingError(ValueError):
    """The deployer's mapping file cannot be used; the message names the entry."""


class Refused(Exception):
    """A file that cannot be taken in as it is: the rule, and the columns the rule speaks of.

    `lines` are the file's rows as far as they could be told apart, kept for quarantine.
    """

    def __init__(self, rule: str, lines: Sequence[object], columns: Sequence[str] = ()) -> None:
        super().__init__(rule)
        self.rule = rule
        self.lines = lines
        self.columns = tuple(columns)


@dataclass(frozen=True)
class DeliveredFile:
    """A file whose place says what it is. `file` is its path below the delivery folder."""

    path: Path
    file: str
    source: Source
    received_on: date
    history: bool


@dataclass(frozen=True)
class Misplaced:
    """A file whose place says nothing we know; `rule` says what is wrong with it."""

    file: str
    rule: str


@dataclass(frozen=True)
class Cells:
    """A file read: every cell as text, with the row number a person would look under.

    `cells` has one column for each position in the file; `places` says where each of our columns
    stands. `ragged` holds the rows whose number of cells differs from the titles'.
    """

    titles: tuple[str, ...]
    places: Mapping[str, int]
    cells: pd.DataFrame
    rows: tuple[int, ...]
    ragged: Mapping[int, list[str]]
    unknown_columns: int
    encoding: str

    def column(self, name: str) -> pd.Series:
        """One of our columns as delivered; all empty if the file lacks it."""
        if name in self.places:
            return self.cells[self.places[name]]
        return pd.Series([None] * len(self.cells), dtype=object)

    def as_delivered(self, position: int) -> dict[str, object]:
        """One row under the department's own titles."""
        if position in self.ragged:
            return {"cells": self.ragged[position]}
        cells = self.cells.iloc[position]
        return {title or f"#{place + 1}": cells[place] for place, title in enumerate(self.titles)}


def find_files(root: Path, received_on: date) -> tuple[list[DeliveredFile], list[Misplaced]]:
    """Every file under the delivery folder, by day received and name, and those that cannot be placed."""
    found, misplaced = [], []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if not path.is_file() or any(part.startswith(".") for part in parts) or parts == (MAPPING_FILE,):
            continue
        file = "/".join(parts)
        placed = _placed(path, file, parts, received_on)
        if isinstance(placed, Misplaced):
            misplaced.append(placed)
        else:
            found.append(placed)
    found.sort(key=lambda each: (each.received_on, not each.history, each.file))
    return found, misplaced


def _placed(path: Path, file: str, parts: tuple[str, ...], received_on: date) -> DeliveredFile | Misplaced:
    department = _department(parts[0]) if len(parts) > 1 else None
    if department is None:
        return Misplaced(file, "unknown_department")
    if len(parts) > 3:
        return Misplaced(file, "unknown_file")
    history = False
    if len(parts) == 3:
        folder = unicodedata.normalize("NFKC", parts[1])
        for mark in _HISTORY:
            if folder.endswith(mark):
                folder, history = folder.removesuffix(mark), True
        try:
            day = date.fromisoformat(folder) if _DAY_FOLDER.fullmatch(folder) else None
        except ValueError:
            day = None
        if day is None:
            return Misplaced(file, "unknown_date")
        if day > received_on:
            return Misplaced(file, "future_delivery")
        received_on = day
    source = _source(path.stem)
    if source is None or path.suffix.lower() not in (".csv", ".parquet"):
        return Misplaced(file, "unknown_file")
    if source.department is not department:
        return Misplaced(file, "wrong_department")
    return DeliveredFile(path, file, source, received_on, history)


def _department(folder: str) -> Department | None:
    folder = unicodedata.normalize("NFKC", folder).strip()
    for department in Department:
        # The review queue's own records come through the store, never as files anybody could place.
        if department is not Department.REVIEW and folder in (department.value, department.title.zh):
            return department
    return None


def _source(stem: str) -> Source | None:
    stem = unicodedata.normalize("NFKC", stem).strip()
    for source in SOURCES:
        if stem in (source.name, unicodedata.normalize("NFKC", source.title.zh)):
            return source
    return None


def read_mapping(root: Path) -> dict[str, dict[str, str]]:
    """The deployer's own titles, by source: theirs → our column. Empty without a mapping file."""
    path = root / MAPPING_FILE
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise MappingError(f"{MAPPING_FILE} is not a TOML file in UTF-8.") from None
    mapping: dict[str, dict[str, str]] = {}
    for name, titles in entries.items():
        try:
            source = source_named(name)
        except KeyError:
            raise MappingError(f"{MAPPING_FILE} maps columns of {name!r}, which is no source.") from None
        known = {column.name for column in (*source.delivered_columns, OPERATION)}
        if not isinstance(titles, dict) or not all(isinstance(title, str) for title in titles.values()):
            raise MappingError(f'{MAPPING_FILE}: [{name}] must hold lines like "their title" = "our column".')
        for ours in titles.values():
            if ours not in known:
                raise MappingError(f"{MAPPING_FILE} maps to {name}.{ours}, which is no column.")
        for theirs, ours in titles.items():
            _check_lawful(source, theirs, ours)
        mapping[name] = {_title(theirs): ours for theirs, ours in titles.items()}
    return mapping


def _check_lawful(source: Source, theirs: str, ours: str) -> None:
    """No title of theirs may bring into a feature what no feature may ask for under its own name."""
    columns = [column for column in source.columns if column.name == ours and column.use is Use.SIGNAL]
    proxy = known_proxy(theirs)
    meaning = forbidden_meaning(theirs) or (proxy.title.en if proxy else None)
    if columns and meaning:
        raise MappingError(
            f"{MAPPING_FILE} maps “{theirs}” to {source.name}.{ours}, which features read: that would let in"
            f" {meaning}. If it means something else, have the department deliver it under another title."
        )


def digest(path: Path) -> str:
    """The file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_cells(path: Path, source: Source, mapping: Mapping[str, str]) -> Cells:
    """Read one file of a source; Refused with the rule if it cannot be."""
    try:
        data = path.read_bytes()
    except OSError:
        raise Refused("unreadable_file", ()) from None
    if path.suffix.lower() == ".parquet":
        return _read_parquet(data, source, mapping)
    return _read_csv(data, source, mapping)


def _read_csv(data: bytes, source: Source, mapping: Mapping[str, str]) -> Cells:
    text, encoding = _decoded(data)
    try:
        lines = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:
        raise Refused("unreadable_file", text.splitlines()[1:]) from None
    numbered = [(number, line) for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)]
    if not numbered:
        raise Refused("no_titles", ())
    titles = numbered.pop(0)[1]
    places, unknown = _places(titles, source, mapping, [line for _, line in numbered])
    ragged = {i: line for i, (_, line) in enumerate(numbered) if len(line) != len(titles)}
    blank = [""] * len(titles)
    table = [blank if i in ragged else line for i, (_, line) in enumerate(numbered)]
    cells = pd.DataFrame(table, columns=range(len(titles)), dtype=object)
    return Cells(
        tuple(titles), places, cells, tuple(number for number, _ in numbered), ragged, unknown, encoding
    )  # fmt: skip


def _decoded(data: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # UTF-16 without its mark passes for UTF-8 when it holds Latin letters only.
        if "\0" not in text:
            return text, encoding
    # Rows cannot be told apart in an unknown encoding; lines are the nearest to counting them.
    lines = [line.hex() for line in data.splitlines() if line.strip()]
    raise Refused("wrong_encoding", lines[1:])


def _read_parquet(data: bytes, source: Source, mapping: Mapping[str, str]) -> Cells:
    try:
        table = pq.read_table(pa.BufferReader(data))
        columns = [_as_text(column) for column in table.columns]
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        # Text that is not UTF-8 passes for a string column until its cells are read.
        raise Refused("unreadable_file", [data.hex()]) from None
    titles = tuple(table.column_names)
    lines = list(zip(*columns, strict=True))
    places, unknown = _places(titles, source, mapping, lines)
    cells = pd.DataFrame(dict(enumerate(columns)), columns=range(len(titles)), dtype=object)
    return Cells(titles, places, cells, tuple(range(1, len(cells) + 1)), {}, unknown, "parquet")


def _as_text(column: pa.ChunkedArray) -> list[str | None]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return list(column.cast(pa.string()).to_pylist())


def _places(
    titles: Sequence[str], source: Source, mapping: Mapping[str, str], lines: Sequence[object]
) -> tuple[dict[str, int], int]:
    ours = {
        _title(title): column.name
        for column in (*source.delivered_columns, OPERATION)
        for title in (column.name, column.title.zh, column.title.en, *column.aliases)
    } | dict(mapping)
    places: dict[str, int] = {}
    twice, unknown = [], 0
    for place, title in enumerate(titles):
        name = ours.get(_title(title))
        if name is None:
            unknown += 1
        elif name in places:
            twice.append(name)
        else:
            places[name] = place
    # A child is linked by the number alone, so a file without it could only be thrown away later.
    needed = [column.name for column in source.all_columns if column.required] + [ID_NUMBER.name]
    missing = [name for name in needed if name not in places]
    if missing:
        raise Refused("missing_column", lines, missing)
    if twice:
        raise Refused("ambiguous_column", lines, twice)
    return places, unknown


def _title(title: str) -> str:
    return "".join((plain(title) or "").lower().split())
