"""Who is told of what: receivers, and messages written in the transaction of the step that made them.

A message holds ids and a time, nothing else. It is kept until it was taken, or until nobody took it for
some three days: then it is dead, is listed, and can be sent again by hand.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from features.language import Text, Worded
from serving.addresses import AddressRefused, check_url
from serving.review import audit
from serving.review.case import Refused
from serving.review.machine_tables import WebhookEndpoint, WebhookMessage, WebhookSecret
from serving.review.tables import Case

# After the first attempt so long until the next, each a fifth shorter or longer by lot: some 76 hours.
SCHEDULE: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2
_LONGEST = max(SCHEDULE) * (1 + JITTER)


class Event(Worded):
    """What receivers may be told of. The values are stored and sent."""

    ALERT_RAISED = ("alert.raised", "产生关注提示", "An alert was raised")
    DISPOSITION_RECORDED = ("disposition.recorded", "作出结论", "A review concluded on a risk")
    CASE_CLOSED = ("case.closed", "个案结案", "A case was closed")
    SCORE_SUPERSEDED = (
        "score.superseded",
        "评分已被更正取代",
        "A score given before no longer stands; ask for a new one",
    )


@dataclass(frozen=True)
class Due:
    """One message to send now."""

    id: str
    endpoint_id: str
    url: str
    internal: bool
    event: str
    case_id: str | None
    child_key: str
    occurred_at: datetime


@dataclass(frozen=True)
class Tried:
    """What came of sending a message: an HTTP status, or a word for what went wrong before one."""

    id: str
    result: str

    @property
    def taken(self) -> bool:
        """Whether the receiver took the message."""
        return len(self.result) == 3 and self.result.startswith("2")


def add(
    session: Session,
    *,
    url: str,
    title: str,
    events: Sequence[str],
    area_prefix: str,
    internal: bool,
    now: datetime,
    actor: str = audit.SYSTEM,
) -> str:
    """Register a receiver and return its id. Refused if the address or the events cannot be."""
    known = [event.value for event in Event]
    if not events or not set(events) <= set(known):
        raise Refused(Text(f"可用的事件：{'、'.join(known)}。", f"The events there are: {', '.join(known)}."))
    if not (area_prefix == "" or area_prefix.isdigit()):
        raise Refused(
            Text(
                "区域应为行政区划代码，或留空表示全部。", "The area is an area code, or empty for everywhere."
            )
        )
    try:
        check_url(url, internal=internal)
    except AddressRefused as refused:
        raise Refused(refused.sentence) from None
    endpoint_id = "w" + hashlib.sha256(f"{url}|{now.isoformat()}".encode()).hexdigest()[:12]
    session.add(
        WebhookEndpoint(
            id=endpoint_id,
            url=url,
            title=title,
            events=list(events),
            area_prefix=area_prefix,
            internal=internal,
            created_at=now,
        )
    )
    session.flush()
    session.add(WebhookSecret(endpoint_id=endpoint_id, number=1, created_at=now))
    audit.write(
        session,
        actor=actor,
        verb="add_webhook",
        subject=endpoint_id,
        now=now,
        detail={"events": " ".join(events), "area_prefix": area_prefix, "internal": internal},
    )
    return endpoint_id


def rotate(
    session: Session, endpoint_id: str, *, keep_until: datetime, now: datetime, actor: str = audit.SYSTEM
) -> int:
    """A new secret, whose number is returned; the older ones sign beside it until `keep_until`.

    KeyError if there is no such receiver.
    """
    if session.get(WebhookEndpoint, endpoint_id) is None:
        raise KeyError(endpoint_id)
    numbers = []
    for row in session.scalars(select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id)):
        numbers.append(row.number)
        row.expires_at = keep_until if row.expires_at is None else min(row.expires_at, keep_until)
    session.add(WebhookSecret(endpoint_id=endpoint_id, number=max(numbers) + 1, created_at=now))
    audit.write(session, actor=actor, verb="rotate_webhook_secret", subject=endpoint_id, now=now)
    return max(numbers) + 1


def disable(session: Session, endpoint_id: str, *, now: datetime, actor: str = audit.SYSTEM) -> None:
    """Tell a receiver nothing more; what it was not told yet is dead. KeyError if there is none."""
    endpoint = session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise KeyError(endpoint_id)
    endpoint.disabled_at = now
    for message in session.scalars(
        select(WebhookMessage).where(
            WebhookMessage.endpoint_id == endpoint_id, WebhookMessage.next_at.is_not(None)
        )
    ):
        message.next_at, message.dead_at = None, now
    audit.write(session, actor=actor, verb="disable_webhook", subject=endpoint_id, now=now)


def secret(key: bytes, endpoint_id: str, number: int) -> bytes:
    """A receiver's secret of this number, made from the key file: none lies in the database."""
    return hmac.new(key, f"webhook:{endpoint_id}:{number}".encode(), hashlib.sha256).digest()


