"""The commands about case systems: their keys, the receivers of webhooks, and trying a deployment out.

A key or a secret is shown once, when it is made; no other command shows one.
"""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from features.identity import read_or_make_key
from features.settings import Settings
from serving.api import conformance
from serving.callers import KeyScope
from serving.delivery import Delivery
from serving.review import api_keys, tokens, webhooks
from serving.review.case import Refused
from serving.review.machine_tables import WebhookEndpoint
from serving.review.store import Store
from serving.review.tables import ApiKey
from serving.review.webhooks import Event
from serving.signing import secret_text

Say = Callable[[str], None]
Now = Callable[[], datetime]


def add(commands: Any, say: Say, now: Now) -> None:
    """Declare the commands; `say` is given each line."""
    runs = _Runs(say, now)

    def verb(choices: Any, name: str, what: str, run: _Run) -> Any:
        return _declare(choices, name, what, run, say)

    keys = _choices(commands, "keys", "keys of case systems: add, list, rotate, revoke, end-tokens")
    added = verb(keys, "add", "a new client with its key, shown once", runs.add_key)
    added.add_argument("--title", required=True, help="whose it is, in words")
    added.add_argument(
        "--scopes", required=True, type=_list, help=f"of {', '.join(scope.value for scope in KeyScope)}"
    )
    added.add_argument("--area", default="", help="a prefix of area codes (default: everywhere)")
    added.add_argument("--days", type=int, help="how long it opens (default: until it is revoked)")
    verb(keys, "list", "clients, their keys and when each was used last", runs.list_keys)
    rotated = verb(keys, "rotate", "a new key for the client of this one, shown once", runs.rotate_key)
    rotated.add_argument("key", help="the id of the key")
    rotated.add_argument("--keep-days", type=int, default=14, help="how long the old key goes on (14)")
    verb(keys, "revoke", "make a key and its tokens useless", runs.revoke_key).add_argument(
        "key", help="its id"
    )
    verb(keys, "end-tokens", "end the tokens of a key, which goes on", runs.end_tokens).add_argument(
        "key", help="its id"
    )

    hooks = _choices(commands, "webhooks", "receivers of webhooks: add, list, rotate, disable, dead, replay")
    told = verb(hooks, "add", "register a receiver; its secret is shown once", runs.add_webhook)
    told.add_argument("--url", required=True, help="where it listens: https://…")
    told.add_argument("--title", required=True, help="whose it is, in words")
    told.add_argument(
        "--events", type=_list, default=[event.value for event in Event],
        help=f"of {', '.join(event.value for event in Event)} (default: all)",
    )  # fmt: skip
    told.add_argument("--area", default="", help="a prefix of area codes (default: everywhere)")
    told.add_argument(
        "--internal",
        action="store_true",
        help="it stands inside: a private address or http is no reason to refuse",
    )
    verb(hooks, "list", "receivers, what each is told, and what waits", runs.list_webhooks)
    renewed = verb(hooks, "rotate", "a new secret, shown once; the old sign beside it", runs.rotate_webhook)
    renewed.add_argument("receiver", help="its id")
    renewed.add_argument("--keep-days", type=int, default=7, help="how long the old secret signs (7)")
    verb(hooks, "disable", "tell a receiver nothing more", runs.disable_webhook).add_argument(
        "receiver", help="its id"
    )
    verb(hooks, "dead", "messages nobody took in three days", runs.dead)
    verb(hooks, "replay", "send again under the same id", runs.replay).add_argument(
        "name", help="the id of a message, or of a receiver for all its dead messages"
    )

    tried = commands.add_parser(
        "conformance", help="try what case systems may rely on against a deployment; changes nothing"
    )
    tried.add_argument("url", help="its address, such as https://miaohu.example.org")
    tried.add_argument("--key-file", type=Path, required=True, help="a file with the API key")
    tried.add_argument("--case", help="a practice case in the queue, to be claimed and put back")
    tried.set_defaults(run=lambda _settings, given: conform(given.url, given.key_file, given.case, say))


def conform(url: str, key_file: Path, case_id: str | None, say: Say) -> int:
    """Run every check against a deployment; 1 if any did not hold."""
    key = key_file.read_text(encoding="utf-8").strip()
    with httpx.Client(base_url=url, timeout=10, follow_redirects=False, trust_env=False) as http:
        results = conformance.run(conformance.Deployment(http, key, case_id))
    words = {True: "holds     ", False: "FAILS     ", None: "not tried "}
    for result in results:
        say(words[result.held] + result.sentence + (f" ({result.said})" if result.said else ""))
    failed = sum(result.held is False for result in results)
    left_out = sum(result.held is None for result in results)
    say(f"{len(results) - failed - left_out} of {len(results)} hold, {failed} fail, {left_out} not tried")
    return 1 if failed else 0


def webhook_key(settings: Settings) -> bytes:
    """What secrets of receivers are made from: a file beside the master key, and apart from it."""
    return read_or_make_key(settings.key_file.with_name("webhooks.key"))


def tell_receivers(delivery: Delivery, wait: Callable[[float], bool], say: Say, turns: int) -> bool:
    """Send what is due once a second, so many times; whether we were asked to stop meanwhile."""
    for _ in range(turns):
        done = delivery.turn()
        if done is not None and (done.taken or done.failed):
            say(f"webhooks: {done.taken} taken, {done.failed} not taken, {done.died} given up")
        if wait(1):
            return True
    return False


