"""Which rows fit, which calibrate and which judge.

By folds, each block of rows (a cluster, a child) judges once, and of the other blocks a share calibrates;
no block stands on two sides. By time, the earliest rows fit, later ones calibrate (or a share of the blocks
of the fit time), the latest judge; a child may be there again when it is older, as in a county. Which rows
go where depends on blocks, outcome and a fixed seed, on nothing a screener sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from evaluation.external.declaration import DeclaredSplit
from evaluation.external.entry import TableError, code
from evaluation.external.values import Values, chosen

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

SEED = 20240401
# Below these a figure tells more of chance than of a screener.
LEAST_BLOCKS = 10
LEAST_OUTCOMES = {"fit": 50, "calibrate": 20, "judge": 20}


@dataclass(frozen=True)
class Part:
    """The places of the rows of each set."""

    fit: Places
    calibrate: Places
    judge: Places

    def __post_init__(self) -> None:
        sets = [set(places.tolist()) for places in (self.fit, self.calibrate, self.judge)]
        if sum(len(one) for one in sets) != len(set().union(*sets)):
            raise TableError("A row would both make a screener and judge it.")


def parts_of(split: DeclaredSplit, values: Values, label: Floats) -> tuple[Part, ...]:
    """The parts of a split, rows with a known label only. TableError if there are too few of anything."""
    rows = np.flatnonzero(~np.isnan(label) & chosen(split.only, values))
    if not len(rows):
        raise TableError(f"[splits.{split.name}]: no row with a known outcome is left.")
    found = _by_time(split, values, label, rows) if split.time else _by_folds(split, values, label, rows)
    for part in found:
        _enough(split, label, part)
    return found


def _by_folds(split: DeclaredSplit, values: Values, label: Floats, rows: Places) -> tuple[Part, ...]:
    blocks = len(np.unique(values.block[rows]))
    if blocks < max(LEAST_BLOCKS, 2 * split.folds):
        raise TableError(
            f"[splits.{split.name}]: {split.folds} folds need {max(LEAST_BLOCKS, 2 * split.folds)} clusters"
            f" or children that can be kept apart, and there are {blocks}."
        )
    return tuple(
        Part(*_set_aside(split, values, label, rest), judge)
        for rest, judge in _folds(split.folds, values, label, rows)
    )


def _by_time(split: DeclaredSplit, values: Values, label: Floats, rows: Places) -> tuple[Part, ...]:
    cells = values.codes[split.time][rows]
    time = cells if isinstance(split.fit_until, str) else pd.to_numeric(cells, errors="coerce")
    known = time.notna().to_numpy()
    rows, time = rows[known], time[known]
    early, late = rows[time <= split.fit_until], rows[time >= split.judge_from]
    if not len(early) or not len(late):
        raise TableError(
            f"[splits.{split.name}]: {len(early)} rows have {split.time} up to {code(split.fit_until)}, and"
            f" {len(late)} from {code(split.judge_from)} on."
            f" Its known values go from {time.min()} to {time.max()}."
        )
    if split.calibrate_until is None:
        return (Part(*_set_aside(split, values, label, early), late),)
    between = rows[(time > split.fit_until) & (time <= split.calibrate_until)]
    return (Part(early, between, late),)


def _set_aside(split: DeclaredSplit, values: Values, label: Floats, rows: Places) -> tuple[Places, Places]:
    """The rows parted in those that fit and the share of blocks that calibrates."""
    fit, calibrate = next(_folds(max(2, round(1 / split.calibrate_share)), values, label, rows))
    return fit, calibrate


def _folds(number: int, values: Values, label: Floats, rows: Places) -> Iterator[tuple[Places, Places]]:
    with_outcome = int(label[rows].sum())
    if min(with_outcome, len(rows) - with_outcome) < number:
        raise TableError(
            f"Of {len(rows):,} rows {with_outcome:,} have the outcome: too few with it (or without) to part."
        )
    cutter = StratifiedGroupKFold(number, shuffle=True, random_state=SEED)
    for rest, fold in cutter.split(rows, label[rows].astype(int), values.block[rows]):
        yield rows[rest], rows[fold]


def _enough(split: DeclaredSplit, label: Floats, part: Part) -> None:
    for name, least in LEAST_OUTCOMES.items():
        places: Places = getattr(part, name)
        with_outcome = int(label[places].sum())
        if min(with_outcome, len(places) - with_outcome) < least:
            raise TableError(
                f"[splits.{split.name}]: of {len(places):,} rows to {name}, {with_outcome:,} have the"
                f" outcome; {least} with it and {least} without it are the least that says anything."
            )
