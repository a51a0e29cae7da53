"""What a form counts must be said in words that follow from the form, in both languages."""

import pytest

from features.catalogue import FEATURES, feature_named
from features.constitution import LEANINGS
from features.coverage import COVERAGE
from features.documents import catalogue_markdown, settings_markdown
from features.form_text import condition_text, fact_text, form_text, missing_text
from features.language import KNOWN_PROXIES, AtLeast, AtMost, Window
from features.outcomes import OUTCOMES, Outcomes
from features.settings import SETTINGS
from features.sources import SOURCES, Education, Health
from features.triggers import TRIGGERS

WORDS = [
    (
        "absences_unexplained_90d",
        "观察时点前90天内“缺勤记录”中“缺勤类型”为“无故缺勤”的记录条数",
        ("the number of records of “Absences” in the 90 days before the as-of date,"
        " where “Kind of absence” is “Unexplained”"),
    ),
    (
        "bullied_365d",
        "观察时点前365天内“学生欺凌登记”的记录条数",
        "the number of records of “Bullying reports” in the 365 days before the as-of date",
    ),
    (
        "sessions_missed_180d",
        "观察时点前180天内“缺勤记录”的记录中“缺勤节数”之和",
        "the sum of “Sessions missed” in the records of “Absences” in the 180 days before the as-of date",
    ),
    (
        "percentile_mean_730d",
        "观察时点前730天内“学期综合评价”的记录中“年级百分位”的平均值",
        "the mean of “Percentile in grade” in the records of “Term results” in the 730 days before the as-of date",
    ),
    (
        "percentile_latest_365d",
        "观察时点前365天内“学期综合评价”的记录中最近一条（空缺者不计）的“年级百分位”",
        ("“Percentile in grade” in the latest record, empty cells left out, of “Term results”"
        " in the 365 days before the as-of date"),
    ),
    (
        "boards_730d",
        "观察时点前730天内“学籍信息”的记录中最近一条（空缺者不计）“是否住校”为“是”时为1，否则为0",
        ("1 if “Boards” is “yes” in the latest record, empty cells left out, of “Enrolment”"
        " in the 730 days before the as-of date; else 0"),
    ),
    (
        "bullied_seriously_730d",
        "有观察时点前730天内“学生欺凌登记”中“程度”为“严重”的记录时为1，没有时为0",
        ("1 if there is any record of “Bullying reports” in the 730 days before the as-of date,"
        " where “Severity” is “Serious”; else 0"),
    ),
    (
        "days_since_checkup_730d",
        "观察时点前730天内“儿童健康体检”的记录中最近一条距观察时点的天数",
        "days to that date from the latest record of “Child health checks” in the 730 days before the as-of date",
    ),
    (
        "age_years",
        "观察时点前“流动人口居住登记”的记录中最近一条所记“出生日期”至观察时点的年数",
        ("years to that date from “Date of birth” in the latest record of “Residence registration”"
        " before the as-of date"),
    ),
    (
        "home_visits_365d",
        "观察时点前365天内“家校联系记录”中“联系方式”为“家访”且“家长是否参与”为“是”的记录条数",
        ("the number of records of “School and family contacts” in the 365 days before the as-of date,"
        " where “Kind of contact” is “Home visit” and “Guardian took part” is “yes”"),
    ),
    (
        "percentile_trend_1095d",
        ("观察时点前1095天内“学期综合评价”的记录中“年级百分位”随时间变化的最小二乘斜率，"
        "折合每365天的增减；不足两个不同日期时无斜率"),
        ("the least-squares slope of “Percentile in grade”, as its change in 365 days, over the records of"
        " “Term results” in the 1095 days before the as-of date; none below two different days"),
    ),
    (
        "contact_kinds_365d",
        "观察时点前365天内“家校联系记录”中“家长是否参与”为“是”的记录中“联系方式”的不同取值个数",
        ("the number of different values of “Kind of contact” in the records of “School and family contacts”"
        " in the 365 days before the as-of date, where “Guardian took part” is “yes”"),
    ),
    (
        "unattended_share_730d",
        ("观察时点前730天内“儿童主任走访记录”中“无人照料”为“是”或“否”的记录中“无人照料”为“是”的占比"),
        ("the share in which “Left unattended” is “yes”, of the records of “Child director's visits”"
        " in the 730 days before the as-of date, where “Left unattended” is “yes” or “no”"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "zh", "en"), WORDS, ids=[name for name, _, _ in WORDS])
def test_a_form_says_what_it_counts(name, zh, en):
    said = form_text(feature_named(name))

    assert said.zh == zh
    assert said.en == en


def test_words_follow_the_form_and_not_the_name():
    shorter = feature_named("bullied_365d").with_form(window=Window(30))

    assert form_text(shorter).en.endswith("in the 30 days before the as-of date")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_features_mean_the_same(language):
    said = [form_text(feature)[language] for feature in FEATURES]

    assert len(said) == len(set(said))


def test_limits_are_worded_with_their_bound_included():
    assert condition_text(Health.checkups, AtMost("sleep_hours", 7.5)).zh == "“每日睡眠小时”不高于7.5"
    assert (
        condition_text(Health.checkups, AtMost("sleep_hours", 8)).en == "“Hours of sleep a day” is at most 8"
    )
    assert condition_text(Education.absences, AtLeast("sessions", 2)).zh == "“缺勤节数”不低于2"
    assert condition_text(Education.absences, AtLeast("sessions", 2)).en == "“Sessions missed” is at least 2"


def test_a_fact_is_worded_with_its_conditions():
    crisis = Outcomes.psychological.facts[1]

    assert fact_text(crisis).zh == "“学校心理辅导记录”中“关注等级”为“危机干预”的记录"
    assert (
        fact_text(crisis).en
        == "a record of “School counsellor visits”, where “Level of attention” is “Crisis”"
    )


def test_no_record_and_no_word_from_the_department_are_told_apart():
    count = missing_text(feature_named("bullied_365d"))
    latest = missing_text(feature_named("percentile_latest_365d"))

    assert count.zh == "没有相应记录时：0；部门未投递时：不详"
    assert count.en == "0 without such a record; not known if the department is silent"
    assert latest.zh == "没有相应记录或部门未投递时：不详"
    assert latest.en == "not known without such a record, nor from a silent department"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogue_holds_every_declaration(language):
    text = catalogue_markdown(language)

    for feature in FEATURES:
        assert f"#### {feature.title[language]}\n" in text
        assert f"`{feature.name}`" in text
        assert form_text(feature)[language] in text
        assert feature.why in text
        assert text.count(f"`{feature.name}`") == 1
    for source in SOURCES:
        assert f"{source.title[language]} (`{source.name}`)\n" in text
        assert source.legal_basis[language] in text
        for column in source.columns:
            assert f"| `{column.name}` | {column.title[language]} |" in text
            assert all(f"`{code.value}` {code.title[language]}" in text for code in column.codes)
    for declared in (*OUTCOMES, *TRIGGERS):
        assert f"{declared.title[language]} (`{declared.name}`)" in text


def test_a_worked_example_is_shown_as_a_table_with_its_value():
    text = catalogue_markdown("zh")
    section = text[text.index("`insurance_lapsed_1825d`") : text.index("`own_disability_card_1825d`")]

    assert (
        "示例 1 → **1**\n\n| 发生（天前） | 获知（天前） | 参保状态 |\n| --- | --- | --- |\n| 1825 | 1800 | 断保 |"
        in section
    )
    assert "示例 2 → **不详**" in section
    assert "示例 3 → **0**" in section


def test_an_example_without_records_says_so_and_dates_are_days_before():
    text = catalogue_markdown("en")
    section = text[text.index("`age_years`") : text.index("`parents_divorced_730d`")]

    assert "Worked example 3 (no records) → **not known**" in section
    assert (
        "| record | occurred (days before) | known (days before) | Date of birth (days before) |" in section
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogue_holds_coverage_and_the_constitution(language):
    text = catalogue_markdown(language)
    begin = text.index({"zh": "## 特征章程", "en": "## Constitution of the features"}[language])

    for coverage in COVERAGE:
        assert f"| `{coverage.name}` | {coverage.source.department.title[language]} |" in text[:begin]
    for proxy in KNOWN_PROXIES:
        assert f"| {proxy.title[language]} | {proxy.why[language]} |" in text[begin:]
    for leaning in LEANINGS:
        assert f"| {leaning.title[language]} | {leaning.why[language]} |" in text[begin:]
    for feature in FEATURES:
        assert f"| {feature.title[language]} | {feature.source.department.title[language]} |" in text[begin:]


def test_an_article_is_one_line_of_the_catalogue():
    lines = catalogue_markdown("en").splitlines()

    assert (
        "| Days of unexplained absence in the last 90 days | Education |"
        " Zhejiang plan 1(3): education pushes enrolment data | 90 days | A school's diligence |"
    ) in lines
    assert any(line.startswith("| Age in years | Police |") and "does not lapse" in line for line in lines)


def test_only_one_language_is_spoken_in_each_catalogue():
    chinese, english = catalogue_markdown("zh"), catalogue_markdown("en")

    assert "Worked example" not in chinese
    assert "依据（英文）" in chinese
    assert "示例" not in english


def test_every_setting_stands_in_both_tables():
    for language, meaning in (("zh", 2), ("en", 3)):
        lines = settings_markdown(language).splitlines()
        assert len(lines) == len(SETTINGS) + 2
        for line, setting in zip(lines[2:], SETTINGS, strict=True):
            assert line == f"| `{setting[0]}` | `{setting[1]}` | {setting[meaning]} |"
