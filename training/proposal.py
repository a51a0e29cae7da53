"""Which candidate a run proposes: the simplest that is not worse than the best. A person decides.

Declared before any run:

    best        the lowest logarithmic loss on the judged rows
    not worse   neither in logarithmic loss nor in average precision does the 95 % interval of the
                difference from the best, the same children resampled for both, leave nought out
    calibrated  the intervals of the slope and of observed over expected reach 0.8 to 1.25
    proposed    the simplest that is both; if none is calibrated, the best itself

A proposal puts nothing into use: `python -m evaluation promote` does, through the gates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.language import Text
from models.calibration import child_codes, child_weights
from models.measures import Interval, average_precision
from training.candidates import Candidate

Floats = npt.NDArray[np.float64]

REACHES = (0.8, 1.25)
DRAWS = 200


@dataclass(frozen=True)
class Standing:
    """One candidate beside the best: how much worse, with intervals, and whether it is calibrated."""

    name: str
    loss_above_best: Interval
    precision_below_best: Interval
    calibrated: bool

    @property
    def not_worse(self) -> bool:
        """Whether both differences may be nought."""
        return self.loss_above_best.low <= 0 and self.precision_below_best.low <= 0


@dataclass(frozen=True)
class Proposal:
    """What the run proposes, and how every candidate stands, the simplest first."""

    proposed: str
    best: str
    standings: tuple[Standing, ...]
    sentence: Text


def propose(
    candidates: Sequence[Candidate],
    rows: pd.DataFrame,
    measures: Mapping[str, Mapping[str, Interval]],
    rng: np.random.Generator,
) -> Proposal:
    """The proposal of these candidates, judged on these rows with these measures."""
    ordered = sorted(candidates, key=lambda candidate: candidate.simplicity)
    return propose_among(
        {candidate.name: candidate.title for candidate in ordered},
        rows["label"].to_numpy(dtype=np.float64),
        {candidate.name: candidate.screener.risk(rows) for candidate in ordered},
        rows["child_key"].tolist(),
        measures,
        rng,
    )


def propose_among(
    titles: Mapping[str, Text],
    label: Floats,
    risks: Mapping[str, Floats],
    keys: Sequence[str],
    measures: Mapping[str, Mapping[str, Interval]],
    rng: np.random.Generator,
) -> Proposal:
    """The same from risks, wherever they were made; `titles` names the candidates, the simplest first."""
    best = min(titles, key=lambda name: float(_losses(label, risks[name]).mean()))
    worse = _differences(label, risks, best, keys, rng)
    standings = tuple(Standing(name, *worse[name], _calibrated(measures[name])) for name in titles)
    fit_for_use = [standing.name for standing in standings if standing.not_worse and standing.calibrated]
    proposed = fit_for_use[0] if fit_for_use else best
    return Proposal(proposed, best, standings, _sentence(proposed, best, bool(fit_for_use), titles))


def _sentence(proposed: str, best: str, calibrated: bool, titles: Mapping[str, Text]) -> Text:
    said, other = titles[proposed], titles[best]
    if not calibrated:
        return Text(
            f"建议采用“{said.zh}”：没有一个候选形式校准合格，它的对数损失最低。",
            f"Proposed: {said.en}. No candidate is calibrated; this one has the lowest logarithmic loss.",
        )
    if proposed == best:
        return Text(
            f"建议采用“{said.zh}”：它的对数损失最低，更简单的形式都不及它或校准不合格。",
            f"Proposed: {said.en}. It has the lowest logarithmic loss; every simpler form is worse or not"
            " calibrated.",
        )
    return Text(
        f"建议采用“{said.zh}”：它是与最佳者（{other.zh}）无可辨差别且校准合格的最简形式。",
        f"Proposed: {said.en}. It is the simplest calibrated form that cannot be told from the best"
        f" ({other.en}).",
    )


def _differences(
    label: Floats,
    risks: Mapping[str, Floats],
    best: str,
    keys: Sequence[str],
    rng: np.random.Generator,
) -> dict[str, tuple[Interval, Interval]]:
    """How far each loss lies above the best one's and each precision below it, on the same resamples."""
    children = child_codes(keys)
    resamples = [child_weights(children, rng).astype(np.float32) for _ in range(DRAWS)]
    found = {}
    drawn: dict[str, tuple[Floats, Floats]] = {}
    whole: dict[str, tuple[float, float]] = {}
    for name, risk in risks.items():
        order = np.argsort(risk, kind="stable")  # sorted once, so that each resample sorts in linear time
        losses, seen, ranked = _losses(label, risk), label[order], risk[order]
        whole[name] = float(losses.mean()), average_precision(label, risk)
        drawn[name] = (
            np.array([float(np.average(losses, weights=times)) for times in resamples]),
            np.array([average_precision(seen, ranked, times[order].astype(float)) for times in resamples]),
        )
    for name in risks:
        loss = drawn[name][0] - drawn[best][0]
        precision = drawn[best][1] - drawn[name][1]
        found[name] = (
            _interval(whole[name][0] - whole[best][0], loss),
            _interval(whole[best][1] - whole[name][1], precision),
        )
    return found


def _interval(value: float, drawn: Floats) -> Interval:
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return Interval(value, float(low), float(high))


def _losses(label: Floats, risk: Floats) -> Floats:
    held = np.clip(risk, 1e-12, 1 - 1e-12)
    return -(label * np.log(held) + (1 - label) * np.log1p(-held))


def _calibrated(measures: Mapping[str, Interval]) -> bool:
    """A risk that is the same for every child has no slope: it is calibrated if its rate is."""
    slope, rate = measures["calibration_slope"], measures["observed_to_expected"]
    return (math.isnan(slope.value) or _reaches(slope)) and _reaches(rate)


def _reaches(interval: Interval) -> bool:
    return interval.low <= REACHES[1] and interval.high >= REACHES[0]
