"""Referrals, services and plans over the interface: read by area, and kept by the store actions of the pages.

A list is read a part at a time with one question for each table, never one for each row. What the queue's
form refuses comes back by the field of the body it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from serving import problems
from serving.api.reading import next_cursor, read_cursor
from serving.api.record_shapes import (
    ActionAnswer,
    PlanAnswer,
    PlanLine,
    PlanPage,
    PlanQuery,
    RecordQuery,
    ReferralAnswer,
    ReferralLine,
    ReferralPage,
    ReferralQuery,
    ServiceLine,
    ServicePage,
    ServiceQuery,
    as_form,
    field_of,
)
from serving.api.shapes import Strict
from serving.review import record_actions
from serving.review.acting import NotFound
from serving.review.case import Incomplete, Refused, coded
from serving.review.permissions import Actor
from serving.review.record_actions import Given
from serving.review.record_queries import actions_of
from serving.review.record_store import (
    KINDS,
    About,
    Doing,
    Row,
    about_case,
    in_area,
    steps_of_records,
    visible,
)
from serving.review.record_tables import PlanRow, RecordStep, ReferralRow
from serving.review.records import Entry, Kind, State

# By operation name, the step it is.
Steps = Mapping[str, Entry]

_MAKES: Mapping[Kind, Callable[[Session, Doing, About, Given], Row]] = {
    Kind.REFERRAL: record_actions.refer,
    Kind.PLAN: record_actions.make_plan,
}
_RESULT = "record_result"


def make(session: Session, doing: Doing, entry: Entry, case_id: str, body: Strict) -> Row:
    """Make a record about the child of a case in the client's area."""
    about = about_case(session, doing.actor, case_id)
    return _by_field(lambda: _MAKES[entry.kind](session, doing, about, as_form(body)))


def step(session: Session, doing: Doing, entry: Entry, number: str, version: int, body: Strict) -> Row:
    """Do a step to a record in the version named, and give back the record it leaves open."""
    row = one(session, doing.actor, entry.kind, number)
    given = as_form(body)
    return _by_field(
        lambda: record_actions.do(session, doing, entry.kind, row.id, version, entry.verb, given)
    )


def one(session: Session, actor: Actor, kind: Kind, number: str) -> Row:
    """The record of this number, if it lies in the client's area."""
    try:
        return visible(session, actor, kind, int(number))
    except NotFound:
        raise problems.unknown_record() from None


def subject_of(row: Row) -> str:
    """What the log calls a record."""
    return f"{KINDS[type(row)].value}-{row.id}"


def _by_field(do: Callable[[], Row]) -> Row:
    try:
        return do()
    except Incomplete as incomplete:
        raise Incomplete(
            tuple(Refused(one.sentence, field_of(one.field or "body")) for one in incomplete.problems)
        ) from None


def told(session: Session, actor: Actor, row: Row, steps: Steps) -> ReferralAnswer | PlanAnswer:
    """A record as it stands, and which of these steps the rules allow this client now."""
    state = coded(State, row.state)
    may = [
        name
        for name, entry in steps.items()
        if entry.kind is KINDS[type(row)] and state in entry.starts and actor.role in entry.by
    ]
    if isinstance(row, PlanRow):
        return PlanAnswer(**_plans(session, [row])[0].model_dump(), may=may)
    assert isinstance(row, ReferralRow), "there are operations for these two kinds"
    return ReferralAnswer(**_referrals(session, [row])[0].model_dump(), may=may)


def referrals(session: Session, actor: Actor, query: ReferralQuery) -> ReferralPage:
    """The referrals of the actor's area, oldest first."""
    chosen = _chosen(ReferralRow, Kind.REFERRAL, actor, query)
    if query.state is not None:
        chosen = chosen.where(ReferralRow.state == query.state)
    if query.service is not None:
        chosen = chosen.where(ReferralRow.service == query.service)
    rows, following = _part(session, chosen, ReferralRow.id, query)
    return ReferralPage(items=_referrals(session, rows), next=following)


