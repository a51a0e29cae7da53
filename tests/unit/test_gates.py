"""Each gate stops the screener it is there to stop, and a sound one passes them all."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from evaluation.gates import GATES, pass_gates
from evaluation.judging import JudgingError, judge_candidate, judged_rows, rule_ranks, wrong_way
from evaluation.metrics import at_capacity
from features.lake import Lake
from models.calibration import Calibration
from models.measures import Interval
from models.screener import Screener
from models.screeners import Screeners
from tests.support_models import fitted, invented_county, labelled, without_already


@cache
def judged():
    made = fitted()
    return judge_candidate(made.screener, made.beside, labelled())


def verdict(gate, seen):
    return next(result for result in pass_gates(seen) if result.gate.name == gate).passed


def measured(**changes):
    seen = judged()
    screener = {**seen.measures["screener"], **changes}
    return replace(seen, measures={**seen.measures, "screener": screener})


def test_every_gate_is_tried_even_after_a_failure():
    hopeless = replace(measured(auroc=Interval(0.5, 0.45, 0.55)), wrong_way=3, ici=1.0)

    assert [result.gate for result in pass_gates(hopeless)] == list(GATES)


def test_a_screener_that_knows_the_drivers_passes_all_but_what_rows_are_too_few_for():
    failed = {result.gate.name for result in pass_gates(judged()) if not result.passed}

    assert failed <= {"lift", "calibration_curve"}


@pytest.mark.parametrize(
    ("gate", "good", "bad"),
    [
        ("orders", {"auroc": Interval(0.66, 0.60, 0.7)}, {"auroc": Interval(0.66, 0.599, 0.7)}),
        ("plausible", {"auroc": Interval(0.90, 0.8, 0.95)}, {"auroc": Interval(0.93, 0.9, 0.95)}),
        (
            "lift",
            {"average_precision": Interval(0.3, 0.2, 0.4)},
            {"average_precision": Interval(0.09, 0.08, 0.12)},
        ),
        (
            "calibration_slope",
            {"calibration_slope": Interval(0.9, 0.7, 1.1)},
            {"calibration_slope": Interval(0.7, 0.6, 0.79)},
        ),
        (
            "calibration_slope",
            {"calibration_slope": Interval(1.5, 1.2, 1.9)},
            {"calibration_slope": Interval(1.7, 1.2, 2.2)},
        ),
        (
            "calibration_slope",
            {"calibration_slope": Interval(1.0, 0.9, 1.1)},
            {"calibration_slope": Interval(1.0, float("nan"), float("nan"))},
        ),
        (
            "observed_to_expected",
            {"observed_to_expected": Interval(1.2, 1.1, 1.3)},
            {"observed_to_expected": Interval(1.5, 1.3, 1.7)},
        ),
        (
            "observed_to_expected",
            {"observed_to_expected": Interval(0.8, 0.7, 0.9)},
            {"observed_to_expected": Interval(0.6, 0.5, 0.7)},
        ),
    ],
)
def test_a_gate_on_a_measure_holds_at_its_limit(gate, good, bad):
    assert verdict(gate, measured(**good))
    assert not verdict(gate, measured(**bad))


@pytest.mark.parametrize(
    ("gate", "good", "bad"),
    [
        ("beats_rules", {"over_rules": Interval(0.1, 0.01, 0.2)}, {"over_rules": Interval(0.1, 0.0, 0.2)}),
        (
            "not_below_logistic",
            {"over_logistic": Interval(-0.02, -0.05, 0.0)},
            {"over_logistic": Interval(-0.04, -0.06, -0.01)},
        ),
        ("monotone", {"wrong_way": 0}, {"wrong_way": 1}),
        ("served_alike", {"served_otherwise": 0}, {"served_otherwise": 1}),
        ("calibration_curve", {"ici": 0.001}, {"ici": 0.2}),
        ("no_single_feature", {"single_feature_passed": True}, {"single_feature_passed": False}),
    ],
)
def test_a_gate_on_the_whole_holds_at_its_limit(gate, good, bad):
    assert verdict(gate, replace(judged(), **good))
    assert not verdict(gate, replace(judged(), **bad))


def test_forty_nine_outcomes_are_too_few():
    rows = judged().rows
    positive = rows[rows["label"] == 1]
    few = replace(judged(), rows=rows[rows["label"] == 0])
    for number, passes in ((49, False), (50, True)):
        held = replace(few, rows=pd.concat([few.rows, positive.head(number)]))
        assert verdict("enough_outcomes", held) is passes


def test_risks_twice_too_extreme_do_not_pass():
    made = fitted()
    screener = made.screener
    line = screener.calibration
    stretched = Calibration(line.slope * 2.5, line.intercept + 3.0, line.draws)
    bad = Screener(
        screener.spec,
        screener.model,
        stretched,
        screener.base_rate,
        screener.reference,
        screener.training,
    )

    seen = judge_candidate(bad, made.beside, labelled())

    assert not verdict("calibration_slope", seen)
    assert not verdict("observed_to_expected", seen)


def test_a_screener_of_noise_does_not_pass():
    data = labelled()
    shuffled = data.judge.assign(label=np.random.default_rng(1).permutation(data.judge["label"]))

    seen = judge_candidate(fitted().screener, fitted().beside, replace(data, judge=shuffled))

    assert not verdict("orders", seen)
    assert not verdict("beats_rules", seen)


def test_a_screener_held_to_its_directions_never_moves_against_them():
    assert wrong_way(fitted().screener, judged().rows, probed=40) == 0


def test_a_screener_that_ignores_a_declared_direction_is_seen():
    made = fitted().screener
    turned = [
        replace(f, risk=type(f.risk).FALLS) if f.name == "bullied_365d" else f for f in made.spec.features
    ]
    for before, after in zip(made.spec.features, turned, strict=True):
        object.__setattr__(after, "name", before.name)
    spec = replace(made.spec, features=tuple(turned))
    against = Screener(spec, made.model, made.calibration, made.base_rate, made.reference, made.training)

    assert wrong_way(against, judged().rows, probed=40) > 0


def test_one_red_outranks_every_yellow():
    rows = judged().rows.head(2).copy()
    rows[list(labelled().spec.columns)] = 0.0
    rows.loc[rows.index[0], "admonitions_730d"] = 1.0
    rows.loc[rows.index[1], ["bullied_365d", "school_leave_730d", "conflict_reports_365d"]] = 1.0

    assert rule_ranks(rows).tolist() == [1000.0, 3.0]


def test_visits_by_risk_reach_more_children_than_visits_by_lot():
    seen = judged()
    by_risk = at_capacity(seen.label, seen.risk, 240)

    assert by_risk.recall > 2 * 240 / len(seen.label)


def test_judging_the_same_candidate_twice_gives_the_same_figures():
    again = judge_candidate(fitted().screener, fitted().beside, labelled())

    assert again.measures == judged().measures
    assert (again.over_rules, again.ici, again.at_shares) == (
        judged().over_rules, judged().ici, judged().at_shares,
    )  # fmt: skip


def test_other_rows_than_those_trained_on_are_refused(tmp_path):
    matrices, _ = invented_county()
    spec = without_already(Screeners.psychological)

    with pytest.raises(JudgingError, match="have changed since version"):
        judged_rows(fitted().screener, matrices, Lake(tmp_path), spec)
