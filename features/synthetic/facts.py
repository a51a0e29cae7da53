"""How severity becomes dated facts: the outcomes of the county, with their monthly chances.

A fact is what a department establishes, in the sources that `features.outcomes` names. Whether it
is established depends on severity and on who looks: clinics on families seeking help, crisis
records on the school, reports on the village. A household's fact is noted for most of its children.
"""

from dataclasses import dataclass, replace

import numpy as np

from features.synthetic.latents import Latents
from features.synthetic.life import PRIMARY, Life
from features.synthetic.people import People
from features.synthetic.preset import Preset
from features.synthetic.timeline import Array

CONTACT_MONTHS = 12
CHANNELS = ("clinic", "crisis", "measure", "admonition", "order", "grid", "assessment")
PSYCHOLOGICAL = ("clinic", "crisis")
PER_HOUSEHOLD = ("admonition", "order")


@dataclass(frozen=True)
class Established:
    """Facts by channel as (child, month) pairs, and each child's monthly chances of a new fact.

    `follow_ups` are the further clinic visits of those already seen. `severity` is the latents with
    the feedback of facts added.
    """

    facts: dict[str, tuple[Array, Array]]
    follow_ups: tuple[Array, Array]
    psychological_chance: Array
    guardianship_chance: Array
    severity: Latents


def establish(
    rng: np.random.Generator, people: People, life: Life, latents: Latents, preset: Preset
) -> Established:
    """Live through the months in order, because a fact changes what follows."""
    numbers, shrink = preset.facts, preset.severity.shrink
    effects = preset.severity.guardianship_effects
    children, months = life.present.shape
    home, homes = people.household, people.households
    seeking = (
        numbers.seeking_by_standing * people.standing + numbers.seeking_spread * rng.standard_normal(homes)
    )[home]
    schools = int(life.school.max()) + 1
    counsellor = numbers.counsellor_spread * rng.standard_normal(schools)
    migrant = np.where(life.school_type == 2, numbers.counsellor_migrant, 0.0)
    villages, village_of = np.unique(people.home_area, return_inverse=True)
    village = (numbers.village_spread * rng.standard_normal(len(villages)))[village_of][home]

    psychological, guardianship = latents.psychological.copy(), latents.guardianship.copy()
    chances = {name: np.zeros((children, months)) for name in ("psychological", "guardianship")}
    found: dict[str, list[tuple[Array, Array]]] = {name: [] for name in (*CHANNELS, "follow_up")}
    last = {name: np.full(children, -10_000) for name in ("psychological", "admonition", "grid")}

    for month in range(months):
        here = life.present[:, month]
        known = month - last["psychological"] <= CONTACT_MONTHS
        for name, effect in (("admonition", "admonished"), ("grid", "substantiated")):
            weighs = (month - last[name] <= numbers.memory_months) & (month > last[name])
            guardianship[:, month] += shrink * effects[effect] * weighs
        psych, guard = psychological[:, month], guardianship[:, month]
        boost = numbers.contact_boost * known
        at_school = life.stage[:, month] >= PRIMARY
        counted = np.bincount(home, weights=here, minlength=homes)
        guard_home = np.bincount(home, weights=guard * here, minlength=homes) / np.maximum(counted, 1)
        logs = {
            "clinic": numbers.clinic + psych + seeking + boost,
            "crisis": np.where(
                at_school,
                numbers.crisis + psych + counsellor[life.school[:, month]] + migrant + boost,
                -np.inf,
            ),
            "measure": numbers.measure + guard,
            "grid": numbers.grid + guard + village,
            "assessment": numbers.assessment + guard,
            "admonition": numbers.admonition + guard_home,
            "order": numbers.order + guard_home,
        }
        spared = {"psychological": np.ones(children), "guardianship": np.ones(children)}
        for name in CHANNELS:
            chance = np.minimum(np.exp(logs[name]), numbers.ceiling)
            if name in PER_HOUSEHOLD:
                struck = (rng.random(homes) < chance * (counted > 0))[home]
                hit = here & struck & (rng.random(children) < numbers.sibling_included)
                chance = chance[home] * numbers.sibling_included
            else:
                hit = here & (rng.random(children) < chance)
            spared["psychological" if name in PSYCHOLOGICAL else "guardianship"] *= 1 - chance
            who = np.flatnonzero(hit)
            found[name].append((who, np.full(len(who), month)))
            if name in last:
                last[name][who] = month
            if name in PSYCHOLOGICAL:
                last["psychological"][who] = month
        again = np.flatnonzero(here & known & (rng.random(children) < numbers.follow_ups))
        found["follow_up"].append((again, np.full(len(again), month)))
        for name in chances:
            chances[name][:, month] = np.where(here, 1 - spared[name], 0.0)

    joined = {
        name: (np.concatenate([who for who, _ in pairs]), np.concatenate([when for _, when in pairs]))
        for name, pairs in found.items()
    }
    return Established(
        facts={name: joined[name] for name in CHANNELS},
        follow_ups=joined["follow_up"],
        psychological_chance=chances["psychological"],
        guardianship_chance=chances["guardianship"],
        severity=replace(latents, psychological=psychological, guardianship=guardianship),
    )
