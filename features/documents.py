"""The catalogue and the settings table, written from the declarations alone.

Nothing is worded here that a declaration words already; a hand-made change to a generated file is
lost at the next writing, and a test fails until it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from features.catalogue import FEATURES
from features.catalogue.families import FAMILIES
from features.constitution import LEANINGS, LONGEST_MEMORY_DAYS, Article, constitution
from features.coverage import COVERAGE
from features.form_text import RISK_WORDS, UNIT_WORDS, code_text, fact_text, form_text, missing_text
from features.language import (
    KNOWN_PROXIES,
    Column,
    Department,
    Example,
    Family,
    Feature,
    Kind,
    Source,
    Text,
)
from features.outcomes import OUTCOMES
from features.settings import SETTINGS
from features.sources import SOURCES
from features.triggers import TRIGGERS

CATALOGUE_FILES = {"en": "CATALOGUE.md", "zh": "CATALOGUE.zh-CN.md"}
README_FILES = {"en": "README.md", "zh": "README.zh-CN.md"}
SETTINGS_BEGIN = "<!-- settings:begin (written by python -m features document) -->"
SETTINGS_END = "<!-- settings:end -->"

_WORDS = {
    "title": Text("特征目录", "Feature catalogue"),
    "generated": Text(
        "本文件由 `python -m features document` 依据声明生成，请勿手改。",
        "Written by `python -m features document` from the declarations; changes made by hand are lost.",
    ),
    "reading": Text(
        "只有在观察时点之前已经获知的记录才计入；同一记录以最后获知的版本为准。回溯窗口的第一天计入，"
        "观察时点当天不计入。部门在规定时间内没有投递时，其特征一律为“不详”。"
        "示例中“发生”“获知”都是距观察时点的天数，获知为0即为时已晚；横线表示空缺。",
        "A record counts only if it was known before the as-of date, and of its versions the one known last."
        " The first day of a window counts, the as-of date itself does not. While a department is silent,"
        " all its features are not known. In the examples “occurred” and “known” are days before the as-of"
        " date; known 0 is too late; a dash is an empty cell.",
    ),
    "features": Text("特征", "Features"),
    "sources": Text("来源表", "Sources"),
    "outcomes": Text("结局", "Outcomes"),
    "triggers": Text("强制触发", "Hard triggers"),
    "ask": Text("走访时可问", "To ask at a visit"),
    "name": Text("名称", "Name"),
    "source": Text("来源", "Source"),
    "value": Text("取值", "Value"),
    "window": Text("回溯窗口", "Window"),
    "days": Text("天", "days"),
    "no_window": Text("无（不失效的事实）", "none (a fact that does not lapse)"),
    "unit": Text("单位", "Unit"),
    "direction": Text("与风险的关系", "Direction of risk"),
    "missing": Text("缺失", "Missing"),
    "actionable": Text("工作人员可据此行动", "Staff can act on it"),
    "sensitive": Text("敏感（从不作为提示原因显示）", "Sensitive (never shown as a reason)"),
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
    "why": Text("依据（英文）", "Why we ask"),
    "example": Text("示例", "Worked example"),
    "no_records": Text("没有记录", "no records"),
    "not_known": Text("不详", "not known"),
    "record": Text("记录", "record"),
    "occurred": Text("发生（天前）", "occurred (days before)"),
    "known": Text("获知（天前）", "known (days before)"),
    "before": Text("（天前）", " (days before)"),
    "basis": Text("依据", "Legal basis"),
    "rhythm": Text("投递节奏", "Rhythm"),
    "every": Text("每{0}天投递；超过{1}天未投递视为静默", "every {0} days; silent after {1} without any"),
    "delay": Text("首次历史数据视为登记后{0}天获知", "first load: known {0} days after it was written down"),
    "column": Text("列", "Column"),
    "meaning_of": Text("名称", "Title"),
    "kind": Text("类型", "Kind"),
    "use": Text("用途", "Use"),
    "delivered": Text("可接受的写法", "Delivered as"),
    "codes": Text("取值与代码", "Codes and bounds"),
    "facts": Text("认定事实", "Established by"),
    "confirmed": Text("走访后属实", "Confirmed after a visit"),
    "refuted": Text("走访后未属实", "Not confirmed after a visit"),
    "already": Text(
        "近{0}天内已有认定事实的儿童不进入该筛查。",
        "Children with such a fact in the last {0} days leave this screener's rows.",
    ),
    "fact": Text("事实", "Fact"),
    "age": Text("适用年龄", "Age"),
    "younger_than": Text("不满{0}周岁", "under {0} years"),
    "any_age": Text("不限", "any"),
    "within": Text("联系时限", "Contact within"),
    "duty": Text("强制报告", "Duty to report"),
    "setting": Text("设置", "Setting"),
    "default": Text("默认值", "Default"),
    "meaning": Text("作用", "What it does"),
    "required": Text("必填", "required"),
    "group": Text("类别", "Group"),
    "family": Text("特征族", "Family"),
    "count": Text("特征数", "Features"),
    "coverage": Text("投递覆盖", "Coverage"),
    "coverage_why": Text(
        "特征矩阵中每个来源另有一列：距该来源最近一次已获知的投递多少天，从未投递为“不详”。这些列供说明、"
        "弃权与监测使用，不进入筛查模型：部门的投递节奏不是儿童的风险。",
        "Beside the features a matrix holds one column for each source: days since its last delivery known"
        " before the as-of date, not known if there was none. They serve words, abstaining and monitoring and"
        " enter no screener: a department's rhythm is not a child's risk.",
    ),
    "silent_after": Text("静默界限", "Silent after"),
    "constitution": Text("特征章程", "Constitution of the features"),
    "constitution_why": Text(
        "禁止使用的信息与已知的替代信息不能成为特征，声明时即被拒绝。事件最长记忆{0}天；出生与到来日期不失效。"
        "下表逐项列出部门、法律依据、遗忘时间与已考虑的倾向。",
        "What is forbidden, and what is known to stand in for it, is refused when declared. No event is"
        " remembered for more than {0} days; dates of birth and arrival do not lapse. The table lists for"
        " each feature its department, legal basis, forgetting time and the leanings considered.",
    ),
    "proxy": Text("已知的替代信息（拒绝）", "Known proxy (refused)"),
    "leaning": Text("倾向（允许，须审计）", "Leaning (allowed, audited)"),
    "reason": Text("理由", "Why"),
    "feature": Text("特征", "Feature"),
    "department": Text("部门", "Department"),
    "forgotten": Text("遗忘时间", "Forgotten after"),
    "never": Text("不失效", "does not lapse"),
    "considered": Text("已考虑的倾向", "Leanings considered"),
    "none": Text("无", "none"),
    "to": Text("至", " to "),
    "colon": Text("：", ": "),
    "semicolon": Text("；", "; "),
}  # fmt: skip

_KINDS = {
    "text": Text("文本", "text"),
    "code": Text("代码", "code"),
    "integer": Text("整数", "whole number"),
    "number": Text("数值", "number"),
    "date": Text("日期", "date"),
    "flag": Text("是否", "yes or no"),
    "answers": Text("逐题作答", "answers by item"),
}
_USES = {
    "signal": Text("特征", "features"),
    "eligibility": Text("资格与识别", "eligibility and identity"),
    "audit": Text("公平审计", "audit only"),
    "intake": Text("仅用于接收时换算，不保存", "read at intake only, not kept"),
}


def catalogue_markdown(language: str) -> str:
    """The whole catalogue in one language: features by family, then sources, outcomes and triggers."""
    return "\n".join(_catalogue(language)).rstrip() + "\n"


def settings_markdown(language: str) -> str:
    """The table of settings in one language."""
    rows = [(f"`{name}`", f"`{default}`", Text(zh, en)[language]) for name, default, zh, en in SETTINGS]
    return "\n".join(_table(_heads(language, "setting", "default", "meaning"), rows)) + "\n"


def with_settings(readme: str, language: str) -> str:
    """The README's text with its settings table written again; ValueError without the two marks."""
    before, begin, rest = readme.partition(SETTINGS_BEGIN)
    _old, end, after = rest.partition(SETTINGS_END)
    if not end:
        raise ValueError(f"The README lacks {SETTINGS_BEGIN} or {SETTINGS_END}.")
    return f"{before}{begin}\n{settings_markdown(language)}{end}{after}"


