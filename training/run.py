"""One training run from start to finish: labels, checks, every candidate of every screener, all on record.

It fits, records and proposes; whether a candidate deserves to be used is decided elsewhere. The challenger
is the form the screener declares, unless a person chose another. A leak stops the run before anything is
registered.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np

from features.lake import Lake
from models.card import Results, model_card
from models.measures import Interval, with_intervals
from models.registry import Registry, Version
from models.screener import Screener
from models.screeners import SCREENERS, ScreenerSpec
from training.candidates import DRAWS, Candidate, Plan, fit_candidates
from training.fit import FitError
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
from training.plots import calibration_plot, candidates_plot
from training.proposal import Proposal, propose

CODE_FOLDERS = ("features", "models", "training")
ROOT = Path(__file__).parents[1]
SEED = 20240401
DEFAULT_BY = "default of the declaration"
DEFAULT_WHY = "no person has chosen; the screener declares this form"


@dataclass(frozen=True)
class Choice:
    """The form a person wants put up for promotion instead of the declared one, and why."""

    form: str
    by: str
    why: str


@dataclass(frozen=True)
class Trained:
    """What a run made for one screener. `version` is the candidate that is put up for promotion."""

    screener: Screener
    version: Version
    candidates: tuple[Candidate, ...]
    proposal: Proposal
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
    plan: Callable[[ScreenerSpec], Plan] | None = None,
    choice: Choice | None = None,
    specs: Sequence[ScreenerSpec] = SCREENERS,
) -> list[Trained]:
    """Make every candidate of every screener. Raises SplitError, FitError or LeakageError if one cannot be.

    `plan` says how each screener's candidates are made; `choice` which one is put up for promotion.
    """
    code = code_hash()
    tags = {"trained_on": str(trained_on), "code_hash": code, "simulated": str(simulated).lower()}
    made = []
    progress("opening the run (the first time creates its database)")
    with registry.run(f"training {trained_on}", tags) as run:
        for spec in specs:
            heard = last_heard(lake, spec, trained_on)
            progress(f"{spec.name}: labels by what was known before {trained_on}")
            data = labelled_rows(spec, matrices, lake.tables(), trained_on, heard)
            progress(f"{spec.name}: {_counted(data)}")
            checks = leakage_checks(spec, data, lake, matrices)
            stop_if_leaking(spec, checks)
            candidates = fit_candidates(
                data,
                plan(spec) if plan else Plan(),
                trained_on,
                code,
                simulated=simulated,
                progress=progress,
            )
            wanted = choice or Choice(spec.form, DEFAULT_BY, DEFAULT_WHY)
            if wanted.form not in {candidate.name for candidate in candidates}:
                raise FitError(f"{spec.name}: no candidate {wanted.form!r} was made; nothing is registered.")
            progress(f"{spec.name}: judging {len(candidates)} candidates on the latest dates")
            measures = judge(candidates, data)
            proposal = propose(candidates, data.judge, measures, np.random.default_rng(SEED))
            missing = never_heard(spec, heard)
            found = _Found(candidates, measures, proposal, checks, data.states, missing)
            versions = _record(registry, data, found, run)
            version = registry.challenge(versions[wanted.form], wanted.by, wanted.why)
            chosen = next(one for one in candidates if one.name == wanted.form)
            progress(f"{spec.name}: {proposal.sentence.en}")
            progress(
                f"{spec.name}: version {version.number} ({chosen.screener.version}),"
                f" {chosen.title.en.lower()}, is the challenger"
            )
            made.append(
                Trained(chosen.screener, version, candidates, proposal, measures, data.states, missing)
            )
    return made


def judge(candidates: Sequence[Candidate], data: Labelled) -> dict[str, dict[str, Interval]]:
    """The measures of every candidate on the latest rows, for the record; the same children resampled.

    Whether any is good enough is not decided here.
    """
    label = data.judge["label"].to_numpy(dtype=np.float64)
    keys = data.judge["child_key"].tolist()
    found = {}
    for one in candidates:
        risk = one.screener.risk(data.judge)
        found[one.name] = with_intervals(label, risk, keys, np.random.default_rng(SEED), DRAWS)
    return found


@dataclass(frozen=True)
class _Found:
    candidates: tuple[Candidate, ...]
    measures: Mapping[str, Mapping[str, Interval]]
    proposal: Proposal
    checks: Sequence[Check]
    states: Mapping[str, int]
    never_heard: tuple[str, ...]

    def of(self, form: str) -> Results:
        """The results as the card of one candidate tells them."""
        return Results(
            form,
            {candidate.name: candidate.title for candidate in self.candidates},
            self.measures,
            self.proposal.proposed,
            self.proposal.sentence,
            [(check.sentence, check.passed, check.found) for check in self.checks],
            self.states,
            self.never_heard,
        )


def _counted(data: Labelled) -> str:
    parts = [
        f"{name} {number:,} rows, {data.positives()[name]:,} with the outcome"
        for name, number in data.counts().items()
    ]
    return "; ".join(parts)


def _record(registry: Registry, data: Labelled, found: _Found, run: str) -> dict[str, Version]:
    """Every candidate as a run of its own with its plots, and as a version of its screener."""
    versions = {}
    label = data.judge["label"].to_numpy(dtype=np.float64)
    registry.draw(candidates_plot(found.measures), f"{data.spec.name}/candidates.png")
    for candidate in found.candidates:
        screener, results = candidate.screener, found.of(candidate.name)
        made = screener.training
        tags = {
            "screener": screener.spec.name,
            "candidate": candidate.name,
            "version": screener.version,
            "proposed": str(candidate.name == found.proposal.proposed).lower(),
            "data_hash": made.data_hash,
            "declarations_hash": made.declarations_hash,
            "code_hash": made.code_hash,
        }
        name = f"{screener.spec.name}: {candidate.name}"
        with registry.candidate(name, tags), tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "screener"
            screener.save(folder)
            for language in ("zh", "en"):
                text = model_card(screener, results, language)
                (folder / f"card.{language}.md").write_text(text, encoding="utf-8")
            (folder / "results.json").write_text(results_json(results, found.proposal), encoding="utf-8")
            registry.log({**made.parameters, **_dates(screener)}, found.measures[candidate.name])
            registry.draw(calibration_plot(label, screener.risk(data.judge)), "calibration.png")
            versions[candidate.name] = registry.register(screener, folder, candidate.name, run)
    return versions


def results_json(results: Results, proposal: Proposal) -> str:
    """The results as text, for whoever reads the version later."""
    return (
        json.dumps(
            {
                "form": results.form,
                "candidates": {name: asdict(title) for name, title in results.titles.items()},
                "proposal": {**asdict(proposal), "sentence": asdict(proposal.sentence)},
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
