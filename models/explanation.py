"""Why a screener says what it says: exact contributions, summed within declared families.

Every family is kept, protective ones and silent ones too, so the reasons and the base add up to the
margin. What a feature declares as sensitive counts in its family's sum and is never shown by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from features.catalogue.families import FAMILIES
from features.language import Text
from models.tables import Input


# Some hundred of each are made for every screening: a tuple with names takes half as long as a dataclass.
class Evidence(NamedTuple):
    """One record behind a feature's value; enough to look it up, nothing of what it says."""

    source: str
    record_id: str
    occurred_on: date
    known_on: date


class FeatureReason(NamedTuple):
    """One feature's value (None = not known), what it adds to the margin, and the records behind it."""

    feature: str
    value: float | None
    contribution: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyReason:
    """What one family adds to the margin; its features by size of contribution, sensitive ones left out."""

    family: str
    contribution: float
    features: tuple[FeatureReason, ...]


_ASK: Mapping[str, Text] = {family.name: family.ask for family in FAMILIES}

# The records behind the values of a child on a date, by feature; a feature without any is not in it.
Behind = Mapping[str, tuple[Evidence, ...]]
EvidenceFor = Callable[[str, date], Behind]


@dataclass(frozen=True)
class Layout:
    """Which inputs are of which family, laid out once for all rows of a screener."""

    names: tuple[str, ...]
    places: Mapping[str, int]
    families: tuple[tuple[str, tuple[int, ...]], ...]  # name, and the places of those shown
    family_of: tuple[int, ...]  # of each place
    shown: frozenset[int]
    # Most inputs of most children add nothing and say "none" or "not known": those are made once.
    nothing: tuple[Mapping[float | None, FeatureReason], ...]

    @classmethod
    def of(cls, features: Sequence[Input]) -> Layout:
        """The layout of these inputs, families in the order they first come in."""
        shown: dict[str, list[int]] = {}
        for place, feature in enumerate(features):
            seen = shown.setdefault(feature.family.name, [])
            if not feature.sensitive:
                seen.append(place)
        order = {name: number for number, name in enumerate(shown)}
        return cls(
            tuple(feature.name for feature in features),
            {feature.name: place for place, feature in enumerate(features)},
            tuple((name, tuple(places)) for name, places in shown.items()),
            tuple(order[feature.family.name] for feature in features),
            frozenset(place for places in shown.values() for place in places),
            tuple(
                {value: FeatureReason(feature.name, value, 0.0) for value in (None, 0.0, 1.0)}
                for feature in features
            ),
        )

    def reasons(
        self, contributions: Sequence[float], values: Sequence[float], behind: Behind | None = None
    ) -> tuple[FamilyReason, ...]:
        """As `family_reasons`, with the records behind each known value where `behind` is given.

        A contribution of nought is written without a sign.
        """
        known = [None if value != value else value for value in values]
        records = {self.places[name]: found for name, found in (behind or {}).items() if name in self.places}
        # By size first and then by family: one sorting in place of one a family.
        adding = [place for place, contribution in enumerate(contributions) if contribution]
        adding.sort(key=lambda place: -abs(contributions[place]))
        sums: list[list[float]] = [[] for _ in self.families]
        told: list[list[FeatureReason]] = [[] for _ in self.families]
        for place in adding:
            family, contribution, value = self.family_of[place], contributions[place], known[place]
            sums[family].append(contribution)
            if place in self.shown:
                evidence = () if value is None else records.get(place, ())
                told[family].append(FeatureReason(self.names[place], value, contribution, evidence))
        found = []
        for (name, shown), added, some in zip(self.families, sums, told, strict=True):
            rest = [place for place in shown if not contributions[place]]
            some += [
                self.nothing[place].get(known[place]) or FeatureReason(self.names[place], known[place], 0.0)
                for place in rest
            ]
            if records:
                start = len(some) - len(rest)
                for place, at in zip(rest, range(start, len(some)), strict=True):
                    if place in records and known[place] is not None:
                        some[at] = some[at]._replace(evidence=records[place])
            found.append(FamilyReason(name, math.fsum(added), tuple(some)))
        found.sort(key=_size)
        return tuple(found)


def _size(reason: FamilyReason) -> float:
    return -abs(reason.contribution)


def family_reasons(
    features: Sequence[Input], contributions: Sequence[float], values: Sequence[float]
) -> tuple[FamilyReason, ...]:
    """The reasons of one screening, largest first; equal sizes stand in the order of the declarations.

    `contributions` and `values` stand in the order of `features`; a value that is NaN is not known.
    """
    return Layout.of(features).reasons(list(map(float, contributions)), list(map(float, values)))


def with_evidence(reasons: tuple[FamilyReason, ...], behind: Behind) -> tuple[FamilyReason, ...]:
    """The same reasons with the records behind each known value attached."""
    return tuple(
        FamilyReason(
            family.family,
            family.contribution,
            tuple(
                reason._replace(evidence=behind[reason.feature])
                if reason.value is not None and reason.feature in behind
                else reason
                for reason in family.features
            ),
        )
        for family in reasons
    )


def raising(reasons: Sequence[FamilyReason]) -> tuple[FamilyReason, ...]:
    """The families that point to more need for attention, the largest first."""
    return tuple(reason for reason in reasons if reason.contribution > 0)


def protecting(reasons: Sequence[FamilyReason]) -> tuple[FamilyReason, ...]:
    """The families that speak for the child's safety, the largest first."""
    return tuple(reason for reason in reasons if reason.contribution < 0)


def ask_about(reasons: Sequence[FamilyReason], most: int = 4) -> tuple[Text, ...]:
    """What a visitor may ask, about what weighs most first; families of a plain table declare no question."""
    return tuple(_ASK[reason.family] for reason in raising(reasons) if reason.family in _ASK)[:most]
