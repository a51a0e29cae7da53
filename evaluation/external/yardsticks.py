"""Plain library models that a screener's candidates are held against on a table that is not ours.

Each as its library offers it, given all rows that do not judge, with no calibration and no direction: what a
scientist would have in ten minutes. They are never put into use and nothing is tuned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.language import Text

Floats = npt.NDArray[np.float64]
SEED = 20240401


@dataclass(frozen=True)
class PlainModel:
    """What it is called, and how it gives risks: values and labels to learn from, values to place."""

    name: str
    title: Text
    risk: Callable[[Floats, Floats, Floats], Floats]


def _lightgbm(values: Floats, label: Floats, others: Floats) -> Floats:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(
        n_estimators=250, num_leaves=15, learning_rate=0.05, random_state=SEED, n_jobs=2, verbosity=-1
    )
    return _second(model.fit(values, label).predict_proba(others))


def _logistic(values: Floats, label: Floats, others: Floats) -> Floats:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(
        SimpleImputer(add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(max_iter=2000),
    )
    return _second(model.fit(values, label).predict_proba(others))


def _ebm(values: Floats, label: Floats, others: Floats) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that its own plots do not show what is not known
        from interpret.glassbox import ExplainableBoostingClassifier

        model = ExplainableBoostingClassifier(random_state=SEED, n_jobs=2)
        return _second(model.fit(values, label.astype(int)).predict_proba(others))


def _second(probability: object) -> Floats:
    return np.asarray(probability, dtype=np.float64)[:, 1]


YARDSTICKS: tuple[PlainModel, ...] = (
    PlainModel("plain_lightgbm", Text("LightGBM（库默认用法）", "Plain LightGBM, 250 trees"), _lightgbm),
    PlainModel("plain_logistic", Text("逻辑回归（库默认用法）", "Plain logistic regression"), _logistic),
    PlainModel("plain_ebm", Text("EBM（库默认用法）", "Plain EBM"), _ebm),
)
