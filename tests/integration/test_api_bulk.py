"""Several writes at once, objections over the interface, and what an operation says that has had its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from models.policy import Lane
from serving.api.operations import find
from serving.api.shapes import MAX_ROWS
from serving.callers import KeyScope
from serving.rates import Rate
from serving.review import audit
from serving.review.life_tables import ObjectionRow, RequestRow
from serving.review.tables import Case, FactRow
from tests.support_door import ALL, kind, make_api, system
from tests.support_review import ELSEWHERE, TODAY, alert, open_cases

FACT = {"happened_on": TODAY.isoformat(), "met": "both", "note": "见到孩子和奶奶。"}
WHERE = "/bulk/writes"


@pytest.fixture
def store(store):
    open_cases(
        store, [alert("c-one", Lane.TRIGGER), alert("c-two"), alert("c-far")], areas={"c-far": ELSEWHERE}
    )
    return store


@pytest.fixture
def ids(store):
    with store.read() as session:
        return {case.child_key: case.id for case in session.scalars(select(Case))}


def row(operation, key, case_id=None, version=None, body=None):
    given = {"operation": operation, "idempotency_key": f"row-of-bulk-{key}"}
    more = {"case_id": case_id, "version": version, "body": body}
    return given | {name: value for name, value in more.items() if value is not None}


def kinds(answer):
    assert answer.status_code == 207, answer.text
    return [
        one["problem"]["type"].removeprefix("urn:miaohu:problem:") if one["problem"] else one["status"]
        for one in answer.json()["rows"]
    ]


def count(store, table):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_rows_are_done_in_their_order_and_a_refused_one_holds_up_no_other(store, ids):
    client = system(store)
    rows = [
        row("claim_case", 1, ids["c-one"], 1),
        row("record_visit", 2, ids["c-one"], 2, {**FACT, "met": "nobody we know"}),
        row("record_visit", 3, ids["c-one"], 2, FACT),
        row("claim_case", 4, ids["c-two"], 7),
        row("claim_case", 5, ids["c-far"], 1),
        row("refer", 6, body={"id_number": "999999201201010010", "reason": "独自在家。"}),
    ]

    answer = client.post(WHERE, {"rows": rows})

    assert kinds(answer) == [200, "invalid-request", 200, "version-changed", "unknown-case", 200]
    assert (answer.json()["done"], answer.json()["refused"]) == (3, 3)
    assert answer.json()["rows"][2]["etag"] == '"3"'
    assert answer.json()["rows"][1]["problem"]["errors"][0]["field"] == "met"
    assert (count(store, FactRow), count(store, RequestRow)) == (1, 1)
    with store.read() as session:
        audit.verify(session)


def test_rows_sent_again_are_answered_as_before_and_done_once(store, ids):
    client = system(store)
    rows = [
        row("claim_case", 1, ids["c-one"], 1),
        row("record_visit", 2, ids["c-one"], 2, FACT),
        row("claim_case", 3, ids["c-two"], 9),
    ]
    first = client.post(WHERE, {"rows": rows}).json()["rows"]

    again = client.post(WHERE, {"rows": [*rows[:2], row("claim_case", 3, ids["c-two"], 1)]}).json()["rows"]

    assert [one["replayed"] for one in again] == [True, True, False]
    assert [one["answer"] for one in again[:2]] == [one["answer"] for one in first[:2]]
    assert again[2]["status"] == 200
    assert count(store, FactRow) == 1


def test_a_row_does_what_the_key_may_do_alone_and_no_more(store, ids):
    client = system(store, scopes=[KeyScope.READ.value])

    answer = client.post(WHERE, {"rows": [row("claim_case", 1, ids["c-one"], 1)]})

    assert kinds(answer) == ["missing-scope"]


ROWS_THAT_CANNOT_BE = {
    "no such write": row("drop_everything", 1),
    "a read": row("list_cases", 1),
    "a bulk in a bulk": row("do_in_bulk", 1, body={"rows": []}),
    "no case": row("claim_case", 1, version=1),
    "a case where none belongs": row("refer", 1, "abc", body={"child_key": "c-known", "reason": "x"}),
}


@pytest.mark.parametrize("what", ROWS_THAT_CANNOT_BE)
def test_a_row_that_cannot_be_says_so_in_its_place(store, what):
    answer = system(store).post(WHERE, {"rows": [ROWS_THAT_CANNOT_BE[what]]})

    assert kinds(answer) == ["invalid-request"]
    assert "drop_everything" not in answer.text


def test_what_is_no_list_of_rows_is_refused_whole(store):
    client = system(store)

    for body in (
        {"rows": []},
        {"rows": [{"operation": "refer"}]},
        {"rows": [row("refer", 1)] * (MAX_ROWS + 1)},
    ):
        assert kind(client.post(WHERE, body)) == "invalid-request"
    assert kind(client.post(WHERE, b"[" + b" " * 1024 * 1024)) == "too-large"
    answer = client.post(WHERE, {"rows": [row("refer", 1, body={"reason": "x" * 70_000})]})
    assert kinds(answer) == ["too-large"]


def test_each_row_takes_its_share_of_the_pace(store, ids):
    api = make_api(store, rate=Rate(per_second=1, burst=3))
    client = system(store, api=api)
    rows = [row("claim_case", n, ids["c-one"], 1) for n in range(1, 5)]

    assert kinds(client.post(WHERE, {"rows": rows}))[1:] == ["version-changed", *["too-many-requests"] * 2]


def test_two_concerns_about_one_child_at_one_moment_are_both_kept(store):
    client = system(store)
    bodies = [{"child_key": "c-known", "reason": reason} for reason in ("独自在家。", "三天没来上学。")]

    answer = client.post(
        WHERE, {"rows": [row("refer", place, body=body) for place, body in enumerate(bodies, 1)]}
    )

    assert kinds(answer) == [200, 200]
    assert count(store, RequestRow) == 2


# --- objections ------------------------------------------------------------------------------------------

WRONG = {"raised_by": "guardian", "source": "absences", "record_id": "", "wrong": "那天在医院。"}


def objected(store, ids):
    client = system(store)
    return client, client.post(f"/cases/{ids['c-one']}/objections", WRONG, if_match='"1"')


def test_an_objection_goes_to_the_department_and_its_answer_comes_back(store, ids):
    client, made = objected(store, ids)
    assert made.status_code == 200
    [waiting] = client.get("/objections?waiting=true").json()["items"]

    done = client.post(
        f"/cases/{ids['c-one']}/objection_answers",
        {"objection": waiting["id"], "answer": "corrected", "answered_on": TODAY.isoformat(), "reason": "有请假条。"},
        if_match=made.headers["etag"],
    )  # fmt: skip

    assert done.status_code == 200, done.text
    [answered] = client.get("/objections?waiting=false&source=absences").json()["items"]
    assert (answered["id"], answered["answer"], answered["answered_on"]) == (
        waiting["id"], "corrected", TODAY.isoformat(),
    )  # fmt: skip
    assert "那天在医院" not in client.get("/objections").text
    assert client.get("/objections?waiting=true").json()["items"] == []


def test_only_a_key_of_a_department_answers(store, ids):
    _, made = objected(store, ids)
    others = [scope for scope in ALL if scope != KeyScope.CORRECT.value]
    body = {"objection": "oexample01", "answer": "stands", "answered_on": TODAY.isoformat(), "reason": "x"}

    answer = system(store, scopes=others).post(
        f"/cases/{ids['c-one']}/objection_answers", body, if_match=made.headers["etag"]
    )

    assert kind(answer) == "missing-scope"
    with store.read() as session:
        assert session.scalars(select(ObjectionRow.answer)).all() == [None]


def test_an_objection_that_does_not_wait_is_not_answered(store, ids):
    client, made = objected(store, ids)
    body = {"objection": "onothere", "answer": "stands", "answered_on": TODAY.isoformat(), "reason": "x"}

    answer = client.post(f"/cases/{ids['c-one']}/objection_answers", body, if_match=made.headers["etag"])

    assert kind(answer) == "invalid-request"


def test_objections_of_other_areas_are_not_there(store, ids):
    objected(store, ids)

    assert system(store, area=ELSEWHERE).get("/objections").json()["items"] == []


def test_objections_come_in_pages(store, ids):
    client, made = objected(store, ids)
    client.post(f"/cases/{ids['c-one']}/objections", WRONG, if_match=made.headers["etag"])

    first = client.get("/objections?limit=1").json()
    second = client.get(f"/objections?limit=1&cursor={first['next']}").json()

    assert second["next"] is None
    assert len({first["items"][0]["id"], second["items"][0]["id"]}) == 2


# --- operations that have had their time -------------------------------------------------------------------

OLD = {"deprecated_on": date(2026, 7, 1), "sunset_on": date(2027, 7, 1), "successor": "/api/v2/cases"}


def test_an_operation_that_has_had_its_time_says_so_in_every_answer(store):
    def aged(method, path):
        operation, case_id, methods = find(method, path)
        if operation is not None and operation.name == "list_cases":
            operation = replace(operation, **OLD)
        return operation, case_id, methods

    client = system(store, api=replace(make_api(store), find=aged))

    for answer in (client.get("/cases"), client.get("/cases?limit=0")):
        assert answer.headers["deprecation"] == "@1782864000"
        assert answer.headers["sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
        assert answer.headers["link"] == '</api/v2/cases>; rel="successor-version"'
    assert "deprecation" not in client.get("/alerts").headers
