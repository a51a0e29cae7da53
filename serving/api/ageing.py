"""What an answer says of an operation that has had its time: Deprecation (RFC 9745) and Sunset (RFC 8594).

Pure: the days stand in the operation's row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

from serving.api.operations import Operation

# What is replaced stays at least so long after it was said to be.
STAYS = timedelta(days=365)


def headers(operation: Operation) -> Mapping[str, str]:
    """The headers of every answer of this operation, refusals too; none while it has its place."""
    said: dict[str, str] = {}
    if operation.deprecated_on is None:
        return said
    said["Deprecation"] = f"@{int(_midnight(operation.deprecated_on).timestamp())}"
    if operation.sunset_on is not None:
        said["Sunset"] = format_datetime(_midnight(operation.sunset_on), usegmt=True)
    if operation.successor:
        said["Link"] = f'<{operation.successor}>; rel="successor-version"'
    return said


def trouble(operation: Operation) -> str:
    """Why the row says what cannot be, empty if it does not: what goes is announced a year before."""
    if operation.sunset_on is None:
        return ""
    if operation.deprecated_on is None:
        return "It goes on a day and was never said to have had its time."
    if operation.sunset_on - operation.deprecated_on < STAYS:
        return "It goes within a year of being replaced."
    return ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
