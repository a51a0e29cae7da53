"""Accounts, their passwords (Argon2id) and their sessions.

A session's token is known to the browser only; we keep its hash. After several failures an account
pauses. Unknown name, wrong password, closed and paused account all get the same answer after the same
work: whoever guesses learns neither who exists nor that a guess was right.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit
from serving.review.access_tables import OpeningRow
from serving.review.case import Refused, Role, coded
from serving.review.permissions import Actor
from serving.review.tables import Account, WebSession

ATTEMPTS = 5
LOCKED_FOR = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=8)
PASSWORD_LENGTH = 12

WRONG = Text(
    f"用户名或密码不对。连续输错 {ATTEMPTS} 次，账号会暂停 15 分钟。",
    f"The user name or the password is not right. After {ATTEMPTS} failures the account waits 15 minutes.",
)

# The least setting OWASP gives for Argon2id: some 20 ms and 19 MiB for a sign-in, on small machines too.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    """Verified for unknown names, so that they take as long to refuse as known ones."""
    return _HASHER.hash("nobody has this password")


@dataclass(frozen=True)
class SignedIn:
    """Who a session belongs to, and the token its forms must carry."""

    actor: Actor
    display_name: str
    csrf_token: str


def digest(token: str) -> str:
    """What we keep of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def create(
    session: Session,
    *,
    username: str,
    display_name: str,
    role: Role,
    area_prefix: str,
    password: str,
    now: datetime,
    actor: str = audit.SYSTEM,
    account_id: str | None = None,
    hasher: PasswordHasher = _HASHER,
) -> Account:
    """A new account. Refused if the name is taken or blank, or the password too short.

    Another `hasher` is for accounts whose password guards nothing: a hash is verified as it was made.
    """
    username = username.strip()
    if not username or not display_name.strip():
        raise Refused(Text("请填写用户名和显示名称。", "Give a user name and a display name."), "username")
    _check_length(password)
    if not (area_prefix == "" or area_prefix.isdigit()):
        raise Refused(
            Text(
                "区域应为行政区划代码，或留空表示全部。", "The area is an area code, or empty for everywhere."
            ),
            "area_prefix",
        )
    if session.scalar(select(Account).where(Account.username == username)) is not None:
        raise Refused(Text("这个用户名已被使用。", "This user name is taken."), "username")
    account = Account(
        id=account_id or "u" + digest(f"account:{username}")[:12],
        username=username,
        display_name=display_name.strip(),
        role=role.value,
        area_prefix=area_prefix,
        password_hash=hasher.hash(password),
        failed_attempts=0,
        created_at=now,
    )
    session.add(account)
    session.flush()
    audit.write(
        session,
        actor=actor,
        verb="create_account",
        subject=account.id,
        now=now,
        detail={"role": role.value, "area_prefix": area_prefix},
    )
    return account


def actor_of(account: Account) -> Actor:
    """The account as the rules know it."""
    return Actor(account.id, coded(Role, account.role), account.area_prefix)


def disable(session: Session, *, account_id: str, now: datetime, actor: str = audit.SYSTEM) -> None:
    """Close an account: it can sign in no more, and its sessions end. KeyError if there is none."""
    account = session.get(Account, account_id)
    if account is None:
        raise KeyError(account_id)
    account.disabled_at = now
    for row in session.scalars(
        select(WebSession).where(WebSession.account_id == account_id, WebSession.ended_at.is_(None))
    ):
        row.ended_at = now
    audit.write(session, actor=actor, verb="disable_account", subject=account_id, now=now)


def set_password(
    session: Session, *, account_id: str, password: str, now: datetime, actor: str = audit.SYSTEM
) -> None:
    """Give an account a new password: its sessions end, and a wait after failures is over."""
    account = session.get_one(Account, account_id)
    _check_length(password)
    account.password_hash = _HASHER.hash(password)
    account.failed_attempts, account.locked_until = 0, None
    for row in session.scalars(
        select(WebSession).where(WebSession.account_id == account_id, WebSession.ended_at.is_(None))
    ):
        row.ended_at = now
    audit.write(session, actor=actor, verb="set_password", subject=account_id, now=now)


def _check_length(password: str) -> None:
    if len(password) < PASSWORD_LENGTH:
        raise Refused(
            Text(
                f"密码至少需要 {PASSWORD_LENGTH} 个字符。",
                f"A password needs at least {PASSWORD_LENGTH} characters.",
            ),
            "password",
        )


def has_password(session: Session, *, username: str, password: str) -> bool:
    """Whether this is the account's password; False for an unknown name, after the same work.

    Takes its time by design, so it is asked in a reading session: nobody waits for the write lock meanwhile.
    """
    account = session.scalar(select(Account).where(Account.username == username.strip()))
    return _matches(_nobody() if account is None else account.password_hash, password)


def sign_in(
    session: Session, *, username: str, right: bool, token: str, csrf_token: str, now: datetime
) -> Text | None:
    """Open a session for this token if `has_password` was `right`. Returns None, or why not.

    It returns rather than raises, so that the caller's transaction keeps the count of failures.
    """
    account = session.scalar(select(Account).where(Account.username == username.strip()))
    if account is None or account.disabled_at is not None:
        return WRONG
    if account.locked_until is not None and account.locked_until > now:
        return WRONG
    if not right:
        account.failed_attempts += 1
        if account.failed_attempts >= ATTEMPTS:
            account.failed_attempts = 0
            account.locked_until = now + LOCKED_FOR
            audit.write(session, actor=account.id, verb="lock_account", subject=account.id, now=now)
        return WRONG
    account.failed_attempts = 0
    account.locked_until = None
    begin_session(session, account, token=token, csrf_token=csrf_token, now=now, by="password")
    return None


def begin_session(
    session: Session, account: Account, *, token: str, csrf_token: str, now: datetime, by: str
) -> None:
    """Let the holder of this token act for the account, since it was shown `by` what whose it is."""
    session.add(
        WebSession(
            token_hash=digest(token),
            account_id=account.id,
            csrf_token=csrf_token,
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )
    audit.write(session, actor=account.id, verb="sign_in", subject=account.id, now=now, detail={"by": by})


def signed_in(session: Session, *, token: str, now: datetime) -> SignedIn | None:
    """Whose session this token is, or None if it is unknown, ended or over."""
    row = session.get(WebSession, digest(token))
    if row is None or row.ended_at is not None or row.expires_at <= now:
        return None
    account = session.get_one(Account, row.account_id)
    if account.disabled_at is not None:
        return None
    actor = replace(actor_of(account), opened=opened_for_now(session, account.id, now))
    return SignedIn(actor, account.display_name, row.csrf_token)


def opened_for_now(session: Session, account_id: str, now: datetime) -> frozenset[str]:
    """The cases this account has opened in an emergency, until their time is over."""
    return frozenset(
        session.scalars(
            select(OpeningRow.case_id).where(OpeningRow.account_id == account_id, OpeningRow.until > now)
        )
    )


def sign_out(session: Session, *, token: str, now: datetime) -> None:
    """End the session of this token; one that has ended stays ended."""
    row = session.get(WebSession, digest(token))
    if row is not None and row.ended_at is None:
        row.ended_at = now
        audit.write(session, actor=row.account_id, verb="sign_out", subject=row.account_id, now=now)


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False
