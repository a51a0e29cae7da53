"""What stands before the scoring endpoint: the API key first of all, then method, type and size.

Before the queue's interface only the clock stands: for both it counts from when a request begins to arrive,
so that a body which does not come to its end is answered in the one shape too.

Whatever goes wrong behind it leaves as problem details: BentoML answers errors in several shapes, and
logs the whole traceback with the values that were sent. Nothing here logs or repeats a value.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from functools import partial
from typing import Any

import anyio.to_thread
from starlette.datastructures import Headers

from serving import problems
from serving.api import is_below
from serving.callers import Caller, KeyScope, key_of
from serving.problems import Problem
from serving.request_ids import SaysWhichRequest

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

ADDRESSES = ("/v1/score", "/v1/score_batch")
SCOPE = KeyScope.SCORE.value
MAX_BODY_BYTES = 8 * 1024 * 1024
# Shorter than the service's own timeout, which answers in a shape of its own.
DEADLINE_SECONDS = 4.5


CALLER: ContextVar[Caller] = ContextVar("caller")

FindCaller = Callable[[str], Caller | None]


class Keys:
    """Finds the caller of an API key, and how long it must wait; nobody until the service has started."""

    def __init__(self) -> None:
        self.find: FindCaller = lambda _key: None
        self.wait: Callable[[str], float] = lambda _client: 0.0


class Door:
    """ASGI middleware for everything under /v1; /api/v1 has the clock only, other paths pass untouched."""

    def __init__(self, app: App, keys: Keys, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self.app = app
        self.keys = keys
        self.deadline_seconds = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and (path == "/v1" or path.startswith("/v1/")):
            await self._in_time(partial(self._score, scope, receive), send)
        elif scope["type"] == "http" and is_below(path):
            await self._in_time(partial(self.app, scope, receive), send)
        else:
            await self.app(scope, receive, send)

    async def _score(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            CALLER.set(await self._admit(scope))
            body = await self._body(scope, receive)
        except Problem as problem:
            await _send(problem, send)
            return
        await self.app(scope, _replay(body, receive), _Shaped(send))

    async def _admit(self, scope: Scope) -> Caller:
        headers = Headers(scope=scope)
        key = key_of(headers.get("authorization", ""), headers.get("x-api-key", ""))
        try:
            caller = await anyio.to_thread.run_sync(self.keys.find, key) if key else None
        except problems.store_errors():
            raise problems.store_away() from None
        if caller is None:
            raise problems.unauthenticated()
        if SCOPE not in caller.scopes:
            raise problems.missing_scope(SCOPE)
        wait = self.keys.wait(caller.client)
        if wait:
            raise problems.too_many_requests(wait)
        if scope["path"] not in ADDRESSES:
            raise Problem(problems.NOT_FOUND, f"The scoring endpoint has {' and '.join(ADDRESSES)}.")
        if scope["method"] != "POST":
            raise problems.method_not_allowed(("POST",))
        if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
            raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json.")
        problems.check_encoding(headers.get("content-encoding", ""))
        return caller

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        limit = Problem(problems.TOO_LARGE, f"A body may hold at most {MAX_BODY_BYTES} bytes.")
        stated = Headers(scope=scope).get("content-length", "0")
        if stated.isdigit() and int(stated) > MAX_BODY_BYTES:
            raise limit
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(body)
            body += message.get("body", b"")
            if len(body) > MAX_BODY_BYTES:
                raise limit
            if not message.get("more_body", False):
                break
        if not body:
            raise problems.invalid([problems.FieldError("body", "is required")])
        return bytes(body)

    async def _in_time(self, answer: Callable[[Send], Awaitable[None]], send: Send) -> None:
        """Answer in time: an answer that has begun may take as long as it needs."""
        loop = asyncio.get_running_loop()
        settled = loop.create_future()

        def settle(*_: object) -> None:
            if not settled.done():
                settled.set_result(None)

        timed = _Timed(send, settle)
        work = asyncio.ensure_future(answer(timed))
        work.add_done_callback(settle)
        deadline = loop.call_later(self.deadline_seconds, settle)
        try:
            await settled
        finally:
            deadline.cancel()
        if not work.done() and not timed.begun:
            timed.closed = True
            work.cancel()
            said = (
                f"No answer within {self.deadline_seconds:g} seconds of the request's beginning."
                " What it asked for may still be done; a write sent again under its key is done once."
            )
            await _send(Problem(problems.TIMEOUT, said), send)
            return
        await work


class _Timed:
    """Passes an answer through and says that it has begun; after the deadline has answered, nothing more."""

    def __init__(self, send: Send, settle: Callable[[], None]) -> None:
        self.send = send
        self.settle = settle
        self.begun = False
        self.closed = False

    async def __call__(self, message: Message) -> None:
        if self.closed:
            return
        self.begun = True
        self.settle()
        await self.send(message)


class _Shaped:
    """Passes answers through and turns errors into problem details."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.status = 0
        self.held: bytearray | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            media_type = Headers(raw=message.get("headers", [])).get("content-type", "")
            if self.status >= 400 and not media_type.startswith(problems.MEDIA_TYPE):
                self.held = bytearray()
                return
        elif self.held is not None:
            self.held += message.get("body", b"")
            if not message.get("more_body", False):
                await _send(_translated(self.status, bytes(self.held)), self.send)
            return
        await self.send(message)


def _translated(status: int, body: bytes) -> Problem:
    """BentoML's own error answers as problems."""
    if status == 400:
        detail = json.loads(body).get("detail", []) if body.startswith(b"{") else []
        if detail:
            return problems.from_pydantic(detail)
        return problems.invalid([problems.FieldError("body", "must be valid JSON")])
    for kind in (problems.TOO_MANY_REQUESTS, problems.BUSY, problems.UNSUPPORTED_MEDIA_TYPE):
        if kind.status == status:
            return Problem(kind, f"{kind.title}.")
    return Problem(
        problems.INTERNAL, "The request could not be answered; the log holds where, not what was sent."
    )


async def _send(problem: Problem, send: Send) -> None:
    body = problem.body()
    headers = [
        (b"content-type", problems.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.kind.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


class WhereNotWhat(logging.Filter):
    """Leaves of an exception its type and the lines it passed; its message may hold what was sent.

    A request that does not fit its schema is the caller's mistake, answered with the field named, and is
    not logged at all.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info or record.exc_info[0] is None:
            return True
        kind, _, trace = record.exc_info
        if kind.__name__ == "ValidationError":
            return False
        lines = [
            f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)[-6:]
            if "/" in frame.filename
        ]
        record.msg = f"{record.getMessage()}: {kind.__name__} at {' > '.join(lines)}"
        record.args = ()
        record.exc_info = None
        record.exc_text = None
        return True


def quieten_logs() -> None:
    """Put the filters on the loggers that write about requests."""
    libraries = ("bentoml._internal.server.http_app", "bentoml.serve", "uvicorn.error", "asyncio")
    for name in (*libraries, "miaohu.api", "miaohu.serving", "miaohu.web"):
        logger = logging.getLogger(name)
        if not any(isinstance(found, WhereNotWhat) for found in logger.filters):
            logger.addFilter(WhereNotWhat())
            logger.addFilter(SaysWhichRequest())
