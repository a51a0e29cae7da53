"""One account for each role and one API key, with passwords made at random and shown once.

For trying the service out: whoever deploys it for real makes accounts one by one and names people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from serving.callers import KeyScope
from serving.review import accounts, api_keys
from serving.review.case import Role
from serving.review.tables import Account, ApiKey, Case

KEY_TITLE = "demo"

# The user name of each role, and how many digits of an area code it answers for.
_DEMO: tuple[tuple[Role, str, int], ...] = (
    (Role.CHILD_DIRECTOR, "director", 12),
    (Role.SUPERVISOR, "supervisor", 9),
    (Role.SCREENER, "screener", 0),
    (Role.ASSESSOR, "assessor", 0),
    (Role.MANAGER, "manager", 0),
    (Role.AUDITOR, "auditor", 0),
)


@dataclass(frozen=True)
class Shown:
    """What is shown once: user name, role and area with the password, and the API key."""

    rows: tuple[tuple[str, Role, str, str], ...]
    api_key: str


def exist(session: Session) -> bool:
    """Whether the demo accounts were made before."""
    names = [username for _, username, _ in _DEMO]
    return session.scalar(select(Account.id).where(Account.username.in_(names)).limit(1)) is not None


def make(session: Session, secret: Callable[[], str], now: datetime) -> Shown:
    """Make what is missing and give every demo account a new password; the old API key is revoked."""
    busiest = session.scalar(
        select(Case.area_code).group_by(Case.area_code).order_by(func.count().desc(), Case.area_code).limit(1)
    )
    rows = []
    for role, username, digits in _DEMO:
        password = secret()
        account = session.scalar(select(Account).where(Account.username == username))
        if account is None:
            account = accounts.create(
                session,
                username=username,
                display_name=role.title.zh,
                role=role,
                area_prefix=(busiest or "")[:digits],
                password=password,
                now=now,
            )
        else:
            accounts.set_password(session, account_id=account.id, password=password, now=now)
        rows.append((username, role, account.area_prefix, password))
    for key_id in session.scalars(
        select(ApiKey.id).where(ApiKey.title == KEY_TITLE, ApiKey.revoked_at.is_(None))
    ).all():
        api_keys.revoke(session, key_id, now=now)
    scopes = [scope.value for scope in KeyScope]
    key = api_keys.create(session, title=KEY_TITLE, secret=secret() + secret(), now=now, scopes=scopes)
    return Shown(tuple(rows), key)
