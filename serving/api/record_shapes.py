"""Referrals, services and plans as a case system sends and reads them; bodies come from the queue's forms.

A blank added to a form of `record_entries` is a field here at once. What people wrote about a family comes in
and goes out to nobody: answers hold ids, codes and days. Pure: no store, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from features.services import SERVICES
from serving.api.shapes import Area, FreeText, Moment, Query, Strict
from serving.review import record_entries as entries
from serving.review.channels import CHANNELS
from serving.review.record_entries import ACTIONS
from serving.review.records import Blank, Entry, Fill, State
from serving.schemas import Day

_LINE = 200
_OF_ACTION = re.compile(r"(what|who|by)_([0-9]+)")
# What a form draws only when it is made, as far as it is known before.
_DRAWN: Mapping[str, Any] = {"channels": Literal[tuple(channel.code for channel in CHANNELS)]}
_NUMBER = Annotated[int, Field(strict=True, ge=1, le=999_999_999)]

_OF_REFERRALS = (
    State.SENT, State.ACCEPTED, State.DECLINED, State.DONE, State.WITHDRAWN, State.CONSENT_REFUSED,
)  # fmt: skip
_OF_PLANS = (State.OPEN, State.REPLACED, State.ENDED)
if TYPE_CHECKING:
    ServiceCode = str
    ReferralState = str
    PlanState = str
    ActionState = str
else:
    ServiceCode = Literal[tuple(service.code for service in SERVICES)]
    ReferralState = Literal[tuple(state.value for state in _OF_REFERRALS)]
    PlanState = Literal[tuple(state.value for state in _OF_PLANS)]
    ActionState = Literal[tuple(state.value for state in (State.OPEN, State.DONE, State.NOT_DONE))]


def _kind_of(blank: Blank) -> Any:
    if blank.fill is Fill.DAY:
        return Day
    if blank.drawn:
        return _DRAWN.get(blank.drawn, _NUMBER)
    if blank.choices:
        return Literal[tuple(code for code, _ in blank.choices)]
    if blank.fill is Fill.LINE:
        return Annotated[FreeText, Field(max_length=_LINE)]
    return FreeText


def _body(name: str, entry: Entry, **more: Any) -> type[Strict]:
    """A body with a field for every blank of the form, said in its own words."""
    fields: dict[str, Any] = {}
    for blank in entry.blanks:
        if _OF_ACTION.fullmatch(blank.name):
            continue
        kind, said = _kind_of(blank), f"{blank.title.zh} / {blank.title.en}"
        fields[blank.name] = (
            (kind, Field(description=said))
            if blank.required
            else (kind | None, Field(None, description=said))
        )
    made: type[Strict] = create_model(name, __base__=Strict, __doc__=entry.title.en + ".", **fields, **more)
    return made


class ActionBody(Strict):
    """One thing to be done under a plan: what, by whom, until when."""

    what: Annotated[FreeText, Field(max_length=_LINE)]
    who: Annotated[FreeText, Field(max_length=_LINE)]
    by: Day


ReferralBody = _body("ReferralBody", entries.REFER)
AcceptedBody = _body("AcceptedBody", entries.ACCEPTED)
DeclinedBody = _body("DeclinedBody", entries.DECLINED)
ResultBody = _body("ResultBody", entries.RESULT)
WithdrawnBody = _body("WithdrawnBody", entries.WITHDRAW)
PlanBody = _body(
    "PlanBody", entries.PLAN, actions=(list[ActionBody], Field(min_length=1, max_length=ACTIONS))
)
PlanChangeBody = _body(
    "PlanChangeBody", entries.CHANGE_PLAN, actions=(list[ActionBody], Field([], max_length=ACTIONS))
)
ActionEndedBody = _body("ActionEndedBody", entries.END_ACTION)
PlanEndedBody = _body("PlanEndedBody", entries.END_PLAN)


def as_form(body: Strict) -> dict[str, str]:
    """The body as the form's blanks are filled in; what was not given is left out."""
    given = body.model_dump(exclude_none=True)
    for number, action in enumerate(given.pop("actions", ()), start=1):
        given |= {f"{part}_{number}": value for part, value in action.items()}
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) for name, value in given.items()
    }


def field_of(blank: str) -> str:
    """The field of the body that a blank of the form came from."""
    found = _OF_ACTION.fullmatch(blank)
    return blank if found is None else f"actions[{int(found[2]) - 1}].{found[1]}"


class RecordQuery(Query):
    """What every list of records takes."""

    area: Area | None = None
    changed_since: Moment | None = Field(
        None, description="Only those made, or changed by a step, then or later."
    )


class ReferralQuery(RecordQuery):
    """Which referrals."""

    state: ReferralState | None = None
    service: ServiceCode | None = None


class ServiceQuery(RecordQuery):
    """Which services."""

    service: ServiceCode | None = None


class PlanQuery(RecordQuery):
    """Which plans."""

    state: PlanState | None = None


class RecordLine(BaseModel):
    """What every record of a list has. `version` is its ETag, and what If-Match must name to change it."""

    id: int
    case_id: str | None
    child_key: str
    area_code: str
    made_at: datetime
    version: int


class ReferralLine(RecordLine):
    """One referral, with its result if there is one."""

    state: ReferralState
    service: str
    channel: str
    stage: str
    consent: str
    consent_on: date
    answer_by: date | None
    follows: int | None = Field(description="The referral it was led on from.")
    result: str | None


class ReferralAnswer(ReferralLine):
    """One referral as it stands, and what you may do to it."""

    may: list[str] = Field(description="The operations of this interface that the rules allow you now.")


class ServiceLine(BaseModel):
    """What came of a service that a family was referred to: the result and its day."""

    id: int = Field(description="The number of the referral.")
    case_id: str | None
    child_key: str
    area_code: str
    service: str
    channel: str
    result: str
    happened_on: date


class ActionAnswer(BaseModel):
    """One thing to be done under a plan, in the order given; what and by whom is for people."""

    id: int
    by_on: date
    state: ActionState
    ended_on: date | None
    carried_from: int | None = Field(description="The same action in the edition before.")


class PlanLine(RecordLine):
    """One edition of a child's plan, with its actions. Goals are for people."""

    state: PlanState
    edition: int
    replaces: int | None
    agreement: str
    agreed_on: date | None
    review_on: date
    actions: list[ActionAnswer]


class PlanAnswer(PlanLine):
    """One edition of a plan as it stands, and what you may do to it."""

    may: list[str] = Field(description="The operations of this interface that the rules allow you now.")


class ReferralPage(BaseModel):
    """A part of the referrals, oldest first; `next` is null on the last part."""

    items: list[ReferralLine]
    next: str | None


class ServicePage(BaseModel):
    """A part of the services and their results, oldest first; `next` is null on the last part."""

    items: list[ServiceLine]
    next: str | None


class PlanPage(BaseModel):
    """A part of the plans, oldest first; `next` is null on the last part."""

    items: list[PlanLine]
    next: str | None
