"""How severity becomes dated facts: the outcomes of the county, with their monthly chances.

A fact is what a department establishes, in the sources that `features.outcomes` names. Whether it
is established depends on severity and on who looks: clinics on families seeking help, crisis
records on the school, reports on the village. A household's fact is noted for most of its children.
A fact weighs on what follows, so months are lived through in order; the true risk of a date counts
only the facts before it, or it would know what it is asked to foretell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from features.synthetic.latents import Latents
from features.synthetic.life import PRIMARY, Life
from features.synthetic.people import People
from features.synthetic.preset import Preset
from features.synthetic.timeline import Array

CONTACT_MONTHS = 12
PSYCHOLOGICAL = ("clinic", "crisis")
CHANNELS = (*PSYCHOLOGICAL, "measure", "admonition", "order", "grid", "assessment")
PER_HOUSEHOLD = ("admonition", "order")
# Kinds of fact that weigh on what follows, and the declared effect on guardianship severity.
FEEDBACK = {"admonition": "admonished", "grid": "substantiated"}
LONG_AGO = -10_000

# The month of each child's last fact of a kind: "psychological", "admonition", "grid".
Last = Mapping[str, Array]


@dataclass(frozen=True)
class Hazards:
    """What the chance of a fact depends on besides the facts before it."""

    people: People
    life: Life
    latents: Latents
    preset: Preset
    seeking: Array
    counsellor: Array
    village: Array

    def nothing_yet(self) -> dict[str, Array]:
        """The last facts of children who never had one."""
        kinds = ("psychological", "listed", *FEEDBACK)
        return {name: np.full(self.people.children, LONG_AGO) for name in kinds}

    def guardianship(self, month: int, last: Last) -> Array:
        """The guardianship severity of a month, earlier facts included."""
        severity: Array = self.latents.guardianship[:, month].copy()
        effects = self.preset.severity.guardianship_effects
        for name, effect in FEEDBACK.items():
            weighs = (month - last[name] <= self.preset.facts.memory_months) & (month > last[name])
            severity += self.preset.severity.shrink * effects[effect] * weighs
        return severity

    def known(self, month: int, last: Last) -> Array:
        """Who was found in need of psychological support in the year before."""
        recent: Array = month - last["psychological"] <= CONTACT_MONTHS
        return recent

    def watched(self, month: int, last: Last) -> Array:
        """Who was entered in the key-care ledger not long ago: people look, and find what they look for."""
        listed = last["listed"]
        watched: Array = (month - listed <= self.preset.facts.listed_months) & (month > listed)
        return watched

    def listing(self, month: int, guardianship: Array, last: Last) -> Array:
        """Each child's chance of being entered in the ledger in a month; nobody is entered twice in a row."""
        numbers, life = self.preset.facts, self.life
        log = (
            numbers.listed
            + numbers.listed_by_guardianship * guardianship
            + numbers.listed_by_psychological * self.latents.psychological[:, month]
            + numbers.listed_in_hardship * life.hardship[:, month]
            + numbers.listed_when_disabled * life.disabled
            + self.village
        )
        free = life.present[:, month] & ~self.watched(month, last)
        return np.where(free, np.minimum(np.exp(log), numbers.ceiling), 0.0)

    def chances(self, month: int, last: Last) -> dict[str, Array]:
        """Each channel's chance in a month: a household's for PER_HOUSEHOLD, a child's otherwise."""
        numbers, life, home = self.preset.facts, self.life, self.people.household
        psych = self.latents.psychological[:, month] + numbers.contact_boost * self.known(month, last)
        guard = self.guardianship(month, last)
        here, homes = life.present[:, month], self.people.households
        counted = np.bincount(home, weights=here, minlength=homes)
        sought = numbers.watched_boost * self.watched(month, last)
        guard_home = np.bincount(home, weights=guard * here, minlength=homes) / np.maximum(counted, 1)
        at_school = life.stage[:, month] >= PRIMARY
        noticing = self.counsellor[life.school[:, month]] + numbers.counsellor_migrant * (
            life.school_type == 2
        )
        logs = {
            "clinic": numbers.clinic + psych + self.seeking,
            "crisis": np.where(at_school, numbers.crisis + psych + noticing, -np.inf),
            "measure": numbers.measure + guard,
            "admonition": numbers.admonition + guard_home,
            "order": numbers.order + guard_home,
            "grid": numbers.grid + guard + self.village + sought,
            "assessment": numbers.assessment + guard + sought,
        }
        return {name: np.minimum(np.exp(log), numbers.ceiling) for name, log in logs.items()}

    def of_any(self, channels: Mapping[str, Array], month: int, psychological: bool) -> Array:
        """Each child's chance of any fact of one outcome in the month."""
        spared = np.ones(self.people.children)
        for name, chance in channels.items():
            if (name in PSYCHOLOGICAL) is psychological:
                if name in PER_HOUSEHOLD:
                    chance = chance[self.people.household] * self.preset.facts.sibling_included
                spared = spared * (1 - chance)
        return np.where(self.life.present[:, month], 1 - spared, 0.0)


