"""The lake: accepted, pseudonymous records in Parquet, append-only, one file for each delivery.

    signals/<source>/<delivery>.parquet   written once, never changed but by a deletion by right
    purges.parquet                        which files were rewritten for one: digests before and after
    deliveries.parquet                    the ledger; a delivery without its row here does not exist
    records/<source>.parquet              every version of every record, derived, rebuilt by `compact`

A version of a record counts on an as-of date when it was known before that date and the record's
next version was not. Names and ID numbers never come here: a frame that carries a column the
source does not keep in the lake is refused.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from features.language import Department, Source
from features.reference import Record
from features.signals import WITHDRAWN, LakeError, content, published, signal_schema, to_table
from features.sources import SOURCES, source_named

# Small row groups, so that reading one child's records touches a few kilobytes of a sorted file: in the
# simulated county 26 ms a child with 16,384 rows, 6 ms with 2,048; the file grows by an eighth.
# Of a source with millions of records more lie together: its query is then an eighth to a quarter quicker.
ROW_GROUP = 2_048
_MOST_GROUPED = 4 * ROW_GROUP
_TICK = 2 * 10**9  # the coarsest clock of files, in nanoseconds: some keep every other second


@dataclass(frozen=True)
class Delivery:
    """One row of the ledger. `heard_from` and `heard_to` are None if the file could not be used."""

    delivery: str
    source: str
    department: str
    received_on: date
    history: bool
    file: str
    sha256: str
    delivered: int
    accepted: int
    quarantined: int
    unresolved: int
    heard_from: date | None
    heard_to: date | None

    def __post_init__(self) -> None:
        if self.delivered != self.accepted + self.quarantined + self.unresolved:
            raise LakeError(f"Delivery {self.delivery}: the count does not add up.")


_LEDGER = pa.schema(
    [
        ("delivery", pa.string()), ("source", pa.string()), ("department", pa.string()),
        ("received_on", pa.date32()), ("history", pa.bool_()), ("file", pa.string()), ("sha256", pa.string()),
        ("delivered", pa.int64()), ("accepted", pa.int64()), ("quarantined", pa.int64()),
        ("unresolved", pa.int64()),
        ("heard_from", pa.date32()), ("heard_to", pa.date32()),
    ]
)  # fmt: skip


_PURGES = pa.schema(
    [
        ("delivery", pa.string()), ("source", pa.string()), ("rows", pa.int64()),
        ("purged_on", pa.date32()), ("sha256_before", pa.string()), ("sha256_after", pa.string()),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Compacted:
    """The compacted files there are, by source, and which they are: another state, another file somewhere."""

    tables: Mapping[str, Path]
    state: tuple[tuple[str, int, int], ...]


class Lake:
    """The lake under one folder. Creating the object creates nothing; the first append does."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._ledger: tuple[object, tuple[Delivery, ...]] = (None, ())
        self._compacted: tuple[object, Compacted] = (None, Compacted({}, ()))

    # --- writing ------------------------------------------------------------------------------

    def append(self, source: Source | str, frame: pd.DataFrame, delivery: Delivery) -> None:
        """Write one delivery's accepted records, then its ledger row; an interruption between leaves nothing.

        A delivery already in the ledger is refused: the lake is append-only.
        """
        source = _source(source)
        if delivery.source != source.name or len(frame) != delivery.accepted:
            raise LakeError(f"Delivery {delivery.delivery} does not describe the records that came with it.")
        table = to_table(source, frame)
        with self._locked():
            ledger = pq.read_table(self._ledger_file) if self._ledger_file.exists() else _LEDGER.empty_table()
            if delivery.delivery in ledger.column("delivery").to_pylist():
                raise LakeError(f"Delivery {delivery.delivery} is in the lake already.")
            if table.num_rows:
                self._write(table, self._signals_file(source, delivery.delivery))
            row = pa.Table.from_pylist([asdict(delivery)], schema=_LEDGER)
            self._write(pa.concat_tables([ledger, row]), self._ledger_file)

    def publish(self, source: Source | str, rows: Iterable[Mapping[str, Any]], received_on: date) -> int:
        """Bring records of our own queue into the lake and return how many were new.

        Each row has child_key, record_id, occurred_on and the source's lake columns. A record that
        says what the lake already holds is left out, one that says otherwise becomes its next version.
        """
        source = _source(source)
        if source.department is not Department.REVIEW:
            raise LakeError(
                f"{source.name} is delivered by a department; only the queue's own sources are published."
            )
        frame = pd.DataFrame([published(source, row) for row in rows])
        if frame.empty:
            return 0
        if frame["record_id"].duplicated().any():
            raise LakeError(f"Two rows published to {source.name} share a record number.")
        frame["known_on"], frame["version"], frame["delivery"] = received_on, 1, "-"
        frame["content"] = content(source, to_table(source, frame))
        before = frame[["record_id"]].join(self.latest(source), on="record_id")
        frame = frame.assign(version=before["version"].fillna(0).astype("int64") + 1)
        new = frame.pop("content") != before["content"]
        frame = frame[new].sort_values("record_id")
        if frame.empty:
            return 0
        said = frame.drop(columns="delivery").to_json(orient="records", date_format="iso")
        sha256 = hashlib.sha256(said.encode()).hexdigest()
        name = delivery_id(received_on, source, "queue", sha256)
        frame["delivery"] = name
        self.append(
            source,
            frame,
            Delivery(
                delivery=name, source=source.name, department=source.department.value,
                received_on=received_on, history=False, file="queue", sha256=sha256,
                delivered=len(frame), accepted=len(frame), quarantined=0, unresolved=0,
                heard_from=received_on, heard_to=received_on,
            ),
        )  # fmt: skip
        self.compact()
        return len(frame)

    def purge(self, child_keys: Iterable[str], on: date) -> int:
        """Deletion by right: take every record of these children out of every file, and return how many.

        The one exception to append-only. Each rewriting is put in the ledger of purges, which names no
        child, before the file is replaced; an interrupted one is finished by purging again. The ledger of
        deliveries stays as it is: what was delivered and accepted was.
        """
        gone = pa.array(sorted(set(child_keys)), pa.string())
        removed = 0
        with self._locked():
            for row in self.deliveries():
                path = self._signals_file(source_named(row.source), row.delivery)
                if not row.accepted or not path.exists():
                    continue
                whose = pq.read_table(path, columns=["child_key"]).column("child_key")
                if not pc.any(pc.is_in(whose, gone)).as_py():
                    continue
                table = pq.ParquetFile(path).read()
                kept = table.filter(pc.invert(pc.is_in(table.column("child_key"), gone)))
                self._replace_purged(row, path, kept, table.num_rows - kept.num_rows, on)
                removed += table.num_rows - kept.num_rows
        self.compact()
        return removed

    def _replace_purged(self, row: Delivery, path: Path, kept: pa.Table, rows: int, on: date) -> None:
        temporary = path.with_suffix(".writing")
        pq.write_table(kept, temporary, row_group_size=row_group(kept.num_rows))
        before, after = (hashlib.sha256(each.read_bytes()).hexdigest() for each in (path, temporary))
        purges = pq.read_table(self._purges_file) if self._purges_file.exists() else _PURGES.empty_table()
        if (before, after) not in {
            (each["sha256_before"], each["sha256_after"]) for each in purges.to_pylist()
        }:
            said = {
                "delivery": row.delivery, "source": row.source, "rows": rows, "purged_on": on,
                "sha256_before": before, "sha256_after": after,
            }  # fmt: skip
            self._write(
                pa.concat_tables([purges, pa.Table.from_pylist([said], schema=_PURGES)]), self._purges_file
            )
        os.replace(temporary, path)

    def purges(self) -> list[dict[str, Any]]:
        """Every rewriting of a file for a deletion by right, in order."""
        return pq.read_table(self._purges_file).to_pylist() if self._purges_file.exists() else []

    def compact(self) -> tuple[str, ...]:
        """Rebuild `records/` for the sources whose deliveries or columns changed; their names."""
        by_source: dict[str, list[Delivery]] = {}
        for row in self.deliveries():
            by_source.setdefault(row.source, []).append(row)
        purged: dict[str, list[str]] = {}
        for each in self.purges():
            purged.setdefault(each["source"], []).append(each["sha256_after"])
        rebuilt = []
        for source in SOURCES:
            rows = by_source.get(source.name, [])
            if not any(row.heard_to for row in rows):
                continue
            schema = signal_schema(source)
            made_from = hashlib.sha256(
                json.dumps(
                    [sorted(row.delivery for row in rows), str(schema), *purged.get(source.name, [])]
                ).encode()
            ).hexdigest()
            target = self._records_path(source)
            if target.exists() and _made_from(target) == made_from:
                continue
            self._compact_one(source, rows, made_from)
            rebuilt.append(source.name)
        return tuple(rebuilt)

    def _compact_one(self, source: Source, rows: Sequence[Delivery], made_from: str) -> None:
        with duckdb.connect() as connection:
            # One thread: the file is then the same to the byte whenever the deliveries are the same.
            connection.execute("SET threads = 1")
            connection.register("signals", self._signals(source, rows))
            table = connection.sql(
                "SELECT * EXCLUDE (withdrawn),"
                " row_number() OVER (ORDER BY occurred_on, known_on, record_id, version) AS ordinal"
                " FROM (SELECT *, lead(known_on)"
                "   OVER (PARTITION BY record_id ORDER BY known_on, version) AS superseded_on FROM signals)"
                " WHERE withdrawn IS NOT TRUE ORDER BY child_key, ordinal"
            ).to_arrow_table()
        self._write(table.replace_schema_metadata({"made_from": made_from}), self._records_path(source))

    # --- reading ------------------------------------------------------------------------------

    def deliveries(self) -> tuple[Delivery, ...]:
        """The ledger, in the order deliveries were taken in; read anew when its file is another."""
        try:
            found = self._ledger_file.stat()
        except FileNotFoundError:
            return ()
        state = found.st_ino, found.st_mtime_ns, found.st_size
        if self._ledger[0] != state:
            rows = pq.read_table(self._ledger_file).to_pylist()
            names = [field.name for field in fields(Delivery)]
            self._ledger = state, tuple(Delivery(**{name: row[name] for name in names}) for row in rows)
        return self._ledger[1]

    def records_file(self, source: Source | str) -> Path | None:
        """The compacted file of a source, None if the source was never heard."""
        path = self._records_path(_source(source))
        return path if path.exists() else None

    def tables(self) -> dict[str, Path]:
        """Source name → compacted file, of every source that was ever heard, in declared order."""
        return dict(self.compacted().tables)

    def compacted(self) -> Compacted:
        """The compacted files; looked at anew when their folder is not as it was.

        Every request on a child asks. A file put in another's place changes the time of its folder, and
        `_write` sees to it that no two of them leave it the same. A file written over where it lies is not
        noticed: nothing here does that, and who reads it meanwhile would read half of it.
        """
        folder = self.root / "records"
        try:
            found = os.stat(folder)
        except FileNotFoundError:
            return Compacted({}, ())
        state = found.st_ino, found.st_mtime_ns, found.st_ctime_ns
        kept, compacted = self._compacted
        if kept != state:
            tables, files = {}, []
            for source in SOURCES:
                path = self._records_path(source)
                try:
                    file = os.stat(path)
                except FileNotFoundError:
                    continue
                tables[source.name] = path
                files.append((source.name, file.st_mtime_ns, file.st_ino))
            compacted = Compacted(tables, tuple(files))
            self._compacted = state, compacted
        return compacted

    def silent(self, as_of: date) -> frozenset[str]:
        """Names of the sources not heard recently enough on this date for "no record" to mean anything.

        Our own queue is never silent.
        """
        rows = self.deliveries()
        return frozenset(
            source.name
            for source in SOURCES
            if source.department is not Department.REVIEW
            and not any(
                row.source == source.name
                and row.heard_from is not None
                and row.heard_to is not None
                and row.heard_from < as_of
                and row.heard_to >= as_of - timedelta(days=source.silent_after_days)
                for row in rows
            )
        )

    def last_heard(self, source: Source | str, as_of: date) -> date | None:
        """The last day before `as_of` on which the source was heard; None if it never was."""
        name = _source(source).name
        yesterday = as_of - timedelta(days=1)
        heard = [
            min(row.heard_to, yesterday)
            for row in self.deliveries()
            if row.source == name and row.heard_from and row.heard_to and row.heard_from < as_of
        ]
        return max(heard, default=None)

    def child_records(
        self, child_key: str, sources: Iterable[Source | str] | None = None
    ) -> dict[str, list[Record]]:
        """All versions of one child's records by source name, in their order; only sources with any.

        A record that a correction gave to another child is left out whole: nobody should read it as
        this child's.
        """
        wanted = None if sources is None else {_source(source).name for source in sources}
        found = {}
        for name, path in self.tables().items():
            if wanted is not None and name not in wanted:
                continue
            table = pq.read_table(path, filters=[("child_key", "==", child_key)])
            rows = sorted(table.to_pylist(), key=lambda row: row["ordinal"])
            newest: dict[str, bool] = {}
            for row in rows:
                newest[row["record_id"]] = newest.get(row["record_id"], False) or row["superseded_on"] is None
            columns = [column.name for column in source_named(name).lake_columns]
            records = [
                Record(
                    row["record_id"],
                    row["version"],
                    row["occurred_on"],
                    row["known_on"],
                    {column: row[column] for column in columns},
                )
                for row in rows
                if newest[row["record_id"]]
            ]
            if records:
                found[name] = records
        return found

    def latest(self, source: Source | str) -> pd.DataFrame:
        """What the lake holds of each record number: index record_id, columns version, content and whose.

        `version` is the greatest taken, `content` the fingerprint of the version that stands last (or says
        that it was withdrawn), `child_key` and `occurred_on` what that version says.
        """
        source = _source(source)
        rows = [row for row in self.deliveries() if row.source == source.name]
        table = self._signals(source, rows)
        frame = table.select(["record_id", "version", "known_on", "child_key", "occurred_on"]).to_pandas()
        taken_back = pc.fill_null(table.column("withdrawn"), False).to_pandas()
        frame["content"] = content(source, table).mask(taken_back, WITHDRAWN)
        frame = frame.sort_values(["known_on", "version"], kind="stable")
        versions = frame.groupby("record_id")["version"].max()
        standing = frame.drop_duplicates("record_id", keep="last").set_index("record_id")
        return pd.DataFrame(
            {
                "version": versions,
                **{name: standing[name] for name in ("content", "child_key", "occurred_on")},
            }
        )

    # --- files --------------------------------------------------------------------------------

    @property
    def _ledger_file(self) -> Path:
        return self.root / "deliveries.parquet"

    @property
    def _purges_file(self) -> Path:
        return self.root / "purges.parquet"

    def _records_path(self, source: Source) -> Path:
        return self.root / "records" / f"{source.name}.parquet"

    def _signals_file(self, source: Source, delivery: str) -> Path:
        return self.root / "signals" / source.name / f"{delivery}.parquet"

    def _signals(self, source: Source, rows: Sequence[Delivery]) -> pa.Table:
        schema = signal_schema(source)
        paths = [str(self._signals_file(source, row.delivery)) for row in rows if row.accepted]
        if not paths:
            return schema.empty_table()
        # The declared schema, not the files' own: a column declared later is empty in older deliveries.
        return ds.dataset(paths, schema=schema, format="parquet").to_table()

    def _write(self, table: pa.Table, target: Path) -> None:
        folder = target.parent
        folder.mkdir(parents=True, exist_ok=True)
        before = folder.stat().st_mtime_ns
        temporary = target.with_suffix(".writing")
        pq.write_table(table, temporary, row_group_size=row_group(table.num_rows))
        before = max(before, folder.stat().st_mtime_ns)
        os.replace(temporary, target)
        # Two changes within a tick of the clock of files would look like one.
        if folder.stat().st_mtime_ns <= before:
            os.utime(folder, ns=(before + _TICK, before + _TICK))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Intake and the queue's worker may append at the same time; the ledger must keep both rows."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def row_group(rows: int) -> int:
    """How many rows lie together in a file of so many: 2,048 for every full million, at most four times."""
    return min(max(rows // 1_000_000, 1) * ROW_GROUP, _MOST_GROUPED)


def delivery_id(received_on: date, source: Source, file: str, sha256: str) -> str:
    """The name of a delivery: its day, its source and a digest of the file's place and bytes."""
    digest = hashlib.sha256(f"{file}\n{sha256}".encode()).hexdigest()[:12]
    return f"{received_on.isoformat()}-{source.name}-{digest}"


def _source(source: Source | str) -> Source:
    return source_named(source) if isinstance(source, str) else source


def _made_from(path: Path) -> str:
    return str((pq.read_schema(path).metadata or {}).get(b"made_from", b"").decode())
