"""One screening on request: who is meant, is the child in scope, features, screeners, reasons.

The same engine, over the same files, as training's matrix; a test holds both to the same bits. A screening
made here opens no alert. Records sent inline go through the same steps as records out of the lake.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from features.catalogue import FEATURES
from features.child_records import RecordReader
from features.cohort import Judged, cohort, judged, judged_among
from features.engine import Engine
from features.jurisdiction import Profile
from features.lake import Lake
from features.language import Aggregate, Aggregation, Ever, Feature, Outcome
from features.questions import Cells, FeatureEngine, Questions
from features.reference import Record, satisfies, standing
from features.reference_engine import ReferenceEngine
from features.sources import SOURCES, source_named
from models.explanation import EvidenceFor
from models.facts import already_positive
from models.screener import BLOCK, Screener
from models.screening import Screening
from models.wording import AGE
from serving.evidence import evidence_among, evidence_for, open_reader
from serving.inline import Refused, as_taken_in
from serving.problems import FieldError, invalid

# Up to so many children are answered from their own records, more by one query a source: in the simulated
# county a child takes about 10 ms the one way, and any number of children about 200 ms the other.
FEW = 16
# What the keys of records sent inline begin with; no child's own key does.
INLINE = "inline-"


@dataclass(frozen=True)
class Scored:
    """What was found about one child: in scope or why not, the feature row, and the screenings.

    `already` names the screeners that are not asked, because a fact of their outcome is on record.
    """

    child_key: str
    as_of: date
    eligible: bool
    reason: str
    area_code: str
    features: Mapping[str, float | None]
    screenings: tuple[Screening, ...]
    already: frozenset[str]
    silent: frozenset[str]


class LakeScreening:
    """Screens children whose records lie in the lake. Safe to share between threads."""

    def __init__(self, lake: Lake, profile: Profile, champions: Mapping[str, Screener]) -> None:
        self.lake = lake
        self.profile = profile
        self.champions = champions
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._reader: RecordReader | None = None
        self._homes: RecordReader | None = None
        self._tables: dict[str, Path] = {}
        self._days: dict[date, tuple[object, frozenset[str], dict[str, frozenset[str]]]] = {}

    def close(self) -> None:
        """Let the records go."""
        if self._engine is not None:
            self._engine.close()
        for reader in (self._reader, self._homes):
            if reader is not None:
                reader.close()

    def screen(self, child_keys: Sequence[str], as_of: date) -> dict[str, Scored]:
        """The children of these who are known on `as_of`; the others are left out."""
        keys = tuple(dict.fromkeys(child_keys))
        tables = self.lake.tables()
        engine, reader = self._current(tables)
        silent, already = self._about(as_of)
        if len(keys) <= FEW:
            records = reader.standing(keys, as_of)
            at_hand = ReferenceEngine(records, as_of, tables)
            people = judged_among(records, as_of, self.profile)
            behind = evidence_among(records, as_of)
            return _screened(at_hand, people, self.champions, as_of, silent, already, lambda _: behind)
        with open_reader() as cursor:
            people = judged(cohort(tables, as_of, self.profile, keys, cursor))

            def evidence(values: Cells) -> EvidenceFor:
                found = [one.child_key for one in people if one.eligible]
                return evidence_for(tables, found, _with_records(values), as_of, cursor)

            return _screened(engine, people, self.champions, as_of, silent, already, evidence)

    def already(self, child_key: str, as_of: date) -> frozenset[str]:
        """The screeners not asked about this child on a date, since a fact of their outcome is on record."""
        _, already = self._about(as_of)
        return frozenset(name for name in self.champions if child_key in already[name])

    def screen_stored(
        self,
        child_key: str,
        as_of: date,
        features: Mapping[str, float | None],
        silent: frozenset[str],
        already: frozenset[str],
    ) -> Scored:
        """What the screeners say of a feature row that was kept; no record is read, so none is evidence."""
        age = features[AGE]
        ages = np.array([np.nan if age is None else age])
        said = [
            screener.screen_values(
                np.array([[features[column] for column in screener.columns]], dtype=np.float64),
                ages, [child_key], as_of, silent,
            )[0]
            for name, screener in self.champions.items() if name not in already
        ]  # fmt: skip
        return Scored(child_key, as_of, True, "eligible", "", features, tuple(said), already, silent)

    def areas(self, child_keys: Sequence[str], as_of: date) -> dict[str, str]:
        """Where these children are registered on a date; who is registered nowhere is not in it."""
        tables = self.lake.tables()
        residence = source_named("residence")
        with self._lock:
            if self._homes is None:
                self._homes = RecordReader(
                    {residence: tables[residence.name]} if residence.name in tables else {}
                )
            homes = self._homes
        found = judged_among(homes.standing(child_keys, as_of), as_of, self.profile)
        return {one.child_key: one.area_code for one in found}

    def warm_up(self, as_of: date) -> None:
        """Do once what the first request would wait for: find where children begin, load boosters."""
        tables = self.lake.tables()
        self._about(as_of)
        _, reader = self._current(tables)
        records = reader.standing(["nobody"], as_of)
        engine = ReferenceEngine(records, as_of, tables)
        nothing: frozenset[str] = frozenset()
        values = engine.values(Questions.on(["nobody"], as_of), FEATURES, {as_of: nothing})
        for screener in self.champions.values():
            screener.screen_values(_read_by(screener, values), np.full(1, 10.0), ["nobody"], as_of, nothing)

    def is_known(self, child_key: str, as_of: date) -> bool:
        """Whether any department's record of this child was known on `as_of`, a residence record or not."""
        _, reader = self._current(self.lake.tables())
        return any(reader.standing([child_key], as_of).values())

    def _current(self, tables: dict[str, Path]) -> tuple[Engine, RecordReader]:
        """One of each for all requests; made again when a source is heard for the first time."""
        with self._lock:
            if self._engine is None or self._reader is None or tables != self._tables:
                # Those in use elsewhere live until their last user lets them go.
                self._engine = Engine(tables, threads=1)
                self._reader = RecordReader({source_named(name): path for name, path in tables.items()})
                self._tables = tables
            return self._engine, self._reader

    def _about(self, as_of: date) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
        """Who was silent on a date and which children were already known to a screener's outcome.

        Worked out once a date for as long as the lake stays as it is.
        """
        compacted = self.lake.compacted()
        tables, state = dict(compacted.tables), compacted.state
        with self._lock:
            kept = self._days.get(as_of)
            if kept is None or kept[0] != state:
                already = {
                    name: already_positive(tables, screener.spec.recorded_outcome, [as_of])[as_of]
                    for name, screener in self.champions.items()
                }
                kept = (state, self.lake.silent(as_of), already)
                if len(self._days) > 32:
                    self._days.clear()
                self._days[as_of] = kept
            return kept[1], kept[2]


