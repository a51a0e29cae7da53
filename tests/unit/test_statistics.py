"""Figures that cannot be given say why; groups, audit visits, lead times and outages count what they should."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from evaluation.curves import calibration_curve, decision_curve
from evaluation.drift import drift
from evaluation.errors import errors, family_sums
from evaluation.figures import NotEnough, count, figures
from evaluation.groups import GROUPINGS, group_calibration, large_enough
from evaluation.lead_time import days_to_fact, lead_time, weighted_quartiles
from evaluation.outage import columns_by_department, outages
from evaluation.promise import promises
from evaluation.replay_weeks import replay
from evaluation.selection import Visits, missed, visits_in
from evaluation.stability import churn, instability
from features.language import Text
from models.measures import with_intervals
from models.screeners import Screeners
from tests.support_statistics import as_risk, world

NAN = float("nan")


def rng():
    return np.random.default_rng(1)


def test_unknown_labels_and_ties_are_counted_and_left_out():
    label = np.array([1.0, 0.0, NAN, 0.0, 1.0])
    risk = np.array([0.5, 0.5, 0.5, 0.2, NAN])

    found = count(label, risk, ["a", "b", "c", "b", "a"])

    assert (found.rows, found.unknown_labels, found.unknown_risks, found.judged) == (5, 1, 1, 3)
    assert (found.children, found.positives, found.children_with_outcome, found.children_without) == (
        2,
        1,
        1,
        1,
    )
    assert (found.distinct_risks, found.tied) == (2, 2)


def test_a_figure_of_too_few_children_is_not_given_and_says_so():
    made = world(1, 60, 2)
    label = np.zeros(120)
    label[:24] = 1  # twelve children, twice each

    found = figures(label, made.risk, made.keys, rng(), draws=5)

    assert set(found.measures) == {
        "auroc", "average_precision", "brier", "calibration_in_the_large", "observed_to_expected",
    }  # fmt: skip
    assert found.not_enough["calibration_slope"] == NotEnough(20, 12)
    assert found.not_enough["ici"].sentence.en.startswith("Not enough to say: 12 children")
    assert "12名" in found.not_enough["ici"].sentence.zh


def test_what_is_neither_yes_no_nor_unknown_is_refused():
    with pytest.raises(ValueError, match="1, 0 or not known"):
        figures(np.array([0.0, 2.0]), np.array([0.1, 0.2]), ["a", "b"], rng())
    with pytest.raises(ValueError, match="of one length"):
        figures(np.array([0.0, 1.0]), np.array([0.1, 0.2]), ["a"], rng())
    with pytest.raises(ValueError, match="known labels only"):
        with_intervals(np.array([0.0, NAN]), np.array([0.1, 0.2]), ["a", "b"], rng())


def test_a_small_group_is_counted_and_never_given_a_number():
    made = world(2, 1500, 1)
    rows = made.rows.assign(sex=np.where(np.arange(1500) < 60, "unstated", made.rows["sex"]))
    label = np.where(np.arange(1500) < 60, np.arange(1500) % 2.0, made.label)  # thirty of sixty have it

    found = group_calibration(rows, label, made.risk, made.keys, rng(), draws=5)

    assert found.cells.too_few["sex"] == 1
    assert found.cells.rows_in_too_few["sex"] == 60
    assert not any("unstated" in each.cell.groups for each in found.groups)
    assert all(each.children >= 100 and each.with_outcome >= 20 for each in found.groups)
    assert "too small to say" in found.sentence.en


def test_children_seen_often_do_not_make_a_group_large():
    children = np.repeat(np.arange(60), 5)

    assert not large_enough((children % 2).astype(float), children)
    assert large_enough((np.arange(100) % 2).astype(float), np.arange(100))


def test_ages_fall_in_the_band_they_begin():
    ages = pd.DataFrame({"age_years": [0.0, 2.99, 3.0, 5.9, 6.0, 12.0, 17.0, NAN, -1.0]})

    assert GROUPINGS[0].of(ages) == [
        "0–<3", "0–<3", "3–<6", "3–<6", "6–<12", "≥12", "≥12", "unknown", "unknown",
    ]  # fmt: skip


def test_groups_are_worded_as_their_source_declares_them():
    sex = next(grouping for grouping in GROUPINGS if grouping.name == "sex")

    assert sex.title_of("female") == Text("女", "Female")
    assert sex.title_of("unknown").zh == "未知"
    assert sex.of(pd.DataFrame({"sex": ["female", None]})) == ["female", "unknown"]


def test_a_screener_wrong_in_one_group_is_stopped_with_a_sentence_and_a_right_one_is_not():
    made = world(4, 2000, 1)
    wrong = np.where(made.rows["sex"] == "female", made.risk / 2.5, made.risk)

    good = group_calibration(made.rows, made.label, made.risk, made.keys, rng(), draws=10)
    bad = group_calibration(made.rows, made.label, wrong, made.keys, rng(), draws=10)

    assert good.passed
    assert not bad.passed
    assert "sex female: outcomes seen for each promised" in bad.sentence.en
    assert bad.sentence.en.endswith("more")
    assert ", allowed 0.8 to 1.25" in bad.sentence.en


def alerts():
    return pd.DataFrame(
        [
            ("a", date(2026, 1, 5), "model", None, "1"),
            ("b", date(2026, 1, 5), "rule", None, "2"),
            ("c", date(2026, 1, 5), "audit", 0.1, "3"),
            ("d", date(2026, 1, 12), "audit", 0.2, "4"),
            ("a", date(2026, 1, 12), "audit", 0.2, "5"),
            ("e", date(2026, 1, 12), "trigger", None, "6"),
            ("f", date(2026, 3, 2), "model", None, "7"),
        ],
        columns=["child_key", "occurred_on", "lane", "draw_probability", "case_id"],
    )


def dispositions():
    return pd.DataFrame(
        [
            ("a", "psychological", "confirmed", True, "1"),
            ("a", "guardianship", "not_confirmed", True, "1"),
            ("b", "psychological", "not_confirmed", False, "2"),
            ("c", "psychological", "not_confirmed", True, "3"),
            ("d", "psychological", "cannot_tell", True, "4"),
            ("f", "psychological", "confirmed", True, "7"),
        ],
        columns=["child_key", "risk", "disposition", "visited", "case_id"],
    )


def test_visits_are_read_with_their_lane_their_probability_and_what_was_found():
    found = visits_in(alerts(), dispositions(), "psychological", date(2026, 1, 1), date(2026, 2, 1))

    assert found.child_keys == ("a", "b", "c", "d")
    assert found.listed.tolist() == [True, True, False, False]
    assert found.probability.tolist() == pytest.approx([1, 1, 0.28, 0.28])  # 1 - 0.9 x 0.8
    assert found.result[0] == 1
    assert found.result[2] == 0
    assert np.isnan(found.result[[1, 3]]).all()  # no visit; cannot tell


def test_draws_of_one_release_with_two_probabilities_are_refused():
    torn = alerts()
    torn.loc[3, "draw_probability"] = 0.3

    with pytest.raises(ValueError, match="one logged probability"):
        visits_in(torn, dispositions(), "psychological", date(2026, 1, 1), date(2026, 2, 1))
    with pytest.raises(ValueError, match="above 0"):
        Visits(("a",), np.array([1.0]), np.array([False]), np.array([0.0]))


def test_each_draw_stands_for_the_children_it_was_drawn_from():
    result = np.array([1.0] * 30 + [0.0] * 70 + [1.0] * 2 + [0.0] * 38 + [NAN] * 10)
    listed = np.arange(150) < 100
    visits = Visits(tuple(str(n) for n in range(150)), result, listed, np.where(listed, 1.0, 0.05))

    found = missed(visits)

    assert found.not_listed == pytest.approx(1000)
    assert found.missed.value == pytest.approx(50)  # one in twenty of a thousand
    assert found.recall.value == pytest.approx(30 / 80)
    assert found.rate_population.value == pytest.approx(80 / 1100)
    assert found.naive_recall == pytest.approx(30 / 32)
    assert (found.drawn, found.drawn_unanswered) == (50, 10)
    assert found.recall.low < found.recall.value < found.recall.high


def test_of_few_draws_nothing_is_said():
    visits = Visits(("a", "b"), np.array([1.0, 0.0]), np.array([True, False]), np.array([1.0, 0.1]))

    assert missed(visits).sentence.en == "Not enough to say: 1 drawn children with an answer, 20 are needed"


def test_a_capacity_that_cannot_keep_the_wanted_miss_says_so_and_what_would():
    made = world(5, 800, 1)

    few, many = promises(made.label, made.risk, made.keys, [20, 700], 800, rng(), draws=3)

    assert not few.attainable
    assert "Not attainable at this capacity" in few.sentence.en
    assert f"at least {few.needed} reviews are needed" in few.sentence.en
    assert many.attainable
    assert "with 90% confidence" in many.sentence.en
    assert isinstance(promises(np.zeros(1600)[:800], made.risk, made.keys, [20], 800, rng()), NotEnough)


def test_days_run_from_the_as_of_date_to_the_first_fact_in_the_window():
    rows = pd.DataFrame({"child_key": ["a", "b", "c"], "as_of": [date(2025, 4, 1)] * 3})
    visits = pd.DataFrame(
        [
            ("a", "1", 1, date(2025, 7, 1), date(2025, 7, 5), None, "F40-F48"),
            ("a", "2", 1, date(2025, 5, 11), date(2025, 5, 15), None, "F40-F48"),
            ("b", "3", 1, date(2025, 4, 20), date(2025, 4, 21), None, "F40-F48"),  # inside the gap
            ("c", "4", 1, date(2025, 6, 1), date(2026, 6, 1), None, "F40-F48"),  # learnt too late
        ],
        columns=["child_key", "record_id", "version", "occurred_on", "known_on", "superseded_on", "block"],
    )

    found = days_to_fact(Screeners.psychological, rows, {"visits": visits}, date(2026, 1, 1))
    from_alert = days_to_fact(
        Screeners.psychological, rows, {"visits": visits}, date(2026, 1, 1),
        {("a", date(2025, 4, 1)): date(2025, 4, 11)},
    )  # fmt: skip

    assert found[0] == 40
    assert np.isnan(found[1:]).all()
    assert from_alert[0] == 30


def test_lead_times_are_of_listed_children_with_a_dated_fact():
    made = world(6, 400, 1)
    days = np.where(made.label == 1, 60.0, NAN)
    days[np.flatnonzero(made.label)[0]] = NAN

    found = lead_time(made.label, days, made.risk, made.keys, 1.0, rng(), draws=5)

    assert (found.median.value, found.undated) == (60.0, 1)
    assert found.dated == made.label.sum() - 1
    assert isinstance(lead_time(made.label, days, made.risk, made.keys, 0.005, rng()), NotEnough)
    assert weighted_quartiles(np.array([4.0, 1, 2, 3]), np.ones(4)).tolist() == [1, 2, 3]


def test_the_replay_visits_the_highest_risk_first_and_counts_who_waits():
    found = replay(
        ["a", "b", "c", "d"], ["x"] * 4, np.array([0.1, 0.9, 0.5, 0.8]), np.array([0.0, 1.0, NAN, 1.0]),
        [0, 0, 0, 1], {"x": 1}, 3,
    )  # fmt: skip

    assert [week.arrivals for week in found.weeks] == [3, 1, 0]
    assert [week.backlog for week in found.weeks] == [2, 2, 1]
    assert [week.positives_found for week in found.weeks] == [1, 1, 0]
    assert [week.mean_wait for week in found.weeks] == [0.0, 0.0, 2.0]
    assert found.weeks[2].unknown_found == 1
    with pytest.raises(ValueError, match="No capacity is given for the areas y"):
        replay(["a"], ["y"], np.array([0.1]), np.array([0.0]), [0], {"x": 1}, 1)


def test_a_silent_department_costs_what_its_features_brought():
    made = world(7, 1500, 1)
    rows = pd.DataFrame({"strong": made.odds, "idle": rng().normal(size=1500)})
    departments = {"one": (Text("甲", "One"), ("strong",)), "two": (Text("乙", "Two"), ("idle",))}

    def risks(frame):
        return as_risk(frame["strong"].fillna(-2).to_numpy() + 0.0 * frame["idle"].fillna(0).to_numpy())

    costly, idle = outages(rows, made.label, made.keys, departments, risks, 0.1, rng(), draws=30)

    assert (costly.department, costly.features) == ("one", 1)
    assert costly.recall_lost.low > 0
    assert costly.recall == pytest.approx(0.1)  # a list by lot
    assert (idle.recall_lost.value, idle.list_kept) == (0.0, pytest.approx(1.0))


def test_features_belong_to_the_department_that_delivers_them():
    found = columns_by_department(Screeners.psychological.features)

    assert sum(len(columns) for _, columns in found.values()) == len(Screeners.psychological.features)
    assert found["education"][0].zh == "教育"


def test_refits_that_agree_keep_the_list_and_those_by_lot_keep_their_share():
    made = world(8, 800, 1)
    rows = made.rows.assign(child_key=made.keys, odds=made.odds)
    lots = rng()

    same = instability(
        rows, rows, made.risk, lambda _: lambda frame: as_risk(frame["odds"].to_numpy()), 0.1, rng(), 3
    )
    lot = instability(rows, rows, made.risk, lambda _: lambda frame: lots.random(len(frame)), 0.1, rng(), 6)

    assert same.mean_list_kept == pytest.approx(1)
    assert same.rank_agreement == pytest.approx((1, 1, 1))
    assert same.widest_spread == 0
    assert 0.02 < lot.mean_list_kept < 0.25


def test_rounds_out_of_order_are_refused():
    one = (date(2025, 4, 1), ["a"], np.array([0.5]))

    with pytest.raises(ValueError, match="in the order of their as-of dates"):
        churn([one, one], 1)


def test_errors_name_the_family_that_sets_the_missed_apart():
    made = world(9, 2500, 1)
    hidden = rng().normal(size=2500)
    names, sums = family_sums(np.column_stack([made.odds, hidden, hidden]), ["school", "home", "home"])

    found = errors(made.label, made.risk, made.keys, names, sums, 0.1, rng(), draws=20)

    assert names == ("school", "home")
    assert found.missed.families[0].family == "school"
    assert found.missed.families[0].difference.high < 0
    few = errors(made.label, made.risk, made.keys, names, sums, 0.005, rng(), draws=5)
    assert isinstance(few.missed, NotEnough)


def test_drift_refuses_what_it_cannot_compare():
    short, long = {"a": np.zeros(50)}, {"a": np.zeros(200)}

    with pytest.raises(ValueError, match="at least 100 rows"):
        drift(long, short)
    with pytest.raises(ValueError, match="missing now: a"):
        drift(long, {})
    assert not drift(long, {"a": np.zeros(300)})[0].alarms
    assert drift(long, {"a": np.full(300, NAN)})[0].alarms


def test_curves_have_a_band_around_every_point():
    made = world(10, 800, 2)

    curve = calibration_curve(made.label, made.risk, made.keys, rng(), draws=40)
    decisions = decision_curve(made.label, made.risk, made.keys, rng(), thresholds=(0.1, 0.2), draws=40)

    assert len(curve.groups) == 10
    assert sum(group.rows for group in curve.groups) == 1600
    assert all(point.rate.low <= point.rate.value <= point.rate.high for point in curve.points)
    assert all(point.screener.low <= point.screener.value <= point.screener.high for point in decisions)
    with pytest.raises(ValueError, match="Thresholds rise"):
        decision_curve(made.label, made.risk, made.keys, rng(), thresholds=(0.2, 0.1))
