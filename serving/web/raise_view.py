"""Raising a child by hand: a family that declares itself, or a worker who has seen a reason.

The child is named by its number or key, which is looked up and forgotten: it is not stored, not logged, and
does not come back in the form when something is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from serving.review import audit, queries, requests
from serving.review.accounts import SignedIn
from serving.review.case import WORKERS, Incomplete
from serving.web.guard import check_token, language_of
from serving.web.lines import case_address
from serving.web.pages import Choice, Field, Frame, Problem
from serving.web.posted import Form
from serving.web.text import translator
from serving.web.views import Views

_LANES = {lane.value: lane for lane in requests.LANES}


@dataclass(frozen=True)
class RaisePage:
    """The form, empty or come back; `done` says what became of it."""

    frame: Frame
    problems: tuple[Problem, ...]
    fields: tuple[Field, ...]
    done: str


def add_raise(app: FastAPI, views: Views) -> None:
    """The routes of the form."""
    pages = _Pages(views)

    @app.get("/raise")
    def form(request: Request, done: str = "") -> Response:
        return pages.show(request, done=done == "yes")

    @app.post("/raise")
    def send(request: Request, form: Form) -> Response:
        return pages.send(request, form)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def show(
        self,
        request: Request,
        *,
        done: bool = False,
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """The form."""
        signed = self._worker(request)
        t = translator(language_of(request))
        frame = self.views.frame(request, signed, t("raise.title"), "raise", "/raise")
        given, wrong = values or {}, errors or {}
        fields = (
            Field(
                id="lane",
                name="lane",
                kind="radio",
                label=t("raise.lane"),
                error=wrong.get("lane", ""),
                choices=tuple(
                    Choice(lane, t(f"raise.lane.{lane}"), lane == given.get("lane")) for lane in _LANES
                ),
            ),
            Field(
                id="child",
                name="child",
                kind="text",
                label=t("raise.child"),
                hint=t("raise.child_hint"),
                error=wrong.get("child", ""),
            ),
            Field(
                id="reason",
                name="reason",
                kind="long",
                label=t("raise.reason"),
                hint=t("raise.reason_hint"),
                value=given.get("reason", ""),
                error=wrong.get("reason", ""),
            ),
        )
        problems = tuple(Problem(sentence, name) for name, sentence in wrong.items())
        page = RaisePage(frame, problems, fields, t("raise.done") if done else "")
        return self.views.render("raise.html", page, frame, status)

    def send(self, request: Request, values: Mapping[str, str]) -> Response:
        """Open a case, or join the one that is open."""
        signed = self._worker(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        language = language_of(request)
        t, deps = translator(language), self.views.deps
        lane = _LANES.get(values.get("lane", ""))
        child_key = deps.find_child(values.get("child", ""))
        errors = {}
        if lane is None:
            errors["lane"] = t("raise.lane_missing")
        if child_key is None:
            errors["child"] = t("raise.child_unknown")
        if not values.get("reason", "").strip():
            errors["reason"] = t("raise.reason_missing")
        if child_key is None and values.get("child", "").strip():
            # Whoever tries numbers leaves a trace; the number is in none.
            with deps.store.write() as session:
                audit.write(
                    session, actor=signed.actor.account_id, verb="look_up_in_vain",
                    subject=signed.actor.account_id, now=deps.now(),
                )  # fmt: skip
        if lane is None or child_key is None or errors:
            return self.show(request, values=values, errors=errors, status=422)
        tiers = {tier.code: tier.contact_within_days for tier in deps.tiers()}
        try:
            with deps.store.write() as session:
                case = requests.raise_by_hand(
                    session, actor=signed.actor, lane=lane, child_key=child_key,
                    facts=deps.about_child(child_key), reason=values["reason"], tier_days=tiers,
                    tier=deps.tier_of_requests, now=deps.now(), today=deps.today(), keys_of=deps.keys_of,
                )  # fmt: skip
                seen = queries.case_for(session, signed.actor, case.id) is not None
        except Incomplete as incomplete:
            errors = {one.field: one.sentence[language] for one in incomplete.problems if one.field}
            return self.show(request, values=values, errors=errors, status=422)
        return RedirectResponse(case_address(case.id) if seen else "/raise?done=yes", status_code=303)

    def _worker(self, request: Request) -> SignedIn:
        signed = self.views.signed_in(request)
        if signed.actor.role not in WORKERS:
            raise HTTPException(404)
        return signed
