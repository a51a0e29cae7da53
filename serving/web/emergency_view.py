"""Pages of emergency openings: opening a case outside one's area, and the list of those to be reviewed.

A number that was typed in is looked up and forgotten; it does not come back in the form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, RedirectResponse

from features.language import Text
from serving.review import emergency, queries
from serving.review.access_tables import OpeningRow
from serving.review.accounts import SignedIn
from serving.review.acting import NotFound
from serving.review.case import Incomplete, Refused, coded
from serving.review.emergency import OPEN, REVIEW, Verdict, Why
from serving.review.permissions import sees_area
from serving.review.records import Sheet
from serving.web.components import Cell, Fact, Link, Tab, Table
from serving.web.deps import CHINA
from serving.web.desk import DeskPage, Returned, desk_form, desk_problems, returned
from serving.web.guard import check_token, language_of
from serving.web.lines import area_words, case_address
from serving.web.posted import Form, number_in_address
from serving.web.record_forms import RecordForm
from serving.web.text import Translate, translator
from serving.web.views import Views

HERE = "/emergency"
ENDING = "end"
LIST = "/emergency/review"
_CASE = re.compile(r"[a-z2-7]{10}")


def add_emergency(app: FastAPI, views: Views) -> None:
    """The routes of emergency openings."""
    pages = _Pages(views)

    @app.get(HERE)
    def form(request: Request) -> Response:
        return pages.form(request)

    @app.post(HERE)
    def send(request: Request, given: Form) -> Response:
        return pages.send(request, given)

    @app.get(LIST)
    def openings(request: Request, which: str = "") -> Response:
        return pages.openings(request, every=which == "all")

    @app.post(HERE + "/{number}/end")
    def end(request: Request, number: str, given: Form) -> Response:
        return pages.end(request, number_in_address(number), given)

    @app.get(HERE + "/{number}")
    def opening(request: Request, number: str) -> Response:
        return pages.opening(request, number_in_address(number))

    @app.post(HERE + "/{number}")
    def review(request: Request, number: str, given: Form) -> Response:
        return pages.review(request, number_in_address(number), given)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def form(self, request: Request, back: Returned | None = None, status: int = 200) -> HTMLResponse:
        """The form, and what this worker has open now."""
        signed = self.views.signed_in(request)
        emergency.check_may_open(signed.actor)
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        frame = self.views.frame(request, signed, OPEN.title[language], "emergency", HERE)
        with deps.store.read() as session:
            rows = emergency.mine(session, signed.actor, deps.now())
            others = emergency.open_here(session, signed.actor, deps.now())
            names = queries.display_names(session) if others else {}
        page = DeskPage(
            frame, OPEN.title[language],
            refusal=back.refusal if back else "", problems=desk_problems(back),
            tables=(
                *((_open_now(rows, t),) if rows else ()),
                *((_open_by_others(others, names, t),) if others else ()),
            ),
            forms=(
                desk_form(OPEN, HERE, deps, language, back),
                *self._ends([*rows, *others], language),
            ),
        )  # fmt: skip
        return self.views.render("desk.html", page, frame, status)

    def send(self, request: Request, given: Mapping[str, str]) -> Response:
        """Open the case, or say what is missing."""
        signed = self.views.signed_in(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, deps = language_of(request), self.views.deps
        t, actor = translator(language), signed.actor
        emergency.check_may_open(actor)
        kept = {name: value for name, value in given.items() if name != "child"}
        try:
            with deps.store.write() as session:
                row = emergency.open_case(
                    session, actor=actor, case_id=self._find(session, given.get("child", "")), given=given,
                    now=deps.now(), today=deps.today(), lasts=deps.emergency_lasts,
                )  # fmt: skip
        except Incomplete as incomplete:
            return self.form(request, returned(OPEN, kept, incomplete, language), 422)
        except Refused as refused:
            return self.form(request, Returned(OPEN.verb, kept, {}, refused.sentence[language]), 409)
        if row is None:
            return self.form(request, Returned(OPEN.verb, kept, {"child": t("emergency.nothing")}), 422)
        return RedirectResponse(case_address(row.case_id), status_code=303)

    def _ends(self, rows: Sequence[OpeningRow], language: str) -> list[RecordForm]:
        """One button for each case that somebody has open."""
        once = {(row.case_id, row.account_id): row for row in reversed(rows)}
        return [
            desk_form(_ending(row), f"{HERE}/{row.id}/end", self.views.deps, language, None)
            for row in once.values()
        ]

    def end(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """Close an opening now, and back to where it was asked for."""
        signed = self.views.signed_in(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, deps = language_of(request), self.views.deps
        opens = signed.actor.role in emergency.OPENERS
        try:
            with deps.store.write() as session:
                emergency.end(session, actor=signed.actor, number=number, now=deps.now())
        except Refused as refused:
            back = Returned(ENDING, {}, {}, refused.sentence[language])
            return self.form(request, back, 409) if opens else self.opening(request, number, back, 409)
        return RedirectResponse(HERE if opens else f"{HERE}/{number}", status_code=303)

    def _find(self, session: Session, said: str) -> str | None:
        """The case of this number, or of the child of this ID number."""
        words = said.strip()
        if _CASE.fullmatch(words.lower()):
            return words.lower()
        key = self.views.deps.find_child(words) if words else None
        return emergency.case_of_child(session, self.views.deps.keys_of(key)) if key else None

    def openings(self, request: Request, *, every: bool) -> HTMLResponse:
        """The openings of the reader's area: those to be reviewed, or all."""
        signed = self._reviewer(request)
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        frame = self.views.frame(request, signed, t("emergency.list"), "openings", LIST)
        with deps.store.read() as session:
            rows = emergency.to_review(session, signed.actor, every=every)
            waiting = emergency.count_to_review(session, signed.actor)
            names = queries.display_names(session)
        tabs = (
            Tab(LIST, t("emergency.waiting"), not every, t("support.count", count=waiting)),
            Tab(f"{LIST}?which=all", t("roster.all"), every),
        )
        page = DeskPage(
            frame, t("emergency.list"), tabs=tabs, hint=t("emergency.list_about"),
            tables=(_listed(rows, names, language, t),),
        )  # fmt: skip
        return self.views.render("desk.html", page, frame)

    def opening(
        self, request: Request, number: int, back: Returned | None = None, status: int = 200
    ) -> HTMLResponse:
        """One opening: who, what for, what was looked at, and the verdict or its form."""
        signed = self._reviewer(request)
        language, deps = language_of(request), self.views.deps
        t = translator(language)
        heading = t("emergency.one", number=number)
        frame = self.views.frame(request, signed, heading, "openings", f"{HERE}/{number}")
        with deps.store.read() as session:
            row = session.get(OpeningRow, number)
            if row is None or not sees_area(signed.actor, row.area_code):
                raise NotFound(str(number))
            names = queries.display_names(session)
            looks = emergency.looks(session, row)
            is_open = row.until > deps.now()
        facts = (
            Fact(t("column.case"), row.case_id, address=case_address(row.case_id)),
            Fact(t("support.area"), area_words(deps, row.area_code, language)),
            Fact(t("column.who"), names.get(row.account_id, "")),
            Fact(t("emergency.reason"), coded(Why, row.reason).title[language]),
            Fact(t("emergency.from_to"), f"{_at(row.opened_at)} – {_at(row.until)}"),
            Fact(t("emergency.looks"), str(looks)),
            Fact(t("emergency.verdict"), _verdict(row, language, t), names.get(row.reviewed_by or "", "")),
        )
        notes = [Fact(t("emergency.words"), row.words or t("support.none_chosen"))]
        if row.verdict_words:
            notes.append(Fact(t("emergency.verdict_words"), row.verdict_words))
        page = DeskPage(
            frame, heading, back=Link(LIST, t("record.back")), refusal=back.refusal if back else "",
            problems=desk_problems(back), facts=facts, notes=tuple(notes),
            forms=(
                *(() if row.verdict else (desk_form(REVIEW, f"{HERE}/{number}", deps, language, back),)),
                *(self._ends([row], language) if is_open and signed.actor.role in emergency.ENDERS else ()),
            ),
        )  # fmt: skip
        return self.views.render("desk.html", page, frame, status)

    def review(self, request: Request, number: int, given: Mapping[str, str]) -> Response:
        """Say whether the opening was justified."""
        signed = self._reviewer(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, deps = language_of(request), self.views.deps
        try:
            with deps.store.write() as session:
                emergency.review(
                    session, actor=signed.actor, number=number, given=given, now=deps.now(),
                    today=deps.today(),
                )  # fmt: skip
        except Incomplete as incomplete:
            return self.opening(request, number, returned(REVIEW, given, incomplete, language), 422)
        except Refused as refused:
            return self.opening(
                request, number, Returned(REVIEW.verb, given, {}, refused.sentence[language]), 409
            )
        return RedirectResponse(LIST, status_code=303)

    def _reviewer(self, request: Request) -> SignedIn:
        signed = self.views.signed_in(request)
        emergency.check_may_review(signed.actor)
        return signed


def _at(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _verdict(row: OpeningRow, language: str, t: Translate) -> str:
    return coded(Verdict, row.verdict).title[language] if row.verdict else t("emergency.waiting")


def _open_now(rows: Sequence[OpeningRow], t: Translate) -> Table:
    return Table(
        t("emergency.mine"),
        (t("column.case"), t("emergency.until")),
        tuple(
            (Cell(row.case_id, address=case_address(row.case_id)), Cell(_at(row.until), "day"))
            for row in rows
        ),
    )


def _open_by_others(rows: Sequence[OpeningRow], names: Mapping[str, str], t: Translate) -> Table:
    return Table(
        t("emergency.others"),
        (t("column.case"), t("column.who"), t("emergency.until")),
        tuple(
            (
                Cell(row.case_id, address=case_address(row.case_id)),
                Cell(names.get(row.account_id, "")),
                Cell(_at(row.until), "day"),
            )
            for row in rows
        ),
    )


def _ending(row: OpeningRow) -> Sheet:
    return Sheet(
        verb=f"{ENDING}-{row.id}",
        title=Text(f"现在结束对 {row.case_id} 的紧急查看", f"End the emergency opening of {row.case_id} now"),
    )


def _listed(rows: Sequence[OpeningRow], names: Mapping[str, str], language: str, t: Translate) -> Table:
    return Table(
        t("emergency.list"),
        (
            t("emergency.number"), t("column.who"), t("column.case"), t("emergency.reason"),
            t("emergency.from"), t("emergency.verdict"),
        ),
        tuple(
            (
                Cell(str(row.id), address=f"{HERE}/{row.id}"),
                Cell(names.get(row.account_id, "")),
                Cell(row.case_id),
                Cell(coded(Why, row.reason).title[language]),
                Cell(_at(row.opened_at), "day"),
                Cell(_verdict(row, language, t)),
            )
            for row in rows
        ),
        t("emergency.none"),
    )  # fmt: skip