def screen_inline(
    records: BaseModel, as_of: date, profile: Profile, champions: Mapping[str, Screener]
) -> Scored:
    """Screen a child whose records were sent along. A source left out is not known, as if silent."""
    by_source = inline_records(records, as_of)
    child_key = _inline_key(by_source)
    at_hand = {name: {child_key: found} for name, found in by_source.items()}
    silent = frozenset(source.name for source in SOURCES if source.name not in by_source)
    people = judged_among(at_hand, as_of, profile)
    if not people:
        return Scored(child_key, as_of, False, "no_residence", "", {}, (), frozenset(), silent)
    already = {
        name: frozenset({child_key} if _is_positive(screener.spec.recorded_outcome, by_source, as_of) else ())
        for name, screener in champions.items()
    }
    evidence = evidence_among(at_hand, as_of)
    engine = ReferenceEngine(at_hand, as_of, by_source)
    return _screened(engine, people, champions, as_of, silent, already, lambda _: evidence)[child_key]


# Features of which 0 says that no record counted.
_NONE_IS_ZERO = np.array(
    [
        feature.when_no_records == 0.0
        and (
            isinstance(feature.form, Ever)
            or (isinstance(feature.form, Aggregate) and feature.form.of is Aggregation.COUNT)
        )
        for feature in FEATURES
    ]
)


def _with_records(values: Cells) -> list[Feature]:
    """The features that a record may stand behind, in any of these rows.

    Most sources hold nothing of most children; not reading them saves most of the time.
    """
    empty = np.isnan(values) | ((values == 0.0) & _NONE_IS_ZERO)
    return [feature for feature, nothing in zip(FEATURES, empty.all(axis=0), strict=True) if not nothing]


def _is_positive(outcome: Outcome, by_source: Mapping[str, Sequence[Record]], as_of: date) -> bool:
    """`models.facts.already_positive` for one child whose records are at hand."""
    start = as_of - timedelta(days=outcome.already_days)
    return any(
        start <= record.occurred_on < as_of and all(satisfies(record, c) for c in fact.where)
        for fact in (*outcome.facts, outcome.confirmed)
        for record in standing(by_source.get(fact.source.name, ()), as_of)
    )


