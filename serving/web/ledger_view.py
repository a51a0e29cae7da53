"""A ledger entry for a child who has no case: found by its number, for a stated purpose.

The number is looked up and forgotten: it is not stored, not logged, and does not come back in the form. A
child who lives outside the reader's area is as unknown as one nobody registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import FastAPI, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from serving.review import audit, record_actions
from serving.review.accounts import SignedIn
from serving.review.case import Incomplete, Refused
from serving.review.one_child import open_case_of_person
from serving.review.permissions import sees_area
from serving.review.reading import Purpose, check_purpose
from serving.review.record_choices import drawn_entry
from serving.review.record_entries import ENTER
from serving.review.record_store import About, Doing
from serving.review.records import check_role, read
from serving.web.components import Link
from serving.web.guard import check_token, language_of
from serving.web.pages import Choice, Field, Problem
from serving.web.posted import Form
from serving.web.record_forms import field_id, record_form
from serving.web.record_lines import record_address
from serving.web.records_view import RecordFormPage
from serving.web.text import Translate, translator
from serving.web.views import Views

_ADDRESS = "/records/ledger/new"
Given = Mapping[str, str]


def add_ledger(app: FastAPI, views: Views) -> None:
    """The routes of the form."""
    pages = _Pages(views)

    @app.get(_ADDRESS)
    def form(request: Request) -> Response:
        return pages.show(request)

    @app.post(_ADDRESS)
    def enter(request: Request, given: Form) -> Response:
        return pages.enter(request, given)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def show(
        self,
        request: Request,
        given: Given | None = None,
        errors: Given | None = None,
        refusal: str = "",
        status: int = 200,
    ) -> HTMLResponse:
        """The form, empty or come back filled but for the number."""
        signed = self._allowed(request)
        language, deps = language_of(request), self.views.deps
        t, wrong = translator(language), errors or {}
        with deps.store.read() as session:
            drawn = drawn_entry(
                session, ENTER, profile=deps.profile, actor=signed.actor, area_code=signed.actor.area_prefix
            )
        form = record_form(
            drawn, language=language, action=_ADDRESS, today=deps.today(), t=t, values=given, errors=wrong
        )
        form = replace(form, fields=(*_who(given or {}, wrong, language, t), *form.fields))
        page = RecordFormPage(
            frame=self.views.frame(request, signed, t("ledger.new"), "support", _ADDRESS),
            heading=t("ledger.new"),
            refusal=refusal,
            problems=tuple(Problem(said, field_id(ENTER.verb, name)) for name, said in wrong.items()),
            form=form,
            back=Link("/records/ledger", t("record.back")),
            picks=(),
        )
        return self.views.render("record_form.html", page, page.frame, status)

    def enter(self, request: Request, given: Given) -> Response:
        """Enter the child; the one audit event says what for."""
        signed = self._allowed(request)
        check_token(signed.csrf_token, given.get("csrf", ""))
        language, deps = language_of(request), self.views.deps
        child_key, area = self._find(signed, given.get("child", ""))
        purpose, errors = _purpose(given.get("purpose", "")), self._missing(signed, given, language)
        if child_key is None:
            errors = {"child": translator(language)("raise.child_unknown"), **errors}
        if child_key is None or purpose is None or errors:
            return self.show(request, given, errors, status=422)
        doing = Doing(signed.actor, deps.now(), deps.today(), deps.profile, deps.keys_of)
        try:
            with deps.store.write() as session:
                case = open_case_of_person(session, deps.keys_of(child_key))
                mine = case is not None and sees_area(signed.actor, case.area_code)
                about = About(child_key, area, case.id if case is not None and mine else None)
                row = record_actions.enter_ledger(session, doing, about, given, purpose=purpose.value)
        except Refused as refused:
            return self.show(request, given, refusal=refused.sentence[language], status=409)
        return RedirectResponse(f"{record_address(row)}?done={ENTER.verb}", status_code=303)

    def _allowed(self, request: Request) -> SignedIn:
        signed = self.views.signed_in(request)
        check_role(ENTER, signed.actor.role)
        return signed

    def _find(self, signed: SignedIn, number: str) -> tuple[str | None, str]:
        """The child of this number and its area, if it lives where the reader works."""
        deps = self.views.deps
        key = deps.find_child(number)
        area = "" if key is None else deps.about_child(key).area_code
        if key is not None and sees_area(signed.actor, area):
            return key, area
        if number.strip():
            # Whoever tries numbers leaves a trace; the number is in none.
            with deps.store.write() as session:
                audit.write(
                    session, actor=signed.actor.account_id, verb="look_up_in_vain",
                    subject=signed.actor.account_id, now=deps.now(),
                )  # fmt: skip
        return None, ""

    def _missing(self, signed: SignedIn, given: Given, language: str) -> dict[str, str]:
        """What is missing of the purpose and of the entry itself, all at once."""
        deps = self.views.deps
        problems: list[Refused] = []
        with deps.store.read() as session:
            drawn = drawn_entry(
                session, ENTER, profile=deps.profile, actor=signed.actor, area_code=signed.actor.area_prefix
            )
        try:
            check_purpose(_purpose(given.get("purpose", "")))
        except Incomplete as incomplete:
            problems += incomplete.problems
        try:
            read(drawn, given, deps.today())
        except Incomplete as incomplete:
            problems += incomplete.problems
        return {one.field: one.sentence[language] for one in problems if one.field}


def _purpose(value: str) -> Purpose | None:
    return next((one for one in Purpose if one.value == value), None)


def _who(given: Given, errors: Given, language: str, t: Translate) -> tuple[Field, Field]:
    chosen = given.get("purpose", "")
    return (
        Field(
            id=field_id(ENTER.verb, "child"),
            name="child",
            kind="text",
            label=t("raise.child"),
            hint=t("raise.child_hint"),
            error=errors.get("child", ""),
        ),
        Field(
            id=field_id(ENTER.verb, "purpose"),
            name="purpose",
            kind="select",
            label=t("page_of_child.purpose"),
            error=errors.get("purpose", ""),
            choices=(
                Choice("", t("field.choose"), not chosen),
                *(Choice(one.value, one.title[language], one.value == chosen) for one in Purpose),
            ),
        ),
    )
