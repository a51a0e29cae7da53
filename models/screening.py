"""One screening: what one screener said about one child on one date. Kept for ever, never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic_core import to_json

from models.explanation import Evidence, FamilyReason, FeatureReason

# A text as JSON that keeps Chinese as it is, the way the library writes it.
_quoted: Callable[[str], str] = json.encoder.encode_basestring

# What was written already, by the object it was written of, which is kept so that no other takes its place.
# By the object and not by what it equals: 0.0 equals -0.0, and 1 equals 1.0, and they are written otherwise.
Written = dict[int, tuple[object, str]]


@dataclass(frozen=True)
class Coverage:
    """How much of what the screener looks at was known: the share, and families of which nothing was."""

    share: float
    unknown_families: tuple[str, ...] = ()


@dataclass(frozen=True)
class Screening:
    """Margin, calibrated risk with its range, place among those screened, band, and all reasons.

    `base` + the sum of all family contributions = `margin`. `silent` names the sources not heard from.
    Where `abstained` holds a code of `models.wording.ABSTAINED`, the screener declines to speak: margin,
    risk, low, high and percentile are NaN, the band is "none" and there are no reasons. Rows of a plain
    table may have no date: then `as_of` is None. `coverage` is None in screenings kept from before it was.
    """

    child_key: str
    as_of: date
    screener: str
    version: str
    margin: float
    risk: float
    low: float
    high: float
    percentile: float
    band: str
    reasons: tuple[FamilyReason, ...]
    base: float
    silent: tuple[str, ...] = ()
    abstained: str | None = None
    coverage: Coverage | None = None

    @property
    def key(self) -> str:
        """Names this screening: same child, date, screener and version give the same key."""
        return f"{self.screener}:{self.version}:{self.as_of}:{self.child_key}"

    def to_json(self, written: Written | None = None) -> str:
        """Canonical JSON: the same screening always gives the same text; NaN is null.

        Who writes many gives them one `written`: screenings share records and much that adds nothing.
        """
        # Written piece by piece in the order of the keys: the library takes ten times as long, and what is
        # written here stands behind every screening that was ever kept.
        so_far: Written = {} if written is None else written
        coverage = self.coverage
        if coverage is not None:
            unknown = ", ".join(map(_quoted, coverage.unknown_families))
            told = f'{{"share": {_number(coverage.share)}, "unknown_families": [{unknown}]}}'
        return (
            f'{{"abstained": {_text(self.abstained)}, "as_of": {_day(self.as_of)},'
            f' "band": {_text(self.band)}, "base": {_number_or_null(self.base)},'
            f' "child_key": {_text(self.child_key)},'
            f' "coverage": {"null" if coverage is None else told},'
            f' "high": {_number_or_null(self.high)}, "low": {_number_or_null(self.low)},'
            f' "margin": {_number_or_null(self.margin)}, "percentile": {_number_or_null(self.percentile)},'
            f' "reasons": [{_reasons_text(self.reasons, so_far)}],'
            f' "risk": {_number_or_null(self.risk)}, "screener": {_text(self.screener)},'
            f' "silent": [{", ".join(map(_quoted, self.silent))}], "version": {_text(self.version)}}}'
        )

    @classmethod
    def from_json(cls, text: str) -> Screening:
        """The screening that `to_json` wrote, equal to the bit."""
        values: dict[str, Any] = json.loads(text)
        for name in ("margin", "risk", "low", "high", "percentile", "base"):
            values[name] = float("nan") if values[name] is None else float(values[name])
        return cls(
            **{
                **values,
                "as_of": values["as_of"] and date.fromisoformat(values["as_of"]),
                "silent": tuple(values["silent"]),
                "reasons": tuple(_family(reason) for reason in values["reasons"]),
                "coverage": _coverage(values.get("coverage")),
            }
        )


def _reasons_text(reasons: tuple[FamilyReason, ...], written: Written) -> str:
    # What adds nothing and has no record is one object for all children; the others' numbers are written in
    # one go.
    own = [item for reason in reasons for item in reason.features if item.contribution or item.evidence]
    contributions = iter(numbers_text([item.contribution for item in own]))
    values = iter(numbers_text([item.value for item in own]))
    families = []
    for reason, total in zip(reasons, numbers_text([reason.contribution for reason in reasons]), strict=True):
        told = []
        for item in reason.features:
            if item.contribution or item.evidence:
                evidence = _records_text(item.evidence, written) if item.evidence else ""
                told.append(
                    f'{{"contribution": {next(contributions)}, "evidence": [{evidence}],'
                    f' "feature": {_quoted(item.feature)}, "value": {next(values)}}}'
                )
                continue
            kept = written.get(id(item))
            if kept is None:
                kept = written[id(item)] = (item, _nothing_text(item))
            told.append(kept[1])
        families.append(
            f'{{"contribution": {total}, "family": {_quoted(reason.family)},'
            f' "features": [{", ".join(told)}]}}'
        )
    return ", ".join(families)


def _nothing_text(reason: FeatureReason) -> str:
    value = reason.value
    return (
        f'{{"contribution": {_number(reason.contribution)}, "evidence": [],'
        f' "feature": {_quoted(reason.feature)}, "value": {"null" if value is None else _number(value)}}}'
    )


def numbers_text(values: Sequence[float | None]) -> list[str]:
    """Each number as JSON, as Python writes it and at a third of the time; None is null.

    ValueError for a number that JSON has not.
    """
    if not values:
        return []
    texts = to_json(values)[1:-1].decode().split(",")
    for place, value in enumerate(values):
        # Beyond these Python writes an exponent, and that in another form; NaN is not between them either.
        if value and not 1e-4 <= abs(value) < 1e16:
            texts[place] = _number(value)
    return texts


def _records_text(records: tuple[Evidence, ...], written: Written) -> str:
    kept = written.get(id(records))
    if kept is None:
        told = []
        for record in records:
            one = written.get(id(record))
            if one is None:
                one = written[id(record)] = (record, _evidence_text(record))
            told.append(one[1])
        kept = written[id(records)] = (records, ", ".join(told))
    return kept[1]


def _evidence_text(found: Evidence) -> str:
    return (
        f'{{"known_on": "{found.known_on.isoformat()}", "occurred_on": "{found.occurred_on.isoformat()}",'
        f' "record_id": {_quoted(found.record_id)}, "source": {_quoted(found.source)}}}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else _quoted(value)


def _day(value: date | None) -> str:
    return "null" if value is None else f'"{value.isoformat()}"'


def _number_or_null(value: float) -> str:
    return "null" if value != value else _number(value)


def _number(value: float) -> str:
    if value - value != 0:  # NaN and both infinities: JSON has none of them
        raise ValueError("A screening holds a number that JSON cannot.")
    return repr(value) if type(value) is float else json.dumps(value)


def _coverage(values: dict[str, Any] | None) -> Coverage | None:
    return None if values is None else Coverage(values["share"], tuple(values["unknown_families"]))


def _family(values: dict[str, Any]) -> FamilyReason:
    return FamilyReason(
        values["family"],
        values["contribution"],
        tuple(
            FeatureReason(
                reason["feature"],
                reason["value"],
                reason["contribution"],
                tuple(
                    Evidence(
                        item["source"],
                        item["record_id"],
                        date.fromisoformat(item["occurred_on"]),
                        date.fromisoformat(item["known_on"]),
                    )
                    for item in reason["evidence"]
                ),
            )
            for reason in values["features"]
        ),
    )
