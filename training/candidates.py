"""The candidates of a run: every form, from the same rows, calibrated alike, in order of simplicity.

Each candidate is a whole screener and could be put into use. They are fitted on the fit dates, calibrated
on later ones; the latest are not looked at here. A form that cannot be made of these rows is left out, and
the run says why; the form its screener declares must be made.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from features.language import Text
from models.calibration import Calibration, CalibrationError, calibrate, child_codes, child_weights
from models.margins import Booster, MarginModel
from models.screener import Screener, Training
from training.fit import FitError, Parameters, grow
from training.forms import Glass, fit_additive, fit_constant, fit_linear, fit_single, rule_points
from training.matrix import Labelled
from training.tuning import Budget, Tuned, tune

Floats = npt.NDArray[np.float64]
Told = Mapping[str, float | int | str | bool]

REFERENCE_POINTS = 1001
DRAWS = 200
LEAST_EACH = 20
SEED = 20240401


@dataclass(frozen=True)
class Plan:
    """How the candidates of one run are made. `parameters` are where tuning begins, or all it is given."""

    parameters: Parameters = field(default_factory=Parameters)
    budget: Budget = field(default_factory=Budget)
    glass: Glass = field(default_factory=Glass)


@dataclass(frozen=True)
class Form:
    """One form a screener may take, and how it is fitted: its margin, and what is to be told of the fit."""

    name: str
    title: Text
    fit: Callable[[Labelled, Plan], tuple[MarginModel, Told]]


@dataclass(frozen=True)
class Candidate:
    """One form made of one run's rows; `simplicity` counts from 0, the simplest."""

    name: str
    title: Text
    simplicity: int
    screener: Screener


def _constant(data: Labelled, plan: Plan) -> tuple[MarginModel, Told]:
    return fit_constant(data.spec, data.fit), {}


def _single(data: Labelled, plan: Plan) -> tuple[MarginModel, Told]:
    model = fit_single(data.spec, data.fit)
    return model, {"feature": model.terms[0].column}


def _rules(data: Labelled, plan: Plan) -> tuple[MarginModel, Told]:
    model = rule_points(data.spec)
    if not model.terms:
        raise FitError("none of the facts the published rules ask for is among the features")
    return model, {"features": len(model.terms)}


def _linear(data: Labelled, plan: Plan) -> tuple[MarginModel, Told]:
    model, penalty = fit_linear(data.spec, data.fit)
    return model, {"penalty": penalty}


def _additive(data: Labelled, plan: Plan) -> tuple[MarginModel, Told]:
    return fit_additive(data.spec, data.fit, plan.glass), asdict(plan.glass)


def _booster(data: Labelled, plan: Plan) -> tuple[MarginModel, Told]:
    tuned: Tuned = tune(data.spec, data.fit, plan.parameters, plan.budget)
    text, rounds = grow(data.spec, data.fit, tuned.parameters)
    told = {**asdict(tuned.parameters), "rounds": rounds, "trials": len(tuned.tried)}
    return Booster(data.spec.columns, text), told


CANDIDATES: tuple[Form, ...] = (
    Form("constant", Text("平均发生率", "Base rate"), _constant),
    Form("single", Text("最强的单一特征", "The best single feature"), _single),
    Form("rules", Text("公开规则计分", "The published rules as points"), _rules),
    Form("linear", Text("逻辑回归", "Logistic regression"), _linear),
    Form("additive", Text("可解释加性模型（EBM）", "Additive glass-box model (EBM)"), _additive),
    Form("booster", Text("单调梯度提升树", "Monotone boosted trees"), _booster),
)


def fit_candidates(
    data: Labelled,
    plan: Plan,
    trained_on: date,
    code_hash: str,
    *,
    simulated: bool,
    progress: Callable[[str], None] = lambda _: None,
    forms: Sequence[Form] = CANDIDATES,
) -> tuple[Candidate, ...]:
    """Every form that can be made of these rows, the simplest first.

    FitError or CalibrationError if the form the screener declares is among them and cannot be made.
    """
    spec = data.spec
    _enough(data)
    data_hash = data.data_hash
    later = data.calibrate
    label = later["label"].to_numpy(dtype=np.float64)
    keys = later["child_key"].tolist()
    made = []
    for form in forms:
        progress(f"{spec.name}: fitting and calibrating {form.title.en.lower()}")
        try:
            # One thread: on a busy machine two wait for each other, and sums come out otherwise rounded.
            with threadpool_limits(1, user_api="blas"):
                model, told = form.fit(data, plan)
                values = later[list(spec.columns)].to_numpy(dtype=np.float64, na_value=np.nan)
                margins = model.margins(np.ascontiguousarray(values))
                calibration = _calibrated(margins, label, keys)
        except (FitError, CalibrationError) as refused:
            if form.name == spec.form:
                raise
            progress(f"{spec.name}: {form.title.en.lower()} is left out: {refused}")
            continue
        screener = Screener(
            spec,
            model,
            calibration,
            float(label.mean()),
            np.quantile(margins, np.linspace(0, 1, REFERENCE_POINTS)).tolist(),
            Training(
                trained_on=trained_on,
                fit_dates=data.split.fit,
                calibrate_dates=data.split.calibrate,
                judge_dates=data.split.judge,
                data_hash=data_hash,
                declarations_hash=spec.fingerprint,
                code_hash=code_hash,
                rows=data.counts(),
                positives=data.positives(),
                parameters=told,
                simulated=simulated,
            ),
        )
        made.append(Candidate(form.name, form.title, CANDIDATES.index(form), screener))
    return tuple(made)


def _calibrated(margins: Floats, label: Floats, keys: Sequence[str]) -> Calibration:
    """All candidates alike, on the same resamples; one margin for all takes the rate itself."""
    rng = np.random.default_rng(SEED)
    if float(np.ptp(margins)) > 0:
        return calibrate(margins, label, keys, rng, DRAWS)
    children = child_codes(keys)
    rates = [float(np.average(label, weights=child_weights(children, rng))) for _ in range(DRAWS)]
    held = [min(max(rate, 1e-6), 1 - 1e-6) for rate in (float(label.mean()), *rates)]
    odds = [math.log(rate / (1 - rate)) - float(margins[0]) for rate in held]
    return Calibration(1.0, odds[0], tuple((1.0, one) for one in odds[1:]))


def _enough(data: Labelled) -> None:
    for name, positives in data.positives().items():
        if positives < LEAST_EACH or data.counts()[name] - positives < LEAST_EACH:
            raise FitError(
                f"{data.spec.name}: the rows to {name} hold {positives} children with the outcome;"
                " twenty with it and twenty without are the least a screener can be made from."
            )
