"""Evaluation's figures agree with other libraries and with counting by hand, weights and ties included."""

import math
import warnings
from datetime import date

import numpy as np
import pandas as pd
import pytest
from dcurves import dca
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.risk_control import BinaryClassificationController
from scipy.stats import chi2_contingency
from statsmodels.nonparametric.smoothers_lowess import lowess

from evaluation.curves import decision_curve, net_benefit
from evaluation.drift import binned, bins, holm, psi, same_chance
from evaluation.fairness import fairness, metric_frame, plain_rates
from evaluation.metrics import at_capacity, calibration_groups, chosen, ici, smooth_calibration
from evaluation.promise import most_missed, promises
from evaluation.replay_weeks import replay
from evaluation.selection import weighted_rate
from evaluation.stability import churn, listed, resampled
from models.measures import calibration_in_the_large
from tests.support_statistics import world

QUICK = settings(max_examples=60, deadline=None)
RISKS = st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.1, 0.3, 0.8])


@st.composite
def judged(draw, least=6):
    number = draw(st.integers(least, 40))
    risk = np.array(draw(st.lists(RISKS, min_size=number, max_size=number)))
    label = np.array(draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=number, max_size=number)))
    label[:2] = [0.0, 1.0]
    times = np.array(draw(st.lists(st.integers(1, 3), min_size=number, max_size=number)))
    return label, risk, times


@QUICK
@given(judged(), st.floats(0, 60))
def test_a_list_holds_exactly_its_capacity_and_no_lower_risk_before_a_higher(made, capacity):
    _, risk, times = made
    weights = times.astype(float)

    part = chosen(risk, capacity, weights)

    assert weights @ part == pytest.approx(min(capacity, weights.sum()))
    order = np.argsort(-risk, kind="stable")
    assert (np.diff(part[order]) <= 1e-12).all()


@QUICK
@given(judged(), st.integers(1, 60))
def test_a_weight_is_so_many_equal_rows_at_capacity_and_on_the_curve(made, capacity):
    label, risk, times = made
    weights = times.astype(float)
    plain = at_capacity(np.repeat(label, times), np.repeat(risk, times), capacity)
    weighted = at_capacity(label, risk, capacity, weights)

    for name in ("precision", "precision_worst", "precision_best", "recall", "recall_worst", "recall_best"):
        assert getattr(weighted, name) == pytest.approx(getattr(plain, name))
    assert calibration_in_the_large(label, risk, weights) == pytest.approx(
        calibration_in_the_large(np.repeat(label, times), np.repeat(risk, times)), abs=1e-6
    )
    assert net_benefit(label, risk, 0.05, weights) == pytest.approx(
        net_benefit(np.repeat(label, times), np.repeat(risk, times), 0.05)
    )


@QUICK
@given(judged())
def test_moved_by_the_calibration_in_the_large_risks_promise_what_was_seen(made):
    label, risk, _ = made
    moved = np.log(risk / (1 - risk)) + calibration_in_the_large(label, risk)

    if label.sum() < len(label):
        assert (1 / (1 + np.exp(-moved))).sum() == pytest.approx(label.sum())


@settings(max_examples=8, deadline=None)
@given(judged())
def test_net_benefit_is_that_of_dcurves_at_every_threshold(made):
    label, risk, _ = made
    steps = [0.01, 0.05, 0.1, 0.25]
    found = decision_curve(
        label, risk, [str(n) for n in range(len(label))], np.random.default_rng(1),
        np.ones(len(label)), steps, 3,
    )  # fmt: skip
    theirs = dca(pd.DataFrame({"y": label, "r": risk}), "y", ["r"], steps).set_index(["model", "threshold"])

    for point in found:
        assert point.screener.value == pytest.approx(theirs.net_benefit[("r", point.threshold)])
        assert point.visit_all == pytest.approx(theirs.net_benefit[("all", point.threshold)])
        assert point.screener.value == pytest.approx(net_benefit(label, risk, point.threshold))
        assert point.visit_none == theirs.net_benefit[("none", point.threshold)]


