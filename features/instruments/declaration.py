"""What an instrument is: its items by number, how they are scored, and versioned bands with their source.

    data/<instrument>.toml   one instrument; data/bands.toml  the bands' wording and level
                             (0 nothing stands out … 2 at or above the cut-off, 3 clearly above it)

Pure. A declaration that could not be scored refuses to be read: items that no answer has, bands that
leave a number out or claim it twice, a cut-off without its source. There is no item text and no place
for it: several of the instruments may not be copied into software.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from features.language import DeclarationError, Text

FOLDER = Path(__file__).parent / "data"
# In the order in which they are listed; the name of a file each.
NAMES = ("sdq", "mht", "phq9", "gad7", "k10", "cssrs")


@dataclass(frozen=True)
class Band:
    """Where a number lies, in words, and how far that is above the usual: level 2 is the cut-off."""

    code: str
    title: Text
    level: int


@dataclass(frozen=True)
class Range:
    """The numbers of one band, both ends included."""

    band: Band
    low: int
    high: int


@dataclass(frozen=True)
class Norms:
    """One version of the bands: whose cut-offs, where they come from, for whom they are not verified.

    `ranges` are those of each form (who answers) and scale; every form has those of `total`.
    """

    version: str
    title: Text
    source: str
    country: str
    language: str
    ages: tuple[int, int]
    not_verified_for: Text
    ranges: Mapping[str, Mapping[str, tuple[Range, ...]]]

    def band(self, informant: str, scale: str, value: int) -> Band | None:
        """The band of a scale's value; None where this version has no bands of the scale."""
        for each in self.ranges[informant].get(scale, ()):
            if each.low <= value <= each.high:
                return each.band
        return None


@dataclass(frozen=True)
class Subscale:
    """Items summed; with at least `least_answered` of them answered the sum is prorated and rounded."""

    code: str
    title: Text
    items: tuple[int, ...]
    least_answered: int
    in_total: bool


@dataclass(frozen=True)
class Validity:
    """Items that tell whether the answers mean anything: from `void_from` the whole is void."""

    title: Text
    items: tuple[int, ...]
    void_from: int


@dataclass(frozen=True)
class Instrument:
    """One instrument. Either it is summed (`subscales`), or its highest grade counts (`grades`).

    `asked_if` names, for an item asked only after a yes to another, that other. `informants` are the
    forms there are, with the ages each is for.
    """

    name: str
    title: Text
    delivered_as: tuple[str, ...]
    version: str
    rights: Text
    missing: Text
    items: int
    low: int
    high: int
    reversed: frozenset[int]
    safety_items: tuple[int, ...]
    informants: Mapping[str, tuple[int, int]]
    subscales: tuple[Subscale, ...]
    validity: Validity | None
    asked_if: Mapping[int, int]
    grades: Mapping[int, int]
    norms: Mapping[str, Norms]
    default_norms: str

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest total there can be."""
        if self.grades:
            return 0, max(self.grades.values())
        count = sum(len(each.items) for each in self.subscales if each.in_total)
        return count * self.low, count * self.high


@cache
def instruments() -> Mapping[str, Instrument]:
    """All instruments by name, in order."""
    bands = {
        code: Band(code, Text(told["zh"], told["en"]), told["level"])
        for code, told in _read(FOLDER / "bands.toml")["band"].items()
    }
    return {name: read_instrument(name, _read(FOLDER / f"{name}.toml"), bands) for name in NAMES}


def instrument_named(name: str) -> Instrument:
    """The instrument of this name; KeyError if there is none."""
    try:
        return instruments()[name]
    except KeyError:
        raise KeyError(f"No instrument is called {name!r}.") from None


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_instrument(name: str, told: Mapping[str, Any], bands: Mapping[str, Band]) -> Instrument:
    """The instrument a file tells of; DeclarationError with what is wrong if it could not be scored."""
    validity = told.get("validity")
    made = Instrument(
        name=name,
        title=_text(told["title"]),
        delivered_as=tuple(told["delivered_as"]),
        version=told["version"],
        rights=_text(told["rights"]),
        missing=_text(told["missing"]),
        items=told["items"],
        low=told["answers"][0],
        high=told["answers"][1],
        reversed=frozenset(told["reversed"]),
        safety_items=tuple(told["safety_items"]),
        informants={who: (ages[0], ages[1]) for who, ages in told["informants"].items()},
        subscales=tuple(
            Subscale(
                code, _text(each["title"]), tuple(each["items"]), each["least_answered"],
                each.get("in_total", True),
            )
            for code, each in told.get("subscales", {}).items()
        ),
        validity=None
        if validity is None
        else Validity(_text(validity["title"]), tuple(validity["items"]), validity["void_from"]),
        asked_if={int(item): other for item, other in told.get("flow", {}).items()},
        grades={int(item): grade for item, grade in told.get("grades", {}).items()},
        norms={version: _norms(version, each, told, bands) for version, each in told["norms"].items()},
        default_norms=told["default_norms"],
    )  # fmt: skip
    _check(made)
    return made


def _norms(
    version: str, told: Mapping[str, Any], instrument: Mapping[str, Any], bands: Mapping[str, Band]
) -> Norms:
    return Norms(
        version=version,
        title=_text(told["title"]),
        source=told["source"],
        country=told["country"],
        language=told["language"],
        ages=(told["ages"][0], told["ages"][1]),
        not_verified_for=_text(told["not_verified_for"]),
        ranges={
            who: {
                scale: tuple(Range(bands[code], low, high) for code, (low, high) in ranges.items())
                for scale, ranges in told[who].items()
            }
            for who in instrument["informants"]
            if who in told
        },
    )


def _text(told: Mapping[str, str]) -> Text:
    return Text(told["zh"], told["en"])


def _check(made: Instrument) -> None:
    every = set(range(1, made.items + 1))
    named = [item for each in made.subscales for item in each.items] + list(made.grades)
    named += made.validity.items if made.validity else ()
    if sorted(named) != sorted(every):
        raise DeclarationError(f"Instrument {made.name}: every item has one place in the scoring.")
    if not {*made.reversed, *made.safety_items, *made.asked_if, *made.asked_if.values()} <= every:
        raise DeclarationError(f"Instrument {made.name}: it names an item that it has not.")
    if made.default_norms not in made.norms:
        raise DeclarationError(f"Instrument {made.name}: its usual norms are not among its norms.")
    scales = {each.code: (len(each.items) * made.low, len(each.items) * made.high) for each in made.subscales}
    scales["total"] = made.bounds
    for norms in made.norms.values():
        if not norms.source.strip() or not norms.ranges:
            raise DeclarationError(f"Instrument {made.name}: {norms.version} needs a source and bands.")
        for who, of_form in norms.ranges.items():
            if "total" not in of_form:
                raise DeclarationError(f"Instrument {made.name}: {norms.version} has no total of {who}.")
            for scale, ranges in of_form.items():
                low, high = scales[scale]
                held = sorted(number for each in ranges for number in range(each.low, each.high + 1))
                if held != list(range(low, high + 1)):
                    raise DeclarationError(
                        f"Instrument {made.name}: the bands of {norms.version}, {who}, {scale}"
                        f" do not hold every number from {low} to {high} once."
                    )
    if set(made.informants) - {who for norms in made.norms.values() for who in norms.ranges}:
        raise DeclarationError(f"Instrument {made.name}: one of its forms has no bands.")
