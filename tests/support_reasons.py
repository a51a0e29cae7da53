"""Boosters of every shape LightGBM grows, and rows made to hit what is awkward about them."""

from __future__ import annotations

from functools import cache

import lightgbm
import numpy as np

COLUMNS = 8
SHAPES = {
    "as shipped": {"depth": 3, "trees": 40, "monotone_constraints": [0, 1, 0, -1, 0, 0, 0, 1]},
    "stumps": {"leaves": 2},
    "deep": {"leaves": 31, "columns": 20, "trees": 6, "min_data_in_leaf": 2},
    "chains, which leave leaves by themselves": {
        "leaves": 60, "columns": 40, "trees": 4, "min_data_in_leaf": 1, "feature_fraction_bynode": 0.3,
        "extra_trees": True, "seed": 3,
    },
    "everything known while it grew": {"unknown": 0.0},
    "nought is not known": {"zero_as_missing": True},
    "nothing is not known": {"use_missing": False},
    "kinds": {"kinds": (6, 7), "min_data_per_group": 5, "cat_smooth": 1},
    "kinds one against all": {"kinds": (6, 7), "max_cat_to_onehot": 64, "min_data_per_group": 5},
    "trees that ask nothing": {"min_data_in_leaf": 600},
    "bags, weights and dropped trees": {"boosting": "dart", "bagging_fraction": 0.5, "bagging_freq": 1},
    "the largest leaves first, with smooth paths": {"path_smooth": 2.0, "leaves": 15},
}  # fmt: skip


def booster(
    seed: int = 1,
    leaves: int = 8,
    depth: int = -1,
    trees: int = 12,
    unknown: float = 0.2,
    kinds: tuple[int, ...] = (),
    columns: int = COLUMNS,
    **settings: object,
) -> lightgbm.Booster:
    """Grown on invented rows: column 0 is constant, column 1 whole numbers, column 2 noise never used."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(700, columns))
    values[:, 1] = np.round(values[:, 1] * 2)
    for column in kinds:
        values[:, column] = rng.integers(0, 40, 700)
    values[rng.random(values.shape) < unknown] = np.nan
    values[:, 0] = 3.0
    known = np.nan_to_num(values)
    margin = known[:, 1] - known[:, 3] * known[:, 4] + np.abs(known[:, 5]) + (known[:, -1] % 3 == 1)
    label = (rng.random(700) < 1 / (1 + np.exp(-margin))).astype(float)
    grown_with = {
        "objective": "binary", "verbosity": -1, "num_threads": 1, "seed": seed, "deterministic": True,
        "force_row_wise": True, "num_leaves": leaves, "max_depth": depth, "min_data_in_leaf": 5,
        "feature_pre_filter": False, **settings,
    }  # fmt: skip
    data = lightgbm.Dataset(values, label, categorical_feature=list(kinds), free_raw_data=False)
    return lightgbm.train(grown_with, data, num_boost_round=trees)


def awkward_rows(booster: lightgbm.Booster, rng: np.random.Generator, number: int = 200) -> np.ndarray:
    """Rows that hit limits exactly and just beside, not known, nought of both signs, tiny, infinite, huge."""
    limits = booster.trees_to_dataframe()["threshold"]
    exact = np.array([float(limit) for limit in limits.dropna() if "||" not in str(limit)] or [0.0])
    at_limits = np.concatenate([exact, np.nextafter(exact, -np.inf), np.nextafter(exact, np.inf)])
    odd = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, -2e-35, np.inf, -np.inf, 1e300, -1e300, 7.9, -0.5]
    shape = (number, booster.num_feature())
    rows = np.where(rng.random(shape) < 0.5, rng.choice(at_limits, shape), rng.choice(odd, shape))
    usual = rng.normal(size=rows.shape)
    usual[:, -2:] = rng.integers(-2, 45, (number, 2))
    return np.where(rng.random(rows.shape) < 0.5, rows, usual)


@cache
def grown(shape: str) -> lightgbm.Booster:
    """The booster of one of the shapes above."""
    return booster(**SHAPES[shape])
