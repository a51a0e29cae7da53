"""Drift of features and risks against a pinned reference: how much (PSI), and whether chance would do it.

One binning serves both: tenths of the reference, a bin for each common value, and one for not known. The
test is chi-squared on those bins, and Holm's rule over everything tested keeps the chance of any false alarm
in a round at five in a hundred. With many children a trifling shift is certain; a shift alarms only when it
is both certain and large. The same children in both rounds make the test milder, never harsher.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

Floats = npt.NDArray[np.float64]

ALARM_ERROR = 0.05
LARGE_PSI = 0.1
BINS = 10
LEAST_EXPECTED = 5.0
LEAST_ROWS = 100


@dataclass(frozen=True)
class Drift:
    """One feature, or the risk. `p_value` is of this test alone; `certain` after Holm's rule over all."""

    name: str
    psi: float
    p_value: float
    certain: bool
    unknown_before: float
    unknown_now: float

    @property
    def alarms(self) -> bool:
        """Whether the shift is both certain and large."""
        return self.certain and self.psi >= LARGE_PSI


def drift(reference: Mapping[str, Floats], now: Mapping[str, Floats]) -> tuple[Drift, ...]:
    """Every column of the reference against the same column now, the largest shift first.

    Each child stands once in a column: rows of one as-of date. Refuses columns that are missing or short.
    """
    missing = sorted(set(reference) - set(now))
    if missing:
        raise ValueError(f"Columns of the reference are missing now: {', '.join(missing[:5])}.")
    short = [name for name in reference if min(len(reference[name]), len(now[name])) < LEAST_ROWS]
    if short:
        raise ValueError(f"Drift needs at least {LEAST_ROWS} rows on both sides: {', '.join(short[:5])}.")
    found = [(name, *_shift(reference[name], now[name])) for name in reference]
    certain = holm([p_value for _, _, p_value in found], ALARM_ERROR)
    made = [
        Drift(
            name,
            psi,
            p_value,
            sure,
            float(np.isnan(reference[name]).mean()),
            float(np.isnan(now[name]).mean()),
        )
        for (name, psi, p_value), sure in zip(found, certain, strict=True)
    ]
    return tuple(sorted(made, key=lambda each: (-each.psi, each.name)))


def bins(reference: Floats) -> Floats:
    """The edges between bins: tenths of the known reference values, each once."""
    known = reference[~np.isnan(reference)]
    if not len(known):
        return np.empty(0)
    return np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1], method="inverted_cdf"))


def binned(values: Floats, edges: Floats) -> Floats:
    """How many values fall in each bin: up to each edge, above the last, and not known."""
    known = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return np.append(counts, len(values) - len(known)).astype(np.float64)


def psi(before: Floats, now: Floats) -> float:
    """Population stability index of two sets of counts, half a child added to each so that none is empty."""
    expected = (before + 0.5) / (before + 0.5).sum()
    actual = (now + 0.5) / (now + 0.5).sum()
    return float(((actual - expected) * np.log(actual / expected)).sum())


def _shift(reference: Floats, now: Floats) -> tuple[float, float]:
    edges = bins(reference)
    before, after = binned(reference, edges), binned(now, edges)
    held = (before + after) > 0
    before, after = before[held], after[held]
    return psi(before, after), same_chance(before, after)


def same_chance(before: Floats, now: Floats) -> float:
    """The p-value of both counts having come from one population; bins too thin are put together."""
    total, share = before + now, float(now.sum() / (before.sum() + now.sum()))
    least = LEAST_EXPECTED / min(share, 1 - share)
    order = np.argsort(total, kind="stable")
    groups = np.empty(len(total), dtype=np.intp)
    group, gathered = 0, 0.0
    for place in order:
        groups[place] = group
        gathered += float(total[place])
        if gathered >= least:
            group, gathered = group + 1, 0.0
    if gathered and group:  # what is left over joins the last full group
        groups[groups == group] = group - 1
    first, second = np.bincount(groups, before), np.bincount(groups, now)
    if len(first) < 2:
        return math.nan if not len(first) else 1.0
    both = first + second
    statistic = 0.0
    for seen, part in ((first, 1 - share), (second, share)):
        statistic += float(((seen - both * part) ** 2 / (both * part)).sum())
    return float(chi2.sf(statistic, len(both) - 1))


def holm(p_values: list[float], error: float) -> list[bool]:
    """Which of these stay certain when all are tested together: any false alarm at most so often."""
    certain = [False] * len(p_values)
    for place, at in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        if not p_values[at] <= error / (len(p_values) - place):
            break
        certain[at] = True
    return certain
