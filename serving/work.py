"""The queue's clocks: what happens because time passes, done by one process at a time under a lease.

    forget     children deleted by right, before anything more is said of them
    publish    our own records (alerts, dispositions) out of the outbox into the lake, for training to read
    triggers   work for hard triggers and requests that became known
    release    the next part of the round's ranking, a week after the last
    rescore    children of records that a department corrected after an objection
    roster     once a round, who came and went since the round before
    log        once a day, a walk along the whole log; one that is not whole is an error, and stops nothing
    households once a day, with that: open cases get the household their child was since told to live in

Web workers hold no timers. Killed between any two lines, the next run finishes: a record stays in the
outbox until the lake has it, and the lake takes the same record once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from features.lake import Lake
from features.language import Kind
from features.sources import source_named
from serving.correcting import rescore_corrected
from serving.entitling import raise_entitlements
from serving.raising import raise_triggers
from serving.review import leases, outbox
from serving.review.checking import look_at_log
from serving.review.forgetting import forget
from serving.review.outbox import Pending
from serving.review.store import Store
from serving.review.together import give_households, without_household
from serving.rosters import compare_rounds
from serving.screening import Deps, NothingToScreen, Outcome, Progress, next_release

LOG = logging.getLogger("miaohu.serving")
LEASE = "work"
# Longer than screening a county takes; a killed worker's lease runs out by itself.
LEASE_LASTS = timedelta(minutes=30)
PUBLISH_AT_ONCE = 1000


@dataclass(frozen=True)
class Done:
    """What one turn of work did. `release` is None if none was due."""

    published: int
    triggers: int
    release: Outcome | None


def work_once(
    deps: Deps, today: date, rng: Random, holder: str, progress: Progress, *, may_release: bool = True
) -> Done | None:
    """One turn; None if another worker holds the lease.

    `may_release` is False while a champion cannot be used: ranked alerts wait, everything else goes on.
    """
    with deps.store.write() as session:
        if not leases.acquire(session, name=LEASE, holder=holder, lasts=LEASE_LASTS, now=deps.now()):
            return None
    try:
        let_go = forget(deps.store, deps.people.forgotten, deps.now())
        if let_go:
            progress(f"let go of deleted children: {let_go.cases} cases, {let_go.removed} other rows")
        published = publish_outbox(deps.store, deps.lake, today, deps.now)
        if published:
            progress(f"published {published} records of our own into the lake")
        release, triggers = None, 0
        try:
            if may_release:
                release = next_release(deps, today, rng, progress)
        except NothingToScreen as nothing:
            progress(str(nothing))
        finally:
            # Whatever keeps children from being screened keeps no report of danger from a person.
            if release is None:
                triggers = raise_triggers(deps, today).alerts
        if release is not None:
            services = raise_entitlements(deps, today).alerts
            progress(f"services that nobody shows, brought before a person: {services}")
        rescored = rescore_corrected(deps, today) if may_release else 0
        if rescored:
            progress(f"scored {rescored} children again after a department's correction")
        published += publish_outbox(deps.store, deps.lake, today, deps.now)
        changes = compare_rounds(deps.lake.tables(), deps.profile, deps.store, today, deps.now)
        if changes is not None:
            progress(f"compared the roster with the round before: {changes} changes")
        looked = look_at_log(deps.store, deps.now())
        if looked is not None and looked.fault is not None:
            LOG.error("The log of the review store is not whole. %s", looked.fault)
        if looked is not None:
            found = find_households(deps)
            if found:
                progress(f"households found for {found} open cases")
        return Done(published, triggers, release)
    finally:
        with deps.store.write() as session:
            leases.release(session, name=LEASE, holder=holder)


def find_households(deps: Deps) -> int:
    """Look for the households of open cases that have none; how many were found."""
    with deps.store.read() as session:
        waiting = without_household(session)
    households = deps.household_of(waiting) if waiting else {}
    if not households:
        return 0
    with deps.store.write() as session:
        return give_households(session, households, now=deps.now())


def publish_outbox(store: Store, lake: Lake, today: date, now: Callable[[], datetime]) -> int:
    """Bring everything waiting in the outbox into the lake; how many records were new there."""
    published = 0
    while True:
        with store.read() as session:
            waiting = outbox.pending(session, PUBLISH_AT_ONCE)
        part = _first_of_each(waiting)
        if not part:
            return published
        for name in sorted({row.source for row in part}):
            rows = [_typed(row) for row in part if row.source == name]
            published += lake.publish(name, rows, today)
        # A worker killed before this may have left records in the lake that nobody can read yet.
        lake.compact()
        with store.write() as session:
            outbox.mark(session, [row.id for row in part], now=now())


def _first_of_each(waiting: list[Pending]) -> list[Pending]:
    """The oldest waiting version of each record; a later one is published after it, as its correction."""
    first: dict[tuple[str, str], Pending] = {}
    for row in waiting:
        first.setdefault((row.source, str(row.record["record_id"])), row)
    return list(first.values())


def _typed(row: Pending) -> dict[str, Any]:
    """The record with its dates as dates; the outbox keeps them as text."""
    source = source_named(row.source)
    dates = {"occurred_on", *(column.name for column in source.lake_columns if column.kind is Kind.DATE)}
    return {
        name: date.fromisoformat(value) if name in dates and isinstance(value, str) else value
        for name, value in row.record.items()
    }
