"""Putting a candidate into use, if and only if it passes every gate; and putting an earlier one back.

    challenger   the form its screener declares, or the candidate a person chose: who and why is recorded
    champion     in use; the registry's alias and the exported files always name the same version

A candidate that fails changes nothing: the earlier champion stays, or, before any, the queue runs on hard
triggers, requests and the published rules. Every decision is kept, in the registry and on the card in use.
A roll-back asks no gate: the version passed them when it was promoted, and haste may be needed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evaluation.gates import GateResult, pass_gates
from evaluation.judging import Judged, judge_candidate, judged_rows
from features.lake import Lake
from features.language import Text
from models.card import Decision, decision_lines
from models.champions import champion_folder, export_champion
from models.registry import CHALLENGER, CHAMPION, Registry, Version
from models.screener import Screener
from models.screeners import SCREENERS, ScreenerSpec
from training.matrix import Labelled, Matrices
from training.run import DEFAULT_BY, DEFAULT_WHY


class PromotionError(ValueError):
    """A version that cannot be put up for promotion or put back; the message says which there are."""


@dataclass(frozen=True)
class Examined:
    """One version, judged and held to the gates. `recorded` is what its training run wrote down."""

    version: Version
    alias: str
    screener: Screener
    beside: Mapping[str, Screener]
    data: Labelled
    judged: Judged
    results: Sequence[GateResult]
    recorded: Mapping[str, Any]
    decided: Text

    @property
    def passed(self) -> bool:
        """Whether every gate was passed."""
        return all(result.passed for result in self.results)


@dataclass(frozen=True)
class Promotion:
    """What became of one challenger. `decision` is None if it was not put into use."""

    examined: Examined
    champion_before: str | None
    decision: Decision | None

    @property
    def passed(self) -> bool:
        """Whether it is now the champion."""
        return self.decision is not None


def examine(
    spec: ScreenerSpec, alias: str, registry: Registry, matrices: Matrices, lake: Lake
) -> Examined | None:
    """Judge the version this alias names and hold it to the gates; None if there is no such version."""
    version = registry.version(spec.name, alias)
    if version is None:
        return None
    siblings = registry.siblings(version)
    with tempfile.TemporaryDirectory() as place:
        folders = {
            one.candidate: registry.folder(one, Path(place) / one.number)
            for one in (siblings if version in siblings else [version])
        }
        screeners = {name: Screener.load(folder, [spec]) for name, folder in folders.items()}
        recorded: dict[str, Any] = json.loads(
            (folders[version.candidate] / "results.json").read_text(encoding="utf-8")
        )
    screener = screeners.pop(version.candidate)
    data = judged_rows(screener, matrices, lake, spec)
    judged = judge_candidate(screener, screeners, data)
    return Examined(
        version, alias, screener, screeners, data, judged, pass_gates(judged), recorded,
        decided(version, registry.decisions(spec.name)),
    )  # fmt: skip


def decided(version: Version, decisions: Sequence[Decision]) -> Text:
    """Who put this version up or into use, and why, in a sentence."""
    said = next((one for one in reversed(decisions) if one.version == version.number), None)
    if said is not None:
        back, by, why = said.rolled_back, _by(said.by), _why(said.why)
        return Text(
            f"{said.at}由{by.zh}{'恢复使用' if back else '投入使用'}：{why.zh}",
            f"{'Put back' if back else 'Put'} into use on {said.at} by {by.en}: {why.en}",
        )
    by, why = _by(version.chosen_by), _why(version.chosen_why)
    return Text(f"由{by.zh}提出，尚未投入使用：{why.zh}", f"Put forward by {by.en}, not in use: {why.en}")


def _by(said: str) -> Text:
    """Who decided; where nobody did, in both languages."""
    return Text("声明的默认形式", "the declaration's default") if said == DEFAULT_BY else Text(said, said)


def _why(said: str) -> Text:
    return Text("没有人作出选择，筛查声明采用这一形式", said) if said == DEFAULT_WHY else Text(said, said)


def put_forward(registry: Registry, spec: ScreenerSpec, candidate: str, by: str, why: str) -> Version:
    """Make this candidate of the latest training the challenger; PromotionError if it has none."""
    challenger = registry.version(spec.name, CHALLENGER)
    siblings = registry.siblings(challenger) if challenger else []
    wanted = next((one for one in siblings if one.candidate == candidate), None)
    if wanted is None:
        there = ", ".join(one.candidate for one in siblings) or "none"
        raise PromotionError(
            f"{spec.name}: the latest training made no candidate {candidate!r} (it made: {there})."
        )
    return registry.challenge(wanted, by, why)


def promote(
    registry: Registry,
    matrices: Matrices,
    lake: Lake,
    champions: Path,
    now: datetime,
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
        examined = examine(spec, CHALLENGER, registry, matrices, lake)
        if examined is None:
            raise LookupError(f"Version {version.number} of {spec.name} disappeared while it was judged.")
        before = champion_folder(champions, spec.name)
        decision = None
        if examined.passed:
            decision = _decision(
                examined.version,
                examined.recorded,
                examined.version.chosen_by,
                examined.version.chosen_why,
                now,
            )
            gates = {result.gate.name: result.found for result in examined.results}
            _put_into_use(registry, examined.version, champions, decision, gates, spec)
        done.append(Promotion(examined, before.name if before else None, decision))
    return done


def roll_back(
    registry: Registry,
    spec: ScreenerSpec,
    champions: Path,
    by: str,
    why: str,
    now: datetime,
    to: str | None = None,
) -> Decision:
    """Put the champion before this one back, or the earlier champion `to`; PromotionError if none was."""
    current = registry.version(spec.name, CHAMPION)
    once = list(dict.fromkeys(one.version for one in registry.decisions(spec.name)))
    earlier = [number for number in once if current is None or number != current.number]
    # The one before this: of all that were champion, the latest made champion before it came.
    number = to or (version_before(registry.decisions(spec.name)) if earlier else None)
    if number is None or number not in earlier:
        there = ", ".join(earlier) or "none"
        what = f"version {to} was no champion before this one" if to else "no champion was before this one"
        raise PromotionError(f"{spec.name}: {what} (once in use: {there}).")
    version = next(one for one in registry.versions(spec.name) if one.number == number)
    with tempfile.TemporaryDirectory() as place:
        folder = registry.folder(version, Path(place))
        recorded = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    decision = _decision(version, recorded, by, why, now, rolled_back=True)
    _put_into_use(registry, version, champions, decision, {}, spec)
    return decision


def version_before(decisions: Sequence[Decision]) -> str | None:
    """The version in use before the present one; a second roll-back goes further back, not round."""
    stack: list[str] = []
    for one in decisions:
        if one.rolled_back and one.version in stack:
            stack = stack[: stack.index(one.version) + 1]
        elif not stack or stack[-1] != one.version:
            stack.append(one.version)
    return stack[-2] if len(stack) > 1 else None


def _decision(
    version: Version, recorded: Mapping[str, Any], by: str, why: str, now: datetime, rolled_back: bool = False
) -> Decision:
    return Decision(
        version.number,
        version.content,
        version.candidate,
        str(recorded["proposal"]["proposed"]),
        by,
        why,
        now.isoformat(timespec="seconds"),
        rolled_back,
    )


def _put_into_use(
    registry: Registry,
    version: Version,
    champions: Path,
    decision: Decision,
    gates: Mapping[str, str],
    spec: ScreenerSpec,
) -> None:
    """Export first: if that fails, registry and files still name the same champion as before."""
    with tempfile.TemporaryDirectory() as place:
        export_champion(registry.folder(version, Path(place)), champions, [spec])
    folder = champion_folder(champions, spec.name)
    if folder is None:
        raise LookupError(f"The champion of {spec.name} disappeared while it was put into use.")
    for language in ("zh", "en"):
        with (folder / f"card.{language}.md").open("a", encoding="utf-8") as card:
            card.write(decision_lines(decision, language))
    registry.crown(version, decision, gates)


def as_json(done: Sequence[Promotion], simulated: bool) -> str:
    """What became of each challenger, for whoever reads it later."""
    told = [
        {
            "screener": one.examined.version.screener,
            "version": one.examined.version.number,
            "content": one.examined.version.content,
            "candidate": one.examined.version.candidate,
            "proposed": one.examined.recorded["proposal"]["proposed"],
            "decision": asdict(one.decision) if one.decision else None,
            "gates": [
                {"name": result.gate.name, "passed": result.passed, "found": result.found}
                for result in one.examined.results
            ],
        }
        for one in done
    ]
    return json.dumps({"simulated": simulated, "screeners": told}, ensure_ascii=False, indent=1) + "\n"


def sentence(promotion: Promotion) -> str:
    """What happened, in one sentence an operator can act on."""
    examined = promotion.examined
    version = examined.version
    name = f"{version.screener}: version {version.number} ({version.candidate})"
    if promotion.passed:
        proposed = examined.recorded["proposal"]["proposed"]
        other = "" if proposed == version.candidate else f"; the run had proposed {proposed}"
        return (
            f"{name} passed all {len(examined.results)} gates and is now the champion"
            f" (by: {version.chosen_by}{other})."
        )
    failed = "; ".join(
        f"{result.gate.sentence.en} (found {result.found})"
        for result in examined.results
        if not result.passed
    )
    stays = (
        f"the champion {promotion.champion_before} stays in use"
        if promotion.champion_before
        else "the queue goes on with hard triggers, requests and the published rules"
    )
    return f"{name} is not put into use; not passed: {failed}. Meanwhile {stays}."
