"""What a case system's team may rely on, tried against a deployment: one sentence and one check each.

Without a practice case nothing is changed: only reads, and writes that must be refused. With one, it is
claimed and put back. No check looks at a name, and nothing that a deployment answered is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from serving.api import ROOT
from serving.callers import TOKEN_BEGINS

_TYPE = "urn:miaohu:problem:"
NOWHERE = "zzzzzzzzzz"
# A made-up child, born nowhere; what is asked about it is kept nowhere.
_RECORDS: dict[str, list[object]] = {"absences": []}


class Failed(Exception):
    """A check that did not hold; the sentence says what was found instead."""


class NotTried(Exception):
    """A check that this key or deployment does not allow; the sentence says why."""


@dataclass(frozen=True)
class Deployment:
    """The deployment under one key. `case_id`: a practice case, if one may be claimed and put back."""

    http: httpx.Client
    key: str
    case_id: str | None = None

    def ask(
        self,
        method: str,
        where: str,
        *,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        json: Any = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """One request, under the key unless another is given; an empty one sends none."""
        used = self.key if key is None else key
        sent = {**({"Authorization": f"Bearer {used}"} if used else {}), **(headers or {})}
        return self.http.request(method, where, headers=sent, json=json, content=content)

    def scopes(self) -> list[str]:
        """What the key opens."""
        found: list[str] = self.ask("GET", f"{ROOT}/key").json().get("scopes", [])
        return found

    def need(self, scope: str) -> None:
        """Leave the check out if the key does not open this."""
        if scope not in self.scopes():
            raise NotTried(f"the key has no scope '{scope}'")


@dataclass(frozen=True)
class Result:
    """What came of one check. `held` is None if it was not tried."""

    sentence: str
    held: bool | None
    said: str


Check = Callable[[Deployment], None]


def run(deployment: Deployment) -> list[Result]:
    """Every check, in order; one that fails stops no other."""
    results = []
    for sentence, check in CHECKS:
        try:
            check(deployment)
        except Failed as failed:
            results.append(Result(sentence, False, str(failed)))
        except NotTried as left_out:
            results.append(Result(sentence, None, str(left_out)))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            results.append(Result(sentence, False, f"no answer that could be read ({type(error).__name__})"))
        else:
            results.append(Result(sentence, True, ""))
    return results


def _expect(truth: bool, said: str) -> None:
    if not truth:
        raise Failed(said)


def _refused(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """A refusal of this status and type, as problem details with the request's number."""
    _expect(answer.status_code == status, f"status {answer.status_code} instead of {status}")
    media_type = answer.headers.get("content-type", "")
    _expect(media_type == "application/problem+json", f"media type '{media_type}'")
    document: dict[str, Any] = answer.json()
    _expect(document["type"] == _TYPE + kind, f"another problem type than {kind}")
    _expect(document["status"] == status, "the status in the body is another")
    _expect(document["request_id"] == answer.headers.get("x-request-id"), "the request's numbers differ")
    return document


def _given(answer: httpx.Response) -> dict[str, Any]:
    _expect(answer.status_code == 200, f"status {answer.status_code} instead of 200")
    found: dict[str, Any] = answer.json()
    return found


def _described(on: Deployment) -> None:
    document = _given(on.ask("GET", "/openapi.json", key=""))
    _expect(document["openapi"].startswith("3.1"), "the document is not OpenAPI 3.1")
    for path in ("/v1/score", f"{ROOT}/alerts", f"{ROOT}/cases", f"{ROOT}/cases/{{case_id}}"):
        _expect(path in document["paths"], f"{path} is not described")


def _closed(on: Deployment) -> None:
    for where in ("/v1/score", f"{ROOT}/key", f"{ROOT}/cases", f"{ROOT}/nothing"):
        for key in ("", "mh_conformance_has_no_such_key"):
            answer = on.ask("POST" if where.startswith("/v1") else "GET", where, key=key)
            _refused(answer, 401, "unauthenticated")
            _expect(answer.headers.get("www-authenticate") == "Bearer", "no WWW-Authenticate: Bearer")


def _key(on: Deployment) -> None:
    found = _given(on.ask("GET", f"{ROOT}/key"))
    _expect(bool(found["scopes"]), "the key opens nothing")


def _numbered(on: Deployment) -> None:
    own = f"conformance-{uuid4().hex[:6]}"
    answer = on.ask("GET", f"{ROOT}/key", headers={"X-Request-Id": own})
    _expect(answer.headers.get("x-request-id") == own, "a plain X-Request-Id did not come back")
    answer = on.ask("GET", f"{ROOT}/key", headers={"X-Request-Id": "9" * 18})
    _expect("9" * 18 not in answer.headers.get("x-request-id", ""), "a number like an ID number came back")


def _no_echo(on: Deployment) -> None:
    on.need("score")
    planted = "conformanceplanted"
    answer = on.ask("POST", "/v1/score", json={planted: planted, "child_key": [planted]})
    _refused(answer, 400, "invalid-request")
    _expect(planted not in answer.text, "the refusal repeats what was sent")


