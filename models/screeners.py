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
from features.sources import Instruments
from models.tables import Input, TableColumn, TableOutcome


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

    It abstains below `least_known_share` of its features known; where of one of `must_know` (a group, a
    family or a source of its features) nothing at all is known; and, if it has an `age_column`, without
    the child's age. `form` is the candidate that is proposed for use where no person chooses another.
    `sensitive_used` names the sensitive features it may use; they are never shown as a reason.
    """

    name: str
    title: Text
    outcome: Outcome | TableOutcome
    features: tuple[Input, ...]
    why: str
    gap_days: int = 30
    horizon_days: int = 180
    least_known_share: float = 0.5
    must_know: tuple[str, ...] = ()
    age_column: str | None = "age_years"
    form: str = "booster"
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
        if not 0 <= self.least_known_share <= 1:
            raise DeclarationError(f"Screener {self.name}: the least share known lies between 0 and 1.")
        nobody = [name for name in self.must_know if not self.places_of(name)]
        if nobody:
            raise DeclarationError(f"Screener {self.name}: no feature is of {', '.join(nobody)}.")
        starts = [band.from_times for band in self.bands]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise DeclarationError(f"Screener {self.name}: bands begin at 0 and rise.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The feature columns it reads, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def declared(self) -> tuple[Feature, ...]:
        """Those of its inputs that are declared features, with a source and records behind them."""
        return tuple(feature for feature in self.features if isinstance(feature, Feature))

    @property
    def recorded_outcome(self) -> Outcome:
        """Its outcome as records establish it; DeclarationError if a column of a table tells it instead."""
        if isinstance(self.outcome, TableOutcome):
            raise DeclarationError(f"Screener {self.name}: its outcome stands in a table, not in records.")
        return self.outcome

    def places_of(self, name: str) -> tuple[int, ...]:
        """Which of its features belong to the group, family or source of this name, the age aside."""
        return tuple(
            place
            for place, feature in enumerate(self.features)
            if name in _belongs_to(feature) and feature.name != self.age_column
        )

    @property
    def monotone(self) -> tuple[int, ...]:
        """Which way the margin may move with each feature, among known values."""
        return tuple(feature.risk.value for feature in self.features)

    @property
    def fingerprint(self) -> str:
        """Hash of everything that decides what this screener computes and learns from."""
        facts = () if isinstance(self.outcome, TableOutcome) else self.outcome.facts
        already = None if isinstance(self.outcome, TableOutcome) else self.outcome.already_days
        outcome = (self.outcome.name, *((fact.source.name, fact.where) for fact in facts), already)
        parts = [
            self.name, repr(outcome), repr((self.gap_days, self.horizon_days)),
            repr((self.least_known_share, self.must_know, self.age_column)),
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


def meaning(feature: Input) -> str:
    """Hash of what a feature computes; wording left out. The same meaning always hashes alike."""
    parts: tuple[str, ...] = (feature.name, "a column of the table")
    if isinstance(feature, Feature):
        parts = (feature.name, feature.source.name, repr(feature.form), repr(feature.when_no_records))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _belongs_to(feature: Input) -> frozenset[str]:
    if isinstance(feature, TableColumn):
        return frozenset({feature.family.name})
    return frozenset({feature.family.group.value, feature.family.name, feature.source.name})


_OPEN = tuple(feature for feature in FEATURES if not feature.sensitive)
# Pupils and parents filled instruments in so that somebody could help with how the child feels: known
# facts for the psychological screener, while they are remembered, and no business of the other one.
_WITHOUT_INSTRUMENTS = tuple(f for f in _OPEN if f.source is not Instruments.instrument_results)


class Screeners:
    psychological = ScreenerSpec(
        name="psychological",
        title=Text("心理风险筛查", "Psychological risk"),
        outcome=Outcomes.psychological,
        features=_OPEN,
        why="Signs at school, at home and in health records precede a finding; an early visit helps.",
        must_know=("school",),
    )
    guardianship = ScreenerSpec(
        name="guardianship",
        title=Text("监护风险筛查", "Guardianship risk"),
        outcome=Outcomes.guardianship,
        features=_WITHOUT_INSTRUMENTS,
        why="Care weakens before it fails; several departments' records show it before any one does.",
        must_know=("family",),
    )


SCREENERS: tuple[ScreenerSpec, ...] = (Screeners.psychological, Screeners.guardianship)


def screener_named(name: str) -> ScreenerSpec:
    """The declared screener of this name; KeyError if there is none."""
    for spec in SCREENERS:
        if spec.name == name:
            return spec
    raise KeyError(f"No screener is called {name!r}.")
