"""Referrals, services and plans over the interface: the same store actions as the pages, by the same rules."""

import json

import pytest
from sqlalchemy import func, select

from models.policy import Lane
from serving.api.client import Client
from serving.api.document import EXAMPLES
from serving.api.operations import OPERATIONS, RECORD_STEPS
from serving.callers import KeyScope
from serving.review.record_entries import STEPS
from serving.review.record_tables import PlanAction, PlanRow, RecordStep, ReferralRow
from serving.review.records import Kind
from serving.review.tables import AuditEvent, Case
from tests.support_door import Transport, kind, make_key, system
from tests.support_review import ELSEWHERE, TODAY, alert, open_cases

DAY = TODAY.isoformat()
REFERRAL = EXAMPLES["make_referral"] | {"consent_on": DAY, "answer_by": DAY}
PLAN = EXAMPLES["make_plan"] | {"agreed_on": DAY}
ON = {"happened_on": DAY, "note": "已与对方联系。"}


@pytest.fixture
def store(store):
    open_cases(
        store, [alert("c-one", Lane.TRIGGER), alert("c-two"), alert("c-far")], areas={"c-far": ELSEWHERE}
    )
    return store


@pytest.fixture
def client(store):
    return system(store, scopes=[KeyScope.SUPPORT.value])


@pytest.fixture
def ids(store):
    with store.read() as session:
        return {case.child_key: case.id for case in session.scalars(select(Case))}


def referred(client, ids, child="c-one", **changes):
    answer = client.post(f"/cases/{ids[child]}/service_referrals", REFERRAL | changes)
    assert answer.status_code == 200, answer.text
    return answer


def planned(client, ids, child="c-one", **changes):
    answer = client.post(f"/cases/{ids[child]}/plans", PLAN | changes)
    assert answer.status_code == 200, answer.text
    return answer


def count(store, table):
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_referral_goes_from_asking_to_its_result(store, client, ids):
    made = referred(client, ids)
    where = f"/service_referrals/{made.json()['id']}"

    taken = client.post(f"{where}/acceptances", ON, if_match=made.headers["etag"])
    done = client.post(f"{where}/results", {**ON, "result": "helped"}, if_match=taken.headers["etag"])

    assert (made.json()["state"], made.json()["child_key"]) == ("sent", "c-one")
    assert made.json()["may"] == ["accept_referral", "decline_referral", "withdraw_referral"]
    assert [answer.json()["state"] for answer in (taken, done)] == ["accepted", "done"]
    assert done.json()["result"] == "helped"
    assert client.get(where).json() == done.json()
    assert client.get(where, if_none_match=done.headers["etag"]).status_code == 304
    [service] = client.get("/services").json()["items"]
    assert (service["result"], service["happened_on"], service["service"]) == ("helped", DAY, "F17")
    with store.read() as session:
        row = session.get(ReferralRow, made.json()["id"])
        assert (row.note, row.made_by[:4]) == (REFERRAL["note"], "key:")
        assert [step.verb for step in session.scalars(select(RecordStep).order_by(RecordStep.id))] == [
            "accept_referral",
            "record_result",
        ]


def test_a_family_that_declines_is_kept_and_nothing_more_can_be_done(client, ids):
    made = referred(client, ids, consent="refused")

    answer = client.post(
        f"/service_referrals/{made.json()['id']}/acceptances", ON, if_match=made.headers["etag"]
    )

    assert (made.json()["state"], made.json()["may"], made.json()["answer_by"]) == (
        "consent_refused",
        [],
        None,
    )
    assert kind(answer) == "step-refused"


def test_a_declined_referral_is_led_on_and_the_answer_is_the_new_one(client, ids):
    made = referred(client, ids)
    where = f"/service_referrals/{made.json()['id']}"
    refused = client.post(f"{where}/refusals", ON, if_match=made.headers["etag"])

    on = client.post(f"{where}/onward_referrals", REFERRAL, if_match=refused.headers["etag"])

    assert (on.json()["follows"], on.json()["state"]) == (made.json()["id"], "sent")
    assert on.json()["id"] != made.json()["id"]
    assert [one["id"] for one in client.get("/service_referrals?state=declined").json()["items"]] == [
        made.json()["id"]
    ]


