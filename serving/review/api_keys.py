"""Keys of case systems. We keep a key's hash and its first characters, never the key.

A key may be followed by another, and both open until the older one's time is up: a client changes over
without a gap. What a client does in the queue it does under an account of its own, `key:<client>`, which
nobody can sign in to, so that every step has somebody it was done by.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, bindparam, select
from sqlalchemy.orm import Session

from features.language import Text
from serving.callers import ACTING, KEY_BEGINS, Caller, KeyScope, account_id
from serving.review import accounts, audit
from serving.review.accounts import digest
from serving.review.case import Refused, Role
from serving.review.tables import Account, ApiKey

PREFIX_LENGTH = 12
SECRET_LENGTH = 32
ROLE = Role.CHILD_DIRECTOR  # the least that may work on a case
# Asked before every answer, so said once, and of the table: nobody changes what is found.
_KEYS = cast(Table, ApiKey.__table__).c
_OF_PREFIX = select(
    _KEYS.id, _KEYS.client_id, _KEYS.area_prefix, _KEYS.scopes, _KEYS.title, _KEYS.key_hash,
    _KEYS.revoked_at, _KEYS.expires_at,
).where(_KEYS.prefix == bindparam("prefix"))  # fmt: skip


def create(
    session: Session,
    *,
    title: str,
    secret: str,
    now: datetime,
    scopes: Sequence[str] = (KeyScope.SCORE.value,),
    area_prefix: str = "",
    actor: str = audit.SYSTEM,
    expires_at: datetime | None = None,
    client: str | None = None,
) -> str:
    """Register a key made from random `secret` and return it; it is shown this once.

    `client` is whose key it is if it follows another; `expires_at` when it stops, if it does.
    """
    if len(secret) < SECRET_LENGTH:
        raise Refused(
            Text(
                f"密钥至少需要 {SECRET_LENGTH} 个随机字符。",
                f"A key needs at least {SECRET_LENGTH} random characters.",
            )
        )
    known = [scope.value for scope in KeyScope]
    if not scopes or not set(scopes) <= set(known):
        raise Refused(
            Text(f"可用的权限范围：{'、'.join(known)}。", f"The scopes there are: {', '.join(known)}."),
            "scopes",
        )
    if not (area_prefix == "" or area_prefix.isdigit()):
        raise Refused(
            Text(
                "区域应为行政区划代码，或留空表示全部。", "The area is an area code, or empty for everywhere."
            ),
            "area_prefix",
        )
    key = KEY_BEGINS + secret
    key_id = "k" + digest(f"key:{key}")[:12]
    row = ApiKey(
        id=key_id,
        client_id=client or key_id,
        expires_at=expires_at,
        prefix=key[:PREFIX_LENGTH],
        key_hash=digest(key),
        title=title,
        scopes=list(scopes),
        area_prefix=area_prefix,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.write(
        session,
        actor=actor,
        verb="create_api_key",
        subject=row.id,
        now=now,
        detail={"client": row.client_id, "scopes": " ".join(row.scopes), "area_prefix": area_prefix},
    )
    if ACTING & set(row.scopes):
        _make_account(session, row, secret, now)
    return key


def _make_account(session: Session, row: ApiKey, secret: str, now: datetime) -> None:
    """Closed from the start, and with a password nobody has: it stands for a machine and never signs in."""
    if session.get(Account, account_id(row.client_id)) is not None:
        return
    account = accounts.create(
        session,
        username=account_id(row.client_id),
        display_name=row.title,
        role=ROLE,
        area_prefix=row.area_prefix,
        password=digest(f"nobody:{secret}"),
        now=now,
        account_id=account_id(row.client_id),
    )
    accounts.disable(session, account_id=account.id, now=now)


def rotate(
    session: Session,
    key_id: str,
    *,
    secret: str,
    now: datetime,
    keep_until: datetime,
    actor: str = audit.SYSTEM,
) -> str:
    """A new key for the client of this one, which goes on opening until `keep_until`; KeyError if it cannot.

    At most two keys of a client are live: one that was being kept from an earlier change ends now.
    """
    row = session.get(ApiKey, key_id)
    if row is None or not is_live(row, now):
        raise KeyError(key_id)
    others = session.scalars(
        select(ApiKey).where(
            ApiKey.client_id == row.client_id, ApiKey.id != row.id, ApiKey.revoked_at.is_(None)
        )
    ).all()
    for other in others:
        revoke(session, other.id, now=now, actor=actor)
    row.expires_at = keep_until if row.expires_at is None else min(row.expires_at, keep_until)
    return create(
        session,
        title=row.title,
        secret=secret,
        now=now,
        scopes=row.scopes,
        area_prefix=row.area_prefix,
        actor=actor,
        client=row.client_id,
    )


def is_live(row: ApiKey | Row[*tuple[Any, ...]], now: datetime) -> bool:
    """Whether a key opens anything now."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def caller(asked: Session | Connection, key: str, *, now: datetime) -> Caller | None:
    """Whose key this is; None if it is unknown, revoked or over. Only reads; see `note_use`."""
    row = asked.execute(_OF_PREFIX, {"prefix": key[:PREFIX_LENGTH]}).one_or_none()
    if row is None or not hmac.compare_digest(row.key_hash, digest(key)) or not is_live(row, now):
        return None
    return Caller(row.id, row.client_id, row.area_prefix, frozenset(row.scopes), row.title, row.expires_at)


def note_use(session: Session, key_id: str, *, now: datetime) -> None:
    """Write down that a key was used."""
    session.get_one(ApiKey, key_id).last_used_at = now


def revoke(session: Session, key_id: str, *, now: datetime, actor: str = audit.SYSTEM) -> None:
    """Make a key useless from now on; KeyError if there is none."""
    row = session.get(ApiKey, key_id)
    if row is None:
        raise KeyError(key_id)
    row.revoked_at = now
    audit.write(session, actor=actor, verb="revoke_api_key", subject=key_id, now=now)