def inline_records(records: BaseModel, as_of: date) -> dict[str, list[Record]]:
    """The records sent, by source; a Problem names every row that was not known before `as_of`."""
    found: dict[str, list[Record]] = {}
    wrong: list[FieldError] = []
    for name in type(records).model_fields:
        sent = getattr(records, name)
        if sent is None:
            continue
        found[name] = []
        versions: dict[str, int] = {}
        for place, row in enumerate(sent):
            values = row.model_dump()
            where = f"records.{name}[{place}]"
            occurred_on: date = values.pop("occurred_on")
            stated: date | None = values.pop("known_on")
            known_on = stated or occurred_on
            record_id = values.pop("record_id") or f"{name}[{place}]"
            if known_on >= as_of:
                field = "occurred_on" if stated is None else "known_on"
                wrong.append(
                    FieldError(f"{where}.{field}", "was not known before as_of; only earlier records count")
                )
            elif known_on < occurred_on:
                wrong.append(FieldError(f"{where}.known_on", "must not be before occurred_on"))
            versions[record_id] = versions.get(record_id, 0) + 1
            try:
                cells = as_taken_in(source_named(name), values)
            except Refused as refused:
                wrong.append(FieldError(f"{where}.{refused.field}", refused.sentence))
                continue
            found[name].append(Record(record_id, versions[record_id], occurred_on, known_on, cells))
    if wrong:
        raise invalid(wrong)
    return found


def _inline_key(by_source: Mapping[str, Sequence[Record]]) -> str:
    """Stands for a child we do not know: the same records give the same key, and nothing else does."""
    said = [
        [name, [[r.record_id, r.version, r.occurred_on, r.known_on, dict(r.values)] for r in found]]
        for name, found in sorted(by_source.items())
    ]
    text = json.dumps(said, sort_keys=True, default=date.isoformat)
    return INLINE + hashlib.sha256(text.encode()).hexdigest()[:24]


def _screened(
    engine: FeatureEngine,
    people: Sequence[Judged],
    champions: Mapping[str, Screener],
    as_of: date,
    silent: frozenset[str],
    already: Mapping[str, frozenset[str]],
    evidence_of: Callable[[Cells], EvidenceFor],
) -> dict[str, Scored]:
    keys = [one.child_key for one in people if one.eligible]
    values = engine.values(Questions.on(keys, as_of), FEATURES, {as_of: silent})
    said = _said(champions, keys, values, as_of, silent, already, evidence_of(values))
    rows = {
        key: {name: None if value != value else value for name, value in zip(_NAMES, row, strict=True)}
        for key, row in zip(keys, values.tolist(), strict=True)
    }
    return {
        one.child_key: Scored(
            child_key=one.child_key,
            as_of=as_of,
            eligible=one.eligible,
            reason=one.reason,
            area_code=one.area_code,
            features=rows.get(one.child_key, {}),
            screenings=tuple(said.get(one.child_key, ())),
            already=frozenset(name for name in champions if one.eligible and one.child_key in already[name]),
            silent=silent,
        )
        for one in people
    }


def _said(
    champions: Mapping[str, Screener],
    keys: Sequence[str],
    values: Cells,
    as_of: date,
    silent: frozenset[str],
    already: Mapping[str, frozenset[str]],
    evidence: EvidenceFor | None,
) -> dict[str, list[Screening]]:
    """What each screener says of each child; nothing where its outcome is on record already."""
    said: dict[str, list[Screening]] = {}
    for name, screener in champions.items():
        asked = [place for place, key in enumerate(keys) if key not in already[name]]
        for start in range(0, len(asked), BLOCK):
            part = asked[start : start + BLOCK]
            rows = values[part]
            found = screener.screen_values(
                _read_by(screener, rows),
                rows[:, _AGE],
                [keys[place] for place in part],
                as_of,
                silent,
                evidence,
            )
            for screening in found:
                said.setdefault(screening.child_key, []).append(screening)
    return said


_NAMES = tuple(feature.name for feature in FEATURES)
_PLACES = {name: place for place, name in enumerate(_NAMES)}
_AGE = _PLACES[AGE]


def _read_by(screener: Screener, values: Cells) -> Cells:
    """The columns this screener reads, in its order."""
    return np.ascontiguousarray(values[:, [_PLACES[name] for name in screener.columns]])
