"""Rows of the fit dates, parted once more for choosing how to fit: nothing later is ever looked at.

Where several fit dates allow it, a form is tried on the latest of them after learning from those whose
label windows had closed by then. Where they do not (one survey, one round), children are parted by lot.
Lots come from the child's key, so the same child is always on the same side and nobody chooses it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.screeners import ScreenerSpec
from training.splits import closes_on

LEAST_EACH = 20
ONE_IN = 5


def inner_split(spec: ScreenerSpec, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows to learn from and rows to try on, both from `rows`."""
    latest = max(rows["as_of"])
    closed = [day for day in set(rows["as_of"]) if closes_on(day, spec.gap_days, spec.horizon_days) <= latest]
    late = (rows["as_of"] == latest).to_numpy()
    early = rows["as_of"].isin(closed).to_numpy()
    if not (_enough(rows, early) and _enough(rows, late)):
        late = lots(rows) % np.uint64(ONE_IN) == 0
        early = ~late
    return rows[early], rows[late]


def some_children(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most about `most` rows: all rows of as many children as that takes, drawn by lot."""
    if len(rows) <= most:
        return rows
    # Other digits of the lot than `inner_split` uses, or the children tried on would always be the same.
    drawn = (lots(rows) >> np.uint64(32)).astype(np.float64) / 2.0**32
    return rows[drawn < most / len(rows)]


def lots(rows: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """A number for each row, the same for all rows of a child."""
    codes, keys = pd.factorize(rows["child_key"])
    hashed = pd.util.hash_array(np.asarray(keys, dtype=object), categorize=False)
    return np.asarray(hashed, dtype=np.uint64)[codes]


def _enough(rows: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> bool:
    positives = int(rows["label"].to_numpy()[chosen].sum())
    return min(positives, int(chosen.sum()) - positives) >= LEAST_EACH
