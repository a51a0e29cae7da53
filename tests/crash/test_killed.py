"""Killed at random points and started again, nothing is lost, nothing doubled, and the log is whole.

Twenty kills each; `python -m pytest -m crash --kills 200` makes it two hundred.
"""

import threading
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import pytest
from sqlalchemy import func, select

from features.lake import Lake
from serving.delivery import NOTED_EVERY
from serving.review import audit, webhooks
from serving.review.case import Status
from serving.review.machine_tables import WebhookMessage
from serving.review.tables import (
    AlertRow,
    AuditEvent,
    Case,
    DispositionRow,
    FactRow,
    OutboxRow,
    Release,
    ScreeningRow,
)
from serving.review.webhooks import Event
from tests.crash import jobs
from tests.crash.killing import finish, kill_once
from tests.integration.test_intake_resumes import county, state
from tests.support_door import make_key
from tests.support_review import NOW, alert, open_cases
from tests.support_serving import copy_home, settings_at

pytestmark = pytest.mark.crash

# Of the kills, at least so many must have met a process at work; the rest came when it had just ended.
MET = 0.8


@pytest.fixture
def kills(request) -> int:
    return request.config.getoption("--kills")


def rows(store, table) -> list:
    with store.read() as session:
        return list(session.scalars(select(table)))


def log_is_whole(store) -> None:
    with store.read() as session:
        audit.verify(session)


def register(store, port: int) -> str:
    with store.write() as session:
        return webhooks.add(
            session, url=f"http://127.0.0.1:{port}/hooks", title="样例系统",
            events=[event.value for event in Event], area_prefix="", internal=True, now=NOW,
        )  # fmt: skip


def test_steps_of_a_review_sent_again_after_a_kill_are_done_once(store, database, tmp_path, kills):
    """Whoever got no answer sends the same write again, under the same key."""
    key, said, rng = make_key(store), tmp_path / "said", Random(11)
    register(store, 9)  # nobody listens; what is written for it is what counts here
    open_cases(store, [alert(f"c-{number}") for number in range(4 * kills)])
    cases = [case.id for case in rows(store, Case)]
    given = (database, said, key, cases)

    killed = 0
    for _ in range(kills):
        killed += kill_once(rng, jobs.review, given, said, "begun", 0.08)
        done = [line for line in jobs.told(said) if "-" in line]
        assert len(done) == len(set(done))
        facts, conclusions = len(rows(store, FactRow)), len(rows(store, DispositionRow)) / 2
        told = Counter(line.rpartition("-")[2] for line in done)
        # What was told is there, and of what was not told at most the one step cut off.
        assert told["visits"] <= facts <= told["visits"] + 1
        assert told["dispositions"] <= conclusions <= told["dispositions"] + 1
        log_is_whole(store)
    finish(jobs.review, *given)

    assert killed >= MET * kills
    assert {(case.status, case.version) for case in rows(store, Case)} == {(Status.CLOSED.value, 4)}
    assert Counter(fact.case_id for fact in rows(store, FactRow)) == dict.fromkeys(cases, 1)
    assert Counter(row.case_id for row in rows(store, DispositionRow)) == dict.fromkeys(cases, 2)
    verbs = Counter(
        (event.subject, event.verb) for event in rows(store, AuditEvent) if event.subject in cases
    )
    assert set(verbs.values()) == {1}
    assert len(verbs) >= 3 * len(cases)
    told = Counter((message.case_id, message.event) for message in rows(store, WebhookMessage))
    for case in cases:
        assert (told[case, "disposition.recorded"], told[case, "case.closed"]) == (2, 1)
    log_is_whole(store)


