"""Everything the report says of one candidate beyond its gates, from the rows it is judged on.

One call, one order, one seed: the same candidate on the same rows always gives the same findings. What the
rows cannot bear is a sentence (`NotEnough`), never a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.curves import CalibrationCurve, DecisionPoint, calibration_curve, decision_curve
from evaluation.drift import Drift, drift
from evaluation.errors import Errors, errors, family_sums
from evaluation.fairness import FairnessBy, fairness
from evaluation.figures import Figures, NotEnough, figures
from evaluation.groups import groupings_of
from evaluation.judging import Judged
from evaluation.lead_time import LeadTime, days_to_fact, lead_time
from evaluation.metrics import VisitedShare, visited_share
from evaluation.outage import Outage, columns_by_department, outages
from evaluation.promise import Promise, promises
from evaluation.replay_weeks import Replay, replay
from evaluation.selection import DRAWN, LEAST_DRAWS, Missed, missed, visits_in
from evaluation.stability import REFITS, Churn, Instability, churn, instability
from features.lake import Lake
from models.calibration import calibrate
from models.facts import Tables
from models.policy import Policy
from models.screener import Screener
from training.candidates import CANDIDATES, Plan
from training.fit import Parameters
from training.matrix import Labelled
from training.tuning import Budget

Floats = npt.NDArray[np.float64]

SEED = 20250402
# The share of children visited at which groups, outages, lead times and errors are shown.
LISTED = 0.10
SHARES = (0.02, 0.05, 0.10, 0.20)
WEEKS = 26
DRAWS = 200


@dataclass(frozen=True)
class Findings:
    """What was found, in the order the report tells it. `instability` is None if no refit was asked for."""

    figures: Figures
    calibration: CalibrationCurve
    benefit: tuple[DecisionPoint, ...]
    visits: tuple[VisitedShare, ...]
    promises: tuple[Promise, ...] | NotEnough
    fairness: tuple[FairnessBy, ...]
    selection: Missed | NotEnough
    outages: tuple[Outage, ...]
    lead: LeadTime | NotEnough
    days_gained: tuple[float, ...]
    churn: tuple[Churn, ...]
    weeks: Replay
    instability: Instability | None
    errors: Errors
    drift: tuple[Drift, ...]


def find_out(judged: Judged, data: Labelled, lake: Lake, policy: Policy, refits: int = REFITS) -> Findings:
    """Everything, for one judged candidate."""
    rng = np.random.default_rng(SEED)
    screener, rows, risk, label = judged.screener, judged.rows, judged.risk, judged.label
    keys = rows["child_key"].tolist()
    tables, trained_on = lake.tables(), screener.training.trained_on
    days = days_to_fact(screener.spec, rows, tables, trained_on)
    newest = (rows["as_of"] == max(rows["as_of"])).to_numpy()
    cohort = int(newest.sum())
    names, by_family = family_sums(
        screener.contributions(screener.values(rows))[:, :-1],
        [feature.family.name for feature in screener.spec.features],
    )
    listed = risk >= np.quantile(risk, 1 - LISTED)
    return Findings(
        figures=figures(label, risk, keys, rng, draws=DRAWS),
        calibration=calibration_curve(label, risk, keys, rng, draws=DRAWS),
        benefit=decision_curve(label, risk, keys, rng, draws=DRAWS),
        visits=tuple(visited_share(label, risk, share, keys, rng, DRAWS) for share in SHARES),
        promises=promises(label, risk, keys, [round(share * cohort) for share in SHARES], cohort, rng),
        fairness=fairness(rows, label, risk, keys, LISTED, rng, groupings=groupings_of(rows), draws=DRAWS),
        selection=selection_of(screener, tables, trained_on),
        outages=outages(
            rows, label, keys, columns_by_department(screener.spec.features), screener.risk, LISTED, rng
        ),
        lead=lead_time(label, days, risk, keys, LISTED, rng),
        days_gained=tuple(days[listed & (label == 1) & ~np.isnan(days)].tolist()),
        churn=_churn(screener, data),
        weeks=_weeks(rows[newest], risk[newest], label[newest], policy),
        instability=_instability(judged, data, refits, rng) if refits else None,
        errors=errors(label, risk, keys, names, by_family, LISTED, rng),
        drift=_drift(screener, data.fit, rows),
    )


def selection_of(screener: Screener, tables: Tables, day: date) -> Missed | NotEnough:
    """Who is missed, from the visits of every release since the first fit date that were known by `day`."""
    alerts, dispositions = (_stood(tables, name, day) for name in ("alerts", "dispositions"))
    if alerts is None or dispositions is None:
        return NotEnough(LEAST_DRAWS, 0, DRAWN)
    visited = dispositions.assign(visited=dispositions["visited"] == "yes")
    return missed(visits_in(alerts, visited, screener.spec.outcome.name, screener.training.fit_dates[0], day))


def _stood(tables: Tables, source: str, day: date) -> pd.DataFrame | None:
    """The records of our own queue that stood on that day; None if there never were any."""
    table = tables.get(source)
    if table is None:
        return None
    frame = pd.read_parquet(table) if isinstance(table, Path) else table
    known, replaced = (pd.to_datetime(frame[name]) for name in ("known_on", "superseded_on"))
    stamp = pd.Timestamp(day)
    return frame[(known < stamp) & ~(replaced < stamp)]


def _churn(screener: Screener, data: Labelled) -> tuple[Churn, ...]:
    """From date to date, later than the fit dates; the list holds the same number each time."""
    later = pd.concat([data.calibrate, data.judge], ignore_index=True)
    parts = [later[later["as_of"] == as_of] for as_of in sorted(set(later["as_of"]))]
    rounds = [(part["as_of"].iloc[0], part["child_key"].tolist(), screener.margins(part)) for part in parts]
    smallest = min(len(keys) for _, keys, _ in rounds)
    return churn(rounds, round(LISTED * smallest))


def _weeks(rows: pd.DataFrame, risk: Floats, label: Floats, policy: Policy) -> Replay:
    """One round worked off at the capacity of the policy: everybody arrives in the first week."""
    areas = [str(code)[:9] if isinstance(code, str) else "unknown" for code in rows["area_code"]]
    capacity = {area: policy.area_capacity.get(area, policy.capacity_per_area) for area in set(areas)}
    return replay(rows["child_key"].tolist(), areas, risk, label, [0] * len(rows), capacity, WEEKS)


def _instability(judged: Judged, data: Labelled, refits: int, rng: np.random.Generator) -> Instability:
    return instability(
        data.fit, judged.rows, judged.risk, refit_like(judged.screener, data), LISTED, rng, refits
    )


def refit_like(
    screener: Screener, data: Labelled
) -> Callable[[pd.DataFrame], Callable[[pd.DataFrame], Floats]]:
    """Fits the same form with the same parameters on other rows, calibrated on the same later dates."""
    form = next(form for form in CANDIDATES if form.name == screener.model.kind)
    told = screener.training.parameters
    kept = {each.name: told[each.name] for each in fields(Parameters) if each.name in told}
    plan = Plan(parameters=replace(Parameters(), **kept), budget=Budget(trials=0))  # type: ignore[arg-type]
    later = data.calibrate

    def refit(rows: pd.DataFrame) -> Callable[[pd.DataFrame], Floats]:
        model, _ = form.fit(replace(data, fit=rows), plan)
        again = Screener(
            screener.spec, model, screener.calibration, screener.base_rate, [0.0], screener.training
        )
        line = calibrate(
            again.margins(later),
            later["label"].to_numpy(dtype=np.float64),
            later["child_key"].tolist(),
            np.random.default_rng(SEED),
            2,
        )
        return lambda judged_rows: line.risk(again.margins(judged_rows))

    return refit


def _drift(screener: Screener, fitted: pd.DataFrame, judged: pd.DataFrame) -> tuple[Drift, ...]:
    """The latest judged date beside the latest fitted one: each child stands once in each."""
    before = fitted[fitted["as_of"] == max(fitted["as_of"])]
    now = judged[judged["as_of"] == max(judged["as_of"])]
    return drift(columns_of(screener, before), columns_of(screener, now))


def columns_of(screener: Screener, rows: pd.DataFrame) -> dict[str, Floats]:
    """Each feature and the risk, as arrays."""
    values = screener.values(rows)
    found = {name: values[:, place] for place, name in enumerate(screener.spec.columns)}
    return {**found, "risk": screener.risk(rows)}
