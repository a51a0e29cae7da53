"""python -m serving COMMAND: what there is, `--help` says."""

import argparse
import errno
import os
import secrets
import signal
import socket
import subprocess  # nosec B404
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from features.settings import Settings, SettingsError
from serving import SERVICE

if TYPE_CHECKING:
    from serving.export_commands import Given
    from serving.review.store import Store

# BentoML reads these when it is imported, and the word must be `true`: nothing may call out.
os.environ["BENTOML_DO_NOT_TRACK"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

ROOT = Path(__file__).parents[1]
# A batch that has begun is answered to its end: ten thousand children take about so long.
STOP_SECONDS = 90


def _progress(text: str) -> None:
    print(f"  {text}", flush=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2026-10-01") from None


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    from serving import bootstrap

    bootstrap.open_store(settings).close()
    print("the review store is up to date")
    return 0


def _accounts(settings: Settings, arguments: argparse.Namespace) -> int:
    from serving import bootstrap
    from serving.account_commands import close_account, open_account
    from serving.review import demo

    store = bootstrap.open_store(settings)
    try:
        if arguments.add:
            return open_account(
                store, arguments.add, arguments.name, arguments.role, arguments.area,
                secrets.token_urlsafe(12), bootstrap.now(), print,
            )  # fmt: skip
        if arguments.close:
            return close_account(store, arguments.close, bootstrap.now(), print)
        if not (arguments.demo or arguments.reset):
            return _list_accounts(store)
        if not bootstrap.is_simulated(settings):
            # Six accounts in one hand would let it decide twice, and read what each role may not.
            print("Demo accounts are for a simulated county only: python -m serving accounts --add NAME ...")
            return 1
        with store.write() as session:
            if demo.exist(session) and not arguments.reset:
                print("The demo accounts are there already; their passwords were shown once.")
                print("New passwords: python -m serving accounts --reset")
                return 0
            shown = demo.make(session, lambda: secrets.token_urlsafe(12), bootstrap.now())
    finally:
        store.close()
    print("demo accounts (shown once, not kept in the clear):")
    for username, role, area, password in shown.rows:
        print(f"  {username:<12} {password:<18} {role.title.zh} / {role.title.en}, area {area or 'all'}")
    print(f"  API key      {shown.api_key}")
    return 0


def _list_accounts(store: "Store") -> int:
    from sqlalchemy import select

    from serving.review.tables import Account

    with store.read() as session:
        found = session.scalars(select(Account).order_by(Account.username)).all()
        for account in found:
            state = "closed" if account.disabled_at else "open"
            print(
                f"{account.username:<16} {account.role:<16} area {account.area_prefix or 'all':<14} {state}"
            )
    if not found:
        print("There are no accounts yet: python -m serving accounts --add makes one.")
    return 0


def _screen(settings: Settings, arguments: argparse.Namespace) -> int:
    from serving import bootstrap
    from serving.screening import NothingToScreen, run_round

    today = arguments.today or bootstrap.today()
    simulated = "simulated: " if bootstrap.is_simulated(settings) else ""
    print("screening the newest round")
    store = bootstrap.open_store(settings)
    try:
        done = run_round(bootstrap.round_deps(settings, store), today, bootstrap.system_random(), _progress)
    except NothingToScreen as nothing:
        print(nothing)
        return 1
    finally:
        store.close()
    if done.by_rules:
        print("no screener is in use: the published rules rank, and the queue says so")
    print(
        f"{simulated}round {done.round_id}, release {done.number}: {done.opened.alerts} new alerts,"
        f" {done.opened.opened} cases opened, {done.opened.joined} joined to open cases"
    )
    return 0


def _replay(settings: Settings, arguments: argparse.Namespace) -> int:
    from serving import bootstrap
    from serving.replay import CannotReplay, replay_stored

    store = bootstrap.open_store(settings)
    try:
        with store.read() as session:
            found = replay_stored(session, arguments.screening, settings.champions)
    except CannotReplay as missing:
        print(missing)
        return 1
    finally:
        store.close()
    about = f"{found.screening.screener} {found.screening.version}, as of {found.screening.as_of}"
    print(f"{'identical' if found.identical else 'NOT identical'}: {about}")
    for line in found.differs:
        print(f"  {line}")
    for line in found.made_otherwise:
        print(f"  made otherwise since, {line}")
    if found.of_round:
        print("  the place among the round's children was taken as stored")
    return 0 if found.identical else 1


def _work(settings: Settings, arguments: argparse.Namespace) -> int:
    from serving import bootstrap, logs, turns

    if not arguments.once:
        logs.write_json_lines()
    stop = _Stop()
    store = bootstrap.open_store(settings)
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    post = bootstrap.poster()
    worker = turns.Worker(
        settings,
        store,
        bootstrap.delivery(settings, store, holder, post),
        _progress if arguments.once else logs.work,
    )
    try:
        if arguments.once:
            return worker.once()
        worker.until(stop.wait)
        return 0
    finally:
        post.close()
        store.close()


def _now() -> datetime:
    from serving import bootstrap

    return bootstrap.now()


def _exports() -> "Given":
    from serving import bootstrap
    from serving.export_commands import Given

    return Given(
        bootstrap.open_store, bootstrap.read_tables, bootstrap.looked, bootstrap.now, bootstrap.today
    )


def _serve(settings: Settings, arguments: argparse.Namespace) -> int:
    from serving import bootstrap, settings_check
    from serving.bento import is_built, store_home

    wrong = settings_check.faults(settings)
    trouble = _cannot_listen(settings.host, settings.port)
    for sentence in [*wrong, *([trouble] if trouble else [])]:
        print(sentence)
    if wrong or trouble:
        return 1
    for sentence in settings_check.cautions(settings):
        print(sentence)
    if arguments.bento and not is_built(settings, arguments.bento):
        print(
            f"There is no Bento {arguments.bento} here: python -m serving bento builds one and says its tag."
        )
        return 1
    bootstrap.open_store(settings).close()
    environment = {
        **os.environ,
        "BENTOML_HOME": str(store_home(settings)),
        "MIAOHU_HOME": str(settings.home),
        "PYTHONPATH": str(ROOT),
    }
    store_home(settings).mkdir(parents=True, exist_ok=True)
    what = arguments.bento or SERVICE
    where = ["--host", settings.host, "--port", str(settings.port)]
    commands = [[sys.executable, "-m", "serving.launch", "serve", what, *where]]
    if arguments.with_worker:
        commands.append([sys.executable, "-m", "serving", "work"])
    stop = _Stop()
    # A group of their own: a Ctrl-C reaches us only, and we stop them in order.
    children = [
        subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603  # nosec B603  # our own commands
        for command in commands
    ]
    try:
        return _watch(settings, children, stop)
    finally:
        for child in reversed(children):
            _end(child)


def _watch(settings: Settings, children: "list[subprocess.Popen[bytes]]", stop: "_Stop") -> int:
    address = f"http://{settings.host}:{settings.port}"
    ready = False
    while not stop.wait(0.3):
        ended = [child for child in children if child.poll() is not None]
        if ended:
            print(f"A part of the service ended by itself (exit {ended[0].returncode}); stopping the rest.")
            return 1
        if not ready and _is_ready(address):
            ready = True
            print(f"\n  Miaohu is ready: {address}")
            print("  accounts: python -m serving accounts    stop: Ctrl-C\n", flush=True)
    print("stopping", flush=True)
    return 0


def _is_ready(address: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{address}/readyz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _cannot_listen(host: str, port: int) -> str:
    """Why this address cannot be listened on; empty if it can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            return f"{host} is no address of this machine: see MIAOHU_HOST."
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return (
                    f"Port {port} on {host} is in use: stop what uses it, or choose another with MIAOHU_PORT."
                )
            if error.errno == errno.EADDRNOTAVAIL:
                return f"{host} is no address of this machine: see MIAOHU_HOST."
            return f"Port {port} on {host} cannot be listened on: {error.strerror}."
    return ""


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


class _Stop:
    """Turns SIGINT and SIGTERM into a wish to stop that loops look at."""

    def __init__(self) -> None:
        self._wanted = False
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._want)

    def _want(self, *_: object) -> None:
        self._wanted = True

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until asked to stop; whether we were."""
        until = time.monotonic() + seconds
        while not self._wanted and time.monotonic() < until:
            time.sleep(0.1)
        return self._wanted


def _bento(settings: Settings, _arguments: argparse.Namespace) -> int:
    from serving.bento import build, store_home

    os.environ["BENTOML_HOME"] = str(store_home(settings))
    store_home(settings).mkdir(parents=True, exist_ok=True)
    built = build(settings, _progress)
    carried = ", ".join(built.screeners) or "no screener"
    print(f"{built.tag}: {built.size_bytes / 1e6:.1f} MB, carries {carried}")
    print(f"  {built.folder}")
    print(f"  serve it: python -m serving serve --bento {built.tag}")
    return 0


def _document(_settings: Settings, _arguments: argparse.Namespace) -> int:
    from serving import interface_document, threats
    from serving.openapi import OPENAPI_FILE, render
    from serving.review import steps_document

    OPENAPI_FILE.write_text(render(), encoding="utf-8")
    print(OPENAPI_FILE.name)
    print(steps_document.write().name)
    print(interface_document.write().name)
    print(threats.write().name)
    return 0


def _parser() -> argparse.ArgumentParser:
    from serving import (
        export_commands,
        forget_command,
        machine_commands,
        pack_commands,
        settings_check,
        store_commands,
    )

    parser = argparse.ArgumentParser(
        prog="python -m serving",
        description=(
            "Screening on request, and the people who act on it. All state lies under MIAOHU_HOME (./var)."
        ),
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    migrate = commands.add_parser("migrate", help="make the review store, or bring it up to date")
    migrate.set_defaults(run=_migrate)

    from serving.review.case import Role

    accounts = commands.add_parser(
        "accounts", help="list the accounts, make or close one, or make demo accounts"
    )
    accounts.add_argument(
        "--demo", action="store_true", help="one account for each role and an API key; passwords shown once"
    )
    accounts.add_argument("--reset", action="store_true", help="new passwords and a new API key for the demo")
    accounts.add_argument("--add", metavar="USERNAME", help="make an account; its password is shown once")
    accounts.add_argument("--name", default="", help="the name colleagues see, with --add")
    accounts.add_argument("--role", choices=[role.value for role in Role], default=Role.CHILD_DIRECTOR.value)
    accounts.add_argument("--area", default="", help="an area code; empty: everywhere")
    accounts.add_argument("--close", metavar="USERNAME", help="close an account and end its sessions")
    accounts.set_defaults(run=_accounts)

    screen = commands.add_parser("screen", help="screen the newest round and open cases by capacity")
    screen.add_argument("--today", type=_day, help="the day to stand on (default: today in China)")
    screen.set_defaults(run=_screen)

    replay = commands.add_parser("replay", help="make a stored screening again and compare it to the bit")
    replay.add_argument("--screening", required=True, help="the number of the stored screening")
    replay.set_defaults(run=_replay)

    serve = commands.add_parser("serve", help="serve the scoring endpoint and the review pages until stopped")
    serve.add_argument("--with-worker", action="store_true", help="run the queue's clocks beside it")
    serve.add_argument("--bento", help="serve this built Bento (its tag) instead of the code here")
    serve.set_defaults(run=_serve)

    work = commands.add_parser(
        "work", help="run the queue's clocks: weekly releases, triggers, publication into the lake"
    )
    work.add_argument("--once", action="store_true", help="one turn, then exit")
    work.set_defaults(run=_work)

    bento = commands.add_parser("bento", help="export the screeners in use and build the Bento with them")
    bento.set_defaults(run=_bento)

    store_commands.add(commands, print)
    pack_commands.add(commands, print)
    export_commands.add(commands, print, _exports)
    machine_commands.add(commands, print, _now)
    settings_check.add(commands, print)
    forget_command.add(commands, print)

    document = commands.add_parser("document", help="write the generated documents of this folder again")
    document.set_defaults(run=_document)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 could not be done, 2 not understood."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(error)
        return 2
    from features.identity import IdentityError
    from features.jurisdiction import ProfileError, ProfileUnknown
    from models.policy import PolicyError
    from models.screener import ScreenerError
    from serving.review.store import StoreError

    try:
        return int(arguments.run(settings, arguments))
    except (StoreError, IdentityError, ProfileError, ProfileUnknown, PolicyError, ScreenerError) as error:
        print(error)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        print(f"{error.filename} cannot be used: {error.strerror}.")
        return 1


if __name__ == "__main__":
    sys.exit(main())
