"""Tables for other platforms, over the interface: asked for, fetched once a person has allowed it, answered.

By the same rules as the pages: a key asks, a manager or screener decides on a page, and the key that asked
fetches within the days that the approval lasts. What a machine fetches holds no names, not even masked ones:
whoever needs them fetches the table on the page. Tables of objections are not among these; a department
reads its objections as such.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from features.language import Text
from serving import problems
from serving.api.kept import Answer
from serving.api.preconditions import etag_of
from serving.api.shapes import Strict
from serving.api.table_shapes import (
    AnswerColumn,
    ExportAnswer,
    ExportBody,
    FetchedAnswer,
    RowAnswer,
    RowRefused,
    SheetAnswer,
    SheetBody,
    TemplateAnswer,
    TemplateList,
)
from serving.problems import FieldError
from serving.review import export_answers, exports
from serving.review.acting import NotFound
from serving.review.case import coded
from serving.review.door_tables import ExportRequest
from serving.review.export_templates import Template
from serving.review.exports import Looked, Purpose
from serving.review.objection_tables import OBJECTIONS
from serving.review.permissions import Actor
from serving.schemas import Words


@dataclass(frozen=True)
class Tables:
    """What tables take from outside: the templates by id, and the name of an area."""

    templates: Mapping[str, Template]
    area_title: Callable[[str], Text | None]

    def told(self) -> TemplateList:
        """Every table that a case system may ask for."""
        return TemplateList(items=[_template(one) for one in self.templates.values() if _is_open(one)])

    def one(self, session: Session, actor: Actor, number: str) -> ExportAnswer:
        """A request of this client's own; a Problem for any other."""
        return _told(_own(session, actor, number))

    def ask(self, session: Session, actor: Actor, body: Strict, now: datetime) -> Answer:
        """Ask for a table without names; a second person decides."""
        assert isinstance(body, ExportBody), "as its row says"
        row = exports.ask(
            session, actor=actor, template=self._template(body.template),
            area_prefix=body.area or actor.area_prefix, full_names=False,
            purpose=coded(Purpose, body.purpose), words=body.words, now=now,
        )  # fmt: skip
        return Answer(200, _told(row).model_dump_json(), etag_of(row.version))

    def fetch(self, session: Session, actor: Actor, number: str, version: int, now: datetime) -> Answer:
        """The table of an approved request, once; kept for retries as every answer is."""
        row = _own(session, actor, number)
        found = exports.fetch(
            session, actor=actor, number=row.id, version=version, templates=self.templates,
            looked=Looked(lambda _: {}, self.area_title), now=now,
        )  # fmt: skip
        csv = found.content.decode("utf-8-sig")
        told = FetchedAnswer(**_told(row).model_dump(), csv=csv)
        return Answer(200, told.model_dump_json(), etag_of(row.version))

    def take_in(self, session: Session, actor: Actor, body: Strict, now: datetime, today: date) -> Answer:
        """Take the answers in a table in, row by row."""
        assert isinstance(body, SheetBody), "as its row says"
        template = self._template(body.template)
        if not template.answers:
            raise problems.invalid([FieldError("template", "has no columns for answers")])
        report = export_answers.take_in(
            session, actor=actor, template=template, content=body.csv.encode(), now=now, today=today
        )
        told = SheetAnswer(
            rows=[RowAnswer(line=one.line, row_id=one.row_id, done=one.done.value) for one in report.rows],
            refused=[
                RowRefused(line=one.line, column=one.column, reason=_words(one.reason))
                for one in report.errors
            ],
            empty=list(report.empty),
        )
        return Answer(200, told.model_dump_json(), None)

    def _template(self, name: str) -> Template:
        found = self.templates.get(name)
        if found is None or not _is_open(found):
            raise problems.invalid([FieldError("template", "names no template of this interface")])
        return found


def _is_open(template: Template) -> bool:
    return template.of != OBJECTIONS


def _own(session: Session, actor: Actor, number: str) -> ExportRequest:
    try:
        row = exports.request_for(session, actor, int(number))
    except NotFound:
        raise problems.unknown_export() from None
    if row.asked_by != actor.account_id:
        raise problems.unknown_export()
    return row


def _told(row: ExportRequest) -> ExportAnswer:
    return ExportAnswer(
        id=row.id, template=row.template, area_prefix=row.area_prefix, purpose=row.purpose, state=row.state,
        asked_at=row.asked_at, decided_at=row.decided_at, fetched_at=row.fetched_at, rows=row.rows,
        version=row.version,
    )  # fmt: skip


def _template(template: Template) -> TemplateAnswer:
    return TemplateAnswer(
        id=template.id,
        title=_words(template.title),
        modelled_on=_words(template.modelled_on),
        columns=[column.title for column in template.columns],
        answers=[
            AnswerColumn(title=column.title, field=column.field, words=list(column.codes or ()))  # type: ignore[arg-type]  # templates know these three
            for column in template.answers
        ],
    )


def _words(text: Text) -> Words:
    return Words(zh=text.zh, en=text.en)
