"""Builders for tests of screeners: a small invented cohort with a risk we chose, and valid things by default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from features.catalogue import FEATURES
from models.calibration import Calibration
from models.explanation import FamilyReason, FeatureReason
from models.policy import Policy
from models.screener import Screener, Training
from models.screeners import ScreenerSpec, screener_named
from models.screening import Screening
from training.candidates import CANDIDATES, Candidate, Form, Plan, fit_candidates
from training.fit import Parameters
from training.forms import Glass
from training.matrix import Labelled, Matrices, labelled_rows
from training.tuning import Budget

DATES = tuple(date(year, month, 1) for year in range(2021, 2026) for month in (4, 10))
TRAINED_ON = date(2026, 11, 1)
AREAS = ("330109001", "330109002", "330109003", "330109104")
DUE_DAYS = {"first": 3, "second": 7, "third": 14, "watch": 30}

# What drives the invented outcome: feature, weight on the log-odds per unit.
DRIVERS = {
    "psychological": (
        ("absences_unexplained_90d", 0.5),
        ("bullied_365d", 0.8),
        ("parents_divorced_730d", 0.6),
    ),
    "guardianship": (
        ("left_unattended_365d", 0.9),
        ("conflict_reports_365d", 0.7),
        ("temporary_aid_365d", 0.5),
    ),
}


def child(number: int) -> str:
    return f"c{number:05d}"


def invented_values(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    columns = {}
    for feature in FEATURES:
        match feature.unit:
            case "yes_no":
                values = (rng.random(rows) < 0.12).astype(float)
            case "times" | "subjects" | "sessions":
                values = rng.poisson(0.4, rows).astype(float)
            case "days" if feature.when_no_records is None:
                values = rng.integers(1, 700, rows).astype(float)
            case "days":
                values = rng.poisson(0.8, rows).astype(float)
            case "years":
                values = rng.uniform(1, 16, rows)
            case "yuan":
                values = np.where(rng.random(rows) < 0.05, rng.uniform(500, 20000, rows), 0.0)
            case "percentile":
                values = rng.uniform(0, 100, rows)
            case "hours":
                values = rng.uniform(1, 10, rows)
            case _:
                values = rng.integers(1, 4, rows).astype(float)
        if feature.when_no_records is None and feature.name != "age_years":
            values = np.where(rng.random(rows) < 0.1, np.nan, values)
        columns[feature.name] = values
    return pd.DataFrame(columns)


def true_log_odds(values: pd.DataFrame, name: str) -> np.ndarray:
    total = np.full(len(values), -3.6)
    for feature, weight in DRIVERS[name]:
        total = total + weight * values[feature].fillna(0).to_numpy()
    return total


@cache
def invented_county(children: int = 1200, seed: int = 1) -> tuple[Matrices, dict[str, pd.DataFrame]]:
    """Matrices of ten rounds and the records of the facts that followed; the outcome's risk is known."""
    rng = np.random.default_rng(seed)
    frames, facts = [], {"visits": [], "admonitions": []}
    for as_of in DATES:
        values = invented_values(rng, children)
        about = pd.DataFrame(
            {
                "child_key": [child(number) for number in range(children)],
                "as_of": [as_of] * children,
                "sex": rng.choice(["male", "female"], children),
                "area_code": [f"{AREAS[number % len(AREAS)]}001" for number in range(children)],
                "school_type": rng.choice(["public", "private"], children),
                "stage": "primary",
            }
        )
        frames.append(pd.concat([about, values], axis=1))
        for name, source, extra in (
            ("psychological", "visits", {"block": "F40-F48"}),
            ("guardianship", "admonitions", {"victim": "child"}),
        ):
            risk = 1 / (1 + np.exp(-true_log_odds(values, name)))
            for number in np.flatnonzero(rng.random(children) < risk):
                happened = as_of + timedelta(days=30 + int(rng.integers(0, 180)))
                facts[source].append(
                    record(child(int(number)), f"{source}{len(facts[source])}", happened, 20, **extra)
                )
    tables = {source: table(rows) for source, rows in facts.items()}
    return Matrices(pd.concat(frames, ignore_index=True), {day: frozenset() for day in DATES}), tables


