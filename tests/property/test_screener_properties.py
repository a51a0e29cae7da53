"""A fitted screener, on rows nobody thought of."""

import itertools
import math
import warnings
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.language import RiskDirection
from models.calibration import RANGE, Calibration, sigmoid
from models.screener import Screener, percentiles
from tests.support_models import DATES, invented_values, newest_rows, screener

QUICK = settings(max_examples=40, deadline=None)
SILENT = {day: frozenset() for day in DATES}
SPEC = screener().spec
ONE_WAY = [feature for feature in SPEC.features if feature.risk is not RiskDirection.EITHER]


@cache
def invented():
    return invented_values(np.random.default_rng(5), 200)


@st.composite
def rows(draw, most: int = 6):
    """Rows near what was fitted on, with far values and gaps anywhere."""
    number = draw(st.integers(1, most))
    values = invented().iloc[draw(st.lists(st.integers(0, 199), min_size=number, max_size=number))]
    values = values.reset_index(drop=True).copy()
    for name in draw(st.lists(st.sampled_from(SPEC.columns), max_size=8)):
        values[name] = draw(st.sampled_from([np.nan, -5.0, 0.0, 1.0, 3.5, 1e6]))
    values["age_years"] = values["age_years"].fillna(9.0)
    return values.assign(child_key=[f"c{n}" for n in range(number)], as_of=[DATES[-1]] * number)


@QUICK
@given(rows())
def test_base_and_reasons_add_up_to_the_margin(matrix):
    for screening in screener().screen(matrix, SILENT):
        if screening.abstained is None:
            total = screening.base + math.fsum(reason.contribution for reason in screening.reasons)
            assert total == pytest.approx(screening.margin, abs=1e-6)


@QUICK
@given(rows())
def test_every_family_of_the_screener_has_its_reason_the_largest_first(matrix):
    families = {feature.family.name for feature in SPEC.features}
    for screening in screener().screen(matrix, SILENT):
        if screening.abstained is None:
            sizes = [abs(reason.contribution) for reason in screening.reasons]
            assert {reason.family for reason in screening.reasons} == families
            assert sizes == sorted(sizes, reverse=True)


@QUICK
@given(rows())
def test_the_risk_lies_inside_its_range(matrix):
    for screening in screener().screen(matrix, SILENT):
        if screening.abstained is None:
            assert 0 < screening.low <= screening.risk <= screening.high < 1


@QUICK
@given(rows(), st.sampled_from(ONE_WAY), st.floats(0.5, 1e4))
def test_the_margin_never_moves_against_the_declared_direction_among_known_values(matrix, feature, rise):
    known = matrix[matrix[feature.name].notna()]
    worse = known.assign(**{feature.name: known[feature.name] + rise})

    change = screener().margins(worse) - screener().margins(known)

    assert (change * feature.risk.value >= 0).all()


@QUICK
@given(rows(), st.randoms(use_true_random=False))
def test_a_child_gets_the_same_margin_alone_and_among_others(matrix, shuffle):
    order = list(range(len(matrix)))
    shuffle.shuffle(order)
    together = screener().margins(matrix)

    assert screener().margins(matrix.iloc[order]).tolist() == together[order].tolist()
    assert [screener().margins(matrix.iloc[[n]])[0] for n in order] == together[order].tolist()


@QUICK
@given(rows())
def test_columns_the_screener_does_not_read_change_nothing(matrix):
    more = matrix.assign(hukou_area="520101", sex="female", eligible=True)
    reversed_columns = more[list(reversed(more.columns))]

    assert screener().screen(reversed_columns, SILENT) == screener().screen(matrix, SILENT)


@QUICK
@given(rows())
def test_a_screening_survives_its_own_text_to_the_bit(matrix):
    for screening in screener().screen(matrix, SILENT):
        read = type(screening).from_json(screening.to_json())
        assert read.to_json() == screening.to_json()
        if screening.abstained is None:
            assert read == screening


@QUICK
@given(arrays(float, st.integers(1, 30), elements=st.floats(-3, 3)))
def test_a_percentile_lies_between_zero_and_a_hundred_and_rises_with_the_margin(margins):
    places = percentiles(margins, margins)

    order = np.argsort(margins)
    assert ((places > 0) & (places < 100)).all()
    assert (np.diff(places[order]) >= 0).all()
    assert places.mean() == pytest.approx(50)


