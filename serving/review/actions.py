"""The verbs: everything that may be done to a case.

Each runs in the caller's one write transaction, checks the rules, changes the case and writes one audit
event; what the lake must learn goes to the outbox. A case outside the actor's area raises `NotFound`, as
does one that is not there. Whoever changes a case names the version they saw; if somebody was faster it
raises `Conflict` and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import audit, outbox, queries
from serving.review.accounts import actor_of
from serving.review.case import (
    RISKS,
    WORKERS,
    Conflict,
    Disposition,
    FactKind,
    Given,
    Incomplete,
    Met,
    Refused,
    Role,
    Step,
    Verb,
    View,
    check_given,
    coded,
)
from serving.review.permissions import Actor, check_may, may_reveal_name, sees_area
from serving.review.tables import Account, Case, DispositionRow, FactRow, NoteRow, ViewRow


class NotFound(LookupError):
    """There is no such case, or not for this actor; the two are not told apart."""


def claim(session: Session, *, actor: Actor, case_id: str, version: int, now: datetime) -> Case:
    """The actor takes a waiting case."""
    case, step = _start(session, actor, case_id, version, Verb.CLAIM)
    return _finish(session, actor, case, step, now, holder=actor.account_id)


def claim_next(session: Session, *, actor: Actor, now: datetime) -> Case | None:
    """The actor takes the first case of the queue; None if nothing waits in their area."""
    case = session.scalars(queries.waiting(actor).limit(1)).first()
    if case is None:
        return None
    return claim(session, actor=actor, case_id=case.id, version=case.version, now=now)


def assign(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    person: str | None,
    reason: str,
    now: datetime,
    today: date,
) -> Case:
    """Give a case to an account that may work on it; a case in review needs a reason."""
    case, step = _start(session, actor, case_id, version, Verb.ASSIGN)
    _check_given(case, step, Given(person=person, reason=reason), today)
    account = session.get(Account, person)
    if account is None or account.disabled_at is not None or coded(Role, account.role) not in WORKERS:
        raise Incomplete(
            (Refused(Text("请选择一位在岗的工作人员。", "Choose a member of staff."), "person"),)
        )
    if not sees_area(actor_of(account), case.area_code):
        raise Incomplete(
            (
                Refused(
                    Text("这位工作人员不负责这个区域。", "This member of staff does not work in the area."),
                    "person",
                ),
            )
        )
    return _finish(session, actor, case, step, now, holder=account.id, detail={"to": account.id}, note=reason)


def return_to_queue(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """Put a case back into the queue, with a reason."""
    case, step = _start(session, actor, case_id, version, Verb.RETURN)
    _check_given(case, step, Given(reason=reason), today)
    return _finish(session, actor, case, step, now, holder=None, note=reason)


def record_view(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    view: View | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """The holder's own view; from then on the reasons are shown."""
    case, step = _start(session, actor, case_id, version, Verb.RECORD_VIEW)
    _check_given(case, step, Given(view=view, note=note), today)
    assert view is not None, "check_given lets no blank view pass"
    session.add(
        ViewRow(
            case_id=case.id, account_id=actor.account_id, view=view.value, note=note.strip(), recorded_at=now
        )
    )
    return _finish(session, actor, case, step, now, holder=case.holder_id)


