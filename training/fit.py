"""How the booster grows: shallow, slow, held to the declared directions, stopped by rows of the fit dates.

Everything is deterministic: the same rows and parameters give the same trees to the bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from models.screeners import ScreenerSpec
from training.inner import inner_split
from training.unknown import unknown_goes_with_most

Floats = npt.NDArray[np.float64]

LEAST_ROUNDS = 20


class FitError(ValueError):
    """Rows no screener can be fitted on; the message says what is missing."""


@dataclass(frozen=True)
class Parameters:
    """How the booster grows: shallow and slow, leaves of a hundred children, as befits rare outcomes.

    It stops by log loss: average precision on one date jumps about too much to stop by.
    """

    learning_rate: float = 0.04
    max_depth: int = 3
    num_leaves: int = 8
    min_data_in_leaf: int = 100
    lambda_l2: float = 5.0
    feature_fraction: float = 0.4
    bagging_fraction: float = 0.8
    most_rounds: int = 600
    patience: int = 60
    seed: int = 20240401

    def booster(self, spec: ScreenerSpec) -> dict[str, Any]:
        """The parameters in LightGBM's words."""
        return {
            "objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": 1,
            "deterministic": True, "force_row_wise": True, "seed": self.seed,
            "learning_rate": self.learning_rate, "max_depth": self.max_depth, "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_data_in_leaf, "lambda_l2": self.lambda_l2,
            "feature_fraction": self.feature_fraction, "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1, "monotone_constraints": list(spec.monotone),
            "monotone_constraints_method": "intermediate", "feature_pre_filter": False,
        }  # fmt: skip


@dataclass(frozen=True)
class Stopped:
    """How many trees did best on rows not learnt from, and their log loss there."""

    rounds: int
    loss: float


class Trial:
    """The inner split made ready once, for trying parameters on it as often as the budget allows."""

    def __init__(self, spec: ScreenerSpec, rows: pd.DataFrame) -> None:
        early, late = inner_split(spec, rows)
        self.spec = spec
        # Made with the default parameters: what changes from trial to trial is not the data's affair.
        self.learn = dataset(spec, early)
        self.test = dataset(spec, late, self.learn)

    def stop(self, parameters: Parameters) -> Stopped:
        """When these parameters should stop, and how good they are then."""
        trees = lightgbm.train(
            parameters.booster(self.spec),
            self.learn,
            num_boost_round=parameters.most_rounds,
            valid_sets=[self.test],
            callbacks=[lightgbm.early_stopping(parameters.patience, verbose=False)],
        )
        return Stopped(
            max(int(trees.best_iteration), LEAST_ROUNDS),
            float(trees.best_score["valid_0"]["binary_logloss"]),
        )


def grow(spec: ScreenerSpec, rows: pd.DataFrame, parameters: Parameters) -> tuple[str, int]:
    """The booster's text and its number of trees.

    The inner split says when to stop; then all fit rows grow a booster of that many trees.
    """
    rounds = Trial(spec, rows).stop(parameters).rounds
    booster = lightgbm.train(parameters.booster(spec), dataset(spec, rows), num_boost_round=rounds)
    return unknown_goes_with_most(booster.model_to_string()), rounds


def dataset(spec: ScreenerSpec, rows: pd.DataFrame, like: lightgbm.Dataset | None = None) -> lightgbm.Dataset:
    """The rows as LightGBM holds them; `like` gives the bins of rows learnt from."""
    values = rows[list(spec.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
    return lightgbm.Dataset(
        values,
        rows["label"].to_numpy(),
        reference=like,
        feature_name=list(spec.columns),
        params={"feature_pre_filter": False, "verbosity": -1},
        free_raw_data=False,
    )
