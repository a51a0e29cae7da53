"""How fast are pages and interface of a big store? Fills one with made-up cases and asks for all of them.

What is measured is the server's part of a request, application and database; no network and no browser.
Figures are of one run on one machine, with its load beside them: on a busy one waiting for a processor is
most of the time, so processor time is told too: this process's and, if it runs on the same machine, that
of a PostgreSQL server's backends.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import httpx
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from features.areas import area_titles, areas_below
from features.jurisdiction import Profile
from models.rules import RULES
from serving.api.app import Api, Children
from serving.api.tables import Tables
from serving.api.tokens import Tokens
from serving.benchmark_pages import operations, pages
from serving.benchmark_store import Made, Size, area_names, fill
from serving.callers import KeyScope
from serving.clients import Clients
from serving.memory import keep_what_is_loaded
from serving.rates import Limiter, Rate
from serving.review import accounts, actions, api_keys
from serving.review.case import Role
from serving.review.objection_tables import objection_templates
from serving.review.opening import ChildFacts
from serving.review.store import DRIVER, Store
from serving.web.app import create_app
from serving.web.deps import Deps
from serving.web.guard import SESSION_COOKIE

Say = Callable[[str], None]

DATABASE = "miaohu_benchmark"
SEED = 7
# What a page, and an answer of the interface, may take at the 95th percentile, in milliseconds.
GOAL, API_GOAL = 100.0, 50.0
# The first answers also load templates.
WARM = 2
CLAIMS, CLAIMERS = 400, 8
TOKEN = "made up, opens nothing outside this process"  # noqa: S105  # nosec B105
BASE = "http://benchmark"


@dataclass(frozen=True)
class Figure:
    """How long one page took for somebody, in milliseconds; `processor` is processor time.

    `goal`: what the 95th percentile may be.
    """

    page: str
    who: str
    status: int
    median: float
    p95: float
    processor: float
    processor_p95: float
    goal: float


def run(
    databases: Sequence[str],
    server: str,
    size: Size,
    profile: Profile,
    now: datetime,
    say: Say,
    requests: int,
) -> float:
    """Measure on each database and tell; the p95 farthest over its goal, as milliseconds of a page."""
    slowest = 0.0
    for database in databases:
        with _store(database, server) as (address, store):
            began = perf_counter()
            made = _filled(address, size, now)
            took = perf_counter() - began
            say(
                f"simulated: {database}, {size.children} children, {size.alerts} alerts, {size.cases} cases,"
                f" filled in {took:.0f} s"
            )
            with _collecting_as_a_service():
                figures = asyncio.run(measure(store, made, profile, now, requests))
            for one in figures:
                say(
                    f"  {database:<10} {one.page:<36} {one.who:<14} {one.status}"
                    f"  p50 {one.median:6.1f} ms  p95 {one.p95:6.1f} ms"
                    f"  processor {one.processor:6.1f} ms  p95 {one.processor_p95:6.1f} ms"
                    f"{'' if one.p95 < one.goal else f'  over {one.goal:.0f} ms'}"
                )
            rate = claims_per_second(store, made, now)
            say(f"  {database:<10} {rate:.0f} claims a second, {CLAIMERS} at once")
            slowest = max(slowest, *(one.p95 * GOAL / one.goal for one in figures))
        load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
        say(f"  load of the machine over 1, 5 and 15 minutes: {load} on {os.cpu_count()} cores")
    say(f"farthest over its goal: {slowest / GOAL:.2f} of it; figures of this one run")
    return slowest


def _filled(address: str, size: Size, now: datetime) -> Made:
    """Fill the store in a process of its own: what is measured afterwards is as new as a service."""
    with ProcessPoolExecutor(1, get_context("spawn")) as another:
        return another.submit(_fill, address, size, now).result()


def _fill(address: str, size: Size, now: datetime) -> Made:
    store = Store.open(address)
    try:
        return fill(store, size, Random(SEED), now, TOKEN)  # noqa: S311  # nosec B311
    finally:
        store.close()


async def measure(store: Store, made: Made, profile: Profile, now: datetime, requests: int) -> list[Figure]:
    """Every page by every role that may see it, and every reading operation by a case system."""
    app, api, key = _applications(store, profile, now)
    # The pages are loaded now, as a service's are when it does the same.
    keep_what_is_loaded()
    figures = []
    for role in Role:
        token = f"{TOKEN} {role.value}"
        with store.write() as session:
            accounts.sign_in(
                session, username=f"made_up_{role.value}", right=True, token=token, csrf_token=TOKEN, now=now
            )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        cookies = {SESSION_COOKIE: token}
        async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=cookies) as client:
            for page, addresses in pages(app, made).items():
                figures += await _ask(client, store, page, role.value, addresses, requests, GOAL)
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"x-api-key": key}) as client:
        for page, addresses in operations(made, now).items():
            figures += await _ask(client, store, page, "case system", addresses, requests, API_GOAL)
    return figures


def _applications(store: Store, profile: Profile, now: datetime) -> tuple[FastAPI, Api, str]:
    """The pages and the interface on this store, with made-up names, and a key for the latter."""
    names = area_names()
    app = create_app(
        Deps(
            store=store,
            now=lambda: now,
            new_token=lambda: TOKEN,
            names=lambda keys: dict.fromkeys(keys, "模拟某某"),
            profile=profile,
            last_heard=lambda *_: None,
            evidence=lambda *_: None,
            area_title=area_titles(names),
            areas_below=areas_below(names),
            rules=RULES,
            templates=objection_templates(),
            simulated=True,
            # As whoever opens a page of figures first meets it, every time.
            figures_last=timedelta(-1),
        )
    )
    children = Children(lambda _: None, lambda one: [one], lambda _: ChildFacts(), None, {})
    with store.write() as session:
        scopes = [scope.value for scope in KeyScope]
        key = api_keys.create(session, title="made up", secret=TOKEN, now=now, scopes=scopes)
    clock, pace = (lambda: now), Limiter(Rate(1e9, 10**9), lambda: 0.0)
    tokens = Tokens(store, clock, lambda: TOKEN, pace)
    tables = Tables({}, area_titles(names))
    api = Api(store, Clients(store, clock).find, pace, clock, now.date, children, profile, tokens, tables)
    return app, api, key


def server_time(store: Store) -> float:
    """What a PostgreSQL server on this machine has worked for the store, in milliseconds; 0 elsewhere."""
    if store.dialect != "postgresql":
        return 0.0
    with store.connection() as connection:
        ids = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        ).scalars()
        files = [Path(f"/proc/{number}/schedstat") for number in ids]
    # The first number is nanoseconds on a processor.
    return sum(int(file.read_text().split()[0]) for file in files if file.is_file()) / 1e6


async def _ask(
    client: httpx.AsyncClient, store: Store, page: str, who: str, addresses: list[str], requests: int,
    goal: float,
) -> list[Figure]:  # fmt: skip
    """The page's times; nothing if there is no such page for them."""
    if not addresses:
        raise LookupError(f"The made-up store has nothing to ask the page {page} for.")
    took, spent, status = [], [], 0
    for number in range(requests + WARM):
        server, own, began = server_time(store), process_time(), perf_counter()
        answer = await client.get(addresses[number % len(addresses)])
        clock, own = perf_counter() - began, process_time() - own
        if number >= WARM:
            took.append(clock * 1000)
            spent.append(own * 1000 + server_time(store) - server)
        status = answer.status_code
        if status >= 500:
            raise RuntimeError(f"{page} failed for {who}: {status}")
        if status not in (200, 303):
            return []
    return [Figure(page, who, status, statistics.median(took), _p95(took), statistics.median(spent),
                   _p95(spent), goal)]  # fmt: skip


def _p95(values: Sequence[float]) -> float:
    """The least value that 95 % of the values do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


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
def _collecting_as_a_service() -> Iterator[None]:
    """Garbage is collected as in a service's process, and afterwards as before."""
    before = gc.get_threshold()
    keep_what_is_loaded()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@contextmanager
def _store(database: str, server: str) -> Iterator[tuple[str, Store]]:
    """The address of an empty store that is gone afterwards, and it."""
    if database == "sqlite":
        with TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'benchmark.db'}"
            store = Store.open(url)
            store.migrate()
            yield url, store
            store.close()
        return
    address = make_url(server).set(drivername=DRIVER)
    outside = create_engine(address, isolation_level="AUTOCOMMIT")
    with outside.connect() as connection:
        connection.execute(
            text(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        )
        url = address.set(database=DATABASE).render_as_string(hide_password=False)
        store = Store.open(url)
        try:
            store.migrate()
            yield url, store
        finally:
            store.close()
            connection.execute(text(f"DROP DATABASE {DATABASE} WITH (FORCE)"))
    outside.dispose()
