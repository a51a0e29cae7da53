"""What an audit of the locked packages comes to: a vulnerability fails it, silence is called silence."""

import json

from tests.audit_of_locks import judge

CLEAN = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-2026-1"}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


def said(*packages: dict) -> str:
    return json.dumps({"dependencies": packages})


def test_a_known_vulnerability_fails_even_among_the_unknown():
    assert judge("x.lock", 1, said(BAD, UNKNOWN, UNKNOWN)) == (1, ["x.lock: b 2: CVE-2026-1"])


def test_a_database_that_cannot_be_reached_or_knows_nothing_is_no_clean_bill():
    assert judge("x.lock", 1, "")[0] == 0
    assert "not audited" in judge("x.lock", 1, "no network")[1][0]
    assert "not audited" in judge("x.lock", 0, said(UNKNOWN, CLEAN))[1][0]


def test_what_was_audited_is_counted():
    assert judge("x.lock", 0, said(CLEAN, CLEAN)) == (
        0,
        ["x.lock: 2 packages, none with a known vulnerability"],
    )
