"""How fast screeners predict and explain on this machine: ratios measured side by side in one run.

Every pair of figures is taken in turns and the best turn of each counts, so that whatever else the
machine does spoils both alike. Nothing is judged here: what is fast enough is for a person to say.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.calibration import Calibration
from models.county import BLOCK, explain
from models.margins import Booster
from models.screener import Screener, Training
from models.screeners import ScreenerSpec

if TYPE_CHECKING:
    import lightgbm

Floats = npt.NDArray[np.float64]
Clock = Callable[[], float]

THREADS = 2
TURNS = 3
MILLION = 1_000_000
_DAY = date(2026, 10, 1)


@dataclass(frozen=True)
class Shape:
    """The size of a booster."""

    trees: int
    leaves: int
    columns: int
    depth: int = -1


LARGE = Shape(trees=500, leaves=31, columns=80)


def invented(shape: Shape, rng: np.random.Generator, rows: int = 20_000) -> tuple[str, Floats]:
    """A booster of this shape, as text, grown on invented rows; and the rows, a fifth of values not known."""
    import lightgbm

    values = rng.normal(size=(rows, shape.columns))
    values[:, ::3] = np.round(values[:, ::3] * 2)
    values[rng.random(values.shape) < 0.2] = np.nan
    known = np.nan_to_num(values)
    margin = known @ (rng.normal(size=shape.columns) / 3) + known[:, 0] * known[:, 1] - 2
    label = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    grown_with = {
        "objective": "binary", "verbosity": -1, "num_threads": THREADS, "num_leaves": shape.leaves,
        "max_depth": shape.depth, "learning_rate": 0.05, "min_data_in_leaf": 20, "seed": 1,
        "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    booster = lightgbm.train(grown_with, lightgbm.Dataset(values, label), num_boost_round=shape.trees)
    return str(booster.model_to_string()), values


def stand_in(
    spec: ScreenerSpec, rng: np.random.Generator, rows: int = 20_000, trees: int = 600
) -> tuple[Screener, Floats]:
    """A screener of the size declared for real ones, that learnt from invented rows; and the rows."""
    text, values = invented(Shape(trees, leaves=8, columns=len(spec.columns), depth=3), rng, rows)
    lines = tuple((1 + 0.01 * float(a), 0.1 * float(b)) for a, b in rng.normal(size=(200, 2)))
    made = Training(_DAY, (_DAY,), (_DAY,), (_DAY,), "invented", "invented", "invented", simulated=True)
    model = Booster(spec.columns, text)
    return Screener(spec, model, Calibration(1.0, 0.0, lines), 0.05, [-3.0, 0.0, 3.0], made), values


def of_booster(
    text: str, values: Floats, clock: Clock, slow_rows: int = 400, fast_rows: int = 20_000
) -> Iterator[str]:
    """Lines about one booster: rows a second, how much faster, how exactly, and one row alone."""
    import lightgbm

    booster = lightgbm.Booster(model_str=text)
    ours = Booster(tuple(booster.feature_name()), text)
    few, many = values[:slow_rows], values[:fast_rows]
    began = clock()
    ours.contributions(values[:1])
    building = clock() - began
    best = _best_of(
        clock,
        {
            "predict": (len(many), lambda: booster.predict(many, raw_score=True, num_threads=THREADS)),
            "contrib": (len(few), lambda: _asked(booster, few, THREADS)),
            "contrib, one thread": (len(few), lambda: _asked(booster, few, 1)),
            "tables": (len(many), lambda: ours.contributions(many)),
        },
    )
    found = ours.contributions(few)
    theirs = _asked(booster, few, 1)
    alone = _each(clock, lambda row: ours.contributions(values[row : row + 1]), 200)
    margins = booster.predict(few, raw_score=True)
    yield (
        f"{booster.num_trees()} trees, {booster.num_feature()} features:"
        f" predicts {best['predict']:,.0f} rows/s on {THREADS} threads"
    )
    yield (
        f"  reasons: LightGBM {best['contrib']:,.0f} rows/s on {THREADS} threads,"
        f" {best['contrib, one thread']:,.0f} on one; tables {best['tables']:,.0f} on one"
    )
    yield (
        f"  tables are {best['tables'] / best['contrib']:.1f} times as fast as LightGBM on {THREADS} threads,"
        f" {best['tables'] / best['contrib, one thread']:.1f} times as on one"
    )
    yield (
        f"  largest difference {np.abs(found - theirs).max():.1e};"
        f" sum against the margin {np.abs(found.sum(axis=1) - margins).max():.1e}"
    )
    yield (
        f"  tables made once in {building:.2f} s; reasons of one row {1000 * float(np.median(alone)):.2f} ms,"
        f" worst of {len(alone)} {1000 * max(alone):.2f} ms"
    )
    if ours.why_slow is not None:
        yield f"  the tables do not hold this booster: {ours.why_slow}"


def of_one_child(screener: Screener, values: Floats, clock: Clock, times: int = 200) -> str:
    """How long one child's screening takes, reasons included, once the tables are made."""
    silent: Mapping[date, frozenset[str]] = {_DAY: frozenset()}
    rows = [_matrix(screener.spec, values[row : row + 1]) for row in range(times)]
    screener.screen(rows[0], silent, among=screener.reference)
    taken = _each(clock, lambda row: screener.screen(rows[row], silent, among=screener.reference), times)
    return (
        f"one child, {screener.spec.name}: {1000 * float(np.median(taken)):.1f} ms, worst of {times}"
        f" {1000 * max(taken):.1f} ms"
    )


