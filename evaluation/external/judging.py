"""The same screener, candidates and measures on a table that is not ours, as its declaration describes it.

Every outcome is judged on every split it names: folds that keep clusters together, or a later time. Each
candidate is fitted and calibrated without the rows that judge it; one is proposed by the same rule as in a
county. A column that nearly tells the outcome alone stops the run unless the declaration
says why it may stay. Intervals resample clusters (else children); weights never fit, they only judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.curves import calibration_curve
from evaluation.external.declaration import Declaration, DeclaredOutcome, DeclaredSplit
from evaluation.external.entry import TableError
from evaluation.external.folds import Part, parts_of
from evaluation.external.found import External, JudgedCandidate, Study, Yardstick
from evaluation.external.oulad import enrolments_on_day_60
from evaluation.external.reading import check_columns, read_table, table_hash
from evaluation.external.values import Values, label_of, values_of
from evaluation.external.yardsticks import YARDSTICKS
from evaluation.fairness import fairness
from evaluation.groups import Grouping, group_calibration
from evaluation.metrics import auroc_difference, ici_interval
from features.language import Code
from models.measures import Interval, with_intervals
from models.screeners import ScreenerSpec
from models.tables import TableColumn, TableFamily, TableOutcome
from training.candidates import Candidate, Plan, fit_candidates
from training.leakage import single_feature
from training.matrix import Labelled
from training.proposal import propose_among
from training.run import code_hash
from training.splits import Split

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]

DRAWS = 200
SEED = 20250401
# A column that hardly anybody was asked about while fitting, or is now, tells of the questionnaire only.
LEAST_KNOWN = 0.01
VISITED_SHARE = 0.10
# Sources of dated events, and what makes a table of each.
MAKERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {"oulad": enrolments_on_day_60}


def judge_table(
    declaration: Declaration,
    path: Path,
    today: date,
    progress: Progress,
    only: str | None = None,
    yardsticks: bool = False,
    plan: Plan | None = None,
) -> External:
    """Read the table and judge every outcome, or the one named; TableError with what stands in the way."""
    outcomes = [one for one in declaration.outcomes if only in (None, one.name)]
    if not outcomes:
        names = ", ".join(one.name for one in declaration.outcomes)
        raise TableError(f"No outcome is called {only!r}; {declaration.name} declares {names}.")
    digest = table_hash(path)
    progress(f"reading {path.name}")
    values = values_of(declaration, the_table(declaration, path))
    progress(f"{len(values):,} rows of {len(np.unique(values.block)):,} blocks that stay together")
    code = code_hash()
    studies = []
    for outcome in outcomes:
        label = label_of(outcome, values, declaration.layout.decimal)
        for split in declaration.splits:
            if split.name in outcome.splits:
                desk = Desk(declaration, outcome, split, values, label, today, code, plan or Plan())
                studies.append(desk.study(yardsticks, progress))
    return External(declaration, today, path.name, digest, code, values, tuple(studies))


def the_table(declaration: Declaration, path: Path) -> pd.DataFrame:
    """The table as it stands there, or as it is made from dated events."""
    maker = declaration.layout.made_by
    if not maker:
        return read_table(path, declaration)
    if maker not in MAKERS:
        raise TableError(f"[table] made_by is {maker!r}; tables are made by {', '.join(MAKERS)}.")
    return check_columns(MAKERS[maker](path), path, declaration)


@dataclass(frozen=True)
class Desk:
    """One outcome on one split, while it is being judged."""

    declaration: Declaration
    outcome: DeclaredOutcome
    split: DeclaredSplit
    values: Values
    label: Floats
    today: date
    code: str
    plan: Plan

    def study(self, yardsticks: bool, progress: Progress) -> Study:
        """Fit, calibrate, judge."""
        name = f"{self.outcome.name}, {self.split.name}"
        parts = parts_of(self.split, self.values, self.label)
        judged = np.concatenate([part.judge for part in parts])
        spec, left_out = self.spec(parts)
        rows = self.rows(spec)
        strongest = self.stop_if_told(spec, rows.iloc[np.unique(_places(parts))])
        made: list[tuple[Candidate, ...]] = []
        for number, part in enumerate(parts, 1):
            progress(f"{name}: part {number} of {len(parts)}")
            made.append(self._fit(spec, rows, part, progress))
        names = [one.name for one in made[0] if all(one.name in {c.name for c in part} for part in made)]
        risks = {
            form: np.concatenate(
                [
                    _named(fitted, form).screener.risk(rows.iloc[part.judge])
                    for fitted, part in zip(made, parts, strict=True)
                ]
            )
            for form in names
        }
        progress(f"{name}: judging {len(judged):,} rows")
        candidates = self._judge(risks, judged, made)
        label, keys = self.label[judged], self._keys(judged)
        proposal = propose_among(
            {one.name: one.title for one in candidates},
            label,
            risks,
            keys,
            {one.name: one.measures for one in candidates},
            np.random.default_rng(SEED),
        )
        for one in candidates:
            progress(f"{name}: {one.title.en}: AUROC {one.measures['auroc']}")
        risk = risks[proposal.proposed]
        beside = self._beside(rows, parts, risk, progress) if yardsticks else ()
        groupings = [
            Grouping(
                group.name,
                group.title,
                group.name,
                edges=group.bands,
                codes=tuple(Code(value, title) for value, title in group.names.items()),
            )
            for group in self.declaration.groups
        ]
        grouped = self.values.groups.iloc[judged].reset_index(drop=True)
        weight = None if self.values.weight is None else self.values.weight[judged]
        rng = np.random.default_rng(SEED)
        children = [str(place) for place in judged]
        screeners = tuple(_named(fitted, proposal.proposed).screener for fitted in made)
        abstained = sum(
            sum(reason is not None for reason in screener.abstains(rows.iloc[part.judge]))
            for screener, part in zip(screeners, parts, strict=True)
        )
        return Study(
            outcome=self.outcome,
            split=self.split,
            columns=spec.columns,
            left_out=left_out,
            strongest=strongest,
            unknown_labels=int(np.isnan(self.label).sum()),
            parts=tuple(
                {"fit": len(part.fit), "calibrate": len(part.calibrate), "judge": len(part.judge)}
                for part in parts
            ),
            rows=len(judged),
            positives=int(label.sum()),
            blocks=len(np.unique(keys)),
            abstained=abstained,
            candidates=candidates,
            proposal=proposal,
            weighted={} if weight is None else measured(label, risk, keys, weight),
            yardsticks=beside,
            curve=calibration_curve(label, risk, keys, rng),
            label=label,
            risk=risk,
            groups=group_calibration(grouped, label, risk, children, rng, weight, groupings, witnesses=keys),
            fairness=fairness(
                grouped, label, risk, children, VISITED_SHARE, rng, weight, groupings, witnesses=keys
            ),
            screeners=screeners,
        )

    def spec(self, parts: Sequence[Part]) -> tuple[ScreenerSpec, tuple[str, ...]]:
        """The screener of this outcome, without columns that this split cannot use; and those."""
        declared = self.declaration.inputs_of(self.outcome)
        families = {
            name: TableFamily(name or "other", title) for name, title in self.declaration.families.items()
        }
        # Over all parts: in one fold a question may not have been asked of any of a few schools.
        sides = [
            np.concatenate([getattr(part, name) for part in parts]) for name in ("fit", "calibrate", "judge")
        ]
        features, left_out, sensitive = [], [], []
        for column in declared:
            for name, title in column.made:
                cells = self.values.columns[name].to_numpy(dtype=np.float64)
                known = [np.isfinite(cells[side]).mean() for side in sides]
                if min(known) < LEAST_KNOWN:
                    left_out.append(name)
                    continue
                features.append(
                    TableColumn(name, title, families[column.family], column.risk, column.sensitive)
                )
                sensitive += [name] if column.sensitive else []
        if not features:
            raise TableError(f"[splits.{self.split.name}]: no column is known on all sides of it.")
        spec = ScreenerSpec(
            name=f"{self.declaration.name}_{self.outcome.name}",
            title=self.outcome.title,
            outcome=TableOutcome(self.outcome.name, self.outcome.title),
            features=tuple(features),
            why="A table that is not ours, judged by the same door.",
            gap_days=0,
            horizon_days=1,
            age_column=None,
            form="constant",
            sensitive_used=tuple(sensitive),
        )
        return spec, tuple(left_out)

    def rows(self, spec: ScreenerSpec) -> pd.DataFrame:
        """All rows as training reads them, on one as-of date: who fits and who judges is decided here."""
        about = pd.DataFrame(
            {"child_key": self.values.block.astype(str), "as_of": self.today, "label": self.label}
        )
        return pd.concat([about, self.values.columns[list(spec.columns)]], axis=1)

    def stop_if_told(self, spec: ScreenerSpec, rows: pd.DataFrame) -> str:
        """The strongest single column; TableError if it nearly tells the outcome and nobody said why."""
        rows = rows[rows["label"].notna()]
        named = set(self.outcome.strong)
        others = tuple(feature for feature in spec.features if feature.name not in named)
        if not others:
            return ""
        allowed = replace(
            spec, features=others, sensitive_used=tuple(one.name for one in others if one.sensitive)
        )
        check = single_feature(allowed, rows)
        if not check.passed:
            raise TableError(
                f"[outcomes.{self.outcome.name}]: {check.sentence.en}, and one does: {check.found}. If it is"
                " the outcome by another name or comes after it, leave it out (without); if it may stay, say"
                ' why: strong = { column = "…" }.'
            )
        return check.found

    def _fit(
        self, spec: ScreenerSpec, rows: pd.DataFrame, part: Part, progress: Progress
    ) -> tuple[Candidate, ...]:
        day = (self.today,)
        data = Labelled(
            spec,
            Split(day, day, day, ()),
            rows.iloc[part.fit].reset_index(drop=True),
            rows.iloc[part.calibrate].reset_index(drop=True),
            rows.iloc[part.judge].reset_index(drop=True),
            {},
            day,
        )
        return fit_candidates(
            data, self.plan, self.today, self.code, simulated=self.declaration.simulated, progress=progress
        )

    def _keys(self, places: npt.NDArray[np.intp]) -> list[str]:
        return [str(block) for block in self.values.block[places]]

    def _judge(
        self,
        risks: Mapping[str, Floats],
        judged: npt.NDArray[np.intp],
        made: Sequence[tuple[Candidate, ...]],
    ) -> tuple[JudgedCandidate, ...]:
        label, keys = self.label[judged], self._keys(judged)
        found = {}
        for name, risk in risks.items():
            # Every candidate on the same resamples.
            found[name] = measured(label, risk, keys, None)
        best = max(found, key=lambda name: found[name]["auroc"].value)
        return tuple(
            JudgedCandidate(
                name=name,
                title=_named(made[0], name).title,
                measures=found[name],
                below_best=auroc_difference(
                    label, risk, risks[best], keys, np.random.default_rng(SEED), DRAWS
                ),
                told=tuple(_named(part, name).screener.training.parameters for part in made),
            )
            for name, risk in risks.items()
        )

    def _beside(
        self, rows: pd.DataFrame, parts: Sequence[Part], risk: Floats, progress: Progress
    ) -> tuple[Yardstick, ...]:
        """Plain library models, given every row that was not to judge."""
        judged = np.concatenate([part.judge for part in parts])
        label, keys = self.label[judged], self._keys(judged)
        columns = [name for name in rows.columns if name not in ("child_key", "as_of", "label")]
        cells = rows[columns].to_numpy(dtype=np.float64)
        found = []
        for yardstick in YARDSTICKS:
            progress(f"{self.outcome.name}, {self.split.name}: beside it, {yardstick.title.en}")
            other = np.concatenate(
                [
                    yardstick.risk(
                        cells[places := np.concatenate([part.fit, part.calibrate])],
                        self.label[places],
                        cells[part.judge],
                    )
                    for part in parts
                ]
            )
            found.append(
                Yardstick(
                    yardstick.name,
                    yardstick.title,
                    measured(label, other, keys, None)["auroc"],
                    auroc_difference(label, risk, other, keys, np.random.default_rng(SEED), DRAWS),
                )
            )
        return tuple(found)


def measured(label: Floats, risk: Floats, keys: Sequence[str], weight: Floats | None) -> dict[str, Interval]:
    """Every measure with its interval, on the same resamples each time it is called."""
    found = with_intervals(label, risk, keys, np.random.default_rng(SEED), DRAWS, weights=weight)
    if float(np.ptp(risk)) > 0:
        found["ici"] = ici_interval(label, risk, keys, np.random.default_rng(SEED), DRAWS, weight)
    return found


def _named(fitted: Sequence[Candidate], name: str) -> Candidate:
    return next(one for one in fitted if one.name == name)


def _places(parts: Sequence[Part]) -> npt.NDArray[np.intp]:
    return np.concatenate([places for part in parts for places in (part.fit, part.calibrate, part.judge)])
