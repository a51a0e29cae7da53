"""Finds whose key or token a request carries, for both doors; notes now and then that a key was used."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from serving.callers import TOKEN_BEGINS, Caller
from serving.review import api_keys, tokens
from serving.review.store import Store

# The last use of a key is written down at most this often.
KEY_USE_EVERY = timedelta(minutes=10)


@dataclass
class Clients:
    """Safe to share between threads."""

    store: Store
    now: Callable[[], datetime]
    _noted: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key: str) -> Caller | None:
        """Whose key or token this is, None if it opens nothing here."""
        if key.startswith(TOKEN_BEGINS):
            with self.store.read() as session:
                caller = tokens.caller(session, key, now=self.now())
        else:
            # A plain connection: a session takes as long to make as the key to find.
            with self.store.connection() as connection, connection.begin():
                caller = api_keys.caller(connection, key, now=self.now())
        if caller is not None:
            self._note_use(caller.name)
        return caller

    def _note_use(self, key_id: str) -> None:
        now = self.now()
        with self._lock:
            last = self._noted.get(key_id)
            if last is not None and now - last < KEY_USE_EVERY:
                return
            self._noted[key_id] = now
        with self.store.write() as session:
            api_keys.note_use(session, key_id, now=now)
