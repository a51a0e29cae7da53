"""Small deliveries made by hand: a valid one by default, spoiled where a test says so."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.identity import IdentityStore
from features.intake_report import IntakeReport
from features.lake import Lake
from features.language import Kind, Source
from features.quarantine import Quarantine
from features.sources import source_named

MASTER_KEY = bytes(range(32))
TODAY = date(2024, 7, 1)
NAME = "欧阳晓晨"
# To the questionnaire that comes first among the codes; they add up to its least total, nought.
ANSWERS = " ".join(f"{item}:{2 if item in (7, 11, 14, 21, 25) else 0}" for item in range(1, 26))


def id_number(n: int) -> str:
    """The n-th of some valid ID numbers; nobody's."""
    body = f"330109{2008 + n % 10}0{1 + n % 9}{10 + n % 18}{n % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


def row(source: Source | str, n: int = 1, **cells: str | None) -> dict[str, str | None]:
    """A row that satisfies the contract of its source, under our own column names."""
    source = source_named(source) if isinstance(source, str) else source
    made: dict[str, str | None] = {
        "record_id": f"R{n:05d}",
        "id_number": id_number(n),
        "name": NAME,
        "occurred_on": "2024-03-01",
        "recorded_on": "2024-03-02",
    }
    for column in source.delivered_columns[5:]:
        if column.kind is Kind.CODE:
            made[column.name] = column.codes[0].value
        elif column.kind in (Kind.INTEGER, Kind.NUMBER):
            made[column.name] = str(int(column.minimum or 0))
        else:
            made[column.name] = {
                Kind.DATE: "2015-05-05",
                Kind.FLAG: "是",
                Kind.TEXT: "330109",
                Kind.ANSWERS: ANSWERS,
            }[column.kind]
    return {**made, **cells}


def as_csv(rows: Sequence[Mapping[str, str | None]], titles: Mapping[str, str] | None = None) -> str:
    """The rows as CSV text, under other titles where given."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = list(rows[0])
    writer.writerow([(titles or {}).get(name, name) for name in names])
    writer.writerows([[each[name] or "" for name in names] for each in rows])
    return text.getvalue()


@dataclass
class Home:
    """A data home in a temporary folder."""

    root: Path
    lake: Lake
    identity: IdentityStore

    @classmethod
    def at(cls, root: Path) -> Home:
        root.mkdir(parents=True, exist_ok=True)
        return cls(root, Lake(root / "lake"), IdentityStore.open(f"sqlite:///{root}/identity.db", MASTER_KEY))

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.root / "quarantine", self.identity)

    def deliver(
        self, file: str, content: Sequence[Mapping[str, str | None]] | str | bytes, encoding: str = "utf-8"
    ) -> str:
        """Put a file below the delivery folder: rows, CSV text or bytes."""
        path = self.deliveries / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet" and not isinstance(content, (str, bytes)):
            pq.write_table(pa.Table.from_pylist([dict(each) for each in content]), path)
            return file
        if not isinstance(content, (str, bytes)):
            content = as_csv(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return file

    def take_in(
        self, on: date = TODAY, lake: Lake | None = None, progress: Callable[[str], None] = lambda _: None
    ) -> IntakeReport:
        # Great Expectations takes seconds to import, and most who use this need no intake.
        from features.intake import take_in

        return take_in(
            self.deliveries,
            lake=lake or self.lake,
            identity=self.identity,
            quarantine=self.root / "quarantine",
            reports=self.root / "reports",
            received_on=on,
            progress=progress,
        )

    def records(self, source: str) -> list[dict[str, object]]:
        """All versions in the compacted file of a source, by record number and version."""
        path = self.lake.records_file(source)
        rows = pq.read_table(path).to_pylist() if path else []
        return sorted(rows, key=lambda each: (each["record_id"], each["version"]))

    def refused(self) -> list[dict[str, object]]:
        """Every refused row, opened."""
        return [
            entry
            for delivery in self.quarantine.summaries()
            for entry in self.quarantine.refused_rows(delivery)
        ]

    def problems(self) -> set[tuple[str, tuple[int, ...], str]]:
        """(file, rows, rule) of every problem the written report names."""
        report = json.loads((self.root / "reports" / "intake.json").read_text(encoding="utf-8"))
        return {(each["file"], tuple(each["rows"]), each["rule"]) for each in report["problems"]}
