"""What an answer says of an operation that has had its time, and which rows cannot be."""

from dataclasses import replace
from datetime import date

import pytest

from serving.api import ROOT, ageing
from serving.api.operations import OPERATIONS

OLD = {"deprecated_on": date(2026, 7, 1), "sunset_on": date(2027, 7, 1), "successor": "/api/v2/cases"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_goes_is_announced_a_year_before(operation):
    assert ageing.trouble(operation) == ""


def test_rows_that_go_too_soon_or_unannounced_are_found():
    [operation] = [one for one in OPERATIONS if one.path == f"{ROOT}/cases"]

    assert "never said" in ageing.trouble(replace(operation, sunset_on=date(2027, 7, 1)))
    soon = replace(operation, deprecated_on=date(2027, 1, 1), sunset_on=date(2027, 7, 1))
    assert "within a year" in ageing.trouble(soon)
    assert ageing.trouble(replace(operation, **OLD)) == ""
    assert ageing.headers(replace(operation, deprecated_on=date(2027, 1, 1))) == {
        "Deprecation": "@1798761600"
    }
    assert ageing.headers(replace(operation, **OLD)) == {
        "Deprecation": "@1782864000",
        "Sunset": "Thu, 01 Jul 2027 00:00:00 GMT",
        "Link": '</api/v2/cases>; rel="successor-version"',
    }
    assert ageing.headers(operation) == {}
