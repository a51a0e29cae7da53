"""Several writes in one request, each as if sent alone: with its own key, version, scope and transaction.

A row that is refused says so in its place and holds up no other. Sent again, rows that were done are answered
as before and the others are tried again. A row takes its own share of the client's pace.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from starlette.responses import Response

from serving import problems
from serving.api.operations import BY_NAME, Operation
from serving.api.shapes import BulkAnswer, BulkBody, BulkRow, BulkRowAnswer
from serving.problems import FieldError, Problem

# Does one write: the operation, the case or record it names, headers and body; whatever comes is an answer.
DoOne = Callable[[Operation, str, Mapping[str, str], bytes], Response]


def answer(body: BulkBody, do_one: DoOne) -> BulkAnswer:
    """What came of each row, in their order."""
    rows = [_row(number, row, do_one) for number, row in enumerate(body.rows)]
    done = sum(row.problem is None for row in rows)
    return BulkAnswer(done=done, refused=len(rows) - done, rows=rows)


def _row(number: int, row: BulkRow, do_one: DoOne) -> BulkRowAnswer:
    try:
        operation = _operation(row)
    except Problem as problem:
        document = json.loads(problem.body())
        return BulkRowAnswer(
            row=number, status=problem.kind.status, etag=None, replayed=False, answer=None, problem=document
        )
    headers = {"content-type": "application/json", "idempotency-key": row.idempotency_key}
    if row.version is not None:
        headers["if-match"] = f'"{row.version}"'
    # The same row is the same text, whatever order its fields came in.
    content = "" if row.body is None else json.dumps(row.body, ensure_ascii=False, sort_keys=True)
    named = row.case_id or ("" if row.record_id is None else str(row.record_id))
    found = do_one(operation, named, headers, content.encode())
    document = json.loads(bytes(found.body))
    is_done = found.status_code < 400
    return BulkRowAnswer(
        row=number,
        status=found.status_code,
        etag=found.headers.get("etag"),
        replayed=found.headers.get("idempotency-replayed") == "true",
        answer=document if is_done else None,
        problem=None if is_done else document,
    )


def _operation(row: BulkRow) -> Operation:
    """The write that a row names; a Problem if there is none, or it names what does not belong."""
    operation = BY_NAME.get(row.operation)
    if operation is None or not operation.in_bulk:
        raise problems.invalid([FieldError("operation", "names no write of this interface")])
    if operation.of_case and row.case_id is None:
        raise problems.invalid([FieldError("case_id", "is required for this operation")])
    if operation.of_record and row.record_id is None:
        raise problems.invalid([FieldError("record_id", "is required for this operation")])
    if not operation.of_case and row.case_id is not None:
        raise problems.invalid([FieldError("case_id", "does not belong to this operation")])
    if not operation.of_record and row.record_id is not None:
        raise problems.invalid([FieldError("record_id", "does not belong to this operation")])
    if not operation.to_version and row.version is not None:
        raise problems.invalid([FieldError("version", "does not belong to this operation")])
    return operation
