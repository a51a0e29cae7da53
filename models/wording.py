"""What a screening says to a person, in Chinese and English. Pure.

A risk is a frequency in words with its range, never a bare probability. A feature is its declared title
and its value, or "not known". No sentence here diagnoses, blames or predicts what one child will do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from features.form_text import UNIT_WORDS
from features.language import Feature, Text
from models.explanation import FamilyReason
from models.policy import Lane
from models.screening import Screening

# Why a screener declines to speak: the codes of Screening.abstained.
ABSTAINED: Mapping[str, Text] = {
    "too_little_known": Text(
        "多数信息未知（有关部门未提供），筛查模型不作判断；建议由人了解情况。",
        "Most of what the screener looks at is not known, so it says nothing; a person should find out.",
    ),
    "needed_unknown": Text(
        "筛查模型必需的一类信息完全未知（有关部门未提供），筛查模型不作判断；建议由人了解情况。",
        "Nothing is known of one kind of information the screener cannot do without, so it says nothing;"
        " a person should find out.",
    ),
    "age_unknown": Text(
        "年龄未知，筛查模型不作判断；请先核对居住登记。",
        "The child's age is not known, so the screener says nothing; check the residence registration first.",
    ),
}

NOT_KNOWN = Text(
    "未知（部门未提供或无此项记录）", "not known (not delivered, or nothing of the kind recorded)"
)

LANES: Mapping[Lane, Text] = {
    Lane.TRIGGER: Text("强制触发，须由人处理", "Hard trigger: a person must act"),
    Lane.REQUEST: Text("家庭主动求助", "The family asked for help"),
    Lane.MODEL: Text("筛查提示，建议走访", "Screening suggests a visit"),
    Lane.RULE: Text("规则提示，建议走访", "The published rules suggest a visit"),
    Lane.AUDIT: Text("随机抽查", "Random check"),
    Lane.DECLARED: Text("家庭自主申报", "The family declared itself"),
    Lane.REFERRED: Text("工作人员转来", "Referred by a worker"),
    Lane.ENTITLEMENT: Text("可能未享受应有服务", "A service the child may not be getting"),
}

LIMITS = Text(
    "本提示仅供安排走访参考，不是结论，更不是诊断。",
    "This only helps to decide whom to visit first; it concludes nothing and is no diagnosis.",
)

# The one feature that is an age.
AGE = "age_years"

_YES = Text("是", "yes")
_NO = Text("否", "no")


def frequency(risk: float, low: float, high: float) -> Text:
    """The risk and its range as children in a hundred, or in a thousand where it is small."""
    if not 0 <= low <= risk <= high <= 1:
        raise ValueError("A risk lies inside its range, and both between 0 and 1.")
    of = 100 if risk >= 0.03 else 1000
    count, least, most = (_whole(value * of) for value in (risk, low, high))
    if count == 0:
        return Text(
            f"{of}名情况相近的儿童中不到1名（至多{max(most, 1)}名）",
            f"fewer than 1 of {of} children in similar circumstances (at most {max(most, 1)})",
        )
    return Text(
        f"{of}名情况相近的儿童中约有{count}名（{least}至{most}名）",
        f"about {count} of {of} children in similar circumstances ({least} to {most})",
    )


def often(screening: Screening) -> Text:
    """A screening's risk as a frequency; why it says nothing if it abstained."""
    if screening.abstained is not None:
        return ABSTAINED[screening.abstained]
    return frequency(screening.risk, screening.low, screening.high)


def risk_sentence(screening: Screening, outcome: Text) -> Text:
    """What a screening says of the half-year it looks at; why it says nothing if it abstained."""
    if screening.abstained is not None:
        return ABSTAINED[screening.abstained]
    said = often(screening)
    return Text(
        f"{said.zh}在随后半年内{outcome.zh}。{LIMITS.zh}",
        f"{outcome.en}: {said.en} within the half-year that follows. {LIMITS.en}",
    )


def value_text(feature: Feature, value: float | None) -> Text:
    """A value with its unit, or that it is not known."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    if feature.unit == "yes_no":
        return _YES if value >= 0.5 else _NO
    if feature.unit == "share":
        part = _whole(value * 100)
        return Text(f"{part}%", f"{part} %")
    if feature.name == AGE:
        # People say how many birthdays a child has had, not how far it is to the next one.
        years = math.floor(value)
        return Text(f"{years}岁", f"{years} year{'' if years == 1 else 's'} old")
    number = _number(value)
    if feature.unit == "percentile":
        return Text(f"第{number}百分位", f"percentile {number}")
    unit = UNIT_WORDS[feature.unit]
    if feature.unit == "level":
        return Text(f"{number}级", f"level {number}")
    english = unit.en
    if number == "1" and english.endswith("s"):
        english = {"times": "time"}.get(english, english[:-1])
    return Text(f"{number}{unit.zh}", f"{number} {english}")


def feature_sentence(feature: Feature, value: float | None) -> Text:
    """What a feature says: title and value, in the words of its declaration."""
    said = value_text(feature, value)
    return Text(f"{feature.title.zh}：{said.zh}", f"{feature.title.en}: {said.en}")


def direction(reason: FamilyReason) -> Text:
    """Whether a family's records raise, lower or leave the place of the child in the queue."""
    if reason.contribution > 0.005:
        return Text("提示更需要关注", "Points to more need for attention")
    if reason.contribution < -0.005:
        return Text("起保护作用", "Protective")
    return Text("影响很小", "Makes little difference")


def _whole(value: float) -> int:
    return math.floor(value + 0.5)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value - round(value)) < 0.05 else f"{value:.1f}"
