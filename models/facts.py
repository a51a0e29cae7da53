"""Facts that establish an outcome, read from the lake's records by the date they became known.

Training labels rest on them, and so does leaving out a child who is already positive on the as-of date:
that child is known, and a screener has nothing to add. Reads records; keeps and logs no values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.language import AtLeast, AtMost, Fact, OneOf, Outcome
from features.reference import Record
from features.sources import source_named

Tables = Mapping[str, Path | pd.DataFrame]

COLUMNS = ("child_key", "record_id", "version", "occurred_on", "known_on", "superseded_on", "source")
_DATES = ("occurred_on", "known_on", "superseded_on")


def versions(tables: Tables, facts: Iterable[Fact]) -> pd.DataFrame:
    """Every version of every record that satisfies one of the facts: COLUMNS, dates as timestamps."""
    found = [_versions(tables[fact.source.name], fact) for fact in facts if fact.source.name in tables]
    empty = pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in COLUMNS})
    return pd.concat(found, ignore_index=True) if found else empty


def _dtype(name: str) -> str:
    return "datetime64[ns]" if name in _DATES else "int64" if name == "version" else "str"


def _versions(table: Path | pd.DataFrame, fact: Fact) -> pd.DataFrame:
    wanted = [name for name in COLUMNS if name != "source"]
    if isinstance(table, Path):
        conditions = [condition.column for condition in fact.where]
        with pq.ParquetFile(table) as file:
            there = file.read(columns=list(dict.fromkeys([*wanted, *conditions])), use_threads=False)
        # Few records satisfy a fact: the others are never made rows of.
        keep = _satisfying(there.select(conditions).to_pandas(), fact, len(there))
        found: pd.DataFrame = there.select(wanted).filter(pa.array(keep)).to_pandas()
    else:
        found = table.loc[_satisfying(table, fact, len(table)), wanted].reset_index(drop=True)
    for name in _DATES:
        found[name] = pd.to_datetime(found[name]).astype("datetime64[ns]")
    found["source"] = fact.source.name
    return found


def _satisfying(frame: pd.DataFrame, fact: Fact, rows: int) -> NDArray[np.bool_]:
    """Which of the rows satisfy the fact."""
    keep = np.ones(rows, dtype=np.bool_)
    for condition in fact.where:
        values = frame[condition.column]
        match condition:
            case OneOf():
                keep &= values.isin(condition.values).to_numpy(dtype=np.bool_)
            case AtLeast():
                keep &= (values >= condition.limit).to_numpy(dtype=np.bool_)
            case AtMost():
                keep &= (values <= condition.limit).to_numpy(dtype=np.bool_)
    return keep


def standing(found: pd.DataFrame, day: date) -> pd.DataFrame:
    """Of these versions those that stood on `day`: known before it, and not replaced before it."""
    stamp = pd.Timestamp(day)
    return found[(found["known_on"] < stamp) & ~(found["superseded_on"] < stamp)]


def between(found: pd.DataFrame, start: date, end: date) -> frozenset[str]:
    """Children with one of these records occurring on `start` or later and before `end`."""
    inside = (found["occurred_on"] >= pd.Timestamp(start)) & (found["occurred_on"] < pd.Timestamp(end))
    return frozenset(found.loc[inside, "child_key"])


def already_positive(tables: Tables, outcome: Outcome, dates: Sequence[date]) -> dict[date, frozenset[str]]:
    """For each as-of date, the children known on it to have had the outcome lately."""
    found = versions(tables, (*outcome.facts, outcome.confirmed))
    return {
        as_of: between(standing(found, as_of), as_of - timedelta(days=outcome.already_days), as_of)
        for as_of in dates
    }


def standing_records(
    table: Path | pd.DataFrame, source: str, children: frozenset[str]
) -> dict[str, list[tuple[Record, date | None]]]:
    """All versions of these children's records, each with the day it was replaced (None: it stands)."""
    frame = (
        pq.read_table(table, filters=[("child_key", "in", sorted(children))]).to_pandas()
        if isinstance(table, Path)
        else table[table["child_key"].isin(children)]
    )
    columns = [column.name for column in source_named(source).lake_columns]
    found: dict[str, list[tuple[Record, date | None]]] = {}
    for row in frame.astype(object).to_dict(orient="records"):
        record = Record(
            str(row["record_id"]),
            int(row["version"]),
            row["occurred_on"],
            row["known_on"],
            {name: None if pd.isna(row[name]) else row[name] for name in columns},
        )
        replaced_on = None if pd.isna(row["superseded_on"]) else row["superseded_on"]
        found.setdefault(str(row["child_key"]), []).append((record, replaced_on))
    return found
