"""Builders for tests of statistics: worlds whose true risks we chose, children seen several times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TOWNS = tuple(f"3301090{number:02d}" for number in range(6))


@dataclass(frozen=True)
class World:
    """Rows of children with their true risks, and what happened."""

    label: np.ndarray
    risk: np.ndarray
    keys: list[str]
    rows: pd.DataFrame

    @property
    def odds(self) -> np.ndarray:
        """The true log-odds."""
        return np.log(self.risk) - np.log1p(-self.risk)


def world(
    seed: int, children: int = 600, rows_each: int = 2, base: float = -2.0, spread: float = 1.1
) -> World:
    """Children alike from row to row, as real ones are; the risk is the truth."""
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(0, spread, children), rows_each)
    odds = own + rng.normal(0, 0.3, len(own)) + base
    risk = 1 / (1 + np.exp(-odds))
    once = (
        rng.uniform(0, 16, children),
        rng.choice(["male", "female"], children),
        rng.integers(0, 6, children),
    )
    rows = pd.DataFrame(
        {
            "age_years": np.repeat(once[0], rows_each),
            "sex": np.repeat(once[1], rows_each),
            "area_code": np.repeat([f"{TOWNS[number]}001" for number in once[2]], rows_each),
            "school_type": np.repeat(rng.choice(["public", "private"], children), rows_each),
        }
    )
    keys = [f"c{number:06d}" for number in range(children) for _ in range(rows_each)]
    label = (rng.random(len(own)) < risk).astype(float)
    return World(label, risk, keys, rows)


def together(seed: int, children: int = 600, rows_each: int = 2) -> World:
    """The same, but what happens to a child on one row tends to happen on the others too."""
    made = world(seed, children, rows_each)
    rng = np.random.default_rng(seed + 10**6)
    shared = np.repeat(rng.random(children), rows_each)
    alone = rng.random(len(shared))
    draw = np.where(np.repeat(rng.random(children) < 0.7, rows_each), shared, alone)
    return World((draw < made.risk).astype(float), made.risk, made.keys, made.rows)


def as_risk(odds: np.ndarray) -> np.ndarray:
    """Log-odds as a probability."""
    return 1 / (1 + np.exp(-odds))