def live_secrets(session: Session, key: bytes, endpoint_id: str, *, now: datetime) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    rows = session.scalars(
        select(WebhookSecret)
        .where(WebhookSecret.endpoint_id == endpoint_id)
        .order_by(WebhookSecret.number.desc())
    )
    return [
        secret(key, endpoint_id, row.number) for row in rows if row.expires_at is None or row.expires_at > now
    ]


def announce(
    session: Session, event: Event, *, once: str, child_key: str, case_id: str | None, now: datetime
) -> int:
    """Leave a message for every receiver of this event and area, in the caller's transaction; how many.

    `once` names what happened: announced twice at one moment, it is one message.
    """
    area_code = "" if case_id is None else session.scalar(select(Case.area_code).where(Case.id == case_id))
    told = 0
    for endpoint in session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.disabled_at.is_(None))):
        if event.value not in endpoint.events or not (area_code or "").startswith(endpoint.area_prefix):
            continue
        said = f"{endpoint.id}|{event.value}|{once}|{now.isoformat()}"
        message_id = "msg_" + hashlib.sha256(said.encode()).hexdigest()[:32]
        if session.get(WebhookMessage, message_id) is not None:
            continue
        session.add(
            WebhookMessage(
                id=message_id,
                endpoint_id=endpoint.id,
                event=event.value,
                case_id=case_id,
                child_key=child_key,
                occurred_at=now,
                attempts=0,
                next_at=now,
            )
        )
        told += 1
    return told


def due(session: Session, *, now: datetime, limit: int) -> list[Due]:
    """The messages to send now, the longest waiting first.

    One put off further than any is was written by a clock that has gone back since, and is due.
    """
    rows = session.execute(
        select(
            WebhookMessage.id,
            WebhookEndpoint.id,
            WebhookEndpoint.url,
            WebhookEndpoint.internal,
            WebhookMessage.event,
            WebhookMessage.case_id,
            WebhookMessage.child_key,
            WebhookMessage.occurred_at,
        )
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookMessage.endpoint_id)
        .where(or_(WebhookMessage.next_at <= now, WebhookMessage.next_at > now + _LONGEST))
        .order_by(WebhookMessage.next_at, WebhookMessage.id)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


def note(session: Session, tried: Sequence[Tried], *, now: datetime, rng: Random) -> int:
    """Write down what came of sending these; how many died. A receiver that says 410 is told no more.

    Those that were taken, nearly all, are written in one statement for each status.
    """
    taken: dict[str, list[str]] = {}
    others: dict[str, str] = {}
    for one in tried:
        if one.taken:
            taken.setdefault(one.result, []).append(one.id)
        else:
            others[one.id] = one.result
    for result, ids in taken.items():
        session.execute(
            update(WebhookMessage)
            .where(WebhookMessage.id.in_(ids))
            .values(attempts=WebhookMessage.attempts + 1, last_result=result, next_at=None, delivered_at=now)
            .execution_options(synchronize_session=False)
        )
    died = 0
    rows = session.scalars(select(WebhookMessage).where(WebhookMessage.id.in_(list(others)))).all()
    for message in rows:
        message.attempts, message.last_result = message.attempts + 1, others[message.id]
        message.next_at = next_try(message.attempts, now, rng)
        if message.next_at is None:
            message.dead_at = now
            died += 1
        if message.last_result == "410":
            session.flush()
            disable(session, message.endpoint_id, now=now)
    return died


def next_try(attempts: int, now: datetime, rng: Random) -> datetime | None:
    """When to send again after so many attempts; None if enough was tried."""
    if attempts > len(SCHEDULE):
        return None
    return now + SCHEDULE[attempts - 1] * rng.uniform(1 - JITTER, 1 + JITTER)


def waiting(session: Session) -> dict[str, int]:
    """How many messages wait for each receiver."""
    rows = session.execute(
        select(WebhookMessage.endpoint_id, func.count())
        .where(WebhookMessage.next_at.is_not(None))
        .group_by(WebhookMessage.endpoint_id)
    )
    return {row[0]: row[1] for row in rows}


def dead(session: Session) -> list[WebhookMessage]:
    """The messages nobody took, oldest first."""
    return list(
        session.scalars(
            select(WebhookMessage)
            .where(WebhookMessage.dead_at.is_not(None))
            .order_by(WebhookMessage.occurred_at, WebhookMessage.id)
        )
    )


def replay(session: Session, name: str, *, now: datetime, actor: str = audit.SYSTEM) -> int:
    """Send again, under the same id, one message or all dead ones of a receiver; how many.

    KeyError if there is nothing of this name, or its receiver is no longer told anything.
    """
    message = session.get(WebhookMessage, name)
    endpoint = session.get(WebhookEndpoint, name if message is None else message.endpoint_id)
    if endpoint is None or endpoint.disabled_at is not None:
        raise KeyError(name)
    chosen = [message] if message is not None else [one for one in dead(session) if one.endpoint_id == name]
    for one in chosen:
        one.attempts, one.next_at, one.dead_at, one.delivered_at = 0, now, None, None
    audit.write(
        session, actor=actor, verb="replay_webhooks", subject=name, now=now, detail={"messages": len(chosen)}
    )
    return len(chosen)