class _Runs:
    """What each command does."""

    def __init__(self, say: Say, now: Now) -> None:
        self.say, self.now = say, now

    def add_key(self, store: Store, _: Settings, given: argparse.Namespace) -> int:
        expires_at = None if given.days is None else self.now() + timedelta(days=given.days)
        with store.write() as session:
            key = api_keys.create(
                session, title=given.title, secret=secrets.token_urlsafe(32), now=self.now(),
                scopes=given.scopes, area_prefix=given.area, expires_at=expires_at,
            )  # fmt: skip
        self.say(f"key (shown once, not kept in the clear): {key}")
        return 0

    def list_keys(self, store: Store, _: Settings, _given: argparse.Namespace) -> int:
        with store.read() as session:
            rows = session.scalars(select(ApiKey).order_by(ApiKey.client_id, ApiKey.created_at)).all()
            given_out = tokens.live(session, now=self.now())
            for row in rows:
                state = "revoked" if row.revoked_at else "open"
                if row.expires_at is not None and not row.revoked_at:
                    state = _moment(row.expires_at, "until ") if row.expires_at > self.now() else "over"
                used = _moment(row.last_used_at, "used ") if row.last_used_at else "never used"
                self.say(
                    f"{row.id}  client {row.client_id}  {' '.join(row.scopes):<16}"
                    f" area {row.area_prefix or 'all':<14} {state}, {used},"
                    f" {given_out.get(row.id, 0)} tokens  {row.title}"
                )
        if not rows:
            self.say("There are no keys yet: python -m serving keys add makes one.")
        return 0

    def rotate_key(self, store: Store, _: Settings, given: argparse.Namespace) -> int:
        keep_until = self.now() + timedelta(days=given.keep_days)
        with store.write() as session:
            key = api_keys.rotate(
                session, given.key, secret=secrets.token_urlsafe(32), now=self.now(), keep_until=keep_until
            )
        self.say(f"key (shown once, not kept in the clear): {key}")
        self.say(_moment(keep_until, "the old one opens until "))
        return 0

    def revoke_key(self, store: Store, _: Settings, given: argparse.Namespace) -> int:
        with store.write() as session:
            api_keys.revoke(session, given.key, now=self.now())
        self.say(f"{given.key} opens nothing more")
        return 0

    def end_tokens(self, store: Store, _: Settings, given: argparse.Namespace) -> int:
        with store.write() as session:
            ended = tokens.end(session, given.key, now=self.now())
        self.say(f"{ended} tokens of {given.key} open nothing more; the key goes on")
        return 0

    def add_webhook(self, store: Store, settings: Settings, given: argparse.Namespace) -> int:
        with store.write() as session:
            endpoint = webhooks.add(
                session, url=given.url, title=given.title, events=given.events, area_prefix=given.area,
                internal=given.internal, now=self.now(),
            )  # fmt: skip
        self.say(f"receiver {endpoint} is told of {', '.join(given.events)}")
        self._show_secret(settings, endpoint, 1)
        return 0

    def list_webhooks(self, store: Store, _: Settings, _given: argparse.Namespace) -> int:
        with store.read() as session:
            waiting = webhooks.waiting(session)
            rows = session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.created_at)).all()
            for row in rows:
                state = "disabled" if row.disabled_at else f"{waiting.get(row.id, 0)} waiting"
                self.say(
                    f"{row.id}  {row.url}{', internal' if row.internal else ''}"
                    f"  area {row.area_prefix or 'all'}  {state}  {', '.join(row.events)}  {row.title}"
                )
        if not rows:
            self.say("There are no receivers yet: python -m serving webhooks add registers one.")
        return 0

    def rotate_webhook(self, store: Store, settings: Settings, given: argparse.Namespace) -> int:
        keep_until = self.now() + timedelta(days=given.keep_days)
        with store.write() as session:
            number = webhooks.rotate(session, given.receiver, keep_until=keep_until, now=self.now())
        self._show_secret(settings, given.receiver, number)
        self.say(_moment(keep_until, "the old one signs beside it until "))
        return 0

    def disable_webhook(self, store: Store, _: Settings, given: argparse.Namespace) -> int:
        with store.write() as session:
            webhooks.disable(session, given.receiver, now=self.now())
        self.say(f"{given.receiver} is told nothing more")
        return 0

    def dead(self, store: Store, _: Settings, _given: argparse.Namespace) -> int:
        with store.read() as session:
            rows = webhooks.dead(session)
            for row in rows:
                self.say(
                    f"{row.id}  receiver {row.endpoint_id}  {row.event}  {_moment(row.occurred_at)}"
                    f"  {row.attempts} attempts, last: {row.last_result or 'none'}"
                )
        if not rows:
            self.say("No message is dead.")
        return 0

    def replay(self, store: Store, _: Settings, given: argparse.Namespace) -> int:
        with store.write() as session:
            count = webhooks.replay(session, given.name, now=self.now())
        self.say(f"{count} messages will be sent again")
        return 0

    def _show_secret(self, settings: Settings, endpoint: str, number: int) -> None:
        secret = webhooks.secret(webhook_key(settings), endpoint, number)
        self.say(f"secret (shown once, kept nowhere): {secret_text(secret)}")


_Run = Callable[[Store, Settings, argparse.Namespace], int]


def _choices(commands: Any, name: str, what: str) -> Any:
    return commands.add_parser(name, help=what).add_subparsers(required=True, metavar="what")


def _declare(choices: Any, name: str, what: str, run: _Run, say: Say) -> Any:
    parser = choices.add_parser(name, help=what)

    def with_store(settings: Settings, given: argparse.Namespace) -> int:
        store = Store.open(settings.review_url)
        store.migrate()
        try:
            return run(store, settings, given)
        except Refused as refused:
            say(refused.sentence.en)
        except KeyError:
            say("There is nothing of this id, or it is not open any more.")
        finally:
            store.close()
        return 1

    parser.set_defaults(run=with_store)
    return parser


def _moment(moment: datetime, before: str = "") -> str:
    return f"{before}{moment:%Y-%m-%d %H:%M}Z"


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
