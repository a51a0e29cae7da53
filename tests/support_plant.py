"""Made-up people by the thousand, and a search for any of them in whatever a deployment leaves behind.

The names are pairs of rare characters behind double surnames, so that no ordinary sentence holds one by
chance. The search reads each text once: it looks at every run of Han characters and of digits, and asks a set.
`delivered_words` are the same for whoever departments delivered: the people of a simulated county are a plant too.
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from features.language import Personal
from tests.support_county import read_files

SURNAMES = ("诸葛", "司马", "上官", "慕容", "令狐", "皇甫", "尉迟", "澹台", "公冶", "宗政")
RARE = "璟珩琬琰瑀瑄瑨璆琤珺翀翊翎翮翾翯骐骞骢骦骧鸢鹓鹔鹖鹡鹭黼黻龢鼗鼙"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
PACKED = b"\x78"  # what zlib packed begins so
AT_ONCE = 20_000
_HAN = re.compile("[\u4e00-\u9fff]{3,}")
_DIGITS = re.compile("[0-9]{11,}[Xx]?")
# Behind a point, more digits than a telephone has: a store holds millions of such pieces, and among ten
# thousand telephones one is in them by chance. A number of eighteen digits is in none.
_FRACTION = re.compile(r"(?<=[0-9]\.)[0-9]{12,}")
_TELEPHONE = 11
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True)
class Person:
    """Nobody, with a name and a well-formed number."""

    name: str
    number: str

    @property
    def words(self) -> tuple[str, str]:
        """What must not be found."""
        return self.name, self.number

    @property
    def born(self) -> date:
        """The day the number says."""
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))


def people(count: int) -> list[Person]:
    """So many made-up children of 6 to 13 years."""
    names = ("".join(parts) for parts in itertools.product(SURNAMES, RARE, RARE))
    return [Person(name, _number(place)) for place, name in zip(range(count), names, strict=False)]


def _number(place: int) -> str:
    born = date(2013, 1, 1) + timedelta(days=place % 2500)
    body = f"330109{born:%Y%m%d}{place // 2500 + 100:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def delivered_words(deliveries: Path) -> set[str]:
    """Every name of three or more characters, ID number and telephone in the departments' files."""
    found: set[str] = set()
    for file in read_files(deliveries):
        if file.source is not None:
            for column in file.source.delivered_columns:
                if column.personal is Personal.DIRECT:
                    found.update(cell.strip() for cell in file.column(column.name))
    return {word for word in found if _HAN.fullmatch(word) or _DIGITS.fullmatch(word)}


class Search:
    """Looks for any of these words, names and numbers, in texts, bytes, files and databases."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {word.upper() for word in words}
        self._han = sorted({len(word) for word in self._words if _HAN.fullmatch(word)})
        digits = {len(word) for word in self._words if _DIGITS.fullmatch(word)}
        self._short = sorted(length for length in digits if length <= _TELEPHONE)
        self._long = sorted(length for length in digits if length > _TELEPHONE)

    def in_text(self, text: str) -> set[str]:
        """Whom the text names, written out, escaped as in JSON, or as in an address."""
        # Most of what a deployment keeps holds none of these: asking first is much quicker than looking.
        runs = set() if text.isascii() else set(_HAN.findall(text))
        if "\\u" in text:
            runs |= {part.encode().decode("unicode_escape") for part in _ESCAPED.findall(text)}
        if "%" in text:
            runs |= {
                bytes.fromhex(part.replace("%", "")).decode("utf-8", "ignore")
                for part in _PERCENT.findall(text)
            }
        found = _windows(runs, self._han)
        if numbers := {run.upper() for run in _DIGITS.findall(text)}:
            found |= _windows(numbers, self._long)
            numbers = {run.upper() for run in _DIGITS.findall(_FRACTION.sub(" ", text))}
            found |= _windows(numbers, self._short)
        return found & self._words

    def in_bytes(self, data: bytes) -> set[str]:
        """Whom the bytes name, in any encoding people write Chinese in, packed or not."""
        found: set[str] = set()
        for text in {data.decode(encoding, "ignore") for encoding in ENCODINGS}:
            found |= self.in_text(text)
        if data[:1] == PACKED:
            try:
                found |= self.in_text(zlib.decompress(data).decode("utf-8", "ignore"))
            except zlib.error:
                return found
        return found

    def in_cells(self, cells: Iterator[bytes]) -> set[str]:
        """Whom any of these names: many are read as one, since there are millions and most are short."""
        found: set[str] = set()
        while some := list(itertools.islice(cells, AT_ONCE)):
            # A line's end belongs to no word, and an even length leaves two-byte letters in step.
            found |= self.in_bytes(b"".join(cell + b"\n" * (2 - len(cell) % 2) for cell in some))
            found |= set().union(*(self.in_bytes(cell) for cell in some if cell[:1] == PACKED))
        return found

    def in_file(self, path: Path, *, skip: Collection[tuple[str, str]] = ()) -> set[str]:
        """Whom a file names; `skip` are columns (table, column) of a database declared to hold such text."""
        data = path.read_bytes()
        if data.startswith(b"SQLite format 3\0"):
            return self.in_cells(_cells(path, skip))
        found = self.in_bytes(data)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                found = found.union(*(self.in_bytes(packed.read(name)) for name in packed.namelist()))
        if data.startswith(b"\x1f\x8b"):
            found |= self.in_bytes(gzip.decompress(data))
        if path.suffix == ".parquet":
            # Parquet compresses: look at what stands in it.
            for column in pq.read_table(path).columns:
                found |= self.in_text(" ".join(str(value) for value in column.unique().to_pylist()))
        return found

    def in_folder(
        self, folder: Path, *, but: Collection[str], skip: Collection[tuple[str, str]]
    ) -> dict[str, set[str]]:
        """Which files below the folder name whom; folders and files in `but` are left out."""
        found, same = {}, {}
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not set(path.relative_to(folder).parts) & set(but):
                # A store of models keeps the same code with each of them.
                content = (path.suffix, hashlib.sha256(path.read_bytes()).digest())
                if content not in same:
                    same[content] = self.in_file(path, skip=skip)
                if same[content]:
                    found[str(path.relative_to(folder))] = same[content]
        return found


def _windows(runs: Iterable[str], lengths: Iterable[int]) -> set[str]:
    """Every piece of one of these lengths."""
    return {
        run[at : at + length] for run in runs for length in lengths for at in range(len(run) - length + 1)
    }


def _cells(path: Path, skip: Collection[tuple[str, str]]) -> Iterator[bytes]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            wanted = [place for place, name in enumerate(names) if (table, name) not in skip]
            for row in rows:
                for place in wanted:
                    cell = row[place]
                    if isinstance(cell, str):
                        yield cell.encode()
                    elif isinstance(cell, bytes):
                        yield cell
    finally:
        connection.close()
