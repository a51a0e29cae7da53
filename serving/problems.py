"""Every refusal of the machine interface as RFC 9457 problem details, with types that do not change.

`KINDS` is the table of them all. A problem carries its request's number, names the field and says what
was wanted. It never echoes what was sent: neither a value nor an undeclared field's name, for a caller's
mistake may put a child's number in either.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.language import Department
from features.sources import SOURCES
from serving.request_ids import REQUEST_ID

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One type of problem: its stable name, status and title."""

    name: str
    status: int
    title: str

    @property
    def uri(self) -> str:
        """The type: a name that holds on whatever host serves it, and leads nowhere."""
        return f"urn:miaohu:problem:{self.name}"


INVALID_REQUEST = Kind("invalid-request", 400, "The request does not fit its schema")
KEY_REQUIRED = Kind("idempotency-key-required", 400, "A write needs an Idempotency-Key")
UNAUTHENTICATED = Kind("unauthenticated", 401, "A valid API key is needed")
MISSING_SCOPE = Kind("missing-scope", 403, "The key does not open this")
UNKNOWN_CHILD = Kind("unknown-child", 404, "No such child here")
UNKNOWN_CASE = Kind("unknown-case", 404, "No such case here")
UNKNOWN_RECORD = Kind("unknown-record", 404, "No such referral or plan here")
UNKNOWN_EXPORT = Kind("unknown-export", 404, "No such request for a table here")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this address")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This address does not take this method")
STEP_REFUSED = Kind("step-refused", 409, "The rules do not allow this step now")
STILL_RUNNING = Kind("still-running", 409, "The same write is still running")
VERSION_CHANGED = Kind("version-changed", 412, "The case or record is no longer in the version named")
TOO_LARGE = Kind("too-large", 413, "The body is too large")
UNSUPPORTED_MEDIA_TYPE = Kind("unsupported-media-type", 415, "The body must be application/json")
KEY_REUSED = Kind("idempotency-key-reused", 422, "The Idempotency-Key belongs to another write")
VERSION_REQUIRED = Kind("version-required", 428, "Name the version of the case or record in If-Match")
TOO_MANY_REQUESTS = Kind("too-many-requests", 429, "Too many requests at once")
INTERNAL = Kind("internal", 500, "Something failed here; nothing was stored")
NO_CHAMPION = Kind("no-champion", 503, "No screener is in use")
NO_LAKE = Kind("no-records", 503, "No department records are here")
BUSY = Kind("busy", 503, "Too busy to answer now")
TIMEOUT = Kind("timeout", 504, "The answer took too long")

KINDS: tuple[Kind, ...] = (
    INVALID_REQUEST, KEY_REQUIRED, UNAUTHENTICATED, MISSING_SCOPE, UNKNOWN_CHILD, UNKNOWN_CASE,
    UNKNOWN_RECORD, UNKNOWN_EXPORT, NOT_FOUND, METHOD_NOT_ALLOWED, STEP_REFUSED, STILL_RUNNING,
    VERSION_CHANGED, TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE, KEY_REUSED, VERSION_REQUIRED, TOO_MANY_REQUESTS, INTERNAL, NO_CHAMPION, NO_LAKE,
    BUSY, TIMEOUT,
)  # fmt: skip


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: its path, such as records.absences[2].known_on, and a sentence."""

    field: str
    message: str


class Problem(Exception):
    """A refusal on its way to the caller."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """The problem details document."""
        document: dict[str, Any] = {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "request_id": REQUEST_ID.get(),
        }
        if self.errors:
            document["errors"] = [{"field": e.field, "message": e.message} for e in self.errors]
        return json.dumps(document, ensure_ascii=False).encode()


def unauthenticated() -> Problem:
    """No key, an unknown key or a withdrawn one: the same answer."""
    return Problem(
        UNAUTHENTICATED,
        "Send an API key as 'Authorization: Bearer …' or as 'X-API-Key: …'.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def missing_scope(scope: str) -> Problem:
    """A good key for something else."""
    return Problem(MISSING_SCOPE, f"The key needs the scope '{scope}'; an administrator gives it one.")


def store_away() -> Problem:
    """The database does not answer, or somebody holds it too long."""
    return Problem(BUSY, "The store is busy or away.", headers={"Retry-After": "5"})


def store_errors() -> type[Exception]:
    """What is raised while the store is away, for an `except` to name.

    Loaded when something was raised: the server's parent process needs no database.
    """
    from sqlalchemy.exc import OperationalError

    return OperationalError


def method_not_allowed(methods: Sequence[str]) -> Problem:
    """The right address, asked in the wrong way."""
    allowed = ", ".join(methods)
    return Problem(METHOD_NOT_ALLOWED, f"This address takes {allowed}.", headers={"Allow": allowed})


def check_encoding(given: str) -> None:
    """Refuse a packed body by its header; read as it is, it would seem to be broken JSON."""
    if given.strip().lower() not in ("", "identity"):
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE,
            "Send the body as it is, without Content-Encoding.",
            headers={"Accept-Encoding": "identity"},
        )


def too_large(limit: int) -> Problem:
    """More than is read."""
    return Problem(TOO_LARGE, f"A body may hold at most {limit} bytes.")


def too_many_requests(wait: float) -> Problem:
    """The client's bucket is empty; it may come again after so many seconds."""
    seconds = math.ceil(wait)
    return Problem(
        TOO_MANY_REQUESTS,
        f"This client asks too often; come again in {seconds} s.",
        headers={"Retry-After": str(seconds)},
    )


