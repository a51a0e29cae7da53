"""A small typed client of the whole interface, for a case system's team to use or to read. Needs httpx only.

    with Client("https://miaohu.example.org", key) as miaohu:
        for case in miaohu.cases(status="waiting"):
            taken = miaohu.claim(case["id"], case["version"])

Every write gets an Idempotency-Key and is sent again under it when no answer came; nothing else is. Webhooks
are checked with `serving.signing.check`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

Json = dict[str, Any]
ROOT = "/api/v1"
# Sent again under the same key after these: the write was done or not, and is done once either way.
_TRY_AGAIN = frozenset({409, 429, 503, 504})
_STILL_RUNNING = "urn:miaohu:problem:still-running"


class MiaohuProblem(Exception):
    """A refusal: its stable type, its status, a sentence, the fields concerned, and the request's number."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(str(document.get("detail", "")))
        self.status = status
        self.type = str(document.get("type", ""))
        self.request_id = str(document.get("request_id", ""))
        self.errors: tuple[tuple[str, str], ...] = tuple(
            (str(error["field"]), str(error["message"])) for error in document.get("errors", ())
        )


@dataclass
class Client:
    """One deployment, asked under one key. `sleep` waits between attempts; `transport` is httpx's.

    With a `client_id` the key goes out only to be changed for short-lived tokens, and those with requests.
    """

    address: str
    key: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    attempts: int = 4
    timeout_seconds: float = 10
    transport: httpx.BaseTransport | None = None
    client_id: str = ""
    _http: httpx.Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(
            base_url=self.address,
            headers={} if self.client_id else {"Authorization": f"Bearer {self.key}"},
            timeout=self.timeout_seconds,
            transport=self.transport,
            trust_env=False,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    def new_token(self) -> Json:
        """Change the key for a token, and send that with requests from now on."""
        if not self.client_id:
            raise ValueError("A token is given to a client_id, which describe_key tells.")
        form = {"grant_type": "client_credentials"}
        answer = self._http.post(f"{ROOT}/token", data=form, auth=(self.client_id, self.key))
        if not answer.is_success:
            raise MiaohuProblem(answer.status_code, _document(answer))
        found: Json = answer.json()
        self._http.headers["Authorization"] = f"Bearer {found['access_token']}"
        return found

    def score(
        self,
        *,
        child_key: str | None = None,
        id_number: str | None = None,
        records: Mapping[str, Any] | None = None,
        as_of: str | None = None,
        stored: bool = False,
        keep: bool = False,
    ) -> Json:
        """Screen one child, named in one of three ways.

        `stored`: the feature row kept last is good enough, and the answer says of when it is. `keep`: the
        screening of records sent along is kept for replay, and the records are not.
        """
        given = {
            "child_key": child_key, "id_number": id_number, "records": records, "as_of": as_of,
            "stored": stored or None, "keep": keep or None,
        }  # fmt: skip
        return self._ask("POST", "/v1/score", {k: v for k, v in given.items() if v is not None})

    def score_batch(
        self,
        child_keys: Sequence[str] = (),
        *,
        id_numbers: Sequence[str] = (),
        as_of: str | None = None,
        reasons: bool = True,
    ) -> Json:
        """Screen up to ten thousand children: first those named by key, then those by number."""
        named = [{"child_key": key} for key in child_keys] + [{"id_number": one} for one in id_numbers]
        body: Json = {"children": named, "reasons": reasons}
        return self._ask("POST", "/v1/score_batch", body if as_of is None else body | {"as_of": as_of})

    def describe_key(self) -> Json:
        """What the key opens."""
        return self._ask("GET", f"{ROOT}/key")

    def alerts(self, **filters: str | int) -> Iterator[Json]:
        """Every alert these filters leave, page by page."""
        return self._pages("alerts", filters)

    def cases(self, **filters: str | int) -> Iterator[Json]:
        """Every case these filters leave, page by page."""
        return self._pages("cases", filters)

    def outcomes(self, **filters: str | int) -> Iterator[Json]:
        """Every conclusion these filters leave, page by page."""
        return self._pages("outcomes", filters)

    def objections(self, **filters: str | int) -> Iterator[Json]:
        """Every objection these filters leave, page by page."""
        return self._pages("objections", filters)

    def case(self, case_id: str) -> Json:
        """One case as it stands."""
        return self._ask("GET", f"{ROOT}/cases/{quote(case_id, safe='')}")

    def claim(self, case_id: str, version: int) -> Json:
        """Take a waiting case."""
        return self._step(case_id, "claim", version, None)

    def return_to_queue(self, case_id: str, version: int, reason: str) -> Json:
        """Put a case back."""
        return self._step(case_id, "return", version, {"reason": reason})

    def record_view(self, case_id: str, version: int, view: str, note: str = "") -> Json:
        """Record the worker's own view."""
        return self._step(case_id, "views", version, {"view": view, "note": note})

    def record_contact(self, case_id: str, version: int, happened_on: str, met: str, note: str) -> Json:
        """Record a contact."""
        return self._step(case_id, "contacts", version, _fact(happened_on, met, note))

    def record_visit(self, case_id: str, version: int, happened_on: str, met: str, note: str) -> Json:
        """Record a visit."""
        return self._step(case_id, "visits", version, _fact(happened_on, met, note))

    def record_follow_up(self, case_id: str, version: int, happened_on: str, met: str, note: str) -> Json:
        """Record a follow-up."""
        return self._step(case_id, "follow_ups", version, _fact(happened_on, met, note))

    def conclude(self, case_id: str, version: int, dispositions: Mapping[str, str], reason: str) -> Json:
        """Conclude on every risk."""
        body = {"dispositions": dict(dispositions), "reason": reason}
        return self._step(case_id, "dispositions", version, body)

    def object_to(
        self, case_id: str, version: int, raised_by: str, source: str, wrong: str, record_id: str = ""
    ) -> Json:
        """Object to a record of a department."""
        body = {"raised_by": raised_by, "source": source, "record_id": record_id, "wrong": wrong}
        return self._step(case_id, "objections", version, body)

    def answer_objection(
        self, case_id: str, version: int, objection: str, answer: str, answered_on: str, reason: str
    ) -> Json:
        """Answer an objection for the department that delivered the record."""
        body = {"objection": objection, "answer": answer, "answered_on": answered_on, "reason": reason}
        return self._step(case_id, "objection_answers", version, body)

    def referrals(self, **filters: str | int) -> Iterator[Json]:
        """Every referral to a service these filters leave, page by page."""
        return self._pages("service_referrals", filters)

    def services(self, **filters: str | int) -> Iterator[Json]:
        """Every service with what came of it that these filters leave, page by page."""
        return self._pages("services", filters)

    def plans(self, **filters: str | int) -> Iterator[Json]:
        """Every plan these filters leave, page by page."""
        return self._pages("plans", filters)

    def referral(self, number: int) -> Json:
        """One referral as it stands."""
        return self._ask("GET", f"{ROOT}/service_referrals/{number}")

    def plan(self, number: int) -> Json:
        """One edition of a plan as it stands."""
        return self._ask("GET", f"{ROOT}/plans/{number}")

    def make_referral(self, case_id: str, referral: Mapping[str, Any]) -> Json:
        """Refer the child of a case to a service; the fields are those of `ReferralBody`."""
        return self._make(f"cases/{quote(case_id, safe='')}/service_referrals", referral)

    def accept_referral(self, number: int, version: int, happened_on: str, note: str | None = None) -> Json:
        """The service accepts."""
        return self._record(f"service_referrals/{number}/acceptances", version, _on(happened_on, note))

    def decline_referral(self, number: int, version: int, happened_on: str, note: str) -> Json:
        """The service declines, with its reason."""
        return self._record(f"service_referrals/{number}/refusals", version, _on(happened_on, note))

    def record_result(
        self, number: int, version: int, happened_on: str, result: str, note: str | None = None
    ) -> Json:
        """What came of an accepted referral."""
        body = {**_on(happened_on, note), "result": result}
        return self._record(f"service_referrals/{number}/results", version, body)

    def withdraw_referral(self, number: int, version: int, happened_on: str, note: str | None = None) -> Json:
        """The family withdraws its consent."""
        return self._record(f"service_referrals/{number}/withdrawals", version, _on(happened_on, note))

    def refer_on(self, number: int, version: int, referral: Mapping[str, Any]) -> Json:
        """Lead on to another service; the answer is the new referral."""
        return self._record(f"service_referrals/{number}/onward_referrals", version, dict(referral))

    def make_plan(self, case_id: str, plan: Mapping[str, Any]) -> Json:
        """Make a plan for the child of a case; the fields are those of `PlanBody`."""
        return self._make(f"cases/{quote(case_id, safe='')}/plans", plan)

    def change_plan(self, number: int, version: int, plan: Mapping[str, Any]) -> Json:
        """A new edition of a plan, which is the answer."""
        return self._record(f"plans/{number}/editions", version, dict(plan))

    def end_action(
        self, number: int, version: int, action: int, ended: str, happened_on: str, note: str | None = None
    ) -> Json:
        """Say how one action of a plan ended: done, or not_done."""
        body = {**_on(happened_on, note), "action": action, "ended": ended}
        return self._record(f"plans/{number}/action_results", version, body)

    def end_plan(self, number: int, version: int, happened_on: str, note: str) -> Json:
        """End a plan."""
        return self._record(f"plans/{number}/endings", version, _on(happened_on, note))

    def export_templates(self) -> list[Json]:
        """Tables for other platforms that can be asked for, and what may come back in them."""
        found: list[Json] = self._ask("GET", f"{ROOT}/export_templates")["items"]
        return found

    def request_export(self, template: str, purpose: str, words: str, area: str | None = None) -> Json:
        """Ask for a table; a person decides about it."""
        return self._make("exports", {"template": template, "purpose": purpose, "words": words, "area": area})

    def export(self, number: int) -> Json:
        """A request for a table as it stands."""
        return self._ask("GET", f"{ROOT}/exports/{number}")

    def fetch_export(self, number: int, version: int) -> Json:
        """The table of an approved request, in `csv`; once."""
        return self._record(f"exports/{number}/fetches", version, None)

    def import_answers(self, template: str, csv: str) -> Json:
        """Take the answers in a table in; what came of each row is in the answer."""
        return self._make("export_answers", {"template": template, "csv": csv})

    def in_bulk(self, rows: Sequence[Mapping[str, Any]]) -> Json:
        """Several writes at once, each with its `idempotency_key`; what came of each is in `rows`."""
        return self._ask("POST", f"{ROOT}/bulk/writes", {"rows": [dict(row) for row in rows]})

    def declare(self, reason: str, *, child_key: str | None = None, id_number: str | None = None) -> Json:
        """A family declares itself."""
        return self._raise("declarations", reason, child_key, id_number)

    def refer(self, reason: str, *, child_key: str | None = None, id_number: str | None = None) -> Json:
        """A worker has seen a reason to look at a child."""
        return self._raise("referrals", reason, child_key, id_number)

    def _raise(self, where: str, reason: str, child_key: str | None, id_number: str | None) -> Json:
        given = {"reason": reason, "child_key": child_key, "id_number": id_number}
        body = {name: value for name, value in given.items() if value is not None}
        return self._make(where, body)

    def _make(self, where: str, body: Mapping[str, Any]) -> Json:
        return self._ask("POST", f"{ROOT}/{where}", dict(body), {"Idempotency-Key": uuid4().hex})

    def _record(self, where: str, version: int, body: Json | None) -> Json:
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": uuid4().hex}
        return self._ask("POST", f"{ROOT}/{where}", body, headers)

    def _step(self, case_id: str, what: str, version: int, body: Json | None) -> Json:
        return self._record(f"cases/{quote(case_id, safe='')}/{what}", version, body)

    def _pages(self, where: str, filters: Mapping[str, str | int]) -> Iterator[Json]:
        asked = dict(filters)
        while True:
            page = self._ask("GET", f"{ROOT}/{where}", params=asked)
            yield from page["items"]
            if page["next"] is None:
                return
            asked["cursor"] = page["next"]

    def _ask(
        self,
        method: str,
        where: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> Json:
        """One request, sent again if it may be: reads, scores, and writes under one key."""
        if self.client_id and "Authorization" not in self._http.headers:
            self.new_token()
        renewed = not self.client_id
        for attempt in range(self.attempts):
            last = attempt == self.attempts - 1
            try:
                answer = self._http.request(method, where, json=body, headers=headers, params=params)
            except httpx.TransportError:
                if last:
                    raise
                self.sleep(2.0**attempt)
                continue
            if answer.is_success:
                found: Json = answer.json()
                return found
            problem = MiaohuProblem(answer.status_code, _document(answer))
            if problem.status == 401 and not renewed and not last:
                renewed = True
                self.new_token()
                continue
            waits = problem.status in _TRY_AGAIN and (problem.status != 409 or problem.type == _STILL_RUNNING)
            if last or not waits:
                raise problem
            stated = answer.headers.get("retry-after", "")
            self.sleep(float(stated) if stated.isdigit() else 2.0**attempt)
        raise AssertionError("the last attempt answers or raises")


def _fact(happened_on: str, met: str, note: str) -> Json:
    return {"happened_on": happened_on, "met": met, "note": note}


def _on(happened_on: str, note: str | None) -> Json:
    return {"happened_on": happened_on, **({} if note is None else {"note": note})}


def _document(answer: httpx.Response) -> Mapping[str, Any]:
    """The problem details; a proxy on the way may have answered with something else."""
    if answer.headers.get("content-type", "") == "application/json" and answer.status_code in (400, 401):
        refused: Json = answer.json()  # of the token endpoint, as RFC 6749 says it
        return {"type": refused.get("error", ""), "detail": refused.get("error_description", "")}
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return {"detail": f"The answer had status {answer.status_code} and was no problem document."}
    document: Json = answer.json()
    return document
