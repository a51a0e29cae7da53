"""Features fast: a whole cohort on many dates at once.

One query per source computes all its features for all questions. The query text comes from
`features.expressions`, is made once per source and set of features, and is run by DuckDB over the
lake's Parquet files or over frames. A child asked about while somebody waits is answered by
`features.reference_engine`, with identical bits: training and serving cannot drift apart.

Person-level records pass through here: nothing is logged, and DuckDB may not spill to disk.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np
import pandas as pd

from features.child_records import file_state
from features.language import Feature, Source
from features.questions import (
    Answer,
    EngineError,
    FeatureEngine,
    Questions,
    Silence,
    arrow_records,
    column_types,
    records_frame,
)

__all__ = ["Engine", "EngineError", "Silence", "records_frame"]

_DUCKDB = {"string": "VARCHAR", "float64": "DOUBLE", "int64": "BIGINT", "date": "DATE"}


class Engine(FeatureEngine):
    """Features by DuckDB. Safe to share between threads; calls wait for one another.

    `tables` maps a source's name to its compacted Parquet file or to a frame in the same columns; a
    source that is missing is not known. A file that is replaced is read anew on the next call.
    `threads` is how many DuckDB uses, all processors if None.
    """

    def __init__(self, tables: Mapping[str, Path | pd.DataFrame], threads: int | None = None) -> None:
        self._tables = dict(tables)
        # Spilled blocks would be children's records outside the data home, hence no temp directory;
        # and DuckDB may not fetch extensions, since nothing here may reach out.
        self._connection = duckdb.connect(
            ":memory:", config={"temp_directory": "", "autoinstall_known_extensions": False}
        )
        self._connection.execute("SET parquet_metadata_cache = true")
        self._connection.execute("SET enable_progress_bar = false")
        if threads is not None:
            self._connection.execute(f"SET threads = {int(threads)}")
        self._lock = threading.Lock()
        self._opened: dict[str, tuple[int, int, int]] = {}

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the records go."""
        self._connection.close()

    def answers(self, source: Source) -> bool:
        """Whether the source has a table."""
        return source.name in self._tables

    def answer(self, source: Source, features: tuple[Feature, ...], questions: Questions) -> Answer:
        """All features of one source for all questions."""
        with self._lock:
            self._open(source)
            self._connection.register("asked", questions.table)
            found = self._connection.execute(compiled(source, features)).fetchnumpy()
            self._connection.unregister("asked")
        cells = (np.ma.filled(found[f"f{place}"], np.nan) for place in range(len(features)))
        return Answer(np.ma.getdata(found["asked"]), tuple(cells))

    def _open(self, source: Source) -> None:
        """Make the source's records readable under the name its queries use, if they are not yet."""
        table = self._tables[source.name]
        state = _state(table)
        if self._opened.get(source.name) == state:
            return
        name = _records_name(source)
        if isinstance(table, pd.DataFrame):
            self._connection.register(name, arrow_records(table, source))
        else:
            path = str(table).replace("'", "''")
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM read_parquet('{path}')")
        self._check_columns(source, name)
        self._opened[source.name] = state

    def _check_columns(self, source: Source, name: str) -> None:
        # Types are compared and never cast: a failing cast would quote a child's value.
        there = {row[0]: row[1] for row in self._connection.execute(f"DESCRIBE {name}").fetchall()}
        for column, kind in column_types(source).items():
            if there.get(column) != _DUCKDB[kind]:
                raise EngineError(
                    f"The records of {source.name} are not as declared: column {column} should be"
                    f" {_DUCKDB[kind]} and is {there.get(column, 'missing')}."
                )


@lru_cache(maxsize=4096)
def compiled(source: Source, features: tuple[Feature, ...]) -> str:
    """The query of all these features of one source, as DuckDB reads it."""
    # What writes queries takes a third of a second to load, and a service that starts needs none yet.
    import ibis
    import ibis.backends.duckdb

    from features.expressions import aggregated, asked_table, records_table

    records = records_table(source, _records_name(source))
    return str(ibis.duckdb.compile(aggregated(asked_table("asked"), records, features)))


def _records_name(source: Source) -> str:
    return f"{source.name}_records"


def _state(table: Path | pd.DataFrame) -> tuple[int, int, int]:
    """What changes when a file is replaced; frames are taken as they are when first used."""
    if isinstance(table, pd.DataFrame):
        return id(table), 0, 0
    return file_state(table)
