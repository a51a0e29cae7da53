"""A whole county through a screener, in columns: what ranking, monitoring and plots need of everybody.

`Screener.screen` says the same of each child in words and facts, which takes a hundred times as long and
is for those who are shown. Here are numbers only, worked out a part at a time, so that a million
children fit into the memory of a small machine. Contributions are summed in families as they arise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.screener import Screener, percentiles

Floats = npt.NDArray[np.float64]

# A few hundred megabytes while it is worked on, whatever the size of the county.
BLOCK = 20_000


@dataclass(frozen=True)
class Explained:
    """One line a row, in the order of the rows; NaN (and no band, -1) where the screener abstains.

    `abstained` holds the code of `wording.ABSTAINED`, or None. `band` counts from the lowest of the
    screener's bands. A row of `families` (columns as in `family_names`) and `base` add up to its margin.
    """

    abstained: npt.NDArray[np.object_]
    margin: Floats
    risk: Floats
    low: Floats
    high: Floats
    percentile: Floats
    band: npt.NDArray[np.int8]
    family_names: tuple[str, ...]
    families: Floats
    base: Floats


def explain(screener: Screener, matrix: pd.DataFrame, among: Sequence[float] | None = None) -> Explained:
    """What the screener says of every row; percentiles are places among the rows it speaks about.

    `matrix` is as for `Screener.screen`; give `among` to place them among others instead.
    """
    names = tuple(dict.fromkeys(feature.family.name for feature in screener.spec.features))
    places = np.array([names.index(feature.family.name) for feature in screener.spec.features])
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(len(names)))
    found = _nothing(len(matrix), names)
    for rows in _parts(len(matrix)):
        part = matrix.iloc[rows]
        abstained = screener.abstains(part)
        found.abstained[rows] = abstained
        speaks = np.array([reason is None for reason in abstained], dtype=bool)
        if not speaks.any():
            continue
        values = screener.values(part)[speaks]
        margin = screener.model.margins(values)
        contributions = screener.contributions(values)
        into = np.flatnonzero(speaks) + rows.start
        found.margin[into] = margin
        found.risk[into] = risk = screener.calibration.risk(margin)
        found.low[into], found.high[into] = screener.calibration.bounds(margin)
        found.band[into] = _bands(screener, risk)
        found.families[into] = np.add.reduceat(contributions[:, order], starts, axis=1)
        found.base[into] = contributions[:, -1]
    spoken = ~np.isnan(found.margin)
    heard = found.margin[spoken]
    found.percentile[spoken] = percentiles(heard, heard if among is None else np.asarray(among, dtype=float))
    return found


def _bands(screener: Screener, risk: Floats) -> npt.NDArray[np.int8]:
    starts = [band.from_times for band in screener.spec.bands]
    return (np.searchsorted(starts, risk / screener.base_rate, side="right") - 1).astype(np.int8)


def _nothing(rows: int, names: tuple[str, ...]) -> Explained:
    def empty() -> Floats:
        return np.full(rows, np.nan)

    return Explained(
        abstained=np.full(rows, None, dtype=object),
        margin=empty(),
        risk=empty(),
        low=empty(),
        high=empty(),
        percentile=empty(),
        band=np.full(rows, -1, dtype=np.int8),
        family_names=names,
        families=np.full((rows, len(names)), np.nan),
        base=empty(),
    )


def _parts(rows: int) -> Iterator[slice]:
    for start in range(0, rows, BLOCK):
        yield slice(start, min(start + BLOCK, rows))
