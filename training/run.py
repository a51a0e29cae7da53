"""One training run from start to finish: labels, checks, both screeners, tracked and registered.

It fits and records; whether a candidate deserves to be used is decided elsewhere. A leak stops the run
before anything is registered.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from features.lake import Lake
from models.card import Results, model_card
from models.measures import Interval
from models.registry import Registry, Version
from models.screener import Screener
from models.screeners import SCREENERS, ScreenerSpec
from training.fit import Fitted, Parameters, fit_screener, judge
from training.labels import never_heard
from training.leakage import (
    Check,
    by_name,
    known_before,
    recomputed,
    row_order,
    sampled_children,
    single_feature,
    stop_if_leaking,
)
from training.matrix import Labelled, Matrices, labelled_rows, last_heard

CODE_FOLDERS = ("features", "models", "training")
ROOT = Path(__file__).parents[1]
SEED = 20240401


@dataclass(frozen=True)
class Trained:
    """What a run made for one screener."""

    screener: Screener
    version: Version
    measures: Mapping[str, Mapping[str, Interval]]
    states: Mapping[str, int]
    never_heard: tuple[str, ...]


def code_hash(root: Path = ROOT) -> str:
    """Hash of all code that decides what a screener becomes."""
    digest = hashlib.sha256()
    for folder in CODE_FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if "synthetic" in path.parts:  # a simulated county is data, not part of the screener
                continue
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def leakage_checks(spec: ScreenerSpec, data: Labelled, lake: Lake, matrices: Matrices) -> list[Check]:
    """All checks of one screener, on the rows it is fitted on; later rows for the recomputation too."""
    sources = sorted({feature.source.name for feature in spec.declared})
    children = [*sampled_children(data.fit), *sampled_children(data.judge)]
    again = known_before(lake.tables(), matrices.silent, sources, children)
    return [
        by_name(spec),
        single_feature(spec, data.fit),
        row_order(data.fit),
        recomputed(spec, data.fit, again),
        recomputed(spec, data.judge, again),
    ]


def would_train_on(
    matrices: Matrices, lake: Lake, trained_on: date, specs: Sequence[ScreenerSpec] = SCREENERS
) -> dict[str, str]:
    """What decides each screener, hashed: its rows and labels, its declarations and the code."""
    code = code_hash()
    found = {}
    for spec in specs:
        heard = last_heard(lake, spec, trained_on)
        data = labelled_rows(spec, matrices, lake.tables(), trained_on, heard)
        found[spec.name] = f"{data.data_hash} {spec.fingerprint} {code}"
    return found


def trained_on_what(made: Sequence[Trained]) -> dict[str, str]:
    """The same for screeners just made."""
    return {
        trained.screener.spec.name: " ".join(
            (
                trained.screener.training.data_hash,
                trained.screener.training.declarations_hash,
                trained.screener.training.code_hash,
            )
        )
        for trained in made
    }


def train(
    matrices: Matrices,
    lake: Lake,
    registry: Registry,
    trained_on: date,
    *,
    simulated: bool,
    progress: Callable[[str], None],
    parameters: Parameters | None = None,
    specs: Sequence[ScreenerSpec] = SCREENERS,
) -> list[Trained]:
    """Train every screener. Raises SplitError, FitError or LeakageError if one cannot be made."""
    parameters = parameters or Parameters()
    code = code_hash()
    tags = {"trained_on": str(trained_on), "code_hash": code, "simulated": str(simulated).lower()}
    made = []
    progress("opening the run (the first time creates its database)")
    with registry.run(f"training {trained_on}", tags):
        for spec in specs:
            heard = last_heard(lake, spec, trained_on)
            progress(f"{spec.name}: labels by what was known before {trained_on}")
            data = labelled_rows(spec, matrices, lake.tables(), trained_on, heard)
            progress(f"{spec.name}: {_counted(data)}")
            checks = leakage_checks(spec, data, lake, matrices)
            stop_if_leaking(spec, checks)
            progress(f"{spec.name}: fitting, calibrating, judging")
            rng = np.random.default_rng(SEED)
            fitted = fit_screener(data, parameters, trained_on, code, rng, simulated)
            measures = judge(fitted, data.judge, rng)
            missing = never_heard(spec, heard)
            results = Results(
                measures,
                [(check.sentence, check.passed, check.found) for check in checks],
                data.states,
                missing,
            )
            version = _record(registry, fitted, results)
            progress(f"{spec.name}: version {version.number} ({fitted.screener.version}) is the challenger")
            made.append(Trained(fitted.screener, version, measures, data.states, missing))
    return made


def _counted(data: Labelled) -> str:
    parts = [
        f"{name} {number:,} rows, {data.positives()[name]:,} with the outcome"
        for name, number in data.counts().items()
    ]
    return "; ".join(parts)


def _record(registry: Registry, fitted: Fitted, results: Results) -> Version:
    screener = fitted.screener
    training = screener.training
    for name in ("logistic", "base_rate"):
        with registry.candidate(f"{screener.spec.name}: {name}", {"screener": screener.spec.name}):
            registry.log({}, results.measures[name])
    tags = {
        "screener": screener.spec.name,
        "version": screener.version,
        "data_hash": training.data_hash,
        "declarations_hash": training.declarations_hash,
    }
    with registry.candidate(screener.spec.name, tags), tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "screener"
        screener.save(folder)
        fitted.beside.save(folder)
        for language in ("zh", "en"):
            text = model_card(screener, results, language)
            (folder / f"card.{language}.md").write_text(text, encoding="utf-8")
        (folder / "results.json").write_text(results_json(results), encoding="utf-8")
        registry.log({**training.parameters, **_dates(screener)}, results.measures["screener"])
        return registry.register(screener, folder)


def results_json(results: Results) -> str:
    """The results as text, for whoever reads the version later."""
    return (
        json.dumps(
            {
                "measures": {
                    name: {measure: vars(interval) for measure, interval in measures.items()}
                    for name, measures in results.measures.items()
                },
                "checks": [
                    {"zh": sentence.zh, "en": sentence.en, "passed": passed, "found": found}
                    for sentence, passed, found in results.checks
                ],
                "states": dict(results.states),
                "never_heard": list(results.never_heard),
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )


def _dates(screener: Screener) -> dict[str, str]:
    made = screener.training
    sets = {"fit": made.fit_dates, "calibrate": made.calibrate_dates, "judge": made.judge_dates}
    return {f"{name}_dates": " ".join(str(day) for day in days) for name, days in sets.items()}
