"""Past and future, kept apart. Pure.

        fit dates          gap   label window      calibrate          judge
    ├──────────────────┤┄┄┄┄┄├───────────────┤ ├┄┄┄┄┄┤────────┤ ├┄┄┄┄┄┤────────┤
                                             ├── first as-of date the next set may hold

A row's label is not known until its label window has closed. So a set begins only after the last label
window of the set before it has closed, not after its last as-of date: overlooking this leaks the future
into the past without any column looking wrong. Dates that fall between two sets are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


class SplitError(ValueError):
    """Too few dates with closed label windows to fit, calibrate and judge; the message says how many."""


@dataclass(frozen=True)
class Split:
    """Three disjoint sets of as-of dates, each later than the last label window of the one before."""

    fit: tuple[date, ...]
    calibrate: tuple[date, ...]
    judge: tuple[date, ...]
    left_out: tuple[date, ...]


def closes_on(as_of: date, gap_days: int, horizon_days: int) -> date:
    """The first day after a row's label window: its label cannot be known before."""
    return as_of + timedelta(days=gap_days + horizon_days)


def temporal_split(
    mature: Sequence[date],
    gap_days: int,
    horizon_days: int,
    judge_dates: int = 2,
    calibrate_dates: int = 1,
) -> Split:
    """The latest dates judge, earlier ones calibrate, all that are earlier still fit.

    `mature` are the as-of dates whose label windows have closed. With too few of them one date judges;
    fewer than three usable dates are refused.
    """
    if judge_dates < 1 or calibrate_dates < 1:
        raise SplitError("Each set needs at least one as-of date.")
    dates = sorted(set(mature))
    for judges in range(judge_dates, 0, -1):
        judge = dates[-judges:]
        calibrate = _before(dates, judge[0], gap_days, horizon_days)[-calibrate_dates:] if judge else []
        fit = _before(dates, calibrate[0], gap_days, horizon_days) if calibrate else []
        if fit:
            used = {*fit, *calibrate, *judge}
            rest = tuple(day for day in dates if day not in used)
            return Split(tuple(fit), tuple(calibrate), tuple(judge), rest)
    raise SplitError(
        f"{len(dates)} as-of dates have closed label windows; fitting, calibrating and judging on separate"
        f" times needs at least three, each {gap_days + horizon_days} days or more after the one before."
    )


def _before(dates: Sequence[date], first: date, gap_days: int, horizon_days: int) -> list[date]:
    return [day for day in dates if closes_on(day, gap_days, horizon_days) <= first]
