"""Reasons out of tables are LightGBM's own, for boosters and rows of every kind."""

import warnings

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fast_reasons import FEW, Ready
from models.tree_tables import NotInTables, tables_of
from tests.support_reasons import COLUMNS, SHAPES, awkward_rows, booster, grown
from training.unknown import unknown_goes_with_most


def contributions(trees: lightgbm.Booster, rows: np.ndarray) -> np.ndarray:
    return Ready.of(tables_of(trees.model_to_string())).contributions(rows)


@pytest.mark.parametrize("shape", SHAPES)
def test_reasons_are_lightgbms_own_and_add_up(shape):
    rows = awkward_rows(grown(shape), np.random.default_rng(7))

    found = contributions(grown(shape), rows)

    assert np.abs(found - grown(shape).predict(rows, pred_contrib=True)).max() < 1e-9
    assert np.abs(found.sum(axis=1) - grown(shape).predict(rows, raw_score=True)).max() < 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_a_row_alone_gets_the_same_bits_as_among_many(shape):
    rows = awkward_rows(grown(shape), np.random.default_rng(8), FEW + 40)

    together = contributions(grown(shape), rows)
    alone = np.vstack([contributions(grown(shape), rows[place : place + 1]) for place in range(len(rows))])

    assert np.array_equal(together, alone)


def test_the_shapes_hold_whole_trees_parts_of_trees_and_leaves_by_themselves():
    parts = {shape: tables_of(grown(shape).model_to_string()) for shape in SHAPES}

    assert all(len(tree) == 1 for tree in parts["as shipped"].groups)
    assert any(len(tree) > 1 for tree in parts["deep"].groups)
    assert any(parts["chains, which leave leaves by themselves"].deep)
    assert any(test.among for test in parts["kinds"].tests)


def test_where_unknown_values_go_with_most_children_the_reasons_follow():
    text = unknown_goes_with_most(grown("everything known while it grew").model_to_string())
    sent_elsewhere = lightgbm.Booster(model_str=text)
    rows = awkward_rows(sent_elsewhere, np.random.default_rng(9))

    found = contributions(sent_elsewhere, rows)

    assert np.abs(found - sent_elsewhere.predict(rows, pred_contrib=True)).max() < 1e-9
    before = contributions(grown("everything known while it grew"), rows)
    assert not np.allclose(found, before)


def test_features_never_used_and_a_constant_one_add_nothing():
    found = contributions(grown("as shipped"), awkward_rows(grown("as shipped"), np.random.default_rng(3)))

    never = grown("as shipped").feature_importance() == 0
    assert never[0]
    assert not found[:, :-1][:, never].any()


def test_no_rows_have_no_reasons():
    found = contributions(grown("as shipped"), np.empty((0, COLUMNS)))

    assert found.shape == (0, COLUMNS + 1)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), leaves=st.integers(2, 40), depth=st.sampled_from([-1, 1, 2, 3, 5]))
def test_boosters_nobody_thought_of_agree_too(seed, leaves, depth):
    any_booster = booster(seed, leaves, depth, 3, unknown=seed % 3 / 4, kinds=(7,) if seed % 2 else ())
    rows = awkward_rows(any_booster, np.random.default_rng(seed), 60)

    found = contributions(any_booster, rows)

    assert np.abs(found - any_booster.predict(rows, pred_contrib=True)).max() < 1e-9


def test_a_row_of_the_wrong_width_is_refused():
    with pytest.raises(ValueError, match="The booster reads 8 columns, not 7"):
        contributions(grown("as shipped"), np.zeros((1, 7)))


def test_lines_in_leaves_are_refused():
    with pytest.raises(NotInTables, match="lines in its leaves"):
        tables_of(booster(linear_tree=True, unknown=0.0).model_to_string())


def test_a_booster_of_three_classes_is_refused():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(300, 3))
    data = lightgbm.Dataset(values, values.argmax(axis=1))
    three = lightgbm.train(
        {"objective": "multiclass", "num_class": 3, "verbosity": -1, "num_threads": 1}, data, 2
    )

    with pytest.raises(NotInTables, match="more than two classes"):
        tables_of(three.model_to_string())


def test_a_path_of_too_many_features_is_refused():
    text = grown("chains, which leave leaves by themselves").model_to_string()

    with pytest.raises(NotInTables, match=r"a leaf of the booster hangs on \d+ features"):
        tables_of(text, most_features=4, most_bits=3)
    with pytest.raises(NotInTables, match="would not fit into memory"):
        tables_of(text, most_numbers=1000)


@pytest.mark.slow
def test_the_shap_library_agrees_by_a_way_of_its_own():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # shap's use of matplotlib, on import
        import shap
    trees = booster(trees=5, leaves=6)
    rows = np.random.default_rng(2).normal(size=(20, COLUMNS))
    rows[::3, 1] = np.nan
    explainer = shap.TreeExplainer(trees)
    explainer.model.model_type = "internal"  # else it asks LightGBM for what we compare with

    theirs = explainer.shap_values(rows, check_additivity=False)

    found = contributions(trees, rows)
    assert np.abs(found[:, :-1] - theirs).max() < 1e-6
