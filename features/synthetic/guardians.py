"""Guardians of the simulated households, and children who change their name or share a birthday.

What linking has to live with: two parents with two telephones, of whom each department knows one; a
new name that departments take over one after the other; twins; a guardian's number where the child's
should stand. Nobody here exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.language import Department, Source
from features.sources import Community, Education, Police
from features.synthetic import names
from features.synthetic.timeline import Array

FATHER, MOTHER = 0, 1
# Which parent a department asks first, and how often it gets the other one.
ASKED_FIRST: Mapping[Source, tuple[int, float]] = {
    Police.residence: (FATHER, 0.25),
    Education.enrolments: (MOTHER, 0.2),
    Community.self_declarations: (MOTHER, 0.35),
}
# Days until a department writes the new name of a child renamed: the police first.
RENAMED_AFTER: Mapping[Department, int] = {
    Department.POLICE: 0,
    Department.EDUCATION: 150,
    Department.HEALTH: 400,
    Department.INSURANCE: 60,
}
RENAMED_AFTER_OTHERS = 250
PHONE_STARTS = ("138", "139", "158", "177", "186", "135")
AGE_AT_FIRST_CHILD = (20.0, 26.0, 38.0)


@dataclass(frozen=True)
class Guardians:
    """Two parents a household: names and telephones (households × 2), and the number of one of them."""

    name: Array
    phone: Array
    id_number: Array

    def told(self, rng: np.random.Generator, source: Source, household: Array) -> tuple[Array, Array]:
        """Names and telephones a source has of the guardians of these households; one parent each."""
        first, other = ASKED_FIRST[source]
        which = np.where(rng.random(len(self.name)) < other, 1 - first, first)[household]
        return self.name[household, which], self.phone[household, which]


def raise_guardians(rng: np.random.Generator, surname: Array, hukou_area: Array, eldest: Array) -> Guardians:
    """Parents for each household: the father shares its surname, the mother has her own."""
    count = len(surname)
    fathers = surname + names.given_names(rng, np.zeros(count, dtype=bool))
    mothers = names.surnames(rng, count) + names.given_names(rng, np.ones(count, dtype=bool))
    starts = rng.choice(PHONE_STARTS, (count, 2))
    rest = rng.integers(0, 10**8, (count, 2))
    phones = [f"{start}{number:08d}" for start, number in zip(starts.ravel(), rest.ravel(), strict=True)]
    age = rng.triangular(*AGE_AT_FIRST_CHILD, count)
    born = eldest - np.round(age * 365.25).astype("timedelta64[D]")
    is_mother = rng.random(count) < 0.5
    return Guardians(
        name=np.stack([fathers, mothers], axis=1),
        phone=np.array(phones, dtype=object).reshape(count, 2),
        id_number=names.id_numbers(rng, hukou_area, born, is_mother),
    )


def like_a_twin(first: str, second: str) -> str:
    """The second twin's given name: the first one's, its last character another."""
    last = second[-1] if second[-1] != first[-1] else ("安" if first[-1] != "安" else "宁")
    return first[:-1] + last
