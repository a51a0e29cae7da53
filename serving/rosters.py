"""What changed on the roster since the round before, computed once a round and kept for the pages.

Each cohort is drawn as it was known on its own day, so a later correction of the past changes no list that
staff have already worked with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import insert

from features.cohort import cohort
from features.jurisdiction import Profile
from features.rounds import roster_changes
from serving.review.record_tables import RosterChangeRow, RosterRound
from serving.review.store import Store


def compare_rounds(
    tables: Mapping[str, Path | pd.DataFrame],
    profile: Profile,
    store: Store,
    today: date,
    now: Callable[[], datetime],
) -> int | None:
    """Keep the changes from the round before to the newest one, and say how many.

    None if that was done before, or if either round knows no child: then there is nothing to compare.
    """
    as_of = profile.newest_round(today)
    with store.read() as session:
        if session.get(RosterRound, as_of) is not None:
            return None
    before = profile.newest_round(as_of - timedelta(days=1))
    old, new = (_rows(cohort(tables, day, profile)) for day in (before, as_of))
    if not old or not new:
        return None
    changes = roster_changes(old, new)
    with store.write() as session:
        if session.get(RosterRound, as_of) is not None:
            return None
        session.add(RosterRound(as_of=as_of, before=before, changes=len(changes), made_at=now()))
        session.flush()
        if changes:
            session.execute(
                insert(RosterChangeRow),
                [
                    {
                        "as_of": as_of, "before": before, "child_key": each.child_key,
                        "area_code": each.area_code, "from_area": each.from_area, "change": each.change.value,
                    }
                    for each in changes
                ],
            )  # fmt: skip
    return len(changes)


def _rows(people: pd.DataFrame) -> list[Mapping[str, Any]]:
    """The cohort's rows, an area that is not known as None."""
    known = people[["child_key", "reason", "area_code"]].astype(object)
    return known.where(known.notna(), None).to_dict("records")  # type: ignore[return-value]  # its keys are the three columns
