"""Messages that no receiver took: which receiver, since when, what it answered last, and sending them again.

Of a message its id, event and fate are told, and of a receiver its host: no payload, no path of its address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from serving.review import webhooks
from serving.review.acting import NotFound
from serving.review.case import Role
from serving.review.machine_tables import WebhookEndpoint, WebhookMessage
from serving.review.permissions import Actor

# Who answers for how the work of an area goes, and who checks it.
READERS = frozenset({Role.MANAGER, Role.AUDITOR})
SENDERS = frozenset({Role.MANAGER})
PART = 100


@dataclass(frozen=True)
class Message:
    """One message that nobody took."""

    id: str
    event: str
    made_at: datetime
    tries: int
    last_answer: str


@dataclass(frozen=True)
class Receiver:
    """A receiver and the messages it did not take: the first of them, and how many there are."""

    id: str
    title: str
    host: str
    closed: bool
    count: int
    messages: tuple[Message, ...]


def receivers(session: Session, actor: Actor) -> tuple[Receiver, ...]:
    """The receivers of the actor's area with messages they did not take."""
    counts = session.execute(
        select(WebhookEndpoint, func.count())
        .join(WebhookMessage, WebhookMessage.endpoint_id == WebhookEndpoint.id)
        .where(WebhookMessage.dead_at.is_not(None))
        .group_by(WebhookEndpoint.id)
        .order_by(WebhookEndpoint.id)
    ).all()
    return tuple(
        Receiver(
            one.id, one.title, urlsplit(one.url).hostname or "", one.disabled_at is not None, count,
            _first(session, one.id),
        )
        for one, count in counts
        if _is_near(actor, one)
    )  # fmt: skip


def send_again(session: Session, *, actor: Actor, endpoint_id: str, now: datetime) -> int:
    """Send everything again that a receiver did not take; how many. Raises NotFound."""
    endpoint = session.get(WebhookEndpoint, endpoint_id)
    if actor.role not in SENDERS or endpoint is None or not _is_near(actor, endpoint):
        raise NotFound(endpoint_id)
    try:
        return webhooks.replay(session, endpoint_id, now=now, actor=actor.account_id)
    except KeyError:
        raise NotFound(endpoint_id) from None


def _is_near(actor: Actor, endpoint: WebhookEndpoint) -> bool:
    """A receiver is told of an area; whoever answers for a part of it or for more sees what it missed."""
    mine, its = actor.area_prefix, endpoint.area_prefix
    return its.startswith(mine) or mine.startswith(its)


def _first(session: Session, endpoint_id: str) -> tuple[Message, ...]:
    rows: Sequence[WebhookMessage] = session.scalars(
        select(WebhookMessage)
        .where(WebhookMessage.dead_at.is_not(None), WebhookMessage.endpoint_id == endpoint_id)
        .order_by(WebhookMessage.occurred_at, WebhookMessage.id)
        .limit(PART)
    ).all()
    return tuple(
        Message(row.id, row.event, row.occurred_at, row.attempts, row.last_result or "") for row in rows
    )
