"""Signing in at a provider: attempts, each answered once, and the account that the provider's word opens.

The provider's word opens an account that is there and makes none: role and area are given here. A wait after
wrong passwords does not hold up who proved themselves elsewhere; a closed account stays closed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import accounts, audit
from serving.review.door_tables import SignInAttempt
from serving.review.tables import Account

ATTEMPT_LASTS = timedelta(minutes=10)
# As many attempts as wait for an answer; beyond it the oldest go, so that nobody can fill the store.
WAITING_AT_MOST = 10_000

NO_ACCOUNT = Text(
    "您已在统一身份认证处登录，但本系统没有为您开通账号，或账号已停用；请联系管理员。",
    "You signed in at the provider, but no account is open for you here; please ask your administrator.",
)


@dataclass(frozen=True)
class Attempt:
    """What the answer to a sign-in must fit, and where it leads on to."""

    nonce: str
    verifier: str
    onward: str


def begin(
    session: Session,
    *,
    state: str,
    browser: str,
    attempt: Attempt,
    now: datetime,
    at_most: int = WAITING_AT_MOST,
) -> None:
    """Keep an attempt until it is answered; those nobody answered go, and the oldest beyond `at_most`."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.expires_at <= now))
    oldest = select(SignInAttempt.state_hash).order_by(SignInAttempt.expires_at.desc()).offset(at_most - 1)
    session.execute(delete(SignInAttempt).where(SignInAttempt.state_hash.in_(oldest)))
    session.add(
        SignInAttempt(
            state_hash=accounts.digest(state),
            browser_hash=accounts.digest(browser),
            nonce=attempt.nonce,
            verifier=attempt.verifier,
            onward=attempt.onward,
            expires_at=now + ATTEMPT_LASTS,
        )
    )


def take(session: Session, *, state: str, browser: str, now: datetime) -> Attempt | None:
    """The attempt of this state, once and for the browser that began it; None for any other."""
    row = session.get(SignInAttempt, accounts.digest(state))
    if row is None or not hmac.compare_digest(row.browser_hash, accounts.digest(browser)):
        return None
    session.delete(row)
    return None if row.expires_at <= now else Attempt(row.nonce, row.verifier, row.onward)


def sign_in(session: Session, *, username: str, token: str, csrf_token: str, now: datetime) -> Text | None:
    """Open a session for whom the provider named. Returns None, or why not."""
    account = session.scalar(select(Account).where(Account.username == username))
    if account is None or account.disabled_at is not None:
        refuse(session, why="no_account", now=now, subject="provider" if account is None else account.id)
        return NO_ACCOUNT
    accounts.begin_session(session, account, token=token, csrf_token=csrf_token, now=now, by="provider")
    return None


def refuse(session: Session, *, why: str, now: datetime, subject: str = "provider") -> None:
    """Write down that the provider sent somebody who was not let in: a code, and no name."""
    audit.write(
        session, actor=audit.SYSTEM, verb="refuse_sign_in", subject=subject, now=now, detail={"why": why}
    )
