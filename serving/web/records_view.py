"""Pages of the records beside the case: one record, all of one child, and the forms that make them.

Which form there is, for whom and when, follows from the declared entries; a form that cannot be taken
comes back filled, with what is wrong beside the field. Printing a record leaves an event in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from features.guardianship import TreeError, tree_named, trees
from serving.review import queries, record_actions
from serving.review.accounts import SignedIn
from serving.review.case import Incomplete, Refused, coded
from serving.review.permissions import sees_area
from serving.review.record_choices import drawn_entry
from serving.review.record_entries import ASSESSORS, MAKING, assess_entry, steps_of
from serving.review.record_queries import records_of
from serving.review.record_store import About, Doing, Row, about_case, log, visible
from serving.review.record_tables import LedgerEntry, PlanRow, ReferralRow
from serving.review.records import Entry, Kind, State, box, check_role
from serving.web.components import Fact, Link, Tab, Table
from serving.web.guard import check_token, language_of
from serving.web.lines import case_address
from serving.web.pages import Frame, Problem
from serving.web.posted import Form, number_in_address
from serving.web.record_forms import RecordForm, field_id, record_form
from serving.web.record_lines import Saying, facts, listed_table, notes, record_address, tables
from serving.web.text import Translate, translator
from serving.web.views import Views

Given = Mapping[str, str]


@dataclass(frozen=True)
class RecordPage:
    """One record: at a glance, what was written, what happened, and what may be recorded next."""

    frame: Frame
    heading: str
    notice: str
    refusal: str
    problems: tuple[Problem, ...]
    version: int
    facts: tuple[Fact, ...]
    notes: tuple[Fact, ...]
    tables: tuple[Table, ...]
    forms: tuple[RecordForm, ...]
    back: Link
    print_action: str
    printing: bool


@dataclass(frozen=True)
class RecordFormPage:
    """The form that makes a record; `picks` lead to the same form with other indicators."""

    frame: Frame
    heading: str
    refusal: str
    problems: tuple[Problem, ...]
    form: RecordForm
    back: Link
    picks: tuple[Tab, ...]


@dataclass(frozen=True)
class ChildRecordsPage:
    """All records of the child of a case, and the forms that make more."""

    frame: Frame
    heading: str
    tables: tuple[Table, ...]
    adds: tuple[Link, ...]
    back: Link


@dataclass(frozen=True)
class _Back:
    """A form that was not taken: what was in it, the sentence for each field, or one for the whole."""

    verb: str
    given: Given
    errors: Given
    refusal: str = ""


def add_records(app: FastAPI, views: Views) -> None:
    """The routes of records."""
    pages = _Pages(views)

    @app.get("/records/report/new")
    def new_report(request: Request) -> Response:
        return pages.form(request, Kind.REPORT, None)

    @app.post("/records/report/new")
    def make_report(request: Request, given: Form) -> Response:
        return pages.make(request, Kind.REPORT, None, given)

    @app.get("/records/{kind}/{number}")
    def record(request: Request, kind: str, number: str, done: str = "") -> Response:
        return pages.record(request, _kind(kind), number_in_address(number), saved=bool(done))

    @app.post("/records/{kind}/{number}/print")
    def print_record(request: Request, kind: str, number: str, given: Form) -> Response:
        return pages.printed(request, _kind(kind), number_in_address(number), given)

    @app.post("/records/{kind}/{number}/{verb}")
    def step(request: Request, kind: str, number: str, verb: str, given: Form) -> Response:
        return pages.step(request, _kind(kind), number_in_address(number), verb, given)

    @app.get("/cases/{case_id}/support")
    def child_records(request: Request, case_id: str) -> Response:
        return pages.child(request, case_id)

    @app.get("/cases/{case_id}/add/{kind}")
    def add(request: Request, case_id: str, kind: str, tree: str = "") -> Response:
        return pages.form(request, _kind(kind), case_id, tree)

    @app.post("/cases/{case_id}/add/{kind}")
    def make(request: Request, case_id: str, kind: str, given: Form, tree: str = "") -> Response:
        return pages.make(request, _kind(kind), case_id, given, tree)


def _kind(text: str) -> Kind:
    if text not in {kind.value for kind in Kind}:
        raise HTTPException(404)
    return coded(Kind, text)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def _doing(self, signed: SignedIn) -> Doing:
        deps = self.views.deps
        return Doing(signed.actor, deps.now(), deps.today(), deps.profile, deps.keys_of)

    def _say(self, session: Session, signed: SignedIn, language: str) -> Saying:
        return Saying.of(session, self.views.deps, signed.actor, language, queries.display_names(session))

    # --- one record -------------------------------------------------------------------------------

    def record(self, request: Request, kind: Kind, number: int, *, saved: bool = False) -> HTMLResponse:
        """One record of the actor's area."""
        signed = self.views.signed_in(request)
        notice = translator(language_of(request))("record.saved") if saved else ""
        return self._record(request, signed, kind, number, notice=notice)

    def step(self, request: Request, kind: Kind, number: int, verb: str, given: Given) -> Response:
        """Do a step; refused, the page comes back with the form as it was filled."""
        signed = self.views.signed_in(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, version = language_of(request), given.get("version", "")
        try:
            with self.views.deps.store.write() as session:
                seen = int(version) if version.isdigit() else 0
                row = record_actions.do(session, self._doing(signed), kind, number, seen, verb, given)
        except Incomplete as incomplete:
            errors = {each.field: each.sentence[language] for each in incomplete.problems if each.field}
            return self._record(request, signed, kind, number, _Back(verb, given, errors), status=422)
        except Refused as refused:
            back = _Back(verb, given, {}, refused.sentence[language])
            return self._record(request, signed, kind, number, back, status=409)
        return RedirectResponse(f"{record_address(row)}?done={verb}", status_code=303)

    def printed(self, request: Request, kind: Kind, number: int, given: Given) -> Response:
        """The record once more, to be printed; the log keeps that it was."""
        signed = self.views.signed_in(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        with self.views.deps.store.write() as session:
            row = visible(session, signed.actor, kind, number)
            log(session, self._doing(signed), row, "print")
        notice = translator(language_of(request))("record.printing")
        return self._record(request, signed, kind, number, notice=notice, printing=True)

    def _record(
        self,
        request: Request,
        signed: SignedIn,
        kind: Kind,
        number: int,
        back: _Back | None = None,
        *,
        notice: str = "",
        printing: bool = False,
        status: int = 200,
    ) -> HTMLResponse:
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        heading = t("record.title", kind=kind.title[language], number=number)
        with deps.store.read() as session:
            row = visible(session, signed.actor, kind, number)
            say = self._say(session, signed, language)
            address = record_address(row)
            frame = self.views.frame(request, signed, heading, "support", address)
            forms = () if printing else self._forms(session, signed, row, kind, language, back)
            page = RecordPage(
                frame=frame, heading=heading, notice=notice, refusal=back.refusal if back else "",
                problems=_problems(back), version=row.version, facts=facts(say, row, deps.today()),
                notes=notes(say, row), tables=tables(say, row), forms=forms, back=_back_to(row, t),
                print_action=f"{address}/print", printing=printing,
            )  # fmt: skip
        return self.views.render("record.html", page, frame, status)

    def _forms(
        self, session: Session, signed: SignedIn, row: Row, kind: Kind, language: str, back: _Back | None
    ) -> tuple[RecordForm, ...]:
        deps, actor = self.views.deps, signed.actor
        found = []
        for entry in steps_of(kind, coded(State, row.state), actor.role):
            drawn = drawn_entry(
                session, entry, profile=deps.profile, actor=actor, area_code=row.area_code, row=row
            )
            mine = back if back is not None and back.verb == entry.verb else None
            form = record_form(
                drawn,
                language=language,
                action=f"{record_address(row)}/{entry.verb}",
                today=deps.today(),
                t=translator(language),
                values=mine.given if mine else _as_it_stands(entry, row),
                errors=mine.errors if mine else None,
            )
            found.append(replace(form, open=mine is not None))
        return tuple(found)

    # --- making a record --------------------------------------------------------------------------

    def form(
        self,
        request: Request,
        kind: Kind,
        case_id: str | None,
        tree: str = "",
        back: _Back | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """The form that makes a record of this kind."""
        signed = self.views.signed_in(request)
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        entry = _making(kind, tree)
        check_role(entry, signed.actor.role)
        with deps.store.read() as session:
            about = self._about(session, signed, case_id, kind)
            drawn = drawn_entry(
                session, entry, profile=deps.profile, actor=signed.actor, area_code=about.area_code
            )
        address = "/records/report/new" if case_id is None else f"/cases/{case_id}/add/{kind.value}"
        action = f"{address}?tree={tree}" if tree else address
        form = record_form(
            drawn, language=language, action=action, today=deps.today(), t=t,
            values=back.given if back else None, errors=back.errors if back else None,
        )  # fmt: skip
        frame = self.views.frame(request, signed, form.title, "support", action)
        to = Link("/records/report", t("record.back")) if case_id is None else _to_child(case_id, t)
        page = RecordFormPage(
            frame, form.title, back.refusal if back else "", _problems(back), form, to,
            _picks(address, tree, language) if kind is Kind.ASSESSMENT else (),
        )  # fmt: skip
        return self.views.render("record_form.html", page, frame, status)

    def make(
        self, request: Request, kind: Kind, case_id: str | None, given: Given, tree: str = ""
    ) -> Response:
        """Make the record; refused, the form comes back filled."""
        signed = self.views.signed_in(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, entry = language_of(request), _making(kind, tree)
        try:
            with self.views.deps.store.write() as session:
                doing, about = self._doing(signed), self._about(session, signed, case_id, kind)
                row = _make(session, doing, kind, about, tree, given)
        except Incomplete as incomplete:
            errors = {each.field: each.sentence[language] for each in incomplete.problems if each.field}
            return self.form(request, kind, case_id, tree, _Back(entry.verb, given, errors), 422)
        except Refused as refused:
            back = _Back(entry.verb, given, {}, refused.sentence[language])
            return self.form(request, kind, case_id, tree, back, 409)
        # Who answers for no area may report all the same; the county screener sees it, its reporter the list.
        seen = sees_area(signed.actor, row.area_code)
        to = record_address(row) if seen else f"/records/{kind.value}"
        return RedirectResponse(f"{to}?done={entry.verb}", status_code=303)

    def _about(self, session: Session, signed: SignedIn, case_id: str | None, kind: Kind) -> About:
        if case_id is None:
            return About(None, signed.actor.area_prefix, None)
        # A mandatory report is the one thing an emergency opening lets somebody record.
        return about_case(session, signed.actor, case_id, opened=kind is Kind.REPORT)

    # --- all of one child -------------------------------------------------------------------------

    def child(self, request: Request, case_id: str) -> HTMLResponse:
        """All records of the child of a case, and the forms this actor may fill."""
        signed = self.views.signed_in(request)
        language = language_of(request)
        t = translator(language)
        heading = t("support.child_support", id=case_id)
        with self.views.deps.store.read() as session:
            about = about_case(session, signed.actor, case_id, opened=True)
            found = records_of(session, *self.views.deps.keys_of(about.child_key or ""))
            say = self._say(session, signed, language)
            rows: tuple[tuple[Kind, list[Row]], ...] = (
                (Kind.LEDGER, [*found.ledger]),
                (Kind.ASSESSMENT, [*found.assessments]),
                (Kind.REPORT, [*found.reports]),
                (Kind.REFERRAL, [*found.referrals]),
                (Kind.PLAN, [*found.plans]),
            )
            shown = tuple(listed_table(say, part, kind.title[language], child=False) for kind, part in rows)
        frame = self.views.frame(request, signed, heading, "support", f"/cases/{case_id}/support")
        role = signed.actor.role
        adds = tuple(
            Link(f"/cases/{case_id}/add/{kind.value}", _making(kind).title[language])
            for kind in Kind
            if role in (ASSESSORS if kind is Kind.ASSESSMENT else MAKING[kind].by)
        )
        page = ChildRecordsPage(
            frame, heading, shown, adds, Link(case_address(case_id), t("support.child_to_case"))
        )
        return self.views.render("child_records.html", page, frame)


def _making(kind: Kind, tree: str = "") -> Entry:
    if kind is not Kind.ASSESSMENT:
        return MAKING[kind]
    try:
        return assess_entry(tree_named(tree) if tree else trees()[-1])
    except TreeError:
        raise HTTPException(404) from None


def _make(session: Session, doing: Doing, kind: Kind, about: About, tree: str, given: Given) -> Row:
    match kind:
        case Kind.LEDGER:
            return record_actions.enter_ledger(session, doing, about, given)
        case Kind.ASSESSMENT:
            return record_actions.assess(
                session, doing, about, tree_named(tree) if tree else trees()[-1], given
            )
        case Kind.REPORT:
            return record_actions.report(session, doing, about, given)
        case Kind.REFERRAL:
            return record_actions.refer(session, doing, about, given)
        case Kind.PLAN:
            return record_actions.make_plan(session, doing, about, given)


def _as_it_stands(entry: Entry, row: Row) -> Given:
    """What a form starts with: a change starts from what is there."""
    if isinstance(row, LedgerEntry) and entry.verb == "review_ledger":
        return {box("categories", code): "yes" for code in row.categories}
    if isinstance(row, PlanRow) and entry.verb == "change_plan":
        return {"goals": row.note, "agreement": "not_asked"}
    if isinstance(row, ReferralRow) and entry.verb == "refer_on":
        return {"service": row.service}
    return {}


def _problems(back: _Back | None) -> tuple[Problem, ...]:
    if back is None:
        return ()
    return tuple(Problem(sentence, field_id(back.verb, name)) for name, sentence in back.errors.items())


def _picks(address: str, tree: str, language: str) -> tuple[Tab, ...]:
    chosen = tree or trees()[-1].code
    return tuple(
        Tab(f"{address}?tree={each.code}", each.title[language], each.code == chosen) for each in trees()
    )


def _to_child(case_id: str, t: Translate) -> Link:
    return Link(f"/cases/{case_id}/support", t("support.child_support", id=case_id))


def _back_to(row: Row, t: Translate) -> Link:
    if row.case_id:
        return _to_child(row.case_id, t)
    return Link(record_address(row).rsplit("/", 1)[0], t("record.back"))
