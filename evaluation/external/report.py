"""The report on a table that is not ours: one self-contained page in each language, and the same as JSON.

What was declared stands beside what was found: rows left out and why, cells that were not as declared,
columns no candidate read. It shows counts, groups and curves, never a row. Nothing on the page is fetched.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2

from evaluation.external.found import External, Study
from evaluation.fairness import RATES
from evaluation.figures import TITLES
from evaluation.plots import calibration_plot, inline, visits_plot
from features.language import Text
from models.measures import Interval
from models.wording import LIMITS

HERE = Path(__file__).parent
SHOWN = ("auroc", "average_precision", "brier", "calibration_slope", "observed_to_expected", "ici")
LIBRARIES = ("numpy", "pandas", "scikit-learn", "lightgbm", "interpret-core", "optuna", "fairlearn")
REASONS: Mapping[str, Text] = {
    "person": Text("无儿童标识", "without a child's key"),
    "cluster": Text("无群标识", "without a cluster"),
    "weight": Text("无正权重", "without a positive weight"),
    "weight_within": Text("无权重所属批次", "without the wave its weight belongs to"),
    "as_of": Text("无观察时点", "without an as-of date"),
}


def write(found: External, folder: Path) -> list[Path]:
    """Write the JSON and both pages into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in (
        ("external.json", as_json(found)),
        ("external.zh.html", as_html(found, "zh")),
        ("external.en.html", as_html(found, "en")),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return written


def as_json(found: External) -> str:
    """Every figure and everything declared, without the plots."""
    values = found.values
    held = {
        "table": found.table,
        "made_on": found.made_on.isoformat(),
        "data_hash": found.data_hash,
        "code_hash": found.code_hash,
        "libraries": libraries(),
        "simulated": found.declaration.simulated,
        "declared": asdict(found.declaration),
        "rows": len(values),
        "rows_left_out": dict(values.left_out),
        "rows_alike_in_every_column": values.duplicated,
        "columns": [asdict(one) for one in values.counted],
        "studies": [_study(one) for one in found.studies],
    }
    return json.dumps(_plain(held), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def libraries() -> dict[str, str]:
    """The libraries that made the figures, with their versions."""
    return {name: version(name) for name in LIBRARIES}


def _study(study: Study) -> dict[str, Any]:
    return {
        "outcome": study.outcome.name,
        "split": study.split.name,
        "rows": study.rows,
        "positives": study.positives,
        "blocks": study.blocks,
        "labels_not_known": study.unknown_labels,
        "parts": [dict(part) for part in study.parts],
        "columns": list(study.columns),
        "columns_left_out": list(study.left_out),
        "strongest_column": study.strongest,
        "screener_would_abstain": study.abstained,
        "proposed": study.proposal.proposed,
        "proposal": asdict(study.proposal.sentence),
        "proposed_weighted": {name: asdict(one) for name, one in study.weighted.items()},
        "candidates": [asdict(one) for one in study.candidates],
        "yardsticks": [asdict(one) for one in study.yardsticks],
        "groups": {
            "passed": study.groups.passed,
            "sentence": asdict(study.groups.sentence),
            "groups": [
                {
                    "title": asdict(one.cell.title),
                    "rows": one.rows,
                    "rate": one.rate,
                    "slope": asdict(one.slope),
                    "observed_to_expected": asdict(one.observed_to_expected),
                    "ici": asdict(one.ici),
                }
                for one in (study.groups.everybody, *study.groups.groups)
            ],
            "too_few": dict(study.groups.cells.too_few),
        },
        "fairness": [asdict(one) for one in study.fairness],
    }


def _plain(held: Any) -> Any:
    """The same with what JSON cannot say (not a number, endless) as null."""
    if isinstance(held, Mapping):
        return {str(key): _plain(value) for key, value in held.items()}
    if isinstance(held, list | tuple):
        return [_plain(value) for value in held]
    if isinstance(held, float) and not math.isfinite(held):
        return None
    if isinstance(held, str | int | float | bool) or held is None:
        return held
    return getattr(held, "name", str(held))


def as_html(found: External, language: str) -> str:
    """The page in one language."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )

    def shown(interval: Interval) -> str:
        return str(interval).replace(" to ", "至") if language == "zh" else str(interval)

    return environment.get_template("report.html").render(
        found=found,
        language=language,
        say=lambda zh, en: Text(zh, en)[language],
        shown=shown,
        measures={name: TITLES[name] for name in SHOWN},
        rates=RATES,
        reasons=_reasons(found),
        limits=LIMITS,
        libraries=libraries(),
        plots=[
            (inline(calibration_plot(study.curve)), inline(visits_plot(study.label, study.risk)))
            for study in found.studies
        ],
    )


def _reasons(found: External) -> list[tuple[Text, str, int]]:
    """Why rows were left out: in words, by which column, how many."""
    layout = found.declaration.layout
    return [
        (words, name, found.values.left_out[name])
        for key, words in REASONS.items()
        if found.values.left_out.get(name := getattr(layout, key))
    ]
