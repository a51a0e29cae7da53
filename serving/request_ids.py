"""One number for each request: in its answer, in its problem and in every line it causes in the log.

A caller may send its own as X-Request-Id. One that could hold something of a person, such as an ID number
or a telephone number, is not taken over: it would stand in the log. Then we make one, as without any.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# As many digits in a row as a telephone number has.
_TOO_MANY_DIGITS = re.compile(r"[0-9]{11}")


def is_well_formed(given: str) -> bool:
    """Whether a caller's number may be taken over.

    That is a UUID, or 8 to 64 plain characters with at most 10 digits in a row.
    """
    if _UUID.fullmatch(given):
        return True
    return _WELL_FORMED.fullmatch(given) is not None and _TOO_MANY_DIGITS.search(given) is None


class RequestIds:
    """ASGI middleware: gives every request its number, and every answer its request's."""

    def __init__(self, app: ASGIApp, new_id: Callable[[], str]) -> None:
        self.app = app
        self.new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if is_well_formed(given) else self.new_id()

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        # Never taken back: a deadline may answer while what it gave up still has a line to log.
        REQUEST_ID.set(request_id)
        await self.app(scope, receive, numbered)


class SaysWhichRequest(logging.Filter):
    """Puts the number of the request that caused a line at its end."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = REQUEST_ID.get()
        if request_id and not getattr(record, "request_id", ""):
            record.request_id = request_id
            record.msg = f"{record.getMessage()} [request {request_id}]"
            record.args = ()
        return True
