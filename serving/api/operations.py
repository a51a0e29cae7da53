"""Every operation of the interface, one row each: address, scope, what it takes, gives and does.

Routes, the check of scopes, what may be done to a case, and the OpenAPI document are derived from the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from models.policy import Lane
from serving.api import ROOT, shapes, steps
from serving.api.steps import Fill
from serving.callers import KeyScope
from serving.review.case import Verb


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row. `scope` None: any live key.

    A row with a `verb` is a step on a case; `fill` makes the step's form of the body. One with a `lane`
    raises a child by that lane; a `bulk` row does several of the others. One that has had its time names the
    day it was `deprecated_on`, the day it goes (`sunset_on`), and what takes its place (`successor`).
    """

    name: str
    method: str
    path: str
    scope: KeyScope | None
    summary: str
    answer: type[BaseModel]
    query: type[shapes.Strict] = shapes.Nothing
    body: type[shapes.Strict] | None = None
    verb: Verb | None = None
    lane: Lane | None = None
    fill: Fill | None = None
    bulk: bool = False
    deprecated_on: date | None = None
    sunset_on: date | None = None
    successor: str = ""

    @property
    def writes(self) -> bool:
        """Whether anything is changed by it."""
        return self.verb is not None or self.lane is not None

    @property
    def of_case(self) -> bool:
        """Whether the address names a case."""
        return "{case_id}" in self.path

    def match(self, path: str) -> re.Match[str] | None:
        """Whether an address is this one's; the match holds the case id."""
        return re.fullmatch(self.path.replace("{case_id}", "(?P<case_id>[a-z0-9]{1,32})"), path)


def _step(
    name: str,
    where: str,
    verb: Verb,
    fill: Fill,
    body: type[shapes.Strict] | None,
    summary: str,
    scope: KeyScope = KeyScope.WORK,
) -> Operation:
    return Operation(
        name=name,
        method="POST",
        path=f"{ROOT}/cases/{{case_id}}/{where}",
        scope=scope,
        summary=summary,
        answer=shapes.CaseAnswer,
        body=body,
        verb=verb,
        fill=fill,
    )


def _raise(name: str, where: str, lane: Lane, summary: str) -> Operation:
    return Operation(
        name=name,
        method="POST",
        path=f"{ROOT}/{where}",
        scope=KeyScope.RAISE,
        summary=summary,
        answer=shapes.RaisedAnswer,
        body=shapes.RaiseBody,
        lane=lane,
    )


def _read(
    name: str, where: str, answer: type[BaseModel], summary: str, query: type[shapes.Strict] = shapes.Nothing
) -> Operation:
    return Operation(
        name=name,
        method="GET",
        path=f"{ROOT}/{where}",
        scope=KeyScope.READ,
        summary=summary,
        answer=answer,
        query=query,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="describe_key", method="GET", path=f"{ROOT}/key", scope=None,
        summary="What the key in use opens", answer=shapes.KeyAnswer,
    ),
    _read("list_alerts", "alerts", shapes.AlertPage, "Alerts, oldest first", shapes.AlertQuery),
    _read("list_cases", "cases", shapes.CasePage, "Cases, in the order they were opened", shapes.CaseQuery),
    _read("get_case", "cases/{case_id}", shapes.CaseAnswer, "One case, with its version as ETag"),
    _read("list_outcomes", "outcomes", shapes.OutcomePage, "What reviews concluded", shapes.OutcomeQuery),
    _step("claim_case", "claim", Verb.CLAIM, steps.nothing, None, "Take a waiting case"),
    _step(
        "return_case", "return", Verb.RETURN, steps.reason, shapes.ReasonBody,
        "Put a case back into the queue",
    ),
    _step(
        "record_view", "views", Verb.RECORD_VIEW, steps.view, shapes.ViewBody,
        "Record the worker's own view, where the case asks for one",
    ),
    _step(
        "record_contact", "contacts", Verb.RECORD_CONTACT, steps.fact, shapes.FactBody,
        "Record a contact by telephone, message or in passing",
    ),
    _step(
        "record_visit", "visits", Verb.RECORD_VISIT, steps.fact, shapes.FactBody,
        "Record a visit in person",
    ),
    _step(
        "record_follow_up", "follow_ups", Verb.RECORD_FOLLOW_UP, steps.fact, shapes.FactBody,
        "Record a follow-up of a case in support",
    ),
    _step(
        "record_dispositions", "dispositions", Verb.DISPOSE, steps.conclusion, shapes.DispositionsBody,
        "Conclude on every risk; the case closes, or waits for a second person",
    ),
    _read(
        "list_objections", "objections", shapes.ObjectionPage, "Objections to records, oldest first",
        shapes.ObjectionQuery,
    ),
    _step(
        "record_objection", "objections", Verb.OBJECT, steps.objection, shapes.ObjectionBody,
        "Object to a record; the objection goes to the department that delivered it",
    ),
    _step(
        "answer_objection", "objection_answers", Verb.ANSWER_OBJECTION, steps.objection_answer,
        shapes.ObjectionAnswerBody, "Answer an objection for the department, with its reason",
        KeyScope.CORRECT,
    ),
    _raise("declare", "declarations", Lane.DECLARED, "A family declares itself"),
    _raise("refer", "referrals", Lane.REFERRED, "A worker has seen a reason to look at a child"),
    Operation(
        name="do_in_bulk", method="POST", path=f"{ROOT}/bulk/writes", scope=None, bulk=True,
        summary="Several writes at once, each done or refused by itself", answer=shapes.BulkAnswer,
        body=shapes.BulkBody,
    ),
)  # fmt: skip


VERBS: dict[str, Verb] = {op.name: op.verb for op in OPERATIONS if op.verb is not None}


BY_NAME: dict[str, Operation] = {op.name: op for op in OPERATIONS}


def find(method: str, path: str) -> tuple[Operation | None, str, tuple[str, ...]]:
    """The operation at an address, the case it names, and the methods the address takes."""
    methods: list[str] = []
    for operation in OPERATIONS:
        found = operation.match(path)
        if found is None:
            continue
        if operation.method == method:
            return operation, found.groupdict().get("case_id", ""), (method,)
        methods.append(operation.method)
    return None, "", tuple(methods)
