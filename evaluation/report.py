"""The evaluation report: one self-contained page in each language, and the same as JSON.

Made from judged candidates only; every figure made from a simulated county says so. It shows groups and
curves, never a child. Nothing on the pages is fetched from anywhere, and they work without script.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from evaluation import plots
from evaluation.fairness import RATES
from evaluation.figures import TITLES as MEASURE_TITLES
from evaluation.figures import NotEnough
from evaluation.findings import Findings
from evaluation.gates import GateResult
from evaluation.groups import Cell
from evaluation.judging import Judged
from evaluation.promotion import Examined
from evaluation.tripod import Answer, answers
from features.catalogue import FEATURES
from features.language import Text
from features.sources import source_named
from models.card import STATES
from models.measures import Interval
from models.screeners import ScreenerSpec
from models.wording import LIMITS
from training.candidates import CANDIDATES

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")

FEATURE_TITLES: Mapping[str, Text] = {feature.name: feature.title for feature in FEATURES}
FAMILY_TITLES: Mapping[str, Text] = {feature.family.name: feature.family.title for feature in FEATURES}
FORM_TITLES: Mapping[str, Text] = {form.name: form.title for form in CANDIDATES}
ALIASES: Mapping[str, Text] = {
    "challenger": Text("候选版本", "challenger"),
    "champion": Text("在用版本", "champion"),
}


@dataclass(frozen=True)
class Ranked:
    """One candidate's line in the table of candidates."""

    title: Text
    measures: Mapping[str, Interval]
    chosen: bool
    proposed: bool


@dataclass(frozen=True)
class Section:
    """One screener's part of the report: its version as examined, and what was found beyond the gates."""

    examined: Examined
    findings: Findings

    @property
    def judged(self) -> Judged:
        """The version on the judged rows."""
        return self.examined.judged

    @property
    def results(self) -> Sequence[GateResult]:
        """What every gate says."""
        return self.examined.results

    @property
    def recorded(self) -> Mapping[str, Any]:
        """What the training run wrote down."""
        return self.examined.recorded

    @property
    def spec(self) -> ScreenerSpec:
        """The screener's declaration."""
        return self.judged.screener.spec

    @property
    def id(self) -> str:
        """Names this part in links."""
        return self.spec.name

    @property
    def number(self) -> str:
        """The version's number in the registry."""
        return self.examined.version.number

    @property
    def form(self) -> Text:
        """What form the margin has, in words."""
        return FORM_TITLES[self.judged.screener.model.kind]

    @property
    def alias_title(self) -> Text:
        """Whether this version is in use."""
        return ALIASES[self.examined.alias]

    @property
    def decided(self) -> Text:
        """Who put it up or into use, and why."""
        return self.examined.decided

    @property
    def proposal(self) -> Text:
        """Which candidate the run proposed, and why."""
        return Text(**self.recorded["proposal"]["sentence"])

    @property
    def candidates(self) -> list[Ranked]:
        """Every candidate of the same run on the same rows, the simplest first."""
        own = self.examined.version.candidate
        measures = {**self.judged.measures, own: self.judged.measures["screener"]}
        return [
            Ranked(title, measures[name], name == own, name == self.recorded["proposal"]["proposed"])
            for name, title in FORM_TITLES.items()
            if name in measures
        ]


@dataclass(frozen=True)
class Report:
    """The whole report. `study` is what the deployment states of itself."""

    made_on: date
    simulated: bool
    jurisdiction: Text
    study: Mapping[str, Text]
    sections: Sequence[Section]


