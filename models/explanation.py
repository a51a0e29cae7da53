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


def family_reasons(
    features: Sequence[Input], contributions: Sequence[float], values: Sequence[float]
) -> tuple[FamilyReason, ...]:
    """The reasons of one screening, largest first; equal sizes stand in the order of the declarations.

    `contributions` and `values` stand in the order of `features`; a value that is NaN is not known.
    """
    members: dict[str, list[FeatureReason]] = {}
    sums: dict[str, list[float]] = {}
    for feature, contribution, value in zip(features, contributions, values, strict=True):
        family = feature.family.name
        sums.setdefault(family, []).append(float(contribution))
        shown = members.setdefault(family, [])
        if not feature.sensitive:
            known = None if math.isnan(value) else float(value)
            shown.append(FeatureReason(feature.name, known, float(contribution)))
    reasons = [
        FamilyReason(
            family,
            math.fsum(sums[family]),
            _by_size(members[family]),
        )
        for family in members
    ]
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))


def with_evidence(
    reasons: tuple[FamilyReason, ...],
    features: Mapping[str, Feature],
    child_key: str,
    as_of: date,
    evidence: EvidenceFor,
) -> tuple[FamilyReason, ...]:
    """The same reasons with the records behind each known value attached."""

    def behind(reason: FeatureReason) -> FeatureReason:
        if reason.value is None:
            return reason
        found = evidence(child_key, as_of, features[reason.feature])
        if found == reason.evidence:
            return reason
        return FeatureReason(reason.feature, reason.value, reason.contribution, found)

    return tuple(
        FamilyReason(family.family, family.contribution, tuple(map(behind, family.features)))
        for family in reasons
    )


def _by_size(reasons: list[FeatureReason]) -> tuple[FeatureReason, ...]:
    """The largest first. Most add nothing at all, and stay behind in the order of the declarations."""
    some = [reason for reason in reasons if reason.contribution]
    some.sort(key=lambda reason: -abs(reason.contribution))
    if len(some) == len(reasons):
        return tuple(some)
    return (*some, *(reason for reason in reasons if not reason.contribution))


def raising(reasons: Sequence[FamilyReason]) -> tuple[FamilyReason, ...]:
    """The families that point to more need for attention, the largest first."""
    return tuple(reason for reason in reasons if reason.contribution > 0)


def protecting(reasons: Sequence[FamilyReason]) -> tuple[FamilyReason, ...]:
    """The families that speak for the child's safety, the largest first."""
    return tuple(reason for reason in reasons if reason.contribution < 0)


def ask_about(reasons: Sequence[FamilyReason], most: int = 4) -> tuple[Text, ...]:
    """What a visitor may ask, about what weighs most first; families of a plain table declare no question."""
    return tuple(_ASK[reason.family] for reason in raising(reasons) if reason.family in _ASK)[:most]
