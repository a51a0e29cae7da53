"""How the queue stands, in numbers for /metrics: counts and ages by declared names, never by person or place.

Read from the store whenever somebody asks, so it is the same whichever process answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from serving.review import queries, round_tallies
from serving.review.case import Status
from serving.review.checking import newest_look
from serving.review.machine_tables import WebhookMessage
from serving.review.tables import AlertRow, Case, OutboxRow, Release, ScreeningRow
from serving.review.worker_turns import turns


@dataclass(frozen=True)
class Gauge:
    """One number: the name of what it measures, what it is now, and its labels' values in their order."""

    name: str
    value: float
    labels: tuple[str, ...] = ()


def of_store(session: Session, now: datetime, today: date) -> list[Gauge]:
    """Everything the store can tell."""
    return [*_of_queue(session, now, today), *_of_messages(session, now), *_of_round(session, now)]


def _of_queue(session: Session, now: datetime, today: date) -> Iterator[Gauge]:
    counted = session.execute(select(Case.status, func.count()).group_by(Case.status)).all()
    by_status = {row[0]: row[1] for row in counted}
    for status in Status:
        yield Gauge("miaohu_cases", by_status.get(status.value, 0), (status.value,))
    open_cases = Case.status != Status.CLOSED.value
    lanes = session.execute(
        select(AlertRow.lane, func.count())
        .join(Case, Case.id == AlertRow.case_id)
        .where(open_cases)
        .group_by(AlertRow.lane)
    )
    for row in lanes:
        yield Gauge("miaohu_open_alerts", row[1], (row[0],))
    overdue = select(func.count()).select_from(Case).where(open_cases, Case.due_on < today)
    yield Gauge("miaohu_overdue_cases", session.scalar(overdue) or 0)
    oldest = select(func.min(Case.opened_at)).where(open_cases, Case.holder_id.is_(None))
    yield Gauge("miaohu_queue_age_seconds", _age(session.scalar(oldest), now))


def _of_messages(session: Session, now: datetime) -> Iterator[Gauge]:
    waiting = WebhookMessage.next_at.is_not(None)
    count, oldest = session.execute(
        select(func.count(), func.min(WebhookMessage.occurred_at)).where(waiting)
    ).one()
    yield Gauge("miaohu_webhooks_waiting", count)
    yield Gauge("miaohu_webhook_lag_seconds", _age(oldest, now))
    dead = select(func.count()).select_from(WebhookMessage).where(WebhookMessage.dead_at.is_not(None))
    yield Gauge("miaohu_webhooks_dead", session.scalar(dead) or 0)
    unpublished = select(func.count(), func.min(OutboxRow.created_at)).where(OutboxRow.published_at.is_(None))
    count, oldest = session.execute(unpublished).one()
    yield Gauge("miaohu_unpublished_records", count)
    yield Gauge("miaohu_unpublished_age_seconds", _age(oldest, now))


def _of_round(session: Session, now: datetime) -> Iterator[Gauge]:
    newest = queries.newest_round(session)
    if newest is not None:
        counted = session.execute(
            select(ScreeningRow.screener, func.count())
            .where(ScreeningRow.round_id == newest.id)
            .group_by(ScreeningRow.screener)
        )
        for row in counted:
            yield Gauge("miaohu_round_screenings", row[1], (row[0],))
    for said in round_tallies.abstentions(session):
        labels = (said.as_of.isoformat(), said.screener, said.reason)
        yield Gauge("miaohu_round_abstentions", said.number, labels)
    released = session.scalar(select(func.max(Release.released_at)))
    if released is not None:
        yield Gauge("miaohu_release_age_seconds", _age(released, now))
    stand = turns(session)
    if stand is not None:
        yield Gauge("miaohu_worker_turn_age_seconds", _age(stand.since, now))
        yield Gauge("miaohu_worker_cut_off", float(stand.cut_off_by != ""))
    look = newest_look(session)
    if look is not None:
        yield Gauge("miaohu_log_look_age_seconds", _age(look.checked_at, now))
        yield Gauge("miaohu_log_whole", float(look.fault is None))


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
