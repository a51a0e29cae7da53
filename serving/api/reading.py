"""What a case system may read: its area only, a part at a time, found by what it follows and never counted.

A cursor says where a part ended and which filters it was made with; it holds no more than an answer does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, select, tuple_, union_all
from sqlalchemy.orm import Session

from models.policy import Lane
from serving.api.shapes import (
    AlertAnswer,
    AlertPage,
    AlertQuery,
    CaseLine,
    CasePage,
    CaseQuery,
    ObjectionAnswer,
    ObjectionPage,
    ObjectionQuery,
    OutcomeAnswer,
    OutcomePage,
    OutcomeQuery,
    Query,
)
from serving.problems import FieldError, invalid
from serving.review.case import Verb
from serving.review.life_tables import ObjectionRow
from serving.review.listing import visible, within
from serving.review.permissions import Actor
from serving.review.tables import AlertRow, AuditEvent, Case, DispositionRow

Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])

# By queue class. The lots that a screening round draws by are one to whoever works on a case.
_CLASSES = ("trigger", "request", "screening", "entitlement")
_CAME_BY = {
    Lane.TRIGGER: "trigger",
    Lane.REQUEST: "request",
    Lane.DECLARED: "request",
    Lane.REFERRED: "request",
    Lane.MODEL: "screening",
    Lane.RULE: "screening",
    Lane.AUDIT: "screening",
    Lane.ENTITLEMENT: "entitlement",
}
# Reading a case or its name changes nothing.
_CHANGES = (*(verb.value for verb in Verb), "open_case", "join_case")


def alerts(session: Session, actor: Actor, query: AlertQuery) -> AlertPage:
    """The alerts of the actor's area, oldest first."""
    chosen = _in_area(
        select(AlertRow, Case.area_code).join(Case, Case.id == AlertRow.case_id), actor, query.area
    )
    if query.raised_since is not None:
        chosen = chosen.where(AlertRow.raised_at >= query.raised_since)
    after = read_cursor(query, (int,))
    if after is not None:
        chosen = chosen.where(AlertRow.id > after[0])
    if query.came_by is not None:
        lanes = [lane.value for lane, came_by in _CAME_BY.items() if came_by == query.came_by]
        # Lane by lane, each in the order of its index: together, a rare lane is looked for in all alerts.
        first = chosen.with_only_columns(AlertRow.id).order_by(AlertRow.id).limit(query.limit + 1)
        found = [select(first.where(AlertRow.lane == lane).subquery()) for lane in lanes]
        chosen = chosen.where(AlertRow.id.in_(union_all(*found)))
    rows = session.execute(chosen.order_by(AlertRow.id).limit(query.limit + 1)).all()
    items = [_alert(row, area_code) for row, area_code in rows[: query.limit]]
    return AlertPage(
        items=items, next=next_cursor(query, [items[-1].id]) if len(rows) > query.limit else None
    )


def cases(session: Session, actor: Actor, query: CaseQuery) -> CasePage:
    """The cases of the actor's area, in the order they were opened."""
    chosen = _in_area(select(Case), actor, query.area)
    if query.status is not None:
        chosen = chosen.where(Case.status == query.status)
    if query.came_by is not None:
        chosen = chosen.where(Case.queue_class == _CLASSES.index(query.came_by))
    if query.tier is not None:
        chosen = chosen.where(Case.tier == query.tier)
    if query.changed_since is not None:
        chosen = chosen.where(_changed_since(query.changed_since))
    after = read_cursor(query, (str, str))
    if after is not None:
        chosen = chosen.where(
            tuple_(Case.opened_at, Case.id) > tuple_(datetime.fromisoformat(after[0]), after[1])
        )
    rows = session.scalars(chosen.order_by(Case.opened_at, Case.id).limit(query.limit + 1)).all()
    items = [line(case, actor) for case in rows[: query.limit]]
    last = [items[-1].opened_at.isoformat(), items[-1].id] if items else []
    return CasePage(items=items, next=next_cursor(query, last) if len(rows) > query.limit else None)


def outcomes(session: Session, actor: Actor, query: OutcomeQuery) -> OutcomePage:
    """What reviews of the actor's area concluded, oldest first."""
    joined = select(DispositionRow, Case.child_key, Case.area_code).join(
        Case, Case.id == DispositionRow.case_id
    )
    chosen = _in_area(joined, actor, query.area)
    if query.concluded_since is not None:
        chosen = chosen.where(DispositionRow.disposed_at >= query.concluded_since)
    after = read_cursor(query, (int,))
    if after is not None:
        chosen = chosen.where(DispositionRow.id > after[0])
    rows = session.execute(chosen.order_by(DispositionRow.id).limit(query.limit + 1)).all()
    items = [
        OutcomeAnswer(
            id=row.id,
            case_id=row.case_id,
            child_key=child_key,
            area_code=area_code,
            risk=row.risk,
            disposition=row.disposition,
            visited=row.visited,
            concluded_at=row.disposed_at,
        )
        for row, child_key, area_code in rows[: query.limit]
    ]
    return OutcomePage(
        items=items, next=next_cursor(query, [items[-1].id]) if len(rows) > query.limit else None
    )