class Receiver:
    """Listens on loopback; every ninth message finds it busy."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes, int]] = []
        receiver = self

        class Taking(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender was killed in the middle of it
                    self.close_connection = True
                    return
                status = 503 if len(receiver.got) % 9 == 8 else 204
                receiver.got.append((self.headers["webhook-id"], body, status))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                return

        class Listening(ThreadingHTTPServer):
            def handle_error(self, *_):
                return  # a killed sender leaves its connection broken

        self.server = Listening(("127.0.0.1", 0), Taking)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_address[1]


@pytest.fixture
def receiver():
    listening = Receiver()
    yield listening
    listening.server.shutdown()
    listening.server.server_close()


def test_webhooks_of_a_killed_worker_all_arrive_and_are_marked_once(
    store, database, tmp_path, kills, receiver
):
    register(store, receiver.port)
    with store.write() as session:
        for number in range(25 * kills):
            given = {"once": str(number), "child_key": f"c-{number}", "case_id": None, "now": NOW}
            webhooks.announce(session, Event.ALERT_RAISED, **given)
    wanted = {message.id for message in rows(store, WebhookMessage)}
    said, rng, killed = tmp_path / "said", Random(12), 0

    for number in range(kills):
        # A killed worker's lease runs out in two minutes; the clock goes on.
        given = (database, said, f"worker {number}", timedelta(minutes=3 * number))
        killed += kill_once(rng, jobs.deliver, given, said, "begun", 0.08)
    number = kills
    while any(message.next_at is not None for message in rows(store, WebhookMessage)):
        number += 1
        assert number < kills + 30, "some messages are never sent"
        finish(jobs.deliver, database, said, f"worker {number}", timedelta(minutes=40 * number))

    assert killed >= MET * kills
    taken = Counter(message_id for message_id, _, status in receiver.got if status == 204)
    assert set(taken) == wanted
    assert sum(taken.values()) - len(wanted) <= NOTED_EVERY * killed, (
        "more was sent again than a kill explains"
    )
    assert len({(message_id, body) for message_id, body, _ in receiver.got}) == len(wanted)
    found = rows(store, WebhookMessage)
    assert {message.id for message in found} == wanted
    assert all(message.delivered_at is not None and message.dead_at is None for message in found)
    log_is_whole(store)


@pytest.fixture(scope="module")
def undisturbed_round(tmp_path_factory):
    """What a round finds that nothing disturbs: the children alerted by rule or rank, and the screenings."""
    from tests.support_review import open_store

    home = copy_home(tmp_path_factory.mktemp("undisturbed") / "home")
    store = open_store(home)
    finish(jobs.screen, home, f"sqlite:///{home / 'review.db'}", home / "said")
    found = ({one.once for one in rows(store, AlertRow)}, {one.id for one in rows(store, ScreeningRow)})
    store.close()
    return found


# Where a round is when it says these lines: computing, keeping screenings, about to open its cases.
MOMENTS = ("begun", "computing", "kept", "alerts chosen")


def test_a_killed_round_alerts_as_if_nothing_had_happened(
    store, database, tmp_path, kills, undisturbed_round
):
    home, said, rng = copy_home(tmp_path / "home"), tmp_path / "said", Random(13)
    killed = 0
    for number in range(kills):
        # Once a round is committed, a start finds it done: from then on it is killed while it looks.
        killed += kill_once(rng, jobs.screen, (home, database, said), said, MOMENTS[number % 4], 0.12)
        cases = {case.id for case in rows(store, Case)}
        alerts = rows(store, AlertRow)
        assert {one.case_id for one in alerts} == cases
        assert [one.alerts for one in rows(store, Release)] == [len(alerts)] * bool(alerts)
        log_is_whole(store)
    finish(jobs.screen, home, database, said)

    assert killed >= kills // 4
    alerts, screenings = undisturbed_round
    assert {one.once for one in rows(store, AlertRow)} == alerts
    assert len(rows(store, AlertRow)) == len(rows(store, OutboxRow)) == len(alerts)
    assert {one.id for one in rows(store, ScreeningRow)} == screenings
    assert len({case.child_key for case in rows(store, Case)}) == len(rows(store, Case))


def test_records_of_a_killed_worker_reach_the_lake_once(store, database, tmp_path, kills):
    home, said, rng = copy_home(tmp_path / "home"), tmp_path / "said", Random(14)
    finish(jobs.screen, home, database, said)
    alerts = rows(store, AlertRow)

    for _ in range(kills):
        kill_once(rng, jobs.publish, (home, database, said), said, "begun", 0.1)
    finish(jobs.publish, home, database, said)

    lake = Lake(settings_at(home).lake)
    published = [
        record
        for key in {one.child_key for one in alerts}
        for record in lake.child_records(key, ["alerts"]).get("alerts", [])
    ]
    assert len(published) == len(alerts) == len({record.record_id for record in published})
    assert all(row.published_at is not None for row in rows(store, OutboxRow))
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == len(alerts)


def test_a_killed_intake_leaves_what_an_undisturbed_one_does(tmp_path, kills):
    undisturbed, said, rng = county(tmp_path / "undisturbed"), tmp_path / "said", Random(15)
    finish(jobs.take_in, undisturbed.root, said)
    expected = state(undisturbed)
    killed = 0
    for number in range(kills):
        home = county(tmp_path / str(number // 4))  # four kills one after the other, then a new one
        killed += kill_once(rng, jobs.take_in, (home.root, said), said, "begun", 0.5)
        if number % 4 == 3:
            finish(jobs.take_in, home.root, said)
            assert state(home) == expected

    assert killed >= kills // 2
