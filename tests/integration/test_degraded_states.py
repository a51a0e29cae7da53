"""Something is away, full, damaged or wrong: it is said, nothing is half done, and it is over by itself."""

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from features.signals import LakeError
from serving import bootstrap, turns
from serving.current import LOOK_EVERY, Current
from serving.review import audit, leases, readiness, webhooks, worker_turns
from serving.review.machine_tables import WebhookMessage
from serving.review.readiness import Trouble
from serving.review.store import Store
from serving.review.tables import Case
from serving.review.webhooks import Event
from tests import support_postgres
from tests.integration.test_service import served
from tests.support_review import NOW, alert, open_cases, open_store
from tests.support_serving import TODAY, copy_home, settings_at

ROOT = Path(__file__).parents[2]


def codes(found: list[Trouble]) -> list[str]:
    return [trouble.code for trouble in found]


def test_what_others_replace_is_made_again_when_it_changed_and_not_before():
    made, state, seconds = [], ["first"], [0.0]
    current = Current(lambda: made.append(state[0]) or state[0], lambda: state[0], lambda: seconds[0])

    state[0] = "second"
    assert current.get() == "first"
    seconds[0] += LOOK_EVERY
    assert current.get() == "second"
    seconds[0] += LOOK_EVERY
    assert current.get() == "second"
    assert made == ["first", "second"]


def test_what_cannot_be_made_again_leaves_what_there_was_and_is_tried_again():
    state, seconds, fails = ["first"], [0.0], [False]

    def make() -> str:
        if fails[0]:
            raise OSError("the disk is away")
        return state[0]

    current = Current(make, lambda: state[0], lambda: seconds[0])
    state[0], fails[0] = "second", True
    seconds[0] += LOOK_EVERY
    with pytest.raises(OSError, match="away"):
        current.get()
    fails[0] = False
    assert current.get() == "second"


# --- disk, data home, clock ------------------------------------------------------------------------------


def test_a_full_disk_undoes_the_step_whole_and_the_next_one_is_done(tmp_path):
    store = open_store(tmp_path)
    open_cases(store, [alert("c-before")])
    with store.read() as session:
        pages = session.scalar(text("PRAGMA page_count"))

    def fill() -> None:
        with store.write() as session:
            session.execute(text(f"PRAGMA max_page_count={pages}"))
            for number in range(5000):
                audit.write(session, actor="system", verb="x", subject=str(number), now=NOW)

    with pytest.raises(OperationalError, match="database or disk is full"):
        fill()
    store.close()  # the limit was this connection's

    again = open_store_at(tmp_path)
    with again.read() as session:
        audit.verify(session)
        assert [case.child_key for case in session.scalars(select(Case))] == ["c-before"]
    open_cases(again, [alert("c-after")])
    again.close()


def open_store_at(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder / 'review.db'}")


FULL = """
import resource, sys
from serving.review import audit
from serving.review.store import Store
from datetime import UTC, datetime
store = Store.open("sqlite:///" + sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
for number in range(2000):
    with store.write() as session:
        audit.write(session, actor="system", verb="x", subject=str(number), now=datetime(2026, 10, 6, tzinfo=UTC))
    print(number, flush=True)
"""


