"""Every operation of the interface, one row each: address, scope, what it takes, gives and does.

Routes, the check of scopes, what may be done to a case, and the OpenAPI document are derived from the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pydantic import BaseModel

from models.policy import Lane
from serving.api import ROOT, shapes, steps
from serving.api import record_shapes as records
from serving.api import table_shapes as tables
from serving.api.steps import Fill
from serving.callers import KeyScope
from serving.review import record_entries as entries
from serving.review.case import Verb
from serving.review.records import Entry, Kind

MAX_BODY_BYTES = 64 * 1024
MAX_BULK_BYTES = 1024 * 1024
# What stands in an address, and what an id of it looks like.
IDS = {"case_id": "[a-z0-9]{1,32}", "record_id": "[1-9][0-9]{0,8}", "export_id": "[1-9][0-9]{0,8}"}


class Does(Enum):
    """What an operation on tables for other platforms does."""

    LIST = "list"
    READ = "read"
    ASK = "ask"
    FETCH = "fetch"
    TAKE_IN = "take_in"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row. `scope` None: any live key.

    A row with a `verb` is a step on a case; `fill` makes the step's form of the body. One with a `lane`
    raises a child by that lane; one with an `entry` makes a record about the child of a case, or does a step
    to one; `of` names the kind of record that is read. One with a `table` is about tables for other
    platforms. A `bulk` row does several of the others. One that has
    had its time names the day it was `deprecated_on`, the day it goes (`sunset_on`), and what takes its place
    (`successor`).
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
    entry: Entry | None = None
    of: Kind | None = None
    table: Does | None = None
    bulk: bool = False
    deprecated_on: date | None = None
    sunset_on: date | None = None
    successor: str = ""

    @property
    def writes(self) -> bool:
        """Whether anything is changed by it."""
        named = self.verb is not None or self.lane is not None or self.entry is not None
        return named or self.table in (Does.ASK, Does.FETCH, Does.TAKE_IN)

    @property
    def to_version(self) -> bool:
        """Whether a write is made to the version that was read of a case, a record or a request."""
        return self.verb is not None or (self.writes and (self.of_record or self.of_export))

    @property
    def of_case(self) -> bool:
        """Whether the address names a case."""
        return "{case_id}" in self.path

    @property
    def of_record(self) -> bool:
        """Whether the address names a referral or a plan."""
        return "{record_id}" in self.path

    @property
    def of_export(self) -> bool:
        """Whether the address names a request for a table."""
        return "{export_id}" in self.path

    @property
    def of_one(self) -> bool:
        """Whether the address names one thing that has a version."""
        return self.of_case or self.of_record or self.of_export

    @property
    def in_bulk(self) -> bool:
        """Whether it may be a row of several writes: tables are several rows themselves."""
        return self.writes and self.table is None

    @property
    def at_most(self) -> int:
        """How many bytes a body may have."""
        return MAX_BULK_BYTES if self.bulk or self.table is Does.TAKE_IN else MAX_BODY_BYTES

    def match(self, path: str) -> re.Match[str] | None:
        """Whether an address is this one's; the match holds the id in it."""
        pattern = self.path
        for name, shape in IDS.items():
            pattern = pattern.replace(f"{{{name}}}", f"(?P<named>{shape})")
        return re.fullmatch(pattern, path)


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
    name: str,
    where: str,
    answer: type[BaseModel],
    summary: str,
    query: type[shapes.Strict] = shapes.Nothing,
    scope: KeyScope = KeyScope.READ,
    of: Kind | None = None,
) -> Operation:
    return Operation(
        name=name,
        method="GET",
        path=f"{ROOT}/{where}",
        scope=scope,
        summary=summary,
        answer=answer,
        query=query,
        of=of,
    )


def _listed(
    name: str, where: str, answer: type[BaseModel], summary: str, query: type[shapes.Strict]
) -> Operation:
    return _read(name, where, answer, summary, query, KeyScope.SUPPORT)


def _kept(name: str, where: str, entry: Entry, body: type[shapes.Strict], summary: str) -> Operation:
    answers: dict[Kind, type[BaseModel]] = {
        Kind.REFERRAL: records.ReferralAnswer,
        Kind.PLAN: records.PlanAnswer,
    }
    return Operation(
        name=name,
        method="POST",
        path=f"{ROOT}/{where}",
        scope=KeyScope.SUPPORT,
        summary=summary,
        answer=answers[entry.kind],
        body=body,
        entry=entry,
        of=entry.kind,
    )


def _table(
    does: Does,
    name: str,
    method: str,
    where: str,
    answer: type[BaseModel],
    summary: str,
    body: type[shapes.Strict] | None = None,
) -> Operation:
    return Operation(
        name=name, method=method, path=f"{ROOT}/{where}", scope=KeyScope.TABLES, summary=summary,
        answer=answer, body=body, table=does,
    )  # fmt: skip


