"""What may be read of the queue, by whom. A case outside the actor's area is None, as if it were not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from serving.review.case import (
    IN_HAND,
    WORKERS,
    FactKind,
    Met,
    Role,
    Second,
    Status,
    coded,
)
from serving.review.case_rules import CaseState
from serving.review.life_tables import (
    ConclusionRow,
    ConsultationRow,
    FindingRow,
    ObjectionRow,
    RequestRow,
)
from serving.review.permissions import Actor, sees_area
from serving.review.tables import (
    IS_OPEN,
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

# The round of what people raise by hand, which is no screening round.
BY_HAND = "by-hand"
# Statuses in which a case may have somebody who works on it.
_HELD = tuple(status.value for status in (*IN_HAND, Status.SECOND_REVIEW))
# Greater than any rank: cases without one stand after those with one.
_NO_RANK = 1_000_000_000

QUEUE_ORDER = (
    Case.queue_class,
    Case.tier_order,
    Case.due_on,
    func.coalesce(Case.rank, _NO_RANK),
    Case.id,
)


@dataclass(frozen=True)
class Member:
    """A member of staff who works on cases. `capacity`: as set for them, None if nobody has set any."""

    id: str
    name: str
    role: Role
    area_prefix: str
    capacity: int | None


@dataclass(frozen=True)
class Way:
    """How an alert came: its lane, and the trigger or service behind it."""

    lane: str
    trigger: str | None


def in_area(actor: Actor) -> ColumnElement[bool]:
    """`permissions.sees_area` as a condition on cases."""
    known = and_(Case.area_code != "", Case.area_code.startswith(actor.area_prefix, autoescape=True))
    return or_(known, Case.area_code == "" if actor.role is Role.SCREENER else false())


def case_for(session: Session, actor: Actor, case_id: str) -> Case | None:
    """The case, if there is one in the actor's area."""
    case = session.get(Case, case_id)
    return case if case is not None and sees_area(actor, case.area_code) else None


def readable_case(session: Session, actor: Actor, case_id: str) -> Case | None:
    """The case, if it is in the actor's area or they were asked about it and have not answered."""
    case = session.get(Case, case_id)
    if case is None or sees_area(actor, case.area_code):
        return case
    return case if actor.account_id in asked_about(session, case_id) else None


def asked_about(session: Session, case_id: str) -> frozenset[str]:
    """The accounts that were asked about a case and have not answered."""
    return frozenset(
        session.scalars(
            select(ConsultationRow.asked_of).where(
                ConsultationRow.case_id == case_id, ConsultationRow.answered_at.is_(None)
            )
        )
    )


def concluded_by(session: Session, case: Case) -> frozenset[str]:
    """Who has concluded on a case since it last came into the queue, while a second person is awaited."""
    return frozenset(
        session.scalars(
            select(ConclusionRow.account_id).where(
                ConclusionRow.case_id == case.id, ConclusionRow.entry == case.entry
            )
        )
    )


def open_case_of(session: Session, child_key: str) -> Case | None:
    """The child's case that is not closed, if there is one, whatever its area."""
    return session.scalar(select(Case).where(Case.child_key == child_key, IS_OPEN))


def state_of(session: Session, case: Case) -> CaseState:
    """What the rules need to know of a case."""
    holder = case.holder_id
    return CaseState(
        status=coded(Status, case.status),
        holder=holder,
        has_fact=_has_fact(session, case),
        awaits_view=case.asks_view and (holder is None or not has_view(session, case.id, holder)),
        attempts=_attempts(session, case),
        has_trigger=case.queue_class == 0,
        escalated=case.escalated_at is not None,
        second=coded(Second, case.second) if case.second else None,
        concluded=concluded_by(session, case),
        asked=asked_about(session, case.id),
        open_objections=len(open_objections(session, case.id)),
    )


