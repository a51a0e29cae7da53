"""Webhooks from the step that causes one to what came of it: signed, ids only, at least once."""

import json
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving import signing
from serving.api.shapes import WebhookBody
from serving.correcting import Change, Waiting, keep
from serving.delivery import AT_ONCE, NOTED_EVERY, Delivery, payload
from serving.openapi import document
from serving.posting import Unreachable
from serving.review import audit, leases, webhooks
from serving.review.case import Refused
from serving.review.life_tables import ObjectionRow, ScoreNotice
from serving.review.machine_tables import WebhookMessage, WebhookSecret
from serving.review.tables import Case
from serving.review.webhooks import SCHEDULE, Due, Event, next_try
from tests import support_review as support
from tests.support_door import system
from tests.support_review import ELSEWHERE, NOW, TODAY, TOWN, Clock, alert, open_cases

KEY = b"k" * 32
ALL = [event.value for event in Event]


def register(store, url="https://cases.example.org/hooks", *, events=ALL, area="", internal=False) -> str:
    with store.write() as session:
        return webhooks.add(
            session, url=url, title="样例系统", events=events, area_prefix=area, internal=internal, now=NOW
        )


def messages(store) -> list[WebhookMessage]:
    with store.read() as session:
        return list(session.scalars(select(WebhookMessage).order_by(WebhookMessage.occurred_at)))


