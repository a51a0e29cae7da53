"""How a webhook is signed and checked: Standard Webhooks, `v1` (HMAC-SHA256). Pure: both sides use it.

    signed text    <webhook-id>.<webhook-timestamp>.<body>
    header         webhook-signature: v1,<base64> v1,<base64>     one for each live secret

A receiver checks the body as it came, byte for byte, before reading it, and refuses a time too far off.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)


class NotSigned(Exception):
    """A message that was not signed with one of the secrets, or not lately."""


def secret_text(secret: bytes) -> str:
    """A secret as it is shown to whoever sets up the receiver."""
    return PREFIX + base64.b64encode(secret).decode()


def secret_bytes(text: str) -> bytes:
    """A secret from what was shown; ValueError if it is none."""
    if not text.startswith(PREFIX):
        raise ValueError(f"A secret begins with {PREFIX}.")
    return base64.b64decode(text.removeprefix(PREFIX), validate=True)


def headers(message_id: str, sent_at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers of a message, signed with every secret that is live."""
    seconds = str(int(sent_at.timestamp()))
    signed = " ".join(f"v1,{_signature(secret, message_id, seconds, body)}" for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": signed}


def check(given: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: datetime) -> str:
    """The id of a message that is what it says, else NotSigned. The same id twice is the same message."""
    message_id = given.get("webhook-id", "")
    seconds = given.get("webhook-timestamp", "")
    if not message_id or not (seconds.isascii() and seconds.isdigit() and len(seconds) < 12):
        raise NotSigned("The message has no id or no time.")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        raise NotSigned("The message was signed too long ago, or will be.")
    offered = [part.partition(",") for part in given.get("webhook-signature", "").split()]
    for secret in secrets:
        own = _signature(secret, message_id, seconds, body)
        if any(version == "v1" and _same(own, signature) for version, _, signature in offered):
            return message_id
    raise NotSigned("No signature of the message was made with a secret known here.")


def _signature(secret: bytes, message_id: str, seconds: str, body: bytes) -> str:
    signed = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _same(own: str, offered: str) -> bool:
    try:
        return hmac.compare_digest(base64.b64decode(own), base64.b64decode(offered, validate=True))
    except (binascii.Error, ValueError):
        return False
