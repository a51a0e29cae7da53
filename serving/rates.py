"""How often one client may ask: a bucket of tokens for each, filled at a steady pace.

Buckets lie in the memory of one process: with several web workers a client may ask so often of each, and a
restart fills every bucket. That is enough against a loop gone wrong, which is what this is for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rate:
    """So many requests a second for ever, and `burst` at once."""

    per_second: float
    burst: int


SCORING = Rate(per_second=500, burst=1000)
QUEUE = Rate(per_second=50, burst=200)
# Begun at the sign-in provider from one address; a whole office, or a proxy, may stand behind one.
SIGN_INS = Rate(per_second=5, burst=200)
# As many buckets as are kept; one more pushes out those that are full, which changes nothing for anybody.
BUCKETS = 10_000
# A token lasts a quarter of an hour; this many let several machines of one client start at once.
TOKENS = Rate(per_second=0.5, burst=20)


@dataclass
class Limiter:
    """One bucket a client. `seconds` is a clock that never goes back."""

    rate: Rate
    seconds: Callable[[], float]
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, client: str) -> float:
        """Take a token: 0 if there was one, else after how many seconds there will be."""
        now = self.seconds()
        with self._lock:
            tokens, then = self._buckets.get(client, (float(self.rate.burst), now))
            tokens = min(self.rate.burst, tokens + (now - then) * self.rate.per_second)
            taken = tokens >= 1
            if client not in self._buckets and len(self._buckets) >= BUCKETS:
                self._let_go(now)
            self._buckets[client] = (tokens - 1 if taken else tokens, now)
            return 0.0 if taken else (1 - tokens) / self.rate.per_second

    def _let_go(self, now: float) -> None:
        """Forget buckets that are full again, and if none is, the one made first."""
        rate = self.rate
        self._buckets = {
            client: (tokens, then)
            for client, (tokens, then) in self._buckets.items()
            if tokens + (now - then) * rate.per_second < rate.burst
        }
        while len(self._buckets) >= BUCKETS:
            del self._buckets[next(iter(self._buckets))]
