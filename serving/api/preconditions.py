"""The headers a write must carry, and ETags. Pure: no store, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping

from serving import problems
from serving.problems import FieldError, Problem

_KEY = re.compile(r"[\x21-\x7e]{8,128}")
_ETAG = re.compile(r'"([1-9][0-9]{0,8})"')


def etag_of(version: int) -> str:
    """A case's version as its ETag."""
    return f'"{version}"'


def is_same(if_none_match: str, etag: str) -> bool:
    """Whether the caller has this version already."""
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return etag in given or given == ["*"]


def version_named(if_match: str) -> int:
    """The version in If-Match. It must name one: a write made against any version is made unseen."""
    if not if_match.strip() or if_match.strip() == "*":
        raise Problem(
            problems.VERSION_REQUIRED,
            "Send the ETag of the case you read as If-Match; the write is made to that version or not.",
        )
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(problems.VERSION_CHANGED, "If-Match names no version of this case.")
    return int(found[1])


def idempotency_key(headers: Mapping[str, str]) -> str:
    """The key of a write, which makes sending it again harmless."""
    given = headers.get("idempotency-key", "").strip()
    if not given:
        raise Problem(
            problems.KEY_REQUIRED, "Send an Idempotency-Key, new for each write and the same for its retries."
        )
    if not _KEY.fullmatch(given):
        raise problems.invalid([FieldError("Idempotency-Key", "must be 8 to 128 plain characters")])
    return given
