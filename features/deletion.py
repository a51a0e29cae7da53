"""Deletion by right (PIPL art. 47, Law on the Protection of Minors art. 72): a child leaves every place.

    identity store   data key and values destroyed; the key stays on a list of those not to be taken in,
                     and the log of deletions says when and on what basis (sealed)
    quarantine       cells of the child's refused rows destroyed; that rows were refused stays counted
    lake             the child's rows taken out of every signal file and every compacted file; each
                     rewriting recorded with digests of the file before and after
    derived Parquet  matrices and what else lies in the data home with a `child_key`: rows taken out
    reports          a page that names the key is removed; the command that wrote it writes it anew

Signals are append-only so that nobody can rewrite what was known; the right to deletion is the one law
above that, so the exception is made in one place, leaves its trace, and the trace names nobody. The
order is such that an interruption is finished by the same command again: first the child can no
longer come back, then it goes.

Delivered again, the child's rows are refused as deleted by right, counted, and kept without cells. A
record without a number that describes the child waits for a person. Who consents anew is readmitted:
from then on new deliveries are taken in, and what was deleted stays deleted, since a file taken in
once is not taken in again. The review store follows at the next turn of its worker, which reads here who was
deleted (`features.people`, `serving/review/forgetting.py`). What this cannot reach is said: the departments'
own files under the delivery folder, and copies made before.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.identity import IdentityError, IdentityStore
from features.lake import Lake
from features.quarantine import Quarantine
from features.settings import Settings

_NUMBER = re.compile(r"(?<!\d)[0-9]{17}[0-9Xx](?![0-9])")


@dataclass(frozen=True)
class Deleted:
    """What one deletion removed, and where the key still stands."""

    records: int
    refused_rows: int
    derived_rows: int
    reports: tuple[str, ...]
    left: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """The counts in words."""
        said = [
            "the child's name, number and key of its own are destroyed",
            f"records taken out of the lake: {self.records:,}; rows out of matrices: {self.derived_rows:,}",
            f"refused rows whose cells were destroyed: {self.refused_rows:,}",
        ]
        if self.reports:
            said.append(f"reports removed, to be written anew: {', '.join(self.reports)}")
        if self.left:
            said.append(f"still named in: {', '.join(self.left)}")
        said.append("the review queue lets go of the child at its worker's next turn")
        said.append("the departments' files under deliveries are theirs: ask them to correct what they hold")
        return tuple(said)


def forget_child(
    settings: Settings, lake: Lake, identity: IdentityStore, child_key: str, basis: str, on: date
) -> Deleted:
    """Delete one child everywhere, under every key it ever had; doing it again finishes what was begun."""
    if not basis.strip():
        raise IdentityError("A deletion says on what basis it is made.")
    if not identity.is_known_key(child_key) and not lake.child_records(child_key):
        raise IdentityError("No child of this key is known.")
    keys = frozenset(identity.forget(child_key, on, basis))
    refused = Quarantine(settings.quarantine, identity).forget(lambda cells: _names(cells, keys, identity))
    records = lake.purge(keys, on)
    derived = sum(_without(path, keys) for path in _derived(settings))
    # A matrix with rows taken out is not what the build would have written: the next one makes it anew.
    note = settings.matrices / "built.json"
    if derived and note.is_file():
        said = json.loads(note.read_text(encoding="utf-8"))
        _write_text(note, json.dumps({**said, "made_from": ""}, indent=1) + "\n")
    reports = [path for path in _texts(settings.reports) if _holds(path, keys)]
    for path in reports:
        path.unlink()
    return Deleted(
        records=records,
        refused_rows=refused,
        derived_rows=derived,
        reports=tuple(path.name for path in reports),
        left=tuple(traces(settings, keys)),
    )


def traces(settings: Settings, child_keys: Collection[str]) -> Iterator[str]:
    """Where in the data home these keys still stand, beside the list of those not to be taken in."""
    for path in sorted(settings.home.rglob("*.parquet")):
        if not _is_outside(settings, path) and _rows_of(path, child_keys):
            yield str(path.relative_to(settings.home))
    for path in _texts(settings.home):
        if path.suffix != ".parquet" and not _is_outside(settings, path) and _holds(path, child_keys):
            yield str(path.relative_to(settings.home))


def _is_outside(settings: Settings, path: Path) -> bool:
    """The departments' own files, a simulated county's truth, and the identity store's list itself."""
    own = {settings.deliveries, settings.truth}
    return path.name.startswith("identity.db") or any(folder in path.parents for folder in own)


def _derived(settings: Settings) -> list[Path]:
    return [
        path
        for path in sorted(settings.home.rglob("*.parquet"))
        if not _is_outside(settings, path) and settings.lake not in path.parents
    ]


def _texts(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def _holds(path: Path, child_keys: Collection[str]) -> bool:
    data = path.read_bytes()
    return any(key.encode() in data for key in child_keys)


def _rows_of(path: Path, child_keys: Collection[str]) -> int:
    if "child_key" not in pq.read_schema(path).names:
        return 0
    whose = pq.ParquetFile(path).read(columns=["child_key"]).column("child_key")
    return int(
        pc.sum(pc.is_in(whose.cast(pa.string()), pa.array(sorted(child_keys), pa.string()))).as_py() or 0
    )


def _without(path: Path, child_keys: Collection[str]) -> int:
    """Take the rows of these children out of a Parquet file, and return how many."""
    rows = _rows_of(path, child_keys)
    if rows:
        table = pq.ParquetFile(path).read()
        theirs = pc.is_in(
            table.column("child_key").cast(pa.string()), pa.array(sorted(child_keys), pa.string())
        )
        temporary = path.with_suffix(".writing")
        pq.write_table(table.filter(pc.invert(theirs)), temporary)
        os.replace(temporary, path)
    return rows


def _names(cells: object, child_keys: Collection[str], identity: IdentityStore) -> bool:
    """Whether refused cells hold a number of one of these children, in whatever column it stands."""
    text = json.dumps(cells, ensure_ascii=False)
    if isinstance(cells, str) and re.fullmatch(r"(?:[0-9a-f]{2})+", cells):
        # A line in an encoding nobody could read was kept as bytes; digits are the same in all of them.
        text += bytes.fromhex(cells).replace(b"\0", b"").decode("latin-1")
    return any(_key(number, identity) in child_keys for number in _NUMBER.findall(_half_width(text)))


def _half_width(text: str) -> str:
    return text.translate({0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF38: "X", 0xFF58: "x"})


def _key(number: str, identity: IdentityStore) -> str | None:
    try:
        return identity.child_key(number)
    except IdentityError:
        return None


def _write_text(path: Path, text: str) -> None:
    temporary = path.with_suffix(".writing")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


__all__ = ["Deleted", "forget_child", "traces"]
