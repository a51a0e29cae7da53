"""The records behind a value: which counted, who delivered them, when they happened and became known.

Reads the records of a few children at once, in one query per source, and answers by the reference
meaning of each feature. Evidence names records; it never holds what they say.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress
from pathlib import Path

import duckdb

from features.catalogue import FEATURES
from features.language import Feature, Where
from features.reference import Record, satisfies_all, standing
from features.sources import source_named
from models.explanation import Behind, Evidence, EvidenceFor


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
    looks = _looks(features)
    records: dict[str, dict[str, list[Record]]] = {}
    for source, asked in looks.items():
        if source in tables and child_keys:
            records[source] = _read(reader, source, tables[source], asked, child_keys, as_of)
    return evidence_among(records, as_of, looks)


def evidence_among(
    records: Mapping[str, Mapping[str, Sequence[Record]]], as_of: date, looks: _Looks | None = None
) -> EvidenceFor:
    """The same for records that are at hand, by source and child, and for every feature unless told which."""
    kept: dict[str, Behind] = {}

    def behind(child_key: str, day: date) -> Behind:
        if day != as_of:
            raise ValueError(f"Evidence was read as of {as_of}, not {day}.")
        found = kept.get(child_key)
        if found is None:  # every screener asks
            found = kept[child_key] = _behind(records, child_key, as_of, _ALL if looks is None else looks)
        return found

    return behind


def _behind(
    records: Mapping[str, Mapping[str, Sequence[Record]]],
    child_key: str,
    as_of: date,
    by_source: _Looks,
) -> Behind:
    found: dict[str, tuple[Evidence, ...]] = {}
    for source, looks in by_source.items():
        at_hand = records.get(source, {}).get(child_key)
        if not at_hand:
            continue
        stood = standing(at_hand, as_of)
        days = [record.occurred_on for record in stood]
        over = bisect_left(days, as_of)
        evidence = [Evidence(source, r.record_id, r.occurred_on, r.known_on) for r in stood[:over]]
        for look in looks:
            counts = [satisfies_all(record, look.where) for record in stood[:over]] if look.where else None
            for window, names in look.windows:
                start = 0 if window is None else bisect_left(days, as_of - timedelta(window), hi=over)
                one = tuple(
                    evidence[start:] if counts is None else compress(evidence[start:], counts[start:])
                )
                if one:
                    found.update(dict.fromkeys(names, one))
    return found


@dataclass(frozen=True)
class _Look:
    """One way of looking at the records of a source, and the features that look so, by days of window."""

    where: Where
    windows: tuple[tuple[int | None, tuple[str, ...]], ...]


_Looks = Mapping[str, tuple[_Look, ...]]


def _looks(features: Iterable[Feature]) -> _Looks:
    """The ways of looking at each source. Features share most of them: each is gone once for all."""
    ways: dict[str, dict[Where, dict[int | None, list[str]]]] = {}
    for feature in features:
        window = feature.form.window
        windows = ways.setdefault(feature.source.name, {}).setdefault(feature.form.where, {})
        windows.setdefault(None if window is None else window.days, []).append(feature.name)
    return {
        source: tuple(
            _Look(where, tuple((window, tuple(names)) for window, names in windows.items()))
            for where, windows in looks.items()
        )
        for source, looks in ways.items()
    }


_ALL = _looks(FEATURES)


def _read(
    cursor: duckdb.DuckDBPyConnection,
    name: str,
    table: Path,
    looks: Sequence[_Look],
    child_keys: Sequence[str],
    as_of: date,
) -> dict[str, list[Record]]:
    columns = sorted({condition.column for look in looks for condition in look.where})
    declared = {column.name for column in source_named(name).lake_columns}
    if not set(columns) <= declared:
        raise ValueError(f"{name} keeps no column {sorted(set(columns) - declared)} in the lake.")
    windows = [window for look in looks for window, _ in look.windows]
    longest = None if None in windows else max(window for window in windows if window is not None)
    given = ", ".join(f'"{column}"' for column in columns)
    # Names of columns come from the declarations and were checked; everything else is bound. A version
    # that another child's version replaced does not count here either, hence superseded_on.
    rows = cursor.execute(
        f"SELECT child_key, record_id, version, occurred_on, known_on{', ' if given else ''}{given}"  # noqa: S608  # nosec B608
        " FROM read_parquet($file) WHERE child_key IN (SELECT unnest($keys)) AND known_on < $as_of"
        " AND occurred_on >= $since"
        " AND (superseded_on IS NULL OR superseded_on >= $as_of) ORDER BY ordinal",
        {
            "keys": list(child_keys), "as_of": as_of, "file": str(table),
            "since": date.min if longest is None else as_of - timedelta(longest),
        },
    ).fetchall()  # fmt: skip
    found: dict[str, list[Record]] = {}
    for child_key, record_id, version, occurred_on, known_on, *cells in rows:
        values = dict(zip(columns, cells, strict=True))
        found.setdefault(child_key, []).append(Record(record_id, version, occurred_on, known_on, values))
    return found
