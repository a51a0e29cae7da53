"""What the processes do that crash tests kill. Each says on a file what it has done, line by line.

A line is written with one call of the system and outlives the process; so a test knows, whatever the moment
of the kill, what somebody outside had been told was done.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from serving.delivery import Delivery
from serving.posting import Poster
from serving.review.store import Store
from serving.screening import run_round
from serving.work import publish_outbox
from tests import support_door, support_intake, support_review, support_serving

FACT = {"happened_on": support_review.TODAY.isoformat(), "met": "both", "note": "见到孩子和奶奶。"}
CONCLUSION = {
    "dispositions": dict.fromkeys(("psychological", "guardianship"), "not_confirmed"),
    "reason": "已联系村里。",
}
STEPS = (("claim", None), ("visits", FACT), ("dispositions", CONCLUSION))
KEY = b"k" * 32


class Teller:
    """Says what was done."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def __call__(self, text: str) -> None:
        os.write(self.file, f"{text}\n".encode())


def told(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def review(url: str, said: Path, key: str, cases: list[str]) -> None:
    """A case system works its cases: each step under its own Idempotency-Key, again after a kill."""
    known = set(told(said))
    say = Teller(said)
    client = support_door.System(support_door.system_app(Store.open(url)), key)
    say("begun")
    for case in cases:
        for version, (where, body) in enumerate(STEPS, start=1):
            step = f"{case}-{where}"
            if step not in known:
                answer = client.post(
                    f"/cases/{case}/{where}", body, if_match=f'"{version}"', idempotency_key=step
                )
                assert answer.status_code == 200, answer.text
                say(step)
    say("done")


def deliver(url: str, said: Path, holder: str, ahead: timedelta) -> None:
    """The worker that sends webhooks, so far ahead of the day the messages were written."""
    say = Teller(said)
    began, here = time.monotonic(), support_review.NOW + ahead

    def now() -> datetime:
        return here + timedelta(seconds=time.monotonic() - began)

    post = Poster(lambda _host, _port: ["127.0.0.1"], time.monotonic)
    worker = Delivery(Store.open(url), KEY, post, now, time.monotonic, Random(1), holder)
    say("begun")
    while (turn := worker.turn()) is not None and turn.taken + turn.failed:
        pass
    say("done")


def screen(home: Path, url: str, said: Path) -> None:
    """The round of the made-up county."""
    from models.champions import load_champions

    say = Teller(said)
    say("begun")
    champions = load_champions(support_serving.settings_at(home).champions)
    run_round(
        support_serving.round_deps(home, Store.open(url), champions), support_serving.TODAY, Random(1), say
    )
    say("done")


def publish(home: Path, url: str, said: Path) -> None:
    """The worker that brings our own records into the lake."""
    from features.lake import Lake

    say = Teller(said)
    say("begun")
    lake = Lake(support_serving.settings_at(home).lake)
    publish_outbox(Store.open(url), lake, support_serving.TODAY, lambda: support_serving.NOW)
    say("done")


def take_in(root: Path, said: Path) -> None:
    """An intake of what lies in the delivery folder."""
    say = Teller(said)
    say("begun")
    support_intake.Home.at(root).take_in(progress=say)
    say("done")
