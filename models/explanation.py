"""Why a screener says what it says: exact contributions, summed within declared families.

Every family is kept, protective ones and silent ones too, so the reasons and the base add up to the
margin. What a feature declares as sensitive counts in its family's sum and is never shown by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from features.catalogue.families import FAMILIES
from features.language import Feature, Text
from models.tables import Input


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record behind a feature's value; enough to look it up, nothing of what it says."""

    source: str
    record_id: str
    occurred_on: date
    known_on: date


@dataclass(frozen=True, slots=True)
class FeatureReason:
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

EvidenceFor = Callable[[str, date, Feature], tuple[Evidence, ...]]


@dataclass(frozen=True)
class Layout:
    """Which inputs are of which family, laid out once for all rows of a screener."""

    names: tuple[str, ...]
    families: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]  # name, all places, those shown
    # Most inputs of most children add nothing and say "none" or "not known": those are made once.
    nothing: tuple[Mapping[float | None, FeatureReason], ...]

    @classmethod
    def of(cls, features: Sequence[Input]) -> Layout:
        """The layout of these inputs, families in the order they first come in."""
        members: dict[str, list[int]] = {}
        shown: dict[str, list[int]] = {}
        for place, feature in enumerate(features):
            members.setdefault(feature.family.name, []).append(place)
            seen = shown.setdefault(feature.family.name, [])
            if not feature.sensitive:
                seen.append(place)
        return cls(
            tuple(feature.name for feature in features),
            tuple((name, tuple(places), tuple(shown[name])) for name, places in members.items()),
            tuple(
                {value: FeatureReason(feature.name, value, 0.0) for value in (None, 0.0, 1.0)}
                for feature in features
            ),
        )

    def reasons(self, contributions: Sequence[float], values: Sequence[float]) -> tuple[FamilyReason, ...]:
        """As `family_reasons`. A contribution of nought is written without a sign."""
        found = []
        for family, places, shown in self.families:
            some, rest = [], []
            for place in shown:
                contribution, value = contributions[place], values[place]
                known = None if value != value else value
                if contribution:
                    some.append(FeatureReason(self.names[place], known, contribution))
                else:
                    rest.append(
                        self.nothing[place].get(known) or FeatureReason(self.names[place], known, 0.0)
                    )
            some.sort(key=_size)
            total = math.fsum([contributions[place] for place in places])
            found.append(FamilyReason(family, total, (*some, *rest)))
        found.sort(key=_size)
        return tuple(found)


def _size(reason: FeatureReason | FamilyReason) -> float:
    return -abs(reason.contribution)


def family_reasons(
    features: Sequence[Input], contributions: Sequence[float], values: Sequence[float]
) -> tuple[FamilyReason, ...]:
    """The reasons of one screening, largest first; equal sizes stand in the order of the declarations.

    `contributions` and `values` stand in the order of `features`; a value that is NaN is not known.
    """
    return Layout.of(features).reasons(list(map(float, contributions)), list(map(float, values)))


def with_evidence(
    reasons: tuple[FamilyReason, ...],
    features: Mapping[str, Feature],
    child_key: str,
    as_of: date,
    evidence: EvidenceFor,
) -> tuple[FamilyReason, ...]:
    """The same reasons with the records behind each known value attached."""
    attached = []
    for family in reasons:
        told = list(family.features)
        for place, reason in enumerate(told):
            if reason.value is not None:
                found = evidence(child_key, as_of, features[reason.feature])
                if found != reason.evidence:
                    told[place] = FeatureReason(reason.feature, reason.value, reason.contribution, found)
        attached.append(FamilyReason(family.family, family.contribution, tuple(told)))
    return tuple(attached)


def raising(reasons: Sequence[FamilyReason]) -> tuple[FamilyReason, ...]:
    """The families that point to more need for attention, the largest first."""
    return tuple(reason for reason in reasons if reason.contribution > 0)


def protecting(reasons: Sequence[FamilyReason]) -> tuple[FamilyReason, ...]:
    """The families that speak for the child's safety, the largest first."""
    return tuple(reason for reason in reasons if reason.contribution < 0)


def ask_about(reasons: Sequence[FamilyReason], most: int = 4) -> tuple[Text, ...]:
    """What a visitor may ask, about what weighs most first; families of a plain table declare no question."""
    return tuple(_ASK[reason.family] for reason in raising(reasons) if reason.family in _ASK)[:most]