def write_documents(root: Path) -> list[Path]:
    """Write both catalogues and the READMEs' settings tables below `root`; returns the files written."""
    written = []
    for language, name in CATALOGUE_FILES.items():
        path = root / "features" / name
        path.write_text(catalogue_markdown(language), encoding="utf-8")
        written.append(path)
    for language, name in README_FILES.items():
        path = root / name
        path.write_text(with_settings(path.read_text(encoding="utf-8"), language), encoding="utf-8")
        written.append(path)
    return written


def _say(key: str, language: str, *values: object) -> str:
    return _WORDS[key][language].format(*values)


def _heads(language: str, *keys: str) -> list[str]:
    return [_say(key, language) for key in keys]


def _catalogue(language: str) -> Iterator[str]:
    yield from (f"# {_say('title', language)}", "")
    yield from (_say("generated", language), "", _say("reading", language), "")
    yield from _table(
        _heads(language, "group", "family", "count"),
        [
            (family.group.title[language], family.title[language], str(len(_features_of(family))))
            for family in FAMILIES
        ],
    )
    yield from ("", f"## {_say('features', language)}", "")
    for family in FAMILIES:
        yield from (f"### {family.group.title[language]} · {family.title[language]}", "")
        yield from (f"{_say('ask', language)}{_say('colon', language)}{family.ask[language]}", "")
        for feature in _features_of(family):
            yield from _feature(feature, language)
    yield from (f"## {_say('sources', language)}", "")
    for department in Department:
        for source in SOURCES:
            if source.department is department:
                yield from _source(source, language)
    yield from _outcomes(language)
    yield from _triggers(language)
    yield from _coverage(language)
    yield from _constitution(language)


