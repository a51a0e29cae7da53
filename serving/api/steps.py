"""What a case system may do to a case: the queue's own steps, with their forms filled from a body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from serving.api import reading
from serving.api.shapes import CaseAnswer
from serving.review import queries
from serving.review.case import Answer, Disposition, Met, Objector, Verb, View, coded
from serving.review.case_forms import Given
from serving.review.permissions import Actor, may
from serving.review.tables import Case

# A body, which its schema has checked, as the form of the step.
Fill = Callable[[Any], Given]


def nothing(_body: Any) -> Given:
    """A step that asks for nothing."""
    return Given()


def reason(body: Any) -> Given:
    """Why."""
    return Given(reason=body.reason)


def view(body: Any) -> Given:
    """The worker's own view."""
    return Given(view=coded(View, body.view), note=body.note)


def fact(body: Any) -> Given:
    """A contact, a visit or a follow-up."""
    return Given(happened_on=body.happened_on, met=coded(Met, body.met), note=body.note)


def objection(body: Any) -> Given:
    """What is wrong with a record, and who says so."""
    return Given(
        raised_by=coded(Objector, body.raised_by), record=(body.source, body.record_id), wrong=body.wrong
    )


def objection_answer(body: Any) -> Given:
    """What the department answered."""
    return Given(
        objection=body.objection,
        answer=coded(Answer, body.answer),
        answered_on=body.answered_on,
        reason=body.reason,
    )


def conclusion(body: Any) -> Given:
    """A conclusion on every risk."""
    codes = body.dispositions.model_dump()
    return Given(
        dispositions={risk: coded(Disposition, code) for risk, code in codes.items()}, reason=body.reason
    )


def one_case(session: Session, actor: Actor, case: Case, verbs: Mapping[str, Verb]) -> CaseAnswer:
    """The case and, of these operations, those that the rules allow this client now."""
    state = queries.state_of(session, case)
    allowed = [name for name, verb in verbs.items() if may(verb, state, actor)]
    return CaseAnswer(**reading.line(case, actor).model_dump(), may=allowed)