def plans(session: Session, actor: Actor, query: PlanQuery) -> PlanPage:
    """The plans of the actor's area, every edition, oldest first."""
    chosen = _chosen(PlanRow, Kind.PLAN, actor, query)
    if query.state is not None:
        chosen = chosen.where(PlanRow.state == query.state)
    rows, following = _part(session, chosen, PlanRow.id, query)
    return PlanPage(items=_plans(session, rows), next=following)


def services(session: Session, actor: Actor, query: ServiceQuery) -> ServicePage:
    """What came of the services families of the actor's area were referred to, oldest referral first."""
    chosen = _chosen(ReferralRow, Kind.REFERRAL, actor, query).where(
        exists().where(_of(Kind.REFERRAL, ReferralRow.id), RecordStep.verb == _RESULT)
    )
    if query.service is not None:
        chosen = chosen.where(ReferralRow.service == query.service)
    rows, following = _part(session, chosen, ReferralRow.id, query)
    results = _results(session, rows)
    items = [
        ServiceLine(
            id=row.id, case_id=row.case_id, child_key=row.child_key, area_code=row.area_code,
            service=row.service, channel=row.channel, result=results[row.id].code,
            happened_on=results[row.id].happened_on,
        )
        for row in rows
    ]  # fmt: skip
    return ServicePage(items=items, next=following)


def _chosen(table: Any, kind: Kind, actor: Actor, query: RecordQuery) -> Select[Any]:
    chosen = select(table).where(in_area(actor, table.area_code))
    if query.area is not None:
        chosen = chosen.where(table.area_code.startswith(query.area, autoescape=True))
    if query.changed_since is not None:
        stepped = exists().where(_of(kind, table.id), RecordStep.made_at >= query.changed_since)
        chosen = chosen.where(or_(table.made_at >= query.changed_since, stepped))
    return chosen


def _of(kind: Kind, record_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return and_(RecordStep.kind == kind.value, RecordStep.record_id == record_id)


def _part(
    session: Session, chosen: Select[Any], number: InstrumentedAttribute[int], query: RecordQuery
) -> tuple[Sequence[Any], str | None]:
    after = read_cursor(query, (int,))
    if after is not None:
        chosen = chosen.where(number > after[0])
    rows = session.scalars(chosen.order_by(number).limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    return shown, next_cursor(query, [shown[-1].id]) if len(rows) > query.limit else None


def _results(session: Session, rows: Sequence[ReferralRow]) -> dict[int, RecordStep]:
    steps = steps_of_records(session, Kind.REFERRAL, [row.id for row in rows])
    return {record_id: step for record_id, found in steps.items() for step in found if step.verb == _RESULT}


def _referrals(session: Session, rows: Sequence[ReferralRow]) -> list[ReferralLine]:
    results = _results(session, rows)
    return [
        ReferralLine(
            id=row.id, case_id=row.case_id, child_key=row.child_key, area_code=row.area_code,
            made_at=row.made_at, version=row.version, state=row.state, service=row.service,
            channel=row.channel, stage=row.stage, consent=row.consent, consent_on=row.consent_on,
            answer_by=row.answer_by, follows=row.follows,
            result=results[row.id].code if row.id in results else None,
        )
        for row in rows
    ]  # fmt: skip


def _plans(session: Session, rows: Sequence[PlanRow]) -> list[PlanLine]:
    actions = actions_of(session, [row.id for row in rows])
    return [
        PlanLine(
            id=row.id, case_id=row.case_id, child_key=row.child_key, area_code=row.area_code,
            made_at=row.made_at, version=row.version, state=row.state, edition=row.edition,
            replaces=row.replaces, agreement=row.agreement, agreed_on=row.agreed_on, review_on=row.review_on,
            actions=[
                ActionAnswer(
                    id=action.id, by_on=action.by_on, state=action.state, ended_on=action.ended_on,
                    carried_from=action.carried_from,
                )
                for action in actions[row.id]
            ],
        )
        for row in rows
    ]  # fmt: skip
