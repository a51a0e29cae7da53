"""Rows of (child, as-of date): features beside label, and the hash that names this data for ever.

Reads the matrices `python -m features build` wrote and joins labels to them. Children out of scope and
children already positive have no row; rows whose label is unknown are kept apart and counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from features.lake import Lake
from models.facts import Tables
from models.screeners import ScreenerSpec
from training.labels import State, count_states, label_rows, mature
from training.splits import Split, temporal_split

ABOUT = ("child_key", "as_of", "eligible", "sex", "area_code", "school_type", "stage")


class MatrixError(ValueError):
    """Matrices that are missing or do not hold what training needs; the message says what to run."""


@dataclass(frozen=True)
class Matrices:
    """Every row in scope of every built round, and which sources were silent on each date."""

    rows: pd.DataFrame
    silent: Mapping[date, frozenset[str]]

    @property
    def dates(self) -> list[date]:
        """The as-of dates of the rounds, the oldest first."""
        return sorted(set(self.rows["as_of"]))


def read_matrices(folder: Path) -> Matrices:
    """All matrices in the folder, rows in scope only; MatrixError with what to run if there are none."""
    files = sorted(folder.glob("*.parquet"))
    note = folder / "built.json"
    if not files or not note.is_file():
        raise MatrixError(
            f"There are no feature matrices in {folder.name}: run python -m features build first."
        )
    frames = [pd.read_parquet(path) for path in files]
    rows = pd.concat(frames, ignore_index=True)
    missing = [name for name in (*ABOUT, "age_years") if name not in rows]
    if missing:
        raise MatrixError(
            f"The matrices lack columns {', '.join(missing)}: run python -m features build again."
        )
    rows = rows[rows["eligible"].astype(bool)].drop(columns=["eligible"])
    rows["as_of"] = pd.to_datetime(rows["as_of"]).dt.date
    said = json.loads(note.read_text(encoding="utf-8"))["silent"]
    silent = {date.fromisoformat(day): frozenset(names) for day, names in said.items()}
    return Matrices(rows.sort_values(["as_of", "child_key"], ignore_index=True), silent)


@dataclass(frozen=True)
class Labelled:
    """One screener's rows with a known label, split by time, and the count of every row's state."""

    spec: ScreenerSpec
    split: Split
    fit: pd.DataFrame
    calibrate: pd.DataFrame
    judge: pd.DataFrame
    states: Mapping[str, int]
    mature_dates: tuple[date, ...]

    @property
    def data_hash(self) -> str:
        """Hash of every value that fits, calibrates or judges this screener; the order of rows aside."""
        return data_hash(pd.concat([self.fit, self.calibrate, self.judge]), self.spec.columns)

    def counts(self) -> dict[str, int]:
        """Rows in each set."""
        return {"fit": len(self.fit), "calibrate": len(self.calibrate), "judge": len(self.judge)}

    def positives(self) -> dict[str, int]:
        """Rows with the outcome in each set."""
        sets = {"fit": self.fit, "calibrate": self.calibrate, "judge": self.judge}
        return {name: int(rows["label"].sum()) for name, rows in sets.items()}


def labelled_rows(
    spec: ScreenerSpec,
    matrices: Matrices,
    tables: Tables,
    trained_on: date,
    last_heard: Mapping[str, date | None],
) -> Labelled:
    """The rows of one screener. Only dates whose label windows have closed fit, calibrate or judge."""
    missing = [name for name in spec.columns if name not in matrices.rows]
    if missing:
        raise MatrixError(
            f"The matrices lack the features {', '.join(missing[:5])}: run python -m features build again."
        )
    past = matrices.rows[[day <= trained_on for day in matrices.rows["as_of"]]].reset_index(drop=True)
    ripe = tuple(day for day in matrices.dates if mature(spec, day, trained_on, last_heard))
    labels = label_rows(spec, past, tables, trained_on, ripe)
    rows = past.assign(label=labels["label"].to_numpy(), state=labels["state"].to_numpy())
    split = temporal_split(ripe, spec.gap_days, spec.horizon_days)
    usable = rows[rows["label"].notna() & (rows["state"] != State.ALREADY.value)]
    return Labelled(
        spec,
        split,
        _of(usable, split.fit),
        _of(usable, split.calibrate),
        _of(usable, split.judge),
        count_states(labels),
        ripe,
    )


def _of(rows: pd.DataFrame, dates: Sequence[date]) -> pd.DataFrame:
    return rows[rows["as_of"].isin(dates)].reset_index(drop=True)


def last_heard(lake: Lake, spec: ScreenerSpec, trained_on: date) -> dict[str, date | None]:
    """When each fact source of this screener was last heard before the training date."""
    facts = spec.recorded_outcome.facts
    return {fact.source.name: lake.last_heard(fact.source.name, trained_on) for fact in facts}


def data_hash(rows: pd.DataFrame, columns: Sequence[str]) -> str:
    """Hash of these rows' keys, dates, labels and features, whatever order they stand in."""
    ordered = rows.sort_values(["as_of", "child_key"])[["child_key", "as_of", "label", *columns]]
    plain = ordered.assign(as_of=ordered["as_of"].astype(str))
    digest = hashlib.sha256("\x1f".join(plain.columns).encode())
    digest.update(pd.util.hash_pandas_object(plain, index=False).to_numpy().tobytes())
    return digest.hexdigest()
