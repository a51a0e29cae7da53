"""A simulated labelled sample for linking: known children, and rows that describe some of them badly.

Nobody here exists. Each row carries what its department happened to write and the mistakes clerks
make: another character, a homophone, swapped characters, a digit wrong, a number left out or given
wrongly, a new surname, an old address. Some describe children nobody knows. Twins differ in one
character of the given name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from features.chinese_names import name_parts
from features.synthetic import names
from features.synthetic.timeline import Array

Person = dict[str, str | None]

# Characters often written for one another, beside those of the simulated given names.
_EXTRA = (
    "玮炜雯文汶轩萱璇涵晗寒含梓紫姿怡宜仪懿伊佳家嘉珈浩皓昊灏宇雨羽语禹欣昕馨鑫心诗施思斯俊君骏珺杰洁捷婕博勃伯"
    "晨辰宸臣琪祺奇淇琦瑶遥尧静敬靖境慧惠卉会妍研言颜敏闽泽择则明鸣铭茗名志智致芝强蔷小晓筱"
)
NUMBERS = ("right", "wrong", "none")


@dataclass(frozen=True)
class LabelledSample:
    """Known children by key, rows by number, whom each row means (None: nobody known) and what ails it."""

    known: dict[str, Person]
    rows: dict[str, Person]
    truth: dict[str, str | None]
    numbers: dict[str, str]
    troubles: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Shares:
    """How often what happens to a row. The defaults are a guess at a county's paper, and a harsh one."""

    unknown: float = 0.15
    right_number: float = 0.35
    wrong_number: float = 0.2
    homophone: float = 0.08
    other_character: float = 0.05
    swapped: float = 0.02
    new_surname: float = 0.015
    wrong_birth: float = 0.04
    wrong_sex: float = 0.01
    moved: float = 0.15
    new_phone: float = 0.12
    other_guardian: float = 0.12
    name_only: float = 0.1
    no_birth: float = 0.15
    no_sex: float = 0.05
    no_area: float = 0.35
    no_phone: float = 0.6
    no_guardian: float = 0.6
    siblings: float = 0.3
    twins: float = 0.015


def labelled_sample(
    rng: np.random.Generator, *, known: int, rows: int, shares: Shares | None = None, until: date
) -> LabelledSample:
    """`known` children and `rows` rows about as many different children, some of them unknown."""
    shares = shares or Shares()
    strangers = int(rows * shares.unknown)
    if rows - strangers > known:
        raise ValueError("There are more rows than children they could be about.")
    people = _people(rng, known + strangers, shares, until)
    # Anybody may be unknown, also the twin or brother of a known child.
    order = rng.permutation(len(people)).tolist()
    nobody = set(order[:strangers])
    meant = rng.permutation(order[:rows]).tolist()
    spoiler = _Spoiler(rng, shares)
    described = [spoiler.row(people[child]) for child in meant]
    keys = [f"child{child:07d}" for child in range(len(people))]
    ids = [f"row{number:07d}" for number in range(rows)]
    return LabelledSample(
        known={keys[child]: person for child, person in enumerate(people) if child not in nobody},
        rows={row: each.person for row, each in zip(ids, described, strict=True)},
        truth={row: None if child in nobody else keys[child] for row, child in zip(ids, meant, strict=True)},
        numbers={row: each.number for row, each in zip(ids, described, strict=True)},
        troubles={
            row: (*each.troubles, *(("twin",) if people[child].get("twin") else ()))
            for row, each, child in zip(ids, described, meant, strict=True)
        },
    )


def _people(rng: np.random.Generator, count: int, shares: Shares, until: date) -> list[Person]:
    girl = rng.random(count) < 0.46
    surnames = names.surnames(rng, count)
    given = names.given_names(rng, girl)
    days = rng.integers(0, 16 * 365, count)
    birth = np.array([until - timedelta(days=int(day)) for day in days], dtype=object)
    area, hukou = names.areas(rng, count), names.hukou(rng, count, 0.9, 0.05)
    mothers, fathers = (
        names.given_names(rng, np.ones(count, bool)),
        names.given_names(rng, np.zeros(count, bool)),
    )
    by_mother = rng.random(count) < 0.4
    mother_surname = names.surnames(rng, count)
    phones = [f"1{prefix}{rest:08d}" for prefix, rest in zip(
        rng.choice(["38", "39", "58", "77", "86", "35"], count), rng.integers(0, 10**8, count), strict=True
    )]  # fmt: skip
    draw = rng.random(count - 1)
    twin = np.zeros(count, bool)
    for first in np.flatnonzero(draw < shares.siblings + shares.twins):
        second = int(first) + 1
        for of_family in (surnames, area, hukou, phones, mothers, fathers, mother_surname, by_mother):
            of_family[second] = of_family[first]
        shares_a_character = rng.random() < 0.5
        if draw[first] < shares.twins:
            birth[second], girl[second] = birth[first], girl[first]
            twin[first] = twin[second] = shares_a_character = True
        if shares_a_character:
            last = _other(rng, str(given[first])[-1], str(given[second])[-1])
            given[second] = str(given[first])[:-1] + last
    ids = names.id_numbers(rng, hukou, birth, girl)
    return [
        {
            "id_number": str(ids[n]),
            "name": f"{surnames[n]}{given[n]}",
            "birth_on": birth[n].isoformat(),
            "sex": "female" if girl[n] else "male",
            "area_code": str(area[n]),
            "guardian": f"{mother_surname[n]}{mothers[n]}" if by_mother[n] else f"{surnames[n]}{fathers[n]}",
            "phone": phones[n],
            "twin": "yes" if twin[n] else None,
        }
        for n in range(count)
    ]


