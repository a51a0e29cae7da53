"""Short-lived tokens that a case system gets for its key; a token's hash is kept, never the token.

A token opens no more than its key does now, and nothing once it is over or its key is revoked or over: the
key is looked at whenever the token is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from serving.callers import TOKEN_BEGINS, Caller, account_id
from serving.review import api_keys, audit
from serving.review.accounts import digest
from serving.review.machine_tables import AccessToken
from serving.review.tables import ApiKey

LASTS = timedelta(minutes=15)
ISSUED = "issue_token"
ENDED = "end_tokens"


@dataclass(frozen=True)
class Issued:
    """A token as it is shown, this once."""

    token: str
    scopes: tuple[str, ...]
    lasts: timedelta


def client_of(session: Session, client_id: str, key: str, *, now: datetime) -> Caller | None:
    """The client of this id if this is one of its live keys; one answer for all that is wrong."""
    found = api_keys.caller(session, key, now=now)
    return found if found is not None and found.client == client_id else None


def issue(session: Session, client: Caller, scopes: Collection[str], *, secret: str, now: datetime) -> Issued:
    """A token for some of what the client's key opens, made from random `secret`; ValueError for more."""
    if len(secret) < api_keys.SECRET_LENGTH or not scopes or not set(scopes) <= client.scopes:
        raise ValueError("A token opens some of what its key opens, and is made from a whole secret.")
    token, kept = TOKEN_BEGINS + secret, tuple(sorted(scopes))
    until = now + LASTS if client.expires_at is None else min(now + LASTS, client.expires_at)
    session.add(
        AccessToken(
            token_hash=digest(token), key_id=client.name, scopes=list(kept), issued_at=now, expires_at=until
        )
    )
    session.flush()
    audit.write(
        session, actor=account_id(client.client), verb=ISSUED, subject=client.name, now=now,
        detail={"scopes": " ".join(kept), "seconds": int((until - now).total_seconds())},
    )  # fmt: skip
    return Issued(token, kept, until - now)


def caller(session: Session, token: str, *, now: datetime) -> Caller | None:
    """Whose token this is; None if it is unknown or over, or its key opens nothing now. Only reads."""
    row = session.get(AccessToken, digest(token))
    if row is None or row.expires_at <= now:
        return None
    key = session.get(ApiKey, row.key_id)
    if key is None or not api_keys.is_live(key, now):
        return None
    opened = frozenset(row.scopes) & frozenset(key.scopes)
    return Caller(key.id, key.client_id, key.area_prefix, opened, key.title, row.expires_at)


def end(session: Session, key_id: str, *, now: datetime, actor: str = audit.SYSTEM) -> int:
    """End every token of a key, which goes on; how many were live. KeyError if there is no such key."""
    if session.get(ApiKey, key_id) is None:
        raise KeyError(key_id)
    ended = live(session, now=now).get(key_id, 0)
    session.execute(delete(AccessToken).where(AccessToken.key_id == key_id))
    audit.write(session, actor=actor, verb=ENDED, subject=key_id, now=now, detail={"tokens": ended})
    return ended


def live(session: Session, *, now: datetime) -> Mapping[str, int]:
    """How many tokens of each key are not over."""
    rows = session.execute(
        select(AccessToken.key_id, func.count())
        .where(AccessToken.expires_at > now)
        .group_by(AccessToken.key_id)
    )
    return {row[0]: row[1] for row in rows}


def forget(session: Session, *, now: datetime) -> None:
    """Let go of tokens that are over."""
    session.execute(delete(AccessToken).where(AccessToken.expires_at <= now))