def test_the_reasons_are_those_of_the_published_explainer():
    matrix = newest_rows().head(60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap warns of what its libraries are about to drop
        import shap

        explainer = shap.TreeExplainer(screener().booster, feature_perturbation="tree_path_dependent")
        expected = np.asarray(explainer.shap_values(screener().values(matrix)))

    assert screener().contributions(screener().values(matrix))[:, :-1] == pytest.approx(expected, abs=1e-9)


def test_the_reasons_are_the_shapley_values_of_the_trees_worked_out_in_full():
    values = screener().values(newest_rows().head(4))
    trees = [tree["tree_structure"] for tree in screener().booster.dump_model()["tree_info"]]

    for row in values:
        expected = sum((shapley(tree, row) for tree in trees), np.zeros(len(row)))
        found = screener().contributions(row[None, :])[0, :-1]
        assert found == pytest.approx(expected, abs=1e-9)


def shapley(tree, row):
    """By definition: each feature's mean change over all orders in which features could become known."""
    used = sorted(features_of(tree))
    gain = np.zeros(len(row))
    share = {size: math.factorial(size) * math.factorial(len(used) - size - 1) for size in range(len(used))}
    for feature in used:
        others = [other for other in used if other != feature]
        for size in range(len(others) + 1):
            for known in itertools.combinations(others, size):
                step = expected(tree, row, {*known, feature}) - expected(tree, row, set(known))
                gain[feature] += share[size] / math.factorial(len(used)) * step
    return gain


def features_of(node):
    if "split_feature" not in node:
        return set()
    return {node["split_feature"]} | features_of(node["left_child"]) | features_of(node["right_child"])


def expected(node, row, known):
    """What the tree says if only these features are known: elsewhere it goes both ways, by rows fitted."""
    if "split_feature" not in node:
        return node["leaf_value"]
    left, right = node["left_child"], node["right_child"]
    if node["split_feature"] in known:
        return expected(left if goes_left(node, row[node["split_feature"]]) else right, row, known)
    weight = rows_in(left) / (rows_in(left) + rows_in(right))
    return weight * expected(left, row, known) + (1 - weight) * expected(right, row, known)


def goes_left(node, value):
    if math.isnan(value):
        return node["default_left"] if node["missing_type"] == "NaN" else node["threshold"] >= 0
    return value <= node["threshold"]


def rows_in(node):
    return node["internal_count"] if "split_feature" in node else node["leaf_count"]


def test_a_screener_read_back_screens_alike_to_the_bit(tmp_path):
    matrix = newest_rows()
    screener().save(tmp_path / "saved")

    again = Screener.load(tmp_path / "saved")

    assert again.version == screener().version
    assert [s.to_json() for s in again.screen(matrix, SILENT)] == [
        s.to_json() for s in screener().screen(matrix, SILENT)
    ]


def test_a_screener_is_saved_as_plain_text(tmp_path):
    screener().save(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["margin.txt", "screener.json"]
    for path in tmp_path.iterdir():
        path.read_text(encoding="utf-8")


def test_an_empty_cohort_gives_no_screenings():
    empty = newest_rows().head(0)

    assert screener().screen(empty, SILENT) == []
    assert len(screener().margins(pd.DataFrame(empty))) == 0


def test_screening_needs_no_date_but_those_in_the_rows():
    [screening] = screener().screen(newest_rows().head(1), {DATES[-1]: frozenset({"visits", "care_visits"})})

    assert screening.as_of == date(2025, 10, 1)
    assert screening.silent == ("care_visits", "visits")


@given(
    draws=st.lists(st.tuples(st.floats(0.01, 5), st.floats(-9, 9)), min_size=1, max_size=250),
    margins=st.lists(st.floats(-20, 20), min_size=1, max_size=5),
)
def test_the_ends_of_a_range_are_numpys_quantiles_to_the_bit(draws, margins):
    calibration = Calibration(1.0, 0.0, tuple(draws))
    at = np.array(margins)
    risk = calibration.risk(at)
    lines = np.array(draws)

    low, high = sigmoid(np.quantile(lines[:, :1] * at + lines[:, 1:], RANGE, axis=0))

    found = calibration.bounds(at)
    assert found[0].tolist() == np.minimum(low, risk).tolist()
    assert found[1].tolist() == np.maximum(high, risk).tolist()
