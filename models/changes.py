"""Why a child's margin is not what it was in an earlier round, split into four parts that add up.

    old        old date, records as known then             must be the values stored then
    corrected  old date, what was known then as it stands now       − old       = corrected facts
    later      new date, the same records                           − corrected = passing of time
    now        new date, all records known now                      − later     = new facts
    now        the model of the new screening instead of the old    − now       = change of model

Time moves windows, makes children older, and lets a department fall silent; a department heard again,
a record known late and a record that another child's number held before are new facts. Each part is a
difference of exact contributions, so for every family, and with the change of the base, they add up to
the difference of the margins. Refuses to explain what it cannot recompute: a split that starts from
other values than those stored would be invented.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq

from features.catalogue import feature_named
from features.lake import Lake
from features.language import Feature
from features.reference import Record, value
from features.sources import source_named
from models.screener import Screener
from models.screening import Screening


class ChangesError(ValueError):
    """Two screenings whose difference cannot be split; the message says why."""


class Part(Enum):
    """What a difference comes from, in the order in which it is taken."""

    CORRECTED = "corrected"
    TIME = "time"
    NEW = "new"
    MODEL = "model"


@dataclass(frozen=True)
class Version:
    """One version of a record, and since when another one (perhaps another child's) stands instead."""

    record: Record
    superseded_on: date | None = None

    def stands(self, as_of: date) -> bool:
        """Whether this version is the one known before the date."""
        return self.record.known_on < as_of and (self.superseded_on is None or self.superseded_on >= as_of)


# Source name → all versions the child ever had there.
Versions = Mapping[str, Sequence[Version]]
# Feature name → value, NaN where it is not known.
Values = Mapping[str, float]


@dataclass(frozen=True)
class Vectors:
    """The feature values of a child at the four points of the split."""

    old: Values
    corrected: Values
    later: Values
    now: Values


@dataclass(frozen=True)
class FeatureChange:
    """What one part did to one feature: its value before and after (None = not known), and the effect."""

    feature: str
    part: Part
    before: float | None
    after: float | None
    contribution: float


@dataclass(frozen=True)
class FamilyChange:
    """What each part added to a family's contribution, and by which features; sensitive ones are left out."""

    family: str
    parts: Mapping[Part, float]
    features: tuple[FeatureChange, ...]

    @property
    def total(self) -> float:
        """The family's contribution now, less its contribution then."""
        return math.fsum(self.parts.values())


@dataclass(frozen=True)
class Changes:
    """The difference of two screenings of one child: the families, the largest change first, and the base.

    The base, what all children have in common, changes with the model alone.
    """

    before: Screening
    now: Screening
    families: tuple[FamilyChange, ...]
    base: float

    @property
    def total(self) -> float:
        """The margin now, less the margin then."""
        return math.fsum([self.base, *(family.total for family in self.families)])

    def part(self, part: Part) -> float:
        """What one part adds to the difference; the base belongs to the change of model."""
        base = self.base if part is Part.MODEL else 0.0
        return math.fsum([base, *(family.parts[part] for family in self.families)])


def since(lake: Lake, before: Screening, now: Screening, was: Screener, now_is: Screener) -> Changes:
    """The difference between two screenings of a child, out of the records in the lake.

    `was` and `now_is` are the screeners, in the versions, that made them.
    """
    _comparable(before, now, was, now_is)
    features = tuple(dict.fromkeys([*was.spec.declared, *now_is.spec.declared]))
    vectors = four_vectors(
        versions_of(lake, now.child_key),
        features,
        (before.as_of, now.as_of),
        (frozenset(before.silent), frozenset(now.silent)),
    )
    found = split(vectors, before, now, was, now_is)
    _as_stored(before, vectors.old)
    return found


def as_corrected(lake: Lake, before: Screening, was: Screener, known_before: date) -> Values:
    """The values of the old date with what was known then as it stands today: corrections, and no new facts.

    Holds the age column too. Where the values stored then cannot be recomputed, ChangesError.
    """
    if before.abstained is not None:
        raise ChangesError("Where the screener said nothing there is nothing to correct.")
    age = [feature_named(was.spec.age_column)] if was.spec.age_column else []
    vectors = four_vectors(
        versions_of(lake, before.child_key),
        tuple(dict.fromkeys([*was.spec.declared, *age])),
        (before.as_of, known_before),
        (frozenset(before.silent), frozenset()),
    )
    _as_stored(before, vectors.old)
    return vectors.corrected


def _as_stored(before: Screening, values: Values) -> None:
    differing = _differing(before, values)
    if differing:
        raise ChangesError(
            f"The values of {before.as_of} cannot be recomputed from the records: {', '.join(differing[:5])}"
            " is not what was stored. The split would not begin where that round ended."
        )


def versions_of(
    lake: Lake, child_key: str, sources: Collection[str] | None = None
) -> dict[str, list[Version]]:
    """Everything the lake ever held of a child, by source; what now is another child's, until when."""
    found: dict[str, list[Version]] = {}
    for name, path in lake.tables().items():
        if sources is not None and name not in sources:
            continue
        columns = [column.name for column in source_named(name).lake_columns]
        for row in pq.read_table(path, filters=[("child_key", "==", child_key)]).to_pylist():
            record = Record(
                row["record_id"], row["version"], row["occurred_on"], row["known_on"],
                {column: row[column] for column in columns},
            )  # fmt: skip
            found.setdefault(name, []).append(Version(record, row["superseded_on"]))
    return found


def four_vectors(
    versions: Versions,
    features: Sequence[Feature],
    dates: tuple[date, date],
    silent: tuple[frozenset[str], frozenset[str]],
) -> Vectors:
    """The values of these features at the four points between two as-of dates."""
    old, now = dates
    if not old < now:
        raise ChangesError("The later screening comes first.")
    then = {name: [v.record for v in found if v.stands(old)] for name, found in versions.items()}
    known = {name: [v.record for v in found if v.stands(now)] for name, found in versions.items()}
    held = {
        name: [record for record in found if record.record_id in {r.record_id for r in then[name]}]
        for name, found in known.items()
    }
    # As if the corrections had been known on the old date already.
    corrected = {
        name: [replace(r, known_on=min(r.known_on, old - timedelta(days=1))) for r in found]
        for name, found in held.items()
    }
    # Whoever was not heard then brought nothing since, until the new facts come in.
    silent_then, silent_now = silent
    return Vectors(
        old=_values(features, then, old, silent_then),
        corrected=_values(features, corrected, old, silent_then),
        later=_values(features, held, now, silent_then | silent_now),
        now=_values(features, known, now, silent_now),
    )


def split(vectors: Vectors, before: Screening, now: Screening, was: Screener, now_is: Screener) -> Changes:
    """The difference between two margins, part by part and family by family."""
    points = (vectors.old, vectors.corrected, vectors.later, vectors.now)
    with_old = [_contributions(was, values) for values in points]
    with_new = _contributions(now_is, vectors.now)
    steps = list(
        zip(
            Part,
            pairwise([*with_old, with_new]),
            pairwise([*points, vectors.now]),
            strict=True,
        )
    )
    features = {feature.name: feature for feature in (*was.spec.declared, *now_is.spec.declared)}
    members: dict[str, list[Feature]] = {}
    for feature in features.values():
        members.setdefault(feature.family.name, []).append(feature)
    families = [
        FamilyChange(
            family,
            {
                part: math.fsum(
                    sign * side.get(feature.name, 0.0)
                    for sign, side in ((1.0, after), (-1.0, earlier))
                    for feature in inside
                )
                for part, (earlier, after), _ in steps
            },
            tuple(
                FeatureChange(
                    feature.name, part, _known(seen), _known(sees),
                    after.get(feature.name, 0.0) - earlier.get(feature.name, 0.0),
                )
                for feature in inside
                if not feature.sensitive
                for part, (earlier, after), (seen_all, sees_all) in steps
                for seen, sees in ((seen_all[feature.name], sees_all[feature.name]),)
                if part is Part.MODEL or not _same(seen, sees)
            ),
        )
        for family, inside in members.items()
    ]  # fmt: skip
    return Changes(
        before,
        now,
        tuple(sorted(families, key=lambda family: -abs(family.total))),
        with_new[_BASE] - with_old[-1][_BASE],
    )


_BASE = ""


def _contributions(screener: Screener, values: Values) -> dict[str, float]:
    row = np.array([[values[name] for name in screener.spec.columns]], dtype=np.float64)
    found = screener.contributions(row)[0].tolist()
    return dict(zip([*screener.spec.columns, _BASE], found, strict=True))


def _values(
    features: Sequence[Feature], records: Mapping[str, Sequence[Record]], as_of: date, silent: frozenset[str]
) -> dict[str, float]:
    found = {
        feature.name: value(
            feature, records.get(feature.source.name, ()), as_of, feature.source.name in silent
        )
        for feature in features
    }
    return {name: math.nan if number is None else number for name, number in found.items()}


def _comparable(before: Screening, now: Screening, was: Screener, now_is: Screener) -> None:
    if before.child_key != now.child_key or before.screener != now.screener:
        raise ChangesError("Two screenings of one child by one screener are compared, and no others.")
    if before.abstained is not None or now.abstained is not None:
        raise ChangesError("Where the screener said nothing there is no margin to compare.")
    for screening, screener in ((before, was), (now, now_is)):
        if screening.version != screener.version:
            raise ChangesError(f"The screening of {screening.as_of} was made by {screening.version}.")
        if len(screener.spec.declared) != len(screener.spec.features):
            raise ChangesError("The columns of a plain table have no records to compare by.")


def _differing(before: Screening, values: Values) -> list[str]:
    """The features whose values are not those stored with the earlier screening."""
    return [
        reason.feature
        for family in before.reasons
        for reason in family.features
        if not _same(math.nan if reason.value is None else reason.value, values[reason.feature])
    ]


def _same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