def _other(rng: np.random.Generator, last: str, fallback: str) -> str:
    """Another last character for a twin."""
    choice = fallback if fallback != last else str(rng.choice(list(names.EITHER)))
    return choice if choice != last else "二"


@dataclass(frozen=True)
class _Row:
    person: Person
    number: str
    troubles: tuple[str, ...]


class _Spoiler:
    """Writes rows about people as a hurried clerk would."""

    def __init__(self, rng: np.random.Generator, shares: Shares) -> None:
        self._rng, self._shares = rng, shares
        self._homophones: dict[str, list[str]] = {}
        for character in dict.fromkeys(names.BOYS + names.GIRLS + names.EITHER + _EXTRA):
            self._homophones.setdefault(name_parts(f"王{character}").given_py, []).append(character)

    def row(self, person: Person) -> _Row:
        """One row about this person, what became of the number, and what else is wrong with it."""
        shares = self._shares
        row = {field: value for field, value in person.items() if field != "twin"}
        right, wrong = shares.right_number, shares.wrong_number
        number = str(self._rng.choice(NUMBERS, p=[right, wrong, 1 - right - wrong]))
        if number == "wrong":
            row["id_number"] = wrong_digits(self._rng, str(row["id_number"]))
        elif number == "none":
            row["id_number"] = None
        troubles = []
        for trouble, share, change in (
            ("homophone", shares.homophone, self._homophone),
            ("other character", shares.other_character, self._other_character),
            ("characters swapped", shares.swapped, self._swap),
            ("new surname", shares.new_surname, self._new_surname),
            ("wrong birth date", shares.wrong_birth, self._wrong_birth),
            ("wrong sex", shares.wrong_sex, _wrong_sex),
            ("moved", shares.moved, self._move),
            ("new phone", shares.new_phone, self._new_phone),
            ("other guardian", shares.other_guardian, self._other_guardian),
        ):
            if self._rng.random() < share and change(row):
                troubles.append(trouble)
        if number != "right" and self._rng.random() < shares.name_only:
            row.update(dict.fromkeys(("birth_on", "sex", "area_code", "phone", "guardian")))
            troubles.append("name only")
        else:
            for field, share in (
                ("birth_on", shares.no_birth), ("sex", shares.no_sex), ("area_code", shares.no_area),
                ("phone", shares.no_phone), ("guardian", shares.no_guardian),
            ):  # fmt: skip
                if self._rng.random() < share:
                    row[field] = None
            if row["birth_on"] is None:
                troubles.append("no birth date")
        return _Row(row, number, tuple(troubles))

    def _given(self, row: Person, change: Callable[[str], str]) -> bool:
        parts = name_parts(str(row["name"]))
        given = change(parts.given)
        row["name"] = parts.surname + given
        return given != parts.given

    def _homophone(self, row: Person) -> bool:
        def change(given: str) -> str:
            place = int(self._rng.integers(len(given)))
            reading = name_parts(f"王{given[place]}").given_py
            others = [each for each in self._homophones.get(reading, []) if each != given[place]]
            return given[:place] + str(self._rng.choice(others)) + given[place + 1 :] if others else given

        return self._given(row, change)

    def _other_character(self, row: Person) -> bool:
        pool = list(names.BOYS + names.GIRLS + _EXTRA)

        def change(given: str) -> str:
            place = int(self._rng.integers(len(given)))
            return given[:place] + str(self._rng.choice(pool)) + given[place + 1 :]

        return self._given(row, change)

    def _swap(self, row: Person) -> bool:
        return self._given(row, lambda given: given[::-1])

    def _new_surname(self, row: Person) -> bool:
        before = row["name"]
        row["name"] = str(names.surnames(self._rng, 1)[0]) + name_parts(str(before)).given
        return row["name"] != before

    def _wrong_birth(self, row: Person) -> bool:
        before = str(row["birth_on"])
        day = date.fromisoformat(before)
        if day.day <= 12 and day.day != day.month and self._rng.random() < 0.4:
            row["birth_on"] = date(day.year, day.day, day.month).isoformat()
        else:
            row["birth_on"] = (day + timedelta(days=int(self._rng.choice([1, 10, -1, 365, -30])))).isoformat()
        return row["birth_on"] != before

    def _move(self, row: Person) -> bool:
        before = row["area_code"]
        outside = f"{names.hukou(self._rng, 1, 1.0, 0.0)[0]}001001"
        row["area_code"] = outside if self._rng.random() < 0.2 else str(names.areas(self._rng, 1)[0])
        return row["area_code"] != before

    def _new_phone(self, row: Person) -> bool:
        row["phone"] = f"139{int(self._rng.integers(10**8)):08d}"
        return True

    def _other_guardian(self, row: Person) -> bool:
        girl = self._rng.random(1) < 0.5
        row["guardian"] = f"{names.surnames(self._rng, 1)[0]}{names.given_names(self._rng, girl)[0]}"
        return True


def wrong_digits(rng: np.random.Generator, number: str) -> str:
    """The number with two neighbouring digits swapped or one digit wrong: never a valid one."""
    for _ in range(50):
        place = int(rng.integers(6, 17))
        if rng.random() < 0.5 and number[place] != number[place - 1]:
            wrong = number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
        else:
            wrong = number[:place] + str(int(rng.integers(10))) + number[place + 1 :]
        # Any one digit and any two neighbours: the check digit of this rule finds them all.
        if wrong != number:
            return wrong
    raise ValueError("No wrong way to write this number was found.")


def _wrong_sex(row: Person) -> bool:
    row["sex"] = "male" if row["sex"] == "female" else "female"
    return True


__all__ = ["Array", "LabelledSample", "Shares", "labelled_sample", "wrong_digits"]
