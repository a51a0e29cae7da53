"""The number of a request: taken over if it is plain, made if not, and at the end of every line it causes."""

import io
import logging

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from serving.request_ids import REQUEST_ID, RequestIds, SaysWhichRequest, is_well_formed


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("case-system-1", True),
        ("a" * 64, True),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", True),
        ("short", False),
        ("a" * 65, False),
        ("张小明张小明张小明", False),
        ("with blanks in it", False),
        ("line\nbreak-in-it", False),
        ("-begins-with-a-dash", False),
        ("id-330109201501010011", False),
        ("tel-13800138000", False),
    ],
)
def test_a_callers_number_is_taken_over_if_it_can_hold_nothing_of_a_person(given, taken):
    assert is_well_formed(given) is taken


def asked(headers: dict[str, str]) -> tuple[str, str, str]:
    """The number in the answer, inside the application, and at the end of a line logged there."""
    stream = io.StringIO()
    logger = logging.Logger("requests")
    logger.addHandler(logging.StreamHandler(stream))
    logger.addFilter(SaysWhichRequest())

    async def room(scope, receive, send):
        logger.error("A page failed with %s.", "KeyError")
        await PlainTextResponse(REQUEST_ID.get())(scope, receive, send)

    answer = TestClient(RequestIds(room, lambda: "made-here-1")).get("/", headers=headers)
    return answer.headers["x-request-id"], answer.text, stream.getvalue().strip()


def test_a_request_keeps_its_callers_number_everywhere():
    line = "A page failed with KeyError. [request theirs-0001]"

    assert asked({"X-Request-Id": "theirs-0001"}) == ("theirs-0001", "theirs-0001", line)


@pytest.mark.parametrize("headers", [{}, {"X-Request-Id": "330109201501010011"}])
def test_a_request_without_a_plain_number_is_given_one(headers):
    line = "A page failed with KeyError. [request made-here-1]"

    assert asked(headers) == ("made-here-1", "made-here-1", line)
