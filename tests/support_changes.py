"""Two screenings of one child, with the records that were known by each, and screeners on plain lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from features.catalogue import feature_named
from features.language import Feature
from features.reference import Record, value
from features.sources import source_named
from models.changes import Changes, Version, four_vectors, split
from models.explanation import family_reasons
from models.margins import Line, Sum
from models.screener import Screener
from models.screeners import Screeners
from models.screening import Screening
from tests.support_models import flat_calibration, training_record

OLD, NOW = date(2026, 4, 1), date(2026, 10, 1)
NAMES = ("age_years", "absences_unexplained_90d", "absences_unexplained_365d", "left_unattended_365d")
FEATURES: tuple[Feature, ...] = tuple(feature_named(name) for name in NAMES)


def screener(weights: Mapping[str, float] | None = None, base: float = -3.0) -> Screener:
    """A margin anybody can add up: base, plus so much for each unit of a feature, nothing if not known."""
    given = {"absences_unexplained_90d": 0.5, "left_unattended_365d": 1.0, **(weights or {})}
    lines = tuple(Line(name, 0.0, 1.0, weight, 0.0, -1e9, 1e9) for name, weight in given.items())
    spec = replace(Screeners.psychological, features=FEATURES, must_know=(), sensitive_used=())
    model = Sum("linear", NAMES, base, lines)
    return Screener(spec, model, flat_calibration(), 0.05, [0.0, 1.0], training_record())


def residence(born: date = date(2015, 4, 1)) -> Record:
    row = {column.name: None for column in source_named("residence").lake_columns} | {"birth_on": born}
    return Record("R1", 1, date(2024, 1, 1), date(2024, 1, 2), row)


def absence(
    record_id: str,
    occurred_on: date,
    known_on: date | None = None,
    version: int = 1,
    kind: str = "unexplained",
) -> Record:
    row = {column.name: None for column in source_named("absences").lake_columns} | {"kind": kind}
    return Record(record_id, version, occurred_on, known_on or occurred_on, row)


def versions(**sources: Sequence[Record]) -> dict[str, list[Version]]:
    """The records of each source with what stands instead of each version, as the lake keeps it."""
    found: dict[str, list[Version]] = {}
    for name, records in sources.items():
        ordered = sorted(records, key=lambda record: (record.known_on, record.version))
        for place, record in enumerate(ordered):
            later = [r.known_on for r in ordered[place + 1 :] if r.record_id == record.record_id]
            found.setdefault(name, []).append(Version(record, later[0] if later else None))
    return found


def screening(
    given: Mapping[str, Sequence[Version]], as_of: date, by: Screener, silent: frozenset[str] = frozenset()
) -> Screening:
    """What the screener said of these records on that date, by the reference meaning of each feature."""
    import numpy as np

    row = []
    for feature in FEATURES:
        records = [v.record for v in given.get(feature.source.name, ()) if v.stands(as_of)]
        found = value(feature, records, as_of, feature.source.name in silent)
        row.append(np.nan if found is None else found)
    adds = by.contributions(np.array([row]))[0]
    return Screening(
        "c1", as_of, by.spec.name, by.version, float(adds.sum()), 0.1, 0.05, 0.2, 50.0, "usual",
        family_reasons(FEATURES, adds[:-1].tolist(), row), float(adds[-1]), tuple(sorted(silent)),
    )  # fmt: skip


def changes(
    given: Mapping[str, Sequence[Version]],
    was: Screener | None = None,
    now_is: Screener | None = None,
    silent: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
) -> Changes:
    """The split between OLD and NOW."""
    was = was or screener()
    now_is = now_is or was
    vectors = four_vectors(given, FEATURES, (OLD, NOW), silent)
    return split(
        vectors, screening(given, OLD, was, silent[0]), screening(given, NOW, now_is, silent[1]), was, now_is
    )