@dataclass(frozen=True)
class Established:
    """Facts by channel as (child, month) pairs, and each child's monthly chances of a new fact.

    `follow_ups` are the further clinic visits of those already seen, `listed` the entries in the key-care
    ledger. `severity` is the latents with the feedback of facts added.
    """

    facts: dict[str, tuple[Array, Array]]
    follow_ups: tuple[Array, Array]
    listed: tuple[Array, Array]
    hazards: Hazards
    severity: Latents

    def last_before(self, month: int) -> dict[str, Array]:
        """The last facts before a month."""
        last = self.hazards.nothing_yet()
        for name, (child, when) in {**self.facts, "listed": self.listed}.items():
            kind = "psychological" if name in PSYCHOLOGICAL else name
            if kind in last:
                np.maximum.at(last[kind], child[when < month], when[when < month])
        return last


def establish(
    rng: np.random.Generator, people: People, life: Life, latents: Latents, preset: Preset
) -> Established:
    """Live through the months in order, because a fact changes what follows."""
    hazards = _hazards(rng, people, life, latents, preset)
    children, months = life.present.shape
    home, homes = people.household, people.households
    guardianship = latents.guardianship.copy()
    found: dict[str, list[tuple[Array, Array]]] = {name: [] for name in (*CHANNELS, "follow_up", "listed")}
    (lists,) = rng.spawn(1)
    last = hazards.nothing_yet()
    for month in range(months):
        here, known = life.present[:, month], hazards.known(month, last)
        guardianship[:, month] = hazards.guardianship(month, last)
        for name, chance in hazards.chances(month, last).items():
            if name in PER_HOUSEHOLD:
                struck = (rng.random(homes) < chance)[home]
                hit = here & struck & (rng.random(children) < preset.facts.sibling_included)
            else:
                hit = here & (rng.random(children) < chance)
            who = np.flatnonzero(hit)
            found[name].append((who, np.full(len(who), month)))
        chance = hazards.listing(month, guardianship[:, month], last)
        entered = np.flatnonzero(lists.random(children) < chance)
        found["listed"].append((entered, np.full(len(entered), month)))
        again = np.flatnonzero(here & known & (rng.random(children) < preset.facts.follow_ups))
        found["follow_up"].append((again, np.full(len(again), month)))
        for name in CHANNELS:
            kind = "psychological" if name in PSYCHOLOGICAL else name
            if kind in last:
                last[kind][found[name][-1][0]] = month
        last["listed"][entered] = month
    joined = {
        name: (np.concatenate([who for who, _ in pairs]), np.concatenate([when for _, when in pairs]))
        for name, pairs in found.items()
    }
    return Established(
        facts={name: joined[name] for name in CHANNELS},
        follow_ups=joined["follow_up"],
        listed=joined["listed"],
        hazards=hazards,
        severity=replace(latents, guardianship=guardianship),
    )


def _hazards(
    rng: np.random.Generator, people: People, life: Life, latents: Latents, preset: Preset
) -> Hazards:
    numbers, home = preset.facts, people.household
    own = numbers.seeking_spread * rng.standard_normal(people.households)
    villages, village_of = np.unique(people.home_area, return_inverse=True)
    diligence = numbers.village_spread * rng.standard_normal(len(villages))
    return Hazards(
        people=people,
        life=life,
        latents=latents,
        preset=preset,
        seeking=(numbers.seeking_by_standing * people.standing + own)[home],
        counsellor=numbers.counsellor_spread * rng.standard_normal(int(life.school.max()) + 1),
        village=diligence[village_of][home],
    )
