"""Hard triggers and requests that became known, brought before a person whatever becomes of a round.

They need no screener, no round and nobody in scope: what keeps children from being screened holds no report
of danger back. Before the first round they stand beside what people raise by hand. One whose child nobody has
found by the day after it came is raised under a key of its own, with no area: the county screener asks whose
it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pandas as pd

from features.cohort import cohort
from features.jurisdiction import Profile
from features.people import People
from models.policy import Raised, TriggerHit, choose
from serving.review import opening, queries, worked
from serving.review.requests import BY_HAND
from serving.review.tables import Round
from serving.triggers import by_now, trigger_hits

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from serving.screening import Deps


def raise_triggers(deps: Deps, today: date) -> opening.Opened:
    """Open work for every hard trigger and request that has not opened any; under the newest round."""
    with deps.store.read() as session:
        newest = queries.newest_round(session)
        last = queries.last_release(session, newest.id) if newest is not None else None
        raised = raised_of_persons(session, deps.people)
    tables = deps.lake.tables()
    hits = hits_of(deps, tables, since(deps.profile, newest, today), today)
    due_days = {tier.code: tier.contact_within_days for tier in deps.profile.tiers}
    release = choose(
        deps.policy,
        [],
        hits,
        released_on=today,
        rng=Random(0),  # noqa: S311  # nosec B311  # among no candidates nothing is drawn
        due_days=due_days,
        raised=raised,
    )
    if not release.alerts:
        return opening.Opened(0, 0, 0, 0)
    keys = tuple({alert.child_key for alert in release.alerts})
    children = facts_of(cohort(tables, by_now(today), deps.profile, keys), deps.household_of(keys))
    with deps.store.write() as session:
        if newest is None:
            opening.open_round(session, round_id=BY_HAND, as_of=today, screeners={}, now=deps.now())
        return opening.open_cases(
            session, release.alerts, round_id=BY_HAND if newest is None else newest.id, children=children,
            tier_days=due_days, now=deps.now(), today=today, release=1 if last is None else last.number,
            keys_of=deps.people.keys_of,
        )  # fmt: skip


def since(profile: Profile, newest: Round | None, today: date) -> date:
    """From which day's point of view what became known shortly before still counts.

    Where a new half-year has begun, that of the round before: nobody has looked since.
    """
    due = profile.newest_round(today)
    return due if newest is None else min(due, newest.as_of)


def hits_of(deps: Deps, tables: Mapping[str, Path], start: date, today: date) -> list[TriggerHit]:
    """What triggers and requests stand, of children who were not deleted by right.

    The deletion may not have reached the lake yet; what the queue let go of must not come back from there.
    """
    found = trigger_hits(tables, start, today)
    # What came today may find its child today, by linking.
    found += trigger_hits(deps.waiting(), start, today - timedelta(days=1))
    gone = deps.people.forgotten
    return [
        replace(hit, child_key=deps.people.person(hit.child_key))
        for hit in found
        if hit.child_key not in gone
    ]


def raised_of_persons(session: Session, people: People) -> frozenset[Raised]:
    """What has opened work, each under the key its child's records stand under now."""
    done = worked.raised_triggers(session)
    return frozenset((people.person(key), trigger, record) for key, trigger, record in done)


def facts_of(people: pd.DataFrame, households: Mapping[str, str]) -> dict[str, opening.ChildFacts]:
    """What the queue is told of these rows of a cohort, with the household of each child."""
    return {
        str(key): opening.ChildFacts(
            area_code="" if pd.isna(area) else str(area),
            age_years=None if pd.isna(age) else float(age),
            stage=None if pd.isna(stage) else str(stage),
            household=households.get(str(key)),
        )
        for key, area, age, stage in zip(
            people["child_key"], people["area_code"], people["age_years"], people["stage"], strict=True
        )
    }
