"""A form in words, in both languages: for the catalogue, and for reviewers who ask what was counted.

The words are derived from the form alone, never from a title, so that they cannot promise more than
the engines compute.
"""

from __future__ import annotations

from typing import assert_never

from features.language import (
    Aggregate,
    Aggregation,
    AtLeast,
    AtMost,
    Condition,
    DaysSince,
    DistinctCount,
    Ever,
    Fact,
    Feature,
    Latest,
    OneOf,
    Ratio,
    RiskDirection,
    Source,
    Text,
    Trend,
    YearsSince,
)

_FLAG_WORDS = {"yes": Text("是", "yes"), "no": Text("否", "no")}

_AGGREGATIONS = {
    Aggregation.SUM: Text("之和", "the sum of"),
    Aggregation.MEAN: Text("的平均值", "the mean of"),
    Aggregation.MAX: Text("的最高值", "the highest"),
    Aggregation.MIN: Text("的最低值", "the lowest"),
}

RISK_WORDS = {
    RiskDirection.RISES: Text("数值升高，风险只升不降", "risk may only rise with it"),
    RiskDirection.FALLS: Text("数值升高，风险只降不升", "risk may only fall with it"),
    RiskDirection.EITHER: Text("方向不限", "either way"),
}

UNIT_WORDS = {
    "times": Text("次", "times"),
    "days": Text("天", "days"),
    "years": Text("年", "years"),
    "yuan": Text("元", "yuan"),
    "yes_no": Text("是（1）或否（0）", "yes (1) or no (0)"),
    "sessions": Text("节", "sessions"),
    "percentile": Text("百分位", "percentile"),
    "level": Text("级", "level"),
    "hours": Text("小时", "hours"),
    "subjects": Text("门", "subjects"),
    "kinds": Text("种", "kinds"),
    "share": Text("占比（0至1）", "share (0 to 1)"),
    "percentile_a_year": Text("个百分位/年", "percentile points a year"),
    "hours_a_year": Text("小时/年", "hours a year"),
    "subjects_a_year": Text("门/年", "subjects a year"),
    "sessions_a_year": Text("节/年", "sessions a year"),
    "points": Text("分", "points"),
    "points_a_year": Text("分/年", "points a year"),
}


def code_text(source: Source, column: str, value: str) -> Text:
    """The wording of one code of a column; a flag's codes are yes and no."""
    codes = source.column(column).codes
    return source.column(column).code(value).title if codes else _FLAG_WORDS[value]


def condition_text(source: Source, condition: Condition) -> Text:
    """One condition on a record, in words."""
    title = source.column(condition.column).title
    match condition:
        case OneOf(column=column, values=values):
            words = [code_text(source, column, value) for value in values]
            return Text(
                f"“{title.zh}”为{'或'.join(f'“{word.zh}”' for word in words)}",
                f"“{title.en}” is {' or '.join(f'“{word.en}”' for word in words)}",
            )
        case AtLeast(limit=limit):
            return Text(f"“{title.zh}”不低于{limit:g}", f"“{title.en}” is at least {limit:g}")
        case AtMost(limit=limit):
            return Text(f"“{title.zh}”不高于{limit:g}", f"“{title.en}” is at most {limit:g}")
        case _:
            assert_never(condition)


def fact_text(fact: Fact) -> Text:
    """A fact of an outcome or a trigger, in words."""
    which_zh, which_en = _which(fact.source, fact.where)
    title = fact.source.title
    return Text(f"“{title.zh}”{which_zh}的记录", f"a record of “{title.en}”{which_en}")


def form_text(feature: Feature) -> Text:
    """What the feature's value is, in words."""
    form, source = feature.form, feature.source
    which_zh, which_en = _which(source, form.where)
    if form.window is None:
        within = Text("观察时点前", "before the as-of date")
    else:
        days = form.window.days
        within = Text(f"观察时点前{days}天内", f"in the {days} days before the as-of date")
    zh = f"{within.zh}“{source.title.zh}”{which_zh}的记录"
    en = f"“{source.title.en}” {within.en}{which_en}"
    match form:
        case Aggregate(of=Aggregation.COUNT):
            return Text(f"{zh}条数", f"the number of records of {en}")
        case Aggregate(of=of, column=column):
            title, how = source.column(str(column)).title, _AGGREGATIONS[of]
            return Text(f"{zh}中“{title.zh}”{how.zh}", f"{how.en} “{title.en}” in the records of {en}")
        case Latest(column=name, among=()):
            title = source.column(name).title
            return Text(
                f"{zh}中最近一条（空缺者不计）的“{title.zh}”",
                f"“{title.en}” in the latest record, empty cells left out, of {en}",
            )
        case Latest(column=name, among=among):
            asked = condition_text(source, OneOf(name, *among))
            return Text(
                f"{zh}中最近一条（空缺者不计）{asked.zh}时为1，否则为0",
                f"1 if {asked.en} in the latest record, empty cells left out, of {en}; else 0",
            )
        case Ever():
            return Text(f"有{zh}时为1，没有时为0", f"1 if there is any record of {en}; else 0")
        case DaysSince():
            return Text(
                f"{zh}中最近一条距观察时点的天数", f"days to that date from the latest record of {en}"
            )
        case YearsSince(column=name):
            title = source.column(name).title
            return Text(
                f"{zh}中最近一条所记“{title.zh}”至观察时点的年数",
                f"years to that date from “{title.en}” in the latest record of {en}",
            )
        case Trend(column=name):
            title = source.column(name).title
            return Text(
                f"{zh}中“{title.zh}”随时间变化的最小二乘斜率，折合每365天的增减；不足两个不同日期时无斜率",
                f"the least-squares slope of “{title.en}”, as its change in 365 days, over the records"
                f" of {en}; none below two different days",
            )
        case DistinctCount(column=name):
            title = source.column(name).title
            return Text(
                f"{zh}中“{title.zh}”的不同取值个数",
                f"the number of different values of “{title.en}” in the records of {en}",
            )
        case Ratio(part=part):
            part_zh = "且".join(condition_text(source, condition).zh for condition in part)
            part_en = " and ".join(condition_text(source, condition).en for condition in part)
            return Text(f"{zh}中{part_zh}的占比", f"the share in which {part_en}, of the records of {en}")
        case _:
            assert_never(form)


def missing_text(feature: Feature) -> Text:
    """What the feature is for a child without a counting record, and for a department not heard from."""
    if feature.when_no_records is None:
        return Text(
            "没有相应记录或部门未投递时：不详",
            "not known without such a record, nor from a silent department",
        )
    value = f"{feature.when_no_records:g}"
    return Text(
        f"没有相应记录时：{value}；部门未投递时：不详",
        f"{value} without such a record; not known if the department is silent",
    )


def _which(source: Source, where: tuple[Condition, ...]) -> tuple[str, str]:
    """The conditions as a clause in Chinese and in English; nothing if there are none."""
    words = [condition_text(source, condition) for condition in where]
    if not words:
        return "", ""
    return "中" + "且".join(word.zh for word in words), ", where " + " and ".join(word.en for word in words)
