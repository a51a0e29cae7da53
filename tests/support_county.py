"""A small simulated county for tests, its files read back, and what a perfect forecaster would reach."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from features.language import Department, Kind, Source
from features.meanings import derived
from features.sources import SOURCES
from features.synthetic import PRESETS, CountySummary, write_county
from features.synthetic.records import Records

UNTIL = date(2026, 10, 31)
ALREADY_DAYS, GAP_DAYS, HORIZON_DAYS = 365, 30, 180
DELIVERING = tuple(source for source in SOURCES if source.department is not Department.REVIEW)


@dataclass(frozen=True)
class WrittenCounty:
    """Where a county lies and what it says of itself."""

    deliveries: Path
    truth: Path
    summary: CountySummary


def written_county(
    folder: Path, children: int, years: int, preset: str = "base", seed: int = 7, until: date = UNTIL
) -> WrittenCounty:
    """A county of any size below `folder`."""
    deliveries, truth = folder / "deliveries", folder / "truth"
    summary = write_county(
        deliveries, truth, PRESETS[preset], children=children, years=years, until=until, seed=seed,
        progress=lambda _: None,
    )  # fmt: skip
    return WrittenCounty(deliveries, truth, summary)


def small_county(tmp_path: Path, seed: int = 7) -> WrittenCounty:
    """200 children, two years until 31 October 2026; under a second."""
    return written_county(tmp_path, children=200, years=2, seed=seed)


# --- the files, read without the intake ----------------------------------------------------------


@dataclass(frozen=True)
class ReadFile:
    """One delivered file as text, under its own titles."""

    path: Path
    department: Department
    source: Source | None
    received_on: date
    history: bool
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """The cells of one of our columns."""
        assert self.source is not None
        column = self.source.column(name)
        titles = {column.name, column.title.zh, *column.aliases}
        place = next(place for place, title in enumerate(self.titles) if title in titles)
        return [row[place] for row in self.rows]


def read_files(deliveries: Path) -> list[ReadFile]:
    """Every file below the delivery folder, in order of path."""
    departments = {name: each for each in Department for name in (each.value, each.title.zh)}
    files = []
    for path in sorted(path for path in deliveries.rglob("*") if path.is_file()):
        folder, day = path.relative_to(deliveries).parts[:2]
        department = departments[folder]
        source = next((each for each in SOURCES if path.stem in (each.name, each.title.zh)), None)
        titles, rows = _cells(path)
        files.append(
            ReadFile(
                path=path, department=department, source=source, received_on=date.fromisoformat(day[:10]),
                history=day.endswith("-history"), titles=titles, rows=rows,
            )
        )  # fmt: skip
    return files


def _cells(path: Path) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        columns = [[cell or "" for cell in column.to_pylist()] for column in table.columns]
        return tuple(table.column_names), tuple(zip(*columns, strict=True))
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    lines = [tuple(row) for row in csv.reader(io.StringIO(text))]
    return lines[0], tuple(lines[1:])


def lake_values(records: Records) -> dict[str, np.ndarray]:
    """The records' cells as the lake would keep them: what is derived at intake is derived here too."""
    values, source = dict(records.values), records.source
    if source.derive is None:
        return values
    made = [
        derived(source, {name: _meaning(cells[row]) for name, cells in values.items()}).cells
        for row in range(len(records.child))
    ]
    for column in source.lake_columns:
        number = column.kind in (Kind.INTEGER, Kind.NUMBER)
        delivered = values.get(column.name, np.full(len(made), np.nan if number else "", dtype=object))
        cells = [each.get(column.name, cell) for each, cell in zip(made, delivered, strict=True)]
        values[column.name] = np.array(
            [(np.nan if cell in (None, "") else float(cell)) if number else cell or "" for cell in cells],
            dtype=float if number else object,
        )
    return values


def _meaning(cell: object) -> str | None:
    if isinstance(cell, float):
        return None if np.isnan(cell) else str(int(cell))
    return str(cell) or None


# --- the truth -------------------------------------------------------------------------------------


def auroc(happened: np.ndarray, margin: np.ndarray) -> float:
    """Chance that one who had it stands above one who had not; ties count half."""
    ranks = pd.Series(margin).rank().to_numpy()
    positive = int(happened.sum())
    negative = len(happened) - positive
    return float((ranks[happened].sum() - positive * (positive + 1) / 2) / (positive * negative))


def oracle_rows(truth: Path, outcome: str, as_of: Sequence[date] = (), until: date = UNTIL) -> pd.DataFrame:
    """The truth's rows in scope: `already` positive or not, and whether a fact `happened` in the window.

    Only dates whose label window closed by `until`.
    """
    rounds = pd.read_parquet(truth / "rounds.parquet")
    facts = pd.read_parquet(truth / "facts.parquet")
    facts = facts[facts["outcome"] == outcome]
    rounds = rounds[rounds["in_scope"]]
    rounds = rounds[rounds["as_of"] <= pd.Timestamp(until - timedelta(days=GAP_DAYS + HORIZON_DAYS))]
    if as_of:
        rounds = rounds[rounds["as_of"].isin([pd.Timestamp(day) for day in as_of])]
    parts = []
    for day, rows in rounds.groupby("as_of"):
        days = (facts["occurred_on"] - day).dt.days
        already = set(facts.loc[(days < 0) & (days >= -ALREADY_DAYS), "child"])
        window = set(facts.loc[(days >= GAP_DAYS) & (days < GAP_DAYS + HORIZON_DAYS), "child"])
        parts.append(rows.assign(already=rows["child"].isin(already), happened=rows["child"].isin(window)))
    return pd.concat(parts, ignore_index=True)


def oracle_auroc(truth: Path, outcome: str, as_of: Sequence[date] = (), until: date = UNTIL) -> float:
    """AUROC of the true risk itself among those not already positive: no screener does better on average."""
    rows = oracle_rows(truth, outcome, as_of, until)
    rows = rows[~rows["already"]]
    return auroc(rows["happened"].to_numpy(), rows[f"{outcome}_risk"].to_numpy())
