"""The client and the conformance command, against the interface on loopback and against ones gone wrong."""

import json

import httpx
import pytest
from starlette.testclient import TestClient

from models.policy import Lane
from serving import openapi
from serving.api import conformance
from serving.api.client import Client, MiaohuProblem
from serving.machine_commands import conform
from serving.review import exports
from serving.review.case import Role
from serving.schemas import ScoreBatchRequest, ScoreRequest
from tests.support_door import ALL, Transport, make_key, system
from tests.support_review import NOW, TODAY, add_account, alert, open_cases

FACT = {"happened_on": TODAY.isoformat(), "met": "both", "note": "见到孩子。"}


@pytest.fixture
def miaohu(store):
    open_cases(store, [alert("c-one", Lane.TRIGGER), alert("c-two"), alert("c-three")])
    given = system(store)
    waits: list[float] = []

    def make(*first, scopes=ALL) -> Client:
        client = Client(
            "http://testserver", make_key(store, scopes=scopes), waits.append,
            transport=Transport(given.app, *first),
        )  # fmt: skip
        client.waits = waits
        return client

    return make


def test_the_client_walks_a_case_from_the_queue_to_its_end(miaohu):
    with miaohu() as client:
        [case] = [one for one in client.cases(limit=1, status="waiting") if one["child_key"] == "c-two"]
        taken = client.claim(case["id"], case["version"])
        called = client.record_contact(case["id"], taken["version"], **FACT)
        visited = client.record_visit(case["id"], called["version"], **FACT)
        risks = ("psychological", "guardianship")
        done = client.conclude(case["id"], visited["version"], dict.fromkeys(risks, "not_confirmed"), "无")

        assert done["status"] == "closed"
        assert [one["risk"] for one in client.outcomes(limit=1)] == list(risks)
        assert len(list(client.alerts(limit=1))) == 3
        assert client.case(case["id"])["version"] == done["version"]
        assert client.describe_key()["scopes"] == sorted(ALL)
        assert client.declare("请社区帮忙。", child_key="c-known")["case_id"]
    with miaohu() as other:
        assert other.refer("独自在家。", id_number="999999201201010010")["child_key"] == "c-known"


def test_the_client_asks_for_scores_in_every_way_there_is():
    sent = []

    def answer(request):
        sent.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={})

    with Client("http://testserver", "mh_key", transport=httpx.MockTransport(answer)) as client:
        client.score(child_key="c-one", stored=True)
        client.score(records={"absences": []}, as_of="2026-10-01", keep=True)
        client.score_batch(["c-one"], id_numbers=["330109201201010010"], reasons=False)

    for (path, body), model in zip(sent, (ScoreRequest, ScoreRequest, ScoreBatchRequest), strict=True):
        assert model.model_validate_json(json.dumps(body)).model_dump(mode="json", exclude_unset=True) == body
        assert path == ("/v1/score_batch" if model is ScoreBatchRequest else "/v1/score")
    assert sent[2][1]["children"] == [{"child_key": "c-one"}, {"id_number": "330109201201010010"}]


def test_a_write_whose_answer_was_lost_is_sent_again_and_done_once(miaohu):
    client = miaohu()
    case = next(client.cases(status="waiting"))
    again = miaohu("lost", httpx.ConnectError(""))
    again.key = client.key

    taken = again.claim(case["id"], case["version"])

    assert (taken["version"], taken["held_by_you"]) == (2, True)
    keys = {request.headers["idempotency-key"] for request in again.transport.sent}
    assert (len(again.transport.sent), len(keys)) == (3, 1)
    assert again.waits == [1.0, 2.0]


def test_a_refusal_is_told_with_its_type_and_fields_and_not_tried_again(miaohu):
    client = miaohu()
    case = next(client.cases(status="waiting"))

    with pytest.raises(MiaohuProblem) as refused:
        client.record_visit(case["id"], 1, "2026-10-06", "nobody-knows", "x")
    with pytest.raises(MiaohuProblem, match="not possible") as early:
        client.record_visit(case["id"], 1, **FACT)
    with pytest.raises(MiaohuProblem) as stale:
        client.return_to_queue(case["id"], 7, "x")

    assert (refused.value.status, refused.value.errors[0][0]) == (400, "met")
    assert refused.value.request_id
    assert early.value.type == "urn:miaohu:problem:step-refused"
    assert stale.value.status == 412
    assert client.waits == []


def test_the_client_waits_as_long_as_it_is_told_and_gives_up_in_the_end(miaohu):
    busy = httpx.Response(503, headers={"retry-after": "5"}, text="<html>proxy</html>")
    client = miaohu(busy)
    assert client.describe_key()["scopes"]
    assert client.waits == [5.0]

    client = miaohu(*[httpx.Response(503, text="") for _ in range(4)])
    with pytest.raises(MiaohuProblem, match="status 503 and was no problem document"):
        client.describe_key()
    client = miaohu(*[httpx.ConnectError("") for _ in range(4)])
    with pytest.raises(httpx.ConnectError):
        client.describe_key()


