"""How fast do webhooks leave? Messages a second to a receiver on loopback that takes everything."""

from __future__ import annotations

import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Callable
from datetime import datetime
from random import Random

from serving.benchmark_servers import RECEIVER
from serving.delivery import Delivery, http_client, poster
from serving.review import webhooks
from serving.review.store import Store
from serving.review.webhooks import Event

MESSAGES = 2000


def run(store: Store, now: datetime, say: Callable[[str], None]) -> None:
    """Tell how many messages a second one receiver on loopback takes; the store is left with them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    receiver = subprocess.Popen([sys.executable, "-c", RECEIVER, str(port)])  # noqa: S603  # nosec B603  # our own text
    try:
        with store.write() as session:
            webhooks.add(
                session, url=f"http://127.0.0.1:{port}/", title="benchmark", events=[Event.CASE_CLOSED.value],
                area_prefix="", internal=True, now=now,
            )  # fmt: skip
            for number in range(MESSAGES):
                webhooks.announce(
                    session, Event.CASE_CLOSED, once=str(number), child_key="c", case_id=None, now=now
                )
        time.sleep(1)
        client = http_client()
        post = poster(client, lambda _host, _port: ["127.0.0.1"])
        worker = Delivery(store, b"k" * 32, post, lambda: now, time.monotonic, Random(1), "benchmark")  # noqa: S311  # nosec B311
        taken, began = 0, time.perf_counter()
        while (turn := worker.turn()) is not None and turn.taken:
            taken += turn.taken
        say(
            f"  webhooks: {taken} taken, {taken / (time.perf_counter() - began):.0f} a second"
            " to one receiver (goal 500)"
        )
        client.close()
    finally:
        receiver.kill()
        receiver.wait()
