"""Accounts of people, made and closed by command: a password is shown once, or set by nobody ever again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from serving.review import accounts
from serving.review.case import Refused, Role, coded
from serving.review.store import Store
from serving.review.tables import Account

Say = Callable[[str], None]


def open_account(
    store: Store, username: str, name: str, role: str, area: str, password: str, now: datetime, say: Say
) -> int:
    """Make an account with this password; where people sign in at a provider only, nobody needs it."""
    try:
        with store.write() as session:
            accounts.create(
                session, username=username, display_name=name, role=coded(Role, role), area_prefix=area,
                password=password, now=now,
            )  # fmt: skip
    except Refused as refused:
        say(refused.sentence.en)
        return 1
    say(f"{username}: {role}, area {area or 'all'}")
    say(f"password (shown once, not kept in the clear): {password}")
    return 0


def close_account(store: Store, username: str, now: datetime, say: Say) -> int:
    """Close an account: it opens no more by password or provider, and its sessions end."""
    with store.write() as session:
        account = session.scalar(select(Account).where(Account.username == username))
        if account is None or account.disabled_at is not None:
            say(f"There is no open account {username}.")
            return 1
        accounts.disable(session, account_id=account.id, now=now)
    say(f"{username}: closed")
    return 0
