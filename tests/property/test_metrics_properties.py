"""Measures agree with an independent library, and capacity figures with counting by hand."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from evaluation.metrics import at_capacity, auroc_difference, calibration_groups, ici, smooth_calibration
from models.calibration import child_codes, child_weights
from models.measures import (
    Interval,
    auroc,
    average_precision,
    brier,
    calibration_intercept,
    calibration_slope,
    observed_to_expected,
    with_intervals,
)

QUICK = settings(max_examples=150, deadline=None)
RISKS = st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.1, 0.3, 0.8])


@st.composite
def judged(draw):
    number = draw(st.integers(4, 40))
    risk = np.array(draw(st.lists(RISKS, min_size=number, max_size=number)))
    label = np.array(draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=number, max_size=number)))
    label[:2] = [0.0, 1.0]
    weights = np.array(draw(st.lists(st.integers(1, 3), min_size=number, max_size=number)), dtype=float)
    return label, risk, weights


@QUICK
@given(judged())
def test_auroc_is_the_librarys_ties_and_weights_included(made):
    label, risk, weights = made

    assert auroc(label, risk) == pytest.approx(roc_auc_score(label, risk))
    assert auroc(label, risk, weights) == pytest.approx(roc_auc_score(label, risk, sample_weight=weights))


@QUICK
@given(judged())
def test_average_precision_is_the_librarys_ties_and_weights_included(made):
    label, risk, weights = made

    assert average_precision(label, risk) == pytest.approx(average_precision_score(label, risk))
    assert average_precision(label, risk, weights) == pytest.approx(
        average_precision_score(label, risk, sample_weight=weights)
    )


@QUICK
@given(judged())
def test_brier_is_the_librarys(made):
    label, risk, weights = made

    assert brier(label, risk, weights) == pytest.approx(brier_score_loss(label, risk, sample_weight=weights))


@QUICK
@given(judged())
def test_a_weight_of_two_is_the_row_twice(made):
    label, risk, weights = made
    times = weights.astype(int)

    for measure in (auroc, average_precision, brier, observed_to_expected):
        assert measure(label, risk, weights) == pytest.approx(
            measure(np.repeat(label, times), np.repeat(risk, times), None)
        )


@QUICK
@given(judged(), st.integers(1, 40))
def test_figures_at_capacity_are_the_mean_and_ends_over_all_orders_of_the_tied(made, capacity):
    label, risk, _ = made
    found = at_capacity(label, risk, capacity)
    visited = min(capacity, len(risk))
    edge = np.sort(risk)[::-1][visited - 1]
    above, level = label[risk > edge], label[risk == edge]
    places = visited - len(above)
    if math.comb(len(level), places) > 5000:
        return
    hits = [above.sum() + sum(chosen) for chosen in itertools.combinations(level, places)]

    assert found.precision == pytest.approx(np.mean(hits) / visited)
    assert found.precision_worst == pytest.approx(min(hits) / visited)
    assert found.precision_best == pytest.approx(max(hits) / visited)
    assert found.recall == pytest.approx(np.mean(hits) / label.sum())


def test_with_nobody_visited_or_nobody_positive_there_is_no_figure():
    assert math.isnan(at_capacity(np.array([0.0, 1.0]), np.array([0.1, 0.2]), 0).precision)
    assert math.isnan(at_capacity(np.array([0.0, 0.0]), np.array([0.1, 0.2]), 1).recall)


def test_without_both_kinds_of_children_there_is_no_auroc():
    assert math.isnan(auroc(np.zeros(3), np.arange(3.0)))
    assert math.isnan(average_precision(np.zeros(3), np.arange(3.0)))
    assert math.isnan(calibration_slope(np.zeros(3), np.array([0.1, 0.2, 0.3])))


def calibrated(rows=40000, stretch=1.0, shift=0.0, seed=3):
    rng = np.random.default_rng(seed)
    odds = rng.normal(-2.5, 1.0, rows)
    label = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(float)
    return label, 1 / (1 + np.exp(-(stretch * odds + shift)))


def test_true_risks_have_slope_one_intercept_zero_and_hardly_any_distance():
    label, risk = calibrated()

    assert calibration_slope(label, risk) == pytest.approx(1.0, abs=0.05)
    assert calibration_intercept(label, risk) == pytest.approx(0.0, abs=0.1)
    assert observed_to_expected(label, risk) == pytest.approx(1.0, abs=0.04)
    assert ici(label, risk) < 0.005


def test_risks_stretched_twice_have_slope_one_half():
    label, risk = calibrated(stretch=2.0)

    assert calibration_slope(label, risk) == pytest.approx(0.5, abs=0.03)


def test_risks_too_high_promise_more_than_is_seen():
    label, risk = calibrated(shift=1.0)

    assert observed_to_expected(label, risk) < 0.6
    assert ici(label, risk) > 0.05


def test_the_smooth_curve_follows_the_rates_seen():
    label, risk = calibrated(shift=0.7)

    curve = smooth_calibration(label, risk)

    for promised, seen, rows in calibration_groups(label, risk):
        near = np.abs(risk - promised) < 0.2 * promised
        assert rows == 4000
        assert curve[near].mean() == pytest.approx(seen, abs=0.03)


def test_all_rows_of_a_child_are_drawn_together():
    codes = child_codes(["b", "a", "b", "c", "a"])

    weights = child_weights(codes, np.random.default_rng(1))

    assert weights[0] == weights[2]
    assert weights[1] == weights[4]
    assert weights[0] + weights[1] + weights[3] == 3


def test_children_seen_often_widen_the_interval_as_if_seen_once():
    label, risk = calibrated(rows=600)
    keys = [str(number) for number in range(600)]

    once = with_intervals(label, risk, keys, np.random.default_rng(2), 400)["auroc"]
    often = with_intervals(np.tile(label, 5), np.tile(risk, 5), keys * 5, np.random.default_rng(2), 400)[
        "auroc"
    ]

    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)


def test_a_better_ranking_is_told_from_a_worse_one_on_the_same_children():
    label, risk = calibrated(rows=4000)
    noise = np.random.default_rng(5).normal(size=4000)

    found = auroc_difference(label, risk, noise, [str(n) for n in range(4000)], np.random.default_rng(1), 100)

    assert found.low > 0.1
    assert auroc_difference(label, risk, risk, ["a", "b"] * 2000, np.random.default_rng(1), 50).value == 0


def test_an_interval_reads_as_a_figure_with_its_range():
    assert str(Interval(0.7123, 0.6, 0.8)) == "0.712 (0.600 to 0.800)"
    assert str(Interval(math.nan, math.nan, math.nan)) == "–"
