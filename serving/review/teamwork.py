"""The verbs between colleagues: asking one, escalating, setting a case aside, giving out many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import actions
from serving.review.acting import NotFound, begin, finish
from serving.review.case import WORKERS, Incomplete, Refused, Role, Verb, coded
from serving.review.case_forms import Given
from serving.review.life_tables import ConsultationRow
from serving.review.permissions import Actor
from serving.review.tables import Account, Case


@dataclass(frozen=True)
class Assigned:
    """What became of one case of a bulk assignment; `refused` says why it was not assigned, if so."""

    case_id: str
    refused: Text | None = None


_GONE = Text("没有这件个案，或不在您的区域内。", "There is no such case, or it lies outside your area.")


def assign_many(
    session: Session,
    *,
    actor: Actor,
    cases: Sequence[tuple[str, int]],
    person: str | None,
    reason: str,
    now: datetime,
    today: date,
) -> tuple[Assigned, ...]:
    """Give several cases (id and version seen) to one account; each is assigned or refused by itself."""

    def one(case_id: str, version: int) -> Assigned:
        try:
            with session.begin_nested():
                actions.assign(
                    session, actor=actor, case_id=case_id, version=version, person=person, reason=reason,
                    now=now, today=today,
                )  # fmt: skip
        except NotFound:
            return Assigned(case_id, _GONE)
        except Incomplete as incomplete:
            return Assigned(case_id, incomplete.problems[0].sentence)
        except Refused as refused:
            return Assigned(case_id, refused.sentence)
        return Assigned(case_id)

    return tuple(one(case_id, version) for case_id, version in cases)


def consult(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    person: str | None,
    question: str,
    now: datetime,
    today: date,
) -> Case:
    """Ask a named colleague, who may read the case until they have answered, wherever they work."""
    given = Given(person=person, note=question)
    doing = begin(
        session, Verb.CONSULT, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    account = session.get(Account, person)
    works = account is not None and account.disabled_at is None and coded(Role, account.role) in WORKERS
    if account is None or not works or account.id == actor.account_id:
        raise Incomplete((Refused(Text("请选择一位同事。", "Choose a colleague."), "person"),))
    session.add(
        ConsultationRow(
            case_id=case_id,
            asked_by=actor.account_id,
            asked_of=account.id,
            question=question.strip(),
            asked_at=now,
        )
    )
    return finish(doing, holder=doing.case.holder_id, detail={"asked": account.id})


def answer(
    session: Session, *, actor: Actor, case_id: str, version: int, note: str, now: datetime, today: date
) -> Case:
    """Answer what the actor was asked about a case; with that they have read it for the last time."""
    given = Given(note=note)
    doing = begin(
        session, Verb.ANSWER, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    for row in session.scalars(
        select(ConsultationRow).where(
            ConsultationRow.case_id == case_id,
            ConsultationRow.asked_of == actor.account_id,
            ConsultationRow.answered_at.is_(None),
        )
    ):
        row.answer, row.answered_at = note.strip(), now
    return finish(doing, holder=doing.case.holder_id)


def escalate(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """Ask the coordinators to look: the case stands first in their lists until one of them answers."""
    given = Given(reason=reason)
    doing = begin(
        session, Verb.ESCALATE, actor=actor, case_id=case_id, version=version, now=now, today=today,
        given=given,
    )  # fmt: skip
    return finish(doing, holder=doing.case.holder_id, note=reason, escalated_at=now)


def take_over(
    session: Session, *, actor: Actor, case_id: str, version: int, now: datetime, today: date
) -> Case:
    """A coordinator answers by working the case themselves."""
    doing = begin(
        session, Verb.TAKE_OVER, actor=actor, case_id=case_id, version=version, now=now, today=today
    )
    return finish(doing, holder=actor.account_id, detail={"to": actor.account_id}, escalated_at=None)


def advise(
    session: Session, *, actor: Actor, case_id: str, version: int, reason: str, now: datetime, today: date
) -> Case:
    """A coordinator answers with advice; the case stays with its holder."""
    given = Given(reason=reason)
    doing = begin(
        session, Verb.ADVISE, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    return finish(doing, holder=doing.case.holder_id, note=reason, escalated_at=None)


def snooze(
    session: Session,
    *,
    actor: Actor,
    case_id: str,
    version: int,
    until: date | None,
    reason: str,
    now: datetime,
    today: date,
) -> Case:
    """Set a case aside: it is in no list of things to do until the day, and comes back by itself."""
    given = Given(until=until, reason=reason)
    doing = begin(
        session, Verb.SNOOZE, actor=actor, case_id=case_id, version=version, now=now, today=today, given=given
    )
    assert until is not None, "check_given lets no blank date pass"
    return finish(
        doing,
        holder=doing.case.holder_id,
        detail={"until": until.isoformat()},
        note=reason,
        asleep_until=until,
    )
