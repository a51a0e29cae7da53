"""Builders for tests of the machine side: the interface on a store, a client of it, keys."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import datetime

import httpx
from starlette.testclient import TestClient

from features.jurisdiction import load_profile
from serving.api import ROOT
from serving.api.app import Api, Children
from serving.api.tables import Tables
from serving.api.tokens import Tokens
from serving.callers import KeyScope
from serving.clients import Clients
from serving.rates import Limiter, Rate
from serving.request_ids import RequestIds
from serving.review import api_keys
from serving.review.export_templates import HERE, read_templates
from serving.review.objection_tables import objection_templates
from serving.review.store import Store
from tests.support_review import ELSEWHERE, NOW, TIER_DAYS, TODAY, VILLAGE, Clock, facts

ALL = tuple(scope.value for scope in KeyScope)
_secrets = itertools.count(1)


def make_key(store: Store, *, scopes=ALL, area: str = VILLAGE, now: datetime = NOW, **more) -> str:
    """A key of a client of its own."""
    secret = f"{next(_secrets):032d}"[::-1]
    with store.write() as session:
        return api_keys.create(
            session, title="样例系统", secret=secret, now=now, scopes=scopes, area_prefix=area, **more
        )


def make_api(
    store: Store, clock: Clock | None = None, rate: Rate | None = None, seconds=None, token_rate=None
) -> Api:
    """The interface on this store, at a clock that stands."""
    clock = clock or Clock()
    limiter = Limiter(rate or Rate(1e6, 10**6), seconds or (lambda: 0.0))
    children = Children(
        find={"999999201201010010": "c-known"}.get,
        keys_of=lambda key: [key],
        about=lambda key: facts({"c-known": VILLAGE, "c-away": ELSEWHERE}.get(key, "")),
        tier="first",
        tier_days=TIER_DAYS,
    )
    tokens = Tokens(
        store, clock, lambda: f"{next(_secrets):043d}", Limiter(token_rate or Rate(1e6, 10**6), lambda: 0.0)
    )
    profile = load_profile("hangzhou")
    tables = Tables({**objection_templates(), **read_templates([HERE])}, lambda _: None)
    return Api(
        store, Clients(store, clock).find, limiter, clock, lambda: TODAY, children, profile, tokens, tables
    )


@dataclass
class System:
    """A case system: sends what it is told, with its key."""

    app: TestClient
    key: str
    _numbers: itertools.count = None

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    def get(self, where: str, **headers: str):
        return self.app.get(ROOT + where, headers=self._headers(headers))

    def post(self, where: str, body: object | None = None, **headers: str):
        """A write; without an Idempotency-Key of its own it gets a new one."""
        headers.setdefault("idempotency_key", f"write-{id(self)}-{next(self._numbers)}")
        if body is not None:
            headers.setdefault("content_type", "application/json")
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.app.post(ROOT + where, content=content, headers=self._headers(headers))

    def _headers(self, given: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in given.items() if value != ""}
        return {"X-API-Key": self.key, **named}


def system(store: Store, *, api: Api | None = None, **key) -> System:
    """A case system with a key of its own."""
    return System(system_app(store, api), make_key(store, **key))


def system_app(store: Store, api: Api | None = None) -> TestClient:
    """What a case system talks to."""
    numbers = itertools.count(1)
    app = RequestIds(api or make_api(store), lambda: f"request-{next(numbers)}")
    return TestClient(app, raise_server_exceptions=False)


def kind(answer) -> str:
    """The name of a problem's type; its shape is checked on the way."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["request_id"] == answer.headers["x-request-id"]
    return document["type"].removeprefix("urn:miaohu:problem:")


class Transport(httpx.BaseTransport):
    """Hands requests of httpx to an application in this process; the first answers may be others."""

    def __init__(self, app: TestClient, *first: object) -> None:
        self.app, self.first, self.sent = app, list(first), []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        first = self.first.pop(0) if self.first else None
        if isinstance(first, Exception):
            raise first
        if isinstance(first, httpx.Response):
            return first
        answer = self.app.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        if first == "lost":  # done, but the answer never came
            raise httpx.ReadTimeout("")
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