def test_a_plan_has_goals_and_actions_and_a_new_edition_carries_over_what_is_not_done(store, client, ids):
    first, second = ({"what": what, "who": "村儿童主任", "by": DAY} for what in ("接送", "家访"))
    made = planned(client, ids, actions=[first, second])
    done, left = (action["id"] for action in made.json()["actions"])
    where = f"/plans/{made.json()['id']}"

    ended = client.post(
        f"{where}/action_results", {**ON, "action": done, "ended": "done"}, if_match=made.headers["etag"]
    )
    again = client.post(
        f"{where}/action_results", {**ON, "action": done, "ended": "done"}, if_match=ended.headers["etag"]
    )
    newer = client.post(f"{where}/editions", PLAN | {"actions": []}, if_match=ended.headers["etag"])
    over = client.post(f"/plans/{newer.json()['id']}/endings", ON, if_match=newer.headers["etag"])

    assert [one["state"] for one in ended.json()["actions"]] == ["done", "open"]
    assert (kind(again), again.json()["errors"][0]["field"]) == ("invalid-request", "action")
    assert [one["carried_from"] for one in newer.json()["actions"]] == [left]
    assert (newer.json()["edition"], newer.json()["replaces"]) == (2, made.json()["id"])
    assert (over.json()["state"], over.json()["may"]) == ("ended", [])
    assert [one["state"] for one in client.get("/plans").json()["items"]] == ["replaced", "ended"]
    with store.read() as session:
        assert session.get(PlanRow, made.json()["id"]).note == PLAN["goals"]
        assert {one.what for one in session.scalars(select(PlanAction))} == {"接送", "家访"}


def test_a_child_has_one_plan_at_a_time(client, ids):
    planned(client, ids)

    assert kind(client.post(f"/cases/{ids['c-one']}/plans", PLAN)) == "step-refused"


def test_what_a_form_refuses_comes_back_by_the_field_of_the_body(client, ids):
    where = f"/cases/{ids['c-one']}"
    past = {"what": "接送", "who": "村里", "by": "2020-01-01"}

    plan = client.post(f"{where}/plans", PLAN | {"actions": [PLAN["actions"][0] | {"by": DAY}, past]})
    undated = client.post(f"{where}/service_referrals", {**REFERRAL, "answer_by": None})
    unknown = client.post(f"{where}/service_referrals", {**REFERRAL, "service": "张小明"})

    assert [one["field"] for one in plan.json()["errors"]] == ["actions[1].by"]
    assert [one["field"] for one in undated.json()["errors"]] == ["answer_by"]
    assert [one["field"] for one in unknown.json()["errors"]] == ["service"]
    assert "张小明" not in unknown.text


def test_a_record_is_made_once_and_changed_in_the_version_read_or_not_at_all(store, client, ids):
    where = f"/cases/{ids['c-one']}/service_referrals"
    first = client.post(where, REFERRAL, idempotency_key="referral-one")
    again = client.post(where, REFERRAL, idempotency_key="referral-one")
    step = f"/service_referrals/{first.json()['id']}/acceptances"

    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert count(store, ReferralRow) == 1
    assert kind(client.post(step, ON)) == "version-required"
    assert client.post(step, ON, if_match='"1"').status_code == 200
    stale = client.post(step, ON, if_match='"1"')
    assert (kind(stale), stale.status_code) == ("step-refused", 409)
    last = f"/service_referrals/{first.json()['id']}/withdrawals"
    assert kind(client.post(last, ON, if_match='"1"')) == "version-changed"
    assert count(store, RecordStep) == 1


def test_a_child_or_a_record_of_another_area_is_as_if_it_were_not(store, client, ids):
    far = system(store, scopes=[KeyScope.SUPPORT.value], area=ELSEWHERE)
    made = referred(far, ids, "c-far").json()["id"]
    plan = planned(far, ids, "c-far").json()["id"]

    assert kind(client.post(f"/cases/{ids['c-far']}/service_referrals", REFERRAL)) == "unknown-case"
    for where in (f"/service_referrals/{made}", f"/plans/{plan}", "/plans/999"):
        assert kind(client.get(where)) == "unknown-record"
    answer = client.post(f"/service_referrals/{made}/acceptances", ON, if_match='"1"')
    assert (kind(answer), answer.status_code) == ("unknown-record", 404)
    for where in ("/service_referrals", "/plans", "/services"):
        assert client.get(where).json()["items"] == []
    assert count(store, RecordStep) == 0