_A_REFERRAL = "service_referrals/{record_id}"
_A_PLAN = "plans/{record_id}"


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
    _listed(
        "list_referrals", "service_referrals", records.ReferralPage, "Referrals to services, oldest first",
        records.ReferralQuery,
    ),
    _read(
        "get_referral", _A_REFERRAL, records.ReferralAnswer, "One referral, with its version as ETag",
        scope=KeyScope.SUPPORT, of=Kind.REFERRAL,
    ),
    _kept(
        "make_referral", "cases/{case_id}/service_referrals", entries.REFER, records.ReferralBody,
        "Refer the child of a case to a service, or keep that the family declined",
    ),
    _kept(
        "accept_referral", f"{_A_REFERRAL}/acceptances", entries.ACCEPTED, records.AcceptedBody,
        "The service accepts a referral",
    ),
    _kept(
        "decline_referral", f"{_A_REFERRAL}/refusals", entries.DECLINED, records.DeclinedBody,
        "The service declines a referral, with its reason",
    ),
    _kept(
        "record_result", f"{_A_REFERRAL}/results", entries.RESULT, records.ResultBody,
        "What came of an accepted referral: the service given, or why none was",
    ),
    _kept(
        "withdraw_referral", f"{_A_REFERRAL}/withdrawals", entries.WITHDRAW, records.WithdrawnBody,
        "The family withdraws its consent",
    ),
    _kept(
        "refer_on", f"{_A_REFERRAL}/onward_referrals", entries.REFER_ON, records.ReferralBody,
        "Lead on to another service; the answer is the new referral",
    ),
    _listed(
        "list_services", "services", records.ServicePage, "Services and what came of them, oldest first",
        records.ServiceQuery,
    ),
    _listed(
        "list_plans", "plans", records.PlanPage, "Plans for a child, every edition, oldest first",
        records.PlanQuery,
    ),
    _read(
        "get_plan", _A_PLAN, records.PlanAnswer, "One edition of a plan, with its version as ETag",
        scope=KeyScope.SUPPORT, of=Kind.PLAN,
    ),
    _kept(
        "make_plan", "cases/{case_id}/plans", entries.PLAN, records.PlanBody,
        "Make a plan for the child of a case: goals, actions, what the guardian says",
    ),
    _kept(
        "change_plan", f"{_A_PLAN}/editions", entries.CHANGE_PLAN, records.PlanChangeBody,
        "A new edition of a plan; what is not done yet is carried over, and the answer is the new one",
    ),
    _kept(
        "end_action", f"{_A_PLAN}/action_results", entries.END_ACTION, records.ActionEndedBody,
        "Say how one action of a plan ended",
    ),
    _kept("end_plan", f"{_A_PLAN}/endings", entries.END_PLAN, records.PlanEndedBody, "End a plan"),
    _table(
        Does.LIST, "list_templates", "GET", "export_templates", tables.TemplateList,
        "Tables for other platforms that can be asked for",
    ),
    _table(
        Does.ASK, "request_export", "POST", "exports", tables.ExportAnswer,
        "Ask for a table, without names; a second person decides about it", tables.ExportBody,
    ),
    _table(
        Does.READ, "get_export", "GET", "exports/{export_id}", tables.ExportAnswer,
        "One's own request for a table, with its version as ETag",
    ),
    _table(
        Does.FETCH, "fetch_export", "POST", "exports/{export_id}/fetches", tables.FetchedAnswer,
        "The table of an approved request, once",
    ),
    _table(
        Does.TAKE_IN, "import_answers", "POST", "export_answers", tables.SheetAnswer,
        "Take the answers in a table in, each row done or refused by itself", tables.SheetBody,
    ),
    Operation(
        name="do_in_bulk", method="POST", path=f"{ROOT}/bulk/writes", scope=None, bulk=True,
        summary="Several writes at once, each done or refused by itself", answer=shapes.BulkAnswer,
        body=shapes.BulkBody,
    ),
)  # fmt: skip


# The steps to a record, by the operation that does them.
RECORD_STEPS: dict[str, Entry] = {
    op.name: op.entry for op in OPERATIONS if op.entry is not None and op.of_record
}
VERBS: dict[str, Verb] = {op.name: op.verb for op in OPERATIONS if op.verb is not None}


BY_NAME: dict[str, Operation] = {op.name: op for op in OPERATIONS}


def find(method: str, path: str) -> tuple[Operation | None, str, tuple[str, ...]]:
    """The operation at an address, the case or record it names, and the methods the address takes."""
    methods: list[str] = []
    for operation in OPERATIONS:
        found = operation.match(path)
        if found is None:
            continue
        if operation.method == method:
            return operation, found.groupdict().get("named", ""), (method,)
        methods.append(operation.method)
    return None, "", tuple(methods)
