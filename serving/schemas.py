"""What may be asked of the scoring endpoint and what it answers, derived from the declared sources.

A source added to `features.sources` may be sent inline the moment it exists; nothing here lists one.
What is not declared is refused, so that nobody believes we used what we did not read. What a department
delivers to be read at intake only (the answers to an instrument) may be sent too: it is read the same way.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from features.language import Column, Department, Kind, Personal, Source, Use
from features.sources import SOURCES

MAX_BATCH = 10_000
MAX_RECORDS = 2_000  # of one source for one child; a child with more is a mistake, not a history

# The queue's own records come from the queue; a caller cannot state them.
INLINE_SOURCES: tuple[Source, ...] = tuple(s for s in SOURCES if s.department is not Department.REVIEW)


class Strict(BaseModel):
    """No undeclared fields, no surprises about types."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def _annotation(column: Column) -> Any:
    """The type a column's values take in a request; bounds are the source's own."""
    bounds = {"ge": column.minimum, "le": column.maximum}
    given: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound is not None}
    match column.kind:
        case Kind.CODE:
            return Literal[tuple(code.value for code in column.codes)]
        case Kind.FLAG:
            return Literal["yes", "no"]
        case Kind.INTEGER:
            return Annotated[int, Field(strict=True, **given)]
        case Kind.NUMBER:
            return Annotated[float, Field(strict=True, allow_inf_nan=False, **given)]
        case Kind.DATE:
            return Day
        case Kind.TEXT:
            return Annotated[str, Field(min_length=1, max_length=200)]
        case Kind.ANSWERS:
            return Answers


Day = Annotated[date, Field(strict=True, ge=date(1900, 1, 1), le=date(2200, 1, 1))]
# By item number, as in {"1": 0, "2": 3}; scored when they come, and not kept.
Answers = Annotated[
    dict[Annotated[int, Field(ge=1, le=999)], Annotated[int, Field(strict=True, ge=-999, le=999)]],
    Field(min_length=1, max_length=300),
]


def _record_model(source: Source) -> type[Strict]:
    fields: dict[str, Any] = {
        "occurred_on": (Day, Field(description=f"{source.occurred.zh} / {source.occurred.en}")),
        "known_on": (
            Day | None,
            Field(None, description="When it could have been read; the day it occurred unless given."),
        ),
        "record_id": (
            Annotated[str, Field(min_length=1, max_length=100)] | None,
            Field(None, description="Two records of one number are two versions of one record."),
        ),
    }
    read = tuple(column for column in source.columns if column.use is Use.INTAKE)
    for column in (
        *source.lake_columns,
        *(column for column in read if column.personal is not Personal.DIRECT),
    ):
        described = f"{column.title.zh} / {column.title.en}"
        kind = _annotation(column)
        if column.required:
            fields[column.name] = (kind, Field(description=described))
        else:
            fields[column.name] = (kind | None, Field(None, description=described))
    name = "".join(word.title() for word in source.name.split("_")) + "Record"
    return create_model(name, __base__=Strict, __doc__=f"{source.meaning.zh} / {source.meaning.en}", **fields)


RECORD_MODELS: dict[str, type[Strict]] = {source.name: _record_model(source) for source in INLINE_SOURCES}

InlineRecords: type[Strict] = create_model(
    "InlineRecords",
    __base__=Strict,
    __doc__=(
        "One child's records by source. A source left out is not known: its features stay empty."
        " An empty list says that the department was asked and holds nothing."
    ),
    **{
        name: (
            Annotated[list[model], Field(max_length=MAX_RECORDS)] | None,  # type: ignore[valid-type]
            Field(None, description=f"{source.title.zh} / {source.title.en}"),
        )
        for (name, model), source in zip(RECORD_MODELS.items(), INLINE_SOURCES, strict=True)
    },  # type: ignore[call-overload]  # the fields come from the declarations
)

IdNumber = Annotated[str, Field(min_length=15, max_length=24, description="公民身份号码 / ID number")]
ChildKey = Annotated[
    str, Field(min_length=1, max_length=64, description="The keyed pseudonym that stands for the child.")
]


_AS_OF = "Only what was known before this date counts; today unless given."


def only_one(values: dict[str, object | None]) -> None:
    """Refuse all but one way of saying the same."""
    if sum(value is not None for value in values.values()) != 1:
        raise ValueError(f"needs exactly one of {', '.join(values)}")


class ChildReference(Strict):
    """One child of a batch, by ID number or by child key."""

    id_number: IdNumber | None = None
    child_key: ChildKey | None = None

    @model_validator(mode="after")
    def _one(self) -> ChildReference:
        only_one({"id_number": self.id_number, "child_key": self.child_key})
        return self


