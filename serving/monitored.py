"""What `evaluation monitor` wrote after the last round, read for the dashboard. It judges nothing again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from features.language import Text

# The measures of a later round that say whether risks still mean what they say.
CALIBRATION = ("calibration_slope", "observed_to_expected")


class MonitoredError(ValueError):
    """A file that is not what `evaluation monitor` writes."""


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """One later date: whether its outcomes are in, and its measures if they are enough to be given."""

    as_of: date
    closed: bool
    measures: Mapping[str, Estimate]


@dataclass(frozen=True)
class WatchedScreener:
    """One screener in use. `recall` is of the audit slice; None with `why_no_recall` if it cannot be told."""

    title: Text
    version: str
    reference: date
    newest: date
    judged: tuple[Judged, ...]
    recall: Estimate | None
    drawn: int
    why_no_recall: Text | None
    alarms: tuple[Text, ...]


@dataclass(frozen=True)
class HeardSource:
    """One source of a department: when it was last heard, and whether that is too long ago."""

    title: Text
    department: Text
    last: date | None
    days: int | None
    silent: bool


@dataclass(frozen=True)
class Monitored:
    """The state after one round."""

    made_on: date
    round: date
    screeners: tuple[WatchedScreener, ...]
    sources: tuple[HeardSource, ...]


def read_monitored(path: Path) -> Monitored | None:
    """What the file says; None if no round was monitored yet. MonitoredError if it is another file."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise MonitoredError(f"{path.name} is no JSON.") from error
    try:
        return Monitored(
            date.fromisoformat(told["made_on"]),
            date.fromisoformat(told["round"]),
            tuple(_screener(each) for each in told["screeners"]),
            tuple(_source(each) for each in told["freshness"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MonitoredError(f"{path.name} is not what evaluation monitor writes: {error!r}.") from error


def _screener(told: Mapping[str, Any]) -> WatchedScreener:
    missed = told["missed"]
    known = "recall" in missed
    return WatchedScreener(
        title=Text(**told["title"]),
        version=told["version"],
        reference=date.fromisoformat(told["reference"]),
        newest=date.fromisoformat(told["newest"]),
        judged=tuple(_judged(each) for each in told["followed"]),
        recall=_estimate(missed["recall"]) if known else None,
        drawn=missed["drawn"] if known else 0,
        why_no_recall=None if known else Text(**missed["not_enough"]),
        alarms=tuple(Text(**alarm) for alarm in told["alarms"]),
    )


def _judged(told: Mapping[str, Any]) -> Judged:
    measures = (told["figures"] or {}).get("measures", {})
    found = {name: _estimate(measures[name]) for name in CALIBRATION if name in measures}
    return Judged(
        date.fromisoformat(told["as_of"]),
        told["closed"],
        {name: estimate for name, estimate in found.items() if estimate is not None},
    )


def _estimate(told: Mapping[str, Any]) -> Estimate | None:
    """An interval; None where it, or an end of it, could not be computed."""
    if "not_enough" in told or None in (told["value"], told["low"], told["high"]):
        return None
    return Estimate(told["value"], told["low"], told["high"])


def _source(told: Mapping[str, Any]) -> HeardSource:
    return HeardSource(
        Text(**told["title"]),
        Text(**told["department"]),
        date.fromisoformat(told["last"]) if told["last"] else None,
        told["days"],
        told["silent"],
    )
