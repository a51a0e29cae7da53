"""What was found in a table that is not ours: plain values for the report, and the screeners themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from evaluation.curves import CalibrationCurve
from evaluation.external.declaration import Declaration, DeclaredOutcome, DeclaredSplit
from evaluation.external.values import Values
from evaluation.fairness import FairnessBy
from evaluation.groups import GroupReport
from features.language import Text
from models.measures import Interval
from models.screener import Screener
from training.proposal import Proposal

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class JudgedCandidate:
    """One candidate on all rows that judge. `below_best`: its AUROC less that of the best candidate."""

    name: str
    title: Text
    measures: Mapping[str, Interval]
    below_best: Interval
    told: tuple[Mapping[str, float | int | str | bool], ...]


@dataclass(frozen=True)
class Yardstick:
    """A plain library model on the same rows and columns, and the proposed candidate's AUROC less its own."""

    name: str
    title: Text
    auroc: Interval
    ahead: Interval


@dataclass(frozen=True)
class Study:
    """One outcome on one split."""

    outcome: DeclaredOutcome
    split: DeclaredSplit
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    strongest: str
    unknown_labels: int
    parts: tuple[Mapping[str, int], ...]
    rows: int
    positives: int
    blocks: int
    abstained: int
    candidates: tuple[JudgedCandidate, ...]
    proposal: Proposal
    weighted: Mapping[str, Interval]
    yardsticks: tuple[Yardstick, ...]
    curve: CalibrationCurve
    label: Floats
    risk: Floats
    groups: GroupReport
    fairness: tuple[FairnessBy, ...]
    screeners: tuple[Screener, ...]

    @property
    def proposed(self) -> JudgedCandidate:
        """The candidate the run proposes."""
        return next(one for one in self.candidates if one.name == self.proposal.proposed)


@dataclass(frozen=True)
class External:
    """Everything found in one table."""

    declaration: Declaration
    made_on: date
    table: str
    data_hash: str
    code_hash: str
    values: Values
    studies: tuple[Study, ...]
