"""Kills processes at random points. They are forked from one that has imported everything, so each is
there in an instant and most of its time is the work itself."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from tests.crash.jobs import told

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["features.intake", "lightgbm", "tests.crash.jobs"])
# Two hundred kills leave two hundred times as much to finish, and the machine may have other work.
PATIENCE = 600.0


def finish(job: Callable[..., None], *given: object) -> None:
    """Let the job run to its end."""
    process = FORKS.Process(target=job, args=given)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == 0, f"it ended with {process.exitcode}"


def kill_once(
    rng: Random, job: Callable[..., None], given: Sequence[object], said: Path, line: str, longest: float
) -> bool:
    """Kill the job so long after it has said a line that begins so; False if it was done before."""
    before = len(told(said))
    process = FORKS.Process(target=job, args=given)
    process.start()
    _wait(process, said, before, line)
    process.join(rng.uniform(0, longest))
    if process.exitcode is None:
        process.kill()
    process.join(PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL), f"it ended with {process.exitcode}"
    return process.exitcode == -signal.SIGKILL


def _wait(process: BaseProcess, said: Path, before: int, line: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        news = told(said)[before:]
        if any(one.strip().startswith((line, "done")) for one in news) or process.exitcode is not None:
            return
        time.sleep(0.001)
    raise AssertionError(f"it never said {line!r}")
