"""Our own metrics at /metrics, in Prometheus' text; every label has few values, all declared.

Requests are told by the template of their address, never by the address: that could hold a case or whatever
somebody typed. Counters are of all worker processes together (the directory BentoML names for it); how the
queue stands is read from the store, at most every half minute.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import logs

if TYPE_CHECKING:
    from models.screening import Screening
    from serving.review.gauges import Gauge

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
READ_EVERY = 30.0
OTHER = "other"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REGISTRY = CollectorRegistry()
REQUESTS = Histogram(
    "miaohu_request_seconds",
    "Requests and how long they took until their answer was whole",
    ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    registry=REGISTRY,
)
SCREENINGS = Counter(
    "miaohu_screenings", "Screenings on request", ["screener", "outcome", "reason"], registry=REGISTRY
)
REFUSED_SIGN_INS = Counter("miaohu_sign_ins_refused", "Sign-ins that were refused", registry=REGISTRY)
REFUSED_KEYS = Counter("miaohu_keys_refused", "Requests without a live API key", registry=REGISTRY)

# Gauges: name, what it tells, and its labels.
GAUGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("miaohu_trouble", "1 while this stands in the way of requests", ("code",)),
    ("miaohu_cases", "Cases", ("status",)),
    ("miaohu_open_alerts", "Alerts whose case is not closed", ("lane",)),
    ("miaohu_overdue_cases", "Cases that are not closed after their day", ()),
    ("miaohu_queue_age_seconds", "Since when the oldest case waits that nobody holds", ()),
    ("miaohu_webhooks_waiting", "Webhook messages nobody has taken yet", ()),
    ("miaohu_webhook_lag_seconds", "Age of the oldest webhook message nobody has taken", ()),
    ("miaohu_webhooks_dead", "Webhook messages given up", ()),
    ("miaohu_unpublished_records", "Records of our own that are not in the lake yet", ()),
    ("miaohu_unpublished_age_seconds", "Age of the oldest record that is not in the lake yet", ()),
    ("miaohu_round_screenings", "Screenings of the newest round", ("screener",)),
    (
        "miaohu_round_abstentions", "Screenings of the newest rounds in which a screener declined to speak",
        ("round", "screener", "reason"),
    ),
    ("miaohu_release_age_seconds", "Since the newest weekly release", ()),
    ("miaohu_worker_turn_age_seconds", "Since the worker last did a whole turn", ()),
    ("miaohu_worker_cut_off", "1 if the worker's newest turn was cut off by an error", ()),
    ("miaohu_log_look_age_seconds", "Since the log was last walked along", ()),
    ("miaohu_log_whole", "1 if the log was whole then", ()),
    ("miaohu_refused_dangers", "Refused rows and files of 30 days that may carry danger", ("source",)),
    ("miaohu_source_silent_days", "Days since a source was heard last", ("source",)),
)  # fmt: skip

Read = Callable[[], "Sequence[Gauge]"]


class _Stored(Collector):
    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self.gauges = list(gauges)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, what, labels in GAUGES:
            family = GaugeMetricFamily(name, what, labels=labels)
            for gauge in self.gauges:
                if gauge.name == name:
                    family.add_metric(gauge.labels, gauge.value)
            yield family


class Exposition:
    """The whole text. `read` gives what is not counted in processes. Safe to share between threads."""

    def __init__(self, read: Read, seconds: Callable[[], float] = time.monotonic) -> None:
        self._read, self._seconds = read, seconds
        self._lock = threading.Lock()
        self._kept: tuple[float, Sequence[Gauge]] | None = None

    def text(self) -> bytes:
        """Everything there is to tell now."""
        with self._lock:
            if self._kept is None or self._seconds() - self._kept[0] >= READ_EVERY:
                self._kept = self._seconds(), self._read()
            gauges = self._kept[1]
        counted = REGISTRY
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # noqa: TID251  # the client library's own variable
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        stored = CollectorRegistry()
        stored.register(_Stored(gauges))
        return generate_latest(counted) + generate_latest(stored)


class Templates:
    """Finds the template of an address: one that is declared, else `other`."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._plain: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for template in dict.fromkeys(templates):
            if "{" in template:
                shape = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
                self._patterns.append((re.compile(shape), template))
            else:
                self._plain[template] = template

    def of(self, path: str) -> str:
        """The template of this address."""
        found = self._plain.get(path)
        if found is not None:
            return found
        for pattern, template in self._patterns:
            if pattern.fullmatch(path):
                return template
        return "/static/{file}" if path.startswith("/static/") else OTHER


class Measured:
    """ASGI middleware: counts, times and logs every request by its template."""

    def __init__(self, app: ASGIApp, templates: Callable[[], Templates | None]) -> None:
        self.app, self.templates = app, templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        templates = self.templates()
        if scope["type"] != "http" or templates is None:
            await self.app(scope, receive, send)
            return
        status = 500

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self.app(scope, receive, seen)
        finally:
            route = templates.of(scope["path"])
            method = scope["method"] if scope["method"] in _METHODS else OTHER
            took = time.perf_counter() - began
            REQUESTS.labels(route, method, f"{status // 100}xx").observe(took)
            logs.request(route, method, status, 1000 * took)
            if status == 401:
                REFUSED_KEYS.inc()
            if route == "/sign-in" and method == "POST" and status == 403:
                REFUSED_SIGN_INS.inc()


def count(screenings: Iterable[Screening]) -> None:
    """Count what was said on request, and where a screener abstained and why."""
    for screening in screenings:
        reason = screening.abstained or ""
        SCREENINGS.labels(screening.screener, "abstained" if reason else "spoken", reason).inc()
