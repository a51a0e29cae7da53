"""From a verb and its filled form to the action: one row for each verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from serving.review import actions, objections, second_review, teamwork
from serving.review.case import Verb
from serving.review.case_forms import Given
from serving.review.one_child import KeysOf, only_itself
from serving.review.permissions import Actor
from serving.review.tables import Case


@dataclass(frozen=True)
class Wanted:
    """A step somebody wants to do: who, to which case in the version they saw, and when.

    `keys_of`: every key of the child, for the step that asks whether another case of it is open.
    """

    actor: Actor
    case_id: str
    version: int
    now: datetime
    today: date
    keys_of: KeysOf = only_itself


_Taken = Callable[[Given], dict[str, Any]]


def _none(_: Given) -> dict[str, Any]:
    return {}


def _reason(given: Given) -> dict[str, Any]:
    return {"reason": given.reason}


def _note(given: Given) -> dict[str, Any]:
    return {"note": given.note}


def _fact(given: Given) -> dict[str, Any]:
    return {"happened_on": given.happened_on, "met": given.met, "note": given.note}


def _conclusion(given: Given) -> dict[str, Any]:
    return {"dispositions": given.dispositions, "reason": given.reason}


def _whole(given: Given) -> dict[str, Any]:
    return {"given": given}


# Each verb's action, and what it takes of the form.
_ACTIONS: Mapping[Verb, tuple[Callable[..., Case], _Taken]] = {
    Verb.ASSIGN: (actions.assign, lambda given: {"person": given.person, "reason": given.reason}),
    Verb.RECORD_VIEW: (actions.record_view, lambda given: {"view": given.view, "note": given.note}),
    Verb.RECORD_CONTACT: (actions.record_contact, _fact),
    Verb.RECORD_VISIT: (actions.record_visit, _fact),
    Verb.RECORD_ASSESSMENT: (actions.record_assessment, lambda given: {"findings": given.findings}),
    Verb.START_SUPPORT: (actions.start_support, _note),
    Verb.RECORD_FOLLOW_UP: (actions.record_follow_up, _fact),
    Verb.DISPOSE: (actions.dispose, _conclusion),
    Verb.CANNOT_REACH: (actions.cannot_reach, _reason),
    Verb.MOVED_AWAY: (actions.moved_away, lambda given: {"where_to": given.where_to}),
    Verb.CONSULT: (teamwork.consult, lambda given: {"person": given.person, "question": given.note}),
    Verb.ANSWER: (teamwork.answer, _note),
    Verb.ESCALATE: (teamwork.escalate, _reason),
    Verb.TAKE_OVER: (teamwork.take_over, _none),
    Verb.ADVISE: (teamwork.advise, _reason),
    Verb.SNOOZE: (teamwork.snooze, lambda given: {"until": given.until, "reason": given.reason}),
    Verb.RETURN: (actions.return_to_queue, _reason),
    Verb.OBJECT: (objections.object_to, _whole),
    Verb.ANSWER_OBJECTION: (objections.answer_objection, _whole),
    Verb.CONCLUDE_SECOND: (second_review.conclude_second, _conclusion),
    Verb.SETTLE: (second_review.settle, _conclusion),
    Verb.AGREE: (second_review.agree, _none),
    Verb.GIVE_BACK: (second_review.give_back, _reason),
    Verb.REOPEN: (actions.reopen, _reason),
}


def perform(session: Session, verb: Verb, wanted: Wanted, given: Given) -> Case:
    """Do the step, with what its form was filled with."""
    if verb is Verb.CLAIM:
        return actions.claim(
            session, actor=wanted.actor, case_id=wanted.case_id, version=wanted.version, now=wanted.now
        )
    action, taken = _ACTIONS[verb]
    whose = {"keys_of": wanted.keys_of} if verb is Verb.REOPEN else {}
    return action(
        session,
        actor=wanted.actor,
        case_id=wanted.case_id,
        version=wanted.version,
        now=wanted.now,
        today=wanted.today,
        **taken(given),
        **whose,
    )
