"""In worlds whose truth we chose: intervals cover, promises hold, and a gate stops what it is there to stop.

Tolerances are binomial: each count of worlds would be missed by a sound method less than once in a thousand.
"""

import numpy as np
import pytest

from evaluation.curves import net_benefit
from evaluation.drift import drift
from evaluation.figures import figures
from evaluation.groups import group_calibration, log_ratio_with_error, slope_with_error
from evaluation.metrics import at_capacity, chosen, ici, ici_interval, visited_share
from evaluation.promise import child_losses, most_missed
from evaluation.selection import Visits, missed
from models.calibration import child_codes
from models.measures import MEASURES
from tests.support_statistics import as_risk, together, world

pytestmark = pytest.mark.slow


def test_intervals_cover_the_truth_of_children_seen_more_than_once():
    large = together(1, 200_000)
    truth = {name: measure(large.label, large.risk, None) for name, measure in MEASURES.items()}
    listed = at_capacity(large.label, large.risk, len(large.risk) // 10)
    truth |= {"precision": listed.precision, "recall": listed.recall}
    covered = dict.fromkeys(truth, 0)

    for seed in range(40):
        made, rng = together(1000 + seed), np.random.default_rng(seed)
        found = dict(figures(made.label, made.risk, made.keys, rng, draws=150).measures)
        visited = visited_share(made.label, made.risk, 0.1, made.keys, rng, 150)
        found |= {"precision": visited.precision, "recall": visited.recall}
        for name, value in truth.items():
            covered[name] += found[name].low <= value <= found[name].high

    assert min(covered.values()) >= 33, covered


@pytest.mark.parametrize(("shift", "stretch"), [(0.0, 1.0), (0.5, 1.0), (0.0, 1.6)])
def test_the_distance_to_the_curve_is_covered_right_or_wrong(shift, stretch):
    large = together(1, 200_000)
    calibrated = shift == 0 and stretch == 1
    truth = 0.0 if calibrated else ici(large.label, as_risk(stretch * (large.odds + shift)))

    covered = 0
    for seed in range(50):
        made = together(1000 + seed)
        risk = as_risk(stretch * (made.odds + shift))
        found = ici_interval(made.label, risk, made.keys, np.random.default_rng(seed), 100)
        covered += found.low <= truth <= found.high

    assert covered >= 42


def test_errors_by_child_cover_slope_and_ratio():
    covered = {"slope": 0, "ratio": 0}
    for seed in range(200):
        made = together(3000 + seed)
        children, own = child_codes(made.keys), np.ones(len(made.risk))
        slope, error = slope_with_error(made.label, made.risk, children, own)
        covered["slope"] += abs(slope - 1) <= 1.96 * error
        ratio, error = log_ratio_with_error(made.label, made.risk, children, own)
        covered["ratio"] += abs(ratio) <= 1.96 * error

    assert 178 <= covered["slope"] <= 199
    assert 178 <= covered["ratio"] <= 199


def stopped(seed, risk_of):
    made = together(7000 + seed, children=2500)
    risk = np.clip(risk_of(made), 1e-6, 0.999)
    found = group_calibration(made.rows, made.label, risk, made.keys, np.random.default_rng(seed), draws=30)
    return not found.passed


def test_noise_in_two_hundred_figures_stops_no_sound_screener():
    assert sum(stopped(seed, lambda made: made.risk) for seed in range(10)) == 0


def test_a_screener_at_the_very_edge_in_every_group_is_seldom_stopped():
    assert sum(stopped(seed, lambda made: made.risk / 1.25) for seed in range(10)) <= 2


@pytest.mark.parametrize(
    ("column", "group", "factor"),
    [("sex", "female", 0.55), ("sex", "female", 1.8), ("area_code", "330109001001", 0.4)],
)
def test_a_screener_wrong_in_one_group_is_stopped(column, group, factor):
    def risk_of(made):
        return np.where(made.rows[column] == group, made.risk * factor, made.risk)

    assert sum(stopped(seed, risk_of) for seed in range(6)) >= 5


def test_the_group_that_is_wrong_is_the_group_that_is_named():
    made = together(7001, children=2500)
    risk = np.clip(np.where(made.rows["sex"] == "female", made.risk * 0.5, made.risk), 1e-6, 0.999)

    said = group_calibration(made.rows, made.label, risk, made.keys, np.random.default_rng(1)).sentence

    assert "sex female: outcomes seen for each promised" in said.en
    assert "性别女：观察/预期" in said.zh
    assert " male:" not in said.en


@pytest.mark.parametrize("rows_each", [1, 2])
@pytest.mark.parametrize("make", [world, together])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_the_promise_holds_at_its_confidence_and_is_not_absurdly_loose(share, make, rows_each):
    large = make(1, 200_000, rows_each)
    truth = float(
        child_losses(large.label, child_codes(large.keys), chosen(large.risk, share * len(large.risk))).mean()
    )
    excess = []
    for seed in range(200):
        made = make(2000 + seed, 600, rows_each)
        losses = child_losses(made.label, child_codes(made.keys), chosen(made.risk, share * len(made.risk)))
        excess.append(most_missed(losses, 0.1) - truth)

    assert np.mean(np.array(excess) >= 0) >= 0.85
    assert np.mean(excess) < 0.12


def audit(seed, release_draws):
    """A county with a good list, and draws from the rest, of its calmer half more often."""
    rng = np.random.default_rng(seed)
    risk = as_risk(rng.normal(-3, 1.2, 8000))
    truth = (rng.random(8000) < risk).astype(float)
    listed = np.zeros(8000, dtype=bool)
    listed[np.argsort(-risk)[:400]] = True
    rest = np.flatnonzero(~listed)
    probability = np.where(risk[rest] > np.median(risk[rest]), *release_draws)
    drawn = rng.random(len(rest)) < probability
    places = np.concatenate([np.flatnonzero(listed), rest[drawn]])
    visits = Visits(
        tuple(str(place) for place in places),
        truth[places],
        listed[places],
        np.concatenate([np.ones(400), probability[drawn]]),
    )
    return missed(visits), truth[listed].sum() / truth.sum(), truth.mean()


@pytest.mark.parametrize("release_draws", [(0.02, 0.02), (0.01, 0.04)])
def test_the_audit_slice_covers_the_truth_and_the_naive_figures_do_not(release_draws):
    recall = rate = naive_recall = naive_rate = 0
    for seed in range(300):
        found, true_recall, true_rate = audit(seed, release_draws)
        recall += found.recall.low <= true_recall <= found.recall.high
        rate += found.rate_population.low <= true_rate <= found.rate_population.high
        naive_recall += abs(found.naive_recall - true_recall) < 0.1
        naive_rate += found.rate_population.low <= found.naive_rate <= found.rate_population.high

    assert recall >= 276
    assert rate >= 276
    assert naive_recall == 0
    assert naive_rate == 0


def test_without_drift_a_round_of_many_features_seldom_alarms_and_with_it_nearly_always():
    false, certain, seen = 0, 0, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        before = {f"f{number}": rng.poisson(0.7 * number, 1500).astype(float) for number in range(1, 21)}
        after = {f"f{number}": rng.poisson(0.7 * number, 1200).astype(float) for number in range(1, 21)}
        found = drift(before, after)
        certain += any(each.certain for each in found)
        false += any(each.alarms for each in found)
        after["f5"] = rng.poisson(5.5, 1200).astype(float)
        seen += any(each.alarms for each in drift(before, after) if each.name == "f5")

    assert certain <= 20  # five in a hundred, and chance on top
    assert false <= 3
    assert seen == 200


def test_net_benefit_is_greatest_for_the_true_risk():
    made = world(5, 60_000, 1)
    for threshold in (0.05, 0.1, 0.3):
        true = net_benefit(made.label, made.risk, threshold)
        assert true > net_benefit(made.label, as_risk(2.5 * made.odds), threshold)
        assert true > net_benefit(made.label, as_risk(made.odds + 1), threshold)
        assert true >= max(0.0, net_benefit(made.label, np.ones(len(made.risk)), threshold))
