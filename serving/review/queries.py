"""What may be read of the queue, by whom. A case outside the actor's area is None, as if it were not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from serving.review.accounts import actor_of
from serving.review.case import WORKERS, CaseState, FactKind, Met, Role, Status, coded
from serving.review.permissions import Actor, sees_area
from serving.review.tables import (
    Account,
    AlertRow,
    Case,
    DispositionRow,
    FactRow,
    NoteRow,
    Release,
    Round,
    ViewRow,
)

# Greater than any rank: cases without one stand after those with one.
_NO_RANK = 1_000_000_000

QUEUE_ORDER = (
    Case.queue_class,
    Case.tier_order,
    Case.due_on,
    func.coalesce(Case.rank, _NO_RANK),
    Case.id,
)


def in_area(actor: Actor) -> ColumnElement[bool]:
    """`permissions.sees_area` as a condition on cases."""
    known = and_(Case.area_code != "", Case.area_code.startswith(actor.area_prefix, autoescape=True))
    return or_(known, Case.area_code == "" if actor.role is Role.SCREENER else false())


def case_for(session: Session, actor: Actor, case_id: str) -> Case | None:
    """The case, if there is one in the actor's area."""
    case = session.get(Case, case_id)
    return case if case is not None and sees_area(actor, case.area_code) else None


def open_case_of(session: Session, child_key: str) -> Case | None:
    """The child's case that is not closed, if there is one, whatever its area."""
    return session.scalar(select(Case).where(Case.child_key == child_key, Case.status != Status.CLOSED.value))


def state_of(session: Session, case: Case) -> CaseState:
    """What the rules need to know of a case."""
    return CaseState(
        status=coded(Status, case.status),
        holder=case.holder_id,
        has_fact=_has_fact(session, case),
        awaits_view=case.reveal_after_view
        and (case.holder_id is None or not has_view(session, case.id, case.holder_id)),
    )


def has_visit(session: Session, case: Case) -> bool:
    """Whether a visit that reached somebody is recorded since the case last came into the queue."""
    return _has_fact(session, case, FactRow.kind == FactKind.VISIT.value)


def has_view(session: Session, case_id: str, account_id: str) -> bool:
    """Whether this account has given its own view of the case."""
    return bool(
        session.scalar(select(exists().where(ViewRow.case_id == case_id, ViewRow.account_id == account_id)))
    )


def reasons_shown(session: Session, case: Case, actor: Actor) -> bool:
    """Whether risk and reasons may be shown to this actor now.

    A case that is decided before it is revealed shows them to whoever has given a view, to others once
    its holder has given one, and to all when it is closed.
    """
    if not case.reveal_after_view or case.status == Status.CLOSED.value:
        return True
    if has_view(session, case.id, actor.account_id):
        return True
    holder = case.holder_id
    return holder is not None and holder != actor.account_id and has_view(session, case.id, holder)


def waiting(actor: Actor) -> Select[Case]:
    """The cases waiting in the actor's area, in queue order."""
    return select(Case).where(Case.status == Status.WAITING.value, in_area(actor)).order_by(*QUEUE_ORDER)


def queue(session: Session, actor: Actor, limit: int = 200, skip: int = 0) -> Sequence[Case]:
    """The first cases waiting in the actor's area, after those skipped."""
    return session.scalars(waiting(actor).offset(skip).limit(limit)).all()


def held(session: Session, actor: Actor) -> Sequence[Case]:
    """The actor's own cases in review, in queue order."""
    return session.scalars(
        select(Case)
        .where(Case.status == Status.IN_REVIEW.value, Case.holder_id == actor.account_id, in_area(actor))
        .order_by(*QUEUE_ORDER)
    ).all()


def in_others_hands(actor: Actor) -> Select[Case]:
    """Cases in review in the actor's area that somebody else holds, in queue order."""
    return (
        select(Case)
        .where(Case.status == Status.IN_REVIEW.value, Case.holder_id != actor.account_id, in_area(actor))
        .order_by(*QUEUE_ORDER)
    )


def held_by_others(session: Session, actor: Actor, limit: int = 200, skip: int = 0) -> Sequence[Case]:
    """The first cases that somebody else holds, after those skipped."""
    return session.scalars(in_others_hands(actor).offset(skip).limit(limit)).all()


def shut(actor: Actor) -> Select[Case]:
    """The closed cases of the actor's area, the latest first."""
    return (
        select(Case)
        .where(Case.status == Status.CLOSED.value, in_area(actor))
        .order_by(Case.closed_at.desc(), Case.id)
    )


