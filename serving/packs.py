"""The packs an authority asks for, made from the declarations and the log: nothing in them is typed twice.

    data map            what each source brings, what for, on what basis, where it lies, who sees it, how long
    impact assessment   the items of PIPL art. 55 and 56, what the machine can say of each, what a person must
    yearly audit        minors' data over one year: looks, exports, deletions, emergency openings, corrections

An item is filled, or it says that a person has to fill it; a test holds every item to one of the two. Counts
only: no pack names anybody. Pages are one file each, in both languages, and need no network.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import jinja2

from features.catalogue import FEATURES
from features.language import Personal, Source, Text, Use
from features.offline_page import write_text
from features.sources import SOURCES
from serving.review.access import Group, roles_that_see
from serving.review.case import Role
from serving.review.reading import SENSITIVE
from serving.review.retention import KEPT
from serving.review.schema import METADATA

TEMPLATE = "pack.html"
_FEATURES_FOLDER = Path(__file__).parents[1] / "features"


@dataclass(frozen=True)
class Item:
    """One point of a pack: what is asked, by which rule, and what the machine says; or that a person must.

    `person`: what somebody has to write here. An item may have both parts.
    """

    title: Text
    basis: Text
    said: tuple[Text, ...] = ()
    person: Text | None = None


@dataclass(frozen=True)
class Sheet:
    """A table of a pack: a cell is a text in both languages."""

    title: Text
    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Pack:
    """One document."""

    name: str
    title: Text
    about: Text
    items: tuple[Item, ...]
    sheets: tuple[Sheet, ...]


def same(text: object) -> Text:
    """A figure, a code or a name that is the same in both languages."""
    return Text(str(text), str(text))


def data_map() -> Pack:
    """Where every datum comes from, what for, on what basis, where it lies, who sees it and how long."""
    return Pack(
        "data-map",
        Text("个人信息清单", "Data map"),
        Text(
            "由来源、特征、权限表和保存期限的声明生成。",
            "Made from the declared sources, features, access table and periods of keeping.",
        ),
        (
            Item(
                Text("数据目录的部门确认", "Confirmation of the catalogue by each department"),
                Text("《政务数据共享条例》", "Regulation on sharing government data"),
                person=Text("逐部门填写共享依据文号与联系人。", "By department: document and contact."),
            ),
        ),
        (
            Sheet(
                Text("各部门来源", "Sources of departments"),
                (
                    Text("来源", "Source"), Text("栏目", "Columns"), Text("用途", "Purpose"),
                    Text("依据", "Basis"), Text("存放", "Kept in"), Text("谁可见", "Seen by"),
                    Text("保存", "How long"),
                ),
                tuple(_source_row(source) for source in SOURCES),
            ),
            Sheet(
                Text("复核库中的个人信息", "Personal columns of the review store"),
                (Text("表", "Table"), Text("栏目", "Columns")),
                tuple(_table_rows()),
            ),
            Sheet(
                Text("保存期限", "Periods of keeping"),
                (
                    Text("内容", "What"), Text("期限", "Period"), Text("起算", "Counted from"),
                    Text("依据", "Stated"),
                ),
                tuple(_kept_rows()),
            ),
        ),
    )  # fmt: skip


def _source_row(source: Source) -> tuple[Text, ...]:
    columns = source.all_columns
    used = [feature for feature in FEATURES if feature.source is source]
    purpose = (
        Text(f"筛查特征 {len(used)} 项", f"{len(used)} features of screening")
        if used
        else Text("触发、核对或名册", "Triggers, checks or the roster")
    )
    sealed = any(column.personal is Personal.DIRECT for column in columns)
    kept = (
        Text(
            "姓名、证件号加密存于身份库；其余去标识后存于数据湖",
            "Name and number sealed apart; the rest, pseudonymous, in the lake",
        )
        if sealed
        else Text("去标识后存于数据湖", "Pseudonymous, in the lake")
    )  # fmt: skip
    seen = roles_that_see(Group.SENSITIVE if source.name in SENSITIVE else Group.RECORDS)
    return (
        Text(
            f"{source.department.title.zh} · {source.title.zh}",
            f"{source.department.title.en} · {source.title.en}",
        ),
        Text("、".join(c.title.zh for c in columns), ", ".join(c.title.en for c in columns)),
        purpose,
        source.legal_basis,
        kept,
        _roles(seen),
        Text(
            "至依权利删除或离开本地；没有文件写明年限",
            "Until deleted by right or on leaving; no document states a number of years",
        ),
    )  # fmt: skip


def _roles(roles: frozenset[Role]) -> Text:
    named = [role for role in Role if role in roles]
    return Text("、".join(role.title.zh for role in named), ", ".join(role.title.en for role in named))


def _table_rows() -> list[tuple[Text, ...]]:
    found: list[tuple[Text, ...]] = []
    for table in METADATA.sorted_tables:
        personal = [column.name for column in table.columns if column.info.get("personal")]
        if personal:
            found.append((same(table.name), same(", ".join(personal))))
    return found


def _kept_rows() -> list[tuple[Text, ...]]:
    return [
        (
            kept.title,
            Text(f"{kept.keeps.days} 天", f"{kept.keeps.days} days")
            if kept.keeps
            else Text("长期", "For good"),
            kept.counted_from,
            Text("文件写明", "Stated")
            if kept.stated
            else Text("没有文件写明，本系统自定", "Stated nowhere; our own"),
        )
        for kept in KEPT
    ]


@dataclass(frozen=True)
class Facts:
    """What the machine knows of this deployment, for the packs that need more than declarations."""

    screeners: tuple[str, ...]
    evaluated: bool
    clients: int
    receivers: int
    cipher: str
    simulated: bool


def impact_assessment(facts: Facts) -> Pack:
    """The items of an assessment before processing (PIPL art. 55, 56), filled where the machine can."""
    protected = [c for source in SOURCES for c in source.all_columns if c.use is Use.AUDIT]
    in_use = "、".join(facts.screeners) or "–"
    items = (
        Item(
            Text("处理敏感个人信息：不满十四周岁未成年人", "Sensitive data: children under 14"),
            Text("《个人信息保护法》第二十八、三十一、五十五条", "PIPL art. 28, 31, 55"),
            (
                Text(
                    f"来源 {len(SOURCES)} 个，其中敏感来源 {len(SENSITIVE)} 个；逐项见个人信息清单。",
                    f"{len(SOURCES)} sources, {len(SENSITIVE)} of them sensitive; each in the data map.",
                ),
            ),
            Text(
                "专门的个人信息处理规则文本及告知方式。",
                "The special processing rule and how families are told.",
            ),
        ),
        Item(
            Text("自动化决策", "Automated decision-making"),
            Text("《个人信息保护法》第二十四、五十五条", "PIPL art. 24, 55"),
            (
                Text(
                    f"在用筛查模型：{in_use}。系统只提示先走访谁，每件个案由人判断和结案；可提出异议并由人复核。",
                    f"Screeners in use: {in_use}. The system suggests whom to visit; a person decides and"
                    " closes every case; an objection is looked at by a person.",
                ),
            ),
        ),
        Item(
            Text("委托处理、向他人提供", "Entrusting, and providing to others"),
            Text("《个人信息保护法》第二十一、二十三、五十五条", "PIPL art. 21, 23, 55"),
            (
                Text(
                    f"接口客户端 {facts.clients} 个，消息接收方 {facts.receivers} 个；"
                    "姓名和文字记录不经接口提供。",
                    f"{facts.clients} clients of the interface, {facts.receivers} receivers of messages;"
                    " names and notes are in no answer.",
                ),
            ),
            Text(
                "委托合同、建设运维单位及其批准。", "Contracts, who builds and runs it, and their approval."
            ),
        ),
        Item(
            Text(
                "目的、方式是否合法、正当、必要",
                "Whether purpose and manner are lawful, proper and necessary",
            ),
            Text("《个人信息保护法》第五十六条第一项", "PIPL art. 56 (1)"),
            (
                Text(
                    f"每个来源声明其依据；{len(protected)} 个栏目只用于公平性核查，不进入特征；"
                    "禁用事项由测试保证。",
                    f"Every source declares its basis; {len(protected)} columns serve checks of fairness and"
                    " enter no feature; what is forbidden is held by tests.",
                ),
            ),
            Text("本单位法定职责的具体条文。", "The statutory duty of this office, by article."),
        ),
        Item(
            Text("对个人权益的影响及安全风险", "Effects on rights, and risks"),
            Text("《个人信息保护法》第五十六条第二项", "PIPL art. 56 (2)"),
            (
                Text("评估报告：reports/evaluation。", "Evaluation report: reports/evaluation.")
                if facts.evaluated
                else Text("还没有评估报告。", "There is no evaluation report yet."),
                Text("模拟数据：没有在真实儿童上验证。", "Simulated: validated on no real child.")
                if facts.simulated
                else Text("非模拟数据。", "Not simulated."),
            ),
            Text("听取儿童、监护人意见的情况。", "How children and guardians were heard."),
        ),
        Item(
            Text(
                "保护措施是否合法、有效并与风险相适应",
                "Whether measures are lawful, effective and fit the risk",
            ),
            Text("《个人信息保护法》第五十一、五十六条第三项", "PIPL art. 51, 56 (3)"),
            (
                Text(
                    f"姓名和证件号用 {facts.cipher} 加密；权限表和威胁逐条对应模块与测试：SECURITY.md。",
                    f"Names and numbers are sealed with {facts.cipher}; access table and threats, each with"
                    " its module and test: SECURITY.md.",
                ),
            ),
            Text(
                "等级保护、密码应用安全性评估的结论。",
                "Results of classified protection and of cryptography.",
            ),
        ),
        Item(
            Text("结论、批准与保存", "Conclusion, approval and keeping"),
            Text("《个人信息保护法》第五十六条：至少保存三年", "PIPL art. 56: kept for three years at least"),
            person=Text("评估结论、批准人、日期。", "Conclusion, who approved it, and when."),
        ),
    )
    return Pack(
        "impact-assessment",
        Text("个人信息保护影响评估", "Personal information impact assessment"),
        Text(
            "处理之前完成。机器能写的已写明，其余由人填写。",
            "To be done before processing. What the machine can say is said.",
        ),
        items,
        (),
    )  # fmt: skip


def write(packs: Sequence[Pack], folder: Path, on: date, *, simulated: bool) -> list[Path]:
    """Write each pack as a page and as JSON; the files."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([Path(__file__).parent, _FEATURES_FOLDER]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template, written = environment.get_template(TEMPLATE), []
    for pack in packs:
        page = template.render(pack=pack, on=on.isoformat(), simulated=simulated)
        written.append(write_text(folder / f"{pack.name}.html", page))
        said = json.dumps(
            {**asdict(pack), "made_on": on.isoformat(), "simulated": simulated}, ensure_ascii=False, indent=1
        )
        written.append(write_text(folder / f"{pack.name}.json", said + "\n"))
    return written
