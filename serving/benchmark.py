"""How fast are the pages of a big store? Fills one with made-up cases and asks for every page in it.

What is measured is the server's part of a request, application and database; no network and no browser.
Figures are of one run on one machine, with its load beside them: on a busy one waiting for a processor is
most of the time, so the processor time this process took is told too (a PostgreSQL server's is not in it).
"""

from __future__ import annotations

import asyncio
import os
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from features.jurisdiction import Profile
from models.rules import RULES
from serving.benchmark_store import Made, Size, fill
from serving.review import accounts, actions
from serving.review.case import Role
from serving.review.store import DRIVER, Store
from serving.web.app import create_app
from serving.web.deps import Deps
from serving.web.guard import SESSION_COOKIE

Say = Callable[[str], None]

DATABASE = "miaohu_benchmark"
SEED = 7
# What a page may take at the 95th percentile, in milliseconds.
GOAL = 100.0
REQUESTS = 30
# The first answers also load templates.
WARM = 2
CLAIMS, CLAIMERS = 400, 8
TOKEN = "made up, opens nothing outside this process"  # noqa: S105  # nosec B105
_ROLES = (Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER, Role.MANAGER, Role.AUDITOR)


@dataclass(frozen=True)
class Figure:
    """How long one page took for one role, in milliseconds; `processor` is its median there."""

    page: str
    role: Role
    status: int
    median: float
    p95: float
    processor: float


def run(
    databases: Sequence[str],
    server: str,
    size: Size,
    profile: Profile,
    now: datetime,
    say: Say,
    requests: int = REQUESTS,
) -> float:
    """Measure on each database and tell; the slowest p95 in milliseconds."""
    slowest = 0.0
    for database in databases:
        with _store(database, server) as store:
            began = perf_counter()
            made = fill(store, size, Random(SEED), now, TOKEN)  # noqa: S311  # nosec B311
            took = perf_counter() - began
            say(
                f"simulated: {database}, {size.children} children, {size.alerts} alerts, {size.cases} cases,"
                f" filled in {took:.0f} s"
            )
            figures = asyncio.run(measure(store, made, profile, now, requests))
            for one in figures:
                say(
                    f"  {database:<10} {one.page:<34} {one.role.value:<15} {one.status}"
                    f"  p50 {one.median:6.1f} ms  p95 {one.p95:6.1f} ms  processor {one.processor:6.1f} ms"
                )
            rate = claims_per_second(store, made, now)
            say(f"  {database:<10} {rate:.0f} claims a second, {CLAIMERS} at once")
            slowest = max(slowest, *(one.p95 for one in figures))
        load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
        say(f"  load of the machine over 1, 5 and 15 minutes: {load} on {os.cpu_count()} cores")
    say(f"slowest page: p95 {slowest:.1f} ms; figures of this one run")
    return slowest


async def measure(store: Store, made: Made, profile: Profile, now: datetime, requests: int) -> list[Figure]:
    """Every page that can be asked for, by every role that may."""
    app = create_app(
        Deps(
            store=store,
            now=lambda: now,
            new_token=lambda: TOKEN,
            names=lambda _: {},
            profile=profile,
            last_heard=lambda *_: None,
            evidence=lambda *_: None,
            area_title=lambda _: None,
            rules=RULES,
            simulated=True,
        )
    )
    figures = []
    for role in _ROLES:
        token = f"{TOKEN} {role.value}"
        with store.write() as session:
            accounts.sign_in(
                session, username=f"made_up_{role.value}", right=True, token=token, csrf_token=TOKEN, now=now
            )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        cookies = {SESSION_COOKIE: token}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://benchmark", cookies=cookies
        ) as client:
            for page, addresses in pages(app, made).items():
                figures += [
                    figure for figure in [await _ask(client, page, role, addresses, requests)] if figure
                ]
    return figures


def pages(app: FastAPI, made: Made) -> dict[str, list[str]]:
    """The addresses to ask for, by page: every page of the application, lists also from far inside."""
    found = {
        route.path: [route.path]
        for route in app.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and "{" not in route.path
    }
    found.pop("/sign-in", None)
    lists = ("mine", "waiting", "overdue", "triggers", "others", "escalated", "asleep", "all")
    found |= {f"/?list={name}": [f"/?list={name}"] for name in lists}
    found["/?sort=due"] = ["/?sort=due"]
    found["/?tier=first&due=past"] = ["/?tier=first&due=past"]
    found["/?list=waiting&after="] = [f"/?list=waiting&after={case}" for case in made.waiting[:REQUESTS]]
    found["/closed?after="] = [f"/closed?after={case}" for case in made.closed[:REQUESTS]]
    found["/cases/{case_id}"] = [f"/cases/{case}" for case in made.screened]
    return found


async def _ask(
    client: httpx.AsyncClient, page: str, role: Role, addresses: list[str], requests: int
) -> Figure | None:
    """The page's times; None if this role has no such page."""
    took, busy, status = [], [], 0
    for number in range(requests + WARM):
        began, worked = perf_counter(), process_time()
        answer = await client.get(addresses[number % len(addresses)])
        if number >= WARM:
            took.append((perf_counter() - began) * 1000)
            busy.append((process_time() - worked) * 1000)
        if answer.status_code >= 500:
            raise RuntimeError(f"{page} failed for {role.value}: {answer.status_code}")
        if answer.status_code in (200, 303):
            status = answer.status_code
    if not status:
        return None
    p95 = sorted(took)[int(0.95 * len(took))]
    return Figure(page, role, status, statistics.median(took), p95, statistics.median(busy))


def claims_per_second(store: Store, made: Made, now: datetime) -> float:
    """How many cases several people claim in a second, each in a transaction of their own."""
    actor = made.people[Role.SCREENER]
    taken: list[str] = []

    def work() -> None:
        for _ in range(CLAIMS // CLAIMERS):
            with store.write() as session:
                case = actions.claim_next(session, actor=actor, now=now)
            if case is not None:
                taken.append(case.id)

    began = perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CLAIMERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - began
    if len(set(taken)) != len(taken):
        raise AssertionError("A case was claimed twice.")
    return len(taken) / took


@contextmanager
def _store(database: str, server: str) -> Iterator[Store]:
    """An empty store that is gone afterwards."""
    if database == "sqlite":
        with TemporaryDirectory() as folder:
            store = Store.open(f"sqlite:///{Path(folder) / 'benchmark.db'}")
            store.migrate()
            yield store
            store.close()
        return
    address = make_url(server).set(drivername=DRIVER)
    outside = create_engine(address, isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        )
        store = Store.open(address.set(database=DATABASE).render_as_string(hide_password=False))
        try:
            store.migrate()
            yield store
        finally:
            store.close()
            connection.execute(text(f"DROP DATABASE {DATABASE} WITH (FORCE)"))
    outside.dispose()
