"""The verbs between colleagues: asking one, escalating, setting a case aside, giving out many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from features.language import Text
from serving.review import actions, queries, staff
from serving.review.acting import NotFound, begin, finish
from serving.review.case import WORKERS, Incomplete, Refused, Role, Verb, coded
from serving.review.case_forms import Given
from serving.review.life_tables import ConsultationRow
from serving.review.permissions import Actor
from serving.review.suggestion import best
from serving.review.tables import Account, Case

# In the place of a person: each case goes to whoever is suggested for its area.
SUGGESTED = "suggested"


@dataclass(frozen=True)
class Became:
    """What became of one of several cases: who holds it or until when it is set aside, or why neither.

    `is_there`: the case exists for the actor.
    """

    case_id: str
    refused: Text | None = None
    holder: str | None = None
    until: date | None = None
    is_there: bool = True


_GONE = Text("没有这件个案，或不在您的区域内。", "There is no such case, or it lies outside your area.")
_NOBODY = Text(
    "这个区域现在没有在岗且有余量的人，请指定一位。",
    "Nobody in the area is at work with room for another case; choose somebody.",
)


def assign_many(
    session: Session,
    *,
    actor: Actor,
    cases: Sequence[tuple[str, int]],
    person: str | None,
    reason: str,
    now: datetime,
    today: date,
) -> tuple[Became, ...]:
    """Give several cases (id and version seen) to one account, or each to whoever is suggested for its area.

    Each is assigned or refused by itself; whoever got a case has less room for the next.
    """
    everybody = queries.colleagues(session) if person == SUGGESTED else []

    def one(case_id: str, version: int) -> Became:
        to = person
        if person == SUGGESTED:
            to = _suggested_for(session, actor, case_id, everybody, today)
        case = actions.assign(
            session, actor=actor, case_id=case_id, version=version, person=to, reason=reason, now=now,
            today=today,
        )  # fmt: skip
        return Became(case_id, holder=case.holder_id)

    return _each(session, cases, one)


def snooze_many(
    session: Session,
    *,
    actor: Actor,
    cases: Sequence[tuple[str, int]],
    until: date | None,
    reason: str,
    now: datetime,
    today: date,
) -> tuple[Became, ...]:
    """Set several cases (id and version seen) aside until a day; each is set aside or refused by itself."""

    def one(case_id: str, version: int) -> Became:
        snooze(
            session, actor=actor, case_id=case_id, version=version, until=until, reason=reason, now=now,
            today=today,
        )  # fmt: skip
        return Became(case_id, until=until)

    return _each(session, cases, one)


def _each(
    session: Session, cases: Sequence[tuple[str, int]], do: Callable[[str, int], Became]
) -> tuple[Became, ...]:
    def one(case_id: str, version: int) -> Became:
        try:
            with session.begin_nested():
                return do(case_id, version)
        except NotFound:
            return Became(case_id, _GONE, is_there=False)
        except Incomplete as incomplete:
            return Became(case_id, incomplete.problems[0].sentence)
        except Refused as refused:
            return Became(case_id, refused.sentence)

    return tuple(one(case_id, version) for case_id, version in cases)


def _suggested_for(
    session: Session, actor: Actor, case_id: str, everybody: Sequence[queries.Member], today: date
) -> str:
    """Who is suggested for the area of this case, and is there with room."""
    case = queries.case_for(session, actor, case_id)
    if case is None:
        raise NotFound(case_id)
    found = best([one for _, one in staff.suggestions(session, everybody, case.area_code, today)])
    if found is None:
        raise Refused(_NOBODY, "person")
    return found.account_id


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