def as_json(report: Report) -> str:
    """The figures of the report, without the plots."""
    told = {
        "made_on": report.made_on.isoformat(),
        "simulated": report.simulated,
        "screeners": [_section_json(section, report) for section in report.sections],
    }
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _section_json(section: Section, report: Report) -> dict[str, Any]:
    judged = section.judged
    made = judged.screener.training
    found: dict[str, Any] = {
        "screener": section.spec.name,
        "version": judged.screener.version,
        "registered": section.number,
        "alias": section.examined.alias,
        "form": judged.screener.model.kind,
        "trained_on": made.trained_on.isoformat(),
        "judged_on": [day.isoformat() for day in made.judge_dates],
        "data_hash": judged.data_hash,
        "rows": len(judged.rows),
        "positives": judged.positives,
        "measures": plain(judged.measures),
        "auroc_over_rules": plain(judged.over_rules),
        "auroc_over_logistic": plain(judged.over_logistic),
        "ici": judged.ici,
        "candidates": plain(section.candidates),
        "proposal": plain(section.proposal),
        "decided": plain(section.decided),
        "gates": [
            {
                "name": result.gate.name,
                "sentence": plain(result.gate.sentence),
                "passed": result.passed,
                "found": result.found,
            }
            for result in section.results
        ],
        "groups": plain(judged.groups),
        "labels": section.recorded["states"],
        "never_heard": section.recorded["never_heard"],
    }
    # Nobody's key belongs into a report: of who enters and leaves, only how many.
    changes = [
        {**plain(change), "entered": len(change.entered), "left": len(change.left)}
        for change in section.findings.churn
    ]
    found["findings"] = {**plain(section.findings), "churn": changes}
    found["tripod_ai"] = [
        {"item": answer.item.number, "answer": plain(answer.text), "at": answer.at, "open": answer.open}
        for answer in _tripod(section, report)
    ]
    return found


def plain(value: Any) -> Any:
    """Frozen figures as JSON holds them: NaN is null, dates are text, the rows of a cell are left out."""
    if isinstance(value, Cell):
        return {"title": plain(value.title), "groups": list(value.groups)}
    if isinstance(value, NotEnough):
        return {"not_enough": plain(value.sentence)}
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def as_html(report: Report, language: str) -> str:
    """The page in one language."""

    def say(zh: str, en: str) -> str:
        return Text(zh, en)[language]

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(say=say, report=report, language=language)
    return environment.get_template("report.html").render(
        style=(HERE / "report.css").read_text(encoding="utf-8"),
        sections=[_shown_section(section, report) for section in report.sections],
        shown=lambda found: _shown(str(found), language),
        source_title=lambda name: source_named(name).title[language],
        measure_titles=MEASURE_TITLES,
        rate_titles=RATES,
        family_titles=FAMILY_TITLES,
        feature_titles=FEATURE_TITLES,
        states=STATES,
        limits=LIMITS,
    )


def _shown_section(section: Section, report: Report) -> dict[str, Any]:
    names = (
        "spec", "id", "judged", "results", "recorded", "number", "form", "alias_title", "decided", "proposal",
        "candidates", "findings",
    )  # fmt: skip
    return {
        **{name: getattr(section, name) for name in names},
        "benefit": _benefit(section.findings),
        "workload": _workload(section.findings),
        "plots": _plots(section),
        "tripod": _tripod(section, report),
    }


def _plots(section: Section) -> dict[str, str]:
    judged, found = section.judged, section.findings
    weeks = found.weeks.weeks
    reached = np.cumsum([week.positives_found for week in weeks]).tolist()
    made = {
        "calibration": plots.calibration_plot(found.calibration),
        "benefit": plots.decision_plot(found.benefit),
        "visits": plots.visits_plot(judged.label, judged.risk),
        "lead": plots.steps_plot(found.days_gained),
        "weeks": plots.lines_plot([week.week for week in weeks], [reached, [w.handled for w in weeks]]),
        "reasons": plots.reasons_plot(judged.screener, judged.screener.values(judged.rows)),
    }
    return {name: plots.inline(figure) for name, figure in made.items()}


def _benefit(found: Findings) -> Text:
    """Between which thresholds visiting by the list is surely better than visiting all or nobody."""
    better = [point.threshold for point in found.benefit if point.over_best_default.low > 0]
    if not better:
        return Text(
            "没有一个门槛能确定比全部走访或都不走访更好。",
            "At no threshold is it sure to be better than visiting all or nobody.",
        )
    low, high = (f"{100 * each:.0f}" for each in (min(better), max(better)))
    return Text(
        f"若认为每100名中有{low}至{high}名需要帮助就值得走访，按名单走访好于全部走访或都不走访。",
        f"If a visit is worth it where {low} to {high} in 100 need help, visiting by the list is better than"
        " visiting all or nobody.",
    )


def _workload(found: Findings) -> Text:
    weeks = found.weeks.weeks
    handled, waiting = sum(week.handled for week in weeks), weeks[-1].backlog
    total = found.weeks.positives
    return Text(
        f"{len(weeks)}周走访{handled:,}名，仍有{waiting:,}名未走访；{total}名有结局的儿童中走访到{found.weeks.found}名。",
        f"In {len(weeks)} weeks {handled:,} children are visited and {waiting:,} are not; of {total} with the"
        f" outcome {found.weeks.found} are reached.",
    )


