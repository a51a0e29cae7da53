"""How fast is scoring? Ratios of one run: ours against the least that could be written, side by side.

    stored row     both screeners with reasons of a stored feature row, worded, against a bare Starlette
                   handler that does the same two predictions and contributions, in one process, in turns
    service        the same child over HTTP: features computed inline, screened, stored, logged
    batch          children a second in a batch of a thousand, against singles
    start          from start to ready, against a bare BentoML service that loads the same screeners
    webhooks       messages a second to a receiver on loopback
    load, soak     so many requests a second for so long: errors, and the memory at the beginning and the end

Screeners are the ones in use, else stand-ins of the declared size; records are those of the data home. Its
store is not touched: a copy of what is needed lies in a folder that is gone afterwards.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import statistics
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from features.catalogue import FEATURES
from features.jurisdiction import Profile
from features.lake import Lake
from features.settings import Settings
from models.benchmark import stand_in
from models.champions import export_champion, load_champions
from models.policy import Policy
from models.screener import Screener, ScreenerError
from models.screeners import SCREENERS
from serving import benchmark_webhooks
from serving.answers import Wording, versions_of
from serving.benchmark_servers import BARE_BENTO
from serving.review import api_keys, screenings
from serving.review.store import Store
from serving.review.tables import FeatureRow
from serving.scoring import LakeScreening, Scored

Say = Callable[[str], None]
ROOT = Path(__file__).parents[1]
TURNS, ASKED = 5, 60
BATCH = 1000
READY_SECONDS = 120.0


@dataclass(frozen=True)
class Load:
    """How many requests a second for how long, and how long a soak; nought leaves it out."""

    per_second: float = 0.0
    minutes: float = 0.0
    soak_minutes: float = 0.0


def run(
    settings: Settings, profile: Profile, home: Path, load: Load, today: date, now: datetime, say: Say
) -> None:
    """Measure everything on this data home, working in the folder `home`, and tell."""
    champions, kind = _prepare(settings, home)
    say(
        f"scoring: {kind} screeners in use, {len(Lake(settings.lake).tables())} sources,"
        f" load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    inside = replace(settings, home=home, review_url=f"sqlite:///{home / 'review.db'}", port=_free_port())
    store = Store.open(inside.review_url)
    store.migrate()
    lake = LakeScreening(Lake(inside.lake), profile, champions)
    children = _children(lake, today)
    _stored_row(store, lake, profile, champions, children[0], today, now, say)
    with store.write() as session:
        key = api_keys.create(session, title="benchmark", secret="b" * 40, now=now, scopes=("score",))  # nosec B106  # of a store that is gone afterwards
    ours = _service(inside)
    bare = _bare_bento(home, inside.champions)
    with ours as (address, process, ready):
        say(f"  start to ready: {ready:.1f} s")
        with httpx.Client(
            base_url=address, headers={"X-API-Key": key}, timeout=60, trust_env=False
        ) as client:
            _over_http(client, children, today, say)
        if load.per_second and load.minutes:
            _load(address, key, children, load.per_second, load.minutes, process.pid, say)
        if load.soak_minutes:
            _load(address, key, children, 20.0, load.soak_minutes, process.pid, say)
    with bare as (_, _, bare_ready):
        say(
            f"  start to ready: bare BentoML with the same screeners {bare_ready:.1f} s;"
            f" ours takes {ready / bare_ready:.2f} times as long (goal 1.3)"
        )
    benchmark_webhooks.run(store, now, say)
    lake.close()
    store.close()


def _prepare(settings: Settings, home: Path) -> tuple[dict[str, Screener], str]:
    """What a service needs, in a folder of its own; the lake and the keys are only pointed to."""
    for name in ("lake", "areas.csv"):
        if (settings.home / name).exists():
            (home / name).symlink_to(settings.home / name)
    (home / "keys").mkdir(mode=0o700)
    try:
        found = load_champions(settings.champions)
    except ScreenerError:
        found = {}
    kind = "the"
    if len(found) < len(SCREENERS):
        kind, rng = "stand-ins for", np.random.default_rng(7)
        found = {spec.name: stand_in(spec, rng)[0] for spec in SCREENERS}
    for screener in found.values():
        folder = home / "fitted" / screener.spec.name
        screener.save(folder)
        export_champion(folder, home / "champions")
    return load_champions(home / "champions"), kind


def _children(lake: LakeScreening, today: date) -> list[str]:
    """Children in scope of whom every screener speaks; a thousand if there are so many."""
    residence = pd.read_parquet(lake.lake.tables()["residence"], columns=["child_key"])
    keys = sorted(set(residence["child_key"]))[: 2 * BATCH]
    found = lake.screen(keys, today)
    heard = [
        key
        for key, one in found.items()
        if len(one.screenings) == len(lake.champions) and all(s.abstained is None for s in one.screenings)
    ]
    if not heard:
        raise ScreenerError("There is no child in the lake that every screener speaks about.")
    return (heard * (BATCH // len(heard) + 1))[:BATCH]


def _stored_row(
    store: Store, lake: LakeScreening, profile: Profile, champions: Mapping[str, Screener], child: str,
    today: date, now: datetime, say: Say,
) -> None:  # fmt: skip
    """Ours and the bare handler in turns, each asked without a network."""
    scored = lake.screen([child], today)[child]
    with store.write() as session:
        row_id = screenings.add_feature_row(
            session,
            child_key=child,
            as_of=today,
            features=scored.features,
            silent=sorted(scored.silent),
            now=now,
        )
    wording = Wording(profile, Policy.read(), versions_of(champions, profile))
    names = [feature.name for feature in FEATURES]

    def worded(_: Request) -> Response:
        with store.read() as session:
            row = session.get_one(FeatureRow, row_id)
            values = np.array(
                [[np.nan if row.features[name] is None else row.features[name] for name in names]],
                dtype=np.float64,
            )
            matrix = pd.DataFrame(values, columns=names).assign(child_key=[child], as_of=[today])
            silent = {today: frozenset(row.silent)}
        said = tuple(one.screen(matrix, silent, among=one.reference)[0] for one in champions.values())
        found = Scored(child, today, True, "", scored.area_code, {}, said, frozenset(), silent[today])
        return Response(
            wording.answer(found, {}, child_key=child), media_type="application/json"
        )

    rows = {
        name: np.array([[scored.features[column] for column in one.spec.columns]], dtype=np.float64)
        for name, one in champions.items()
    }

    def bare(_: Request) -> Response:
        return JSONResponse(
            {
                name: [float(one.model.margins(rows[name])[0]), one.contributions(rows[name])[0].tolist()]
                for name, one in champions.items()
            }
        )

    def plain(_: Request) -> Response:
        return JSONResponse(
            {
                name: [
                    float(one.booster.predict(rows[name], raw_score=True, num_threads=1)[0]),
                    one.booster.predict(rows[name], pred_contrib=True, num_threads=1)[0].tolist(),
                ]
                for name, one in champions.items()
            }
        )

    handlers = {"ours": worded, "bare": bare}
    if all(one.model.kind == "booster" for one in champions.values()):
        handlers["plain"] = plain
    took = asyncio.run(
        _in_turns({name: Starlette(routes=[Route("/", one)]) for name, one in handlers.items()})
    )
    say(f"  stored row, both screeners with reasons, worded: {took['ours']:.2f} ms of the processor")
    say(
        f"    bare Starlette, the same predictions and contributions: {took['bare']:.2f} ms;"
        f" ours is {took['bare'] / took['ours']:.2f} times as fast (goal 0.7)"
    )
    if "plain" in took:
        say(
            f"    bare Starlette with LightGBM's own contributions: {took['plain']:.2f} ms;"
            f" ours is {took['plain'] / took['ours']:.2f} times as fast"
        )


async def _in_turns(apps: Mapping[str, Starlette]) -> dict[str, float]:
    """The median of each application's best turn, in milliseconds of the processor: others may be at work."""
    best: dict[str, float] = {}
    clients = {
        name: httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://benchmark")
        for name, app in apps.items()
    }
    for _ in range(TURNS):
        for name, client in clients.items():
            times = []
            for _ in range(ASKED):
                began = time.process_time()
                answer = await client.get("/")
                times.append(1000 * (time.process_time() - began))
                answer.raise_for_status()
            best[name] = min(best.get(name, float("inf")), statistics.median(times))
    for client in clients.values():
        await client.aclose()
    return best