def _attempts(session: Session, case: Case) -> int:
    """On how many days nobody was reached since the case last came into the queue."""
    return (
        session.scalar(
            select(func.count(FactRow.happened_on.distinct())).where(
                FactRow.case_id == case.id, FactRow.entry == case.entry, FactRow.met == Met.NOBODY.value
            )
        )
        or 0
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
    return case.id in reasons_shown_of(session, [case], actor)


def reasons_shown_of(session: Session, cases: Sequence[Case], actor: Actor) -> frozenset[str]:
    """The cases among these whose risk and reasons may be shown to this actor now; one question for all."""
    blind = {case.id for case in cases if case.reveal_after_view and case.status != Status.CLOSED.value}
    given: set[tuple[str, str]] = set()
    if blind:
        rows = session.execute(select(ViewRow.case_id, ViewRow.account_id).where(ViewRow.case_id.in_(blind)))
        given = {(case_id, account_id) for case_id, account_id in rows}
    return frozenset(
        case.id
        for case in cases
        if case.id not in blind
        or (case.id, actor.account_id) in given
        or (case.id, case.holder_id or "") in given
    )


def awake(today: date) -> ColumnElement[bool]:
    """Cases that are not set aside today."""
    return or_(Case.asleep_until.is_(None), Case.asleep_until <= today)


def late(today: date, by: timedelta = timedelta()) -> ColumnElement[bool]:
    """Open cases whose date to contact by has passed by more than this, with nobody reached yet."""
    return and_(IS_OPEN, Case.contacted_on.is_(None), Case.due_on < today - by)


def waiting(actor: Actor, today: date | None = None) -> Select[Case]:
    """The cases waiting in the actor's area, in queue order; given the day, without those set aside."""
    found = select(Case).where(Case.status == Status.WAITING.value, in_area(actor))
    if today is not None:
        found = found.where(awake(today))
    return found.order_by(*QUEUE_ORDER)


def queue(session: Session, actor: Actor, limit: int = 200, skip: int = 0) -> Sequence[Case]:
    """The first cases waiting in the actor's area, after those skipped."""
    return session.scalars(waiting(actor).offset(skip).limit(limit)).all()


def held(session: Session, actor: Actor) -> Sequence[Case]:
    """The actor's own open cases, in queue order."""
    return session.scalars(
        select(Case)
        .where(Case.status.in_(_HELD), Case.holder_id == actor.account_id, in_area(actor))
        .order_by(*QUEUE_ORDER)
    ).all()


def alerts_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[AlertRow]]:
    """The alerts of each case, oldest first."""
    found: dict[str, list[AlertRow]] = {case_id: [] for case_id in case_ids}
    for alert in session.scalars(
        select(AlertRow).where(AlertRow.case_id.in_(case_ids)).order_by(AlertRow.id)
    ):
        found[alert.case_id].append(alert)
    return found


def ways_of(session: Session, case_ids: Sequence[str]) -> dict[str, list[Way]]:
    """The ways in which each case came into the queue, each once, oldest first."""
    found: dict[str, list[Way]] = {case_id: [] for case_id in case_ids}
    rows = session.execute(
        select(AlertRow.case_id, AlertRow.lane, AlertRow.trigger)
        .where(AlertRow.case_id.in_(case_ids))
        .group_by(AlertRow.case_id, AlertRow.lane, AlertRow.trigger)
        .order_by(func.min(AlertRow.id))
    )
    for case_id, lane, trigger in rows:
        found[case_id].append(Way(lane, trigger))
    return found


def facts_of(session: Session, case_id: str) -> Sequence[FactRow]:
    """The contacts and visits of a case, oldest first."""
    return session.scalars(
        select(FactRow).where(FactRow.case_id == case_id).order_by(FactRow.happened_on, FactRow.id)
    ).all()


