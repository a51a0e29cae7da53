"""The evaluation report: one self-contained page in each language, and the same as JSON.

Made from judged candidates only; every figure made from a simulated county says so. It shows groups and
curves, never a child. No words stand inside the plots, for a server need not have Chinese fonts: captions
name the axes in the language of the page, and features go by their names in the catalogue.
"""

from __future__ import annotations

import base64
import io
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import matplotlib
import numpy as np
from matplotlib.figure import Figure

from evaluation.gates import GateResult
from evaluation.judging import Judged
from evaluation.metrics import calibration_groups, smooth_calibration
from features.catalogue import FEATURES
from features.language import Text
from models.card import STATES
from models.measures import Interval
from models.wording import LIMITS

HERE = Path(__file__).parent
SUMMARY_ROWS = 800
INK, SOFT, MARK = "#1f3a4d", "#9fb3c1", "#b5651d"

FEATURE_TITLES: Mapping[str, Text] = {feature.name: feature.title for feature in FEATURES}
CANDIDATES: Mapping[str, Text] = {
    "screener": Text("筛查模型", "Screener"),
    "logistic": Text("逻辑回归", "Logistic regression"),
    "base_rate": Text("平均发生率", "Base rate"),
}
MEASURE_TITLES: Mapping[str, Text] = {
    "auroc": Text("AUROC", "AUROC"),
    "average_precision": Text("平均精度", "Average precision"),
    "calibration_slope": Text("校准斜率", "Calibration slope"),
    "calibration_intercept": Text("校准截距", "Calibration intercept"),
    "calibration_in_the_large": Text("总体校准（对数优势）", "Calibration in the large (log-odds)"),
    "observed_to_expected": Text("观察/预期", "Observed / expected"),
    "brier": Text("Brier", "Brier"),
}


@dataclass(frozen=True)
class Section:
    """One screener's part of the report: which version, what it scored, what the gates say."""

    judged: Judged
    results: Sequence[GateResult]
    alias: str
    number: str
    recorded: Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """The whole report."""

    made_on: date
    simulated: bool
    sections: Sequence[Section]


def as_json(report: Report) -> str:
    """The figures of the report, without the plots."""
    return (
        json.dumps(
            {
                "made_on": report.made_on.isoformat(),
                "simulated": report.simulated,
                "screeners": [_section_json(section) for section in report.sections],
            },
            ensure_ascii=False,
            indent=1,
            allow_nan=False,
        )
        + "\n"
    )


def _section_json(section: Section) -> dict[str, Any]:
    judged = section.judged
    made = judged.screener.training
    return {
        "screener": judged.screener.spec.name,
        "version": judged.screener.version,
        "registered": section.number,
        "alias": section.alias,
        "trained_on": made.trained_on.isoformat(),
        "judged_on": [day.isoformat() for day in made.judge_dates],
        "data_hash": judged.data_hash,
        "rows": len(judged.rows),
        "positives": judged.positives,
        "measures": {
            name: {measure: _interval(interval) for measure, interval in measures.items()}
            for name, measures in judged.measures.items()
        },
        "auroc_over_rules": _interval(judged.over_rules),
        "auroc_over_logistic": _interval(judged.over_logistic),
        "ici": judged.ici,
        "at_shares": {str(share): vars(found) for share, found in judged.at_shares.items()},
        "gates": [
            {
                "name": result.gate.name,
                "zh": result.gate.sentence.zh,
                "en": result.gate.sentence.en,
                "passed": result.passed,
                "found": result.found,
            }
            for result in section.results
        ],
        "labels": section.recorded["states"],
        "never_heard": section.recorded["never_heard"],
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in vars(interval).items()}


def as_html(report: Report, language: str) -> str:
    """The page in one language; nothing on it is fetched from anywhere."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    plots = {
        section.judged.screener.spec.name: [
            ("calibration", calibration_plot(section.judged)),
            ("visits", visits_plot(section.judged)),
            ("reasons", reasons_plot(section.judged)),
        ]
        for section in report.sections
    }
    return environment.get_template("report.html").render(
        report=report,
        language=language,
        say=lambda zh, en: Text(zh, en)[language],
        shown=lambda found: _shown(str(found), language),
        candidates=CANDIDATES,
        measures=MEASURE_TITLES,
        states=STATES,
        limits=LIMITS,
        plots={name: [(kind, _inline(figure)) for kind, figure in made] for name, made in plots.items()},
    )


def _shown(found: str, language: str) -> str:
    """A figure as the gates and measures give it, in the language of the page; a feature by its title."""
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
    for name, text in (
        ("evaluation.json", as_json(report)),
        ("evaluation.zh.html", as_html(report, "zh")),
        ("evaluation.en.html", as_html(report, "en")),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return written


def _figure(width: float = 4.6, height: float = 3.6) -> Figure:
    matplotlib.use("Agg")
    return Figure(figsize=(width, height), layout="constrained")


def calibration_plot(judged: Judged) -> Figure:
    """Risk promised against the rate seen, in ten groups and as a smooth curve."""
    figure = _figure()
    axes = figure.subplots()
    groups = calibration_groups(judged.label, judged.risk)
    limit = 1.1 * max(*(g[0] for g in groups), *(g[1] for g in groups))
    order = np.argsort(judged.risk)
    axes.plot([0, limit], [0, limit], color=SOFT, linewidth=1)
    smooth = smooth_calibration(judged.label, judged.risk)
    axes.plot(judged.risk[order], smooth[order], color=INK, linewidth=1.5)
    axes.plot([g[0] for g in groups], [g[1] for g in groups], "o", color=MARK, markersize=4)
    axes.set(xlim=(0, limit), ylim=(0, limit))
    return figure


def visits_plot(judged: Judged) -> Figure:
    """Share of those with the outcome who are reached, by share of children visited."""
    figure = _figure()
    axes = figure.subplots()
    order = np.argsort(-judged.risk, kind="stable")
    reached = np.cumsum(judged.label[order]) / max(judged.label.sum(), 1)
    visited = np.arange(1, len(order) + 1) / len(order)
    axes.plot([0, 1], [0, 1], color=SOFT, linewidth=1)
    axes.plot(visited, reached, color=INK, linewidth=1.5)
    axes.set(xlim=(0, 0.5), ylim=(0, 1))
    return figure


def reasons_plot(judged: Judged) -> Figure:
    """What the screener looks at: mean size of each feature's contribution, from SHAP's own explainer."""
    rows = judged.rows.iloc[:: max(1, len(judged.rows) // SUMMARY_ROWS)].head(SUMMARY_ROWS)
    values = judged.screener.values(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap warns of what its own libraries are about to drop
        import shap

        explainer = shap.TreeExplainer(judged.screener.booster, feature_perturbation="tree_path_dependent")
        size = np.abs(np.asarray(explainer.shap_values(values))).mean(axis=0)
    top = np.argsort(size)[-15:]
    figure = _figure(height=4.2, width=6.0)
    axes = figure.subplots()
    axes.barh([judged.screener.spec.columns[place] for place in top], size[top], color=INK)
    axes.tick_params(axis="y", labelsize=7)
    return figure


def _inline(figure: Figure) -> str:
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=110, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(held.getvalue()).decode('ascii')}"