def of_county(
    screeners: Mapping[Screener, Floats], children: int, rng: np.random.Generator, clock: Clock
) -> Iterator[str]:
    """How long it takes to score and explain so many children by all screeners, and the peak of memory."""
    seconds = 0.0
    for screener, pool in screeners.items():
        # The matrix of a whole county, as it comes from the feature store, and kept in one piece.
        county = _matrix(screener.spec, pool[rng.integers(0, len(pool), children)])
        began = clock()
        found = explain(screener, county)
        took = clock() - began
        seconds += took
        spoke = int(np.sum(~np.isnan(found.margin)))
        yield f"  {screener.spec.name}: {children:,} children in {took:.0f} s, {spoke:,} spoken about"
        del county, found  # or the next screener's would come on top
    whole = (
        "" if children == MILLION else f"; a million would take {seconds * MILLION / children / 60:.1f} min"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield (
        f"  {len(screeners)} screeners: {children:,} children scored and explained in {seconds / 60:.1f} min"
        f" on one thread, {BLOCK:,} at a time{whole}; peak of memory {peak:.1f} GB"
    )


def _matrix(spec: ScreenerSpec, values: Floats) -> pd.DataFrame:
    matrix = pd.DataFrame(values, columns=list(spec.columns), copy=False)
    if spec.age_column is not None:
        matrix[spec.age_column] = 9.0
    return matrix.assign(child_key=[f"c{number}" for number in range(len(values))], as_of=_DAY)


def _asked(booster: lightgbm.Booster, values: Floats, threads: int) -> Floats:
    return np.asarray(booster.predict(values, pred_contrib=True, num_threads=threads), dtype=np.float64)


def _best_of(clock: Clock, jobs: Mapping[str, tuple[int, Callable[[], object]]]) -> dict[str, float]:
    """Rows a second of each job in its best turn."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(TURNS):
        for name, (_, job) in jobs.items():
            taken[name].append(_seconds(clock, job))
    return {name: rows / min(taken[name]) for name, (rows, _) in jobs.items()}


def _seconds(clock: Clock, job: Callable[[], object]) -> float:
    began = clock()
    job()
    return clock() - began


def _each(clock: Clock, job: Callable[[int], object], times: int) -> list[float]:
    """The seconds of each of so many jobs."""
    taken = []
    for number in range(times):
        began = clock()
        job(number)
        taken.append(clock() - began)
    return taken
