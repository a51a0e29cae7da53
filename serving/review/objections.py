"""An objection to a record of a department, and what came of it.

Whoever objects, a guardian, the child or a worker, names the record and what is wrong with it. The objection
is forwarded to the department that delivered the record; a coordinator enters its answer with its reason.
What a correction changes in the score is worked out in `rescoring`.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from datetime import date, datetime

from sqlalchemy.orm import Session

from features.language import Text
from serving.review import queries
from serving.review.acting import begin, finish
from serving.review.case import Incomplete, Refused, Verb
from serving.review.case_forms import Given
from serving.review.life_tables import ObjectionRow
from serving.review.permissions import Actor
from serving.review.tables import Case


def object_to(
    session: Session, *, actor: Actor, case_id: str, version: int, given: Given, now: datetime, today: date
) -> Case:
    """Record an objection to one record; it is forwarded to the department with that."""
    doing = begin(
        session, Verb.OBJECT, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    assert given.record is not None, "check_given lets no blank record pass"
    assert given.raised_by is not None, "check_given lets no blank choice pass"
    source, record_id = given.record
    said = f"objection|{case_id}|{doing.case.version}".encode()
    row = ObjectionRow(
        id="o" + b32encode(hashlib.sha256(said).digest()).decode().lower()[:9],
        case_id=case_id,
        child_key=doing.case.child_key,
        raised_by=given.raised_by.value,
        source=source,
        record_id=record_id,
        wrong=given.wrong.strip(),
        recorded_by=actor.account_id,
        recorded_at=now,
        forwarded_at=now,
    )
    session.add(row)
    return finish(doing, holder=doing.case.holder_id, detail={"objection": row.id, "source": source})


def answer_objection(
    session: Session, *, actor: Actor, case_id: str, version: int, given: Given, now: datetime, today: date
) -> Case:
    """Record what the department answered to one of the objections that wait."""
    doing = begin(
        session, Verb.ANSWER_OBJECTION, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    assert given.answer is not None, "check_given lets no blank choice pass"
    waiting = {row.id: row for row in queries.open_objections(session, case_id)}
    row = waiting.get(given.objection or "")
    if row is None:
        raise Incomplete(
            (
                Refused(
                    Text("这项异议已经答复，或不在本案。", "This objection does not wait here."), "objection"
                ),
            )
        )
    row.answer, row.answer_reason = given.answer.value, given.reason.strip()
    row.answered_on, row.answered_by, row.answered_at = given.answered_on, actor.account_id, now
    return finish(
        doing, holder=doing.case.holder_id, detail={"objection": row.id, "answer": given.answer.value}
    )