def unknown_case() -> Problem:
    """A case that is not there and one outside the key's area get this same answer."""
    return Problem(UNKNOWN_CASE, "No case is known here by this id, or it is not in the key's area.")


def unknown_record() -> Problem:
    """A referral or plan that is not there and one outside the key's area get this same answer."""
    return Problem(UNKNOWN_RECORD, "Nothing is known here by this number, or it is not in the key's area.")


def unknown_export() -> Problem:
    """A request for a table that is not there and one of another client get this same answer."""
    return Problem(UNKNOWN_EXPORT, "No request for a table of this key has this number.")


def unknown_child() -> Problem:
    """A child nobody knows and one outside the caller's area get this same answer."""
    return Problem(
        UNKNOWN_CHILD, "No child is known here under what was sent, or the child is not in the key's area."
    )


def no_champion() -> Problem:
    """No promoted screener: nothing can be said about a risk, and the queue says so too."""
    return Problem(
        NO_CHAMPION,
        "No screener has passed its gates and been promoted, so no risk can be given."
        " The review queue goes on with hard triggers, requests and the published rules.",
    )


def no_lake() -> Problem:
    """A service without a data home knows no child; it can still screen records sent inline."""
    return Problem(
        NO_LAKE, "This service holds no department records; only records sent inline can be screened."
    )


def invalid(errors: Sequence[FieldError]) -> Problem:
    """A request that does not fit; one line for each field."""
    count = len(errors)
    return Problem(
        INVALID_REQUEST, f"{count} field{'s' if count != 1 else ''} cannot be used; see errors.", errors
    )


def path_of(loc: Iterable[int | str], whole: str = "body") -> str:
    """A pydantic location as the caller would write it."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or whole


# Wordings of ours for what pydantic finds; anything else keeps pydantic's sentence, which names types and
# declared limits but no input.
_WORDS: Mapping[str, str] = {
    "missing": "is required",
    "date_parsing": "must be a date as YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a date as YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a date as YYYY-MM-DD, without a time",
    "date_type": "must be a date as YYYY-MM-DD, in quotes",
    "json_invalid": "must be valid JSON",
    "json_type": "must be valid JSON",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be text, in quotes",
    "timezone_aware": "must say its offset from UTC, as in 2026-10-01T08:00:00+08:00",
}


def _plain(sentence: str) -> str:
    """A sentence of pydantic's, without its types' names and without how much was sent."""
    sentence = sentence.removeprefix("Value error, ").replace("Input should be", "must be")
    sentence = sentence.replace("String should match pattern", "must match the pattern")
    return re.sub(
        r"^(?:String|List) should have (.*?)(?: after validation, not \d+)?$", r"must have \1", sentence
    )


def _declared_beside(loc: Sequence[int | str]) -> tuple[str, ...]:
    """The fields declared where an undeclared one was found."""
    parent = tuple(loc[:-1])
    if parent == ("records",):
        return tuple(source.name for source in SOURCES if source.department is not Department.REVIEW)
    if len(parent) == 3 and parent[0] == "records":
        for source in SOURCES:
            if source.name == parent[1]:
                return (
                    "occurred_on", "known_on", "record_id", *(c.name for c in source.lake_columns),
                )  # fmt: skip
    return ()


def from_pydantic(errors: Iterable[Mapping[str, Any]], whole: str = "body") -> Problem:
    """Pydantic's findings about a body, or a query, as a problem without the input."""
    found: list[FieldError] = []
    for error in errors:
        loc: tuple[int | str, ...] = tuple(error["loc"])
        kind = str(error["type"])
        if kind == "extra_forbidden":
            declared = _declared_beside(loc)
            message = "holds a field that is not declared"
            if declared:
                message += "; declared are " + ", ".join(declared)
            found.append(FieldError(path_of(loc[:-1], whole), message))
        else:
            message = _WORDS.get(kind) or _plain(str(error["msg"]))
            found.append(FieldError(path_of(loc, whole), message))
    return invalid(tuple(dict.fromkeys(found)))
