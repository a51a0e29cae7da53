"""What a case system may send and what it is answered. No name, no ID number: children are their keys.

Codes are those of the queue (`serving.review.case`); a code added there is known here at once. Which lot
of a round brought a case (model, rules or audit) is not told: whoever works on a case must not know.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model, model_validator

from features.language import Department
from features.outcomes import OUTCOMES
from features.sources import SOURCES
from serving.review.case import Answer, Disposition, Met, Objector, Status, View
from serving.schemas import ChildKey, Day, IdNumber, only_one
from serving.schemas import Strict as Strict

MAX_PAGE = 200
MAX_ROWS = 100
_FREE_TEXT = 4000


if TYPE_CHECKING:
    StatusCode = str
    MetCode = str
    ViewCode = str
    DispositionCode = str
    ObjectorCode = str
    AnswerCode = str
    SourceCode = str
else:
    StatusCode = Literal[tuple(member.value for member in Status)]
    MetCode = Literal[tuple(member.value for member in Met)]
    ViewCode = Literal[tuple(member.value for member in View)]
    DispositionCode = Literal[tuple(member.value for member in Disposition)]
    ObjectorCode = Literal[tuple(member.value for member in Objector)]
    AnswerCode = Literal[tuple(member.value for member in Answer)]
    # What departments deliver; what the queue itself keeps is no department's to correct.
    SourceCode = Literal[
        tuple(source.name for source in SOURCES if source.department is not Department.REVIEW)
    ]
CameBy = Literal["trigger", "request", "screening", "entitlement"]
CaseId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,32}$", description="The id of a case.")]
Area = Annotated[str, Field(pattern=r"^[0-9]{2,12}$", description="A prefix of area codes.")]
Tier = Annotated[str, Field(pattern=r"^[a-z_]{1,20}$", description="A tier of the jurisdiction.")]
# As far as `Day` goes: in UTC the ends of the calendar lie outside what a database can hold.
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]
# Something other than blanks, and no NUL, which PostgreSQL cannot hold.
_SAYS_SOMETHING = r"^[^\x00]*[^\x00\s][^\x00]*$"
FreeText = Annotated[str, Field(min_length=1, max_length=_FREE_TEXT, pattern=_SAYS_SOMETHING)]


class Query(Strict):
    """What every list takes."""

    # Numbers and moments arrive as text in an address.
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, strict=False)

    cursor: str | None = Field(
        None, max_length=300, description="Where the last page ended: its `next`, with the same filters."
    )
    limit: int = Field(50, ge=1, le=MAX_PAGE)


class AlertQuery(Query):
    """Which alerts."""

    came_by: CameBy | None = None
    area: Area | None = None
    raised_since: Moment | None = None


class CaseQuery(Query):
    """Which cases."""

    status: StatusCode | None = None
    came_by: CameBy | None = None
    tier: Tier | None = None
    area: Area | None = None
    changed_since: Moment | None = Field(
        None, description="Only cases that a step or an alert changed then or later."
    )


class OutcomeQuery(Query):
    """Which conclusions."""

    area: Area | None = None
    concluded_since: Moment | None = None


class ObjectionQuery(Query):
    """Which objections."""

    area: Area | None = None
    source: SourceCode | None = None
    waiting: bool | None = Field(None, description="True: only those no department has answered.")
    raised_since: Moment | None = None


class Nothing(Strict):
    """No query."""


class ViewBody(Strict):
    """The worker's own view, before anybody has shown the reasons."""

    view: ViewCode
    note: str = Field("", max_length=_FREE_TEXT)


class FactBody(Strict):
    """A contact or a visit: when, whom it reached, what was seen."""

    happened_on: Day
    met: MetCode
    note: FreeText


# A conclusion on every risk, whatever brought the case.
Conclusions: type[Strict] = create_model(
    "Conclusions",
    __base__=Strict,
    __doc__="What the review concluded about each risk.",
    **{
        outcome.name: (DispositionCode, Field(description=f"{outcome.title.zh} / {outcome.title.en}"))
        for outcome in OUTCOMES
    },  # type: ignore[call-overload]  # the fields come from the declarations
)


class DispositionsBody(Strict):
    """The conclusion of a review, and why."""

    dispositions: Conclusions  # type: ignore[valid-type]  # made from the declared outcomes
    reason: FreeText


class RaiseBody(Strict):
    """A child somebody worries about, or who asks: by key, or by number, which is looked up and forgotten."""

    child_key: ChildKey | None = None
    id_number: IdNumber | None = None
    reason: FreeText

    @model_validator(mode="after")
    def _one(self) -> RaiseBody:
        only_one({"child_key": self.child_key, "id_number": self.id_number})
        return self


