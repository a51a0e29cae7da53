"""Made-up events in any number, to measure engines with: nobody is in them, and no department wrote them.

Every source gets its share of the events, the common ones as large as in the simulated county, and
each event cells as its source declares them. They lie as in the lake: compacted, sorted by child. They
are made and written a block of children at a time, so that twenty million need little memory.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.lake import row_group
from features.language import Column, Department, Kind, Source
from features.signals import WITHDRAWN, signal_schema
from features.sources import SOURCES

AS_OF = date(2024, 4, 1)
# Events lie in the two years before the as-of date, and some after it.
SPAN_DAYS, LATER_DAYS = 730, 30
# Per cent of all events, as in the simulated county; every other source has as much as every other.
SHARES = {
    "absences": 24.0, "care_visits": 18.0, "visits": 15.0, "family_contacts": 7.0, "insurance": 6.0,
    "term_results": 5.5, "checkups": 5.0, "enrolments": 4.5, "vaccinations": 3.0, "residence": 2.0,
    "counsellor_visits": 2.0, "parent_employment": 2.0, "grid_reports": 1.5,
}  # fmt: skip
CORRECTED = 0.02
_BLOCK = 5_000
_EPOCH = date(1970, 1, 1)


def delivered_sources() -> tuple[Source, ...]:
    """Every source a department delivers."""
    return tuple(source for source in SOURCES if source.department is not Department.REVIEW)


def shares(sources: Sequence[Source]) -> dict[str, float]:
    """The part of all events that each source has; together 1."""
    others = [source.name for source in sources if source.name not in SHARES]
    rest = max(100.0 - sum(SHARES.values()), 1.0) / max(len(others), 1)
    parts = {source.name: SHARES.get(source.name, rest) for source in sources}
    total = sum(parts.values())
    return {name: part / total for name, part in parts.items()}


def child_keys(children: int) -> list[str]:
    """Keys that look like the identity store's, in order."""
    return sorted(
        "c" + base64.b32encode(hashlib.sha256(str(number).encode()).digest()).decode()[:26].lower()
        for number in range(children)
    )


def write_events(folder: Path, events: int, children: int, seed: int) -> None:
    """Write all sources' compacted files with about `events` records altogether."""
    sources = delivered_sources()
    part = shares(sources)
    keys = child_keys(children)
    folder.mkdir(parents=True, exist_ok=True)
    for place, source in enumerate(sources):
        rng = np.random.default_rng([seed, place])
        _write(folder / f"{source.name}.parquet", source, keys, events * part[source.name] / children, rng)


def write_plain_events(path: Path, events: int, children: int, seed: int) -> None:
    """Write events of one kind only, as a bare query reads them: who, when, when known and a number."""
    rng = np.random.default_rng([seed, 1_000])
    per_child = rng.poisson(events / children, children)
    schema = pa.schema(
        [
            ("child_id", pa.int64()), ("event_time", pa.timestamp("us")), ("known_at", pa.timestamp("us")),
            ("value", pa.float64()),
        ]
    )  # fmt: skip
    day = 86_400_000_000
    start = (AS_OF - _EPOCH).days * day
    with pq.ParquetWriter(path, schema) as writer:
        for begin in range(0, children, _BLOCK):
            counts = per_child[begin : begin + _BLOCK]
            rows = int(counts.sum())
            happened = start + rng.integers(-SPAN_DAYS * day, LATER_DAYS * day, rows)
            value = np.where(rng.random(rows) < 0.05, np.nan, np.round(rng.gamma(2.0, 3.0, rows), 2))
            arrays = [
                pa.array(np.repeat(np.arange(begin, begin + len(counts)), counts)),
                pa.array(happened).cast(pa.timestamp("us")),
                pa.array(happened + rng.integers(0, 60 * day, rows)).cast(pa.timestamp("us")),
                pa.array(value, from_pandas=True),
            ]
            writer.write_table(pa.table(arrays, schema=schema))


def _write(path: Path, source: Source, keys: list[str], per_child: float, rng: np.random.Generator) -> None:
    signals = signal_schema(source)  # compacted records keep no withdrawals
    schema = signals.remove(signals.get_field_index(WITHDRAWN))
    schema = schema.append(pa.field("superseded_on", pa.date32()))
    schema = schema.append(pa.field("ordinal", pa.int64()))
    before = 0
    with pq.ParquetWriter(path, schema) as writer:
        for begin in range(0, len(keys), _BLOCK):
            table = _block(source, schema, keys[begin : begin + _BLOCK], per_child, rng, before)
            before += table.num_rows
            writer.write_table(table, row_group_size=row_group(int(per_child * len(keys))))


