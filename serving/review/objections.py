"""An objection to a record of a department, and what came of it.

Whoever objects, a guardian, the child or a worker, names the record and what is wrong with it: one that set
the case off, one behind a reason, or any of a source. With that it stands in the list of its department; a
coordinator enters the answer with its reason. What a changed record does to the score is worked out in
`serving.correcting`.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from features.language import Text, Worded
from models.explanation import Evidence
from models.screening import Screening
from serving.review import queries, screenings
from serving.review.acting import begin, finish
from serving.review.case import CHANGES_THE_FACT, Incomplete, Refused, Verb
from serving.review.case_forms import Given
from serving.review.life_tables import ObjectionRow
from serving.review.listing import visible
from serving.review.permissions import Actor
from serving.review.tables import Case

# As many lines as the list of a department shows at once.
AT_ONCE = 200


class Stage(Worded):
    """How far an objection has come. The values stand in addresses."""

    ASKED = ("asked", "等待部门答复", "Waits for the department")
    CHANGING = ("changing", "已答复，等待更正后的记录送达", "Answered; the corrected record is awaited")
    DONE = ("done", "已办结", "Settled")


@dataclass(frozen=True)
class Listed:
    """One line of a department's list."""

    row: ObjectionRow
    case: Case
    stage: Stage


def stage_of(row: ObjectionRow) -> Stage:
    """How far it has come: a changed record counts once the child was scored with it."""
    if row.answer is None:
        return Stage.ASKED
    if row.rescored_at is None and row.answer in {answer.value for answer in CHANGES_THE_FACT}:
        return Stage.CHANGING
    return Stage.DONE


def listed(
    session: Session, actor: Actor, sources: Collection[str], stage: Stage, most: int | None = AT_ONCE
) -> tuple[Listed, ...]:
    """The objections to records of these sources in the actor's area: open ones longest waiting first.

    No more than `most`; all of them if that is None.
    """
    order = (
        (ObjectionRow.answered_at.desc(), ObjectionRow.id)
        if stage is Stage.DONE
        else (ObjectionRow.recorded_at, ObjectionRow.id)
    )
    found = session.execute(
        select(ObjectionRow, Case)
        .join(Case, Case.id == ObjectionRow.case_id)
        .where(visible(actor), ObjectionRow.source.in_(list(sources)), _at(stage))
        .order_by(*order)
        .limit(most)
    )
    return tuple(Listed(row, case, stage) for row, case in found)


def counts(session: Session, actor: Actor, stage: Stage) -> dict[str, int]:
    """How many objections of this stage there are in the actor's area, by source."""
    found = session.execute(
        select(ObjectionRow.source, func.count())
        .join(Case, Case.id == ObjectionRow.case_id)
        .where(visible(actor), _at(stage))
        .group_by(ObjectionRow.source)
    )
    return {row[0]: row[1] for row in found}


def _at(stage: Stage) -> ColumnElement[bool]:
    changes = ObjectionRow.answer.in_([answer.value for answer in CHANGES_THE_FACT])
    match stage:
        case Stage.ASKED:
            return ObjectionRow.answer.is_(None)
        case Stage.CHANGING:
            return and_(changes, ObjectionRow.rescored_at.is_(None))
        case Stage.DONE:
            return and_(
                ObjectionRow.answer.is_not(None), or_(not_(changes), ObjectionRow.rescored_at.is_not(None))
            )


def behind(found: Iterable[Screening]) -> dict[tuple[str, str], Evidence]:
    """The records behind these screenings, by source and number."""
    return {
        (item.source, item.record_id): item
        for screening in found
        for family in screening.reasons
        for reason in family.features
        for item in reason.evidence
    }


def _record(session: Session, case: Case, source: str, record_id: str) -> Evidence | None:
    """The record of this number behind the case's reasons, if it is one."""
    found = screenings.behind_alerts(session, queries.alerts_of(session, [case.id])[case.id])
    return behind(found).get((source, record_id))


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
    dates = _record(session, doing.case, source, record_id) if record_id else None
    said = f"objection|{case_id}|{doing.case.version}".encode()
    row = ObjectionRow(
        id="o" + b32encode(hashlib.sha256(said).digest()).decode().lower()[:9],
        case_id=case_id,
        child_key=doing.case.child_key,
        raised_by=given.raised_by.value,
        source=source,
        record_id=record_id,
        occurred_on=dates.occurred_on if dates else None,
        known_on=dates.known_on if dates else None,
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
