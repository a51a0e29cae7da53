"""Hard triggers and requests in the lake: which records of which children must go to a person.

A record counts from the day it became known, not from the day it happened: a department that delivers
once a quarter would otherwise let every second report lapse unseen. It counts on that day itself: what a
screener may use waits for tomorrow, a report of danger does not. Nothing that is missing holds a trigger
back: a child whose date of birth is not known counts as young enough, one out of scope counts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from features.language import Fact, Trigger
from features.sources import Police
from features.triggers import TRIGGERS
from models.facts import Tables, standing, versions
from models.policy import TriggerHit

RESIDENCE = Fact(source=Police.residence)


def trigger_hits(
    tables: Tables, since: date, today: date, triggers: Iterable[Trigger] = TRIGGERS
) -> list[TriggerHit]:
    """Records that stand, today's too, and became known within a trigger's days before `since`, or later."""
    hits = []
    births: dict[str, date] | None = None
    for trigger in triggers:
        found = standing(versions(tables, (trigger.fact,)), by_now(today))
        found = found[found["known_on"] >= pd.Timestamp(since - timedelta(days=trigger.within_days))]
        for row in found.itertuples(index=False):
            occurred_on = pd.Timestamp(str(row.occurred_on)).date()
            child_key = str(row.child_key)
            if trigger.younger_than_years is not None:
                if births is None:
                    births = birth_dates(tables, today)
                born_on = births.get(child_key)
                if born_on is not None and _birthday(born_on, trigger.younger_than_years) <= occurred_on:
                    continue
            hits.append(TriggerHit(child_key, trigger, str(row.record_id), occurred_on))
    return hits


def by_now(today: date) -> date:
    """The as-of date before which all is known that was delivered up to and with today."""
    return today + timedelta(days=1)


def birth_dates(tables: Tables, today: date) -> dict[str, date]:
    """Each child's date of birth by the latest residence record that stands, today's too."""
    table = tables.get(RESIDENCE.source.name)
    if table is None:
        return {}
    columns = ["child_key", "birth_on", "known_on", "superseded_on", "ordinal"]
    frame = pd.read_parquet(table, columns=columns) if isinstance(table, Path) else table[columns]
    frame = frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("known_on", "superseded_on")})
    latest = standing(frame, by_now(today)).sort_values("ordinal").drop_duplicates("child_key", keep="last")
    return {
        str(key): pd.Timestamp(birth_on).date()
        for key, birth_on in zip(latest["child_key"], latest["birth_on"], strict=True)
        if not pd.isna(birth_on)
    }


def _birthday(born_on: date, years: int) -> date:
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:  # born on 29 February
        return date(born_on.year + years, 3, 1)