def _block(
    source: Source,
    schema: pa.Schema,
    keys: list[str],
    per_child: float,
    rng: np.random.Generator,
    before: int,
) -> pa.Table:
    """The records of a block of children, by child and in order; a few with a second version."""
    child = np.repeat(np.arange(len(keys)), rng.poisson(per_child / (1 + CORRECTED), len(keys)))
    rows = len(child)
    today = (AS_OF - _EPOCH).days
    occurred = today + rng.integers(-SPAN_DAYS, LATER_DAYS, rows)
    known = occurred + rng.geometric(0.1, rows) - 1
    again = rng.random(rows) < CORRECTED
    superseded = np.where(again, known + rng.integers(1, 120, rows), -1)
    number = before + np.arange(rows)
    second = {
        "child": child[again], "occurred": occurred[again], "known": superseded[again],
        "superseded": np.full(int(again.sum()), -1), "number": number[again],
    }  # fmt: skip
    first = {
        "child": child, "occurred": occurred, "known": known, "superseded": superseded, "number": number
    }  # fmt: skip
    both = {name: np.concatenate([first[name], second[name]]) for name in first}
    order = np.lexsort((both["number"], both["known"], both["occurred"], both["child"]))
    both = {name: column[order] for name, column in both.items()}
    version = np.concatenate([np.ones(rows, dtype=np.int64), np.full(int(again.sum()), 2)])[order]
    rows = len(order)
    columns = {
        "child_key": _taken(keys, both["child"]),
        "record_id": pc.binary_join_element_wise("R", pa.array(both["number"]).cast(pa.string()), ""),
        "version": pa.array(version),
        "occurred_on": _days(both["occurred"]),
        "known_on": _days(both["known"]),
        "delivery": _taken(["2024-03-25-events-0123456789ab"], np.zeros(rows, dtype=np.int64)),
        "superseded_on": _days(both["superseded"], both["superseded"] < 0),
        # Between children order tells nothing, so numbers in the order of writing do.
        "ordinal": pa.array(before + np.arange(rows)),
    }
    columns |= {column.name: _cells(column, both["occurred"], rng) for column in source.lake_columns}
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)


def _cells(column: Column, occurred: NDArray[np.int64], rng: np.random.Generator) -> pa.Array:
    rows = len(occurred)
    empty = np.zeros(rows, dtype=bool) if column.required else rng.random(rows) < 0.05
    if column.kind in (Kind.CODE, Kind.FLAG):
        codes = [code.value for code in column.codes] or ["yes", "no"]
        return _taken(codes, rng.integers(0, len(codes), rows), empty)
    if column.kind in (Kind.INTEGER, Kind.NUMBER):
        low = column.minimum if column.minimum is not None else 0.0
        high = column.maximum if column.maximum is not None else low + 10.0
        digits = 0 if column.kind is Kind.INTEGER else 1
        return pa.array(np.round(rng.uniform(low, high, rows), digits), mask=empty)
    if column.kind is Kind.DATE:
        return _days(occurred - rng.integers(0, 4_000, rows), empty)
    return _taken(["text"], np.zeros(rows, dtype=np.int64), empty)


def _days(days: NDArray[np.int64], empty: NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=empty).cast(pa.date32())


def _taken(values: list[str], places: NDArray[np.int64], empty: NDArray[np.bool_] | None = None) -> pa.Array:
    indices = pa.array(places.astype(np.int32), mask=empty)
    return pa.DictionaryArray.from_arrays(indices, pa.array(values, pa.string())).cast(pa.string())


def as_of_dates(dates: int) -> tuple[date, ...]:
    """As many as-of dates as wanted, a month apart, the newest first."""
    return tuple(AS_OF - timedelta(days=30 * back) for back in range(dates))


def questions(children: int, dates: int) -> tuple[pd.DataFrame, dict[date, frozenset[str]]]:
    """Every child on every date, and that nobody was silent."""
    days = as_of_dates(dates)
    keys = child_keys(children)
    rows = pd.concat([pd.DataFrame({"child_key": keys, "as_of": [day] * len(keys)}) for day in days])
    return rows.reset_index(drop=True), dict.fromkeys(days, frozenset[str]())


def tables(folder: Path) -> dict[str, Path]:
    """The files written there, by source."""
    return {path.stem: path for path in sorted(folder.glob("*.parquet"))}