def _tripod(section: Section, report: Report) -> list[Answer]:
    facts = {language: _facts(section, report, language) for language in LANGUAGES}
    return answers(facts, report.study, report.simulated)


def _facts(section: Section, report: Report, language: str) -> dict[str, str]:
    """What the sentences of tripod.toml may name."""
    spec, made, found = section.spec, section.judged.screener.training, section.findings
    comma = "、" if language == "zh" else ", "

    semicolon, colon, rest = ("；", "：", "，") if language == "zh" else ("; ", ": ", ", ")

    def say(zh: str, en: str) -> str:
        return Text(zh, en)[language]

    departments = dict.fromkeys(feature.source.department.title[language] for feature in spec.declared)
    measures = {MEASURE_TITLES[name][language]: str(each) for name, each in found.figures.measures.items()}
    sets = (
        (say("拟合", "fitted on"), "fit", made.fit_dates),
        (say("校准", "calibrated on"), "calibrate", made.calibrate_dates),
        (say("评判", "judged on"), "judge", made.judge_dates),
    )
    rates = {name: 1000 * made.positives[name] / max(made.rows[name], 1) for _, name, _ in sets}
    return {
        "screener": spec.title[language],
        "outcome": spec.outcome.title[language],
        "simulated": say("（模拟）", " (simulated)") if report.simulated else "",
        "version": section.judged.screener.version,
        "sets": semicolon.join(
            f"{title} {comma.join(str(day) for day in days)}{colon}{made.rows[name]:,}"
            f" {say('行', 'rows')}{rest}"
            f"{made.positives[name]:,} {say('行有结局', 'with the outcome')}"
            for title, name, days in sets
        ),
        "measures": semicolon.join(
            f"{title} {_shown(figure, language)}" for title, figure in measures.items()
        ),
        "measure_names": comma.join(measures),
        "why": spec.why,
        "limits": LIMITS[language],
        "jurisdiction": report.jurisdiction[language],
        "departments": comma.join(departments),
        "outcome_facts": str(len(spec.recorded_outcome.facts)),
        "window": say(
            f"观察时点后第{spec.gap_days}天起{spec.horizon_days}天",
            f"{spec.horizon_days} days, beginning {spec.gap_days} days after the as-of date",
        ),
        "features": str(len(spec.features)),
        "directed": str(sum(1 for sign in spec.monotone if sign)),
        "form": section.form[language],
        "candidates": comma.join(candidate.title[language] for candidate in section.candidates),
        "decided": section.decided[language],
        "groups": str(len(section.judged.groups.groups)),
        "groups_too_few": str(sum(section.judged.groups.cells.too_few.values())),
        "rate_fit": f"{rates['fit']:.0f}",
        "rate_judge": f"{rates['judge']:.0f}",
        "labels": semicolon.join(
            f"{STATES[state][language]} {number:,}" for state, number in section.recorded["states"].items()
        ),
        "parameters": say(
            f"{len(made.parameters)}个参数与它同存", f"its {len(made.parameters)} parameters are kept with it"
        ),
        "gates": str(len(section.results)),
        "gates_passed": str(sum(result.passed for result in section.results)),
        "proof": say(
            "数字来自模拟县，不证明对真实儿童有效。",
            "The figures are from a simulated county and prove nothing for real children.",
        )
        if report.simulated
        else say("只在本地的记录上评判过。", "It was judged on this place's records only."),
        "never_heard": comma.join(
            source_named(name).title[language] for name in section.recorded["never_heard"]
        )
        or say("无", "none"),
        "code": made.code_hash[:12],
    }


def _shown(found: str, language: str) -> str:
    """A figure as the gates give it, in the language of the page; a feature by its title."""
    name, _, rest = found.partition(" ")
    if name in FEATURE_TITLES:
        found = f"{FEATURE_TITLES[name][language]} {rest}"
    if language == "en":
        return found
    for english, chinese in ((" to ", "至"), (", rate ", "，发生率 "), (" not known", "（未知）")):
        found = found.replace(english, chinese)
    return found


def write(report: Report, folder: Path) -> list[Path]:
    """Write the JSON and both pages into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    texts = {"evaluation.json": as_json(report)}
    texts |= {f"evaluation.{language}.html": as_html(report, language) for language in LANGUAGES}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return written
