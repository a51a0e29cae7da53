"""What a case system may ask and is answered about tables for other platforms. No name: see `tables`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from serving.api.shapes import Area, FreeText, Strict
from serving.review.export_answers import Done
from serving.review.exports import ExportState, Purpose
from serving.schemas import Words

# A sheet of ten thousand rows with the shortest of answers; a longer one is sent in parts.
MAX_SHEET = 700_000

if TYPE_CHECKING:
    PurposeCode = str
    ExportStateCode = str
    DoneCode = str
else:
    PurposeCode = Literal[tuple(member.value for member in Purpose)]
    ExportStateCode = Literal[tuple(member.value for member in ExportState)]
    DoneCode = Literal[tuple(member.value for member in Done)]
TemplateId = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$", description="The id of a template.")
]


class ExportBody(Strict):
    """A table that is asked for: which, of where, what for, and in words who gets it."""

    template: TemplateId
    area: Area | None = Field(None, description="A prefix of area codes within the key's; null: all of it.")
    purpose: PurposeCode
    words: FreeText


class SheetBody(Strict):
    """A table that came back with its last columns filled in: its text as CSV, the head included."""

    template: TemplateId
    csv: str = Field(min_length=1, max_length=MAX_SHEET)


class AnswerColumn(BaseModel):
    """A column that comes back filled in: its heading, and the words it may hold where it has such."""

    title: str
    field: Literal["result", "answered_on", "note"]
    words: list[str]


class TemplateAnswer(BaseModel):
    """A table that can be asked for, and what may come back in it."""

    id: str
    title: Words
    modelled_on: Words
    columns: list[str]
    answers: list[AnswerColumn]


class TemplateList(BaseModel):
    """Every table there is."""

    items: list[TemplateAnswer]


class ExportAnswer(BaseModel):
    """A request for a table as it stands. `version` is its ETag, and what If-Match must name."""

    id: int
    template: str
    area_prefix: str = Field(description="Empty: everywhere.")
    purpose: PurposeCode
    state: ExportStateCode
    asked_at: datetime
    decided_at: datetime | None
    fetched_at: datetime | None
    rows: int | None
    version: int


class FetchedAnswer(ExportAnswer):
    """The table that was asked for, as CSV under its template; the columns for answers are empty."""

    csv: str


class RowAnswer(BaseModel):
    """A row that was taken in, or was known: its line in what was sent, and its number."""

    line: int
    row_id: str
    done: DoneCode


class RowRefused(BaseModel):
    """Why a row was not taken in: its line, the heading of the column (empty: the whole), and the reason."""

    line: int
    column: str
    reason: Words


class SheetAnswer(BaseModel):
    """What came of every row: taken, refused with every reason, or left without an answer."""

    rows: list[RowAnswer]
    refused: list[RowRefused]
    empty: list[int] = Field(description="Lines without an answer.")