def closed(session: Session, actor: Actor, limit: int = 200, skip: int = 0) -> Sequence[Case]:
    """The cases closed last in the actor's area, after those skipped."""
    return session.scalars(shut(actor).offset(skip).limit(limit)).all()


def count(session: Session, cases: Select[Case]) -> int:
    """How many cases a selection holds."""
    return session.scalar(select(func.count()).select_from(cases.order_by(None).subquery())) or 0


def count_waiting(session: Session, actor: Actor) -> int:
    """How many cases wait in the actor's area."""
    return count(session, waiting(actor))


def alerts_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[AlertRow]]:
    """The alerts of each case, oldest first."""
    found: dict[str, list[AlertRow]] = {case_id: [] for case_id in case_ids}
    for alert in session.scalars(
        select(AlertRow).where(AlertRow.case_id.in_(case_ids)).order_by(AlertRow.id)
    ):
        found[alert.case_id].append(alert)
    return found


def facts_of(session: Session, case_id: str) -> Sequence[FactRow]:
    """The contacts and visits of a case, oldest first."""
    return session.scalars(
        select(FactRow).where(FactRow.case_id == case_id).order_by(FactRow.happened_on, FactRow.id)
    ).all()


def views_of(session: Session, case_id: str) -> Sequence[ViewRow]:
    """The reviewers' own views of a case, oldest first."""
    return session.scalars(select(ViewRow).where(ViewRow.case_id == case_id).order_by(ViewRow.id)).all()


def dispositions_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[DispositionRow]]:
    """The conclusions of each case, oldest first."""
    found: dict[str, list[DispositionRow]] = {case_id: [] for case_id in case_ids}
    for row in session.scalars(
        select(DispositionRow).where(DispositionRow.case_id.in_(case_ids)).order_by(DispositionRow.id)
    ):
        found[row.case_id].append(row)
    return found


def display_names(session: Session) -> dict[str, str]:
    """The display name of every account, by id."""
    return {account.id: account.display_name for account in session.scalars(select(Account))}


def assignable(session: Session, area_code: str) -> list[Account]:
    """The accounts a case of this area may be assigned to, by display name."""
    accounts = session.scalars(
        select(Account).where(Account.disabled_at.is_(None)).order_by(Account.display_name)
    )
    return [
        account
        for account in accounts
        if coded(Role, account.role) in WORKERS and sees_area(actor_of(account), area_code)
    ]


def notes_of(session: Session, case_id: str) -> dict[int, str]:
    """The reasons given with steps of a case, by the number of the step's audit event."""
    rows = session.scalars(select(NoteRow).where(NoteRow.case_id == case_id))
    return {row.event_number: row.note for row in rows}


def open_children(session: Session) -> frozenset[str]:
    """The child keys that have a case which is not closed; policy lets them rest."""
    return frozenset(session.scalars(select(Case.child_key).where(Case.status != Status.CLOSED.value)))


def closed_on(session: Session) -> dict[str, datetime]:
    """When each child's case was closed last."""
    rows = session.execute(
        select(Case.child_key, func.max(Case.closed_at))
        .where(Case.status == Status.CLOSED.value)
        .group_by(Case.child_key)
    )
    return {child_key: closed_at for child_key, closed_at in rows if closed_at is not None}


def raised_triggers(session: Session) -> frozenset[tuple[str, str]]:
    """The trigger and the record number of every hard trigger or request that has opened work."""
    rows = session.execute(
        select(AlertRow.trigger, AlertRow.trigger_record).where(AlertRow.trigger_record.is_not(None))
    )
    return frozenset((trigger or "", record or "") for trigger, record in rows)


def newest_round(session: Session) -> Round | None:
    """The round opened last, or None before the first."""
    return session.scalar(select(Round).order_by(Round.as_of.desc(), Round.opened_at.desc()).limit(1))


def last_release(session: Session, round_id: str) -> Release | None:
    """The newest weekly release of a round, or None before the first."""
    return session.scalar(
        select(Release).where(Release.round_id == round_id).order_by(Release.number.desc()).limit(1)
    )


def _has_fact(session: Session, case: Case, *more: ColumnElement[bool]) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    FactRow.case_id == case.id,
                    FactRow.entry == case.entry,
                    FactRow.met != Met.NOBODY.value,
                    *more,
                )
            )
        )
    )
