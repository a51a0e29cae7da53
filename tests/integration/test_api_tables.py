"""A case system asks for a table and fetches it once a person has allowed it; what comes back is taken in."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.api.operations import MAX_BODY_BYTES, MAX_BULK_BYTES
from serving.callers import KeyScope
from serving.review import exports
from serving.review.case import Role
from serving.review.export_answers import latest
from serving.review.forgetting import forget
from serving.review.machine_tables import KeptAnswer
from serving.review.tables import AuditEvent
from tests.support_door import kind, system
from tests.support_review import ELSEWHERE, NOW, VILLAGE, add_account, alert, open_cases

ASKED = {"template": "zheli_humiao", "purpose": "update", "words": "每周同步，由民政科接收。"}
HEAD = "任务编号,走访结果,走访日期,走访说明\n"


@pytest.fixture
def cases(store):
    open_cases(store, [alert("c-one"), alert("c-two")])
    reader = system(store, scopes=[KeyScope.READ.value])
    return {one["child_key"]: one["id"] for one in reader.get("/cases").json()["items"]}


@pytest.fixture
def client(store):
    return system(store, scopes=[KeyScope.TABLES.value])


@pytest.fixture
def decide(store):
    manager = add_account(store, Role.MANAGER)

    def decide(number, *, approve=True):
        with store.write() as session:
            exports.decide(
                session, actor=manager, number=number, version=1, approve=approve, words="", now=NOW
            )

    return decide


def fetch(client, number, etag, **headers):
    return client.post(f"/exports/{number}/fetches", if_match=etag, **headers)


def test_the_templates_say_what_stands_in_a_table_and_what_may_come_back(client):
    items = {one["id"]: one for one in client.get("/export_templates").json()["items"]}

    assert set(items) == {"jianfu_zaixian", "zheli_humiao", "zhihui_minzheng"}
    visits = items["zheli_humiao"]
    assert visits["columns"][0] == "任务编号"
    assert visits["title"]["en"]
    assert [(one["field"], bool(one["words"])) for one in visits["answers"]] == [
        ("result", True), ("answered_on", False), ("note", False),
    ]  # fmt: skip


def test_a_table_is_fetched_once_and_only_after_a_person_allowed_it(store, client, cases, decide):
    asked = client.post("/exports", ASKED)
    number, etag = asked.json()["id"], asked.headers["etag"]
    assert (asked.json()["state"], asked.json()["area_prefix"]) == ("asked", VILLAGE)
    assert kind(fetch(client, number, etag)) == "step-refused"

    decide(number)
    seen = client.get(f"/exports/{number}")
    assert (seen.json()["state"], seen.json()["rows"]) == ("approved", None)
    assert kind(fetch(client, number, etag)) == "version-changed"
    fetched = fetch(client, number, seen.headers["etag"], idempotency_key="fetched-once")

    assert (fetched.json()["state"], fetched.json()["rows"]) == ("fetched", 2)
    rows = list(csv.DictReader(io.StringIO(fetched.json()["csv"])))
    assert {row["任务编号"] for row in rows} == set(cases.values())
    again = fetch(client, number, seen.headers["etag"], idempotency_key="fetched-once")
    assert again.content == fetched.content
    assert again.headers["idempotency-replayed"] == "true"
    assert kind(fetch(client, number, fetched.headers["etag"])) == "step-refused"


def test_what_a_machine_fetches_holds_no_name_however_short(store, client, cases, decide):
    number = client.post("/exports", ASKED).json()["id"]
    decide(number)
    fetched = fetch(client, number, '"2"').json()

    assert {row["儿童姓名"] for row in csv.DictReader(io.StringIO(fetched["csv"]))} == {""}
    assert kind(client.post("/exports", {**ASKED, "full_names": True})) == "invalid-request"


def test_a_request_that_was_refused_or_has_waited_too_long_gives_no_table(store, client, cases, decide):
    refused, late = (client.post("/exports", ASKED).json()["id"] for _ in range(2))
    decide(refused, approve=False)
    assert client.get(f"/exports/{refused}").json()["state"] == "refused"
    assert kind(fetch(client, refused, '"2"')) == "step-refused"

    decide(late)
    with store.write() as session:
        exports.request_for(session, add_account(store, Role.AUDITOR), late).decided_at = (
            NOW - exports.FETCH_WITHIN - timedelta(1)
        )
    assert kind(fetch(client, late, '"2"')) == "step-refused"


@pytest.mark.parametrize("area", [VILLAGE, ELSEWHERE])
def test_another_client_never_learns_of_a_request(store, client, area, decide):
    number = client.post("/exports", ASKED).json()["id"]
    decide(number)
    other = system(store, scopes=[KeyScope.TABLES.value], area=area)

    answers = [other.get(f"/exports/{number}"), fetch(other, number, '"2"'), other.get("/exports/999999999")]

    assert [kind(answer) for answer in answers] == ["unknown-export"] * 3
    assert answers[0].json()["detail"] == answers[2].json()["detail"]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"template": "nothing"}, "invalid-request"),
        ({"template": "objections_education"}, "invalid-request"),
        ({"purpose": "advertising"}, "invalid-request"),
        ({"words": "  "}, "invalid-request"),
        ({"area": "44"}, "step-refused"),
    ],
)
def test_a_request_that_cannot_be_granted_is_refused(client, changed, problem):
    assert kind(client.post("/exports", ASKED | changed)) == problem


def test_answers_are_taken_in_row_by_row_and_a_wrong_row_holds_up_no_other(store, client, cases):
    one = cases["c-one"]
    sheet = HEAD + f"{one},已核实,2026-10-05,奶奶在家\ngone,已核实,2026-10-05,\n{cases['c-two']},大概,,\n"

    told = client.post("/export_answers", {"template": "zheli_humiao", "csv": sheet}).json()
    again = client.post("/export_answers", {"template": "zheli_humiao", "csv": sheet + "\n"}).json()

    assert told["rows"] == [{"line": 2, "row_id": one, "done": "taken"}]
    assert [row["done"] for row in again["rows"]] == ["unchanged"]
    assert {row["line"] for row in told["refused"]} == {3, 4}
    assert all(row["column"] and row["reason"]["zh"] and row["reason"]["en"] for row in told["refused"])
    with store.read() as session:
        [kept] = latest(session, one)
    assert (kept.result, kept.note) == ("confirmed", "奶奶在家")


def test_a_sheet_that_is_none_is_told_so_and_nothing_is_kept(store, client, cases):
    told = client.post("/export_answers", {"template": "zheli_humiao", "csv": "编号\n1\n"}).json()

    assert (told["rows"], [row["line"] for row in told["refused"]]) == ([], [1])
    with store.read() as session:
        assert not latest(session, cases["c-one"])


def test_a_case_elsewhere_is_not_answered_about(store, cases):
    far = system(store, scopes=[KeyScope.TABLES.value], area=ELSEWHERE)
    sheet = HEAD + f"{cases['c-one']},已核实,2026-10-05,\n"

    told = far.post("/export_answers", {"template": "zheli_humiao", "csv": sheet}).json()

    assert (told["rows"], [row["line"] for row in told["refused"]]) == ([], [2])


def test_a_sheet_may_be_larger_than_other_bodies(client):
    rows = "".join(f"gone{number},已核实,2026-10-05,\n" for number in range(4000))
    assert MAX_BODY_BYTES < len((HEAD + rows).encode()) < MAX_BULK_BYTES

    told = client.post("/export_answers", {"template": "zheli_humiao", "csv": HEAD + rows})
    beyond = client.post("/export_answers", b'{"csv": "' + b"x" * MAX_BULK_BYTES + b'"}')

    assert len(told.json()["refused"]) == 4000
    assert kind(beyond) == "too-large"


def test_tables_are_no_rows_of_a_bulk(client):
    row = {"operation": "request_export", "idempotency_key": "a-row-of-bulk", "body": ASKED}

    [told] = client.post("/bulk/writes", {"rows": [row]}).json()["rows"]

    assert told["problem"]["errors"][0]["field"] == "operation"


def test_every_step_is_in_the_log_and_shows_to_whoever_decides(store, client, cases, decide):
    number = client.post("/exports", ASKED).json()["id"]
    decide(number)
    client.get(f"/exports/{number}")
    fetch(client, number, '"2"')

    with store.read() as session:
        asked = (
            select(AuditEvent.verb).where(AuditEvent.subject == f"export:{number}").order_by(AuditEvent.at)
        )
        verbs = set(session.scalars(asked))
        [shown] = exports.visible(session, add_account(store, Role.SCREENER))
    assert verbs == {"ask_export", "approve_export", "api_get_export", "fetch_export"}
    assert shown.asked_by.startswith("key:")


def test_a_table_kept_for_retries_goes_with_a_child_of_it(store, client, cases, decide):
    number = client.post("/exports", ASKED).json()["id"]
    decide(number)
    fetched = fetch(client, number, '"2"').json()
    assert cases["c-one"] in fetched["csv"]

    forget(store, ["c-one"], NOW)

    with store.read() as session:
        kept = session.scalars(select(KeptAnswer.body)).all()
    assert kept
    assert not [body for body in kept if cases["c-one"] in body]
