"""Answers kept for retries: a write sent twice under one Idempotency-Key is done once and answered twice.

The answer is kept in the transaction of the write, so there is never one without the other. Only what was
done is kept: a refusal changed nothing, and the same write may succeed later.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from serving import problems
from serving.problems import Problem
from serving.review.machine_tables import KeptAnswer

KEPT_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Answer:
    """What a write was answered with."""

    status: int
    body: str
    etag: str | None
    replayed: bool = False


def digest(*parts: str) -> str:
    """What we keep of what was sent."""
    said = hashlib.sha256()
    for part in parts:
        said.update(f"{len(part)}:{part}".encode())
    return said.hexdigest()


def find(session: Session, key: str, asked: str) -> Answer | None:
    """The answer kept under this key, if there is one; a Problem if it belongs to another write."""
    row = session.get(KeptAnswer, key)
    if row is None:
        return None
    if row.asked != asked:
        raise Problem(
            problems.KEY_REUSED, "This Idempotency-Key was used for another write; use a new key for each."
        )
    return Answer(row.status, row.body, row.etag, replayed=True)


def keep(session: Session, key: str, asked: str, answer: Answer, *, now: datetime) -> None:
    """Keep the answer with the write. The store has one writer at a time, so nobody was faster."""
    session.add(
        KeptAnswer(id=key, asked=asked, status=answer.status, etag=answer.etag, body=answer.body, kept_at=now)
    )
    session.flush()


def forget(session: Session, *, now: datetime) -> None:
    """Let go of answers kept long enough."""
    session.execute(delete(KeptAnswer).where(KeptAnswer.kept_at < now - KEPT_FOR))


def still_running() -> Problem:
    """The same write, sent again before it was answered."""
    return Problem(
        problems.STILL_RUNNING,
        "A write under this Idempotency-Key is running; ask again for its answer.",
        headers={"Retry-After": "1"},
    )


@dataclass
class Running:
    """The writes running in this process, by key."""

    _keys: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Run the only write under this key; a Problem while there is another."""
        with self._lock:
            if key in self._keys:
                raise still_running()
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)
