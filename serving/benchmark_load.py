"""So many requests a second for so long: errors, how long answers took, memory, and where the limit lies.

The loop is open: a request is due whether or not the one before was answered, and its time counts from when
it was due. What the service costs is told in processor time, its own and that of all below it, so that a busy
machine says the same as a quiet one; the client's own cost is left out of it, and told beside it.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess  # nosec B404
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

Say = Callable[[str], None]
# Steps towards the limit, each a quarter more than the one before.
STEP, STEP_SECONDS = 1.25, 10.0
# Beyond this at the 99th percentile nobody waits any more: the service no longer keeps up.
KEEPS_UP_SECONDS = 1.0
CONNECTIONS = 16


@dataclass(frozen=True)
class Load:
    """How many requests a second for how long, and how long a soak; nought leaves it out."""

    per_second: float = 0.0
    minutes: float = 0.0
    soak_minutes: float = 0.0


@dataclass(frozen=True)
class Target:
    """What is asked: a service's process, where to, with which bodies in turn."""

    address: str
    path: str
    process: int
    bodies: Sequence[bytes]
    headers: tuple[tuple[str, str], ...] = ()
    processes: int = 1  # that answer

    def connection(self) -> http.client.HTTPConnection:
        """One kept connection to it."""
        given = urlsplit(self.address)
        return http.client.HTTPConnection(str(given.hostname), given.port, timeout=10)

    def ask(self, connection: http.client.HTTPConnection, number: int) -> int:
        """Ask once; the status, 0 if there was no answer."""
        try:
            sent = {"Content-Type": "application/json", **dict(self.headers)}
            connection.request("POST", self.path, self.bodies[number % len(self.bodies)], sent)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (http.client.HTTPException, OSError):
            connection.close()
            return 0


@dataclass(frozen=True)
class Told:
    """What one stretch of load showed; times in seconds, memory in megabytes."""

    wanted: float
    answered: float
    errors: int
    p50: float
    p95: float
    p99: float
    processor: float  # of the service, a request
    cores: float  # of the service
    client_cores: float
    memory: tuple[float, float]

    @property
    def keeps_up(self) -> bool:
        """Whether all that was wanted was answered in time."""
        return not self.errors and self.answered >= 0.95 * self.wanted and self.p99 <= KEEPS_UP_SECONDS

    def __str__(self) -> str:
        return (
            f"{self.wanted:.0f} a second wanted, {self.answered:.0f} answered, {self.errors} errors;"
            f" from when each was due p50 {1000 * self.p50:.0f} ms, p95 {1000 * self.p95:.0f} ms,"
            f" p99 {1000 * self.p99:.0f} ms; {1000 * self.processor:.2f} ms of the processor a request,"
            f" {self.cores:.2f} cores (client {self.client_cores:.2f});"
            f" memory {self.memory[0]:.0f} MB, then {self.memory[1]:.0f} MB"
        )


def one_by_one(target: Target, times: int) -> tuple[float, float]:
    """The median of so many requests one after another, and the processor time of the service for each."""
    connection = target.connection()
    for number in range(min(10, times)):
        _must(target.ask(connection, number))
    took, before = [], processor_seconds(target.process)
    for number in range(times):
        began = time.perf_counter()
        _must(target.ask(connection, number))
        took.append(time.perf_counter() - began)
    used = processor_seconds(target.process) - before
    connection.close()
    return sorted(took)[len(took) // 2], used / times


def _must(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"A request of the benchmark was answered with {status}.")


def offered(target: Target, per_second: float, seconds: float) -> Told:
    """Ask so many times a second for so long."""
    due, lock = iter(range(10**9)), threading.Lock()
    took: list[float] = []
    errors = 0
    memory, used, own = _memory(target.process), processor_seconds(target.process), time.process_time()
    began = time.perf_counter()

    def work() -> None:
        nonlocal errors
        connection = target.connection()
        while True:
            with lock:
                number = next(due)
            at = began + number / per_second
            if at > began + seconds:
                connection.close()
                return
            time.sleep(max(0.0, at - time.perf_counter()))
            status = target.ask(connection, number)
            with lock:
                errors += status != 200
                took.append(time.perf_counter() - at)

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over = time.perf_counter() - began
    used = processor_seconds(target.process) - used
    took.sort()
    p50, p95, p99 = (took[int(share * len(took))] for share in (0.5, 0.95, 0.99))
    return Told(
        wanted=per_second,
        answered=len(took) / over,
        errors=errors,
        p50=p50,
        p95=p95,
        p99=p99,
        processor=used / len(took),
        cores=used / over,
        client_cores=(time.process_time() - own) / over,
        memory=(memory, _memory(target.process)),
    )


def run(target: Target, load: Load, say: Say) -> float | None:
    """The load asked for, then steps up to the limit, then the soak; the limit in requests a second."""
    limit = None
    if load.per_second and load.minutes:
        say(f"  for {load.minutes:g} minutes: {offered(target, load.per_second, 60 * load.minutes)}")
        limit = _limit(target, load.per_second, say)
    if load.soak_minutes:
        told = offered(target, min(20.0, load.per_second or 20.0), 60 * load.soak_minutes)
        say(f"  soak of {load.soak_minutes:g} minutes: {told}")
    return limit


def _limit(target: Target, start: float, say: Say) -> float:
    """Step up until the service no longer keeps up, or down until it does; the last that it kept up with."""
    told = offered(target, start, STEP_SECONDS)
    up, kept = told.keeps_up, told
    while told.keeps_up == up and 1 <= told.wanted < 5000:
        kept = told
        told = offered(target, told.wanted * STEP if up else told.wanted / STEP, STEP_SECONDS)
    best, beyond = (kept, told) if up else (told, kept)
    say(f"  kept up with: {best}")
    say(f"  no longer with: {beyond}")
    short = beyond.cores + beyond.client_cores
    cause = "waiting: for the disk, or for others at work on this machine"
    if short > 0.85 * (os.cpu_count() or 1):
        cause = "the processor"
    elif beyond.cores > 0.85 * target.processes:
        cause = f"the processes that answer, {target.processes}"
    say(f"  what held it there: {cause} ({short:.2f} of {os.cpu_count()} cores at work for it)")
    return best.wanted


def processor_seconds(process: int) -> float:
    """Processor time of a process and all below it, so far."""
    ticks = 0
    for member in _family(process):
        try:
            said = Path(f"/proc/{member}/stat").read_text(encoding="utf-8")
        except OSError:  # it has ended in between
            continue
        ticks += sum(int(field) for field in said.rpartition(")")[2].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(process: int) -> float:
    """Resident megabytes of a process and all below it."""
    family = _family(process)
    return sum(kilobytes for pid, _, kilobytes in _processes() if pid in family) / 1024


def _family(process: int) -> set[int]:
    rows = _processes()
    family, grown = {process}, True
    while grown:
        more = {pid for pid, parent, _ in rows if parent in family} - family
        family, grown = family | more, bool(more)
    return family


def _processes() -> list[tuple[int, int, int]]:
    told = subprocess.run(
        ["/bin/ps", "-e", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    )  # nosec B603
    found = []
    for line in told.stdout.splitlines():
        pid, parent, kilobytes = line.split()
        found.append((int(pid), int(parent), int(kilobytes)))
    return found


def bodies(children: Sequence[str], **more: object) -> list[bytes]:
    """A request for each child."""
    return [json.dumps({"child_key": child, **more}).encode() for child in children]
