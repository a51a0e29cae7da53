"""The interface of case systems as an ASGI application: key, scope and pace first, then one operation.

Every refusal leaves as problem details and none repeats what was sent. A write runs in one transaction with
its audit event and its kept answer. Every read is in the log with how many rows it gave.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from features.jurisdiction import Profile
from serving import problems
from serving.api import ageing, bulk, kept, operations, reading, recording, shapes, steps
from serving.api.kept import Answer, Running
from serving.api.operations import MAX_BODY_BYTES, RECORD_STEPS, VERBS, Does, Operation
from serving.api.preconditions import etag_of, idempotency_key, is_same, version_named
from serving.api.tables import Tables
from serving.api.tokens import PATH as TOKEN_PATH
from serving.api.tokens import Tokens
from serving.callers import Caller, KeyScope, account_id, key_of
from serving.problems import FieldError, Problem
from serving.rates import Limiter
from serving.review import api_keys, audit, queries
from serving.review.acting import NotFound
from serving.review.case import Conflict, Incomplete, Refused, Role
from serving.review.opening import ChildFacts
from serving.review.perform import Wanted, perform
from serving.review.permissions import Actor, sees_area
from serving.review.record_store import Changed, Doing
from serving.review.requests import raise_by_hand
from serving.review.store import Store

LOG = logging.getLogger("miaohu.api")
_ROLES: Mapping[KeyScope | None, Role] = {KeyScope.CORRECT: Role.SUPERVISOR, KeyScope.TABLES: Role.MANAGER}
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Asked:
    """One request, read whole. `named`: the id of a case or the number of a record in its address."""

    operation: Operation
    named: str
    caller: Caller
    query: shapes.Strict
    headers: Mapping[str, str]
    body: bytes

    @property
    def actor(self) -> Actor:
        """The client as the queue's rules know it: as the least of workers, unless its scope says more."""
        role = _ROLES.get(self.operation.scope, api_keys.ROLE)
        return Actor(account_id(self.caller.client), role, self.caller.area_prefix)


@dataclass(frozen=True)
class Children:
    """What raising a child takes: its key by number or key, what the queue is told of it, and its clock.

    `find`: None for a number that is nobody's here; a number is kept nowhere. `keys_of`: every key the child
    ever had, the one that stayed first.
    """

    find: Callable[[str], str | None]
    keys_of: Callable[[str], Sequence[str]]
    about: Callable[[str], ChildFacts]
    tier: str | None
    tier_days: Mapping[str, int]