def _inline(on: Deployment) -> None:
    on.need("score")
    answer = on.ask("POST", "/v1/score", json={"records": _RECORDS})
    if answer.status_code == 503:
        _refused(answer, 503, "no-champion")
        raise NotTried("no screener is in use")
    found = _given(answer)
    _expect(found["eligible"] is False, "a child without a residence record is in scope")
    _expect(found["risks"] == [], "a child out of scope has risks")


def _unknown(on: Deployment) -> None:
    on.need("score")
    answer = on.ask("POST", "/v1/score", json={"child_key": "c" + "z" * 26})
    if answer.status_code == 503:
        raise NotTried("no screener or no records are here")
    _refused(answer, 404, "unknown-child")


def _stored(on: Deployment) -> None:
    on.need("score")
    _refused(on.ask("POST", "/v1/score", json={"records": {}, "stored": True}), 400, "invalid-request")
    answer = on.ask("POST", "/v1/score", json={"child_key": "c" + "z" * 26, "stored": True})
    if answer.status_code == 503:
        raise NotTried("no screener or no records are here")
    _refused(answer, 404, "unknown-child")


def _pages(on: Deployment) -> None:
    on.need("read")
    for where in ("alerts", "cases", "outcomes", "objections"):
        first = _given(on.ask("GET", f"{ROOT}/{where}?limit=2"))
        _expect(len(first["items"]) <= 2, f"a page of {where} holds more than was asked for")
        if first["next"] is not None:
            second = _given(on.ask("GET", f"{ROOT}/{where}?limit=2&cursor={first['next']}"))
            both = [item["id"] for item in first["items"] + second["items"]]
            _expect(len(both) == len(set(both)), f"two pages of {where} hold the same item")


def _bad_pages(on: Deployment) -> None:
    on.need("read")
    for query in ("cursor=conformance", "limit=0", "nothing=1"):
        _refused(on.ask("GET", f"{ROOT}/cases?{query}"), 400, "invalid-request")


def _no_case(on: Deployment) -> None:
    on.need("read")
    _refused(on.ask("GET", f"{ROOT}/cases/{NOWHERE}"), 404, "unknown-case")


def _etag(on: Deployment) -> None:
    on.need("read")
    items = _given(on.ask("GET", f"{ROOT}/cases?limit=1"))["items"]
    if not items:
        raise NotTried("no case is in the key's area")
    where = f"{ROOT}/cases/{items[0]['id']}"
    answer = on.ask("GET", where)
    etag = answer.headers.get("etag", "")
    _expect(etag == f'"{_given(answer)["version"]}"', "the ETag is not the case's version")
    same = on.ask("GET", where, headers={"If-None-Match": etag})
    _expect(same.status_code in (200, 304), f"status {same.status_code} instead of 304")
    _expect(same.status_code == 304 or same.headers.get("etag") != etag, "an unchanged case was sent again")


def _guarded(on: Deployment) -> None:
    on.need("work")
    where = f"{ROOT}/cases/{NOWHERE}/claim"
    key = {"Idempotency-Key": uuid4().hex}
    _refused(on.ask("POST", where, headers={"If-Match": '"1"'}), 400, "idempotency-key-required")
    _refused(on.ask("POST", where, headers=key), 428, "version-required")
    _refused(on.ask("POST", where, headers={**key, "If-Match": '"1"'}), 404, "unknown-case")


def _apart(on: Deployment) -> None:
    rows = [
        {"operation": "claim_case", "idempotency_key": uuid4().hex, "case_id": NOWHERE, "version": 1},
        {"operation": "no_such_write", "idempotency_key": uuid4().hex},
    ]
    answer = on.ask("POST", f"{ROOT}/bulk/writes", json={"rows": rows})
    _expect(answer.status_code == 207, f"status {answer.status_code} instead of 207")
    found = answer.json()
    kinds = [row["problem"]["type"].removeprefix(_TYPE) for row in found["rows"]]
    first = "unknown-case" if "work" in on.scopes() else "missing-scope"
    _expect(kinds == [first, "invalid-request"], "the rows were not answered each by itself")
    _expect((found["done"], found["refused"]) == (0, 2), "the rows were not counted")


def _no_write(on: Deployment) -> None:
    if "work" in on.scopes():
        raise NotTried("the key may work on cases")
    answer = on.ask(
        "POST", f"{ROOT}/cases/{NOWHERE}/claim", headers={"If-Match": '"1"', "Idempotency-Key": uuid4().hex}
    )
    _refused(answer, 403, "missing-scope")


def _kept(on: Deployment) -> None:
    on.need("support")
    for where in ("service_referrals", "services", "plans"):
        found = _given(on.ask("GET", f"{ROOT}/{where}?limit=2"))
        _expect(len(found["items"]) <= 2, f"a page of {where} holds more than was asked for")
    for where, step in (("service_referrals", "refusals"), ("plans", "endings")):
        nowhere = f"{ROOT}/{where}/999999999"
        _refused(on.ask("GET", nowhere), 404, "unknown-record")
        body = {"happened_on": "2026-01-05", "note": "conformance"}
        key = {"Idempotency-Key": uuid4().hex}
        _refused(on.ask("POST", f"{nowhere}/{step}", headers=key, json=body), 428, "version-required")
        named = {**key, "If-Match": '"1"'}
        _refused(on.ask("POST", f"{nowhere}/{step}", headers=named, json=body), 404, "unknown-record")


