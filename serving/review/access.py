"""Who may see what of a child: one table of groups of fields, roles, and how near a case is to its reader.

Pages, lists and answers ask `shown`; the table in SECURITY.md and a test of every group, role and reach over
every page are made from the same rows. What no row shows to anybody (`NOBODY`) is declared too, so that the
test looks for it everywhere. A group that is shown only on `asking` takes a step of its own, with a purpose
where one is wanted, and leaves an audit event each time. Pure: no store, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from features.language import Worded
from serving.callers import KeyScope
from serving.review.case import COORDINATORS, WORKERS, Role


class Reach(Worded):
    """How near a case is to who reads it. A case may be near in several ways, or in none."""

    HELD = ("held", "本人负责", "Holds it")
    AREA = ("area", "在所负责区域内", "In own area")
    ASKED = ("asked", "被同事请教", "Asked by a colleague")
    OPENED = ("opened", "紧急查看期间", "Opened in an emergency")


class Group(Worded):
    """Fields that are shown or hidden together."""

    CASE = ("case", "个案：编号、状态、等级、期限、负责人", "The case: id, status, tier, dates, holder")
    ORIGIN = (
        "origin",
        "来由与强制触发（部门、日期）",
        "How it came: lane, hard triggers with department and date",
    )
    AGE = ("age", "年龄（整岁）与学段", "Age in years and school stage")
    AREA = ("area", "居住区域名称", "Name of the area of residence")
    MASKED_NAME = ("masked_name", "姓名（脱敏）", "Name, masked")
    FULL_NAME = ("full_name", "姓名（完整）", "Name, in full")
    REASONS = ("reasons", "关注提示、原因与依据", "Risk in words, reasons and evidence")
    CONCLUSIONS = ("conclusions", "走访、判断与结论（选项）", "Visits, views and conclusions, as chosen")
    NOTES = ("notes", "工作人员填写的文字", "What staff wrote")
    RECORDS = ("records", "一人一档：部门记录的日期", "The child's page: dates of departments' records")
    SENSITIVE = ("sensitive", "一人一档：敏感来源的日期", "The child's page: dates of sensitive sources")
    LOOKED = ("looked", "谁查看过", "Who looked")
    SUPPORT = ("support", "台账、转介、计划（选项）", "Ledger, referrals, plans, as chosen")
    ASSESSMENT = ("assessment", "监护评估各项等级", "Items of a guardianship assessment")
    REPORT = ("report", "强制报告（选项）", "Mandatory report, as chosen")
    RIGHTS = ("rights", "个人信息权利申请", "Requests about personal data")
    EXPORTS = ("exports", "导出的表格（可含完整姓名，须批准）", "Exported tables; full names if approved")
    OPENINGS = ("openings", "紧急查看及其理由", "Emergency openings and their reasons")
    DASHBOARD = ("dashboard", "工作情况计数", "Counts of how the work goes")
    STATISTICS = ("statistics", "半年统计", "Half-yearly statistics")
    ID_NUMBER = ("id_number", "公民身份号码、学籍号", "ID and student numbers")
    BIRTH_DATE = ("birth_date", "出生日期", "Date of birth")
    CHILD_KEY = ("child_key", "儿童假名、住户假名", "Pseudonyms of child and household")
    RAW_SCORE = ("raw_score", "原始分、概率数值", "Raw score, bare probability")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: these roles see this group of a case that is near in one of these ways."""

    group: Group
    roles: frozenset[Role]
    reaches: frozenset[Reach]
    asking: bool = False


EVERYBODY = frozenset(Role)
OVERSEERS = frozenset({Role.SUPERVISOR, Role.SCREENER, Role.MANAGER, Role.AUDITOR})
_NEAR = frozenset({Reach.HELD, Reach.AREA})
_LENT = frozenset({Reach.ASKED, Reach.OPENED})
_FIELD = frozenset({Role.CHILD_DIRECTOR, Role.ASSESSOR})


def _row(group: Group, roles: Iterable[Role], reaches: Iterable[Reach], *, asking: bool = False) -> Rule:
    return Rule(group=group, roles=frozenset(roles), reaches=frozenset(reaches), asking=asking)


# Groups of whoever may open a case: near to everybody, lent to those who work on cases.
_OF_A_CASE = (
    *(Group.CASE, Group.ORIGIN, Group.AGE, Group.AREA, Group.REASONS, Group.CONCLUSIONS),
    Group.LOOKED,
)

