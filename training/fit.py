"""Fit, calibrate, judge: three sets, three times, one object that will serve.

Everything is deterministic: the same rows and parameters give the same screener to the bit. A logistic
regression and the base rate are always made beside the booster from the same rows, because a booster
that does not beat them is not worth its keep.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression

from models.calibration import Calibration, calibrate
from models.margins import Booster
from models.measures import Interval, with_intervals
from models.screener import Screener, Training
from models.screeners import ScreenerSpec
from training.matrix import Labelled
from training.unknown import unknown_goes_with_most

Floats = npt.NDArray[np.float64]

REFERENCE_POINTS = 1001
DRAWS = 200


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
            "objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": 2,
            "deterministic": True, "force_row_wise": True, "seed": self.seed,
            "learning_rate": self.learning_rate, "max_depth": self.max_depth, "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_data_in_leaf, "lambda_l2": self.lambda_l2,
            "feature_fraction": self.feature_fraction, "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1, "monotone_constraints": list(spec.monotone),
            "monotone_constraints_method": "intermediate", "feature_pre_filter": False,
        }  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """The logistic regression trained beside the booster, as plain numbers, and the base rate.

    Values are centred and scaled; what is not known takes the mean and adds the weight of not being known.
    """

    columns: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    unknown_weights: tuple[float, ...]
    intercept: float
    calibration: Calibration
    base_rate: float

    def margins(self, rows: pd.DataFrame) -> Floats:
        """The logistic margin of each row."""
        values = rows[list(self.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
        unknown = np.isnan(values)
        scaled = np.where(unknown, 0.0, (values - np.array(self.means)) / np.array(self.scales))
        return np.asarray(
            scaled @ np.array(self.weights) + unknown @ np.array(self.unknown_weights) + self.intercept
        )

    def risk(self, rows: pd.DataFrame) -> Floats:
        """The calibrated risk of each row."""
        return self.calibration.risk(self.margins(rows))

    def save(self, folder: Path) -> None:
        """Write it beside the screener."""
        text = json.dumps(asdict(self), sort_keys=True)
        (folder / "beside.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Beside:
        """Read it back from beside the screener."""
        values = json.loads((folder / "beside.json").read_text(encoding="utf-8"))
        line = values.pop("calibration")
        calibration = Calibration(line["slope"], line["intercept"], tuple((a, b) for a, b in line["draws"]))
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**plain, calibration=calibration)


@dataclass(frozen=True)
class Fitted:
    """What a run of training makes for one screener."""

    screener: Screener
    beside: Beside
    rounds: int


def fit_screener(
    data: Labelled,
    parameters: Parameters,
    trained_on: date,
    code_hash: str,
    rng: np.random.Generator,
    simulated: bool,
) -> Fitted:
    """Fit on the earliest dates, calibrate on later ones; the latest are not looked at here."""
    spec = data.spec
    _enough(data)
    text, rounds = grow(spec, data.fit, parameters)
    booster = lightgbm.Booster(model_str=text)
    later = data.calibrate
    margins = _predict(booster, spec, later)
    label = later["label"].to_numpy(dtype=np.float64)
    keys = later["child_key"].tolist()
    screener = Screener(
        spec,
        Booster(spec.columns, text),
        calibrate(margins, label, keys, rng, DRAWS),
        float(label.mean()),
        np.quantile(margins, np.linspace(0, 1, REFERENCE_POINTS)).tolist(),
        Training(
            trained_on=trained_on,
            fit_dates=data.split.fit,
            calibrate_dates=data.split.calibrate,
            judge_dates=data.split.judge,
            data_hash=data.data_hash,
            declarations_hash=spec.fingerprint,
            code_hash=code_hash,
            rows=data.counts(),
            positives=data.positives(),
            parameters={**asdict(parameters), "rounds": rounds},
            simulated=simulated,
        ),
    )
    return Fitted(screener, fit_beside(data, rng), rounds)


def _enough(data: Labelled) -> None:
    for name, positives in data.positives().items():
        if positives < 20 or data.counts()[name] - positives < 20:
            raise FitError(
                f"{data.spec.name}: the rows to {name} hold {positives} children with the outcome;"
                " twenty with it and twenty without are the least a screener can be made from."
            )


def grow(spec: ScreenerSpec, rows: pd.DataFrame, parameters: Parameters) -> tuple[str, int]:
    """The booster's text and its number of trees.

    The latest fit date says when to stop; then all fit dates grow a booster of that many trees.
    """
    latest = max(rows["as_of"])
    early, late = rows[rows["as_of"] < latest], rows[rows["as_of"] == latest]
    settings = parameters.booster(spec)
    rounds = parameters.most_rounds // 4
    if early["label"].sum() >= 20 and late["label"].sum() >= 20:
        trial = lightgbm.train(
            settings,
            _dataset(spec, early),
            num_boost_round=parameters.most_rounds,
            valid_sets=[_dataset(spec, late)],
            callbacks=[lightgbm.early_stopping(parameters.patience, verbose=False)],
        )
        rounds = max(int(trial.best_iteration), 20)
    booster = lightgbm.train(settings, _dataset(spec, rows), num_boost_round=rounds)
    return unknown_goes_with_most(booster.model_to_string()), rounds


def _dataset(spec: ScreenerSpec, rows: pd.DataFrame) -> lightgbm.Dataset:
    values = rows[list(spec.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
    return lightgbm.Dataset(
        values, rows["label"].to_numpy(), feature_name=list(spec.columns), free_raw_data=False
    )


def _predict(booster: lightgbm.Booster, spec: ScreenerSpec, rows: pd.DataFrame) -> Floats:
    values = rows[list(spec.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(booster.predict(values, raw_score=True, num_threads=1), dtype=np.float64)


def fit_beside(data: Labelled, rng: np.random.Generator) -> Beside:
    """The logistic regression and base rate from the same rows, calibrated on the same later dates."""
    columns = data.spec.columns
    values = data.fit[list(columns)].to_numpy(dtype=np.float64, na_value=np.nan)
    unknown = np.isnan(values)
    known = (~unknown).sum(axis=0)
    means = np.where(unknown, 0.0, values).sum(axis=0) / np.maximum(known, 1)
    spread = np.sqrt(np.where(unknown, 0.0, (values - means) ** 2).sum(axis=0) / np.maximum(known, 1))
    scales = np.where(spread > 0, spread, 1.0)
    design = np.hstack([np.where(unknown, 0.0, (values - means) / scales), unknown.astype(np.float64)])
    model = LogisticRegression(C=0.05, max_iter=2000)
    label = data.fit["label"].to_numpy(dtype=np.float64)
    model.fit(design, label)
    weights = model.coef_[0]
    plain = Beside(
        columns=columns,
        means=tuple(means.tolist()),
        scales=tuple(scales.tolist()),
        weights=tuple(weights[: len(columns)].tolist()),
        unknown_weights=tuple(weights[len(columns) :].tolist()),
        intercept=float(model.intercept_[0]),
        calibration=Calibration(1.0, 0.0, ((1.0, 0.0),)),
        base_rate=float(label.mean()),
    )
    later = data.calibrate
    outcome = later["label"].to_numpy(dtype=np.float64)
    fitted = calibrate(plain.margins(later), outcome, later["child_key"].tolist(), rng, DRAWS)
    return Beside(**{**vars(plain), "calibration": fitted})


def judge(fitted: Fitted, rows: pd.DataFrame, rng: np.random.Generator) -> dict[str, dict[str, Interval]]:
    """The measures of the screener and of what was trained beside it, on the latest rows, for the record.

    Whether they are good enough is not decided here.
    """
    label = rows["label"].to_numpy(dtype=np.float64)
    keys = rows["child_key"].tolist()
    screener = fitted.screener
    risks: Mapping[str, Floats] = {
        "screener": screener.calibration.risk(screener.margins(rows)),
        "logistic": fitted.beside.risk(rows),
        "base_rate": np.full(len(rows), fitted.beside.base_rate),
    }
    return {name: with_intervals(label, risk, keys, rng, DRAWS) for name, risk in risks.items()}