def record(
    child_key: str, record_id: str, occurred_on: date, delay: int = 10, version: int = 1, **values: object
) -> dict:
    return {
        "child_key": child_key,
        "record_id": record_id,
        "version": version,
        "occurred_on": occurred_on,
        "known_on": occurred_on + timedelta(days=delay),
        "superseded_on": None,
        **values,
    }  # fmt: skip


def table(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows)


def without_already(spec: ScreenerSpec) -> ScreenerSpec:
    """The invented facts of one date say nothing of the next, so nobody is left out as already positive."""
    return replace(spec, outcome=replace(spec.outcome, already_days=1))


@cache
def labelled(name: str = "psychological", children: int = 1200, seed: int = 1) -> Labelled:
    matrices, tables = invented_county(children, seed)
    return labelled_rows(without_already(screener_named(name)), matrices, tables, TRAINED_ON, {})


QUICK = Plan(
    Parameters(most_rounds=120, patience=20, min_data_in_leaf=40, learning_rate=0.08),
    Budget(trials=0),
    Glass(most_rounds=200, learning_rate=0.1),
)


def form(name: str) -> Form:
    return next(form for form in CANDIDATES if form.name == name)


@cache
def candidate(
    form_name: str = "booster", name: str = "psychological", children: int = 1200, seed: int = 1
) -> Candidate:
    """One candidate of the invented county, quick to make."""
    data = labelled(name, children, seed)
    [made] = fit_candidates(data, QUICK, TRAINED_ON, "code", simulated=True, forms=[form(form_name)])
    return made


@dataclass(frozen=True)
class Fitted:
    """A booster, and the candidates judging needs beside it."""

    screener: Screener
    beside: Mapping[str, Screener]


def fitted(name: str = "psychological", children: int = 1200, seed: int = 1) -> Fitted:
    beside = {
        other: candidate(other, name, children, seed).screener for other in ("constant", "single", "linear")
    }
    return Fitted(candidate("booster", name, children, seed).screener, beside)


def screener(name: str = "psychological") -> Screener:
    return fitted(name).screener


def newest_rows(children: int = 1200, seed: int = 1) -> pd.DataFrame:
    rows = invented_county(children, seed)[0].rows
    return rows[rows["as_of"] == DATES[-1]].reset_index(drop=True)


def training_record(**changes: object) -> Training:
    plain = Training(
        trained_on=TRAINED_ON,
        fit_dates=DATES[:5],
        calibrate_dates=DATES[6:7],
        judge_dates=DATES[8:],
        data_hash="d" * 64,
        declarations_hash="e" * 64,
        code_hash="f" * 64,
    )
    return replace(plain, **changes)


def screening(child_key: str = "c00001", **changes: object) -> Screening:
    plain = Screening(
        child_key=child_key,
        as_of=date(2026, 10, 1),
        screener="psychological",
        version="0123456789ab",
        margin=-1.5,
        risk=0.12,
        low=0.08,
        high=0.17,
        percentile=97.0,
        band="raised",
        reasons=(
            FamilyReason("attendance", 1.25, (FeatureReason("absences_unexplained_90d", 4.0, 1.25),)),
            FamilyReason("sleep", -0.25, (FeatureReason("sleep_hours_latest_365d", None, -0.25),)),
        ),
        base=-2.5,
        silent=("checkups",),
    )
    return replace(plain, **changes)


def policy(**changes: object) -> Policy:
    return replace(Policy.read(), **changes)


def flat_calibration() -> Calibration:
    return Calibration(1.0, 0.0, ((0.9, -0.1), (1.0, 0.0), (1.1, 0.1)))


def written_by_the_library(said: Screening) -> str:
    """A screening as the library of JSON writes it, key by key."""
    told = asdict(said)
    for name in ("margin", "risk", "low", "high", "percentile", "base"):
        told[name] = None if told[name] != told[name] else told[name]
    for family, reason in zip(told["reasons"], said.reasons, strict=True):
        family["features"] = [
            {**item._asdict(), "evidence": [record._asdict() for record in item.evidence]}
            for item in reason.features
        ]
    return json.dumps(told, ensure_ascii=False, sort_keys=True, default=date.isoformat)
