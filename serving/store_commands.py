"""The commands about the review store: check, backup, restore, grants, benchmark. Each says what it did."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from features.jurisdiction import load_profile
from features.settings import Settings
from serving.review import backup, checking, grants, retention
from serving.review.audit import Head
from serving.review.store import Store

Say = Callable[[str], None]

DATABASES = ("sqlite", "postgresql")


def add(commands: Any, say: Say) -> None:
    """Declare the commands; `say` is given each line."""

    def declare(name: str, what: str, run: Callable[[Store, argparse.Namespace, Say], int]) -> Any:
        parser = commands.add_parser(name, help=what)
        parser.set_defaults(run=lambda settings, arguments: _with_store(settings, arguments, say, run))
        return parser

    check = declare("check", "look whether the review store and its log are whole", _check)
    check.add_argument("--file", type=Path, help="look at this backup instead")
    check.add_argument(
        "--witness",
        type=_head,
        help="the log must still hold this event, as an earlier check said it: NUMBER:HASH",
    )
    back_up = declare("backup", "copy the review store, as of one moment, into a new file", _backup)
    back_up.add_argument("file", type=Path)
    restore = declare("restore", "copy a backup into a review store that is empty", _restore)
    restore.add_argument("file", type=Path)
    grant = declare("grants", "what the service's own PostgreSQL user may do, as SQL", _grants)
    grant.add_argument("role", help="the name of the database user")
    grant.add_argument("--apply", action="store_true", help="do it, as the owner of the tables")
    keep = declare("retain", "what has been kept long enough; --do lets go of it", _retain)
    keep.add_argument("--do", action="store_true", help="let go of it; without this it is only counted")
    measure = commands.add_parser(
        "benchmark", help="how fast scoring and the pages of a big, made-up store are, as ratios of one run"
    )
    measure.add_argument("--part", choices=("all", "scoring", "store"), default="all")
    measure.add_argument("--rps", type=float, default=0.0, help="ask for scores so many times a second …")
    measure.add_argument("--minutes", type=float, default=1.0, help="… for so long (1)")
    measure.add_argument("--soak", type=float, default=0.0, help="and 20 times a second for so many minutes")
    measure.add_argument("--database", choices=(*DATABASES, "both"), default=DATABASES[0])
    measure.add_argument(
        "--server",
        default="",
        help="a PostgreSQL server where a database may be made and dropped, as its address",
    )
    measure.add_argument("--alerts", type=int, default=1_000_000, help="how many (default: a million)")
    measure.add_argument("--requests", type=int, default=20, help="how often each page is asked for (20)")
    measure.set_defaults(run=lambda settings, arguments: _benchmark(settings, arguments, say))


def _with_store(
    settings: Settings,
    arguments: argparse.Namespace,
    say: Say,
    run: Callable[[Store, argparse.Namespace, Say], int],
) -> int:
    store = Store.open(settings.review_url)
    try:
        return run(store, arguments, say)
    finally:
        store.close()


def _check(store: Store, arguments: argparse.Namespace, say: Say) -> int:
    if arguments.file is None:
        return _tell(checking.check(store, arguments.witness), say)
    if not arguments.file.is_file():
        say(f"There is no backup {arguments.file}.")
        return 1
    other = Store.open(f"sqlite:///{arguments.file}")
    try:
        return _tell(checking.check(other, arguments.witness), say)
    finally:
        other.close()


def _backup(store: Store, arguments: argparse.Namespace, say: Say) -> int:
    code = _tell(backup.back_up(store, arguments.file), say)
    say(f"backup: {arguments.file}; it holds notes and pseudonyms, keep it where the store may be kept")
    return code


def _restore(store: Store, arguments: argparse.Namespace, say: Say) -> int:
    return _tell(backup.restore(arguments.file, store), say)


def _grants(store: Store, arguments: argparse.Namespace, say: Say) -> int:
    if arguments.apply:
        grants.apply(store, arguments.role)
        say(f"{arguments.role} may now do what the service needs, and cannot change what is append-only")
        return 0
    for statement in grants.statements(arguments.role):
        say(f"{statement};")
    return 0


def _benchmark(settings: Settings, arguments: argparse.Namespace, say: Say) -> int:
    from serving import benchmark, bootstrap
    from serving.benchmark_store import Size

    databases = DATABASES if arguments.database == "both" else (arguments.database,)
    if "postgresql" in databases and not arguments.server:
        say("For PostgreSQL name a server: --server postgresql+psycopg://owner@host/postgres")
        return 2
    if arguments.part != "store":
        from serving import benchmark_load, benchmark_scoring

        load = benchmark_load.Load(arguments.rps, arguments.minutes, arguments.soak)
        profile, today = load_profile(settings.jurisdiction), bootstrap.today()
        with TemporaryDirectory(prefix="miaohu-benchmark-") as folder:
            benchmark_scoring.run(settings, profile, Path(folder), load, today, bootstrap.now(), say)
    if arguments.part == "scoring":
        return 0
    many = arguments.alerts
    size = Size(children=many // 5, cases=many * 15 // 100, alerts=many, screened=min(300, many // 100))
    profile = load_profile(settings.jurisdiction)
    slowest = benchmark.run(
        databases, arguments.server, size, profile, bootstrap.now(), say, arguments.requests
    )
    return 0 if slowest < benchmark.GOAL else 1


def _retain(store: Store, arguments: argparse.Namespace, say: Say) -> int:
    from serving import bootstrap

    found = retention.retain(store, bootstrap.now(), do=arguments.do)
    for line in retention.lines(found, bootstrap.today()):
        say(line)
    return 0


def _tell(found: checking.Checked, say: Say) -> int:
    held = ", ".join(f"{count} {name}" for name, count in found.rows.items() if count)
    say(f"revision {found.revision}: {held or 'nothing yet'}")
    if found.head is not None:
        say(f"the log is whole; its witness is {found.head.number}:{found.head.own_hash}")
    if found.may_change_log:
        say("this database user could change the log; give the service one of its own: grants ROLE --apply")
    for fault in found.faults:
        say(f"NOT WHOLE: {fault}")
    return 1 if found.faults else 0


def _head(given: str) -> Head:
    number, _, own_hash = given.partition(":")
    if not number.isdigit() or len(own_hash) != 64:
        raise argparse.ArgumentTypeError(f"{given} is not a witness like 4711:9f2c…")
    return Head(int(number), own_hash)
