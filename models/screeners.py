"""The screeners, declared: which outcome, how far ahead, from which features, when to stay silent.

Monotone constraints, request schema, model card and reports follow from a declaration here. A
screener that would use a sensitive feature nobody named refuses to exist.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from features.catalogue import FEATURES
from features.language import DeclarationError, Feature, Outcome, Text
from features.outcomes import Outcomes


@dataclass(frozen=True)
class Band:
    """A named interval of risk: from so many times the rate of the cohort the screener was calibrated on."""

    code: str
    title: Text
    from_times: float


BANDS = (
    Band("usual", Text("一般", "Usual"), 0.0),
    Band("raised", Text("较高", "Raised"), 2.0),
    Band("high", Text("明显较高", "Clearly raised"), 4.0),
)


@dataclass(frozen=True)
class ScreenerSpec:
    """One screener. The label window is [as_of + gap_days, as_of + gap_days + horizon_days).

    Below `least_known_share` of its features known, or without the child's age, it abstains.
    `sensitive_used` names the sensitive features it may use; they are never shown as a reason.
    """

    name: str
    title: Text
    outcome: Outcome
    features: tuple[Feature, ...]
    why: str
    gap_days: int = 30
    horizon_days: int = 180
    least_known_share: float = 0.5
    sensitive_used: tuple[str, ...] = ()
    bands: tuple[Band, ...] = BANDS

    def __post_init__(self) -> None:
        names = self.columns
        if not names or len(set(names)) != len(names):
            raise DeclarationError(f"Screener {self.name}: it needs features, each once.")
        if self.gap_days < 0 or self.horizon_days < 1:
            raise DeclarationError(f"Screener {self.name}: gap and horizon are in days, not below 0 and 1.")
        unnamed = [f.name for f in self.features if f.sensitive and f.name not in self.sensitive_used]
        if unnamed:
            raise DeclarationError(f"Screener {self.name}: sensitive features must be named: {unnamed}.")
        starts = [band.from_times for band in self.bands]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise DeclarationError(f"Screener {self.name}: bands begin at 0 and rise.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The feature columns it reads, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def monotone(self) -> tuple[int, ...]:
        """Which way the margin may move with each feature, among known values."""
        return tuple(feature.risk.value for feature in self.features)

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides what this screener computes and learns from."""
        outcome = (
            self.outcome.name,
            *((fact.source.name, fact.where) for fact in self.outcome.facts),
            self.outcome.already_days,
        )
        parts = [
            self.name, repr(outcome), repr((self.gap_days, self.horizon_days, self.least_known_share)),
            repr(tuple((band.code, band.from_times) for band in self.bands)),
            *(f"{meaning(feature)} {feature.risk.value}" for feature in self.features),
        ]  # fmt: skip
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def label_window(self, as_of: date) -> tuple[date, date]:
        """First day of the label window and the first day after it."""
        start = as_of + timedelta(days=self.gap_days)
        return start, start + timedelta(days=self.horizon_days)

    def band(self, times_base: float) -> Band:
        """The band of a risk so many times the base rate."""
        return [band for band in self.bands if times_base >= band.from_times][-1]


def meaning(feature: Feature) -> str:
    """Hash of what a feature computes; wording left out. The same meaning always hashes alike."""
    parts = (feature.name, feature.source.name, repr(feature.form), repr(feature.when_no_records))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


_OPEN = tuple(feature for feature in FEATURES if not feature.sensitive)


class Screeners:
    psychological = ScreenerSpec(
        name="psychological",
        title=Text("心理风险筛查", "Psychological risk"),
        outcome=Outcomes.psychological,
        features=_OPEN,
        why="Signs at school, at home and in health records precede a finding; an early visit helps.",
    )
    guardianship = ScreenerSpec(
        name="guardianship",
        title=Text("监护风险筛查", "Guardianship risk"),
        outcome=Outcomes.guardianship,
        features=_OPEN,
        why="Care weakens before it fails; several departments' records show it before any one does.",
    )


SCREENERS: tuple[ScreenerSpec, ...] = (Screeners.psychological, Screeners.guardianship)


def screener_named(name: str) -> ScreenerSpec:
    """The declared screener of this name; KeyError if there is none."""
    for spec in SCREENERS:
        if spec.name == name:
            return spec
    raise KeyError(f"No screener is called {name!r}.")