TABLE: tuple[Rule, ...] = (
    *(_row(group, EVERYBODY, _NEAR) for group in _OF_A_CASE),
    *(_row(group, WORKERS, _LENT) for group in _OF_A_CASE),
    *(_row(group, WORKERS | {Role.MANAGER}, _NEAR) for group in (Group.MASKED_NAME, Group.NOTES)),
    *(_row(group, WORKERS, _LENT) for group in (Group.MASKED_NAME, Group.NOTES)),
    _row(Group.FULL_NAME, _FIELD, {Reach.HELD}, asking=True),
    _row(Group.FULL_NAME, COORDINATORS, _NEAR, asking=True),
    _row(Group.RECORDS, _FIELD, {Reach.HELD, Reach.OPENED}, asking=True),
    _row(Group.RECORDS, COORDINATORS, _NEAR | {Reach.OPENED}, asking=True),
    _row(Group.SENSITIVE, {Role.ASSESSOR}, {Reach.HELD, Reach.OPENED}, asking=True),
    _row(Group.SENSITIVE, COORDINATORS, _NEAR | {Reach.OPENED}, asking=True),
    _row(Group.SUPPORT, EVERYBODY, _NEAR),
    _row(Group.SUPPORT, WORKERS, {Reach.OPENED}),
    _row(Group.ASSESSMENT, WORKERS | {Role.MANAGER}, _NEAR),
    _row(Group.REPORT, EVERYBODY, _NEAR),
    _row(Group.REPORT, WORKERS, {Reach.OPENED}),
    _row(Group.RIGHTS, {Role.SCREENER, Role.MANAGER, Role.AUDITOR}, {Reach.AREA}),
    _row(Group.EXPORTS, {Role.SCREENER, Role.MANAGER}, {Reach.AREA}, asking=True),
    _row(Group.OPENINGS, {Role.MANAGER, Role.AUDITOR}, {Reach.AREA}),
    _row(Group.DASHBOARD, OVERSEERS, {Reach.AREA}),
    _row(Group.STATISTICS, {Role.MANAGER, Role.AUDITOR}, {Reach.AREA}),
)
NOBODY = frozenset({Group.ID_NUMBER, Group.BIRTH_DATE, Group.CHILD_KEY, Group.RAW_SCORE})

# What a case system's key opens, by scope, in the key's area. Names, notes and items are in no answer.
MACHINES: Mapping[KeyScope, frozenset[Group]] = {
    KeyScope.SCORE: frozenset({Group.REASONS, Group.CHILD_KEY, Group.RAW_SCORE}),
    KeyScope.READ: frozenset({Group.CASE, Group.ORIGIN, Group.AREA, Group.CONCLUSIONS, Group.CHILD_KEY}),
    KeyScope.SUPPORT: frozenset({Group.SUPPORT, Group.AREA, Group.CHILD_KEY}),
    KeyScope.TABLES: frozenset({Group.CASE, Group.ORIGIN, Group.AREA, Group.AGE}),
}


def shown(group: Group, role: Role, reaches: Iterable[Reach] = (Reach.AREA,)) -> bool:
    """Whether this role sees the group, of a case that is near in these ways."""
    near = frozenset(reaches)
    return any(row.group is group and role in row.roles and row.reaches & near for row in TABLE)


def roles_that_see(group: Group, *reaches: Reach) -> frozenset[Role]:
    """The roles that see the group of a case near in one of these ways; of any, if none is named."""
    return frozenset(role for role in Role if shown(group, role, reaches or tuple(Reach)))


def on_asking(group: Group) -> bool:
    """Whether the group is shown only after a step of its own."""
    return any(row.group is group and row.asking for row in TABLE)


def table_markdown() -> list[str]:
    """The table as SECURITY.md has it: one line for each group, one column for each role."""
    lines = [
        f"| fields 字段 | {' | '.join(f'{role.title.en} {role.title.zh}' for role in Role)} |",
        "|---" * (len(Role) + 1) + "|",
    ]
    for group in Group:
        asked = "（须申请 on asking）" if on_asking(group) else ""
        cells = [_cell(group, role) for role in Role]
        lines.append(f"| {group.title.zh} {group.title.en}{asked} | {' | '.join(cells)} |")
    return lines


_SHORT: Mapping[Reach, str] = {
    Reach.HELD: "负责",
    Reach.AREA: "区域",
    Reach.ASKED: "请教",
    Reach.OPENED: "紧急",
}


def _cell(group: Group, role: Role) -> str:
    near = [reach for reach in Reach if shown(group, role, (reach,))]
    return "、".join(_SHORT[reach] for reach in near) or "–"
