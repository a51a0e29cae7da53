"""A department that falls silent after a screener was made: no data is information, not innocence."""

from functools import cache

import lightgbm
import numpy as np
import pytest

from tests.support_models import DATES, newest_rows, screener
from training.unknown import unknown_goes_with_most

SILENT = {day: frozenset() for day in DATES}
SETTINGS = {
    "objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True, "seed": 1,
    "num_leaves": 4, "min_data_in_leaf": 50, "monotone_constraints": [1, 1],
}  # fmt: skip
MOSTLY = 3.0


@cache
def grown() -> tuple[lightgbm.Booster, lightgbm.Booster, np.ndarray]:
    """Two boosters, as grown and as used. Column 0 is never unknown and mostly 3; column 1 often unknown."""
    rng = np.random.default_rng(4)
    values = np.column_stack(
        [np.where(rng.random(4000) < 0.9, MOSTLY, 0.0), rng.poisson(1.0, 4000).astype(float)]
    )
    values[rng.random(4000) < 0.2, 1] = np.nan
    odds = values[:, 0] - 3.0 + np.nan_to_num(values[:, 1], nan=2.0)
    label = (rng.random(4000) < 1 / (1 + np.exp(-odds))).astype(float)
    booster = lightgbm.train(SETTINGS, lightgbm.Dataset(values, label), num_boost_round=30)
    used = lightgbm.Booster(model_str=unknown_goes_with_most(booster.model_to_string()))
    return booster, used, values


def margin(booster: lightgbm.Booster, *row: float) -> float:
    return float(booster.predict(np.array([row]), raw_score=True)[0])


def test_a_value_never_unknown_before_is_taken_for_what_most_children_have():
    booster, used, _ = grown()

    assert margin(booster, np.nan, 1.0) == margin(booster, 0.0, 1.0) != margin(booster, MOSTLY, 1.0)
    assert margin(used, np.nan, 1.0) == margin(used, MOSTLY, 1.0)


def test_nothing_changes_for_known_values_nor_for_what_was_unknown_before():
    booster, used, values = grown()

    assert np.isnan(values).any()
    assert (booster.predict(values, raw_score=True) == used.predict(values, raw_score=True)).all()


def test_a_booster_is_changed_once_and_read_back_by_its_own_sizes():
    once = grown()[1].model_to_string()
    text = unknown_goes_with_most(grown()[0].model_to_string())
    head = text.partition("Tree=0")[0]
    sizes = [int(size) for size in head.partition("tree_sizes=")[2].split()]

    assert unknown_goes_with_most(text) == text
    assert unknown_goes_with_most(once) == once
    assert len(head.encode()) + sum(sizes) == text.encode().index(b"end of trees")


@pytest.mark.parametrize("name", ["psychological", "guardianship"])
def test_no_screener_takes_silence_for_nought(name):
    trees = screener(name).booster.trees_to_dataframe()

    assert set(trees["missing_type"].dropna()) == {"NaN"}


def test_reasons_still_add_up_when_a_department_falls_silent():
    names = [
        feature.name
        for feature in screener().spec.features
        if feature.source.name == screener().spec.features[-1].source.name or feature.name == "bullied_365d"
    ]
    rows = newest_rows().head(50).assign(**dict.fromkeys(names, np.nan))

    for said in screener().screen(rows, SILENT):
        total = said.base + sum(reason.contribution for reason in said.reasons)
        assert total == pytest.approx(said.margin, abs=1e-9)
        shown = {each.feature: each.value for reason in said.reasons for each in reason.features}
        assert all(shown[each] is None for each in names)