@settings(max_examples=8, deadline=None)
@given(judged(), st.integers(1, 30))
def test_group_rates_are_fairlearns_number_by_number(made, capacity):
    label, risk, times = made
    weights, part = times.astype(float), chosen(risk, capacity, times.astype(float))
    group = np.arange(len(label)) % 2

    frame = metric_frame(label, part, weights, group)

    for which in (0, 1):
        inside = group == which
        mine = plain_rates(label[inside], part[inside], weights[inside])
        theirs = frame.by_group.loc[which]
        for name, value in zip(
            ("selection_rate", "true_positive_rate", "false_positive_rate", "precision"), mine, strict=True
        ):
            # fairlearn gives 0 where there is nobody to divide by; we give nothing.
            assert theirs[name] == pytest.approx(value, nan_ok=True) or (
                math.isnan(value) and theirs[name] == 0
            )


def test_every_fairness_figure_is_that_of_its_group_counted_alone():
    made = world(3, 1500, 1)
    risk = np.round(made.risk, 2)  # many ties at the edge
    part = chosen(risk, 0.1 * len(risk))
    frames = fairness(
        made.rows, made.label, risk, made.keys, 0.1, np.random.default_rng(1), pairs=False, draws=5
    )

    by_sex = next(each for each in frames if each.name == "sex")

    values = {}
    for group in by_sex.groups:
        inside = (made.rows["sex"] == group.group[0]).to_numpy()
        for name, value in zip(
            group.rates, plain_rates(made.label[inside], part[inside], np.ones(inside.sum())), strict=True
        ):
            assert group.rates[name].value == pytest.approx(value)
            values.setdefault(name, []).append(value)
    for name, difference in by_sex.differences.items():
        assert difference.value == pytest.approx(max(values[name]) - min(values[name]))


def test_the_curve_is_that_of_a_running_mean_where_rows_are_many():
    made = world(4, 6000, 1)
    risk = made.risk**1.3
    theirs = lowess(made.label, risk, frac=0.4, it=0, return_sorted=False)

    assert np.mean(np.abs(smooth_calibration(made.label, risk) - theirs)) < 0.012
    assert ici(made.label, risk) == pytest.approx(float(np.mean(np.abs(theirs - risk))), abs=0.01)


def test_where_every_row_is_a_child_the_bound_is_the_one_mapie_tests_by():
    """The least recall MAPIE lets pass at a threshold is one less our bound, to its step of a hundredth."""
    made = world(6, 900, 1)
    threshold = float(np.quantile(made.risk, 0.7))
    lost = 1 - (made.risk[made.label == 1] >= threshold).astype(float)
    bound = most_missed(lost, 0.1)

    def passes(recall):
        controller = BinaryClassificationController(
            lambda rows: np.column_stack([1 - rows[:, 0], rows[:, 0]]),
            risk="recall", target_level=recall, confidence_level=0.9,
            list_predict_params=np.array([threshold]), fwer_method="bonferroni",
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where nothing passes, which is what is asked
            controller.calibrate(made.risk[:, None], made.label.astype(int))
        return len(controller.valid_predict_params) == 1

    assert passes(1 - bound - 0.015)
    assert not passes(1 - bound + 0.005)


def test_more_reviews_promise_to_miss_no_more():
    made = world(8, 800, 2)

    found = promises(
        made.label, made.risk, made.keys, [0, 40, 80, 200, 800], 800, np.random.default_rng(1), draws=3
    )

    bounds = [each.missed_at_most for each in found]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] == 1.0
    assert bounds[-1] < 0.05
    assert {each.attainable for each in found if each.needed and each.reviews >= each.needed} == {True}
    assert {each.attainable for each in found if each.needed and each.reviews < each.needed} == {False}


