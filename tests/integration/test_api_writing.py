"""What a case system brings back: the queue's own steps, once each, to the version it read."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.policy import Lane
from serving.api import kept
from serving.api.app import Api
from serving.api.operations import OPERATIONS
from serving.callers import KeyScope
from serving.rates import Rate
from serving.review import audit
from serving.review.life_tables import RequestRow
from serving.review.machine_tables import KeptAnswer
from serving.review.tables import Account, AuditEvent, Case, DispositionRow, FactRow
from tests.support_door import ALL, System, kind, make_api, system
from tests.support_review import NOW, TODAY, alert, open_cases

FACT = {"happened_on": TODAY.isoformat(), "met": "both", "note": "见到孩子和奶奶。"}
CONCLUSION = {
    "dispositions": {"psychological": "not_confirmed", "guardianship": "confirmed"},
    "reason": "已联系村里。",
}


@pytest.fixture
def store(store):
    open_cases(store, [alert("c-one", Lane.TRIGGER)])
    return store


@pytest.fixture
def client(store):
    return system(store)


def the_case(store) -> str:
    with store.read() as session:
        return session.scalars(select(Case.id)).one()


def claimed(store, client) -> str:
    case_id = the_case(store)
    assert client.post(f"/cases/{case_id}/claim", if_match='"1"').status_code == 200
    return case_id


def count(store, table) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_case_system_takes_a_case_visits_and_concludes(store, client):
    case_id = claimed(store, client)

    contact = client.post(f"/cases/{case_id}/contacts", FACT, if_match='"2"')
    visit = client.post(f"/cases/{case_id}/visits", FACT, if_match=contact.headers["etag"])
    done = client.post(f"/cases/{case_id}/dispositions", CONCLUSION, if_match=visit.headers["etag"])

    assert [answer.status_code for answer in (contact, visit, done)] == [200, 200, 200]
    assert visit.json()["held_by_you"]
    assert "record_dispositions" in visit.json()["may"]
    assert done.json()["version"] == 5
    with store.read() as session:
        actors = {event.actor for event in audit.history(session, case_id)}
        account = session.get(Account, (actors - {"system"}).pop())
    assert account.disabled_at is not None
    assert account.display_name == "样例系统"


def test_what_a_review_concluded_is_read_back(store, client):
    open_cases(store, [alert("c-two")])
    case_id = client.get("/cases?came_by=screening").json()["items"][0]["id"]
    client.post(f"/cases/{case_id}/claim", if_match='"1"')
    client.post(f"/cases/{case_id}/visits", FACT, if_match='"2"')
    conclusion = {**CONCLUSION, "dispositions": dict.fromkeys(CONCLUSION["dispositions"], "not_confirmed")}

    done = client.post(f"/cases/{case_id}/dispositions", conclusion, if_match='"3"')

    assert done.json()["status"] == "closed"
    outcomes = client.get("/outcomes").json()["items"]
    assert [(item["risk"], item["disposition"], item["visited"]) for item in outcomes] == [
        ("psychological", "not_confirmed", True),
        ("guardianship", "not_confirmed", True),
    ]
    assert count(store, DispositionRow) == 2


def test_a_case_that_asks_for_a_view_takes_it_from_a_case_system_too(tmp_path, store, client):
    open_cases(store, [alert("c-two", Lane.AUDIT)])
    [case] = client.get("/cases?came_by=screening").json()["items"]
    where = f"/cases/{case['id']}"

    taken = client.post(f"{where}/claim", if_match='"1"')
    seen = client.post(f"{where}/views", {"view": "concern"}, if_match=taken.headers["etag"])

    assert seen.status_code == 200


def test_a_case_goes_back_into_the_queue_with_a_reason(store, client):
    case_id = claimed(store, client)

    answer = client.post(f"/cases/{case_id}/return", {"reason": "应由另一个镇办理。"}, if_match='"2"')

    assert (answer.json()["status"], answer.json()["held_by_you"]) == ("waiting", False)


@pytest.mark.parametrize(
    ("if_match", "refused", "status"),
    [
        ("", "version-required", 428),
        ("*", "version-required", 428),
        ('"7"', "version-changed", 412),
        ("1", "version-changed", 412),
        ('W/"1"', "version-changed", 412),
        ('"1", "2"', "version-changed", 412),
        ('"٣"', "version-changed", 412),
    ],
)
def test_a_write_is_made_to_the_version_read_or_not_at_all(store, client, if_match, refused, status):
    answer = client.post(f"/cases/{the_case(store)}/claim", if_match=if_match.encode())

    assert (kind(answer), answer.status_code) == (refused, status)
    assert client.get("/cases").json()["items"][0]["status"] == "waiting"
    assert count(store, KeptAnswer) == 0


def test_the_same_write_sent_again_is_answered_again_and_not_done_again(store, client):
    case_id = claimed(store, client)
    again = {"if_match": '"2"', "idempotency_key": "visit-number-1"}

    first = client.post(f"/cases/{case_id}/visits", FACT, **again)
    second = client.post(f"/cases/{case_id}/visits", FACT, **again)

    assert (first.status_code, first.content, first.headers["etag"]) == (200, second.content, '"3"')
    assert second.headers["etag"] == '"3"'
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (
        False,
        "true",
    )
    assert count(store, FactRow) == 1


@pytest.mark.parametrize(
    "changes",
    [{"where": "contacts"}, {"body": {**FACT, "met": "nobody"}}, {"if_match": '"3"'}],
)
def test_a_key_belongs_to_one_write(store, client, changes):
    case_id = claimed(store, client)
    given = {"where": "visits", "body": FACT, "if_match": '"2"'}

    def send(where, body, if_match):
        return client.post(
            f"/cases/{case_id}/{where}", body, if_match=if_match, idempotency_key="visit-number-1"
        )

    assert send(**given).status_code == 200
    answer = send(**(given | changes))

    assert (kind(answer), answer.status_code) == ("idempotency-key-reused", 422)
    assert count(store, FactRow) == 1


def test_another_client_may_use_the_same_key(store, client):
    case_id = claimed(store, client)
    other = system(store)

    client.post(f"/cases/{case_id}/visits", FACT, if_match='"2"', idempotency_key="the-same-key")
    answer = other.post(f"/cases/{case_id}/visits", FACT, if_match='"3"', idempotency_key="the-same-key")

    assert kind(answer) == "step-refused"


@pytest.mark.parametrize("given", ["", "short", "x" * 129, "with blanks"])
def test_a_write_without_a_proper_key_is_refused(store, client, given):
    answer = client.app.post(
        f"/api/v1/cases/{the_case(store)}/claim",
        headers={"X-API-Key": client.key, "If-Match": '"1"', **({"Idempotency-Key": given} if given else {})},
    )

    assert kind(answer) == ("invalid-request" if given else "idempotency-key-required")
    assert answer.status_code == 400


def test_a_refused_write_keeps_nothing_and_may_succeed_later(store, client):
    case_id = the_case(store)
    again = {"if_match": '"2"', "idempotency_key": "visit-number-1"}

    early = client.post(f"/cases/{case_id}/visits", FACT, **again)
    client.post(f"/cases/{case_id}/claim", if_match='"1"')
    late = client.post(f"/cases/{case_id}/visits", FACT, **again)

    assert (kind(early), late.status_code) == ("version-changed", 200)


def test_the_same_write_at_the_same_time_runs_once(store):
    key = "the-same-key"
    api: Api = make_api(store)
    twin = system(store, api=api)
    case_id = the_case(store)
    caller = api.find_caller(twin.key)
    with api._running.alone(kept.digest(caller.client, key)):
        answer = twin.post(f"/cases/{case_id}/claim", if_match='"1"', idempotency_key=key)
    assert (kind(answer), answer.status_code, answer.headers["retry-after"]) == ("still-running", 409, "1")
    assert twin.post(f"/cases/{case_id}/claim", if_match='"1"', idempotency_key=key).status_code == 200


def test_answers_are_kept_for_three_days(store, client):
    claimed(store, client)

    for days, left in ((2.9, 1), (3.1, 0)):
        with store.write() as session:
            kept.forget(session, now=NOW + timedelta(days=days))
        assert count(store, KeptAnswer) == left


def test_a_write_and_its_kept_answer_stand_or_fall_together(store, client):
    class Broken:
        def __call__(self, *_):
            raise RuntimeError("张小明 330109201501010011")

    case_id = claimed(store, client)
    api = make_api(store)
    broken = System(system(store, api=api).app, client.key)
    api.today = Broken()

    answer = broken.post(f"/cases/{case_id}/visits", FACT, if_match='"2"')

    assert (kind(answer), answer.status_code) == ("internal", 500)
    assert "张小明" not in answer.text
    assert (count(store, FactRow), count(store, KeptAnswer)) == (0, 1)


def test_the_rules_of_the_queue_hold_for_machines(store, client):
    case_id = claimed(store, client)

    early = client.post(f"/cases/{case_id}/dispositions", CONCLUSION, if_match='"2"')
    future = {**FACT, "happened_on": (TODAY + timedelta(days=1)).isoformat()}
    tomorrow = client.post(f"/cases/{case_id}/visits", future, if_match='"2"')
    twice = client.post(f"/cases/{case_id}/claim", if_match='"2"')

    assert kind(early) == "step-refused"
    assert early.json()["detail"] == "First record a visit or a contact that reached somebody."
    assert kind(tomorrow) == "invalid-request"
    assert tomorrow.json()["errors"] == [
        {"field": "happened_on", "message": "The date cannot be after today."}
    ]
    assert kind(twice) == "step-refused"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{", "body"),
        (b"", "body"),
        (b"[]", "body"),
        (b"\xff", "body"),
        ({**FACT, "met": "张小明"}, "met"),
        ({**FACT, "张小明": 1}, "body"),
        ({**FACT, "note": "  "}, "note"),
        ({**FACT, "note": "见到\0孩子"}, "note"),
        ({**FACT, "happened_on": 20261001}, "happened_on"),
        ({"note": "x"}, "happened_on"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_field_and_not_repeated(store, client, body, field, caplog):
    case_id = claimed(store, client)

    answer = client.post(f"/cases/{case_id}/visits", body, if_match='"2"')

    assert kind(answer) == "invalid-request"
    assert answer.json()["errors"][0]["field"] == field
    assert "张小明" not in answer.text + caplog.text


def test_type_size_method_and_address_are_refused_by_name(store, client):
    case_id = claimed(store, client)
    where = f"/cases/{case_id}/visits"

    assert (
        kind(client.post(where, FACT, if_match='"2"', content_type="text/plain")) == "unsupported-media-type"
    )
    assert kind(client.post(where, {"note": "x" * 70_000}, if_match='"2"')) == "too-large"
    wrong = client.app.put(f"/api/v1{where}", headers={"X-API-Key": client.key})
    assert (kind(wrong), wrong.headers["allow"]) == ("method-not-allowed", "POST")
    assert kind(client.get("/nothing")) == "not-found"
    assert kind(client.get("/cases/NOT-AN-ID")) == "not-found"
    assert kind(client.post(f"/cases/{case_id}/claim", {"x": 1}, if_match='"2"')) == "invalid-request"


# --- who may do what -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scopes", [(scope,) for scope in ALL] + [("read", "work"), ALL])
def test_a_key_does_what_its_scopes_say_and_nothing_else(store, scopes):
    client, case_id = system(store, scopes=scopes), the_case(store)

    for operation in OPERATIONS:
        path = (
            operation.path.replace("{case_id}", case_id)
            .replace("{record_id}", "1")
            .replace("{export_id}", "1")
        )
        path = path.removeprefix("/api/v1")

        answer = client.get(path) if operation.method == "GET" else client.post(path, if_match='"99"')

        needed = operation.scope
        if needed is None or needed.value in scopes:
            assert answer.status_code != 403, operation.name
        else:
            assert (kind(answer), answer.status_code) == ("missing-scope", 403), operation.name
            assert needed.value in answer.json()["detail"], operation.name


def test_every_scope_opens_something_and_no_write_is_open_to_readers():
    for operation in OPERATIONS:
        assert (operation.method == "POST") is (operation.writes or operation.bulk)
        assert (operation.scope in (KeyScope.WORK, KeyScope.CORRECT)) is (operation.verb is not None)
        assert (operation.scope is KeyScope.RAISE) is (operation.lane is not None)
        assert (operation.scope is KeyScope.TABLES) is (operation.table is not None)
        if operation.entry is not None:
            assert operation.scope is KeyScope.SUPPORT
    opened = {operation.scope for operation in OPERATIONS}
    assert opened == {None, *KeyScope} - {KeyScope.SCORE}


# --- raising a child -------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["/declarations", "/referrals"])
@pytest.mark.parametrize("child", [{"child_key": "c-known"}, {"id_number": "999999201201010010"}])
def test_a_child_is_raised_by_key_or_number_once_and_joins_the_case_it_has(store, client, where, child):
    body = {**child, "reason": "孩子连续一周独自在家过夜。"}

    first = client.post(where, body, idempotency_key="raise-number-1")
    again = client.post(where, body, idempotency_key="raise-number-1")
    other = system(store).post(where, body)

    assert (first.status_code, first.json()["child_key"]) == (200, "c-known")
    assert (first.content, first.json()) == (again.content, other.json())
    case = client.get(f"/cases/{first.json()['case_id']}").json()
    assert (case["came_by"], case["child_key"], case["status"]) == ("request", "c-known", "waiting")
    assert count(store, RequestRow) == 2
    with store.read() as session:
        said = json.dumps([event.detail for event in session.scalars(select(AuditEvent))], ensure_ascii=False)
    assert "999999201201010010" not in said + first.text


@pytest.mark.parametrize("child", [{"child_key": "c-away"}, {"child_key": "nobody"}, {"id_number": "9" * 18}])
def test_a_child_elsewhere_and_one_nobody_knows_are_told_apart_by_nothing(store, client, child):
    answer = client.post("/referrals", {**child, "reason": "x"})

    assert (kind(answer), answer.status_code) == ("unknown-child", 404)
    assert count(store, RequestRow) == 0


def test_one_child_is_raised_at_a_time(client):
    for body in ({"reason": "x"}, {"child_key": "a", "id_number": "9" * 18, "reason": "x"}):
        assert kind(client.post("/referrals", body)) == "invalid-request"


@pytest.mark.parametrize("key", ["", "mh_wrong", "mh_" + "0" * 32])
def test_without_a_key_nothing_is_said_of_what_is_here(store, key):
    client = System(system(store).app, key)

    for where in ("/key", "/cases", "/nothing", f"/cases/{the_case(store)}"):
        answer = client.get(where)
        assert (kind(answer), answer.headers["www-authenticate"]) == ("unauthenticated", "Bearer")


def test_a_client_that_asks_too_often_waits_and_others_do_not(store):
    clock = [0.0]
    api = make_api(store, rate=Rate(per_second=2, burst=3), seconds=lambda: clock[0])
    hasty, calm = system(store, api=api), system(store, api=api)

    answers = [hasty.get("/key") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (kind(answers[3]), answers[3].headers["retry-after"]) == ("too-many-requests", "1")
    assert calm.get("/key").status_code == 200
    clock[0] += 0.5
    assert [hasty.get("/key").status_code for _ in range(2)] == [200, 429]
    clock[0] += 3600
    assert [hasty.get("/key").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_log_names_a_client_by_its_account_and_holds_no_word_of_a_note(store, client):
    case_id = claimed(store, client)
    client.post(f"/cases/{case_id}/visits", FACT, if_match='"2"')

    with store.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.subject == case_id)).all()
        said = json.dumps([event.detail for event in events], ensure_ascii=False)
    assert events[-1].actor.startswith("key:k")
    assert FACT["note"] not in said
