"""A small simulated county for tests, and what a perfect forecaster of its hazards would reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from features.synthetic import PRESETS, CountySummary, write_county

UNTIL = date(2026, 10, 31)
ALREADY_DAYS, GAP_DAYS, HORIZON_DAYS = 365, 30, 180


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
    """200 children, two years until 31 October 2026; a second or two."""
    return written_county(tmp_path, children=200, years=2, seed=seed)


def auroc(happened: np.ndarray, margin: np.ndarray) -> float:
    """Chance that one who had it stands above one who had not; ties count half."""
    ranks = pd.Series(margin).rank().to_numpy()
    positive = int(happened.sum())
    negative = len(happened) - positive
    return float((ranks[happened].sum() - positive * (positive + 1) / 2) / (positive * negative))


def oracle_rows(truth: Path, outcome: str, as_of: Sequence[date] = ()) -> pd.DataFrame:
    """The truth's rows in scope and not already positive, with `happened` in the label window."""
    rounds = pd.read_parquet(truth / "rounds.parquet")
    facts = pd.read_parquet(truth / "facts.parquet")
    facts = facts[facts["outcome"] == outcome]
    rounds = rounds[rounds["in_scope"]]
    last = facts["occurred_on"].max() - pd.Timedelta(days=GAP_DAYS + HORIZON_DAYS)
    rounds = rounds[rounds["as_of"] <= last]
    if as_of:
        rounds = rounds[rounds["as_of"].isin([pd.Timestamp(day) for day in as_of])]
    parts = []
    for day, rows in rounds.groupby("as_of"):
        days = (facts["occurred_on"] - day).dt.days
        already = set(facts.loc[(days < 0) & (days >= -ALREADY_DAYS), "child"])
        window = set(facts.loc[(days >= GAP_DAYS) & (days < GAP_DAYS + HORIZON_DAYS), "child"])
        kept = rows[~rows["child"].isin(already)]
        parts.append(kept.assign(happened=kept["child"].isin(window)))
    return pd.concat(parts, ignore_index=True)


def oracle_auroc(truth: Path, outcome: str, as_of: Sequence[date] = ()) -> float:
    """AUROC of the true risk itself: no screener can do better on average."""
    rows = oracle_rows(truth, outcome, as_of)
    return auroc(rows["happened"].to_numpy(), rows[f"{outcome}_risk"].to_numpy())
