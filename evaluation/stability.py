"""Would the list be the same? From round to round, and had the screener been fitted on other children.

Churn compares the lists of successive rounds and says who entered and who left, and whether they were there
to be listed at all. Instability fits again on resamples of the fit children and compares rankings and lists
on the same judged rows. A list that changes with the resample tells staff to read a place on it loosely.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import spearmanr

from evaluation.metrics import chosen
from models.calibration import child_codes

Floats = npt.NDArray[np.float64]

REFITS = 8

Risks = Callable[[pd.DataFrame], Floats]


@dataclass(frozen=True)
class Churn:
    """The lists of two successive rounds. `newcomers`, `gone`: not in scope in the other round at all."""

    before: date
    after: date
    listed_before: int
    listed_after: int
    stayed: int
    entered: tuple[str, ...]
    left: tuple[str, ...]
    newcomers: int
    gone: int

    @property
    def jaccard(self) -> float:
        """Children on both lists, of those on either."""
        either = self.stayed + len(self.entered) + len(self.left)
        return self.stayed / either if either else 1.0


@dataclass(frozen=True)
class Instability:
    """What refits on resampled children change: rank agreement, the list kept, and the spread of a risk."""

    refits: int
    share: float
    rank_agreement: tuple[float, ...]
    list_kept: tuple[float, ...]
    list_kept_by_chance: float
    median_spread: float
    widest_spread: float

    @property
    def mean_list_kept(self) -> float:
        """The share of the list that stays, on average over the refits."""
        return float(np.mean(self.list_kept))


def listed(child_keys: Sequence[str], as_of: date, risk: Floats, capacity: int) -> frozenset[str]:
    """The children on the list of one round; ties stand in the order of a hash, which favours nobody."""
    lot = [hashlib.sha256(f"{key} {as_of.isoformat()}".encode()).hexdigest() for key in child_keys]
    order = sorted(range(len(child_keys)), key=lambda place: (-risk[place], lot[place]))
    return frozenset(child_keys[place] for place in order[:capacity])


def churn(rounds: Sequence[tuple[date, Sequence[str], Floats]], capacity: int) -> tuple[Churn, ...]:
    """Who enters and who leaves between successive rounds (as-of date, children, risks), the oldest first."""
    days = [as_of for as_of, _, _ in rounds]
    if days != sorted(set(days)):
        raise ValueError("Rounds come in the order of their as-of dates, each once.")
    lists = [(as_of, set(keys), listed(keys, as_of, risk, capacity)) for as_of, keys, risk in rounds]
    return tuple(
        Churn(
            before=before,
            after=after,
            listed_before=len(old),
            listed_after=len(new),
            stayed=len(old & new),
            entered=tuple(sorted(new - old)),
            left=tuple(sorted(old - new)),
            newcomers=len(new - scope_before),
            gone=len(old - scope_after),
        )
        for (before, scope_before, old), (after, scope_after, new) in itertools.pairwise(lists)
    )


def instability(
    fit_rows: pd.DataFrame,
    judge_rows: pd.DataFrame,
    risk: Floats,
    refit: Callable[[pd.DataFrame], Risks],
    share: float,
    rng: np.random.Generator,
    refits: int = REFITS,
) -> Instability:
    """Fit again on resamples of the fit children, a child's rows together, and judge the same rows.

    `refit` fits and calibrates on the rows it is given and returns what gives judged rows their risks.
    `risk` is the screener's own on `judge_rows`.
    """
    agreement, kept, others = [], [], []
    capacity = share * len(risk)
    mine = chosen(risk, capacity)
    for _ in range(refits):
        again = refit(resampled(fit_rows, rng))(judge_rows)
        agreement.append(float(spearmanr(risk, again).statistic))
        kept.append(float(np.minimum(mine, chosen(again, capacity)).sum() / mine.sum()))
        others.append(again)
    low, high = np.quantile(others, (0.1, 0.9), axis=0)
    spread = high - low
    return Instability(
        refits, share, tuple(agreement), tuple(kept), share, float(np.median(spread)), float(spread.max())
    )


def resampled(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """As many children again, drawn with replacement; a child drawn twice stands as two children."""
    codes = child_codes(rows["child_key"].tolist())
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 2))
    drawn = rng.integers(0, len(starts) - 1, len(starts) - 1)
    times: dict[int, int] = {}
    places, names = [], []
    for child in drawn.tolist():
        times[child] = times.get(child, 0) + 1
        own = order[starts[child] : starts[child + 1]]
        places.append(own)
        names += [f" {times[child]}"] * len(own)
    found = rows.iloc[np.concatenate(places)].reset_index(drop=True)
    return found.assign(child_key=found["child_key"].astype(str) + pd.Series(names))
