"""Pages of tables for other platforms: asking, a second person's decision, fetching, and answers taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse

from features.language import Text
from serving.callers import is_client
from serving.review import export_answers, exports, queries
from serving.review.accounts import SignedIn
from serving.review.case import Conflict, Incomplete, Refused, coded
from serving.review.door_tables import ExportRequest
from serving.review.export_answers import Done, Report
from serving.review.export_templates import Template
from serving.review.exports import ExportState, Looked, Purpose
from serving.review.records import Blank, Fill, Filled, Sheet, read
from serving.web.components import Cell, Fact, Link, Table
from serving.web.deps import CHINA
from serving.web.desk import DeskPage, Returned, desk_form, desk_problems, returned
from serving.web.guard import check_origin, check_token, language_of
from serving.web.lines import area_words
from serving.web.pages import Choice, Field, Frame, Problem
from serving.web.posted import Form, number_in_address
from serving.web.text import Translate, translator
from serving.web.views import Views

HERE, ANSWERS = "/exports", "/exports/answers"
MAX_FILE_BYTES = 4 * 1024 * 1024
_MISTAKES_SHOWN = 500

_MASKED, _FULL = "masked", "full"
ASK = Sheet(
    verb="ask",
    title=Text("申请导出", "Ask for a table"),
    blanks=(
        Blank(name="template", fill=Fill.PICK, title=Text("表样", "Template"), choices=()),
        Blank(
            name="area", fill=Fill.LINE, title=Text("区划代码", "Area code"), required=False,
            hint=Text("留空表示您负责的全部区域。", "Leave empty for all of your area."),
        ),
        Blank(
            name="names", fill=Fill.ONE, title=Text("姓名", "Names"),
            choices=((_MASKED, Text("脱敏", "Masked")), (_FULL, Text("完整", "In full"))),
        ),
        Blank(
            name="purpose", fill=Fill.ONE, title=Text("用途", "Purpose"),
            choices=tuple((one.value, one.title) for one in Purpose),
        ),
        Blank(
            name="words", fill=Fill.LONG, title=Text("交给谁、做什么用", "Who gets it and what for"),
            hint=Text("批准的人会看到。请勿写姓名和证件号码。", "Who decides reads it. No names or numbers."),
        ),
    ),
)  # fmt: skip
_ALL_OF_IT = Text("您负责的全部区域", "All of your area")
DECIDE = Sheet(
    verb="decide",
    title=Text("审批", "Decide"),
    blanks=(
        Blank(
            name="decision", fill=Fill.ONE, title=Text("是否批准", "Approve"),
            choices=(("yes", Text("批准", "Yes")), ("no", Text("不批准", "No"))),
        ),
        Blank(name="words", fill=Fill.LONG, title=Text("意见", "In words"), required=False),
    ),
)  # fmt: skip
FETCH = Sheet(verb="fetch", title=Text("下载表格（一次）", "Fetch the table (once)"))


@dataclass(frozen=True)
class AnswersPage:
    """Where answers are taken in, and what became of the file that was sent."""

    frame: Frame
    fields: tuple[Field, ...]
    problems: tuple[Problem, ...] = ()
    counts: str = ""
    mistakes: Table | None = None
    back: Link | None = None


@dataclass(frozen=True)
class Upload:
    """A form with a file."""

    fields: Mapping[str, str]
    content: bytes


async def _upload(request: Request) -> Upload:
    check_origin(request.headers, at_most=MAX_FILE_BYTES)
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        return Upload({name: value for name, value in form.items() if isinstance(value, str)}, content)


def add_exports(app: FastAPI, views: Views) -> None:
    """The routes of tables for other platforms."""
    pages = _Pages(views)

    @app.get(HERE)
    def start(request: Request) -> Response:
        return pages.start(request)

    @app.post(HERE)
    def ask(request: Request, given: Form) -> Response:
        return pages.ask(request, given)

    @app.get(ANSWERS)
    def answers(request: Request) -> Response:
        return pages.answers(request)

    @app.post(ANSWERS)
    def take_in(request: Request, sent: Annotated[Upload, Depends(_upload)]) -> Response:
        return pages.take_in(request, sent)

    @app.get(HERE + "/{number}")
    def one(request: Request, number: str) -> Response:
        return pages.one(request, number_in_address(number))

    @app.post(HERE + "/{number}/decide")
    def decide(request: Request, number: str, given: Form) -> Response:
        return pages.decide(request, number_in_address(number), given)

    @app.post(HERE + "/{number}/fetch")
    def fetch(request: Request, number: str, given: Form) -> Response:
        return pages.fetch(request, number_in_address(number), given)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def start(self, request: Request, back: Returned | None = None, status: int = 200) -> HTMLResponse:
        """The requests, and the form for a new one."""
        signed = self._exporter(request)
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        frame = self.views.frame(request, signed, t("nav.exports"), "exports", HERE)
        with deps.store.read() as session:
            rows = exports.visible(session, signed.actor)
            names = queries.display_names(session)
            table = Table(
                t("exports.list"),
                (
                    t("exports.number"),
                    t("exports.template"),
                    t("exports.area"),
                    t("exports.state"),
                    t("column.who"),
                ),
                tuple(
                    (
                        Cell(str(row.id), "number", address=f"{HERE}/{row.id}"),
                        Cell(self._title(row.template, language)),
                        Cell(self._area(row, language, t)),
                        Cell(coded(ExportState, row.state).title[language]),
                        Cell(names.get(row.asked_by, "")),
                    )
                    for row in rows
                ),
                t("exports.none"),
            )
        page = DeskPage(
            frame, t("nav.exports"), hint=t("exports.about"),
            links=(Link(ANSWERS, t("answers.title")),),
            refusal=back.refusal if back else "", problems=desk_problems(back), tables=(table,),
            forms=(desk_form(self._ask(signed), HERE, deps, language, back),),
        )  # fmt: skip
        return self.views.render("desk.html", page, frame, status)

    def ask(self, request: Request, given: Mapping[str, str]) -> Response:
        """Ask for a table, or say what is missing."""
        signed = self._exporter(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, deps = language_of(request), self.views.deps
        sheet = self._ask(signed)
        try:
            filled = read(sheet, given, deps.today())
            with deps.store.write() as session:
                row = self._asked(session, signed, filled)
        except Incomplete as incomplete:
            return self.start(request, returned(sheet, given, incomplete, language), 422)
        except Refused as refused:
            errors = {refused.field: refused.sentence[language]} if refused.field else {}
            said = "" if errors else refused.sentence[language]
            return self.start(request, Returned(ASK.verb, given, errors, said), 422)
        return RedirectResponse(f"{HERE}/{row.id}", status_code=303)

    def _asked(self, session: Session, signed: SignedIn, filled: Filled) -> ExportRequest:
        return exports.ask(
            session, actor=signed.actor, template=self.views.deps.templates[filled.text("template")],
            area_prefix=filled.text("area") or signed.actor.area_prefix,
            full_names=filled.text("names") == _FULL,
            purpose=coded(Purpose, filled.text("purpose")), words=filled.text("words"),
            now=self.views.deps.now(),
        )  # fmt: skip

    def one(
        self, request: Request, number: int, back: Returned | None = None, status: int = 200
    ) -> HTMLResponse:
        """One request: what for, who decided, and what this person may do with it."""
        signed = self._exporter(request)
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        here, heading = f"{HERE}/{number}", t("exports.one", number=number)
        frame = self.views.frame(request, signed, heading, "exports", here)
        with deps.store.read() as session:
            row = exports.request_for(session, signed.actor, number)
            names = queries.display_names(session)
        mine = row.asked_by == signed.actor.account_id
        sheet, where = None, ""
        if row.state == ExportState.ASKED.value and not mine:
            sheet, where = DECIDE, f"{here}/decide"
        elif row.state == ExportState.APPROVED.value and mine:
            sheet, where = FETCH, f"{here}/fetch"
        page = DeskPage(
            frame, heading, back=Link(HERE, t("exports.back")), refusal=back.refusal if back else "",
            problems=desk_problems(back), facts=self._facts(row, names, language, t),
            notes=_notes(row, t), version=row.version,
            forms=() if sheet is None else (desk_form(sheet, where, deps, language, back),),
        )  # fmt: skip
        return self.views.render("desk.html", page, frame, status)

    def decide(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """Allow the table or not."""
        signed = self._exporter(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, deps = language_of(request), self.views.deps
        try:
            filled = read(DECIDE, given, deps.today())
            with deps.store.write() as session:
                exports.decide(
                    session, actor=signed.actor, number=number, version=_version(given),
                    approve=filled.text("decision") == "yes", words=filled.text("words"), now=deps.now(),
                )  # fmt: skip
        except Incomplete as incomplete:
            return self.one(request, number, returned(DECIDE, given, incomplete, language), 422)
        except Refused as refused:
            return self._refused(request, number, DECIDE.verb, refused)
        return RedirectResponse(f"{HERE}/{number}", status_code=303)

    def fetch(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """The table as a file, once. It is in the answer to a POST and lies nowhere."""
        signed = self._exporter(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        deps = self.views.deps
        try:
            with deps.store.write() as session:
                found = exports.fetch(
                    session, actor=signed.actor, number=number, version=_version(given),
                    templates=deps.templates, looked=Looked(deps.names, deps.area_title), now=deps.now(),
                )  # fmt: skip
        except Refused as refused:
            return self._refused(request, number, FETCH.verb, refused)
        headers = {"Content-Disposition": f'attachment; filename="miaohu-table-{number}.csv"'}
        return Response(found.content, headers=headers, media_type="text/csv; charset=utf-8")

    # --- answers -------------------------------------------------------------------------------------

    def answers(
        self,
        request: Request,
        problems: tuple[Problem, ...] = (),
        chosen: str = "",
        report: Report | None = None,
    ) -> HTMLResponse:
        """Where a filled table is sent in, and what became of the last one."""
        signed = self._exporter(request)
        language, t = language_of(request), translator(language_of(request))
        frame = self.views.frame(request, signed, t("answers.title"), "exports", ANSWERS)
        choices = tuple(Choice(one.id, one.title[language], one.id == chosen) for one in self._answerable())
        fields = (
            Field(
                id="template", name="template", kind="select", label=t("exports.template"), choices=choices,
            ),
        )  # fmt: skip
        page = AnswersPage(frame, fields, problems, back=Link(HERE, t("exports.back")))
        if report is not None:
            page = replace(page, counts=_counts(report, t), mistakes=_mistakes(report, language, t))
        return self.views.render("answers.html", page, frame, 422 if problems else 200)

    def take_in(self, request: Request, sent: Upload) -> Response:
        """Take the rows in that can be, and say what is wrong with the others."""
        signed = self._exporter(request)
        check_token(signed.csrf_token, sent.fields.get("csrf", ""))
        deps, t = self.views.deps, translator(language_of(request))
        template = next((one for one in self._answerable() if one.id == sent.fields.get("template")), None)
        if template is None or not sent.content:
            return self.answers(request, (Problem(t("answers.file_missing"), "file"),))
        with deps.store.write() as session:
            report = export_answers.take_in(
                session, actor=signed.actor, template=template, content=sent.content, now=deps.now(),
                today=deps.today(),
            )  # fmt: skip
        return self.answers(request, chosen=template.id, report=report)

    # --- parts ---------------------------------------------------------------------------------------

    def _exporter(self, request: Request) -> SignedIn:
        signed = self.views.signed_in(request)
        exports.check_may_export(signed.actor)
        return signed

    def _answerable(self) -> list[Template]:
        return [one for one in self.views.deps.templates.values() if one.answers]

    def _ask(self, signed: SignedIn) -> Sheet:
        """The form with the templates there are, and full names only for who may have them."""
        templates = tuple((one.id, one.title) for one in self.views.deps.templates.values())
        blanks = {blank.name: blank for blank in ASK.blanks}
        blanks["template"] = replace(blanks["template"], choices=templates)
        areas = self.views.deps.areas_below(signed.actor.area_prefix)
        if areas:
            # By name where the deployment has a table of names; by code where it has none.
            chosen = (("", _ALL_OF_IT), *areas)
            blanks["area"] = replace(
                blanks["area"], fill=Fill.PICK, title=Text("区域", "Area"), hint=None, choices=chosen
            )
        if not exports.may_have_names(signed.actor):
            blanks["names"] = replace(blanks["names"], choices=blanks["names"].choices[:1])
        return replace(ASK, blanks=tuple(blanks.values()))

    def _area(self, row: ExportRequest, language: str, t: Translate) -> str:
        if not row.area_prefix:
            return t("exports.everywhere")
        return area_words(self.views.deps, row.area_prefix, language)

    def _title(self, template: str, language: str) -> str:
        found = self.views.deps.templates.get(template)
        return template if found is None else found.title[language]

    def _facts(
        self, row: ExportRequest, names: Mapping[str, str], language: str, t: Translate
    ) -> tuple[Fact, ...]:
        facts = [
            Fact(t("exports.state"), coded(ExportState, row.state).title[language]),
            Fact(t("exports.template"), self._title(row.template, language)),
            Fact(t("exports.area"), self._area(row, language, t)),
            Fact(t("exports.names"), t(_names(row))),
            Fact(t("exports.purpose"), coded(Purpose, row.purpose).title[language]),
            Fact(t("exports.asked"), f"{names.get(row.asked_by, '')} {_at(row.asked_at)}"),
        ]
        if row.decided_at is not None:
            who = names.get(row.decided_by or "", "")
            facts.append(Fact(t("exports.decided"), f"{who} {_at(row.decided_at)}"))
        if row.fetched_at is not None:
            counted = t("exports.rows", count=row.rows or 0)
            facts.append(Fact(t("exports.fetched"), _at(row.fetched_at), counted))
        template = self.views.deps.templates.get(row.template)
        if template is not None:
            facts.append(Fact(t("exports.modelled_on"), template.modelled_on[language]))
        return tuple(facts)

    def _refused(self, request: Request, number: int, verb: str, refused: Refused) -> HTMLResponse:
        said = Returned(verb, {}, {}, refused.sentence[language_of(request)])
        return self.one(request, number, said, 409 if isinstance(refused, Conflict) else 403)


def _names(row: ExportRequest) -> str:
    # What a case system fetches holds none; see `serving.api.tables`.
    if is_client(row.asked_by):
        return "exports.names_none"
    return "exports.names_full" if row.full_names else "exports.names_masked"


def _version(given: Mapping[str, str]) -> int:
    version = given.get("version", "")
    return int(version) if version.isdigit() else 0


def _at(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _notes(row: ExportRequest, t: Translate) -> tuple[Fact, ...]:
    notes = [Fact(t("exports.words"), row.words)]
    if row.decision_words:
        notes.append(Fact(t("exports.decision_words"), row.decision_words))
    return tuple(notes)


def _counts(report: Report, t: Translate) -> str:
    return t(
        "answers.counts", taken=report.count(Done.TAKEN), changed=report.count(Done.CHANGED),
        unchanged=report.count(Done.UNCHANGED), refused=len({error.line for error in report.errors}),
        empty=len(report.empty),
    )  # fmt: skip


def _mistakes(report: Report, language: str, t: Translate) -> Table | None:
    if not report.errors:
        return None
    return Table(
        t("answers.wrong"),
        (t("answers.line"), t("answers.column"), t("answers.reason")),
        tuple(
            (Cell(str(error.line), "number"), Cell(error.column), Cell(error.reason[language]))
            for error in report.errors[:_MISTAKES_SHOWN]
        ),
    )
