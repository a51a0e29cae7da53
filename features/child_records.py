"""All records of one child, in milliseconds: what answering while somebody waits reads.

A database plans each query anew for every source, which costs a child more than its few records. The
compacted files lie sorted by child, so it is enough to know at which row each child begins: that is
read once per file and kept as two whole numbers a child. Only the row groups a child lies in are read.

Given are the versions that stand on a date, those that another child's version has replaced left out,
so nothing read here may be asked about as of another date. Nothing is logged and nothing is kept of
what a record says.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.language import Source
from features.questions import EngineError
from features.reference import Record
from features.signals import WITHDRAWN, signal_schema

# Source name → child key → the child's records standing on a date, earliest first.
Standing = Mapping[str, Mapping[str, Sequence[Record]]]

_COMMON = ("child_key", "record_id", "version", "occurred_on", "known_on", "superseded_on")


class RecordReader:
    """Reads the compacted files of these sources. Safe to share between threads; calls wait for one another.

    A file that is replaced is read anew on the next call.
    """

    def __init__(self, tables: Mapping[Source, Path]) -> None:
        self._tables = dict(tables)
        self._opened: dict[str, _Opened] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            for opened in self._opened.values():
                opened.file.close()
            self._opened.clear()

    def standing(self, child_keys: Sequence[str], as_of: date) -> dict[str, dict[str, list[Record]]]:
        """The records of these children that stand on `as_of`; every source, only children with any."""
        hashes = _hashes(np.array(child_keys, dtype=object))
        with self._lock:
            return {
                source.name: {
                    key: found
                    for key, number in zip(child_keys, hashes, strict=True)
                    if (found := self._open(source, path).standing(key, number, as_of))
                }
                for source, path in self._tables.items()
            }

    def _open(self, source: Source, path: Path) -> _Opened:
        state = file_state(path)
        opened = self._opened.get(source.name)
        if opened is None or opened.state != state:
            if opened is not None:
                opened.file.close()
            opened = self._opened[source.name] = _Opened.of(source, path, state)
        return opened


@dataclass(frozen=True)
class _Opened:
    """One file: for each child, by the hash of its key, the rows it takes."""

    file: pq.ParquetFile
    state: tuple[int, int, int]
    columns: tuple[str, ...]
    hashes: NDArray[np.uint64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    groups: NDArray[np.int64]

    @classmethod
    def of(cls, source: Source, path: Path, state: tuple[int, int, int]) -> _Opened:
        file = pq.ParquetFile(path, memory_map=True)
        _check_columns(source, file.schema_arrow)
        keys, begins, ends = _runs(file)
        hashes = _hashes(keys)
        order = np.argsort(hashes, kind="stable")
        sizes = [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)]
        columns = tuple(column.name for column in source.lake_columns)
        groups = np.cumsum([0, *sizes])
        return cls(file, state, columns, hashes[order], begins[order], ends[order], groups)

    def standing(self, child_key: str, number: np.uint64, as_of: date) -> list[Record]:
        found: list[Record] = []
        place = int(np.searchsorted(self.hashes, number))
        # Two keys may share a hash; which is meant is seen from the rows.
        while place < len(self.hashes) and self.hashes[place] == number:
            found.extend(self._read(child_key, int(self.begins[place]), int(self.ends[place]), as_of))
            place += 1
        return found

    def _read(self, child_key: str, begin: int, end: int, as_of: date) -> Iterator[Record]:
        first, last = (int(np.searchsorted(self.groups, row, side="right")) - 1 for row in (begin, end - 1))
        table = self.file.read_row_groups(
            list(range(first, last + 1)), columns=[*_COMMON, *self.columns], use_threads=False
        ).slice(begin - int(self.groups[first]), end - begin)
        for key, record_id, version, occurred_on, known_on, superseded_on, *cells in zip(
            *(table.column(name).to_pylist() for name in (*_COMMON, *self.columns)), strict=True
        ):
            stands = known_on < as_of and (superseded_on is None or superseded_on >= as_of)
            if stands and key == child_key:
                values = dict(zip(self.columns, cells, strict=True))
                yield Record(record_id, version, occurred_on, known_on, values)


def file_state(path: Path) -> tuple[int, int, int]:
    """What changes when a file is replaced."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _check_columns(source: Source, there: pa.Schema) -> None:
    for field in signal_schema(source):
        if field.name == WITHDRAWN:  # compacting leaves withdrawals out, and the column with them
            continue
        place = there.get_field_index(field.name)
        if place < 0 or there.field(place).type != field.type:
            raise EngineError(
                f"The records of {source.name} are not as declared: column {field.name} should be"
                f" {field.type} and is {there.field(place).type if place >= 0 else 'missing'}."
            )


def _runs(file: pq.ParquetFile) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.int64]]:
    """The children of a sorted file, at which row each begins and before which it ends; a part at a time."""
    keys, ends, before = [], [], 0
    # On this thread: one column is read sooner than others are got going for it.
    for batch in file.iter_batches(batch_size=1 << 20, columns=["child_key"], use_threads=False):
        runs = pc.run_end_encode(batch.column(0))
        keys.append(np.asarray(runs.values.to_pylist(), dtype=object))
        ends.append(runs.run_ends.to_numpy().astype(np.int64) + before)
        before += batch.num_rows
    if not keys:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    # A child that two parts share is two runs of one key, and is read as such.
    every_end = np.concatenate(ends)
    return np.concatenate(keys), np.concatenate([[0], every_end[:-1]]).astype(np.int64), every_end


def _hashes(child_keys: NDArray[np.object_]) -> NDArray[np.uint64]:
    return pd.util.hash_array(child_keys, categorize=False)
