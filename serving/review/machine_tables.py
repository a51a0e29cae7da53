"""The tables of the machine side: answers kept for retries, tokens, and webhooks with their messages.

Same rules as in `tables`. No secret lies here: a webhook's secrets are made anew from a key file whenever
they are needed, and only their numbers are kept.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped

from serving.review.tables import Table, personal, plain


class KeptAnswer(Table):
    """What a write was answered with, so that the same write sent again is answered and not done again.

    `id` is a digest of the client and its Idempotency-Key, `asked` one of everything else that was sent.
    """

    __tablename__ = "kept_answers"

    id: Mapped[str] = plain(primary_key=True)
    asked: Mapped[str] = plain()
    status: Mapped[int] = plain(Integer)
    etag: Mapped[str | None] = plain()
    body: Mapped[str] = personal(Text)
    kept_at: Mapped[datetime] = plain(index=True)


class AccessToken(Table):
    """A short-lived token that a client got for its key. The token is kept nowhere."""

    __tablename__ = "access_tokens"

    token_hash: Mapped[str] = plain(primary_key=True)
    key_id: Mapped[str] = plain(ForeignKey("api_keys.id"), index=True)
    scopes: Mapped[list[str]] = plain()
    issued_at: Mapped[datetime] = plain()
    expires_at: Mapped[datetime] = plain(index=True)


class RoundTally(Table):
    """How many screenings of a round spoke, or declined for this reason; counted with each that is kept."""

    __tablename__ = "round_tallies"

    round_id: Mapped[str] = plain(primary_key=True)
    screener: Mapped[str] = plain(primary_key=True)
    said: Mapped[str] = plain(primary_key=True)
    number: Mapped[int] = plain(Integer)


class WorkerTurn(Table):
    """When the worker last did a whole turn, and what cut off the newest since; one row."""

    __tablename__ = "worker_turns"

    id: Mapped[int] = plain(Integer, primary_key=True)
    ended_at: Mapped[datetime | None] = plain()
    # A kind of error and a line of ours, empty if the newest turn was whole.
    cut_off_by: Mapped[str] = plain()


class WebhookEndpoint(Table):
    """A receiver that an administrator registered, what it is told, and of which area."""

    __tablename__ = "webhook_endpoints"

    id: Mapped[str] = plain(primary_key=True)
    url: Mapped[str] = plain()
    title: Mapped[str] = plain()
    events: Mapped[list[str]] = plain()
    area_prefix: Mapped[str] = plain()
    # Registered by name as standing inside: a private or loopback address is then no reason to refuse.
    internal: Mapped[bool] = plain()
    created_at: Mapped[datetime] = plain()
    disabled_at: Mapped[datetime | None] = plain()


class WebhookSecret(Table):
    """The number of one secret of a receiver; the secret itself is derived from it and a key file."""

    __tablename__ = "webhook_secrets"

    endpoint_id: Mapped[str] = plain(ForeignKey("webhook_endpoints.id"), primary_key=True)
    number: Mapped[int] = plain(Integer, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = plain()
    # Signs until then beside the newer ones; null for the newest.
    expires_at: Mapped[datetime | None] = plain()


class WebhookMessage(Table):
    """One event for one receiver: written with the step that made it, kept until it was taken or is dead.

    `next_at` is null once nothing more will be tried.
    """

    __tablename__ = "webhook_messages"
    __table_args__ = (Index("ix_webhook_messages_due", "next_at", "endpoint_id"),)

    id: Mapped[str] = plain(primary_key=True)
    endpoint_id: Mapped[str] = plain(ForeignKey("webhook_endpoints.id"), index=True)
    event: Mapped[str] = plain()
    case_id: Mapped[str | None] = plain()
    child_key: Mapped[str] = personal()
    occurred_at: Mapped[datetime] = plain()
    attempts: Mapped[int] = plain(Integer, default=0)
    next_at: Mapped[datetime | None] = plain()
    delivered_at: Mapped[datetime | None] = plain()
    dead_at: Mapped[datetime | None] = plain()
    # The last attempt's HTTP status, or a word for what went wrong before there was one.
    last_result: Mapped[str | None] = plain()
