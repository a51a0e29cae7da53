"""The log: JSON lines with the request's number, and nothing of what anybody sent."""

import io
import json
import logging

import pytest

from serving.logs import LIBRARIES, JsonLines, request, work, write_json_lines
from serving.request_ids import REQUEST_ID, SaysWhichRequest


@pytest.fixture
def lines():
    """What everything logged leaves; every logger is put back afterwards."""
    stream, root = io.StringIO(), logging.getLogger()
    loggers = [
        root,
        logging.getLogger("miaohu.requests"),
        logging.getLogger("miaohu.work"),
        *map(logging.getLogger, LIBRARIES),
    ]
    before = [(one, one.handlers, one.level, one.propagate) for one in loggers]
    logging.getLogger("bentoml").addHandler(logging.StreamHandler(io.StringIO()))
    write_json_lines(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for one, handlers, level, propagate in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)
    REQUEST_ID.set("")


def test_a_request_is_one_line_with_its_number_and_its_template(lines):
    REQUEST_ID.set("request-4711")

    request("/cases/{case_id}", "GET", 200, 12.345)

    [line] = lines()
    assert line.pop("at")
    assert line == {
        "level": "info", "logger": "miaohu.requests", "said": "request", "request_id": "request-4711",
        "route": "/cases/{case_id}", "method": "GET", "status": 200, "ms": 12.3,
    }  # fmt: skip


def test_the_libraries_write_in_the_same_form_and_nowhere_else(lines):
    for name in ("bentoml.serve", "uvicorn.error", "circus", "sqlalchemy.pool"):
        logging.getLogger(name).warning("something\nwith a newline")

    assert [(line["logger"], line["said"]) for line in lines()] == [
        (name, "something\nwith a newline")
        for name in ("bentoml.serve", "uvicorn.error", "circus", "sqlalchemy.pool")
    ]


def test_an_exception_is_told_by_its_kind_and_place_in_every_logger(lines):
    for name in ("bentoml.serve", "sqlalchemy.pool", "miaohu.web"):
        try:
            raise ValueError("330109201501010011 张小明")
        except ValueError:
            logging.getLogger(name).exception("It failed")

    said = [line["said"] for line in lines()]
    assert len(said) == 3
    assert all(one.startswith("It failed: ValueError at unit/test_logs.py:") for one in said)
    assert "330109201501010011" not in str(said)
    assert "张小明" not in str(said)


def test_the_number_of_a_request_stands_once():
    record = logging.LogRecord("miaohu.api", logging.ERROR, "x", 1, "It failed", (), None)
    REQUEST_ID.set("request-4711")
    try:
        SaysWhichRequest().filter(record)
        line = json.loads(JsonLines().format(record))
    finally:
        REQUEST_ID.set("")
    assert (line["said"], line["request_id"]) == ("It failed", "request-4711")


def test_what_the_queues_clocks_did_is_a_line_of_the_same_form(lines):
    work("published 3 records, raised 2 alerts")

    [line] = lines()
    assert (line["level"], line["logger"], line["said"]) == (
        "info", "miaohu.work", "published 3 records, raised 2 alerts",
    )  # fmt: skip
