"""From alerts to cases: a round is opened, a release raises its alerts, each child gets one case.

Doing it again changes nothing: an alert is known by its round, child, lane and screener, a hard trigger
by its record whatever the round. A child with a case that is not closed keeps that case. A case all of
whose alerts may be hidden is decided before it is revealed if policy says so; it then has no rank in the
queue, since an audit draw has none either. A hard trigger or a request is never hidden.

A hard trigger of a child whose case is being worked is news to that work: its clock starts again, and no
contact, conclusion or failed attempt from before answers it.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.triggers import TRIGGERS
from models.policy import Alert, Lane
from serving.review import audit, outbox
from serving.review.case import Status
from serving.review.one_child import KeysOf, only_itself, open_case_of_person
from serving.review.tables import AlertRow, Case, Release, Round
from serving.review.working_days import Due, due_after

REPORT_DUTY = frozenset(trigger.name for trigger in TRIGGERS if trigger.report_duty)

# The orders of own view and reasons; which of them a case gets is drawn by lot, and logged.
DECIDE_FIRST, REVEAL_FIRST = "decide_first", "reveal_first"

# Facts and what people ask for come before anything ranked; a service nobody shows comes last.
_QUEUE_CLASS = {
    Lane.TRIGGER: 0,
    Lane.REQUEST: 1,
    Lane.DECLARED: 1,
    Lane.REFERRED: 1,
    Lane.MODEL: 2,
    Lane.RULE: 2,
    Lane.AUDIT: 2,
    Lane.ENTITLEMENT: 3,
}
_PRESSING = frozenset({Lane.TRIGGER, Lane.REQUEST, Lane.DECLARED, Lane.REFERRED})


@dataclass(frozen=True)
class ChildFacts:
    """What the queue knows of a child beside the alert; what is not known is empty or None.

    `household`: a pseudonym that children of one household share.
    """

    area_code: str = ""
    age_years: float | None = None
    stage: str | None = None
    household: str | None = None


@dataclass(frozen=True)
class Lots:
    """How to draw which of the screeners' cases ask for the reviewer's own view, and in which order.

    `share` of them ask for it; of those every second one, by lot, before the reasons are shown.
    """

    share: float
    rng: Random

    def draw(self) -> str | None:
        """One order, or None for a case that asks for nothing."""
        if self.rng.random() >= self.share:
            return None
        return DECIDE_FIRST if self.rng.random() < 0.5 else REVEAL_FIRST


@dataclass(frozen=True)
class Opened:
    """What one call of `open_cases` did."""

    alerts: int
    opened: int
    joined: int
    known_before: int


@dataclass(frozen=True)
class _Place:
    """Where a case stands in the queue; the smaller the earlier."""

    queue_class: int
    tier_order: int
    due: Due
    rank: int | None
    tier: str | None
    blind: bool
    pressing: bool


def open_round(
    session: Session, *, round_id: str, as_of: date, screeners: Mapping[str, str], now: datetime
) -> bool:
    """Begin a round; `screeners` gives the version of each that ranks it, none before any champion.

    Returns whether it is new: a round that was begun before stays as it was.
    """
    if session.get(Round, round_id) is not None:
        return False
    session.add(Round(id=round_id, as_of=as_of, screeners=dict(screeners), opened_at=now))
    session.flush()
    audit.write(session, actor=audit.SYSTEM, verb="open_round", subject=round_id, now=now)
    return True


def open_cases(
    session: Session,
    alerts: Iterable[Alert],
    *,
    round_id: str,
    children: Mapping[str, ChildFacts],
    tier_days: Mapping[str, int],
    now: datetime,
    today: date,
    release: int = 1,
    lots: Lots | None = None,
    keys_of: KeysOf = only_itself,
) -> Opened:
    """Raise these alerts: open a case for each child, or join the one that is open.

    `tier_days` gives each tier's working days until contact, the most pressing tier first. Alerts raised
    before are passed over. The round must have been opened. Without `lots` no case is drawn to ask for an
    own view. A case that `keys_of` finds under another key of the child is the child's.
    """
    given = list(alerts)
    fresh: dict[str, dict[str, Alert]] = {}
    for alert in given:
        once = once_key(round_id, alert)
        if session.scalar(select(AlertRow.id).where(AlertRow.once == once)) is None:
            fresh.setdefault(alert.child_key, {})[once] = alert
    opened = 0
    for child_key, child_alerts in fresh.items():
        place = _place(list(child_alerts.values()), tier_days, today)
        case = open_case_of_person(session, keys_of(child_key))
        if case is None:
            facts = children.get(child_key, ChildFacts())
            drawn = lots.draw() if lots and _may_be_drawn(child_alerts.values()) else None
            case = _open(session, child_alerts, facts, place, drawn, now, today)
            opened += 1
        else:
            _join(session, case, place, children.get(child_key, ChildFacts()).household, now, today)
        for once, alert in child_alerts.items():
            _raise_alert(session, once, alert, case, round_id, now, today)
    raised = sum(len(child_alerts) for child_alerts in fresh.values())
    _note_release(session, round_id, release, raised, opened, now)
    return Opened(alerts=raised, opened=opened, joined=len(fresh) - opened, known_before=len(given) - raised)


def _may_be_drawn(alerts: Iterable[Alert]) -> bool:
    """Only what a screener ranked: an audit draw has its order already, and nothing urgent is hidden."""
    return all(alert.lane is Lane.MODEL and not alert.blind for alert in alerts)


def once_key(round_id: str, alert: Alert) -> str:
    """What makes an alert the same alert."""
    if alert.trigger_record is not None:
        return f"{alert.child_key}|{alert.trigger}|{alert.trigger_record}"
    return f"{round_id}|{alert.child_key}|{alert.lane.value}|{alert.screener}"


def _digest(*words: str) -> bytes:
    return hashlib.sha256("|".join(words).encode()).digest()


def _place(alerts: Sequence[Alert], tier_days: Mapping[str, int], today: date) -> _Place:
    order = list(tier_days)
    tiers = [order.index(alert.tier) for alert in alerts if alert.tier is not None and alert.tier in order]
    ranks = [alert.rank for alert in alerts if alert.rank is not None]
    blind = any(alert.blind for alert in alerts) and not any(alert.lane in _PRESSING for alert in alerts)
    return _Place(
        queue_class=min(_QUEUE_CLASS[alert.lane] for alert in alerts),
        tier_order=min(tiers, default=len(order)),
        due=due_after(today, min(_due_days(alert, tier_days) for alert in alerts)),
        rank=None if blind else min(ranks, default=None),
        tier=order[min(tiers)] if tiers else None,
        blind=blind,
        pressing=any(alert.lane in _PRESSING for alert in alerts),
    )


def _due_days(alert: Alert, tier_days: Mapping[str, int]) -> int:
    """Working days until contact: a duty to report is due today, others as policy or their tier says.

    Without either, triggers and requests have the tightest clock and the rest the widest.
    """
    if alert.trigger in REPORT_DUTY:
        return 0
    if alert.due_days is not None:
        return alert.due_days
    if alert.tier is not None and alert.tier in tier_days:
        return tier_days[alert.tier]
    return min(tier_days.values()) if alert.lane in _PRESSING else max(tier_days.values())


def _open(
    session: Session,
    alerts: Mapping[str, Alert],
    facts: ChildFacts,
    place: _Place,
    drawn: str | None,
    now: datetime,
    today: date,
) -> Case:
    hidden = place.blind or drawn == DECIDE_FIRST
    once, alert = next(iter(alerts.items()))
    case = Case(
        # Ids stand in addresses: short, lower case, and nothing of the child to be read from them.
        id=b32encode(_digest("case", once)).decode().lower()[:10],
        child_key=alert.child_key,
        area_code=facts.area_code,
        age_years=facts.age_years,
        stage=facts.stage,
        status=Status.WAITING.value,
        version=1,
        queue_class=place.queue_class,
        tier=place.tier,
        tier_order=place.tier_order,
        # A case whose reasons are hidden has no rank, since an audit draw has none.
        rank=None if drawn == DECIDE_FIRST else place.rank,
        due_on=place.due.on,
        due_provisional=place.due.provisional,
        as_of=alert.as_of,
        reveal_after_view=hidden,
        asks_view=hidden or drawn is not None,
        view_order=drawn,
        household=facts.household,
        opened_at=now,
        entry=1,
        entered_on=today,
    )
    session.add(case)
    session.flush()
    order = DECIDE_FIRST if hidden else drawn
    detail = None if order is None else {"order": order}
    audit.write(session, actor=audit.SYSTEM, verb="open_case", subject=case.id, now=now, detail=detail)
    return case


def _join(
    session: Session, case: Case, place: _Place, household: str | None, now: datetime, today: date
) -> None:
    case.queue_class = min(case.queue_class, place.queue_class)
    case.asleep_until = None
    case.household = household or case.household
    if place.tier_order < case.tier_order:
        case.tier_order, case.tier = place.tier_order, place.tier
    begun = case.status != Status.WAITING.value or case.contacted_on is not None
    if begun and place.queue_class == _QUEUE_CLASS[Lane.TRIGGER]:
        _begin_again(case, place, today)
    elif place.due.on < case.due_on:
        case.due_on, case.due_provisional = place.due.on, place.due.provisional
    ranks = [rank for rank in (case.rank, place.rank) if rank is not None]
    case.rank = min(ranks, default=None)
    if place.pressing:
        case.reveal_after_view, case.asks_view, case.view_order = False, False, None
    # Whoever has the page open must see the new alert before the next step.
    case.version += 1
    session.flush()
    audit.write(session, actor=audit.SYSTEM, verb="join_case", subject=case.id, now=now)


def _begin_again(case: Case, place: _Place, today: date) -> None:
    """Somebody must be reached after this trigger before the case can end; whoever holds it goes on."""
    if case.status == Status.SECOND_REVIEW.value:
        case.status, case.holder_id, case.second, case.ending = Status.WAITING.value, None, None, None
    elif case.status not in (Status.WAITING.value, Status.CLAIMED.value):
        case.status = Status.CONTACTING.value
    case.entry, case.entered_on, case.contacted_on = case.entry + 1, today, None
    case.due_on, case.due_provisional = place.due.on, place.due.provisional


def _raise_alert(
    session: Session, once: str, alert: Alert, case: Case, round_id: str, now: datetime, today: date
) -> None:
    session.add(
        AlertRow(
            once=once,
            round_id=round_id,
            case_id=case.id,
            child_key=alert.child_key,
            as_of=alert.as_of,
            lane=alert.lane.value,
            screener=alert.screener,
            rank=alert.rank,
            draw_probability=alert.draw_probability,
            trigger=alert.trigger,
            trigger_record=alert.trigger_record,
            tier=alert.tier,
            screening_key=alert.screening,
            raised_at=now,
        )
    )
    outbox.put(
        session,
        source="alerts",
        record={
            "record_id": "a" + _digest("alert", once).hex()[:23],
            "child_key": alert.child_key,
            "occurred_on": today.isoformat(),
            "lane": alert.lane.value,
            "draw_probability": alert.draw_probability,
            "case_id": case.id,
        },
        now=now,
    )
    session.flush()


def _note_release(
    session: Session, round_id: str, number: int, alerts: int, opened: int, now: datetime
) -> None:
    row = session.get(Release, (round_id, number))
    if row is None:
        session.add(Release(round_id=round_id, number=number, released_at=now, alerts=alerts, cases=opened))
    else:
        row.alerts += alerts
        row.cases += opened
    audit.write(
        session,
        actor=audit.SYSTEM,
        verb="release",
        subject=round_id,
        now=now,
        detail={"number": number, "alerts": alerts, "cases": opened},
    )
