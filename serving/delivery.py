"""Sends webhook messages that are due: signed, in their order, at least once, each receiver apart.

One process at a time does it, under a lease. What came of a message is written after it was sent; killed in
between, it is sent again under the same id. How one message is posted, and where to, is in `posting`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from serving.posting import Unreachable
from serving.review import leases, webhooks
from serving.review.store import Store
from serving.review.webhooks import Due, Tried
from serving.signing import headers

LOG = logging.getLogger("miaohu.serving")
LEASE = "webhooks"
LEASE_LASTS = timedelta(minutes=2)
# A receiver gets so long in one turn; what is left waits for the next.
TURN_SECONDS = 20.0
AT_ONCE = 1000
# What came of so many messages of a receiver is written at once: at most these are sent again after a kill.
NOTED_EVERY = 50
RECEIVERS_AT_ONCE = 8

Post = Callable[[str, bool, bytes, Mapping[str, str]], str]


@dataclass(frozen=True)
class Delivered:
    """What one turn did."""

    taken: int
    failed: int
    died: int


@dataclass(frozen=True)
class Delivery:
    """Everything a turn needs. `seconds` is a clock that never goes back.

    `post` gives the status, or raises Unreachable: the rest of a receiver's messages then wait.
    """

    store: Store
    key: bytes
    post: Post
    now: Callable[[], datetime]
    seconds: Callable[[], float]
    rng: Random
    holder: str

    def turn(self) -> Delivered | None:
        """Send what is due; None while another process does."""
        with self.store.read() as session:
            if not webhooks.due(session, now=self.now(), limit=1):
                return Delivered(0, 0, 0)
        with self.store.write() as session:
            if not leases.acquire(session, name=LEASE, holder=self.holder, lasts=LEASE_LASTS, now=self.now()):
                return None
        with self.store.read() as session:
            waiting = webhooks.due(session, now=self.now(), limit=AT_ONCE)
        by_receiver: dict[str, list[Due]] = {}
        for message in waiting:
            by_receiver.setdefault(message.endpoint_id, []).append(message)
        with ThreadPoolExecutor(min(RECEIVERS_AT_ONCE, len(by_receiver))) as pool:
            done = list(pool.map(self._tell, by_receiver.values()))
        return Delivered(
            sum(one.taken for one in done), sum(one.failed for one in done), sum(one.died for one in done)
        )

    def _tell(self, messages: Sequence[Due]) -> Delivered:
        """Everything due for one receiver, until its time is up or it does not answer."""
        until = self.seconds() + TURN_SECONDS
        with self.store.read() as session:
            secrets = webhooks.live_secrets(session, self.key, messages[0].endpoint_id, now=self.now())
        taken = failed = died = 0
        for start in range(0, len(messages), NOTED_EVERY):
            tried: list[Tried] = []
            answers = True
            for message in messages[start : start + NOTED_EVERY]:
                if self.seconds() >= until or not answers:
                    break
                result, answers = self._send(message, secrets)
                tried.append(Tried(message.id, result))
            with self.store.write() as session:
                died += webhooks.note(session, tried, now=self.now(), rng=self.rng)
            taken += sum(one.taken for one in tried)
            failed += sum(not one.taken for one in tried)
            if len(tried) < len(messages[start : start + NOTED_EVERY]) or not answers:
                break
        if failed:
            LOG.warning(
                "Receiver %s did not take %d of %d messages.", messages[0].endpoint_id, failed, taken + failed
            )
        return Delivered(taken, failed, died)

    def _send(self, message: Due, secrets: Sequence[bytes]) -> tuple[str, bool]:
        """What came of it, and whether the receiver answers at all."""
        body = payload(message)
        signed = headers(message.id, self.now(), body, secrets)
        try:
            return self.post(message.url, message.internal, body, signed), True
        except Unreachable as error:
            return str(error), False


def payload(message: Due) -> bytes:
    """What a receiver is told: what happened, when, and the ids to ask with."""
    said = {
        "type": message.event,
        "timestamp": message.occurred_at.isoformat(),
        "data": {"case_id": message.case_id, "child_key": message.child_key},
    }
    return json.dumps(said, separators=(",", ":")).encode()
