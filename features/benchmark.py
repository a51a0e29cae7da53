"""What the engines cost, measured side by side in one run: python -m features benchmark.

    bare     21 windowed features of one table of events, by a query written by hand
    engine   every declared feature over as many events spread over all sources, on one as-of date
    dates    the same on several as-of dates together, and the bare query too
    pandas   the same as `engine` by pandas, value by value compared
    linear   the engine on a hundredth and a tenth of the events and children
    child    one child at a time, with the records behind every value

Each part runs in a process of its own, so that its peak memory is its own. What counts are ratios:
seconds depend on the machine and on who else is using it, hence the load beside them. The events are
made up, written to a scratch folder and removed with it.
"""

from __future__ import annotations

import os
import platform
import resource
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

PARTS = ("bare", "engine", "dates", "pandas", "linear", "child")
THREADS = 2
_WINDOWS = (30, 90, 180)
_ASKED_ONE_BY_ONE = 200


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    events: int
    children: int
    dates: int


# The first is over in two minutes on a laptop; the second takes a quarter of an hour and 4 GB.
SMALL, FULL = Size(2_000_000, 10_000, 12), Size(20_000_000, 100_000, 12)


@dataclass(frozen=True)
class Cost:
    """What one part took: seconds, the most memory its process ever held, and what else it found."""

    seconds: float
    peak_mb: float
    found: tuple[float, ...] = ()


Clock = Callable[[], float]
Part = Callable[..., tuple[float, tuple[float, ...]]]


def run(
    size: Size, parts: tuple[str, ...], seed: int, clock: Clock, below: Path | None = None
) -> Iterator[str]:
    """Measure these parts and say what they took, line by line; the scratch folder is made `below`."""
    with tempfile.TemporaryDirectory(prefix="miaohu-benchmark-", dir=below) as scratch:
        yield from _run(Path(scratch), size, parts, seed, clock)


def _run(scratch: Path, size: Size, parts: tuple[str, ...], seed: int, clock: Clock) -> Iterator[str]:
    features, sources = _alone(_declared, clock, scratch).found
    yield (
        f"{features:.0f} features, {sources:.0f} sources; {size.events:,} events, {size.children:,} children;"
        f" {THREADS} threads, {platform.machine()}, {os.cpu_count()} processors; made-up events, nobody's"
    )
    yield _line("making the events", _alone(_make, clock, scratch, size, seed))
    bare = _alone(_bare, clock, scratch, size.children, 1) if {"bare", "engine"} & set(parts) else None
    if bare:
        yield _line("bare query, 21 features, 1 date", bare)
    ours = _alone(_engine, clock, scratch, size.children, 1) if {"engine", "pandas"} & set(parts) else None
    if ours:
        yield _line(f"engine, {features:.0f} features, 1 date", ours)
    if bare and ours:
        yield f"  engine / bare query: {ours.seconds / bare.seconds:.1f} (goal: at most 4; under 1.5 GB)"
    if "pandas" in parts and ours:
        pandas = _alone(_pandas, clock, scratch, size.children)
        yield _line("pandas, the same features, 1 date", pandas)
        again = _alone(_engine, clock, scratch, size.children, 1, True)
        yield _line("engine again, with its queries made", again)
        cold, warm = (pandas.seconds / cost.seconds for cost in (ours, again))
        yield f"  pandas / engine: {cold:.1f}, {warm:.1f} with the queries made (goal: at least 10)"
        yield f"  values that differ between the two: {_alone(_differing, clock, scratch).found[0]:.0f}"
    if "dates" in parts:
        bare, ours = (_alone(part, clock, scratch, size.children, size.dates) for part in (_bare, _engine))
        yield _line(f"bare query, {size.dates} dates together", bare)
        yield _line(f"engine, {size.dates} dates together", ours)
        yield f"  engine / bare query: {ours.seconds / bare.seconds:.1f} (goal: under 4 GB)"
    if "child" in parts:
        cost = _alone(_child, clock, scratch, size.children)
        median, worst = (1000 * seconds for seconds in cost.found)
        yield _line(f"{_ASKED_ONE_BY_ONE} children, one at a time", cost)
        yield f"  one child, warm, with evidence: median {median:.1f} ms, 95 % below {worst:.1f} (goal: 50)"
    if "linear" in parts:
        yield from _linear(scratch, size, seed, clock)


