"""The records behind a value: which counted, who delivered them, when they happened and became known.

Reads the records of a few children at once, in one query per source, and answers by the reference
meaning of each feature. Evidence names records; it never holds what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import duckdb

from features.language import Feature
from features.reference import Record, counting_among, standing
from features.sources import source_named
from models.explanation import Evidence, EvidenceFor


def open_reader() -> duckdb.DuckDBPyConnection:
    """A connection to read evidence with; opening one takes longer than reading, so it may be kept.

    Spilled blocks would be children's records outside the data home, hence no temp directory.
    """
    return duckdb.connect(":memory:", config={"temp_directory": "", "threads": 1})


def evidence_for(
    tables: Mapping[str, Path],
    child_keys: Sequence[str],
    features: Iterable[Feature],
    as_of: date,
    reader: duckdb.DuckDBPyConnection,
) -> EvidenceFor:
    """Gives the records behind any of these features of these children on `as_of`."""
    used: dict[str, set[str]] = {}
    for feature in features:
        used.setdefault(feature.source.name, set()).update(feature.columns_used)
    records: dict[str, dict[str, list[Record]]] = {name: {} for name in used}
    for name in used:
        if name in tables and child_keys:
            _read(reader, name, tables[name], sorted(used[name]), child_keys, as_of, records[name])
    return evidence_among(records, as_of)


def evidence_among(records: Mapping[str, Mapping[str, Sequence[Record]]], as_of: date) -> EvidenceFor:
    """The same for records that are at hand, by source and child."""
    # Screeners share most of their features, and the features of a source its records: what stands, and the
    # evidence that a record is, is made once for a child and source, the same object wherever it counts.
    stood: dict[tuple[str, str], tuple[list[Record], dict[int, Evidence]]] = {}
    known: dict[tuple[str, str], tuple[Evidence, ...]] = {}

    def behind(child_key: str, day: date, feature: Feature) -> tuple[Evidence, ...]:
        found = known.get((child_key, feature.name)) if day == as_of else None
        if found is not None:
            return found
        if day != as_of:
            raise ValueError(f"Evidence was read as of {as_of}, not {day}.")
        source = feature.source.name
        at_hand = records.get(source, {}).get(child_key)
        if not at_hand:
            return ()
        stands = stood.get((child_key, source))
        if stands is None:
            of_child = standing(at_hand, as_of)
            stands = stood[child_key, source] = (
                of_child,
                {id(r): Evidence(source, r.record_id, r.occurred_on, r.known_on) for r in of_child},
            )
        of_child, evidence = stands
        found = tuple([evidence[id(r)] for r in counting_among(feature, of_child, as_of)])
        known[child_key, feature.name] = found
        return found

    return behind


def _read(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    table: Path,
    columns: list[str],
    child_keys: Sequence[str],
    as_of: date,
    into: dict[str, list[Record]],
) -> None:
    declared = {column.name for column in source_named(name).lake_columns}
    if not set(columns) <= declared:
        raise ValueError(f"{name} keeps no column {sorted(set(columns) - declared)} in the lake.")
    given = ", ".join(f'"{column}"' for column in columns)
    # Names of columns come from the declarations and were checked; everything else is bound. A version
    # that another child's version replaced does not count here either, hence superseded_on.
    rows = cursor.execute(
        f"SELECT child_key, record_id, version, occurred_on, known_on{', ' if given else ''}{given}"  # noqa: S608  # nosec B608
        " FROM read_parquet($file) WHERE child_key IN (SELECT unnest($keys)) AND known_on < $as_of"
        " AND (superseded_on IS NULL OR superseded_on >= $as_of) ORDER BY ordinal",
        {"keys": list(child_keys), "as_of": as_of, "file": str(table)},
    ).fetchall()
    for child_key, record_id, version, occurred_on, known_on, *cells in rows:
        values = dict(zip(columns, cells, strict=True))
        into.setdefault(child_key, []).append(Record(record_id, version, occurred_on, known_on, values))
