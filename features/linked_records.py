"""Records given another child: brought into the lake as a next version, known from the day of the link.

The lake is append-only, so a record linked, moved or taken back keeps every earlier version, and a
screening made before that day still sees what could be seen then. Moving again what has moved changes
nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow.parquet as pq

from features.cells import as_declared, plain, reader
from features.identity import Waiting
from features.lake import Delivery, Lake, delivery_id
from features.language import NAME, RECORD_ID, Kind
from features.link_store import Link
from features.meanings import derived
from features.signals import content, to_table
from features.sources import source_named

# Under this name the ledger knows records that no file brought.
LINKS_FILE = "links"
# Source name → rows in the lake's columns, without version and delivery.
Rows = dict[str, pd.DataFrame]


def from_cells(links: Iterable[tuple[Waiting, Link]]) -> Rows:
    """Records as they were delivered, with the child their link gives them."""
    by_source: dict[str, list[dict[str, object]]] = {}
    for record, link in links:
        source = source_named(record.source)
        values: dict[str, object] = {"child_key": link.child_key, "known_on": record.received_on}
        said: dict[str, str | None] = {}
        for column in source.delivered_columns:
            text = plain(record.cells.get(column.name))
            said[column.name] = reader(column)(text) if text is not None else None
        for column in source.columns:
            # A row that came in for its safety fact may hold cells that cannot be read: not known.
            if not as_declared(column, said.get(column.name)):
                said[column.name] = None
        said |= derived(source, said).cells
        for column in source.all_columns:
            if column.name == RECORD_ID.name:
                values[column.name] = record.record_id
            elif column.name == "occurred_on" or column in source.lake_columns:
                cell = said.get(column.name)
                values[column.name] = date.fromisoformat(cell) if cell and column.kind is Kind.DATE else cell
        by_source.setdefault(record.source, []).append(values)
    frames: Rows = {}
    for name, rows in by_source.items():
        frame = pd.DataFrame(rows, dtype=object)
        for column in source_named(name).lake_columns:
            if column.kind in (Kind.INTEGER, Kind.NUMBER):
                frame[column.name] = pd.to_numeric(frame[column.name])
        frames[name] = frame
    return frames


def from_lake(lake: Lake, children: Mapping[tuple[str, str], str]) -> Rows:
    """Records as they stand in the lake, with another child each."""
    frames: Rows = {}
    for name in dict.fromkeys(source for source, _ in children):
        wanted = {record: child for (source, record), child in children.items() if source == name}
        path = lake.records_file(name)
        if path is None:
            continue
        rows = pq.read_table(path, filters=[("record_id", "in", list(wanted))]).to_pandas()
        rows = rows[rows["superseded_on"].isna()].copy()
        rows["child_key"] = rows["record_id"].map(wanted)
        frames[name] = rows.drop(columns=["superseded_on", "ordinal", "version", "delivery"])
    return frames


@dataclass(frozen=True)
class Standing:
    """Whose a record is in the lake, and whose it was before a link brought it here (None if none did)."""

    child_key: str
    before: str | None


def standing_rows(lake: Lake, children: Collection[str]) -> dict[tuple[str, str], Standing]:
    """(source, record number) → what stands in the lake, of the records of these children."""
    found: dict[tuple[str, str], Standing] = {}
    if not children:
        return found
    links = {row.delivery for row in lake.deliveries() if row.file == LINKS_FILE}
    for name, path in lake.tables().items():
        columns = ["child_key", "record_id", "version", "superseded_on", "delivery"]
        wanted = [("child_key", "in", list(children))]
        rows = pq.read_table(path, columns=columns, filters=wanted).to_pylist()
        rows.sort(key=lambda row: row["version"])
        before: dict[str, str] = {}
        for row in rows:
            if row["superseded_on"] is None:
                came = before.get(row["record_id"]) if row["delivery"] in links else None
                found[name, row["record_id"]] = Standing(row["child_key"], came)
            before[row["record_id"]] = row["child_key"]
    return found


def move(lake: Lake, rows: Rows, today: date, progress: Callable[[str], None] = lambda _: None) -> int:
    """Append these records as next versions known from `today`, and return how many were new."""
    moved = 0
    for name, frame in rows.items():
        source = source_named(name)
        if frame.empty:
            continue
        # A link cannot make a record known before the record itself was.
        frame = frame.drop(columns=[NAME.name], errors="ignore").assign(
            known_on=[max(pd.Timestamp(day).date(), today) for day in frame["known_on"]],
            version=1,
            delivery="-",
        )
        frame = frame.sort_values("record_id", ignore_index=True)
        before = lake.latest(source).reindex(frame["record_id"]).set_axis(frame.index)
        said = content(source, to_table(source, frame))
        frame["version"] = before["version"].fillna(0).astype("int64") + 1
        new = (said != before["content"]).to_numpy()
        frame, said = frame[new].copy(), said[new]
        if frame.empty:
            continue
        known_on = max(frame["known_on"])
        what = [*frame["record_id"], *frame["version"].astype(str), *said]
        sha256 = hashlib.sha256("\n".join(what).encode()).hexdigest()
        frame["delivery"] = delivery_id(known_on, source, LINKS_FILE, sha256)
        lake.append(
            source,
            frame,
            Delivery(
                delivery=frame["delivery"].iloc[0], source=name, department=source.department.value,
                received_on=known_on, history=False, file=LINKS_FILE, sha256=sha256,
                delivered=len(frame), accepted=len(frame), quarantined=0, unresolved=0,
                # The department said nothing new.
                heard_from=None, heard_to=None,
            ),
        )  # fmt: skip
        progress(f"{source.title.en}: {len(frame)} records")
        moved += len(frame)
    if moved:
        lake.compact()
    return moved


__all__ = ["LINKS_FILE", "Standing", "from_cells", "from_lake", "move", "standing_rows"]