def _linear(scratch: Path, size: Size, seed: int, clock: Clock) -> Iterator[str]:
    for part in (100, 10, 1):
        small = Size(size.events // part, size.children // part, 1)
        if part > 1:
            _alone(_make, clock, scratch / str(part), small, seed)
        cost = _alone(_engine, clock, scratch if part == 1 else scratch / str(part), small.children, 1, True)
        yield _line(f"engine again, {small.events:,} events, {small.children:,} children", cost)
        yield f"  seconds for each million events: {cost.seconds / small.events * 1e6:.2f}"


def _line(what: str, cost: Cost) -> str:
    load = " ".join(f"{load:.1f}" for load in os.getloadavg()[:2])
    return f"{what:<48}{cost.seconds:>9.2f} s {cost.peak_mb:>8,.0f} MB   load {load}"


def _alone(part: Part, clock: Clock, *arguments: object) -> Cost:
    """Run a part in a fresh process and say what it took."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(_measured, part, clock, arguments).result()


def _measured(part: Part, clock: Clock, arguments: tuple[object, ...]) -> Cost:
    seconds, found = part(clock, *arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on a Mac.
    return Cost(seconds, peak / (1e6 if platform.system() == "Darwin" else 1e3), found)


# --- the parts, each in its own process: libraries are loaded before the clock is read ---------------


def _declared(_clock: Clock, _scratch: Path) -> tuple[float, tuple[float, ...]]:
    from features.benchmark_events import delivered_sources
    from features.catalogue import FEATURES

    return 0.0, (len(FEATURES), len(delivered_sources()))


def _make(clock: Clock, scratch: Path, size: Size, seed: int) -> tuple[float, tuple[float, ...]]:
    from features.benchmark_events import write_events, write_plain_events

    begin = clock()
    write_events(scratch / "events", size.events, size.children, seed)
    write_plain_events(scratch / "plain.parquet", size.events, size.children, seed)
    return clock() - begin, ()


def _bare(clock: Clock, scratch: Path, children: int, dates: int) -> tuple[float, tuple[float, ...]]:
    import ibis
    import pandas as pd

    from features.benchmark_events import as_of_dates

    connection = ibis.duckdb.connect(threads=THREADS)
    connection.con.execute("SET enable_progress_bar = false")
    begin = clock()
    days = [
        pd.DataFrame({"child_id": range(children), "as_of": pd.Timestamp(day)}) for day in as_of_dates(dates)
    ]
    connection.con.register("asked", pd.concat(days))
    asked = connection.table("asked")
    events = connection.read_parquet(scratch / "plain.parquet")
    known = asked.join(events, "child_id")
    known = known.filter(
        known.known_at < known.as_of,
        known.event_time < known.as_of,
        known.event_time >= known.as_of - ibis.interval(days=max(_WINDOWS)),
    )
    seconds = known.as_of.epoch_seconds() - known.event_time.epoch_seconds()
    known = known.mutate(age=seconds.cast("float64") / ibis.literal(86_400.0, "float64"))
    cells: dict[str, ibis.Value] = {}
    for window in _WINDOWS:
        inside = known.age <= window
        filled = inside & known.value.notnull()
        spread = known.age.var(how="pop", where=filled).nullif(0)
        cells |= {
            f"count_{window}": known.count(where=inside),
            f"mean_{window}": known.value.mean(where=inside),
            f"deviation_{window}": known.value.std(where=inside),
            f"high_{window}": known.count(where=inside & (known.value > 8)),
            f"slope_{window}": -known.age.cov(known.value, how="pop", where=filled) / spread,
            f"quantile_{window}": known.value.quantile(0.9, where=inside),
            f"recency_{window}": known.age.min(where=inside),
        }
    found = known.group_by("child_id", "as_of").aggregate(**cells)
    together = asked.left_join(found, ["child_id", "as_of"]).drop("child_id_right", "as_of_right")
    connection.to_parquet(together, scratch / "bare.parquet")
    return clock() - begin, ()


def _engine(
    clock: Clock, scratch: Path, children: int, dates: int, again: bool = False
) -> tuple[float, tuple[float, ...]]:
    """`again`: with the queries made already, which takes as long for a thousand events as for a billion."""
    from features.benchmark_events import questions, tables
    from features.catalogue import FEATURES
    from features.engine import Engine

    with Engine(tables(scratch / "events"), threads=THREADS) as engine:
        if again:
            rows, silent = questions(2, 1)
            engine.matrix(rows, FEATURES, silent)
        begin = clock()
        rows, silent = questions(children, dates)
        engine.matrix(rows, FEATURES, silent).to_parquet(scratch / "engine.parquet")
        return clock() - begin, ()


def _pandas(clock: Clock, scratch: Path, children: int) -> tuple[float, tuple[float, ...]]:
    from features.benchmark_events import questions, tables
    from features.catalogue import FEATURES
    from features.pandas_engine import PandasEngine

    begin = clock()
    rows, silent = questions(children, 1)
    PandasEngine(tables(scratch / "events")).matrix(rows, FEATURES, silent).to_parquet(
        scratch / "pandas.parquet"
    )
    return clock() - begin, ()


def _differing(_clock: Clock, scratch: Path) -> tuple[float, tuple[float, ...]]:
    import numpy as np
    import pyarrow.parquet as pq

    found, expected = (pq.read_table(scratch / f"{name}.parquet") for name in ("engine", "pandas"))
    differing = 0
    for name in expected.column_names[2:]:
        one, other = (table.column(name).to_numpy() for table in (found, expected))
        differing += int(np.sum(~((one == other) | (np.isnan(one) & np.isnan(other)))))
    return 0.0, (float(differing),)


def _child(clock: Clock, scratch: Path, children: int) -> tuple[float, tuple[float, ...]]:
    import numpy as np

    from features.benchmark_events import questions, tables
    from features.catalogue import FEATURES
    from features.child_records import RecordReader
    from features.reference import counting
    from features.reference_engine import ReferenceEngine
    from features.sources import source_named

    files = tables(scratch / "events")
    reader = RecordReader({source_named(name): path for name, path in files.items()})
    rows, silent = questions(children, 1)
    as_of = rows["as_of"].iloc[0]
    took = []
    begin = clock()
    for place in np.linspace(0, len(rows) - 1, _ASKED_ONE_BY_ONE + 1).astype(int):
        before = clock()
        row = rows.iloc[[place]]
        key = row["child_key"].iloc[0]
        records = reader.standing([key], as_of)
        ReferenceEngine(records, as_of, files).matrix(row, FEATURES, silent)
        for feature in FEATURES:
            counting(feature, records[feature.source.name].get(key, ()), as_of)
        took.append(clock() - before)
    reader.close()
    # The first child waits for every file to be opened; that is not what a warm service does.
    return clock() - begin, (float(np.median(took[1:])), float(np.quantile(took[1:], 0.95)))
