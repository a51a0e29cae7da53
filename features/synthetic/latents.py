"""The two latent severities of each child in each month, in log-odds, and how they come about.

    severity = circumstances (shrunk odds ratios) + the child + the household + slow drift

The parts of the two severities are drawn together, so that the whole correlate at 0.3 to 0.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.synthetic.life import JUNIOR, SENIOR, Life, recently
from features.synthetic.people import People
from features.synthetic.preset import Severity
from features.synthetic.timeline import Array

YEAR_MONTHS = 12
POOR_GRADES_BELOW = -0.9  # of ability: about the lowest fifth
LONG_ABSENCE_PER_MONTH = 0.0006  # a month or more away from school without a reason: assumed


@dataclass(frozen=True)
class Latents:
    """Severities and circumstances, children × months."""

    psychological: Array
    guardianship: Array
    covariates: Mapping[str, Array]


def covariates(rng: np.random.Generator, people: People, life: Life, starts: Array) -> dict[str, Array]:
    """Every circumstance that bears on a severity, as 0 or 1 in each month."""
    months = len(starts)
    stayed_years = (starts[None, :] - people.arrived[:, None]).astype(int) / 365.25
    each_month = np.ones(months, dtype=bool)[None, :]
    long_absence = recently(
        (life.stage >= JUNIOR) & (rng.random(life.age.shape) < LONG_ABSENCE_PER_MONTH * 4)
        | (rng.random(life.age.shape) < LONG_ABSENCE_PER_MONTH) & (life.stage > 0),
        6,
    )
    young = (life.age < 8) & life.unattended
    remarried = life.state(life.remarried)
    found: dict[str, Array] = {
        "divorced": life.state(life.divorced) & ~remarried,
        "remarried": remarried,
        "parents_away": life.carer >= 3,
        "sole_guardian": life.carer >= 1,
        "guardian_ill": life.state(life.guardian_ill),
        "hardship": life.hardship,
        "night_shift": life.night_shift,
        "custody": recently(life.custody, YEAR_MONTHS),
        "unattended": life.unattended & ~young,
        "young_unattended": young,
        "disabled": life.disabled[:, None] & each_month,
        "transferred": recently(life.transfers, YEAR_MONTHS),
        "bullied": recently(life.bullied, YEAR_MONTHS),
        "boarding": life.boarding,
        "junior": life.stage == JUNIOR,
        "senior": life.stage == SENIOR,
        "adolescent_girl": people.girl[:, None] & (life.age >= 12),
        "poor_grades": (life.ability < POOR_GRADES_BELOW)[:, None] & (life.stage >= 2),
        "short_sleep": life.short_sleeper[:, None] & (life.age >= 6),
        "long_screen": life.long_screen[:, None] & (life.age >= 4),
        "newly_arrived": (stayed_years >= 0) & (stayed_years < 1) & (life.age >= 3),
        "long_resident": stayed_years >= 8,
        "uninsured": life.uninsured,
        "long_absence": long_absence,
    }
    return found


def _drift(rng: np.random.Generator, shape: tuple[int, int], spread: float, half_year: float) -> Array:
    """A slowly varying part with this spread and this correlation with itself half a year later."""
    kept = half_year ** (1 / 6)
    noise = rng.standard_normal(shape)
    path = np.empty(shape)
    path[:, 0] = noise[:, 0]
    for month in range(1, shape[1]):
        path[:, month] = kept * path[:, month - 1] + np.sqrt(1 - kept**2) * noise[:, month]
    return spread * path


def _pair(
    rng: np.random.Generator, count: int, spreads: tuple[float, float], shared: float
) -> tuple[Array, Array]:
    one, other = rng.standard_normal(count), rng.standard_normal(count)
    return spreads[0] * one, spreads[1] * (shared * one + np.sqrt(1 - shared**2) * other)


def latents(rng: np.random.Generator, people: People, life: Life, starts: Array, preset: Severity) -> Latents:
    """Draw both severities of every month; feedback of guardianship facts is added by `facts`."""
    found = covariates(rng, people, life, starts)
    shape, homes, home = life.age.shape, people.households, people.household
    band = np.digitize(life.age, (3, 6))
    psychological = preset.psychological_mean + np.array(preset.age_psychological)[band]
    years = (np.arange(len(starts)) - len(starts) / 2) / YEAR_MONTHS
    psychological = psychological + preset.psychological_per_year * years[None, :]
    guardianship = np.full(shape, preset.guardianship_mean)
    for name, effect in preset.psychological_effects.items():
        psychological = psychological + preset.shrink * effect * found[name]
    for name, effect in preset.guardianship_effects.items():
        if name in found:
            guardianship = guardianship + preset.shrink * effect * found[name]
    child = _pair(rng, people.children, preset.child_spread, preset.shared)
    household = _pair(rng, homes, preset.household_spread, preset.shared)
    own = _drift(rng, shape, preset.drift_spread[0], preset.drift_half_year)
    theirs = _drift(rng, (homes, shape[1]), preset.drift_spread[1], preset.drift_half_year)[home]
    shared = preset.shared
    psychological = psychological + (child[0] + household[0][home])[:, None]
    psychological = (
        psychological
        + np.sqrt(1 - shared**2) * own
        + shared * preset.drift_spread[0] / preset.drift_spread[1] * theirs
    )
    guardianship = guardianship + (child[1] + household[1][home])[:, None] + theirs
    return Latents(psychological=psychological, guardianship=guardianship, covariates=found)
