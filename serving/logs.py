"""The log of the service: one JSON object a line, ours and the libraries' alike, on standard error.

    at, level, logger     when, how grave, who says it
    said                  a sentence, or the name of an event
    request_id            of the request that caused it, if one did
    route, status, ms …   what an event counts; never a value somebody sent, a name, a number or a path

What of an exception is told is its kind and the lines it passed (serving.door): its message may hold what was
sent. A request is told by the template of its address.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from serving.door import WhereNotWhat
from serving.request_ids import REQUEST_ID

REQUESTS = logging.getLogger("miaohu.requests")
WORK = logging.getLogger("miaohu.work")
# The libraries that put handlers of their own on these, which would write beside ours in another form.
LIBRARIES = ("bentoml", "bentoml.serve", "uvicorn", "uvicorn.error", "uvicorn.access", "circus", "asyncio")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; newlines within are escaped, so that nobody can forge a second one."""
        request_id = getattr(record, "request_id", "") or REQUEST_ID.get()
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage().removesuffix(f" [request {request_id}]"),
        }
        if isinstance(request_id, str) and request_id:
            line["request_id"] = request_id
        fields = getattr(record, "fields", None)
        if isinstance(fields, Mapping):
            line.update(fields)
        return json.dumps(line, ensure_ascii=False)


def write_json_lines(stream: TextIO | None = None) -> None:
    """Let everything this process logs leave as JSON lines, whatever handlers there were."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(WhereNotWhat())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate, logger.disabled = [], True, False
        logger.setLevel(logging.NOTSET)
    for told in (REQUESTS, WORK):
        told.setLevel(logging.INFO)


def work(said: str) -> None:
    """Say what the queue's clocks did: a sentence with counts."""
    WORK.info(said)


def request(route: str, method: str, status: int, milliseconds: float) -> None:
    """Say that a request was answered."""
    fields = {"route": route, "method": method, "status": status, "ms": round(milliseconds, 1)}
    REQUESTS.info("request", extra={"fields": fields})
