"""The operations as paths of the OpenAPI document, with an example of every body; all from the rows."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from serving import problems
from serving.api.operations import IDS, OPERATIONS, Operation
from serving.callers import KeyScope
from serving.problems import Kind

REF = "#/components/schemas/{model}"

_ALWAYS = (
    problems.INVALID_REQUEST, problems.UNAUTHENTICATED, problems.METHOD_NOT_ALLOWED, problems.TOO_LARGE,
    problems.TOO_MANY_REQUESTS, problems.INTERNAL, problems.BUSY, problems.TIMEOUT,
)  # fmt: skip
_OF_WRITES = (
    problems.KEY_REQUIRED, problems.STEP_REFUSED, problems.STILL_RUNNING, problems.KEY_REUSED,
)  # fmt: skip
# These name a time, by `Retry-After`.
_COME_AGAIN = frozenset({problems.TOO_MANY_REQUESTS, problems.STILL_RUNNING, problems.BUSY})
_OF_STEPS = (problems.VERSION_CHANGED, problems.VERSION_REQUIRED)

_REFERRAL = {
    "service": "F17",
    "channel": "school",
    "stage": "prevention",
    "consent": "given",
    "consent_by": "guardian",
    "consent_on": "2026-10-10",
    "answer_by": "2026-10-24",
    "note": "孩子想找人说说话，家长同意。",
}
_PLAN = {
    "goals": "放学后每天有大人在家。",
    "actions": [{"what": "社区四点半课堂接到七点", "who": "社区儿童主任", "by": "2026-11-01"}],
    "agreement": "agreed",
    "agreement_by": "母亲",
    "agreed_on": "2026-10-10",
    "review_on": "2026-12-01",
}
# One body each, which a test holds to its schema.
EXAMPLES: dict[str, dict[str, Any]] = {
    "return_case": {"reason": "家庭住在另一个镇，应由那里办理。"},
    "record_view": {"view": "concern", "note": "孩子最近常独自在家。"},
    "record_contact": {
        "happened_on": "2026-10-08",
        "met": "guardian",
        "note": "电话联系上奶奶，约好周六上门。",
    },
    "record_visit": {"happened_on": "2026-10-10", "met": "both", "note": "见到孩子和奶奶，母亲年底回来。"},
    "record_follow_up": {"happened_on": "2026-11-20", "met": "child", "note": "孩子情绪平稳，奶奶已出院。"},
    "declare": {"child_key": "cexampleexampleexampleexamp", "reason": "家里老人住院，想请社区帮忙照看。"},
    "refer": {"child_key": "cexampleexampleexampleexamp", "reason": "孩子连续一周独自在家过夜。"},
    "record_objection": {
        "raised_by": "guardian",
        "source": "absences",
        "record_id": "",
        "wrong": "家长说那天孩子在医院，有请假条。",
    },
    "answer_objection": {
        "objection": "oexample01",
        "answer": "corrected",
        "answered_on": "2026-10-12",
        "reason": "已核对请假条，缺勤改为病假。",
    },
    "make_referral": _REFERRAL,
    "refer_on": {**_REFERRAL, "channel": "medical", "stage": "treatment", "answer_by": "2026-12-01"},
    "accept_referral": {"happened_on": "2026-10-14", "note": "心理辅导站已排到周五下午。"},
    "decline_referral": {"happened_on": "2026-10-14", "note": "名额已满，建议转社区服务中心。"},
    "record_result": {"happened_on": "2026-11-06", "result": "helped", "note": "辅导四次，孩子愿意上学。"},
    "withdraw_referral": {"happened_on": "2026-10-20", "note": "家长表示暂时不需要。"},
    "make_plan": _PLAN,
    "change_plan": {**_PLAN, "actions": [], "review_on": "2027-03-01"},
    "end_action": {"action": 12, "ended": "done", "happened_on": "2026-11-20", "note": "奶奶已出院。"},
    "end_plan": {"happened_on": "2027-03-01", "note": "目标已达到，家庭同意结束。"},
    "request_export": {
        "template": "zheli_humiao",
        "area": None,
        "purpose": "update",
        "words": "每周同步给浙里护苗平台，由民政科接收。",
    },
    "import_answers": {
        "template": "zheli_humiao",
        "csv": "任务编号,走访结果,走访日期,走访说明\nexampleid1,已核实,2026-10-10,奶奶在家\n",
    },
    "do_in_bulk": {
        "rows": [
            {
                "operation": "record_visit",
                "idempotency_key": "visit-2026-10-10-001",
                "case_id": "exampleid1",
                "version": 3,
                "body": {"happened_on": "2026-10-10", "met": "both", "note": "见到孩子和奶奶。"},
            },
            {
                "operation": "refer",
                "idempotency_key": "refer-2026-10-10-001",
                "body": {"child_key": "cexampleexampleexampleexamp", "reason": "孩子连续一周独自在家过夜。"},
            },
        ]
    },
    "record_dispositions": {
        "dispositions": {"psychological": "not_confirmed", "guardianship": "confirmed"},
        "reason": "奶奶住院期间无人照料，已联系村里。",
    },
}


def schemas() -> dict[str, Any]:
    """What the operations take and give, by name."""
    models: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = []
    for operation in OPERATIONS:
        if operation.body is not None:
            models.append((operation.body, "validation"))
        models.append((operation.answer, "serialization"))
    _, found = models_json_schema(list(dict.fromkeys(models)), ref_template=REF)
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def paths() -> dict[str, Any]:
    """Every address with its operations."""
    found: dict[str, Any] = {}
    for operation in OPERATIONS:
        found.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return found


def _described(operation: Operation) -> dict[str, Any]:
    scope = "any key" if operation.scope is None else f"scope `{operation.scope.value}`"
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Needs {scope}.",
        "security": security(operation.scope),
        "parameters": [*_of_path(operation), *_of_query(operation.query), *_of_headers(operation)],
        "responses": {**_answer(operation), **refusals(_kinds(operation))},
    }
    if operation.deprecated_on is not None:
        described["deprecated"] = True
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": REF.format(model=operation.body.__name__)},
                    "example": EXAMPLES[operation.name],
                }
            },
        }
    return described


def security(scope: KeyScope | None) -> list[dict[str, list[str]]]:
    """A key in one header or the other, or a token for it with the scope."""
    return [{"bearer": []}, {"header": []}, {"token": [] if scope is None else [scope.value]}]


def _kinds(operation: Operation) -> tuple[Kind, ...]:
    kinds = list(_ALWAYS)
    if operation.scope is not None:
        kinds.append(problems.MISSING_SCOPE)
    if operation.of_record:
        kinds += [problems.UNKNOWN_RECORD, problems.NOT_FOUND]
    if operation.of_export:
        kinds += [problems.UNKNOWN_EXPORT, problems.NOT_FOUND]
    if operation.of_case:
        # An id that no case could have leads to no operation.
        kinds += [problems.UNKNOWN_CASE, problems.NOT_FOUND]
    if operation.writes:
        kinds += _OF_WRITES
    if operation.to_version:
        kinds += _OF_STEPS
    if operation.lane is not None:
        kinds.append(problems.UNKNOWN_CHILD)
    if operation.body is not None:
        kinds.append(problems.UNSUPPORTED_MEDIA_TYPE)
    return tuple(kinds)


def _of_path(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{shape}$"}}
        for name, shape in IDS.items()
        if f"{{{name}}}" in operation.path
    ]


def _of_query(query: type[BaseModel]) -> list[dict[str, Any]]:
    described = []
    for name, schema in query.model_json_schema(ref_template=REF).get("properties", {}).items():
        # A parameter that is not given is left out; it is never null.
        options = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
        kept = {key: value for key, value in options[0].items() if key not in ("title", "default")}
        parameter = {"name": name, "in": "query", "required": False, "schema": kept}
        said = schema.get("description") or kept.pop("description", None)
        described.append(parameter | ({"description": said} if said else {}))
    return described


def _of_headers(operation: Operation) -> list[dict[str, Any]]:
    if not operation.writes:
        if not operation.of_one:
            return []
        return [_header("If-None-Match", "An ETag you have; 304 if it still holds.", required=False)]
    version = _header(
        "If-Match",
        "The ETag of the case or record as you read it; the write is made to that version or not at all.",
        pattern='^"[1-9][0-9]{0,8}"$',
    )
    return [
        *([version] if operation.to_version else []),
        _header(
            "Idempotency-Key",
            "New for each write, the same for its retries. The answer is kept for three days.",
            pattern="^[!-~]{8,128}$",
        ),
    ]


def _header(name: str, said: str, *, required: bool = True, pattern: str = "") -> dict[str, Any]:
    schema = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return {"name": name, "in": "header", "required": required, "description": said, "schema": schema}


def _answer(operation: Operation) -> dict[str, Any]:
    etag = {"ETag": {"description": "The version of the case or record.", "schema": {"type": "string"}}}
    answer: dict[str, Any] = {
        "description": "The answer",
        "content": {"application/json": {"schema": {"$ref": REF.format(model=operation.answer.__name__)}}},
    }
    if operation.of_one:
        answer["headers"] = etag
    found = {"207" if operation.bulk else "200": answer}
    if operation.of_one and not operation.writes:
        found["304"] = {"description": "It still stands as in the version named.", "headers": etag}
    return found


def refusals(kinds: tuple[Kind, ...]) -> dict[str, Any]:
    """The problem types of an operation, by status."""
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    later = {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}}
    return {
        str(status): {
            "description": "; ".join(f"{kind.title} ({kind.uri})" for kind in found),
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
            **({"headers": {"Retry-After": later}} if _COME_AGAIN.intersection(found) else {}),
        }
        for status, found in sorted(by_status.items())
    }


def markdown() -> list[str]:
    """The operations and their scopes as lines of a table."""
    lines = ["| Operation | Address | Scope | What it does |", "| --- | --- | --- | --- |"]
    for op in OPERATIONS:
        scope = "any" if op.scope is None else f"`{op.scope.value}`"
        address = re.sub(r"[{}]", lambda found: {"{": "<", "}": ">"}[found[0]], op.path)
        lines.append(f"| `{op.name}` | `{op.method} {address}` | {scope} | {op.summary} |")
    return lines
