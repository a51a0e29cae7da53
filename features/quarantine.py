"""What was refused: every refused row sealed with its reasons, and a summary of each file in plain sight.

    quarantine/<delivery>.sealed   one sealed line for each refused row: file, row, rules, wording, cells
    quarantine/<delivery>.json     counts and row numbers by rule; holds no cell and no title of the file

Nothing is dropped, and nothing here can be read without the identity store's key. Rows of children
deleted by right are counted, and kept without their cells.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from features.identity import IdentityStore
from features.intake_rules import sentence
from features.sources import source_named


@dataclass(frozen=True)
class FileSummary:
    """One delivered file after intake. `by_rule` counts refused rows by the rule that refused them.

    `problems` names the rows for each rule (none for a rule about the whole file), `warnings` counts
    accepted rows by what was noticed. A `refused` file is tried again on every intake, since a mapping
    may make it readable.
    """

    delivery: str
    source: str
    file: str
    sha256: str
    received_on: date
    history: bool
    refused: bool
    encoding: str
    delivered: int
    accepted: int
    quarantined: int
    unresolved: int
    corrections: int
    by_rule: Mapping[str, int]
    warnings: Mapping[str, int]
    problems: Mapping[str, tuple[int, ...]]
    unresolved_rows: tuple[int, ...]
    unknown_columns: int
    missing_columns: tuple[str, ...]
    # The record numbers of `unresolved_rows`, by which they are followed until their child is known.
    unresolved_ids: tuple[str, ...] = ()
    # Of the accepted rows, those by which the department took a record back.
    withdrawn: int = 0


@dataclass(frozen=True)
class RefusedRow:
    """One refused row: its number (None if rows could not be told apart), rules and cells as delivered."""

    row: int | None
    rules: tuple[str, ...]
    cells: object


class Quarantine:
    """The quarantine folder, written and opened with the identity store's key."""

    def __init__(self, root: Path, identity: IdentityStore) -> None:
        self.root = Path(root)
        self._identity = identity

    def write(self, summary: FileSummary, rows: Iterable[RefusedRow]) -> None:
        """Keep the refused rows of one file and its summary; writing the same file again replaces both."""
        self.root.mkdir(parents=True, exist_ok=True)
        lines = [self._sealed(summary, number, row) for number, row in enumerate(rows)]
        sealed = self.root / f"{summary.delivery}.sealed"
        if lines:
            _replace(sealed, "".join(lines))
        else:
            sealed.unlink(missing_ok=True)
        text = json.dumps(asdict(summary), ensure_ascii=False, indent=1, sort_keys=True, default=str)
        _replace(self.root / f"{summary.delivery}.json", text + "\n")

    def _sealed(self, summary: FileSummary, number: int, row: RefusedRow) -> str:
        wording = [sentence(rule, source_named(summary.source)) for rule in row.rules]
        entry = {
            "file": summary.file,
            "row": row.row,
            "rules": row.rules,
            "zh": "；".join(text.zh for text in wording),
            "en": "; ".join(text.en for text in wording),
            "cells": row.cells,
        }
        return self._seal_entry(summary.delivery, number, entry)

    def _seal_entry(self, delivery: str, number: int, entry: Mapping[str, object]) -> str:
        values = json.dumps(entry, ensure_ascii=False).encode()
        return base64.b64encode(self._identity.seal(values, f"{delivery}/{number}")).decode() + "\n"

    def refused_rows(self, delivery: str) -> Iterator[dict[str, object]]:
        """Open the refused rows of one delivery, for a person who may see them."""
        path = self.root / f"{delivery}.sealed"
        if not path.exists():
            return
        with path.open(encoding="ascii") as lines:
            for number, line in enumerate(lines):
                yield json.loads(self._identity.unseal(base64.b64decode(line), f"{delivery}/{number}"))

    def forget(self, is_theirs: Callable[[object], bool]) -> int:
        """Destroy the cells of refused rows that are theirs, and return how many; the rows stay counted."""
        destroyed = 0
        for path in sorted(self.root.glob("*.sealed")):
            lines = path.read_text(encoding="ascii").splitlines(keepends=True)
            theirs = [
                (number, entry)
                for number, entry in enumerate(self.refused_rows(path.stem))
                if entry["cells"] is not None and is_theirs(entry["cells"])
            ]
            for number, entry in theirs:
                lines[number] = self._seal_entry(path.stem, number, {**entry, "cells": None})
            if theirs:
                _replace(path, "".join(lines))
            destroyed += len(theirs)
        return destroyed

    def summaries(self) -> dict[str, FileSummary]:
        """The summary of every file ever taken in or refused, by delivery."""
        found = {}
        for path in sorted(self.root.glob("*.json")):
            kept = json.loads(path.read_text(encoding="utf-8"))
            kept["received_on"] = date.fromisoformat(kept["received_on"])
            kept["problems"] = {rule: tuple(rows) for rule, rows in kept["problems"].items()}
            kept["unresolved_rows"] = tuple(kept["unresolved_rows"])
            kept["unresolved_ids"] = tuple(kept.get("unresolved_ids", ()))
            kept["missing_columns"] = tuple(kept["missing_columns"])
            found[path.stem] = FileSummary(**kept)
        return found


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(path.suffix + ".writing")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
