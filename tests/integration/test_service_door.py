"""The door before the scoring endpoint, with the simplest rooms behind it."""

import asyncio
import gzip
import io
import json
import logging

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.testclient import TestClient

from serving.callers import Caller
from serving.door import CALLER, MAX_BODY_BYTES, Door, Keys, WhereNotWhat

KEY = "mh_right"
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


def keys() -> Keys:
    found = Keys()
    found.find = lambda key: Caller("k1", "case system", "3301", frozenset({"score"})) if key == KEY else None
    return found


def door(room, **options) -> TestClient:
    return TestClient(Door(room, keys(), **options), raise_server_exceptions=False)


async def who_is_there(scope, receive, send):
    body = (await receive())["body"]
    await PlainTextResponse(f"{CALLER.get().area_prefix} {body.decode()}")(scope, receive, send)


def problem(answer, kind: str, status: int) -> dict:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == status
    document = json.loads(answer.text)
    assert (document["type"], document["status"]) == (f"urn:miaohu:problem:{kind}", status)
    return document


@pytest.mark.parametrize("headers", [HEADERS, {"X-API-Key": KEY, "Content-Type": "application/json"}])
def test_a_key_opens_the_door_and_the_body_arrives_whole(headers):
    assert door(who_is_there).post("/v1/score", content=b"{}", headers=headers).text == "3301 {}"


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-Key": "mh_wrong"}, {"X-API-Key": " "}, {"Authorization": f"Basic {KEY}"}]
)
def test_the_key_is_checked_before_anything_else(headers):
    client = door(who_is_there)

    answers = [
        client.post("/v1/score", content=b"{", headers=headers),
        client.get("/v1/nothing", headers=headers),
        client.put("/v1", headers=headers),
    ]

    for answer in answers:
        problem(answer, "unauthenticated", 401)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_other_paths_pass_untouched():
    async def pages(scope, receive, send):
        await PlainTextResponse("queue", 404)(scope, receive, send)

    for path in ("/", "/queue", "/v10/score", "/static/v1/x"):
        assert door(pages).get(path).text == "queue"


def test_method_address_type_and_size_are_refused_by_name():
    client = door(who_is_there)

    problem(client.post("/v1/other", content=b"{}", headers=HEADERS), "not-found", 404)
    wrong = client.get("/v1/score", headers=HEADERS)
    problem(wrong, "method-not-allowed", 405)
    assert wrong.headers["allow"] == "POST"
    for media_type in ("", "text/plain", "multipart/form-data", "application/vnd.bentoml+pickle"):
        headers = {**HEADERS, "Content-Type": media_type}
        problem(client.post("/v1/score", content=b"{}", headers=headers), "unsupported-media-type", 415)
    large = b" " * (MAX_BODY_BYTES + 1)
    problem(client.post("/v1/score", content=large, headers=HEADERS), "too-large", 413)
    problem(client.post("/v1/score", content=iter([large]), headers=HEADERS), "too-large", 413)
    empty = problem(client.post("/v1/score", content=b"", headers=HEADERS), "invalid-request", 400)
    assert empty["errors"] == [{"field": "body", "message": "is required"}]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "x", "detail": [{"type": "missing", "loc": ["a"], "msg": "m"}]}, "invalid-request"),
        (400, [{"error": "张小明"}], "invalid-request"),
        (500, {"error": "张小明"}, "internal"),
        (503, {"error": "process is overloaded"}, "busy"),
        (418, {"error": "张小明"}, "internal"),
    ],
)
def test_whatever_is_refused_inside_leaves_as_problem_details(status, body, kind):
    answer = door(JSONResponse(body, status)).post("/v1/score", content=b"{}", headers=HEADERS)

    assert json.loads(answer.text)["type"] == f"urn:miaohu:problem:{kind}"
    assert "张小明" not in answer.text


def test_a_problem_made_inside_passes_as_it_is():
    inside = Response(b'{"type": "urn:miaohu:problem:own"}', 404, media_type="application/problem+json")

    assert door(inside).post("/v1/score", content=b"{}", headers=HEADERS).json() == {
        "type": "urn:miaohu:problem:own"
    }


def test_an_answer_that_does_not_begin_in_time_is_a_problem():
    async def slow(scope, receive, send):
        await asyncio.sleep(5)
        await PlainTextResponse("late")(scope, receive, send)

    answer = door(slow, deadline_seconds=0.05).post("/v1/score", content=b"{}", headers=HEADERS)

    problem(answer, "timeout", 504)


@pytest.mark.parametrize("where", ["/v1/score", "/api/v1/declarations"])
def test_a_body_that_does_not_come_to_its_end_is_answered_in_the_same_shape(where):
    given, told = [{"type": "http.request", "body": b"{", "more_body": True}], []

    async def receive():
        if given:
            return given.pop()
        await asyncio.sleep(5)
        return {"type": "http.disconnect"}

    async def send(message):
        told.append(message)

    async def reads_it_whole(_scope, receive, _send):
        while (await receive()).get("more_body", False):
            pass

    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
    scope = {"type": "http", "method": "POST", "path": where, "headers": headers}
    asyncio.run(Door(reads_it_whole, keys(), deadline_seconds=0.05)(scope, receive, send))

    start, body = told
    assert (start["status"], json.loads(body["body"])["type"]) == (504, "urn:miaohu:problem:timeout")


def test_a_packed_body_is_refused_by_its_header_and_not_as_broken_json():
    packed = gzip.compress(b"{}")

    answer = door(who_is_there).post(
        "/v1/score", content=packed, headers={**HEADERS, "Content-Encoding": "gzip"}
    )

    problem(answer, "unsupported-media-type", 415)
    assert "Content-Encoding" in answer.json()["detail"]


def test_an_answer_that_has_begun_may_take_longer():
    async def long(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(4):
            await asyncio.sleep(0.04)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    answer = door(long, deadline_seconds=0.05).post("/v1/score", content=b"{}", headers=HEADERS)

    assert (answer.status_code, answer.text) == (200, "xxxx")


def logged(error: Exception) -> str:
    stream = io.StringIO()
    logger = logging.Logger("requests")
    handler = logging.StreamHandler(stream)
    handler.addFilter(WhereNotWhat())
    logger.addHandler(handler)
    try:
        raise error
    except Exception:
        logger.exception("Exception on /v1/score")
    return stream.getvalue()


def test_a_log_line_tells_where_a_request_failed_and_nothing_that_was_sent():
    line = logged(ValueError("330109201501010011 张小明"))

    assert line.startswith("Exception on /v1/score: ValueError at integration/test_service_door.py:")
    assert "330109201501010011" not in line
    assert "张小明" not in line


def test_a_request_that_does_not_fit_is_not_logged():
    class ValidationError(ValueError):
        pass

    assert logged(ValidationError("input_value='张小明'")) == ""