def test_lists_come_in_parts_and_by_what_changed_since(client, ids):
    numbers = [referred(client, ids, child).json()["id"] for child in ("c-one", "c-two", "c-one")]

    first = client.get("/service_referrals?limit=2").json()
    rest = client.get(f"/service_referrals?limit=2&cursor={first['next']}").json()

    assert [one["id"] for one in first["items"] + rest["items"]] == numbers
    assert rest["next"] is None
    assert client.get("/service_referrals?service=A01").json()["items"] == []
    since = "changed_since=2099-01-01T00:00:00Z"
    assert client.get(f"/service_referrals?{since}").json()["items"] == []
    assert len(client.get("/service_referrals?changed_since=2020-01-01T00:00:00Z").json()["items"]) == 3
    assert kind(client.get(f"/plans?cursor={first['next']}")) == "invalid-request"


def test_rows_of_a_bulk_name_a_case_or_a_record_as_their_operation_asks(client, ids):
    made = referred(client, ids).json()["id"]
    rows = [
        {"operation": "make_plan", "case_id": ids["c-two"], "body": PLAN},
        {"operation": "accept_referral", "record_id": made, "version": 1, "body": ON},
        {"operation": "accept_referral", "version": 1, "body": ON},
        {"operation": "make_plan", "case_id": ids["c-one"], "version": 1, "body": PLAN},
        {"operation": "make_plan", "case_id": ids["c-one"], "record_id": 1, "body": PLAN},
        {"operation": "end_plan", "record_id": 999, "version": 1, "body": ON},
    ]
    rows = [row | {"idempotency_key": f"row-number-{number}"} for number, row in enumerate(rows)]

    answer = client.post("/bulk/writes", {"rows": rows}).json()

    assert [row["status"] for row in answer["rows"]] == [200, 200, 400, 400, 400, 404]
    assert [row["problem"]["errors"][0]["field"] for row in answer["rows"][2:5]] == [
        "record_id",
        "version",
        "record_id",
    ]


def test_answers_hold_nothing_anybody_wrote_and_the_log_holds_each_read(store, client, ids):
    made, plan = referred(client, ids), planned(client, ids)
    texts = [made.text, plan.text]
    texts += [client.get(where).text for where in ("/service_referrals", "/plans", "/services")]
    client.get(f"/plans/{plan.json()['id']}")

    said = "\n".join(texts)
    for words in (REFERRAL["note"], PLAN["goals"], PLAN["agreement_by"], *PLAN["actions"][0].values()):
        assert words not in said or words == PLAN["actions"][0]["by"]
    with store.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()
    assert events[-1].verb == "api_get_plan"
    assert events[-1].subject == f"plan-{plan.json()['id']}"
    assert "四点半" not in json.dumps([event.detail for event in events], ensure_ascii=False)


def test_every_step_to_a_referral_or_a_plan_has_its_operation_and_no_other_kind_has():
    of_kind = [entry for entry in STEPS if entry.kind in (Kind.REFERRAL, Kind.PLAN)]

    assert sorted(RECORD_STEPS) == sorted(entry.verb for entry in of_kind)
    assert {operation.of for operation in OPERATIONS} == {None, Kind.REFERRAL, Kind.PLAN}


def test_the_typed_client_walks_a_referral_and_a_plan(store, client, ids):
    key = make_key(store, scopes=[KeyScope.SUPPORT.value])
    with Client("http://testserver", key, transport=Transport(client.app)) as miaohu:
        made = miaohu.make_referral(ids["c-one"], REFERRAL)
        taken = miaohu.accept_referral(made["id"], made["version"], DAY)
        done = miaohu.record_result(made["id"], taken["version"], DAY, "served", "去了四次。")
        on = miaohu.refer_on(made["id"], done["version"], REFERRAL)
        miaohu.withdraw_referral(on["id"], on["version"], DAY)
        other = miaohu.make_referral(ids["c-two"], REFERRAL)
        assert miaohu.decline_referral(other["id"], 1, DAY, "名额已满")["state"] == "declined"
        assert [one["state"] for one in miaohu.referrals(limit=1)] == ["done", "withdrawn", "declined"]
        assert [one["result"] for one in miaohu.services()] == ["served"]
        plan = miaohu.make_plan(ids["c-one"], PLAN)
        [action] = plan["actions"]
        ended = miaohu.end_action(plan["id"], plan["version"], action["id"], "not_done", DAY)
        newer = miaohu.change_plan(plan["id"], ended["version"], PLAN)
        assert miaohu.end_plan(newer["id"], newer["version"], DAY, "已结束")["state"] == "ended"
        assert [one["edition"] for one in miaohu.plans()] == [1, 2]
        assert miaohu.plan(newer["id"])["edition"] == 2
        assert miaohu.referral(made["id"])["result"] == "served"
