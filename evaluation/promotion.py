"""Putting a candidate into use, if and only if it passes every gate.

A candidate that fails changes nothing: the earlier champion stays, or, before any, the queue runs on hard
triggers, requests and the published rules.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.gates import pass_gates
from evaluation.judging import judge_candidate, judged_rows, read_version
from evaluation.report import Section
from features.lake import Lake
from models.champions import champion_folder, export_champion
from models.registry import CHALLENGER, Registry, Version
from models.screeners import SCREENERS, ScreenerSpec
from training.matrix import Matrices


@dataclass(frozen=True)
class Promotion:
    """What became of one challenger."""

    screener: str
    version: Version
    section: Section
    champion_before: str | None

    @property
    def passed(self) -> bool:
        """Whether every gate was passed."""
        return all(result.passed for result in self.section.results)


def examine(
    spec: ScreenerSpec, alias: str, registry: Registry, matrices: Matrices, lake: Lake
) -> Section | None:
    """Judge the version this alias names and hold it to the gates; None if there is no such version."""
    version = registry.version(spec.name, alias)
    if version is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        folder = registry.folder(version, Path(place))
        screener, beside = read_version(folder)
        recorded: dict[str, Any] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    judged = judge_candidate(screener, beside, judged_rows(screener, matrices, lake, spec))
    return Section(judged, pass_gates(judged), alias, version.number, recorded)


def promote(
    registry: Registry,
    matrices: Matrices,
    lake: Lake,
    champions: Path,
    progress: Callable[[str], None],
    specs: Sequence[ScreenerSpec] = SCREENERS,
) -> list[Promotion]:
    """Examine every challenger and put those that pass into use."""
    done = []
    for spec in specs:
        version = registry.version(spec.name, CHALLENGER)
        if version is None:
            progress(f"{spec.name}: no challenger is registered")
            continue
        progress(f"{spec.name}: judging version {version.number} and holding it to the gates")
        section = examine(spec, CHALLENGER, registry, matrices, lake)
        if section is None:
            raise LookupError(f"Version {version.number} of {spec.name} disappeared while it was judged.")
        before = champion_folder(champions, spec.name)
        promotion = Promotion(spec.name, version, section, before.name if before else None)
        if promotion.passed:
            with tempfile.TemporaryDirectory() as place:
                export_champion(registry.folder(version, Path(place)), champions)
            registry.crown(version, {result.gate.name: result.found for result in section.results})
        done.append(promotion)
    return done


def sentence(promotion: Promotion) -> str:
    """What happened, in one sentence an operator can act on."""
    name = f"{promotion.screener}: version {promotion.version.number}"
    if promotion.passed:
        return f"{name} passed all {len(promotion.section.results)} gates and is now the champion."
    failed = "; ".join(
        f"{result.gate.sentence.en} (found {result.found})"
        for result in promotion.section.results
        if not result.passed
    )
    stays = (
        f"the champion {promotion.champion_before} stays in use"
        if promotion.champion_before
        else "the queue goes on with hard triggers, requests and the published rules"
    )
    return f"{name} is not put into use; not passed: {failed}. Meanwhile {stays}."