@dataclass
class Api:
    """Answers requests; safe to share between threads."""

    store: Store
    find_caller: Callable[[str], Caller | None]
    limiter: Limiter
    now: Callable[[], datetime]
    today: Callable[[], date]
    children: Children
    profile: Profile
    tokens: Tokens
    tables: Tables
    find: Callable[[str, str], tuple[Operation | None, str, tuple[str, ...]]] = operations.find
    _running: Running = field(default_factory=Running)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            operation, _, _ = self.find(request.method, request.url.path)
            body = await _body(request, MAX_BODY_BYTES if operation is None else operation.at_most)
            response = await run_in_threadpool(self._respond, request, body)
        except Problem as problem:
            response = _refusal(problem)
        except ClientDisconnect:
            return
        response.headers.update(_HEADERS)
        await response(scope, receive, send)

    def _respond(self, request: Request, body: bytes) -> Response:
        if request.url.path == TOKEN_PATH:
            return self._guarded(lambda: self.tokens.answer(request.method, request.headers, body))
        response = self._guarded(lambda: self._answer(self._admit(request, body)))
        operation, _, _ = self.find(request.method, request.url.path)
        if operation is not None and response.status_code not in (401, 429):
            response.headers.update(ageing.headers(operation))
        return response

    def _guarded(self, do: Callable[[], Response]) -> Response:
        """What it answers; whatever goes wrong leaves as problem details."""
        try:
            return do()
        except Problem as problem:
            return _refusal(problem)
        except NotFound:
            return _refusal(problems.unknown_case())
        except (Conflict, Changed):
            changed = "Somebody changed it since; read it again, then decide again."
            return _refusal(Problem(problems.VERSION_CHANGED, changed))
        except Incomplete as incomplete:
            wrong = [FieldError(one.field or "body", one.sentence.en) for one in incomplete.problems]
            return _refusal(problems.invalid(wrong))
        except Refused as refused:
            return _refusal(Problem(problems.STEP_REFUSED, refused.sentence.en))
        except OperationalError:
            return _refusal(problems.store_away())
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, its words stay out of answer and log
            LOG.error("An operation failed with %s.", type(error).__name__)
            return _refusal(Problem(problems.INTERNAL, "The request could not be answered."))

    def _admit(self, request: Request, body: bytes) -> Asked:
        headers = request.headers
        key = key_of(headers.get("authorization", ""), headers.get("x-api-key", ""))
        caller = self.find_caller(key) if key else None
        if caller is None:
            raise problems.unauthenticated()
        wait = self.limiter.take(caller.client)
        if wait:
            raise problems.too_many_requests(wait)
        operation, named, methods = self.find(request.method, request.url.path)
        if operation is None:
            if methods:
                raise problems.method_not_allowed(methods)
            raise Problem(problems.NOT_FOUND, "There is no operation at this address; see /openapi.json.")
        _check_scope(operation, caller)
        query = _checked(operation.query, _one_of_each(request))
        return Asked(operation, named, caller, query, headers, body)

    def _answer(self, asked: Asked) -> Response:
        if asked.operation.writes:
            return self._write(asked)
        if asked.operation.bulk:
            body = _body_of(asked.operation, asked)
            assert isinstance(body, shapes.BulkBody), "as its row says"
            return _json(bulk.answer(body, partial(self._one_of_bulk, asked.caller)), status=207)
        if asked.operation.name == "describe_key":
            caller = asked.caller
            return _json(
                shapes.KeyAnswer(
                    client=caller.client,
                    title=caller.title,
                    scopes=sorted(caller.scopes),
                    area_prefix=caller.area_prefix,
                    expires_at=caller.expires_at,
                )
            )
        return self._read(asked)

    def _one_of_bulk(
        self, caller: Caller, operation: Operation, named: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        """One row of several, as if it had been sent alone."""

        def do() -> Response:
            wait = self.limiter.take(caller.client)
            if wait:
                raise problems.too_many_requests(wait)
            _check_scope(operation, caller)
            if len(body) > MAX_BODY_BYTES:
                raise problems.too_large(MAX_BODY_BYTES)
            return self._write(Asked(operation, named, caller, shapes.Nothing(), headers, body))

        return self._guarded(do)

    def _read(self, asked: Asked) -> Response:
        subject = asked.named or asked.caller.name
        with self.store.read() as session:
            if asked.operation.of is not None:
                row = recording.one(session, asked.actor, asked.operation.of, asked.named)
                found: BaseModel = recording.told(session, asked.actor, row, RECORD_STEPS)
                etag, count, subject = etag_of(row.version), 1, recording.subject_of(row)
            elif asked.operation.of_case:
                case = queries.case_for(session, asked.actor, asked.named)
                if case is None:
                    raise NotFound(asked.named)
                found = steps.one_case(session, asked.actor, case, VERBS)
                etag, count = etag_of(case.version), 1
            elif asked.operation.table is Does.LIST:
                templates = self.tables.told()
                found, etag, count = templates, None, len(templates.items)
            elif asked.operation.table is Does.READ:
                request = self.tables.one(session, asked.actor, asked.named)
                found, etag, count, subject = request, etag_of(request.version), 1, f"export:{request.id}"
            else:
                found, etag = _LISTS[asked.operation.name](session, asked.actor, asked.query), None
                count = len(found.items)  # type: ignore[attr-defined]  # every list is a page
        with self.store.write() as session:
            audit.write(
                session,
                actor=asked.actor.account_id,
                verb=f"api_{asked.operation.name}",
                subject=subject,
                now=self.now(),
                detail={"rows": count},
            )
        if etag is not None and is_same(asked.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers={"ETag": etag})
        return _json(found, etag)

    def _write(self, asked: Asked) -> Response:
        operation = asked.operation
        given = idempotency_key(asked.headers)
        version = version_named(asked.headers.get("if-match", "")) if operation.to_version else 0
        body = _body_of(operation, asked)
        key = kept.digest(asked.caller.client, given)
        what = kept.digest(operation.name, asked.named, str(version), asked.body.decode("utf-8", "replace"))
        now = self.now()
        with self._running.alone(key), self.store.write() as session:
            answer = kept.find(session, key, what)
            if answer is None:
                answer = self._do(session, asked, version, body, now)
                kept.keep(session, key, what, answer, now=now)
        response = Response(answer.body, answer.status, media_type="application/json")
        if answer.etag is not None:
            response.headers["ETag"] = answer.etag
        if answer.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response

    def _do(
        self, session: Session, asked: Asked, version: int, body: shapes.Strict | None, now: datetime
    ) -> Answer:
        operation = asked.operation
        if operation.verb is not None:
            assert operation.fill is not None, "every step has its form"
            wanted = Wanted(asked.actor, asked.named, version, now, self.today(), self.children.keys_of)
            case = perform(session, operation.verb, wanted, operation.fill(body))
            found = steps.one_case(session, asked.actor, case, VERBS)
            return Answer(200, found.model_dump_json(), etag_of(case.version))
        if operation.entry is not None:
            assert body is not None, "every form has its body"
            doing = Doing(asked.actor, now, self.today(), self.profile, self.children.keys_of)
            if operation.of_record:
                row = recording.step(session, doing, operation.entry, asked.named, version, body)
            else:
                row = recording.make(session, doing, operation.entry, asked.named, body)
            told = recording.told(session, asked.actor, row, RECORD_STEPS)
            return Answer(200, told.model_dump_json(), etag_of(row.version))
        if operation.table is not None:
            return self._table(session, asked, version, body, now)
        return self._raise(session, asked, body, now)

    def _table(
        self, session: Session, asked: Asked, version: int, body: shapes.Strict | None, now: datetime
    ) -> Answer:
        if asked.operation.table is Does.FETCH:
            return self.tables.fetch(session, asked.actor, asked.named, version, now)
        assert body is not None, "every other write of tables has a body"
        if asked.operation.table is Does.ASK:
            return self.tables.ask(session, asked.actor, body, now)
        return self.tables.take_in(session, asked.actor, body, now, self.today())

    def _raise(self, session: Session, asked: Asked, body: shapes.Strict | None, now: datetime) -> Answer:
        lane = asked.operation.lane
        assert lane is not None, "what writes is a step, keeps a record or raises a child"
        assert isinstance(body, shapes.RaiseBody), "as its row says"
        given = body.id_number
        child_key = (
            self.children.keys_of(body.child_key or "")[0] if given is None else self.children.find(given)
        )
        facts = ChildFacts() if child_key is None else self.children.about(child_key)
        # A child nobody knows and one elsewhere get the same answer.
        if child_key is None or not sees_area(asked.actor, facts.area_code):
            raise problems.unknown_child()
        case = raise_by_hand(
            session, actor=asked.actor, lane=lane, child_key=child_key, facts=facts,
            reason=body.reason, tier_days=self.children.tier_days, tier=self.children.tier, now=now,
            today=self.today(), keys_of=self.children.keys_of,
        )  # fmt: skip
        seen = queries.case_for(session, asked.actor, case.id)
        raised = shapes.RaisedAnswer(child_key=child_key, case_id=None if seen is None else seen.id)
        return Answer(200, raised.model_dump_json(), None)


_LISTS: dict[str, Callable[[Any, Actor, Any], BaseModel]] = {
    "list_alerts": reading.alerts,
    "list_cases": reading.cases,
    "list_outcomes": reading.outcomes,
    "list_objections": reading.objections,
    "list_referrals": recording.referrals,
    "list_services": recording.services,
    "list_plans": recording.plans,
}


def _check_scope(operation: Operation, caller: Caller) -> None:
    if operation.scope is not None and operation.scope.value not in caller.scopes:
        raise problems.missing_scope(operation.scope.value)


def _one_of_each(request: Request) -> dict[str, str]:
    """The query as it was given; the same name twice is a mistake we do not choose in."""
    given = request.query_params.multi_items()
    if len(given) != len({name for name, _ in given}):
        raise problems.invalid([FieldError("query", "names something twice")])
    return dict(given)


def _body_of(operation: Operation, asked: Asked) -> shapes.Strict | None:
    if operation.body is None:
        if asked.body:
            raise problems.invalid([FieldError("body", "must be empty")])
        return None
    if asked.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Problem(problems.UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json.")
    problems.check_encoding(asked.headers.get("content-encoding", ""))
    if not asked.body:
        raise problems.invalid([FieldError("body", "is required")])
    try:
        return operation.body.model_validate_json(asked.body)
    except ValidationError as error:
        raise problems.from_pydantic(_found(error)) from None


def _checked(model: type[shapes.Strict], given: Mapping[str, str]) -> shapes.Strict:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise problems.from_pydantic(_found(error), "query") from None


def _found(error: ValidationError) -> list[Mapping[str, Any]]:
    return [dict(one) for one in error.errors(include_url=False, include_context=False, include_input=False)]


async def _body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise problems.too_large(limit)
    return bytes(body)


def _json(found: BaseModel, etag: str | None = None, status: int = 200) -> Response:
    response = Response(found.model_dump_json(), status, media_type="application/json")
    if etag is not None:
        response.headers["ETag"] = etag
    return response


def _refusal(problem: Problem) -> Response:
    return Response(problem.body(), problem.kind.status, problem.headers, problems.MEDIA_TYPE)
