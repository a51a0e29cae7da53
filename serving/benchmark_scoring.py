"""How fast is scoring? Ratios of one run: ours against the least that could be written, side by side.

    stored row     both screeners with reasons of a stored feature row, worded, against a bare Starlette
                   handler that does the same two predictions and contributions, in one process, in turns;
                   then the whole request behind BentoML: key, row, screening, words, what is kept, the log
    MLflow         `mlflow models serve` with one of the boosters, against our whole answer, one at a time
    service        a child over HTTP by its stored row, and with its features computed from its records
    batch          children a second in a batch of a thousand, against singles, both computed from records
                   and kept for the first time
    start          from start to ready, against a bare BentoML service that loads the same screeners
    webhooks       messages a second to a receiver on loopback
    load, soak     so many requests a second for so long, and where the limit lies

Screeners are the ones in use, else stand-ins of the declared size; records are those of the data home. Its
store is not touched: a copy of what is needed lies in a folder that is gone afterwards.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from features.jurisdiction import Profile
from features.lake import Lake
from features.settings import Settings
from models.benchmark import stand_in
from models.champions import export_champion, load_champions
from models.margins import Floats
from models.policy import Policy
from models.screener import Screener, ScreenerError
from models.screeners import SCREENERS
from serving import benchmark_webhooks
from serving.answers import Wording, versions_of
from serving.benchmark_load import Load, Target, bodies, one_by_one, processor_seconds
from serving.benchmark_load import run as run_load
from serving.benchmark_servers import bare_bento, bare_handler, free_port, mlflow_serve, our_service
from serving.callers import KeyScope
from serving.clients import Clients
from serving.endpoint import Endpoint
from serving.memory import keep_what_is_loaded
from serving.review import api_keys, screenings
from serving.review.store import Store
from serving.schemas import ScoreRequest
from serving.scoring import LakeScreening

Say = Callable[[str], None]
TURNS, ASKED = 5, 60
BATCH = 1000


def run(
    settings: Settings, profile: Profile, home: Path, load: Load, today: date, now: datetime, say: Say
) -> None:
    """Measure everything on this data home, working in the folder `home`, and tell."""
    champions, kind = _prepare(settings, home)
    say(
        f"scoring: {kind} screeners in use, {len(Lake(settings.lake).tables())} sources,"
        f" load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    inside = replace(settings, home=home, review_url=f"sqlite:///{home / 'review.db'}", port=free_port())
    store = Store.open(inside.review_url)
    store.migrate()
    with store.write() as session:
        scopes = (KeyScope.SCORE.value,)
        key = api_keys.create(session, title="benchmark", secret="b" * 40, now=now, scopes=scopes)  # nosec B106  # of a store that is gone afterwards
    lake = LakeScreening(Lake(inside.lake), profile, champions)
    children = _children(lake, today)
    endpoint = Endpoint(
        store, profile, champions, Wording(profile, Policy.read(), versions_of(champions, profile)), lake,
        None, lambda: today, lambda: now,
    )  # fmt: skip
    _stored_row(endpoint, key, children[0], today, say)
    headers = (("X-API-Key", key),)
    with our_service(inside) as ours:
        say(f"  start to ready: {ours.ready:.1f} s")
        day = today.isoformat()
        computed = Target(
            ours.address, "/v1/score", ours.process, bodies(children, as_of=day), headers, inside.processes
        )
        stored = replace(computed, bodies=bodies(children[:100], as_of=day, stored=True))
        single = _over_http(computed, "features computed inline, goal 100 ms", say)
        of_stored = _over_http(stored, "by the stored row", say)
        _batch(ours.address, ours.process, key, children, today, single, say)
        limit = run_load(stored, load, say)
    values = _values(endpoint, champions, children[0], today)
    with bare_handler(home, inside.champions) as bare:
        body = json.dumps({name: _known(row) for name, row in values.items()}).encode()
        target = Target(bare.address, "/", bare.process, [body])
        took, used = one_by_one(target, 3 * ASKED)
        say(
            f"  bare Starlette over HTTP: p50 {1000 * took:.1f} ms, {1000 * used:.2f} ms of the processor;"
            f" ours by the stored row is {used / of_stored[1]:.2f} times as fast a core"
        )
        bare_limit = run_load(target, replace(load, minutes=min(load.minutes, 0.2), soak_minutes=0), say)
        if limit and bare_limit:
            say(f"  limit: ours {limit:.0f} a second, {limit / bare_limit:.2f} of the bare handler's")
    by_mlflow = _mlflow(home, champions, values, of_stored[0], say)
    for boosters, read in ((True, "as LightGBM's boosters"), (False, "as we walk them, without LightGBM")):
        with bare_bento(home, inside.champions, boosters=boosters) as bare:
            say(
                f"  start to ready: bare BentoML with the same screeners {read} {bare.ready:.1f} s;"
                f" ours takes {ours.ready / bare.ready:.2f} times as long (goal 1.3)"
            )
            if by_mlflow and boosters:
                empty = Target(bare.address, "/score", bare.process, [b'{"values": [1.0]}'])
                took, used = one_by_one(empty, 3 * ASKED)
                say(
                    f"  bare BentoML answers with what it was sent: p50 {1000 * took:.1f} ms,"
                    f" {1000 * used:.1f} ms of the processor: {by_mlflow / took:.1f} times as fast as a"
                    " prediction of MLflow's, and no answer behind BentoML can be faster"
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
    keys = sorted(set(residence["child_key"]))
    heard: list[str] = []
    for start in range(0, len(keys), BATCH):
        found = lake.screen(keys[start : start + BATCH], today)
        heard += [
            key
            for key, one in found.items()
            if len(one.screenings) == len(lake.champions) and all(s.abstained is None for s in one.screenings)
        ]
        if len(heard) >= BATCH:
            break
    if not heard:
        raise ScreenerError("There is no child in the lake that every screener speaks about.")
    return (heard * (BATCH // len(heard) + 1))[:BATCH]


def _stored_row(endpoint: Endpoint, key: str, child: str, today: date, say: Say) -> None:
    """Ours and the bare handlers in turns, each asked without a network; then where our time goes."""
    store, lake, wording, champions = endpoint.store, endpoint.lake, endpoint.wording, endpoint.champions
    clients = Clients(store, endpoint.now)
    caller = clients.find(key)
    if lake is None or caller is None:
        raise ScreenerError("There are no records to score by.")
    endpoint.score(ScoreRequest.model_validate({"child_key": child}), caller)
    with store.read() as session:
        [kept, *_] = screenings.rows_read(session, child, after=date.min, until=today)
    # As a service does once it has loaded: else whoever is asked last pays for walking what all have loaded.
    keep_what_is_loaded()
    request = ScoreRequest.model_validate({"child_key": child, "stored": True})
    body = request.model_dump_json(exclude_defaults=True)

    def worded(_: Request) -> Response:
        with store.connection() as connection, connection.begin():
            row = screenings.row_of(connection, kept.id)
        scored = lake.screen_stored(child, today, row.features, frozenset(row.silent), frozenset())
        return Response(wording.answer(scored, {}, child_key=child), media_type="application/json")

    def whole(_: Request) -> Response:
        found = clients.find(key)
        if found is None:
            raise ScreenerError("The key opens nothing.")
        answer = endpoint.score(ScoreRequest.model_validate_json(body), found)
        return Response(answer, media_type="application/json")

    rows = _values(endpoint, champions, child, today)

    def ready_made(_: Request) -> Response:
        return JSONResponse(
            {
                name: [float(one.model.margins(rows[name])[0]), one.contributions(rows[name])[0].tolist()]
                for name, one in champions.items()
            }
        )

    def bare(_: Request) -> Response:
        return JSONResponse(
            {
                name: [
                    float(one.booster.predict(rows[name], raw_score=True, num_threads=1)[0]),
                    one.booster.predict(rows[name], pred_contrib=True, num_threads=1)[0].tolist(),
                ]
                for name, one in champions.items()
            }
        )

    handlers = {"ours": worded, "whole": whole, "our tables": ready_made, "nothing": lambda _: Response()}
    if all(one.model.kind == "booster" for one in champions.values()):
        handlers["LightGBM"] = bare
    took = asyncio.run(
        _in_turns({name: Starlette(routes=[Route("/", one)]) for name, one in handlers.items()})
    )
    say(f"  stored row, both screeners with reasons, worded: {took['ours']:.2f} ms of the processor")
    for name in ("LightGBM", "our tables"):
        if name in took:
            say(
                f"    bare Starlette, the same predictions and contributions by {name}: {took[name]:.2f} ms;"
                f" ours is {took[name] / took['ours']:.2f} times as fast (goal 0.7)"
            )
    say(
        f"    with key, row, what is kept and the log: {took['whole']:.2f} ms;"
        f" a handler that does nothing: {took['nothing']:.2f} ms"
    )
    with store.read() as session:
        row = screenings.row_of(session, kept.id)
    scored = lake.screen_stored(child, today, row.features, frozenset(row.silent), frozenset())
    silent, age = frozenset(row.silent), np.array([10.0])

    def read_row() -> None:
        with store.connection() as connection, connection.begin():
            screenings.row_of(connection, kept.id)

    parts: dict[str, Callable[[], object]] = {
        "key": lambda: clients.find(key),
        "row": read_row,
        "margins": lambda: [one.model.margins(rows[name]) for name, one in champions.items()],
        "contributions": lambda: [one.contributions(rows[name]) for name, one in champions.items()],
        "screening, both of these included": lambda: [
            one.screen_values(rows[name], age, [child], today, silent) for name, one in champions.items()
        ],
        "words": lambda: wording.answer(scored, {}, child_key=child),
        "text to keep": lambda: [one.to_json() for one in scored.screenings],
        "request but the key": lambda: endpoint.score(request, caller),
    }
    told = ", ".join(f"{name} {_microseconds(part):.0f}" for name, part in parts.items())
    say(f"    microseconds of the processor: {told}")


def _microseconds(part: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(TURNS):
        began = time.process_time()
        for _ in range(ASKED):
            part()
        best = min(best, (time.process_time() - began) / ASKED)
    return 1e6 * best


def _values(
    endpoint: Endpoint, champions: Mapping[str, Screener], child: str, today: date
) -> dict[str, Floats]:
    """The stored row of a child as each screener reads it."""
    with endpoint.store.read() as session:
        [kept, *_] = screenings.rows_read(session, child, after=date.min, until=today)
        features = screenings.row_of(session, kept.id).features
    return {
        name: np.array([[features[column] for column in one.columns]], dtype=np.float64)
        for name, one in champions.items()
    }


def _known(row: Floats) -> list[float | None]:
    return [None if value != value else value for value in row[0].tolist()]


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


def _over_http(target: Target, how: str, say: Say) -> tuple[float, float]:
    """One at a time; seconds at the median and of the processor."""
    # Asked for once before, so that a stored row is there.
    took, used = one_by_one(target, 3 * ASKED)
    say(f"  over HTTP, {how}: p50 {1000 * took:.1f} ms, {1000 * used:.1f} ms of the processor a request")
    return took, used


def _batch(
    address: str,
    process: int,
    key: str,
    children: list[str],
    today: date,
    single: tuple[float, float],
    say: Say,
) -> None:
    people = [{"child_key": child} for child in children]
    took, used = [], []
    with httpx.Client(base_url=address, headers={"X-API-Key": key}, timeout=60, trust_env=False) as client:
        for turn in (1, 2):
            # Of a day nobody asked about: what was said before is kept already, and costs less to say again.
            day = (today - timedelta(turn)).isoformat()
            client.post("/v1/score", json={**people[0], "as_of": day}).raise_for_status()
            body = {"children": people, "as_of": day, "reasons": False}
            began, before = time.perf_counter(), processor_seconds(process)
            client.post("/v1/score_batch", json=body).raise_for_status()
            took.append(time.perf_counter() - began)
            used.append(processor_seconds(process) - before)
    say(
        f"  batch of {BATCH}: {BATCH / min(took):.0f} children a second,"
        f" {1000 * min(used) / BATCH:.2f} ms of the processor a child;"
        f" {single[0] * BATCH / min(took):.1f} times singles by the clock,"
        f" {single[1] * BATCH / min(used):.1f} times by the processor (goal 20)"
    )


def _mlflow(
    home: Path, champions: Mapping[str, Screener], values: Mapping[str, Floats],
    ours: float, say: Say,
) -> float | None:  # fmt: skip
    """One prediction by MLflow against our whole answer: two, with reasons, kept and logged; its seconds."""
    name, screener = next(iter(champions.items()))
    if screener.model.kind != "booster":
        say("  mlflow models serve: not measured, the screener in use is no booster")
        return None
    # MLflow takes a row in which something is not known for one of no numbers, and refuses it.
    filled = np.nan_to_num(values[name], nan=0.0).tolist()
    split = {"columns": list(screener.columns), "data": filled}
    with mlflow_serve(home, screener.booster.model_to_string()) as served:
        body = json.dumps({"dataframe_split": split}).encode()
        took, used = one_by_one(Target(served.address, "/invocations", served.process, [body]), ASKED)
    say(
        f"  mlflow models serve, one prediction without reasons: p50 {1000 * took:.1f} ms,"
        f" {1000 * used:.1f} ms of the processor; ours by the stored row, two of them with reasons, kept and"
        f" logged, is {took / ours:.1f} times as fast a request (goal 5), {2 * took / ours:.1f} a prediction"
    )
    return took
