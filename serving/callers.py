"""Who asks: the client of an API key or of a token for it, and what a key may open.

Pure; keys lie in `review.api_keys`, tokens in `review.tokens`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from features.language import Worded


class KeyScope(Worded):
    """What a key may open. The values are stored."""

    SCORE = ("score", "筛查评分", "Screen children on request")
    READ = ("read", "读取队列", "Read alerts, cases and what reviews concluded")
    WORK = ("work", "办理个案", "Take cases, and bring back contacts, visits and conclusions")
    RAISE = ("raise", "申报或转来", "Raise a child: a family's own declaration, or a worker's concern")
    SUPPORT = ("support", "服务、转介与一人一策", "Read and keep referrals, services and plans for a child")
    CORRECT = ("correct", "答复异议", "Answer objections for the department that delivered the record")
    TABLES = ("tables", "交换表格", "Ask for tables for other platforms, and bring their answers back")


# What a key and a short-lived token begin with.
KEY_BEGINS = "mh_"
TOKEN_BEGINS = "mt_"  # noqa: S105  # nosec B105  # what every token begins with, and no secret

# Whoever may do one of these does it as somebody: the client has an account.
ACTING = frozenset(scope.value for scope in KeyScope) - {KeyScope.SCORE.value, KeyScope.READ.value}


@dataclass(frozen=True)
class Caller:
    """A client with its key: `name` the key's, `client` what stays the same when keys change.

    `area_prefix` is a prefix of area codes; empty = everywhere.
    """

    name: str
    client: str
    area_prefix: str
    scopes: frozenset[str]
    title: str = ""
    expires_at: datetime | None = None


_OF_CLIENTS = "key:"


def account_id(client: str) -> str:
    """The account that a client's steps are done by."""
    return f"{_OF_CLIENTS}{client}"


def is_client(account: str) -> bool:
    """Whether an account is a client's and no person's."""
    return account.startswith(_OF_CLIENTS)


def key_of(authorization: str, x_api_key: str) -> str:
    """The key or token in these headers, empty if there is none."""
    scheme, _, token = authorization.partition(" ")
    return (token if scheme.lower() == "bearer" else x_api_key).strip()