def _tables(on: Deployment) -> None:
    on.need("tables")
    for one in _given(on.ask("GET", f"{ROOT}/export_templates"))["items"]:
        fields = [answer["field"] for answer in one["answers"]]
        _expect(one["columns"] and len(set(fields)) == len(fields), f"the table {one['id']} cannot be used")
    nowhere, key = f"{ROOT}/exports/999999999", {"Idempotency-Key": uuid4().hex}
    _refused(on.ask("GET", nowhere), 404, "unknown-export")
    _refused(on.ask("POST", f"{nowhere}/fetches", headers=key), 428, "version-required")
    _refused(on.ask("POST", f"{nowhere}/fetches", headers={**key, "If-Match": '"1"'}), 404, "unknown-export")
    body = {"template": NOWHERE, "purpose": "update", "words": "conformance"}
    _refused(on.ask("POST", f"{ROOT}/exports", headers=key, json=body), 400, "invalid-request")


def _token(on: Deployment) -> None:
    if on.key.startswith(TOKEN_BEGINS):
        raise NotTried("the key is itself a token")
    client = _given(on.ask("GET", f"{ROOT}/key"))["client"]

    def ask(secret: str, **more: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", **more}
        return on.http.post(f"{ROOT}/token", data=form, auth=(client, secret))

    given = ask(on.key)
    _expect(given.headers.get("cache-control") == "no-store", "a token may be kept on the way")
    found = _given(given)
    _expect(found["token_type"] == "Bearer" and found["expires_in"] > 0, "it is no bearer token with an end")  # noqa: S105  # the name of a kind
    opened = _given(on.ask("GET", f"{ROOT}/key", key=found["access_token"]))
    _expect(opened["client"] == client, "the token is another client's")
    _expect(set(opened["scopes"]) <= set(on.scopes()), "the token opens more than the key")
    wider, wrong = ask(on.key, scope="conformance"), ask("mh_conformance_has_no_such_key")
    _expect((wider.status_code, wider.json()["error"]) == (400, "invalid_scope"), "a wider scope was taken")
    _expect((wrong.status_code, wrong.json()["error"]) == (401, "invalid_client"), "a wrong key was taken")


def _practice(on: Deployment) -> None:
    if on.case_id is None:
        raise NotTried("no practice case was named with --case")
    on.need("work")
    where = f"{ROOT}/cases/{on.case_id}"
    etag = on.ask("GET", where).headers.get("etag", "")
    sent = {"If-Match": etag, "Idempotency-Key": uuid4().hex}
    first = on.ask("POST", f"{where}/claim", headers=sent)
    _expect(first.status_code == 200, f"the practice case cannot be claimed: status {first.status_code}")
    again = on.ask("POST", f"{where}/claim", headers=sent)
    _expect(again.content == first.content, "the same write, sent again, was answered otherwise")
    _expect(again.headers.get("idempotency-replayed") == "true", "a repeated answer does not say so")
    body = {"reason": "conformance"}
    other = on.ask("POST", f"{where}/return", headers=sent, json=body)
    _refused(other, 422, "idempotency-key-reused")
    stale = {"If-Match": etag, "Idempotency-Key": uuid4().hex}
    _refused(on.ask("POST", f"{where}/return", headers=stale, json=body), 412, "version-changed")
    current = {"If-Match": first.headers.get("etag", ""), "Idempotency-Key": uuid4().hex}
    back = _given(on.ask("POST", f"{where}/return", headers=current, json=body))
    _expect(back["status"] == "waiting", "the practice case was not put back")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("The interface describes itself as OpenAPI 3.1, without a key.", _described),
    ("Without a good key nothing opens, and nothing is said of what is there.", _closed),
    ("The key opens something, and says what.", _key),
    ("A key is changed for a short-lived token that opens no more.", _token),
    ("A plain request number comes back; one that could be a person's does not.", _numbered),
    ("A refusal names the field and repeats nothing that was sent.", _no_echo),
    ("Records sent along are screened, and a child out of scope gets no risk.", _inline),
    ("A child nobody knows is a refusal, not an answer.", _unknown),
    ("A stored row is a known child's, and of nobody else.", _stored),
    ("Lists come in pages that hold nothing twice.", _pages),
    ("A cursor, limit or filter that cannot be is refused.", _bad_pages),
    ("A case nobody knows is a refusal.", _no_case),
    ("A case has its version as ETag, and is not sent again while it stands.", _etag),
    ("A write needs its Idempotency-Key and the version it is made to.", _guarded),
    ("A key that may not write cannot.", _no_write),
    ("Rows of a bulk are each answered by themselves, in their order.", _apart),
    ("Referrals, services and plans are listed, and steps to them need their version.", _kept),
    ("A table is asked for by its template, and a request is told to nobody else.", _tables),
    ("A write sent twice is done once, and one to an old version not at all.", _practice),
)
