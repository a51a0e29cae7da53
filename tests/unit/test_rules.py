"""The published rules, applied."""

from features.catalogue import feature_named
from features.language import Text
from models.rules import RULES, Rule, RuleFinding, find


def test_nothing_known_lights_nothing():
    assert find({}) == RuleFinding(0, 0, ())
    assert find({"bullied_365d": None, "admonitions_730d": float("nan")}) == RuleFinding(0, 0, ())


def test_a_fact_counts_once_at_its_most_pressing_level():
    found = find({"absences_unexplained_90d": 12.0})

    assert (found.reds, found.yellows) == (1, 0)
    assert [rule.at_least for rule in found.rules] == [10]


def test_a_red_stays_red_whatever_is_declared_after_it():
    bullied = feature_named("bullied_365d")
    red = Rule(bullied, 2, "red", Text("红", "Red"), "ours: for this test")
    yellow = Rule(bullied, 1, "yellow", Text("黄", "Yellow"), "ours: for this test")

    assert find({"bullied_365d": 3.0}, (red, yellow)).rules == (red,)


def test_a_value_at_the_threshold_counts_and_one_below_it_does_not():
    assert find({"absences_unexplained_90d": 3.0}).yellows == 1
    assert find({"absences_unexplained_90d": 2.0}).yellows == 0


def test_the_published_limits_of_a_guardians_bill_hold():
    assert (find({"guardian_largest_bill_yuan_730d": 3000.0}).yellows) == 1
    assert (find({"guardian_largest_bill_yuan_730d": 5000.0}).reds) == 1


def test_reds_stand_before_yellows():
    found = find({"bullied_365d": 1.0, "admonitions_730d": 1.0, "school_leave_730d": 1.0})

    assert (found.reds, found.yellows) == (1, 2)
    assert [rule.level for rule in found.rules] == ["red", "yellow", "yellow"]
    assert set(found.rules) <= set(RULES)