def _over_http(client: httpx.Client, children: list[str], today: date, say: Say) -> None:
    single: list[float] = []
    for child in (children * 2)[: ASKED * 3]:
        began = time.perf_counter()
        client.post("/v1/score", json={"child_key": child, "as_of": today.isoformat()}).raise_for_status()
        single.append(time.perf_counter() - began)
    median = statistics.median(single[10:])
    say(
        f"  over HTTP, features computed inline, stored and logged: p50 {1000 * median:.1f} ms,"
        f" p95 {1000 * sorted(single)[int(0.95 * len(single))]:.1f} ms (goal 100)"
    )
    body = {
        "children": [{"child_key": child} for child in children],
        "as_of": today.isoformat(),
        "reasons": False,
    }
    best = min(
        _seconds(lambda: client.post("/v1/score_batch", json=body).raise_for_status()) for _ in range(2)
    )
    say(
        f"  batch of {BATCH}: {BATCH / best:.0f} children a second,"
        f" {median * BATCH / best:.1f} times singles (goal 20)"
    )


def _seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def _load(
    address: str, key: str, children: list[str], per_second: float, minutes: float, process: int, say: Say
) -> None:
    """Open loop: a request is due whether or not the one before was answered."""
    until, errors, took = time.perf_counter() + 60 * minutes, 0, []
    before, lock, due = _memory(process), threading.Lock(), iter(range(10**9))
    began = time.perf_counter()

    def work() -> None:
        nonlocal errors
        with httpx.Client(
            base_url=address, headers={"X-API-Key": key}, timeout=10, trust_env=False
        ) as client:
            while True:
                with lock:
                    number = next(due)
                at = began + number / per_second
                if at > until:
                    return
                time.sleep(max(0.0, at - time.perf_counter()))
                try:
                    status = client.post(
                        "/v1/score", json={"child_key": children[number % BATCH]}
                    ).status_code
                except httpx.HTTPError:
                    status = 0
                with lock:
                    errors += status != 200
                    took.append(time.perf_counter() - at)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over = time.perf_counter() - began
    took.sort()
    say(
        f"  {per_second:.0f} requests a second wanted for {minutes:g} minutes:"
        f" {len(took) / over:.0f} a second answered, {errors} errors, from when each was due"
        f" p50 {1000 * took[len(took) // 2]:.0f} ms, p99 {1000 * took[int(0.99 * len(took))]:.0f} ms;"
        f" memory {before:.0f} MB, then {_memory(process):.0f} MB"
    )