def _features_of(family: Family) -> list[Feature]:
    return [feature for feature in FEATURES if feature.family is family]


def _feature(feature: Feature, language: str) -> Iterator[str]:
    source, window = feature.source, feature.form.window
    yield from (f"#### {feature.title[language]}", "")
    yield from _facts(
        ("name", f"`{feature.name}`"),
        ("source", f"{source.department.title[language]} · {source.title[language]} (`{source.name}`)"),
        ("value", form_text(feature)[language]),
        ("window", f"{window.days} {_say('days', language)}" if window else _say("no_window", language)),
        ("unit", UNIT_WORDS[feature.unit][language]),
        ("direction", RISK_WORDS[feature.risk][language]),
        ("missing", missing_text(feature)[language]),
        ("actionable", _yes(feature.actionable, language)),
        ("sensitive", _yes(feature.sensitive, language)),
        ("why", feature.why),
        language=language,
    )
    for number, example in enumerate(feature.examples, start=1):
        yield ""
        yield from _example(feature, number, example, language)
    yield ""


def _example(feature: Feature, number: int, example: Example, language: str) -> Iterator[str]:
    expected = _say("not_known", language) if example.expect is None else f"{example.expect:g}"
    title = f"{_say('example', language)} {number}"
    if not example.lines:
        yield f"{title} ({_say('no_records', language)}) → **{expected}**"
        return
    yield from (f"{title} → **{expected}**", "")
    heads = [_example_head(feature.source, name, language) for name in example.header]
    rows = [
        [
            _example_cell(feature.source, name, cell, language)
            for name, cell in zip(example.header, cells, strict=True)
        ]
        for cells in example.cells
    ]
    yield from _table(heads, rows)


def _example_head(source: Source, name: str, language: str) -> str:
    if name in ("record", "occurred", "known"):
        return _say(name, language)
    column = source.column(name)
    return column.title[language] + (_say("before", language) if column.kind is Kind.DATE else "")


def _example_cell(source: Source, name: str, cell: str, language: str) -> str:
    if name in ("record", "occurred", "known") or cell == "-":
        return cell
    if source.column(name).kind in (Kind.CODE, Kind.FLAG):
        return code_text(source, name, cell)[language]
    return cell


