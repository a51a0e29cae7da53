"""How every verb begins and ends: the case is found and the rules asked, then it moves on in one stroke.

A verb runs in the caller's one write transaction. It changes the case only from the version that was seen,
and writes exactly one audit event: ids, codes and counts, never a name or what somebody wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from serving.review import audit, queries, webhooks
from serving.review.case import Conflict, Status, Step, Verb
from serving.review.case_forms import Given, check_given
from serving.review.permissions import Actor, check_may
from serving.review.tables import Case, NoteRow


class NotFound(LookupError):
    """There is no such case, or not for this actor; the two are not told apart."""


@dataclass(frozen=True)
class Doing:
    """One verb under way: who does which step to what case, and when."""

    session: Session
    actor: Actor
    case: Case
    step: Step
    now: datetime


def begin(
    session: Session,
    verb: Verb,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    now: datetime,
    today: date | None = None,
    given: Given | None = None,
) -> Doing:
    """The case and the step, if this actor may do it now and the form holds what it must.

    NotFound for a case outside the actor's area, Conflict if it was changed since it was seen, Refused and
    Incomplete as the rules say.
    """
    # Who was asked about a case may answer wherever it lies, and do nothing else there.
    find = queries.readable_case if verb is Verb.ANSWER else queries.case_for
    case = find(session, actor, case_id)
    if case is None:
        raise NotFound(case_id)
    if case.version != version:
        raise Conflict
    step = check_may(verb, queries.state_of(session, case), actor)
    if today is not None:
        check_given(step, given or Given(), today=today, entered_on=case.entered_on)
    return Doing(session, actor, case, step, now)


def finish(
    doing: Doing,
    *,
    holder: str | None,
    end: Status | None = None,
    detail: audit.Detail | None = None,
    note: str = "",
    **changes: Any,
) -> Case:
    """Compare-and-set: the case moves on only from the version that was checked. Any step wakes it up.

    `changes` are columns of the case beside status, holder and version.
    """
    session, case, seen = doing.session, doing.case, doing.case.version
    session.flush()
    values: Mapping[str, Any] = {
        "status": (end or doing.step.end).value,
        "holder_id": holder,
        "version": seen + 1,
        "asleep_until": None,
        **changes,
    }
    moved = session.scalar(
        update(Case)
        .where(Case.id == case.id, Case.version == seen)
        .values(**values)
        .returning(Case.version)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise Conflict
    session.refresh(case)
    number = audit.write(
        session,
        actor=doing.actor.account_id,
        verb=doing.step.verb.value,
        subject=case.id,
        now=doing.now,
        detail=detail,
    )
    if note.strip():
        session.add(NoteRow(event_number=number, case_id=case.id, note=note.strip()))
    if case.status == Status.CLOSED.value and doing.step.start is not Status.CLOSED:
        webhooks.announce(
            session,
            webhooks.Event.CASE_CLOSED,
            once=f"{case.id}|{case.version}",
            child_key=case.child_key,
            case_id=case.id,
            now=doing.now,
        )
    return case
