"""One screening: what one screener said about one child on one date. Kept for ever, never changed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.explanation import Evidence, FamilyReason, FeatureReason


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

    def to_json(self) -> str:
        """Canonical JSON: the same screening always gives the same text; NaN is null."""
        # Not asdict: copying every reason deeply takes ten times as long, and a round writes thousands.
        values = {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}
        for name in ("margin", "risk", "low", "high", "percentile", "base"):
            if values[name] != values[name]:
                values[name] = None
        return json.dumps(values, ensure_ascii=False, sort_keys=True, default=date.isoformat, allow_nan=False)

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


def _plain(value: Any) -> Any:
    """Nested reasons as dicts, everything else as it is."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, FamilyReason | FeatureReason | Evidence | Coverage):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


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
