"""The model card: what a screener is, may be used for, and was seen to do, in Chinese and English.

Written from declarations and results only; there is no place to type a number into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.language import Feature, Text
from models.measures import Interval
from models.screener import Screener
from models.wording import LIMITS


@dataclass(frozen=True)
class Results:
    """What a run found of one candidate and of those beside it.

    `measures` of each candidate on the judged rows, the simplest first; `proposed` is what the run proposes,
    `proposal` why. Leakage checks and rows by state of label are those of all candidates.
    """

    form: str
    titles: Mapping[str, Text]
    measures: Mapping[str, Mapping[str, Interval]]
    proposed: str
    proposal: Text
    checks: Sequence[tuple[Text, bool, str]]
    states: Mapping[str, int]
    never_heard: Sequence[str]


@dataclass(frozen=True)
class Decision:
    """Which version was put into use, by whom, why and when, and what the run had proposed."""

    version: str
    content: str
    candidate: str
    proposed: str
    by: str
    why: str
    at: str
    rolled_back: bool = False


_MEASURES: Mapping[str, Text] = {
    "auroc": Text("AUROC", "AUROC"),
    "average_precision": Text("平均精度", "Average precision"),
    "calibration_slope": Text("校准斜率", "Calibration slope"),
    "calibration_intercept": Text("校准截距", "Calibration intercept"),
    "calibration_in_the_large": Text("总体校准（对数优势）", "Calibration in the large (log-odds)"),
    "observed_to_expected": Text("观察/预期", "Observed / expected"),
    "brier": Text("Brier 分数", "Brier"),
}
STATES: Mapping[str, Text] = {
    "fact": Text("有事实", "A fact"),
    "confirmed_after_visit": Text("走访后属实", "Confirmed after a visit"),
    "not_confirmed_after_visit": Text("走访后未属实", "Not confirmed after a visit"),
    "never_flagged_no_fact": Text("未提示且无事实", "Never flagged, no fact"),
    "flagged_without_answer": Text("已提示、尚无结论（未知）", "Flagged, no answer (unknown)"),
    "fact_inside_gap": Text("间隔期内已有事实（未知）", "A fact inside the gap (unknown)"),
    "fact_learnt_late": Text(
        "观察时点前已有、其后才获知的事实（未知）",
        "A fact from before the as-of date, learnt after it (unknown)",
    ),
    "window_open": Text("窗口未关闭（未知）", "Window not closed (unknown)"),
    "already_positive": Text("观察时点前已知（不入样本）", "Known before the as-of date (left out)"),
}
_SIMULATED = Text(
    "**模拟数据。** 本页数字均来自模拟县，只证明软件运行，不证明对真实儿童有效。",
    "**Simulated.** Every figure here comes from a simulated county. It proves the software, not its use"
    " for real children.",
)


def model_card(screener: Screener, results: Results, language: str) -> str:
    """The card in one language, as Markdown."""
    spec, made = screener.spec, screener.training

    def say(zh: str, en: str) -> str:
        return Text(zh, en)[language]

    days = {
        say("拟合", "Fitted on"): made.fit_dates,
        say("校准", "Calibrated on"): made.calibrate_dates,
        say("评判", "Judged on"): made.judge_dates,
    }
    names = dict(zip(days, ("fit", "calibrate", "judge"), strict=True))
    lines = [
        f"# {spec.title[language]} · {screener.version}",
        "",
        *([_SIMULATED[language], ""] if made.simulated else []),
        LIMITS[language],
        "",
        f"- {say('形式', 'Form')}: {results.titles[results.form][language]}",
        f"- {say('结局', 'Outcome')}: {spec.outcome.title[language]}",
        f"- {say('预测窗口', 'Label window')}: "
        + say(
            f"观察时点后第{spec.gap_days}天起{spec.horizon_days}天",
            f"{spec.horizon_days} days, beginning {spec.gap_days} days after the as-of date",
        ),
        f"- {say('训练日期', 'Trained on')}: {made.trained_on}",
        f"- {say('校准样本发生率', 'Rate of the outcome when calibrated')}: "
        + say(f"每1000名{screener.base_rate * 1000:.0f}名", f"{screener.base_rate * 1000:.0f} of 1000"),
        f"- {say('用途', 'For')}: "
        + say("按复核容量安排走访", "deciding whom to visit first, within capacity"),
        f"- {say('不得用于', 'Never for')}: "
        + say(
            "诊断、处分、招生、招聘或任何自动决定",
            "diagnosis, punishment, admission, hiring, or any automatic act",
        ),
        "",
        _table_row(
            say("集合", "Set"), say("观察时点", "As-of dates"), say("行", "Rows"), say("有结局", "Outcome")
        ),
        "|---|---|---|---|",
        *(
            f"| {title} | {', '.join(str(day) for day in dates)} | {made.rows[names[title]]}"
            f" | {made.positives[names[title]]} |"
            for title, dates in days.items()
        ),
        "",
        f"## {say('评判结果（95%区间，按儿童重抽样）', 'Judged (95 % intervals, children resampled)')}",
        "",
        results.proposal[language],
        "",
        "| | " + " | ".join(title[language] for title in _MEASURES.values()) + " |",
        "|---|" + "---|" * len(_MEASURES),
        *(
            f"| {_named(name, results, language)} | "
            + " | ".join(str(measures[measure]) for measure in _MEASURES)
            + " |"
            for name, measures in results.measures.items()
        ),
        "",
        f"## {say('标签', 'Labels')}",
        "",
        *(f"- {STATES[state][language]}: {number}" for state, number in results.states.items()),
        *(
            [f"- {say('从未提供的来源', 'Sources never delivered')}: {', '.join(results.never_heard)}"]
            if results.never_heard
            else []
        ),
        "",
        f"## {say('泄漏检查', 'Leakage checks')}",
        "",
        *(
            f"- {'✓' if passed else '✗'} {sentence[language]} ({found})"
            for sentence, passed, found in results.checks
        ),
        "",
        f"## {say('特征', 'Features')} ({len(spec.features)})",
        "",
        *(
            f"- {feature.title[language]}"
            + (f" ({feature.source.department.title[language]})" if isinstance(feature, Feature) else "")
            for feature in spec.features
        ),
        "",
        " · ".join(
            f"`{name} {digest[:16]}`"
            for name, digest in (
                ("data", made.data_hash),
                ("declarations", made.declarations_hash),
                ("code", made.code_hash),
            )
        ),
    ]
    return "\n".join(lines) + "\n"


def decision_lines(decision: Decision, language: str) -> str:
    """What is added to the card of a version when it is put into use, as Markdown."""

    def say(zh: str, en: str) -> str:
        return Text(zh, en)[language]

    title = say("恢复使用", "Put back into use") if decision.rolled_back else say("投入使用", "Put into use")
    said = {
        say("版本", "Version"): f"{decision.version} ({decision.content})",
        say("形式", "Form"): decision.candidate,
        say("训练时建议", "The run proposed"): decision.proposed,
        say("决定者", "By"): decision.by,
        say("理由", "Why"): decision.why,
        say("时间", "At"): decision.at,
    }
    return "\n".join(["", f"## {title}", "", *(f"- {name}: {text}" for name, text in said.items())]) + "\n"


def _named(name: str, results: Results, language: str) -> str:
    """A candidate's title; this version in bold, the proposed one marked."""
    title = results.titles[name][language]
    title = f"**{title}**" if name == results.form else title
    return title + (Text("（建议）", " (proposed)")[language] if name == results.proposed else "")


def _table_row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
