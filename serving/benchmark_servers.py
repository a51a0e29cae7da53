"""What the benchmark starts beside itself: our service, and the least there could be to measure against.

    bare Bento     only loads the same screeners, as LightGBM's boosters or as we walk them
    bare handler   Starlette alone: the same two predictions and contributions by LightGBM itself
    MLflow         `mlflow models serve` on one of the boosters, without reasons
    receiver       only takes what is sent

The bare ones are text, since each runs in a process of its own. All listen on loopback and end with their
block.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from features.settings import Settings
from serving import SERVICE

ROOT = Path(__file__).parents[1]
READY_SECONDS = 120.0


@dataclass(frozen=True)
class Started:
    """A server that runs: where, as which process, and how long it took until it was ready."""

    address: str
    process: int
    ready: float


@contextmanager
def our_service(settings: Settings) -> Iterator[Started]:
    """The service as `python -m serving serve` starts it."""
    environment = {"MIAOHU_HOME": str(settings.home), "MIAOHU_PORT": str(settings.port),
                   "MIAOHU_JURISDICTION": settings.jurisdiction,
                   "MIAOHU_PROCESSES": str(settings.processes)}  # fmt: skip
    command = ["-m", "serving.launch", "serve", SERVICE]
    with _started(command, settings.home, settings.port, environment) as started:
        yield started


@contextmanager
def bare_bento(home: Path, champions: Path, *, boosters: bool) -> Iterator[Started]:
    """BentoML with a service that only loads the screeners: as LightGBM's boosters, or as we walk them."""
    (home / "bare_bento.py").write_text(BARE_BENTO, encoding="utf-8")
    command = ["-m", "bentoml", "serve", "bare_bento:Bare", "--working-dir", str(home)]
    environment = {"CHAMPIONS": str(champions), "BOOSTERS": "yes" if boosters else "no"}
    with _started(command, home, free_port(), environment) as started:
        yield started


@contextmanager
def bare_handler(home: Path, champions: Path) -> Iterator[Started]:
    """Starlette alone under uvicorn; a POST to / with the values by screener."""
    (home / "bare_handler.py").write_text(BARE_HANDLER, encoding="utf-8")
    command = ["-m", "uvicorn", "bare_handler:app", "--app-dir", str(home), "--no-access-log"]
    with _started(command, home, free_port(), {"CHAMPIONS": str(champions)}) as started:
        yield started


@contextmanager
def mlflow_serve(home: Path, booster: str) -> Iterator[Started]:
    """`mlflow models serve` on a booster, given as LightGBM's text; a POST to /invocations."""
    (home / "booster.txt").write_text(booster, encoding="utf-8")
    model = home / "mlflow-model"
    command = [sys.executable, "-c", MLFLOW_MODEL, str(home / "booster.txt"), str(model)]
    subprocess.run(command, cwd=home, env=_environment(home, {}), check=True, capture_output=True)  # noqa: S603  # nosec B603  # our own text
    serve = ["-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    with _started(serve, home, free_port(), {}, "/ping") as started:
        yield started


def _environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    (home / "bentoml").mkdir(exist_ok=True)
    given = {name: value for name, value in os.environ.items() if not name.startswith("MIAOHU_")}  # noqa: TID251  # handed on to the process, not read
    return {
        **given, "BENTOML_HOME": str(home / "bentoml"), "PYTHONPATH": str(ROOT),
        "BENTOML_DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', '')}",
        "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}", **more,
    }  # fmt: skip


@contextmanager
def _started(
    command: list[str], home: Path, port: int, environment: Mapping[str, str], ready: str = "/readyz"
) -> Iterator[Started]:
    whole = [sys.executable, *command, "--host", "127.0.0.1", "--port", str(port)]
    began = time.perf_counter()
    with (home / "served.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # nosec B603  # our own commands
            whole, cwd=ROOT, env=_environment(home, environment), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        while not _is_ready(address + ready):
            if process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                raise RuntimeError(
                    f"{command[1:3]} was not ready: {(home / 'served.log').read_text()[-2000:]}"
                )
            time.sleep(0.05)
        yield Started(address, process.pid, time.perf_counter() - began)
    finally:
        if process.poll() is None:
            # It has a session of its own, and with it go the workers it started.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


BARE_BENTO = """
import os
from pathlib import Path

import bentoml
import numpy as np


@bentoml.service(workers=1, metrics={"enabled": False}, logging={"access": {"enabled": False}})
class Bare:
    def __init__(self):
        from models.champions import load_champions

        self.screeners = load_champions(Path(os.environ["CHAMPIONS"]))
        for one in self.screeners.values():
            if os.environ["BOOSTERS"] == "yes":
                one.booster
            else:
                one.contributions(np.zeros((1, len(one.columns))))

    @bentoml.api(route="/score")
    def score(self, values: list[float]) -> list[float]:
        return values
"""

BARE_HANDLER = """
import os
from pathlib import Path

import numpy as np
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from models.champions import load_champions

screeners = load_champions(Path(os.environ["CHAMPIONS"]))
boosters = {name: one.booster for name, one in screeners.items()}


async def score(request):
    sent = await request.json()
    answer = {}
    for name, booster in boosters.items():
        row = np.array([sent[name]], dtype=np.float64)
        answer[name] = [
            float(booster.predict(row, raw_score=True, num_threads=1)[0]),
            booster.predict(row, pred_contrib=True, num_threads=1)[0].tolist(),
        ]
    return JSONResponse(answer)


async def ready(request):
    return Response()


app = Starlette(routes=[Route("/", score, methods=["POST"]), Route("/readyz", ready)])
"""

MLFLOW_MODEL = """
import sys

import lightgbm
import mlflow.lightgbm

booster = lightgbm.Booster(model_file=sys.argv[1])
mlflow.lightgbm.save_model(booster, sys.argv[2], pip_requirements=["lightgbm"])
"""

RECEIVER = """
import asyncio
import sys


async def take(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\\r\\ncontent-length: 0\\r\\n\\r\\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(take, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


asyncio.run(main())
"""
