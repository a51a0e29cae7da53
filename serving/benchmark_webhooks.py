"""How fast do webhooks leave? Messages to a receiver on loopback that takes everything.

A second by the clock, and by the sender's own processor, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Callable
from datetime import datetime
from random import Random

from serving.benchmark_servers import RECEIVER
from serving.delivery import Delivery
from serving.posting import Poster
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
        with Poster(lambda _host, _port: ["127.0.0.1"], time.monotonic) as post:
            worker = Delivery(store, b"k" * 32, post, lambda: now, time.monotonic, Random(1), "benchmark")  # noqa: S311  # nosec B311
            taken, began, used = 0, time.perf_counter(), time.process_time()
            while (turn := worker.turn()) is not None and turn.taken:
                taken += turn.taken
            took, used = time.perf_counter() - began, time.process_time() - used
        say(
            f"  webhooks: {taken} taken, {taken / took:.0f} a second to one receiver (goal 500);"
            f" {1000 * used / taken:.2f} ms of processor each, {taken / used:.0f} a processor second"
        )
    finally:
        receiver.kill()
        receiver.wait()