class Receiver:
    """Takes what is posted, or answers as it is told to; `gone` is a receiver that cannot be reached."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def __call__(self, url, internal, body, signed):
        self.got.append((url, body, dict(signed)))
        answer = self.answers.pop(0) if self.answers else "204"
        if answer == "gone":
            raise Unreachable("no connection")
        return answer


def delivery(store, post, clock=None, holder="me") -> Delivery:
    return Delivery(store, KEY, post, clock or Clock(), lambda: 0.0, Random(1), holder)


def test_the_step_that_raises_an_alert_leaves_a_message_for_each_receiver_of_its_area(store):
    here = register(store, area=TOWN)
    everywhere = register(store, "https://other.example.org/", events=["alert.raised"])
    register(store, "https://third.example.org/", events=["case.closed"])

    open_cases(store, [alert("c-one", Lane.TRIGGER), alert("c-two")], areas={"c-two": ELSEWHERE})

    told = {(message.child_key, message.endpoint_id) for message in messages(store)}
    assert told == {("c-one", here), ("c-one", everywhere), ("c-two", everywhere)}


@pytest.mark.parametrize("case_id", ["exampleid1", None])
def test_a_message_and_its_example_are_what_the_document_says(case_id):
    described = document()["webhooks"]
    sent = payload(Due("msg_1", "w1", "https://x", False, "case.closed", case_id, "c-one", NOW))

    assert set(described) == set(ALL)
    assert WebhookBody.model_validate_json(sent).data.case_id == case_id
    for event, post in described.items():
        example = post["post"]["requestBody"]["content"]["application/json"]["example"]
        assert WebhookBody.model_validate_json(json.dumps(example)).type == event


def test_a_step_that_is_undone_leaves_no_message(store):
    register(store)

    def undone() -> None:
        with store.write() as session:
            given = {"once": "x", "child_key": "c", "case_id": None, "now": NOW}
            assert webhooks.announce(session, Event.CASE_CLOSED, **given) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()

    assert messages(store) == []


def test_a_message_holds_ids_and_a_time_and_is_signed_with_every_live_secret(store):
    endpoint = register(store)
    with store.write() as session:
        assert webhooks.rotate(session, endpoint, keep_until=NOW + timedelta(days=1), now=NOW) == 2
    open_cases(store, [alert("c-one", Lane.TRIGGER)])
    receiver = Receiver()

    done = delivery(store, receiver).turn()

    assert (done.taken, done.failed) == (1, 0)
    [(url, body, signed)] = receiver.got
    said = json.loads(body)
    assert set(said) == {"type", "timestamp", "data"}
    assert (said["type"], set(said["data"])) == ("alert.raised", {"case_id", "child_key"})
    assert url == "https://cases.example.org/hooks"
    for number in (1, 2):
        secret = webhooks.secret(KEY, endpoint, number)
        assert signing.check(signed, body, [secret], NOW) == messages(store)[0].id
    assert messages(store)[0].delivered_at == NOW
    assert delivery(store, receiver).turn().taken == 0


def test_a_secret_signs_no_longer_than_it_was_kept_and_none_lies_in_the_store(store):
    endpoint = register(store)
    with store.write() as session:
        webhooks.rotate(session, endpoint, keep_until=NOW + timedelta(days=1), now=NOW)

    def live(days: float) -> list[bytes]:
        with store.read() as session:
            return webhooks.live_secrets(session, KEY, endpoint, now=NOW + timedelta(days=days))

    first, second = webhooks.secret(KEY, endpoint, 1), webhooks.secret(KEY, endpoint, 2)
    assert (live(0.9), live(1.1)) == ([second, first], [second])
    with store.read() as session:
        columns = {column.name for column in WebhookSecret.__table__.columns}
        assert session.scalar(select(WebhookSecret.number).limit(1)) == 1
    assert columns == {"endpoint_id", "number", "created_at", "expires_at"}


def test_a_message_not_taken_is_sent_again_by_the_schedule_under_the_same_id_until_it_is_dead(store):
    register(store)
    open_cases(store, [alert("c-one", Lane.TRIGGER)])
    clock, receiver = Clock(), Receiver(*["500", "gone", "302", *["503"] * 20])

    while (message := messages(store)[0]).dead_at is None:
        clock.now = message.next_at
        delivery(store, receiver, clock).turn()

    assert len(receiver.got) == len(SCHEDULE) + 1
    assert {signed["webhook-id"] for _, _, signed in receiver.got} == {message.id}
    assert timedelta(days=2.4) < message.dead_at - NOW < timedelta(days=3.9)
    assert (message.next_at, message.last_result) == (None, "503")
    assert delivery(store, receiver, clock).turn().taken == 0


@pytest.mark.parametrize("attempts", range(1, len(SCHEDULE) + 1))
def test_the_schedule_keeps_its_word_give_or_take_a_fifth(attempts):
    waits = [next_try(attempts, NOW, Random(seed)) - NOW for seed in range(200)]

    assert SCHEDULE[attempts - 1] * 0.8 <= min(waits) < max(waits) <= SCHEDULE[attempts - 1] * 1.2
    assert len(set(waits)) > 100
    assert next_try(len(SCHEDULE) + 1, NOW, Random(1)) is None


def test_a_dead_message_is_listed_and_sent_again_under_its_id(store):
    endpoint = register(store)
    open_cases(store, [alert("c-one", Lane.TRIGGER), alert("c-two")])
    with store.write() as session:
        for message in session.scalars(select(WebhookMessage)):
            message.next_at, message.dead_at = None, NOW
    with store.read() as session:
        dead = [message.id for message in webhooks.dead(session)]
    assert len(dead) == 2
    receiver = Receiver()

    with store.write() as session:
        assert webhooks.replay(session, dead[0], now=NOW) == 1
    assert delivery(store, receiver).turn().taken == 1
    with store.write() as session:
        assert webhooks.replay(session, endpoint, now=NOW) == 1
        with pytest.raises(KeyError):
            webhooks.replay(session, "msg_nothing", now=NOW)
    delivery(store, receiver).turn()

    assert [signed["webhook-id"] for _, _, signed in receiver.got] == dead


def test_a_receiver_that_does_not_answer_holds_up_nobody_else_and_loses_nothing(store):
    register(store, "https://gone.example.org/")
    register(store, "https://fine.example.org/")
    open_cases(store, [alert(f"c-{number}") for number in range(3)])

    class One(Receiver):
        def __call__(self, url, internal, body, signed):
            if "gone" in url:
                self.answers = ["gone"]
            return super().__call__(url, internal, body, signed)

    receiver = One()
    done = delivery(store, receiver).turn()

    assert (done.taken, done.failed) == (3, 1)
    waiting = [message for message in messages(store) if message.delivered_at is None]
    assert sorted(message.attempts for message in waiting) == [0, 0, 1]


def test_a_receiver_that_says_it_is_gone_is_told_no_more(store):
    endpoint = register(store)
    open_cases(store, [alert("c-one"), alert("c-two")])

    delivery(store, Receiver("410", "204")).turn()

    open_cases(store, [alert("c-three")], now=NOW + timedelta(hours=1))
    assert len(messages(store)) == 2
    with store.write() as session, pytest.raises(KeyError):
        webhooks.replay(session, endpoint, now=NOW)


def test_a_turn_cut_off_after_sending_sends_again_under_the_same_id(store):
    register(store)
    open_cases(store, [alert("c-one", Lane.TRIGGER)])

    class Killed(Receiver):
        def __call__(self, *given):
            super().__call__(*given)
            raise KeyboardInterrupt

    killed, receiver = Killed(), Receiver()
    with pytest.raises(KeyboardInterrupt):
        delivery(store, killed).turn()

    assert delivery(store, receiver, holder="another").turn() is None
    later = Clock(NOW + timedelta(minutes=3))
    assert delivery(store, receiver, later, holder="another").turn().taken == 1
    assert killed.got[0][2]["webhook-id"] == receiver.got[0][2]["webhook-id"]
    assert killed.got[0][1] == receiver.got[0][1]


def test_one_process_at_a_time_sends(store):
    register(store)
    open_cases(store, [alert("c-one", Lane.TRIGGER)])
    with store.write() as session:
        leases.acquire(session, name="webhooks", holder="you", lasts=timedelta(minutes=1), now=NOW)

    assert delivery(store, Receiver()).turn() is None


def test_a_receiver_gets_its_time_and_no_more_in_one_turn(store):
    register(store)
    open_cases(store, [alert(f"c-{number}") for number in range(5)])
    ticks = iter(range(0, 1000, 8))

    one = delivery(store, Receiver())
    slow = Delivery(store, KEY, Receiver(), one.now, lambda: next(ticks), Random(1), "me")

    assert slow.turn().taken == 2
    assert NOTED_EVERY < AT_ONCE


def test_a_case_system_is_told_of_its_own_conclusions_too(store):
    register(store, events=["disposition.recorded", "case.closed"])
    open_cases(store, [alert("c-one")])
    client = system(store)
    [case] = client.get("/cases").json()["items"]
    where = f"/cases/{case['id']}"
    client.post(f"{where}/claim", if_match='"1"')
    fact = {"happened_on": TODAY.isoformat(), "met": "both", "note": "x"}
    client.post(f"{where}/visits", fact, if_match='"2"')
    conclusion = {
        "dispositions": dict.fromkeys(("psychological", "guardianship"), "not_confirmed"),
        "reason": "x",
    }

    client.post(f"{where}/dispositions", conclusion, if_match='"3"')

    told = sorted(message.event for message in messages(store))
    assert told == ["case.closed", "disposition.recorded", "disposition.recorded"]


def test_whoever_was_given_a_score_that_no_longer_stands_is_told_so(store):
    register(store, events=["score.superseded"])
    worker = support.add_account(store)
    open_cases(store, [alert("c-one")])
    old = support.screening("c-one")
    with store.write() as session:
        case = session.scalars(select(Case)).one()
        row = ObjectionRow(
            id="o1", case_id=case.id, child_key="c-one", raised_by="guardian", source="absences", record_id="r1",
            wrong="x", recorded_by=worker.account_id, recorded_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.flush()
        waiting = Waiting("o1", case.id, "c-one", "absences", "r1", TODAY, (old,))
        keep(session, waiting, None, [Change(old.screener, old, None, ())], NOW)
        notice = session.scalars(select(ScoreNotice)).one()

    [message] = messages(store)
    assert (message.event, message.child_key, message.case_id) == ("score.superseded", "c-one", case.id)
    assert notice.delivered_at == NOW


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://cases.example.org/"},
        {"url": "nowhere"},
        {"events": []},
        {"events": ["everything"]},
        {"area_prefix": "x"},
    ],
)
def test_a_receiver_that_cannot_be_is_refused(store, changes):
    given = {
        "url": "https://a.example.org/",
        "title": "x",
        "events": ALL,
        "area_prefix": "",
        "internal": False,
    }

    with store.write() as session, pytest.raises(Refused):
        webhooks.add(session, **(given | changes), now=NOW)


def test_what_administrators_do_with_receivers_is_in_the_log(store):
    endpoint = register(store)
    with store.write() as session:
        webhooks.rotate(session, endpoint, keep_until=NOW, now=NOW)
        webhooks.disable(session, endpoint, now=NOW)
        for unknown in (webhooks.disable, lambda *a, **k: webhooks.rotate(*a, keep_until=NOW, **k)):
            with pytest.raises(KeyError):
                unknown(session, "wnothing", now=NOW)
        verbs = [event.verb for event in audit.history(session, endpoint)]
    assert verbs == ["add_webhook", "rotate_webhook_secret", "disable_webhook"]


def test_what_came_of_messages_is_written_for_each_though_all_are_written_together(store):
    register(store)
    open_cases(store, [alert(f"c-{number}") for number in range(5)])

    done = delivery(store, Receiver("200", "500", "204", "302", "200")).turn()

    assert (done.taken, done.failed) == (3, 2)
    found = messages(store)
    assert sorted(one.last_result for one in found) == ["200", "200", "204", "302", "500"]
    assert {one.attempts for one in found} == {1}
    for one in found:
        assert (one.delivered_at is not None) is (one.next_at is None) is one.last_result.startswith("2")