def _memory(process: int) -> float:
    """Resident megabytes of a process and all below it."""
    told = subprocess.run(
        ["/bin/ps", "-e", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    )  # nosec B603
    rows = [tuple(map(int, line.split())) for line in told.stdout.splitlines()]
    family, grown = {process}, True
    while grown:
        more = {pid for pid, parent, _ in rows if parent in family} - family
        family, grown = family | more, bool(more)
    return sum(kilobytes for pid, _, kilobytes in rows if pid in family) / 1024


Started = tuple[str, "subprocess.Popen[bytes]", float]


@contextmanager
def _service(settings: Settings) -> Iterator[Started]:
    environment = {"MIAOHU_HOME": str(settings.home), "MIAOHU_PORT": str(settings.port),
                   "MIAOHU_JURISDICTION": settings.jurisdiction}  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "serving.launch",
        "serve",
        "serving.service:Miaohu",
        "--host",
        "127.0.0.1",
        "--port",
        str(settings.port),
    ]
    with _started(command, settings.home, settings.port, environment) as started:
        yield started


@contextmanager
def _bare_bento(home: Path, champions: Path) -> Iterator[Started]:
    (home / "bare_bento.py").write_text(BARE_BENTO, encoding="utf-8")
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "bentoml",
        "serve",
        "bare_bento:Bare",
        "--working-dir",
        str(home),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    with _started(command, home, port, {"CHAMPIONS": str(champions)}) as started:
        yield started


@contextmanager
def _started(command: list[str], home: Path, port: int, environment: Mapping[str, str]) -> Iterator[Started]:
    bento = home / "bentoml"
    bento.mkdir(exist_ok=True)
    base = {name: value for name, value in os.environ.items() if not name.startswith("MIAOHU_")}  # noqa: TID251  # handed on to the process, not read
    given = {
        **base,
        "BENTOML_HOME": str(bento),
        "PYTHONPATH": str(ROOT),
        "BENTOML_DO_NOT_TRACK": "true",
        **environment,
    }
    began = time.perf_counter()
    with (home / "served.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own commands
            command, cwd=ROOT, env=given, stdout=log, stderr=log, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        while not _is_ready(address):
            if process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                raise RuntimeError(f"{command[4]} was not ready: {(home / 'served.log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield address, process, time.perf_counter() - began
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
