"""Services that records imply and nobody shows, brought before a person: the last lane of the queue.

It is no risk and no screener sees it. So few a week in each town that the worker can ask them beside the
rest; a child somebody works on, or did lately, is left in peace; what was brought up once is not again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from datetime import date, timedelta

from features.cohort import cohort
from features.entitlement_rules import State
from features.entitlements import Finding, find
from models.policy import Alert, Lane, Raised
from serving.raising import facts_of, raised_of_persons
from serving.review import opening, queries, worked
from serving.review.working_days import day_in_china
from serving.screening import Deps

NOTHING = opening.Opened(0, 0, 0, 0)


def raise_entitlements(deps: Deps, today: date) -> opening.Opened:
    """Open work for services found missing, within policy's number a week for each town."""
    if deps.policy.entitlements_per_area == 0:
        return NOTHING
    with deps.store.read() as session:
        newest = queries.newest_round(session)
        last = queries.last_release(session, newest.id) if newest is not None else None
        raised = raised_of_persons(session, deps.people)
        busy = worked.open_children(session)
        closed = {key: day_in_china(at) for key, at in worked.closed_on(session).items()}
    tables = deps.lake.tables()
    if newest is None or last is None or "residence" not in tables:
        return NOTHING
    people = cohort(tables, today, deps.profile)
    people = people[people["eligible"] & ~people["child_key"].isin(deps.people.forgotten)]
    rested = today - timedelta(days=deps.policy.cool_down_days)
    quiet = busy | {key for key, day in closed.items() if day > rested}
    findings = find(tables, people, today, deps.lake.silent(today))
    alerts = chosen(findings, deps.policy.entitlements_per_area, quiet, raised, today)
    if not alerts:
        return NOTHING
    tier_days = {tier.code: tier.contact_within_days for tier in deps.profile.tiers}
    keys = {alert.child_key for alert in alerts}
    children = facts_of(people[people["child_key"].isin(keys)], deps.household_of(keys))
    with deps.store.write() as session:
        return opening.open_cases(
            session, alerts, round_id=newest.id, children=children, tier_days=tier_days, now=deps.now(),
            today=today, release=last.number, keys_of=deps.people.keys_of,
        )  # fmt: skip


def chosen(
    findings: Sequence[Finding],
    per_area: int,
    quiet: Set[str],
    raised: Set[Raised],
    today: date,
) -> tuple[Alert, ...]:
    """One alert for each child, so many in each town, in the order of a lot that favours nobody."""
    by_child: dict[str, Finding] = {}
    for finding in findings:
        if finding.state is not State.FOUND or finding.child_key in quiet:
            continue
        if (finding.child_key, finding.rule.name, record_of(finding)) not in raised:
            by_child.setdefault(finding.child_key, finding)
    taken: dict[str, int] = {}
    alerts = []
    for finding in sorted(by_child.values(), key=lambda one: _lot(one.child_key, today)):
        town = str(finding.area_code)[:9]
        if taken.get(town, 0) >= per_area:
            continue
        taken[town] = taken.get(town, 0) + 1
        alerts.append(
            Alert(
                child_key=finding.child_key,
                as_of=today,
                lane=Lane.ENTITLEMENT,
                area=town,
                trigger=finding.rule.name,
                trigger_record=record_of(finding),
            )
        )
    return tuple(alerts)


def record_of(finding: Finding) -> str:
    """What makes a finding the same finding: the newest record that implies it, or the service alone."""
    if not finding.evidence:
        return finding.rule.service
    source, record_id, _ = finding.evidence[-1]
    return f"{source} {record_id}"


def _lot(child_key: str, today: date) -> str:
    return hashlib.sha256(f"{child_key} {today.isoformat()}".encode()).hexdigest()