def _source(source: Source, language: str) -> Iterator[str]:
    yield from (
        f"### {source.department.title[language]} · {source.title[language]} (`{source.name}`)",
        "",
        source.meaning[language],
        "",
    )
    yield from _facts(
        ("basis", source.legal_basis[language]),
        (
            "rhythm",
            _say("every", language, source.rhythm_days, source.silent_after_days)
            + _say("semicolon", language)
            + _say("delay", language, source.delay_days),
        ),
        language=language,
    )
    yield ""
    rows = [
        (
            f"`{column.name}`",
            column.title[language],
            _KINDS[column.kind.value][language]
            + (f" ({_say('required', language)})" if column.required else ""),
            _bounds(column, language),
            _USES[column.use.value][language],
            "、".join((column.title.zh, *column.aliases)),
        )
        for column in source.all_columns
    ]
    yield from _table(_heads(language, "column", "meaning_of", "kind", "codes", "use", "delivered"), rows)
    yield ""


def _bounds(column: Column, language: str) -> str:
    if column.codes:
        return "<br>".join(
            f"`{code.value}` {code.title[language]} ({'、'.join(code.forms[1:])})" for code in column.codes
        )
    if column.minimum is None or column.maximum is None:
        return ""
    return f"{column.minimum:g}{_say('to', language)}{column.maximum:g}"


def _outcomes(language: str) -> Iterator[str]:
    yield from (f"## {_say('outcomes', language)}", "")
    for outcome in OUTCOMES:
        yield from (f"### {outcome.title[language]} (`{outcome.name}`)", "")
        yield from _facts(
            *(("facts", fact_text(fact)[language]) for fact in outcome.facts),
            ("confirmed", fact_text(outcome.confirmed)[language]),
            ("refuted", fact_text(outcome.refuted)[language]),
            language=language,
        )
        yield from ("", _say("already", language, outcome.already_days), "")


def _triggers(language: str) -> Iterator[str]:
    yield from (f"## {_say('triggers', language)}", "")
    rows = [
        (
            f"{trigger.title[language]} (`{trigger.name}`)",
            fact_text(trigger.fact)[language],
            _say("any_age", language)
            if trigger.younger_than_years is None
            else _say("younger_than", language, trigger.younger_than_years),
            f"{trigger.within_days} {_say('days', language)}",
            _yes(trigger.report_duty, language),
            trigger.basis[language],
        )
        for trigger in TRIGGERS
    ]
    yield from _table(_heads(language, "name", "fact", "age", "within", "duty", "basis"), rows)


def _coverage(language: str) -> Iterator[str]:
    yield from ("", f"## {_say('coverage', language)}", "", _say("coverage_why", language), "")
    rows = [
        (
            f"`{coverage.name}`",
            coverage.source.department.title[language],
            coverage.title[language],
            f"{coverage.source.silent_after_days} {_say('days', language)}",
        )
        for coverage in COVERAGE
    ]
    yield from _table(_heads(language, "name", "department", "meaning", "silent_after"), rows)


def _constitution(language: str) -> Iterator[str]:
    yield from ("", f"## {_say('constitution', language)}", "")
    yield from (_say("constitution_why", language, LONGEST_MEMORY_DAYS), "")
    refused = [(proxy.title[language], proxy.why[language]) for proxy in KNOWN_PROXIES]
    yield from _table(_heads(language, "proxy", "reason"), refused)
    yield ""
    allowed = [(leaning.title[language], leaning.why[language]) for leaning in LEANINGS]
    yield from _table(_heads(language, "leaning", "reason"), allowed)
    yield ""
    yield from _table(
        _heads(language, "feature", "department", "basis", "forgotten", "considered"),
        [_article(article, language) for article in constitution()],
    )


def _article(article: Article, language: str) -> tuple[str, ...]:
    days = article.forgotten_after_days
    leanings = [leaning.title[language] for leaning in article.leanings]
    return (
        article.feature.title[language],
        article.department.title[language],
        article.legal_basis[language],
        _say("never", language) if days is None else f"{days} {_say('days', language)}",
        _say("semicolon", language).join(leanings) or _say("none", language),
    )


def _yes(truth: bool, language: str) -> str:
    return _say("yes" if truth else "no", language)


def _facts(*facts: tuple[str, str], language: str) -> Iterator[str]:
    """A two-column table: what, and what it is."""
    yield from _table(["", ""], [(_say(key, language), said) for key, said in facts])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _line(heads)
    yield _line(["---"] * len(heads))
    yield from (_line(row) for row in rows)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
