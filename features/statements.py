"""What a profile says, line by line: the value in words and the document that states it.

A line no document states is still there and says so: what is not known belongs on the page as much as
what is. What the deploying office chose is told apart from what a document states. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from features.jurisdiction import DEPLOYMENT, Profile, ProfileUnknown
from features.language import Text


class Standing(Enum):
    """What a line rests on."""

    DOCUMENT = "document"
    DEPLOYMENT = "deployment"
    NOT_STATED = "not_stated"


@dataclass(frozen=True)
class Statement:
    """One line of a profile. `value` and `basis` are None where no document states it."""

    path: tuple[str, ...]
    title: Text
    value: Text | None
    basis: str | None
    standing: Standing


@dataclass(frozen=True)
class _Line:
    """One thing a profile may state, and how its value reads."""

    path: tuple[str, ...]
    title: Text
    words: Callable[[Any], Text]


@dataclass(frozen=True)
class Section:
    """A group of lines."""

    title: Text
    lines: tuple[_Line, ...]


def _text(value: Any) -> Text:
    return Text(value["zh"], value["en"])


def _plain(value: Any) -> Text:
    return Text(str(value), str(value))


def _days(value: Any) -> Text:
    # Documents write months; the calendar needs days.
    months = round(value / 30.5)
    return Text(
        f"至少每 {months} 个月一次（按 {value} 天计）",
        f"at least once in {months} month{'s' if months > 1 else ''} (counted as {value} days)",
    )


def _crossing(value: Any) -> Text:
    return {
        "county": Text("跨县（市、区）", "across counties"),
        "city": Text("跨设区的市", "across cities"),
    }[value]


def _same_city(value: Any) -> Text:
    return Text("不计入", "not counted") if value else Text("计入", "counted")


def _months(value: Any) -> Text:
    return Text(
        "、".join(f"{month}月" for month in value), "months " + " and ".join(str(month) for month in value)
    )


def _titles(value: Any) -> Text:
    rows = [row.get("title", row) for row in value]
    return Text("；".join(row["zh"] for row in rows), "; ".join(row["en"] for row in rows))


def _lines_of(value: Any) -> Text:
    return Text(
        "；".join(f"{row['number']} {row['title']['zh']}" for row in value),
        "; ".join(f"{row['number']} {row['title']['en']}" for row in value),
    )


def _tiers(value: Any) -> Text:
    return Text(
        "；".join(f"{row['title']['zh']}（{row['contact_within_days']} 天内联系）" for row in value),
        "; ".join(
            f"{row['title']['en']} (contact within {row['contact_within_days']} days)" for row in value
        ),
    )


SECTIONS: tuple[Section, ...] = (
    Section(
        Text("谁在服务范围内", "Who is in scope"),
        (
            _Line(("eligibility", "below_years"), Text("年龄", "Age"), lambda v: Text(f"不满 {v} 周岁", f"below {v}")),
            _Line(("eligibility", "minimum_days"), Text("居住时间", "Time here"), lambda v: Text(f"六个月以上（按 {v} 天计）", f"six months and more (counted as {v} days)")),
            _Line(("eligibility", "crossing"), Text("离开户籍地", "Away from the home area"), _crossing),
            _Line(("eligibility", "excludes_same_city_districts"), Text("同城市辖区之间", "Between districts of one city"), _same_city),
            _Line(("eligibility", "central_districts"), Text("哪些是中心城区", "Which districts are central"), lambda v: _plain("、".join(v))),
        ),
    ),
    Section(
        Text("重点关爱服务对象", "Key-care children"),
        (
            _Line(("key_care", "categories"), Text("类别", "Categories"), _titles),
            _Line(("care", "contact_days"), Text("儿童主任联系", "Contact by the child director"), _days),
            _Line(("care", "visit_days"), Text("入户走访", "Visit at home"), _days),
            _Line(("care_by_class", "what"), Text("按监护风险类别走访", "Visits by class of guardianship risk"), _text),
            _Line(("care", "file"), Text("建档", "File"), _text),
            _Line(("care_by_class", "file"), Text("分类建档与方案", "File and plan by class"), _text),
            _Line(("care_by_class", "form"), Text("登记表", "Form"), _plain),
            _Line(("guardianship", "what"), Text("监护评估", "Guardianship assessment"), _text),
        ),
    ),
    Section(
        Text("轮次与申报", "Rounds and declarations"),
        (
            _Line(("rounds", "name"), Text("更新", "Rounds"), _text),
            _Line(("rounds", "months"), Text("月份", "Months"), _months),
            _Line(("declaration", "place"), Text("自主申报", "Self-declaration"), _text),
            _Line(("declaration", "voluntary"), Text("自愿", "Voluntary"), _text),
        ),
    ),
    Section(
        Text("服务、平台与热线", "Services, platforms and lines"),
        (
            _Line(("services", "list"), Text("服务清单", "Service list"), _text),
            _Line(("services", "items"), Text("清单项数", "Items on the list"), lambda v: Text(f"{v} 项", f"{v}")),
            _Line(("services", "renewed_years"), Text("清单更新", "The list is renewed"), lambda v: Text(f"每 {v} 年", f"every {v} years")),
            _Line(("services", "filed_within_days"), Text("清单备案", "The list is filed"), lambda v: Text(f"下发后 {v} 日内", f"within {v} days of issue")),
            _Line(("platforms", "main"), Text("主平台", "Main platform"), _plain),
            _Line(("platforms", "key_care"), Text("重点对象平台", "Platform for key-care children"), _plain),
            _Line(("platforms", "sharing"), Text("数据共享", "Data sharing"), _plain),
            _Line(("hotline",), Text("热线", "Lines"), _lines_of),
        ),
    ),
    Section(
        Text("预警等级", "Tiers"),
        (_Line(("tier",), Text("等级与联系期限", "Tiers and time to contact"), _tiers),),
    ),
)  # fmt: skip


def statements(profile: Profile, section: Section) -> tuple[Statement, ...]:
    """The lines of a section as this profile states them."""
    return tuple(_statement(profile, line) for line in section.lines)


def _statement(profile: Profile, line: _Line) -> Statement:
    try:
        value, basis = profile.value(*line.path), profile.basis(*line.path)
    except ProfileUnknown:
        return Statement(line.path, line.title, None, None, Standing.NOT_STATED)
    standing = Standing.DEPLOYMENT if basis == DEPLOYMENT else Standing.DOCUMENT
    return Statement(
        line.path, line.title, line.words(value), None if basis == DEPLOYMENT else basis, standing
    )