class ScoreRequest(Strict):
    """One child: by ID number, by child key, or with its records inline."""

    id_number: IdNumber | None = None
    child_key: ChildKey | None = None
    records: InlineRecords | None = None  # type: ignore[valid-type]  # made from the declarations above
    as_of: Day | None = Field(None, description=_AS_OF)
    stored: bool = Field(
        False,
        strict=True,
        description=(
            "A known child only: the feature row kept last, such as that of the last round, is good enough."
            " The answer's `as_of` is that row's date, and it names no records as evidence; `screening_id` is"
            " that of the screening made of the row before, which has them. Where no row is kept that these"
            " screeners have read and whose answer would not have expired, the features are computed as"
            " without."
        ),
    )
    keep: bool = Field(
        False,
        strict=True,
        description=(
            "Inline records only: keep the screening and its feature row for replay, not the records."
        ),
    )

    @model_validator(mode="after")
    def _one(self) -> ScoreRequest:
        only_one({"id_number": self.id_number, "child_key": self.child_key, "records": self.records})
        if self.keep and self.records is None:
            raise ValueError("keep is for records sent inline; the screening of a known child is always kept")
        if self.stored and self.records is not None:
            raise ValueError("stored is for a known child; nothing is stored of records sent inline")
        return self


class ScoreBatchRequest(Strict):
    """Up to ten thousand children whose records are here.

    A child nobody knows is answered by itself; one that fits no schema, such as a number that cannot be one,
    refuses the list before anybody is screened, and `errors` names each such child by its place.
    """

    children: Annotated[list[ChildReference], Field(min_length=1, max_length=MAX_BATCH)]
    as_of: Day | None = Field(None, description=_AS_OF)
    reasons: bool = Field(
        True,
        strict=True,
        description=(
            "Whether each risk carries its reasons. They are most of an answer: a list that is only to be"
            " sorted is some ten times smaller without them, and `/v1/score` gives one child's at any time."
        ),
    )


class Words(BaseModel):
    """One wording in both languages."""

    zh: str
    en: str


class CodedWords(Words):
    """A wording with its stable code."""

    code: str


class EvidenceAnswer(BaseModel):
    """One record that counted: which one, when it happened, when we could have known."""

    record_id: str
    occurred_on: date
    known_on: date


class FeatureAnswer(BaseModel):
    """One input behind a reason, and the department whose records it is of. `value` is null if not known."""

    feature: str
    title: Words
    source: str
    department: Words
    value: float | None
    contribution: float
    evidence: list[EvidenceAnswer]


class ReasonAnswer(BaseModel):
    """Inputs that tell one story, summed: does it raise or lower the risk, and what to ask.

    Inputs that made no difference at all are left out of `features`.
    """

    family: str
    title: Words
    effect: Literal["raises", "lowers", "none"]
    contribution: float
    ask: Words
    features: list[FeatureAnswer]


class NotKnownAnswer(BaseModel):
    """A source whose department has been silent: its records are not known, which is not "none"."""

    source: str
    department: Words
    title: Words


class RiskAnswer(BaseModel):
    """What one screener says. Never show `risk` without its range; `words` is made for people.

    Where `abstained` says why, the screener gives no risk.
    """

    screener: str
    title: Words
    words: Words
    risk: float | None
    low: float | None
    high: float | None
    percentile: float | None
    band: str
    tier: CodedWords | None
    abstained: CodedWords | None
    reasons: list[ReasonAnswer] | None = Field(description="Null in a batch that left them out.")
    not_known: list[NotKnownAnswer]
    screening_id: str | None = Field(description="For replay; null where nothing was kept.")


class Versions(BaseModel):
    """What made the answer, for replay."""

    screeners: dict[str, str]
    features: str
    policy: str
    jurisdiction: str
    simulated: bool = Field(description="Whether a screener was trained on a simulated county.")


class ScoreAnswer(BaseModel):
    """The answer about one child. A person decides; the answer expires."""

    child_key: str | None
    eligible: bool
    reason: CodedWords | None = Field(description="Why the child is not in scope; null if it is.")
    as_of: date
    expires_on: date | None
    risks: list[RiskAnswer]
    versions: Versions


class BatchItem(BaseModel):
    """One child of a batch, in the order asked. `problem` instead of `answer` if it cannot be given."""

    index: int
    answer: ScoreAnswer | None
    problem: str | None


class ScoreBatchAnswer(BaseModel):
    """The answers of a batch, in the order asked."""

    as_of: date
    children: list[BatchItem]
