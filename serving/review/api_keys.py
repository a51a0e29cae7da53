"""Keys of case systems. We keep a key's hash and its first characters, never the key."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit
from serving.review.accounts import digest
from serving.review.case import Refused
from serving.review.tables import ApiKey

PREFIX_LENGTH = 12
SECRET_LENGTH = 32
SCOPES = ("score",)


@dataclass(frozen=True)
class Holder:
    """Who a key belongs to and what it opens."""

    id: str
    title: str
    scopes: tuple[str, ...]
    area_prefix: str


def create(
    session: Session,
    *,
    title: str,
    secret: str,
    now: datetime,
    scopes: Sequence[str] = SCOPES,
    area_prefix: str = "",
    actor: str = audit.SYSTEM,
) -> str:
    """Register a key made from random `secret` and return it; it is shown this once."""
    if len(secret) < SECRET_LENGTH:
        raise Refused(
            Text(
                f"密钥至少需要 {SECRET_LENGTH} 个随机字符。",
                f"A key needs at least {SECRET_LENGTH} random characters.",
            )
        )
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Refused(
            Text(f"可用的权限范围：{'、'.join(SCOPES)}。", f"The scopes there are: {', '.join(SCOPES)}."),
            "scopes",
        )
    key = f"mh_{secret}"
    row = ApiKey(
        id="k" + digest(f"key:{key}")[:12],
        prefix=key[:PREFIX_LENGTH],
        key_hash=digest(key),
        title=title,
        scopes=list(scopes),
        area_prefix=area_prefix,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.write(session, actor=actor, verb="create_api_key", subject=row.id, now=now)
    return key


def holder(session: Session, key: str) -> Holder | None:
    """Whose key this is, or None if it is unknown or revoked. Only reads; see `note_use`."""
    row = session.scalar(select(ApiKey).where(ApiKey.prefix == key[:PREFIX_LENGTH]))
    if row is None or not hmac.compare_digest(row.key_hash, digest(key)) or row.revoked_at is not None:
        return None
    return Holder(row.id, row.title, tuple(row.scopes), row.area_prefix)


def note_use(session: Session, key_id: str, *, now: datetime) -> None:
    """Write down that a key was used."""
    session.get_one(ApiKey, key_id).last_used_at = now


def revoke(session: Session, key_id: str, *, now: datetime, actor: str = audit.SYSTEM) -> None:
    """Make a key useless from now on."""
    session.get_one(ApiKey, key_id).revoked_at = now
    audit.write(session, actor=actor, verb="revoke_api_key", subject=key_id, now=now)
