"""How a run's candidates are made: searched anew, or as the last run found best."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from models.registry import Registry
from models.screener import ScreenerError, told_in
from models.screeners import ScreenerSpec
from training.candidates import Plan
from training.fit import Parameters
from training.tuning import Budget


def plan_anew(trials: int | None) -> Callable[[ScreenerSpec], Plan]:
    """Searched within the declared budget, or so many trials."""
    plan = Plan() if trials is None else Plan(budget=Budget(trials=trials))
    return lambda spec: plan


def plan_again(registry: Registry, trials: int) -> Callable[[ScreenerSpec], Plan]:
    """As the last run of the same screener grew its booster; from there, so many trials."""
    return lambda spec: Plan(last_parameters(registry, spec), Budget(trials=trials))


def last_parameters(registry: Registry, spec: ScreenerSpec) -> Parameters:
    """What the newest booster of this screener was grown with; as declared if there was none."""
    newest = next((one for one in registry.versions(spec.name) if one.candidate == "booster"), None)
    if newest is None:
        return Parameters()
    with tempfile.TemporaryDirectory() as place:
        return parameters_in(registry.folder(newest, Path(place)))


def parameters_in(folder: Path) -> Parameters:
    """The parameters a saved booster was grown with, whatever its features have since become."""
    told = told_in(folder)
    names = {field.name for field in fields(Parameters)}
    missing = sorted(names - set(told))
    if missing:
        raise ScreenerError(
            f"The last booster does not tell {', '.join(missing)}: run python -m training run."
        )
    return Parameters(**{name: told[name] for name in names})
