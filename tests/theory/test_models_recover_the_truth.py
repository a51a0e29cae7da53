"""The true risk is known here: fitting finds it, calibration is calibrated, intervals cover."""

import numpy as np
import pytest

from models.calibration import calibrate, fit_line
from models.measures import MEASURES, auroc, with_intervals
from tests.support_models import fitted, labelled, true_log_odds

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["psychological", "guardianship"])
def test_the_screener_comes_close_to_what_the_truth_itself_would_reach(name):
    data, made = labelled(name, 4000, 3), fitted(name, 4000, 3)
    label = data.judge["label"].to_numpy()

    best = auroc(label, true_log_odds(data.judge, name))
    reached = auroc(label, made.screener.margins(data.judge))

    assert best - 0.03 < reached < best + 0.01


@pytest.mark.parametrize("name", ["psychological", "guardianship"])
def test_calibrated_risks_are_the_rates_seen_later(name):
    data, made = labelled(name, 4000, 3), fitted(name, 4000, 3)
    risk = made.screener.calibration.risk(made.screener.margins(data.judge))

    found = with_intervals(
        data.judge["label"].to_numpy(), risk, data.judge["child_key"].tolist(), np.random.default_rng(1)
    )

    assert found["calibration_slope"].low < 1 < found["calibration_slope"].high
    assert found["observed_to_expected"].low < 1.1
    assert found["observed_to_expected"].high > 0.9


def world(seed, children=400, rows_each=3):
    """Children seen several times, alike each time, as real ones are."""
    rng = np.random.default_rng(seed)
    own = np.repeat(rng.normal(0, 1.2, children), rows_each)
    margins = own + rng.normal(0, 0.3, len(own)) - 1.5
    label = (rng.random(len(own)) < 1 / (1 + np.exp(-margins))).astype(float)
    return margins, label, np.repeat([f"c{n}" for n in range(children)], rows_each).tolist()


def test_intervals_cover_the_truth_as_often_as_they_say():
    """95 % intervals over 150 worlds: fewer than 133 would happen once in a hundred thousand."""
    margins, label, _ = world(1, children=200_000, rows_each=1)
    truth = auroc(label, margins)
    covered = 0
    for seed in range(150):
        margins, label, keys = world(1000 + seed)
        found = with_intervals(
            label, margins, keys, np.random.default_rng(seed), 200, {"auroc": MEASURES["auroc"]}
        )["auroc"]
        covered += found.low <= truth <= found.high

    assert 131 <= covered <= 150


def test_the_range_of_a_risk_covers_the_true_risk():
    covered = 0
    for seed in range(120):
        margins, label, keys = world(5000 + seed)
        line = calibrate(margins, label, keys, np.random.default_rng(seed), 100)
        at = np.array([0.5])
        low, high = line.bounds(at)
        covered += float(low[0]) <= 1 / (1 + np.exp(-0.5)) <= float(high[0])

    assert covered >= 103


def test_the_calibration_line_is_the_one_the_outcomes_were_made_with():
    rng = np.random.default_rng(3)
    margins = rng.normal(-1, 1.5, 200_000)
    label = (rng.random(len(margins)) < 1 / (1 + np.exp(-(0.6 * margins - 0.4)))).astype(float)

    slope, intercept = fit_line(margins, label)

    assert slope == pytest.approx(0.6, abs=0.02)
    assert intercept == pytest.approx(-0.4, abs=0.02)