def facts_of_cases(session: Session, case_ids: Sequence[str]) -> Sequence[FactRow]:
    """The contacts and visits of several cases, oldest first."""
    return session.scalars(
        select(FactRow).where(FactRow.case_id.in_(case_ids)).order_by(FactRow.happened_on, FactRow.id)
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


def display_names(session: Session, of: Collection[str] | None = None) -> dict[str, str]:
    """The display names of these accounts, or of all, by id."""
    wanted = select(Account.id, Account.display_name)
    rows = session.execute(wanted if of is None else wanted.where(Account.id.in_(of)))
    return {row.id: row.display_name for row in rows}


def findings_of(session: Session, case_id: str) -> Sequence[FindingRow]:
    """What assessments found, oldest first."""
    return session.scalars(
        select(FindingRow).where(FindingRow.case_id == case_id).order_by(FindingRow.id)
    ).all()


def requests_of(session: Session, case_id: str) -> Sequence[RequestRow]:
    """What people raised by hand in a case, oldest first."""
    return session.scalars(
        select(RequestRow)
        .where(RequestRow.case_id == case_id)
        .order_by(RequestRow.recorded_at, RequestRow.id)
    ).all()


def consultations_of(session: Session, case_id: str) -> Sequence[ConsultationRow]:
    """What colleagues were asked about a case, oldest first."""
    return session.scalars(
        select(ConsultationRow).where(ConsultationRow.case_id == case_id).order_by(ConsultationRow.id)
    ).all()


def asked_of(session: Session, actor: Actor) -> Sequence[Case]:
    """The cases the actor was asked about and has not answered, wherever they lie; longest waiting first."""
    return session.scalars(
        select(Case)
        .join(ConsultationRow, ConsultationRow.case_id == Case.id)
        .where(ConsultationRow.asked_of == actor.account_id, ConsultationRow.answered_at.is_(None))
        .group_by(Case.id)
        .order_by(func.min(ConsultationRow.id))
    ).all()


def objections_of(session: Session, case_id: str) -> Sequence[ObjectionRow]:
    """The objections raised in a case, oldest first."""
    return session.scalars(
        select(ObjectionRow)
        .where(ObjectionRow.case_id == case_id)
        .order_by(ObjectionRow.recorded_at, ObjectionRow.id)
    ).all()


def open_objections(session: Session, case_id: str) -> Sequence[ObjectionRow]:
    """The objections in a case that no department has answered, oldest first."""
    return [row for row in objections_of(session, case_id) if row.answer is None]


def conclusions_shown(session: Session, case: Case, actor: Actor) -> Sequence[ConclusionRow]:
    """The conclusions of a second review that this actor may see now, oldest first.

    Until two people have concluded each sees only their own: nobody may follow the other.
    """
    found = select(ConclusionRow).where(ConclusionRow.case_id == case.id, ConclusionRow.entry == case.entry)
    if is_blinded(case):
        found = found.where(ConclusionRow.account_id == actor.account_id)
    return session.scalars(found.order_by(ConclusionRow.id)).all()


def is_blinded(case: Case) -> bool:
    """Whether a second person's own conclusion is awaited, so that the first one's stays hidden."""
    return bool(case.second == Second.OPINION.value)


def in_household(session: Session, actor: Actor, case: Case) -> Sequence[Case]:
    """Other children's open cases of the same household in the actor's area, for one visit together."""
    if case.household is None:
        return []
    return session.scalars(
        select(Case)
        .where(
            Case.household == case.household,
            Case.id != case.id,
            IS_OPEN,
            in_area(actor),
        )
        .order_by(Case.id)
    ).all()


def assignable(everybody: Sequence[Member], area_code: str) -> list[Member]:
    """Those of them a case of this area may be assigned to."""
    return [one for one in everybody if sees_area(Actor(one.id, one.role, one.area_prefix), area_code)]


def colleagues(session: Session) -> list[Member]:
    """Everybody who works on cases, wherever they do, by display name."""
    rows = session.execute(
        select(Account.id, Account.display_name, Account.role, Account.area_prefix, Account.capacity)
        .where(Account.disabled_at.is_(None), Account.role.in_([role.value for role in WORKERS]))
        .order_by(Account.display_name, Account.id)
    )
    roles = {role.value: role for role in WORKERS}
    return [Member(key, name, roles[role], area, capacity) for key, name, role, area, capacity in rows]


def notes_of(session: Session, case_id: str) -> dict[int, str]:
    """The reasons given with steps of a case, by the number of the step's audit event."""
    rows = session.scalars(select(NoteRow).where(NoteRow.case_id == case_id))
    return {row.event_number: row.note for row in rows}


def newest_round(session: Session) -> Round | None:
    """The screening round opened last, or None before the first."""
    return session.scalar(
        select(Round).where(Round.id != BY_HAND).order_by(Round.as_of.desc(), Round.opened_at.desc()).limit(1)
    )


def last_release(session: Session, round_id: str) -> Release | None:
    """The newest weekly release of a round, or None before the first."""
    found = select(Release).where(Release.round_id == round_id).order_by(Release.number.desc())
    return session.scalar(found.limit(1))


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