def test_with_equal_weights_a_rate_has_the_exact_binomial_interval():
    found = weighted_rate(np.array([1.0, 1.0] + [0.0] * 18), np.full(20, 7.0))

    assert (found.value, round(found.low, 4), round(found.high, 4)) == (0.1, 0.0123, 0.3170)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from([0.0, 1.0])), min_size=1, max_size=30
    )
)
@QUICK
def test_nobody_is_lost_and_nobody_visited_twice_in_the_replay(rows):
    areas = [f"a{area}" for area, _, _ in rows]
    arrived = [week for _, week, _ in rows]
    label = np.array([happened for _, _, happened in rows])
    keys = [f"c{number}" for number in range(len(rows))]
    risk = np.linspace(0.9, 0.1, len(rows))

    found = replay(keys, areas, risk, label, arrived, {"a0": 1, "a1": 2, "a2": 0}, 6)

    come = handled = 0
    for week in found.weeks:
        come, handled = come + week.arrivals, handled + week.handled
        assert come == handled + week.backlog
        assert week.handled <= 3
    assert come == len(rows)
    for area, weeks in found.by_area.items():
        assert all(week.handled <= {"a0": 1, "a1": 2, "a2": 0}[area] for week in weeks)
    assert found.found <= found.positives == label.sum()


@QUICK
@given(st.lists(st.integers(0, 60), min_size=4, max_size=8), st.data())
def test_the_two_sample_test_is_scipys_where_no_bin_is_thin(before, data):
    first = np.array(before) + 40.0
    second = (
        np.array(data.draw(st.lists(st.integers(0, 60), min_size=len(before), max_size=len(before)))) + 40.0
    )

    assert same_chance(first, second) == pytest.approx(chi2_contingency([first, second], correction=False)[1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
@QUICK
def test_holm_is_stricter_than_each_alone_and_milder_than_bonferroni(p_values):
    found = holm(p_values, 0.05)

    for p_value, sure in zip(p_values, found, strict=True):
        assert not sure or p_value <= 0.05
        assert sure or p_value > 0.05 / len(p_values)


def test_unknown_values_are_a_bin_of_their_own_and_equal_counts_have_not_moved():
    values = np.array([1.0, 2, 2, 3, 4, 5, 6, 7, 8, 9, np.nan, np.nan])

    counts = binned(values, bins(values))

    assert counts[-1] == 2
    assert counts.sum() == 12
    assert psi(counts, counts) == 0
    assert psi(counts, binned(np.where(values > 7, np.nan, values), bins(values))) > 0.15


@QUICK
@given(st.permutations(list(range(12))), st.integers(0, 12))
def test_the_list_does_not_depend_on_the_order_of_rows(order, capacity):
    keys = [f"c{number}" for number in range(12)]
    risk = np.array([0.1, 0.2, 0.2, 0.2, 0.5, 0.5, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3])

    plain = listed(keys, date(2025, 4, 1), risk, capacity)

    assert listed([keys[n] for n in order], date(2025, 4, 1), risk[order], capacity) == plain
    assert len(plain) == capacity


def test_churn_adds_up():
    before = (date(2025, 4, 1), ["a", "b", "c", "d"], np.array([0.9, 0.8, 0.7, 0.1]))
    after = (date(2025, 10, 1), ["b", "d", "e"], np.array([0.9, 0.2, 0.8]))

    (found,) = churn([before, after], 3)

    assert (found.stayed, found.entered, found.left) == (1, ("d", "e"), ("a", "c"))
    assert (found.newcomers, found.gone) == (1, 2)
    assert found.jaccard == pytest.approx(1 / 5)


def test_a_resample_keeps_a_childs_rows_together_and_two_draws_apart():
    made = world(2, 40, 3)
    rows = made.rows.assign(child_key=made.keys, place=np.arange(120))

    drawn = resampled(rows, np.random.default_rng(1))

    assert drawn["child_key"].nunique() == 40
    assert (drawn.groupby("child_key").size() == 3).all()
    assert (drawn["child_key"].str.split(" ").str[0] == np.array(made.keys)[drawn["place"]]).all()
    assert drawn["place"].nunique() < 120


def test_groups_by_risk_with_weights_are_their_own_means():
    label, risk = np.array([0.0, 1.0, 1.0, 0.0]), np.array([0.1, 0.2, 0.3, 0.4])

    found = calibration_groups(label, risk, 2, np.array([1.0, 3.0, 1.0, 1.0]))

    assert found == [(pytest.approx(0.175), 0.75, 2), (pytest.approx(0.35), 0.5, 2)]
