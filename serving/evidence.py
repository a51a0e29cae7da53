"""The records behind a value: which counted, who delivered them, when they happened and became known.

Reads the records of a few children at once, in one query per source, and answers by the reference
meaning of each feature. Evidence names records; it never holds what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from features.language import Feature
from features.reference import Record, counting
from features.sources import source_named
from models.explanation import Evidence, EvidenceFor

Tables = Mapping[str, Path | pd.DataFrame]


def evidence_for(
    tables: Tables, child_keys: Sequence[str], features: Iterable[Feature], as_of: date
) -> EvidenceFor:
    """Gives the records behind any of these features of these children on `as_of`."""
    used: dict[str, set[str]] = {}
    for feature in features:
        used.setdefault(feature.source.name, set()).update(feature.columns_used)
    records: dict[tuple[str, str], list[Record]] = {}
    with duckdb.connect(":memory:", config={"temp_directory": ""}) as connection:
        connection.execute("SET threads = 1")
        for name in used:
            if name in tables:
                _read(connection, name, tables[name], sorted(used[name]), child_keys, as_of, records)

    def behind(child_key: str, day: date, feature: Feature) -> tuple[Evidence, ...]:
        if day != as_of:
            raise ValueError(f"Evidence was read as of {as_of}, not {day}.")
        found = counting(feature, records.get((feature.source.name, child_key), ()), as_of)
        return tuple(Evidence(feature.source.name, r.record_id, r.occurred_on, r.known_on) for r in found)

    return behind


def _read(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    table: Path | pd.DataFrame,
    columns: list[str],
    child_keys: Sequence[str],
    as_of: date,
    into: dict[tuple[str, str], list[Record]],
) -> None:
    declared = {column.name for column in source_named(name).lake_columns}
    if not set(columns) <= declared:
        raise ValueError(f"{name} keeps no column {sorted(set(columns) - declared)} in the lake.")
    given = ", ".join(f'"{column}"' for column in columns)
    if isinstance(table, pd.DataFrame):
        relation = "given"
        connection.register(relation, table)
    else:
        relation = "read_parquet($file)"
    parameters: dict[str, Any] = {"keys": list(child_keys), "as_of": as_of}
    if isinstance(table, Path):
        parameters["file"] = str(table)
    # Names of columns come from the declarations and were checked; everything else is bound. A version
    # that another child's version replaced does not count here either, hence superseded_on.
    rows = connection.execute(
        f"SELECT child_key, record_id, version, occurred_on, known_on{', ' if given else ''}{given}"  # noqa: S608
        f" FROM {relation} WHERE child_key IN (SELECT unnest($keys)) AND known_on < $as_of"
        " AND (superseded_on IS NULL OR superseded_on >= $as_of) ORDER BY ordinal",
        parameters,
    ).fetchall()
    for child_key, record_id, version, occurred_on, known_on, *cells in rows:
        values = dict(zip(columns, cells, strict=True))
        into.setdefault((name, child_key), []).append(
            Record(record_id, version, occurred_on, known_on, values)
        )