class ObjectionBody(Strict):
    """What is said to be wrong with one record of a department, or with what it delivered."""

    raised_by: ObjectorCode
    source: SourceCode
    record_id: str = Field(
        "", max_length=200, pattern=r"^[^\x00]*$", description="Empty if nobody knows which record it was."
    )
    wrong: FreeText


class ObjectionAnswerBody(Strict):
    """What the department says of the record, with its reason."""

    objection: str = Field(pattern=r"^[a-z0-9]{1,32}$", description="The id of an objection that waits.")
    answer: AnswerCode
    answered_on: Day
    reason: FreeText


class BulkRow(Strict):
    """One write as it would be sent alone: what the address, the headers and the body would say."""

    operation: str = Field(max_length=40, description="The name of a write of this interface.")
    idempotency_key: str = Field(pattern=r"^[!-~]{8,128}$", description="The row's own, kept as for a write.")
    case_id: CaseId | None = None
    record_id: int | None = Field(None, ge=1, le=999_999_999, description="Of a referral or a plan.")
    version: int | None = Field(None, ge=1, le=999_999_999, description="What If-Match would name.")
    body: dict[str, Any] | None = None


class BulkBody(Strict):
    """Several writes; each is done or refused by itself, in this order."""

    rows: list[BulkRow] = Field(min_length=1, max_length=MAX_ROWS)


class ReasonBody(Strict):
    """Why."""

    reason: FreeText


class KeyAnswer(BaseModel):
    """What the key in use opens."""

    client: str
    title: str
    scopes: list[str]
    area_prefix: str = Field(description="Empty: everywhere.")
    expires_at: datetime | None


class RaisedAnswer(BaseModel):
    """The case that was opened for the child, or that was open already; null if it lies in another area."""

    child_key: str
    case_id: str | None


class AlertAnswer(BaseModel):
    """One alert: a prompt that somebody looks at a child, never a finding."""

    id: int
    case_id: str
    child_key: str
    area_code: str
    came_by: CameBy
    trigger: str | None = Field(description="The declared trigger or request; null for a screening.")
    tier: str | None
    as_of: date
    raised_at: datetime


class CaseLine(BaseModel):
    """One case of a list. `version` is its ETag, and what If-Match must name to change it."""

    id: str
    child_key: str
    area_code: str
    status: StatusCode
    came_by: CameBy
    tier: str | None
    due_on: date
    as_of: date
    opened_at: datetime
    closed_at: datetime | None
    held_by_you: bool
    version: int


class CaseAnswer(CaseLine):
    """One case as it stands, and what you may do to it."""

    may: list[str] = Field(description="The operations of this interface that the rules allow you now.")


class OutcomeAnswer(BaseModel):
    """What a review concluded about one risk. A case closed twice has both; the later one counts."""

    id: int
    case_id: str
    child_key: str
    area_code: str
    risk: str
    disposition: DispositionCode
    visited: bool
    concluded_at: datetime


class ObjectionAnswer(BaseModel):
    """An objection to a record, and what came of it. What staff wrote in words is for people."""

    id: str
    case_id: str
    child_key: str
    area_code: str
    raised_by: ObjectorCode
    source: str
    record_id: str
    recorded_at: datetime
    answer: AnswerCode | None
    answered_on: date | None
    rescored_at: datetime | None


class BulkRowAnswer(BaseModel):
    """What came of one row: its number from 0, the status it would have alone, its answer or problem."""

    row: int
    status: int
    etag: str | None
    replayed: bool
    answer: dict[str, Any] | None
    problem: dict[str, Any] | None


class BulkAnswer(BaseModel):
    """What came of every row, in their order."""

    done: int
    refused: int
    rows: list[BulkRowAnswer]


class ObjectionPage(BaseModel):
    """A part of the objections, oldest first; `next` is null on the last part."""

    items: list[ObjectionAnswer]
    next: str | None


class AlertPage(BaseModel):
    """A part of the alerts, oldest first; `next` is null on the last part."""

    items: list[AlertAnswer]
    next: str | None


class CasePage(BaseModel):
    """A part of the cases, in the order they were opened; `next` is null on the last part."""

    items: list[CaseLine]
    next: str | None


class OutcomePage(BaseModel):
    """A part of the conclusions, oldest first; `next` is null on the last part."""

    items: list[OutcomeAnswer]
    next: str | None


class WebhookData(Strict):
    """Ids to ask with. `case_id` is null where the event is about no case."""

    case_id: str | None
    child_key: str


class WebhookBody(Strict):
    """What a receiver of webhooks is told: what happened, when, and to whom."""

    type: str
    timestamp: AwareDatetime
    data: WebhookData
