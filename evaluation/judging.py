"""One candidate judged on rows later than any it was fitted or calibrated on.

The rows are made again from the matrices and the lake, as they were known on the training date, and must
hash to what training recorded: a candidate is never judged on other data than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.groups import GroupReport, group_calibration, groupings_of
from evaluation.metrics import AtCapacity, at_capacity, auroc_difference, ici
from features.lake import Lake
from models.margins import Booster
from models.measures import Interval, with_intervals
from models.rules import find
from models.screener import Screener
from models.screeners import ScreenerSpec
from training.leakage import single_feature
from training.matrix import Labelled, Matrices, labelled_rows, last_heard

Floats = npt.NDArray[np.float64]

SHARES = (0.02, 0.05, 0.10, 0.20)
DRAWS = 400
SEED = 20250401
PROBED_ROWS = 300


class JudgingError(ValueError):
    """A candidate that cannot be judged fairly; the message says why and what to do."""


@dataclass(frozen=True)
class Judged:
    """Everything the gates and the report look at."""

    screener: Screener
    rows: pd.DataFrame
    risk: Floats
    measures: Mapping[str, Mapping[str, Interval]]
    over_rules: Interval
    over_logistic: Interval
    ici: float
    at_shares: Mapping[float, AtCapacity]
    strongest_feature: str
    single_feature_passed: bool
    wrong_way: int
    served_otherwise: int
    data_hash: str
    groups: GroupReport

    @property
    def label(self) -> Floats:
        """What happened, 1 or 0."""
        return self.rows["label"].to_numpy(dtype=np.float64)

    @property
    def positives(self) -> int:
        """Judged rows with the outcome."""
        return int(self.label.sum())


def judged_rows(screener: Screener, matrices: Matrices, lake: Lake, known: ScreenerSpec) -> Labelled:
    """The labelled rows as of the training date; JudgingError if they are not those it was trained on."""
    trained_on: date = screener.training.trained_on
    data = labelled_rows(known, matrices, lake.tables(), trained_on, last_heard(lake, known, trained_on))
    if data.data_hash != screener.training.data_hash:
        raise JudgingError(
            f"{known.name}: the matrices or records have changed since version {screener.version} was"
            " trained; run python -m training run again."
        )
    return data


def judge_candidate(screener: Screener, beside: Mapping[str, Screener], data: Labelled) -> Judged:
    """Judge on the latest dates; the same candidate on the same rows always gives the same figures.

    `beside`: the other candidates of the same run, by name; a linear one among them.
    """
    rng = np.random.default_rng(SEED)
    rows = data.judge
    label = rows["label"].to_numpy(dtype=np.float64)
    keys = rows["child_key"].tolist()
    risk = screener.calibration.risk(screener.margins(rows))
    others = {name: other.risk(rows) for name, other in beside.items()}
    logistic = risk if screener.model.kind == "linear" else others.get("linear")
    if logistic is None:
        raise JudgingError(f"{screener.spec.name}: a candidate is judged against a logistic regression.")
    rules = rule_ranks(rows)
    measures = {
        "screener": with_intervals(label, risk, keys, rng, DRAWS),
        **{name: with_intervals(label, other, keys, rng, DRAWS) for name, other in others.items()},
    }
    leak = single_feature(screener.spec, rows)
    return Judged(
        screener=screener,
        rows=rows,
        risk=risk,
        measures=measures,
        over_rules=auroc_difference(label, risk, rules, keys, rng, DRAWS),
        over_logistic=auroc_difference(label, risk, logistic, keys, rng, DRAWS),
        ici=ici(label, risk),
        at_shares={share: at_capacity(label, risk, round(share * len(rows))) for share in SHARES},
        strongest_feature=leak.found,
        single_feature_passed=leak.passed,
        wrong_way=wrong_way(screener, rows),
        served_otherwise=served_otherwise(screener, rows),
        data_hash=data.data_hash,
        groups=group_calibration(rows, label, risk, keys, rng, groupings=groupings_of(rows)),
    )


def rule_ranks(rows: pd.DataFrame) -> Floats:
    """The published rules as one number a row that orders by reds, then yellows."""
    found = [find({str(k): v for k, v in row.items()}) for row in rows.to_dict(orient="records")]
    return np.array([finding.reds * 1000 + finding.yellows for finding in found], dtype=np.float64)


def wrong_way(screener: Screener, rows: pd.DataFrame, probed: int = PROBED_ROWS) -> int:
    """How often raising a known value moved the margin against its declared direction."""
    sample = rows.iloc[:: max(1, len(rows) // probed)].head(probed)
    before = screener.margins(sample)
    against = 0
    for feature in screener.spec.features:
        if feature.risk.value == 0:
            continue
        known = sample[feature.name].notna().to_numpy()
        for rise in (1.0, 10.0, 1000.0):
            moved = sample.assign(**{feature.name: sample[feature.name] + rise})
            change = (screener.margins(moved) - before) * feature.risk.value
            against += int((change[known] < -1e-9).sum())
    return against


def served_otherwise(screener: Screener, rows: pd.DataFrame) -> int:
    """Of how many rows the service, which walks the trees itself, would give another margin than LightGBM."""
    model = screener.model
    return model.differing(screener.values(rows)) if isinstance(model, Booster) else 0