def test_a_file_that_may_not_grow_loses_no_step_that_was_answered(tmp_path):
    """The write-ahead log meets its limit in the middle of a step; what was answered before is there."""
    open_store(tmp_path).close()
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "review.db", "200000"],
        cwd=ROOT, capture_output=True, check=False, env={"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    answered = len(done.stdout.splitlines())

    assert done.returncode == 1
    assert b"OperationalError" in done.stderr
    assert 0 < answered < 2000
    store = open_store_at(tmp_path)
    with store.read() as session:
        assert audit.verify(session) == answered
    store.close()


def _forbid_writing() -> None:
    """Root may write anywhere; a process without this right may not. For anybody else nothing is needed."""
    import ctypes

    if os.geteuid() == 0:
        drop, cap_dac_override = 24, 1
        assert ctypes.CDLL(None).prctl(drop, cap_dac_override, 0, 0, 0) == 0


def test_a_data_home_that_cannot_be_written_is_named_by_the_worker_and_by_readiness(tmp_path):
    open_store(tmp_path).close()
    files = [*tmp_path.iterdir()]
    for path in (*files, tmp_path):
        path.chmod(0o500 if path.is_dir() else 0o400)
    script = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from serving.review import readiness; from serving.review.store import Store\n"
        "store = Store.open('sqlite:///' + sys.argv[1])\n"
        "found = readiness.troubles(store, datetime(2026, 10, 6, tzinfo=UTC), Path(sys.argv[1]).parent)\n"
        "print(*[one.code + ': ' + one.sentence for one in found], sep='\\n')\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, tmp_path / "review.db"],
            cwd=ROOT, capture_output=True, check=False, preexec_fn=_forbid_writing,
            env={"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    finally:
        for path in (tmp_path, *files):
            path.chmod(0o700)

    assert b"read_only: The data home cannot be written to." in done.stdout, done.stderr.decode()
    assert str(tmp_path).encode() not in done.stdout


def test_a_disk_that_is_all_but_full_is_said_before_it_is_full(store, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    assert readiness.troubles(store, NOW, home) == []
    free = shutil.disk_usage(home).free
    monkeypatch.setattr(readiness, "LEAST_FREE_BYTES", free * 2)

    assert codes(readiness.troubles(store, NOW, home)) == ["disk"]
    shutil.rmtree(home)
    assert codes(readiness.troubles(store, NOW, home)) == ["read_only"]


def test_a_clock_that_went_back_is_said_until_the_log_goes_on(store):
    open_cases(store, [alert("c-one")], now=NOW + timedelta(days=365))

    assert codes(readiness.troubles(store, NOW)) == ["clock"]
    with store.write() as session:
        audit.write(session, actor="system", verb="x", subject="y", now=NOW)
    assert readiness.troubles(store, NOW) == []


def test_what_a_clock_that_ran_ahead_put_off_is_not_waited_for(store):
    """A lease, a webhook and a look at the log, all of a year from now, by a clock that was wrong."""
    ahead = NOW + timedelta(days=365)
    with store.write() as session:
        assert leases.acquire(session, name="work", holder="gone", lasts=timedelta(minutes=30), now=ahead)
        webhooks.add(
            session, url="https://cases.example.org/", title="x", events=[Event.CASE_CLOSED.value],
            area_prefix="", internal=False, now=NOW,
        )  # fmt: skip
        webhooks.announce(session, Event.CASE_CLOSED, once="x", child_key="c", case_id=None, now=ahead)
    with store.write() as session:
        given = {"name": "work", "lasts": timedelta(minutes=30), "now": NOW}
        assert leases.acquire(session, holder="here", **given)
        assert not leases.acquire(session, holder="another", **given)
        [message] = webhooks.due(session, now=NOW, limit=10)
    with store.write() as session:
        session.get_one(WebhookMessage, message.id).next_at = NOW + timedelta(hours=20)
        session.flush()
        assert webhooks.due(session, now=NOW, limit=10) == []


# --- the database ----------------------------------------------------------------------------------------


def test_a_postgresql_server_that_stops_and_comes_back_is_used_again(tmp_path):
    # What is answered must be on the disk; the server of the other tests is more careless.
    with support_postgres.server("synchronous_commit=on") as server:
        store = Store.open(server.address(server.make()))
        store.migrate()
        open_cases(store, [alert("c-before")])
        assert readiness.troubles(store, NOW) == []
        server.stop()

        assert codes(readiness.troubles(store, NOW)) == ["database"]
        with pytest.raises(OperationalError):
            open_cases(store, [alert("c-lost")])

        server.start()
        assert readiness.troubles(store, NOW) == []
        open_cases(store, [alert("c-after")])
        with store.read() as session:
            audit.verify(session)
            assert {case.child_key for case in session.scalars(select(Case))} == {"c-before", "c-after"}
        store.close()


def test_a_file_that_is_away_is_not_replaced_by_an_empty_one_and_is_found_again(tmp_path):
    store = open_store(tmp_path)
    open_cases(store, [alert("c-before")])
    for path in tmp_path.glob("review.db*"):
        path.rename(tmp_path / f"away-{path.name}")

    assert codes(readiness.troubles(store, NOW)) == ["database"]
    with pytest.raises(OperationalError, match="unable to open database file"):
        open_cases(store, [alert("c-lost")])
    assert not (tmp_path / "review.db").exists()

    for path in tmp_path.glob("away-*"):
        path.rename(tmp_path / path.name.removeprefix("away-"))
    assert readiness.troubles(store, NOW) == []
    open_cases(store, [alert("c-after")])
    store.close()


# --- the worker ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_queues_clocks_wait_for_what_is_away_and_go_on_by_themselves(tmp_path):
    settings = settings_at(copy_home(tmp_path / "home"))
    store = bootstrap.open_store(settings)
    bootstrap.screening.run_round(
        bootstrap.round_deps(settings, store), TODAY, bootstrap.system_random(), lambda _: None
    )
    said: list[str] = []
    worker = turns.Worker(
        settings, store, bootstrap.delivery(settings, store, "me", bootstrap.poster()), said.append
    )
    (settings.lake).rename(tmp_path / "lake")

    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        if len(waited) == 3:
            (tmp_path / "lake").rename(settings.lake)
        return len(waited) > 3

    worker.until(wait)

    assert said[0] == "the queue's clocks wait: A round was screened here, and the lake holds no records now."
    assert said[1] == "nothing stands in the way any more"
    assert waited == [5, 5, 5, 1]
    with store.read() as session:
        stand = worker_turns.turns(session)
    assert stand.cut_off_by == ""
    assert timedelta() <= bootstrap.now() - stand.since < timedelta(minutes=5)
    shutil.rmtree(settings.champions)
    assert (
        bootstrap.work_deps(settings, store)[1]
        == "The newest round was screened, and no screener is in use now."
    )
    store.close()


class _Receivers:
    """Stands where webhooks are sent from; this worker never gets so far."""

    holder = "me"


@pytest.mark.parametrize("error", [LakeError("张小明"), ValueError("张小明"), KeyError("张小明")])
def test_a_turn_that_fails_on_its_data_is_told_without_their_words_and_the_next_one_comes(tmp_path, error):
    said: list[str] = []
    turns_begun = []

    class Failing(turns.Worker):
        def _in_the_way(self):
            return set()

        def _turn(self):
            turns_begun.append(1)
            raise error

    store = open_store(tmp_path)
    open_cases(store, [alert("c-one")])
    Failing(settings_at(tmp_path), store, _Receivers(), said.append).until(lambda _: len(turns_begun) == 3)

    assert len(turns_begun) == 3
    [line] = said
    assert line.startswith(f"a turn was cut off by {type(error).__name__} (test_degraded_states.py:")
    assert "张小明" not in line
    with store.read() as session:
        assert line == f"a turn was cut off by {worker_turns.turns(session).cut_off_by}"
    store.close()


def test_turns_stand_still_since_the_last_whole_one_and_since_the_first_event_where_none_was(store):
    def stand():
        with store.read() as session:
            return worker_turns.turns(session)

    assert stand() is None
    open_cases(store, [alert("c-one")])
    assert (stand().since, stand().cut_off_by) == (NOW, "")
    with store.write() as session:
        worker_turns.note_cut_off(session, "KeyError (raising.py:1)")
    assert (stand().since, stand().cut_off_by) == (NOW, "KeyError (raising.py:1)")

    whole = NOW + timedelta(hours=1)
    for late in (timedelta(), worker_turns.NOTED_EVERY / 2):
        with store.write() as session:
            worker_turns.note_whole(session, whole + late)
    assert stand() == worker_turns.Turns(whole, "")
    assert not stand().stand_still(whole + worker_turns.STILL_AFTER)
    assert stand().stand_still(whole + worker_turns.STILL_AFTER + timedelta(seconds=1))

    # A clock that ran ahead when a turn was noted keeps no later turn from being noted.
    with store.write() as session:
        worker_turns.note_whole(session, NOW)
    assert stand().since == NOW


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, MemoryError])
def test_who_stops_the_worker_or_takes_its_memory_ends_it(tmp_path, end):
    class Ended(turns.Worker):
        def _in_the_way(self):
            raise end

    with pytest.raises(end):
        Ended(settings_at(tmp_path), None, _Receivers(), print).until(lambda _: True)


# --- the service -----------------------------------------------------------------------------------------


def _until(client, ready: bool) -> dict:
    """What /readyz says, once it says so; the service looks every two seconds."""
    for _ in range(100):
        answer = client.app.get("/readyz")
        if (answer.status_code == 200) == ready:
            return answer.json()
        time.sleep(0.1)
    raise AssertionError(answer.text)


@pytest.mark.slow
def test_a_service_says_what_is_away_goes_on_with_the_rest_and_recovers_without_a_restart(tmp_path):
    home = copy_home(tmp_path / "home")
    with served(home) as client:
        assert _until(client, ready=True) == {"ready": True, "troubles": []}
        child = client.app.get("/livez")
        assert child.status_code == 200

        [margin] = (home / "champions" / "psychological").rglob("margin.txt")
        whole = margin.read_bytes()
        margin.write_bytes(whole[: len(whole) // 2])
        found = _until(client, ready=False)
        assert [one["code"] for one in found["troubles"]] == ["screener"]
        assert "are not those that were saved" in found["troubles"][0]["said"]
        assert client.score({"child_key": "x"}).json()["type"] == "urn:miaohu:problem:no-champion"
        assert client.app.get("/sign-in").status_code == client.app.get("/livez").status_code == 200
        margin.write_bytes(whole)
        _until(client, ready=True)
        assert client.score({"child_key": "x"}).status_code == 404

        for path in home.glob("review.db*"):
            path.rename(tmp_path / path.name)
        assert [one["code"] for one in _until(client, ready=False)["troubles"]] == ["database"]
        answer = client.score({"child_key": "x"})
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:miaohu:problem:busy")
        page = client.app.get("/", headers={"Cookie": "miaohu_session=" + "x" * 43})
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert "恢复后会自动可用" in page.text
        assert client.app.get("/livez").status_code == 200
        for path in tmp_path.glob("review.db*"):
            path.rename(home / path.name)
        _until(client, ready=True)
        assert client.score({"child_key": "x"}).status_code == 404