def test_every_operation_of_the_document_has_its_method_in_the_client():
    described = {
        operation["operationId"]
        for path in openapi.document()["paths"].values()
        for operation in path.values()
    }
    names = {
        "list_alerts": "alerts", "list_cases": "cases", "list_outcomes": "outcomes", "get_case": "case",
        "claim_case": "claim", "return_case": "return_to_queue", "record_dispositions": "conclude",
        "list_referrals": "referrals", "list_services": "services", "list_plans": "plans",
        "get_referral": "referral", "get_plan": "plan",
        "list_objections": "objections", "record_objection": "object_to", "do_in_bulk": "in_bulk",
        "list_templates": "export_templates", "get_export": "export",
    }  # fmt: skip

    assert not [one for one in described if not hasattr(Client, names.get(one, one))]


def test_the_client_asks_for_a_table_and_brings_answers_back(miaohu, store):
    with miaohu() as client:
        template = next(one for one in client.export_templates() if one["id"] == "zheli_humiao")
        asked = client.request_export(template["id"], "verify", "儿童主任走访用。")
        manager = add_account(store, Role.MANAGER)
        with store.write() as session:
            exports.decide(
                session, actor=manager, number=asked["id"], version=1, approve=True, words="", now=NOW
            )
        sheet = client.fetch_export(asked["id"], client.export(asked["id"])["version"])["csv"]
        head, first, *_ = sheet.splitlines()
        filled = f'{head}\n{first.rsplit(",", 3)[0]},"已核实","2026-10-05",""\n'

        told = client.import_answers(template["id"], filled)

    assert [row["done"] for row in told["rows"]] == ["taken"]
    assert told["refused"] == []


# --- conformance -----------------------------------------------------------------------------------------


def deployment(store, *, scopes=ALL, case_id=None, wrap=lambda app: app) -> conformance.Deployment:
    """The queue's interface with its document; scoring stands elsewhere and answers as the door would."""
    given = system(store, scopes=scopes)
    inside = given.app.app

    async def app(scope, receive, send):
        from starlette.responses import Response

        if scope["path"] == "/openapi.json":
            await Response(openapi.render(), media_type="application/json")(scope, receive, send)
            return
        await inside(scope, receive, send)

    return conformance.Deployment(TestClient(wrap(app), base_url="http://testserver"), given.key, case_id)


def failing(results) -> list[str]:
    return [result.sentence for result in results if result.held is False]


@pytest.mark.parametrize("scopes", [["read"], ["read", "work"], ["raise"], ["support"], ["tables"]])
def test_a_deployment_that_keeps_its_word_passes(store, scopes):
    open_cases(store, [alert("c-one"), alert("c-two"), alert("c-three")])

    results = conformance.run(deployment(store, scopes=scopes))

    assert failing(results) == []
    assert sum(result.held is None for result in results) >= 4
    assert len(results) == len(conformance.CHECKS)


def test_a_practice_case_is_claimed_and_put_back(store):
    open_cases(store, [alert("c-one")])
    case_id = deployment(store).ask("GET", "/api/v1/cases").json()["items"][0]["id"]

    results = conformance.run(deployment(store, scopes=["read", "work"], case_id=case_id))

    assert failing(results) == []
    assert results[-1].held is True
    case = deployment(store).ask("GET", f"/api/v1/cases/{case_id}").json()
    assert (case["status"], case["version"]) == ("waiting", 3)


@pytest.mark.parametrize(
    ("header", "value", "fails"),
    [
        (b"etag", b'"0"', "A case has its version as ETag"),
        (b"content-type", b"application/json", "Without a good key nothing opens"),
        (b"x-request-id", b"another-number", "A plain request number comes back"),
        (b"www-authenticate", b"Basic", "Without a good key nothing opens"),
    ],
)
def test_a_deployment_that_breaks_its_word_fails_by_the_sentence(store, header, value, fails):
    open_cases(store, [alert("c-one")])

    def wrap(app):
        async def broken(scope, receive, send):
            async def changed(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [
                        (name, value if name.lower() == header else kept) for name, kept in message["headers"]
                    ]
                await send(message)

            await app(scope, receive, changed)

        return broken

    results = conformance.run(deployment(store, scopes=["read", "work"], wrap=wrap))

    assert [sentence for sentence in failing(results) if sentence.startswith(fails)]


def test_the_command_says_each_sentence_and_ends_with_a_code(tmp_path):
    key = tmp_path / "key"
    key.write_text("mh_nothing\n", encoding="utf-8")
    said: list[str] = []

    ended = conform("http://127.0.0.1:9", key, None, said.append)

    assert ended == 1
    assert said[0] == (
        "FAILS     The interface describes itself as OpenAPI 3.1, without a key."
        " (no answer that could be read (ConnectError))"
    )
    assert said[-1] == "0 of 19 hold, 18 fail, 1 not tried"
