"""How long each step of a run takes, on simulated random rows as wide as the declared catalogue.

The rows say nothing about children and no figure about quality is printed: only seconds. They are made of
counts, shares and gaps whose outcome follows from three columns, so that every form has something to fit.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.calibration import sigmoid
from models.screeners import SCREENERS, ScreenerSpec
from training.candidates import CANDIDATES, Candidate, Plan, fit_candidates
from training.leakage import row_order, single_feature
from training.matrix import Labelled
from training.proposal import propose
from training.run import SEED, judge
from training.splits import temporal_split
from training.tuning import Budget

APART_DAYS = 240
POSITIVE_RATE = 0.03


def benchmark(
    children: int,
    dates: int,
    trials: int,
    today: date,
    clock: Callable[[], float],
    progress: Callable[[str], None],
) -> float:
    """Print the seconds of every step for both screeners; the seconds in all."""
    whole = clock()

    def timed(said: str, since: float) -> None:
        progress(f"{said}: {clock() - since:.1f} s")

    for spec in SCREENERS:
        began = clock()
        data = random_rows(spec, children, dates, today)
        counts = ", ".join(f"{name} {number:,}" for name, number in data.counts().items())
        timed(f"{spec.name}: rows made ({counts}; {len(spec.columns)} features; not part of a run)", began)
        whole += clock() - began
        began = clock()
        single_feature(spec, data.fit)
        row_order(data.fit)
        timed(f"{spec.name}: leakage checks", began)
        made: list[Candidate] = []
        for form in CANDIDATES:
            began = clock()
            plan = Plan(budget=Budget(trials=trials))
            made += fit_candidates(data, plan, today, "benchmark", simulated=True, forms=[form])
            timed(f"{spec.name}: {form.title.en.lower()}, fitted and calibrated", began)
        began = clock()
        measures = judge(made, data)
        timed(f"{spec.name}: {len(made)} candidates judged with intervals", began)
        began = clock()
        propose(made, data.judge, measures, np.random.default_rng(SEED))
        timed(f"{spec.name}: proposal", began)
    seconds = clock() - whole
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    progress(f"in all, rows not counted: {seconds:.0f} s; peak memory {peak:.1f} GB")
    return seconds


def random_rows(spec: ScreenerSpec, children: int, dates: int, today: date) -> Labelled:
    """So many children on so many as-of dates, split as a run splits them."""
    rng = np.random.default_rng(SEED)
    days = [today - timedelta(days=APART_DAYS * (dates - number)) for number in range(dates)]
    split = temporal_split(days, spec.gap_days, spec.horizon_days)
    keys = np.array([f"c{number:07d}" for number in range(children)])
    sets = {
        name: pd.concat([_round(spec, keys, day, rng) for day in chosen], ignore_index=True)
        for name, chosen in (("fit", split.fit), ("calibrate", split.calibrate), ("judge", split.judge))
    }
    return Labelled(spec, split, sets["fit"], sets["calibrate"], sets["judge"], {}, tuple(days))


def _round(spec: ScreenerSpec, keys: np.ndarray, day: date, rng: np.random.Generator) -> pd.DataFrame:
    number, width = len(keys), len(spec.columns)
    values = rng.poisson(rng.uniform(0.05, 2.0, width), (number, width)).astype(np.float64)
    values[:, ::4] *= rng.random((number, len(range(0, width, 4))))
    for place in range(0, width, 3):
        values[rng.random(number) < 0.1, place] = np.nan
    drive = np.nan_to_num(values[:, 1]) + 0.7 * np.nan_to_num(values[:, 2]) - np.nan_to_num(values[:, 4])
    odds = drive - drive.mean() + np.log(POSITIVE_RATE / (1 - POSITIVE_RATE))
    label = (rng.random(number) < sigmoid(odds)).astype(np.float64)
    rows = pd.DataFrame(values, columns=list(spec.columns))
    return pd.concat([pd.DataFrame({"child_key": keys, "as_of": day, "label": label}), rows], axis=1)