def objections(session: Session, actor: Actor, query: ObjectionQuery) -> ObjectionPage:
    """The objections to records of children of the actor's area, oldest first."""
    joined = select(ObjectionRow, Case.area_code).join(Case, Case.id == ObjectionRow.case_id)
    chosen = _in_area(joined, actor, query.area)
    if query.source is not None:
        chosen = chosen.where(ObjectionRow.source == query.source)
    if query.waiting is not None:
        unanswered = ObjectionRow.answer.is_(None)
        chosen = chosen.where(unanswered if query.waiting else ~unanswered)
    if query.raised_since is not None:
        chosen = chosen.where(ObjectionRow.recorded_at >= query.raised_since)
    after = read_cursor(query, (str, str))
    if after is not None:
        place = tuple_(ObjectionRow.recorded_at, ObjectionRow.id)
        chosen = chosen.where(place > tuple_(datetime.fromisoformat(after[0]), after[1]))
    order = (ObjectionRow.recorded_at, ObjectionRow.id)
    rows = session.execute(chosen.order_by(*order).limit(query.limit + 1)).all()
    items = [
        ObjectionAnswer(
            id=row.id,
            case_id=row.case_id,
            child_key=row.child_key,
            area_code=area_code,
            raised_by=row.raised_by,
            source=row.source,
            record_id=row.record_id,
            recorded_at=row.recorded_at,
            answer=row.answer,
            answered_on=row.answered_on,
            rescored_at=row.rescored_at,
        )
        for row, area_code in rows[: query.limit]
    ]
    last = [items[-1].recorded_at.isoformat(), items[-1].id] if items else []
    return ObjectionPage(items=items, next=next_cursor(query, last) if len(rows) > query.limit else None)


def line(case: Case, actor: Actor) -> CaseLine:
    """A case as this client sees it."""
    return CaseLine(
        id=case.id,
        child_key=case.child_key,
        area_code=case.area_code,
        status=case.status,
        came_by=_CLASSES[case.queue_class],  # type: ignore[arg-type]  # the queue has these classes
        tier=case.tier,
        due_on=case.due_on,
        as_of=case.as_of,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        held_by_you=case.holder_id == actor.account_id,
        version=case.version,
    )


def _alert(row: AlertRow, area_code: str) -> AlertAnswer:
    return AlertAnswer(
        id=row.id,
        case_id=row.case_id,
        child_key=row.child_key,
        area_code=area_code,
        came_by=_CAME_BY[Lane(row.lane)],  # type: ignore[arg-type]  # one of the classes
        trigger=row.trigger,
        tier=row.tier,
        as_of=row.as_of,
        raised_at=row.raised_at,
    )


def _in_area(chosen: Chosen, actor: Actor, area: str | None) -> Chosen:
    chosen = chosen.where(visible(actor))
    return chosen if area is None else chosen.where(within(area))


def _changed_since(moment: datetime) -> ColumnElement[bool]:
    # Written into the statement: minutes and years ask for different plans, and a plan made for any moment
    # looks at every case.
    seen = bindparam("since", moment, AuditEvent.at.type, literal_execute=True)
    changed = (
        select(AuditEvent.subject)
        .where(AuditEvent.at >= seen, AuditEvent.verb.in_(_CHANGES))
        .cte("changed")
        # Found first: the cases that changed are few and may all stand at the end of the order.
        .prefix_with("MATERIALIZED")
    )
    return Case.id.in_(select(changed.c.subject))


def _filters(query: Query) -> str:
    given = query.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
    return hashlib.sha256(json.dumps([type(query).__name__, given], sort_keys=True).encode()).hexdigest()[:12]


def next_cursor(query: Query, last: Sequence[int | str]) -> str:
    """Where a part ended, for whoever asks for the next with the same filters."""
    said = json.dumps([_filters(query), *last], separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read_cursor(query: Query, kinds: tuple[type, ...]) -> list[Any] | None:
    """What the cursor says, None without one; a Problem if it is none of ours or belongs to other filters."""
    if query.cursor is None:
        return None
    wrong = invalid([FieldError("cursor", "is not the `next` of an answer to these filters")])
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        last: list[Any]
        filters, *last = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if len(kinds) == 2:
            datetime.fromisoformat(last[0])
    except (binascii.Error, ValueError, TypeError, IndexError, RecursionError):
        raise wrong from None
    if filters != _filters(query) or [type(part) for part in last] != list(kinds):
        raise wrong
    return last
