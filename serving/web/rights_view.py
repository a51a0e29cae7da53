"""The rights desk: requests about personal data are received, answered in writing, and carried out.

The child's number is looked up and forgotten. The letter and the copy are answers to a form and have no
address of their own, so that each showing is a recorded one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from features.identity import masked_name
from serving.held import everything
from serving.review import audit, rights
from serving.review.access_tables import RightsRow
from serving.review.accounts import SignedIn
from serving.review.case import Incomplete, Refused, coded
from serving.review.opening import ChildFacts
from serving.review.permissions import may_read_notes
from serving.review.records import Sheet
from serving.review.rights import (
    ANSWER,
    BASIS,
    DAYS_STATED,
    ERASING,
    FINISH,
    RECEIVE,
    RECEIVERS,
    WORKING_DAYS,
    AskedBy,
    Doing,
    Ground,
    Identity,
    Right,
    State,
)
from serving.web.components import Cell, Fact, Link, Tab, Table
from serving.web.desk import DeskPage, Returned, desk_form, desk_problems, returned
from serving.web.guard import check_token, language_of
from serving.web.lines import area_words
from serving.web.pages import Frame
from serving.web.posted import Form, number_in_address
from serving.web.record_forms import RecordForm
from serving.web.text import Translate, translator
from serving.web.views import Views

HERE = "/rights"


@dataclass(frozen=True)
class _Back:
    """A form that came back, and what a page says above it."""

    returned: Returned | None = None
    status: int = 200


def add_rights(app: FastAPI, views: Views) -> None:
    """The routes of the rights desk."""
    pages = _Pages(views)

    @app.get(HERE)
    def requests(request: Request, which: str = "") -> Response:
        return pages.listed(request, every=which == "all")

    @app.get(HERE + "/new")
    def new(request: Request) -> Response:
        return pages.form(request)

    @app.post(HERE + "/new")
    def receive(request: Request, given: Form) -> Response:
        return pages.receive(request, given)

    @app.get(HERE + "/{number}")
    def one(request: Request, number: str) -> Response:
        return pages.one(request, number_in_address(number))

    @app.post(HERE + "/{number}/{verb}")
    def step(request: Request, number: str, verb: str, given: Form) -> Response:
        steps: Mapping[str, Callable[[Request, int, Mapping[str, str]], Response]] = {
            ANSWER.verb: pages.answer,
            FINISH.verb: pages.finish,
            "letter": pages.letter,
            "copy": pages.copy,
        }
        if verb not in steps:
            raise HTTPException(404)
        return steps[verb](request, number_in_address(number), given)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def _reader(self, request: Request) -> SignedIn:
        signed = self.views.signed_in(request)
        rights.check_may_read(signed.actor)
        return signed

    def _doing(self, signed: SignedIn) -> Doing:
        return Doing(signed.actor, self.views.deps.now(), self.views.deps.today())

    def listed(self, request: Request, *, every: bool) -> HTMLResponse:
        """The requests of the reader's area."""
        signed, language = self._reader(request), language_of(request)
        t = translator(language)
        with self.views.deps.store.read() as session:
            rows = rights.listed(session, signed.actor, every=every)
        names = self._names(signed, rows, t)
        days = t("rights.days", days=WORKING_DAYS)
        page = DeskPage(
            self.views.frame(request, signed, t("rights.title"), "rights", HERE), t("rights.title"),
            tabs=(
                Tab(HERE, t("rights.waiting"), not every),
                Tab(f"{HERE}?which=all", t("roster.all"), every),
            ),
            hint=days if DAYS_STATED else days + t("rights.not_stated"),
            links=(Link(f"{HERE}/new", RECEIVE.title[language]),) if signed.actor.role in RECEIVERS else (),
            tables=(self._table(rows, names, language, t),),
        )  # fmt: skip
        return self.views.render("desk.html", page, page.frame)

    def _names(self, signed: SignedIn, rows: Sequence[RightsRow], t: Translate) -> dict[str, str]:
        keys = {row.child_key for row in rows}
        known = self.views.deps.names(keys) if may_read_notes(signed.actor) else {}
        return {key: masked_name(known[key]) if key in known else t("no_name") for key in keys}

    def _table(
        self, rows: Sequence[RightsRow], names: Mapping[str, str], language: str, t: Translate
    ) -> Table:
        head = (
            "rights.number",
            "support.child",
            "rights.right",
            "rights.received",
            "rights.due",
            "support.state",
        )
        return Table(
            t("rights.title"),
            tuple(t(name) for name in head),
            tuple(
                (
                    Cell(str(row.id), address=f"{HERE}/{row.id}"),
                    Cell(names[row.child_key]),
                    Cell(coded(Right, row.right).title[language]),
                    Cell(row.received_on.isoformat(), "day"),
                    Cell(row.due_on.isoformat(), "day"),
                    Cell(coded(State, row.state).title[language]),
                )
                for row in rows
            ),
            t("rights.none"),
        )

    def form(self, request: Request, back: _Back = _Back()) -> HTMLResponse:  # frozen
        """The form that receives a request."""
        signed, language = self._reader(request), language_of(request)
        rights.check_may_act(signed.actor)
        title, here = RECEIVE.title[language], f"{HERE}/new"
        page = DeskPage(
            self.views.frame(request, signed, title, "rights", here), title,
            back=Link(HERE, translator(language)("record.back")),
            refusal=back.returned.refusal if back.returned else "", problems=desk_problems(back.returned),
            forms=(desk_form(RECEIVE, here, self.views.deps, language, back.returned),),
        )  # fmt: skip
        return self.views.render("desk.html", page, page.frame, back.status)

    def receive(self, request: Request, given: Mapping[str, str]) -> Response:
        """Register a request; refused, the form comes back without the number."""
        signed, language = self._reader(request), language_of(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        deps, said = self.views.deps, given.get("child", "").strip()
        key = deps.find_child(said) if said else None
        kept = {name: value for name, value in given.items() if name != "child"}
        try:
            facts = deps.about_child(key) if key else ChildFacts()
            with deps.store.write() as session:
                row = rights.receive(session, self._doing(signed), key, facts, given)
        except Incomplete as incomplete:
            if said and key is None:
                # Whoever tries numbers leaves a trace; the number is in none.
                with deps.store.write() as session:
                    audit.write(
                        session, actor=signed.actor.account_id, verb="look_up_in_vain",
                        subject=signed.actor.account_id, now=deps.now(),
                    )  # fmt: skip
            return self.form(request, _Back(returned(RECEIVE, kept, incomplete, language), 422))
        return RedirectResponse(f"{HERE}/{row.id}", status_code=303)

    def one(self, request: Request, number: int, back: _Back = _Back()) -> HTMLResponse:  # frozen
        """One request: what was asked, where it stands, and what may be done."""
        signed, language = self._reader(request), language_of(request)
        t, deps = translator(language), self.views.deps
        heading = t("rights.one", number=number)
        with deps.store.read() as session:
            row = rights.visible(session, signed.actor, number)
        names = self._names(signed, [row], t)
        reads = may_read_notes(signed.actor)
        notes = [
            Fact(t("rights.wish"), (row.wish or t("support.none_chosen")) if reads else t("support.hidden"))
        ]
        if row.answer:
            notes.append(Fact(t("rights.answer"), row.answer if reads else t("support.hidden")))
        page = DeskPage(
            self.views.frame(request, signed, heading, "rights", f"{HERE}/{number}"), heading,
            back=Link(HERE, t("record.back")), refusal=back.returned.refusal if back.returned else "",
            problems=desk_problems(back.returned), facts=self._facts(row, names, language, t),
            notes=tuple(notes), version=row.version,
            forms=self._forms(signed, row, language, back.returned),
        )  # fmt: skip
        return self.views.render("desk.html", page, page.frame, back.status)

    def _facts(
        self, row: RightsRow, names: Mapping[str, str], language: str, t: Translate
    ) -> tuple[Fact, ...]:
        right, late = (
            coded(Right, row.right),
            row.state == State.OPEN.value and row.due_on < self.views.deps.today(),
        )
        found = [
            Fact(t("support.child"), names[row.child_key]),
            Fact(t("support.area"), area_words(self.views.deps, row.area_code, language)),
            Fact(t("rights.right"), right.title[language], BASIS[right][language]),
            Fact(t("rights.asked_by"), coded(AskedBy, row.asked_by).title[language]),
            Fact(t("rights.identity"), coded(Identity, row.identity).title[language]),
            Fact(t("rights.received"), row.received_on.isoformat()),
            Fact(t("rights.due"), row.due_on.isoformat(), late=late),
            Fact(t("support.state"), coded(State, row.state).title[language]),
        ]
        if row.ground:
            found.append(Fact(t("rights.ground"), coded(Ground, row.ground).title[language]))
        if row.state == State.GRANTED.value and right in ERASING:
            found.append(Fact(t("rights.next"), t("rights.queued")))
        return tuple(found)

    def _forms(
        self, signed: SignedIn, row: RightsRow, language: str, back: Returned | None
    ) -> tuple[RecordForm, ...]:
        if signed.actor.role not in RECEIVERS:
            return ()
        t, address = translator(language), f"{HERE}/{row.id}"
        sheets: list[Sheet] = []
        if row.state == State.OPEN.value:
            sheets.append(ANSWER)
        if row.state == State.GRANTED.value and coded(Right, row.right) not in ERASING | {Right.VIEW}:
            sheets.append(FINISH)
        found = [
            desk_form(sheet, f"{address}/{sheet.verb}", self.views.deps, language, back) for sheet in sheets
        ]
        if row.right == Right.VIEW.value and row.state in (State.GRANTED.value, State.DONE.value):
            found.append(RecordForm("copy", t("rights.copy"), f"{address}/copy", t("rights.copy_about"), ()))
        if row.state != State.OPEN.value:
            found.append(RecordForm("letter", t("rights.letter"), f"{address}/letter", "", ()))
        return tuple(found)

    def answer(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """Grant or refuse."""
        return self._step(
            request, number, given, ANSWER,
            lambda session, doing, version, row: rights.answer(
                session, doing, number, version, given, tuple(self.views.deps.keys_of(row.child_key))
            ),
        )  # fmt: skip

    def finish(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """Record that it was done."""
        return self._step(
            request, number, given, FINISH,
            lambda session, doing, version, _: rights.finish(session, doing, number, version, given),
        )  # fmt: skip

    def _step(
        self,
        request: Request,
        number: int,
        given: Mapping[str, str],
        sheet: Sheet,
        do: Callable[[Session, Doing, int, RightsRow], RightsRow],
    ) -> Response:
        signed, language = self._reader(request), language_of(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        version = given.get("version", "")
        try:
            with self.views.deps.store.write() as session:
                row = rights.visible(session, signed.actor, number)
                do(session, self._doing(signed), int(version) if version.isdigit() else 0, row)
        except Incomplete as incomplete:
            return self.one(request, number, _Back(returned(sheet, given, incomplete, language), 422))
        except Refused as refused:
            back = Returned(sheet.verb, given, {}, refused.sentence[language])
            return self.one(request, number, _Back(back, 409))
        return RedirectResponse(f"{HERE}/{number}", status_code=303)

    def _handed_out(self, request: Request, signed: SignedIn, heading: str, number: int) -> Frame:
        frame = self.views.frame(request, signed, heading, "rights", f"{HERE}/{number}")
        return replace(frame, for_family=True)

    def letter(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """The written answer, to be printed in the language of the page."""
        signed, language = self._reader(request), language_of(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        t, deps = translator(language), self.views.deps
        with deps.store.write() as session:
            rights.check_may_act(signed.actor)
            row = rights.visible(session, signed.actor, number)
            if row.state == State.OPEN.value:
                raise HTTPException(404)
            audit.write(
                session, actor=signed.actor.account_id, verb="print_letter", subject=f"right-{row.id}",
                now=deps.now(),
            )  # fmt: skip
        right, heading = coded(Right, row.right), t("rights.letter_title", number=number)
        refused = row.state == State.REFUSED.value
        words = {
            "received": row.received_on.isoformat(), "right": right.title[language],
            "by": coded(AskedBy, row.asked_by).title[language], "basis": BASIS[right][language],
        }  # fmt: skip
        notes = [
            Fact(t("rights.letter_asked"), t("rights.letter_said", **words)),
            Fact(t("rights.decision"), t("rights.letter_refused" if refused else "rights.letter_granted")),
        ]
        if row.ground:
            notes.append(Fact(t("rights.ground"), coded(Ground, row.ground).title[language]))
        notes += [
            Fact(t("rights.answer"), row.answer or t("support.none_chosen")),
            Fact(t("rights.remedy"), t("rights.remedy_words")),
            Fact(
                t("rights.signed"),
                t("rights.signed_words", day=(row.answered_on or deps.today()).isoformat()),
            ),
        ]
        page = DeskPage(
            self._handed_out(request, signed, heading, number), heading,
            back=Link(f"{HERE}/{number}", t("record.back")), notes=tuple(notes),
        )  # fmt: skip
        return self.views.render("desk.html", page, page.frame)

    def copy(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """Everything held about the child, to be printed; the log keeps that it was shown."""
        signed, language = self._reader(request), language_of(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        t, deps = translator(language), self.views.deps
        with deps.store.write() as session:
            row = rights.copied(session, self._doing(signed), number)
        with deps.store.read() as session:
            sections = everything(session, deps.keys_of(row.child_key), deps.held(row.child_key), language)
        heading = t("rights.copy_title", name=self._names(signed, [row], t)[row.child_key])
        page = DeskPage(
            self._handed_out(request, signed, heading, number), heading,
            back=Link(f"{HERE}/{number}", t("record.back")), hint=t("held.about"),
            tables=tuple(
                Table(
                    t(section.name),
                    (t("column.day"), t("column.what"), t("held.words")),
                    tuple(
                        (Cell(line.day, "day"), Cell(line.what), Cell(line.words))
                        for line in section.lines
                    ),
                    t("held.nothing"),
                )
                for section in sections
            ),
        )  # fmt: skip
        return self.views.render("desk.html", page, page.frame)