def record_contact(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    happened_on: date | None,
    met: Met | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """A contact by telephone, message or in passing."""
    given = Given(happened_on=happened_on, met=met, note=note)
    return _record_fact(
        session, actor, case_id, version, Verb.RECORD_CONTACT, FactKind.CONTACT, given, now, today
    )


def record_visit(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    happened_on: date | None,
    met: Met | None,
    note: str,
    now: datetime,
    today: date,
) -> Case:
    """A visit in person."""
    given = Given(happened_on=happened_on, met=met, note=note)
    return _record_fact(
        session, actor, case_id, version, Verb.RECORD_VISIT, FactKind.VISIT, given, now, today
    )


def dispose(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    dispositions: Mapping[str, Disposition],
    reason: str,
    now: datetime,
    today: date,
) -> Case:
    """Conclude on every risk and close the case; each conclusion is left for the lake."""
    case, step = _start(session, actor, case_id, version, Verb.DISPOSE)
    _check_given(case, step, Given(dispositions=dispositions, reason=reason), today)
    visited = queries.has_visit(session, case)
    for risk in RISKS:
        session.add(
            DispositionRow(
                case_id=case.id,
                risk=risk,
                disposition=dispositions[risk].value,
                visited=visited,
                reason=reason.strip(),
                disposed_by=actor.account_id,
                disposed_at=now,
            )
        )
        outbox.put(
            session,
            source="dispositions",
            # A case closed again gives the same record number: a correction of the first conclusion.
            record={
                "record_id": f"{case.id}-{risk}",
                "child_key": case.child_key,
                "occurred_on": today.isoformat(),
                "risk": risk,
                "disposition": dispositions[risk].value,
                "visited": "yes" if visited else "no",
                "case_id": case.id,
            },
            now=now,
        )
    case.closed_at = now
    return _finish(session, actor, case, step, now, holder=case.holder_id, detail={"visited": visited})


def reopen(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """Put a closed case back into the queue; it closes again only with a new contact or visit."""
    case, step = _start(session, actor, case_id, version, Verb.REOPEN)
    _check_given(case, step, Given(reason=reason), today)
    if queries.open_case_of(session, case.child_key) is not None:
        raise Refused(
            Text(
                "这名儿童已有一件未结的个案，请在那件个案里继续。",
                "The child already has an open case; go on there.",
            )
        )
    case.closed_at = None
    case.entry, case.entered_on = case.entry + 1, today
    return _finish(session, actor, case, step, now, holder=None, note=reason)


def reveal_name(session: Session, *, actor: Actor, case_id: str, now: datetime) -> str:
    """The child key whose name may be shown to the actor once; the log keeps that it was."""
    case = queries.case_for(session, actor, case_id)
    if case is None:
        raise NotFound(case_id)
    if not may_reveal_name(actor, queries.state_of(session, case)):
        raise Refused(
            Text(
                "只有负责这件个案的人和督导员、筛查员可以查看姓名。",
                "Only who holds the case, supervisors and screeners may see the name.",
            )
        )
    audit.write(session, actor=actor.account_id, verb="reveal_name", subject=case.id, now=now)
    return case.child_key


def _record_fact(
    session: Session,
    actor: Actor,
    case_id: str,
    version: int,
    verb: Verb,
    kind: FactKind,
    given: Given,
    now: datetime,
    today: date,
) -> Case:
    case, step = _start(session, actor, case_id, version, verb)
    _check_given(case, step, given, today)
    assert given.happened_on is not None, "check_given lets no blank date pass"
    assert given.met is not None, "check_given lets no blank choice pass"
    session.add(
        FactRow(
            case_id=case.id,
            entry=case.entry,
            kind=kind.value,
            happened_on=given.happened_on,
            met=given.met.value,
            note=given.note.strip(),
            recorded_by=actor.account_id,
            recorded_at=now,
        )
    )
    return _finish(session, actor, case, step, now, holder=case.holder_id)


def _start(session: Session, actor: Actor, case_id: str, version: int, verb: Verb) -> tuple[Case, Step]:
    case = queries.case_for(session, actor, case_id)
    if case is None:
        raise NotFound(case_id)
    if case.version != version:
        raise Conflict
    return case, check_may(verb, queries.state_of(session, case), actor)


def _check_given(case: Case, step: Step, given: Given, today: date) -> None:
    check_given(step, given, today=today, entered_on=case.entered_on)


def _finish(
    session: Session,
    actor: Actor,
    case: Case,
    step: Step,
    now: datetime,
    *,
    holder: str | None,
    detail: audit.Detail | None = None,
    note: str = "",
) -> Case:
    """Compare-and-set: the case moves on only from the version that was checked."""
    seen = case.version
    session.flush()
    moved = session.scalar(
        update(Case)
        .where(Case.id == case.id, Case.version == seen)
        .values(status=step.end.value, holder_id=holder, version=seen + 1)
        .returning(Case.version)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise Conflict
    session.refresh(case)
    number = audit.write(
        session, actor=actor.account_id, verb=step.verb.value, subject=case.id, now=now, detail=detail
    )
    if note.strip():
        session.add(NoteRow(event_number=number, case_id=case.id, note=note.strip()))
    return case
