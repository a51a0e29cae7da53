"""Choosing how the booster grows, within a declared budget of trials and inside the fit dates only.

The first trial is the declared parameters, so that tuning is never worse where it looks. The same rows,
budget and seed give the same parameters. Nothing is stored and nobody is called: the study lives in memory,
and what it tried goes into the run's record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from models.screeners import ScreenerSpec
from training.fit import Parameters, Trial
from training.inner import some_children

if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Budget:
    """How much may be tried: so many trials, each on at most so many rows. No trials: as declared."""

    trials: int = 10
    most_rows: int = 40_000
    seed: int = 20240401


@dataclass(frozen=True)
class Tuned:
    """The parameters chosen, and every trial: what it set and its log loss on the inner split."""

    parameters: Parameters
    tried: tuple[tuple[Mapping[str, float], float], ...] = ()


def tune(spec: ScreenerSpec, fit_rows: pd.DataFrame, start: Parameters, budget: Budget) -> Tuned:
    """The best parameters found; `start` if there is no budget."""
    if budget.trials < 1:
        return Tuned(start)
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    trial_rows = Trial(spec, some_children(fit_rows, budget.most_rows))
    study = optuna.create_study(
        direction="minimize",
        sampler=optuna.samplers.TPESampler(seed=budget.seed, n_startup_trials=max(4, budget.trials // 3)),
    )
    study.enqueue_trial(
        {name: asdict(start)[name] for name in _asked(optuna.trial.FixedTrial(asdict(start)))}
    )
    study.optimize(
        lambda trial: trial_rows.stop(_set(start, _asked(trial))).loss,
        n_trials=budget.trials,
        show_progress_bar=False,
    )
    tried = tuple((dict(one.params), float(one.value or 0.0)) for one in study.trials)
    return Tuned(_set(start, study.best_params), tried)


def _asked(trial: optuna.trial.BaseTrial) -> dict[str, float]:
    """The space searched: shallow trees only, because they are explained and read by people."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.15, log=True),
        "max_depth": trial.suggest_int("max_depth", 2, 5),
        "min_data_in_leaf": trial.suggest_int("min_data_in_leaf", 20, 400, log=True),
        "lambda_l2": trial.suggest_float("lambda_l2", 0.5, 100.0, log=True),
        "feature_fraction": trial.suggest_float("feature_fraction", 0.15, 0.9),
        "bagging_fraction": trial.suggest_float("bagging_fraction", 0.5, 1.0),
    }


def _set(start: Parameters, asked: Mapping[str, float]) -> Parameters:
    depth = int(asked["max_depth"])
    return replace(
        start,
        learning_rate=float(asked["learning_rate"]),
        max_depth=depth,
        num_leaves=min(2**depth, 24),
        min_data_in_leaf=int(asked["min_data_in_leaf"]),
        lambda_l2=float(asked["lambda_l2"]),
        feature_fraction=float(asked["feature_fraction"]),
        bagging_fraction=float(asked["bagging_fraction"]),
    )
