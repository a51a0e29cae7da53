"""What staff read: frequencies with a range, values with units, and never a diagnosis."""

from dataclasses import replace

import pytest

from features.catalogue import FEATURES, feature_named
from features.language import Text
from features.outcomes import OUTCOMES
from models.explanation import FamilyReason
from models.wording import (
    ABSTAINED,
    LANES,
    LIMITS,
    direction,
    feature_sentence,
    frequency,
    risk_sentence,
    value_text,
)
from tests.support_models import screening

# Words that would label a child or pass judgement; none may stand in what staff read.
NEVER = (
    "异常",
    "病人",
    "问题儿童",
    "患有",
    "确诊",
    "abnormal",
    "patient",
    "suffers",
    "disorder",
    "diagnosed",
    "score",
)


@pytest.mark.parametrize(
    ("risk", "low", "high", "zh", "en"),
    [
        (0.12, 0.08, 0.17, "100名情况相近的儿童中约有12名（8至17名）", "about 12 of 100 children in similar circumstances (8 to 17)"),
        (0.014, 0.009, 0.02, "1000名情况相近的儿童中约有14名（9至20名）", "about 14 of 1000 children in similar circumstances (9 to 20)"),
        (0.0003, 0.0001, 0.0018, "1000名情况相近的儿童中不到1名（至多2名）", "fewer than 1 of 1000 children in similar circumstances (at most 2)"),
        (0.03, 0.025, 0.034, "100名情况相近的儿童中约有3名（3至3名）", "about 3 of 100 children in similar circumstances (3 to 3)"),
    ],
)  # fmt: skip
def test_a_risk_is_so_many_children_of_a_hundred_or_a_thousand(risk, low, high, zh, en):
    assert frequency(risk, low, high) == Text(zh, en)


def test_a_risk_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="lies inside its range"):
        frequency(0.2, 0.3, 0.4)


def test_the_sentence_about_a_risk_names_the_need_and_its_own_limits():
    said = risk_sentence(screening(), OUTCOMES[0].title)

    assert said.zh.startswith("100名情况相近的儿童中约有12名（8至17名）在随后半年内需要心理支持。")
    assert said.en.startswith("Needs psychological support: about 12 of 100 children")
    assert said.zh.endswith(LIMITS.zh)
    assert said.en.endswith(LIMITS.en)


@pytest.mark.parametrize("code", ABSTAINED)
def test_a_screener_that_declines_says_why(code):
    assert risk_sentence(screening(abstained=code), OUTCOMES[0].title) == ABSTAINED[code]


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("absences_unexplained_90d", 4.0, "4天", "4 days"),
        ("absences_unexplained_90d", 1.0, "1天", "1 day"),
        ("bullied_365d", 1.0, "1次", "1 time"),
        ("bullied_365d", 2.0, "2次", "2 times"),
        ("sleep_hours_latest_365d", 7.5, "7.5小时", "7.5 hours"),
        ("parents_divorced_730d", 1.0, "是", "yes"),
        ("parents_divorced_730d", 0.0, "否", "no"),
        ("percentile_latest_365d", 35.0, "第35百分位", "percentile 35"),
        ("own_disability_level_1825d", 2.0, "2级", "level 2"),
        ("age_years", 9.04, "9岁", "9 years old"),
        ("age_years", 7.98, "7岁", "7 years old"),
        ("age_years", 1.2, "1岁", "1 year old"),
        ("years_here", 2.5, "2.5年", "2.5 years"),
        ("guardian_took_part_share_365d", 0.254, "25%", "25 %"),
        ("contact_kinds_365d", 1.0, "1种", "1 kind"),
        ("contact_kinds_365d", 2.0, "2种", "2 kinds"),
        ("percentile_trend_1095d", -7.5, "-7.5个百分位/年", "-7.5 percentile points a year"),
        ("sleep_trend_1095d", -0.5, "-0.5小时/年", "-0.5 hours a year"),
        ("failed_subjects_365d", None, "未知（部门未提供或无此项记录）", "not known (not delivered, or nothing of the kind recorded)"),
        ("failed_subjects_365d", float("nan"), "未知（部门未提供或无此项记录）", "not known (not delivered, or nothing of the kind recorded)"),
    ],
)  # fmt: skip
def test_a_value_comes_with_its_unit(name, value, zh, en):
    assert value_text(feature_named(name), value) == Text(zh, en)


def test_a_reason_is_the_declared_title_and_the_value():
    feature = feature_named("absences_unexplained_90d")

    assert feature_sentence(feature, 4.0) == Text(
        "近90天无故缺勤天数：4天", "Days of unexplained absence in the last 90 days: 4 days"
    )


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_declared_unit_has_words(feature):
    assert value_text(feature, 3.0).zh


@pytest.mark.parametrize(
    ("contribution", "en"),
    [(0.4, "Points to more need for attention"), (-0.4, "Protective"), (0.001, "Makes little difference")],
)
def test_a_family_points_up_down_or_nowhere(contribution, en):
    assert direction(FamilyReason("sleep", contribution, ())).en == en


def test_no_wording_labels_the_child():
    said = [
        *(text for text in ABSTAINED.values()),
        *(text for text in LANES.values()),
        risk_sentence(screening(), OUTCOMES[0].title),
        risk_sentence(replace(screening(), risk=0.001, low=0.0, high=0.002), OUTCOMES[1].title),
        direction(FamilyReason("sleep", 1.0, ())),
    ]

    for text in said:
        assert not [word for word in NEVER if word in (text.zh + text.en).lower()]
