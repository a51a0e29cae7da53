"""What coordinators must look at, who is there, and giving out several cases at once.

Escalated cases stand first, then those far beyond their date, those whose holder is away, second reviews,
and what waits. Everybody who works on cases sees their own load here and says when they are away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from serving.review import queries, staff, teamwork
from serving.review.accounts import SignedIn
from serving.review.case import COORDINATORS, WORKERS, Incomplete
from serving.review.listing import PART
from serving.review.tables import Case
from serving.web.forms import day_of
from serving.web.giving import person_field
from serving.web.guard import check_token, language_of
from serving.web.lines import case_lines
from serving.web.pages import CaseLine, Field, Frame, Problem
from serving.web.posted import Form
from serving.web.text import translator
from serving.web.views import Views


@dataclass(frozen=True)
class Section:
    """One list of cases; `pick` if several of them can be given out from here."""

    id: str
    heading: str
    lines: tuple[CaseLine, ...]
    pick: bool


@dataclass(frozen=True)
class PersonLine:
    """One member of staff: what they have in hand and when they are away."""

    id: str
    name: str
    load: str
    full: bool
    away: tuple[tuple[str, str], ...]
    capacity: str


@dataclass(frozen=True)
class CoordinationPage:
    """`outcome`: what became of each case of a bulk assignment that was refused.

    `nothing`: which lists hold no case, in one sentence; only those that hold some are shown.
    """

    frame: Frame
    notice: str
    problems: tuple[Problem, ...]
    outcome: tuple[str, ...]
    sections: tuple[Section, ...]
    nothing: str
    person: Field | None
    reason: Field | None
    people: tuple[PersonLine, ...]
    absence: tuple[Field, ...]
    may_set: bool


def add_coordination(app: FastAPI, views: Views) -> None:
    """The routes of the page and of its forms."""
    pages = _Pages(views)

    @app.get("/coordination")
    def coordination(request: Request, done: str = "") -> Response:
        return pages.show(request, done=done)

    @app.post("/coordination/assign")
    def assign_many(request: Request, form: Form) -> Response:
        return pages.assign(request, form)

    @app.post("/coordination/{what}")
    def tell(request: Request, what: str, form: Form) -> Response:
        if what not in ("absence", "withdraw", "capacity"):
            raise HTTPException(404)
        return pages.tell(request, what, form)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def show(
        self,
        request: Request,
        *,
        done: str = "",
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        outcome: tuple[str, ...] = (),
        status: int = 200,
    ) -> HTMLResponse:
        """The page; given values and errors, its forms come back filled."""
        signed = self._worker(request)
        language = language_of(request)
        t = translator(language)
        frame = self.views.frame(request, signed, t("coordination.title"), "coordination", "/coordination")
        with self.views.deps.store.read() as session:
            page = self._page(session, signed, frame, values or {}, errors or {})
        notice = t("coordination.done") if done == "yes" else ""
        page = CoordinationPage(**{**page.__dict__, "notice": notice, "outcome": outcome})
        return self.views.render("coordination.html", page, frame, status)

    def assign(self, request: Request, values: Mapping[str, str]) -> Response:
        """Give the ticked cases to one person; what was refused is said case by case."""
        signed = self._worker(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        language = language_of(request)
        t = translator(language)
        ticked = [
            (name.removeprefix("case_"), int(version))
            for name, version in values.items()
            if name.startswith("case_") and version.isdigit()
        ]
        errors = {}
        if not ticked:
            errors["person"] = t("coordination.none_ticked")
        elif not values.get("person"):
            errors["person"] = t("coordination.no_person")
        if errors:
            return self.show(request, values=values, errors=errors, status=422)
        deps = self.views.deps
        with deps.store.write() as session:
            done = teamwork.assign_many(
                session, actor=signed.actor, cases=ticked, person=values["person"],
                reason=values.get("reason", ""), now=deps.now(), today=deps.today(),
            )  # fmt: skip
        refused = tuple(f"{one.case_id} {one.refused[language]}" for one in done if one.refused is not None)
        if not refused:
            return RedirectResponse("/coordination?done=yes", status_code=303)
        said = t("coordination.assigned", count=len(done) - len(refused))
        return self.show(request, values=values, outcome=(said, *refused), status=409)

    def tell(self, request: Request, what: str, values: Mapping[str, str]) -> Response:
        """Keep an absence, take one back, or set how many cases somebody can have."""
        signed = self._worker(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        language = language_of(request)
        deps = self.views.deps
        number = values.get("capacity" if what == "capacity" else "absence", "")
        try:
            with deps.store.write() as session:
                if what == "absence":
                    staff.declare_absence(
                        session, actor=signed.actor, account_id=values.get("account", ""),
                        first_day=day_of(values.get("first_day", "")),
                        last_day=day_of(values.get("last_day", "")), now=deps.now(), today=deps.today(),
                    )  # fmt: skip
                elif what == "withdraw":
                    absence = int(number) if number.isdigit() else 0
                    staff.withdraw_absence(session, actor=signed.actor, absence_id=absence, now=deps.now())
                else:
                    staff.set_capacity(
                        session, actor=signed.actor, account_id=values.get("account", ""),
                        capacity=int(number) if number.isdigit() else None, now=deps.now(),
                    )  # fmt: skip
        except staff.NoSuchAccount:
            raise HTTPException(404) from None
        except Incomplete as incomplete:
            errors = {one.field: one.sentence[language] for one in incomplete.problems if one.field}
            return self.show(request, values=values, errors=errors, status=422)
        return RedirectResponse("/coordination?done=yes", status_code=303)

    def _worker(self, request: Request) -> SignedIn:
        signed = self.views.signed_in(request)
        if signed.actor.role not in WORKERS:
            raise HTTPException(404)
        return signed

    def _page(
        self,
        session: Session,
        signed: SignedIn,
        frame: Frame,
        values: Mapping[str, str],
        errors: Mapping[str, str],
    ) -> CoordinationPage:
        t, today, actor = translator(frame.language), self.views.deps.today(), signed.actor
        coordinates = actor.role in COORDINATORS

        def section(name: str, cases: Sequence[Case], *, pick: bool) -> Section:
            return Section(
                id=name,
                heading=t(f"coordination.{name}"),
                lines=case_lines(session, self.views.deps, actor, cases, frame.language),
                pick=pick,
            )

        sections = [section("asked", queries.asked_of(session, actor), pick=False)]
        if coordinates:
            sections += [
                section("escalated", staff.escalated(session, actor), pick=True),
                section("overdue", staff.long_overdue(session, actor, today), pick=True),
                section("absent", staff.cases_of_absent(session, actor, today), pick=True),
            ]
        sections.append(section("second", staff.second_reviews(session, actor), pick=False))
        if coordinates:
            sections.append(section("waiting", queries.queue(session, actor, PART), pick=True))
        people = staff.team(session, actor, today)
        ahead: dict[str, list[tuple[str, str]]] = {}
        for row in staff.absences_ahead(session, today):
            said = t("coordination.away", first=row.first_day.isoformat(), last=row.last_day.isoformat())
            ahead.setdefault(row.account_id, []).append((str(row.id), said))
        return CoordinationPage(
            frame=frame,
            notice="",
            problems=tuple(Problem(sentence, f"c-{name}") for name, sentence in errors.items()),
            outcome=(),
            sections=tuple(part for part in sections if part.lines),
            nothing=t(
                "coordination.nothing",
                lists=t("separator").join(part.heading for part in sections if not part.lines),
            )
            if not all(part.lines for part in sections)
            else "",
            person=person_field(session, actor, today, frame.language, values, errors, field_id="c-person")
            if coordinates
            else None,
            reason=Field(
                id="c-reason",
                name="reason",
                kind="long",
                label=t("field.reason"),
                hint=t("coordination.reason_hint"),
                value=values.get("reason", ""),
            )
            if coordinates
            else None,
            people=tuple(
                PersonLine(
                    id=account.id,
                    name=account.display_name,
                    load=t("coordination.load", load=one.in_hand, capacity=one.capacity),
                    full=not one.has_room,
                    away=tuple(ahead.get(account.id, ())),
                    capacity=str(one.capacity),
                )
                for account, one in people
            ),
            absence=tuple(
                Field(
                    id=f"c-{name}",
                    name=name,
                    kind="date",
                    label=t(f"coordination.{name}"),
                    value=values.get(name, today.isoformat()),
                    error=errors.get(name, ""),
                )
                for name in ("first_day", "last_day")
            ),
            may_set=coordinates,
        )
