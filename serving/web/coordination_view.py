"""What coordinators must look at, who is there, and giving out several cases at once.

What one was asked stands first, then escalated cases, those far beyond their date, those whose holder is
away and second reviews: the first of each, the rest a link away in the queue, which also gives out what
waits. Everybody who works on cases sees their own load here and says when they are away.
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
from serving.review.life_tables import AbsenceRow
from serving.review.permissions import Actor
from serving.review.queries import Member
from serving.review.suggestion import Colleague
from serving.web.components import Link
from serving.web.forms import day_of
from serving.web.giving import person_field
from serving.web.guard import check_token, language_of
from serving.web.lines import case_lines
from serving.web.pages import CaseLine, Choice, Field, Frame, Problem
from serving.web.posted import Form
from serving.web.text import Translate, translator
from serving.web.views import Views

# As many cases of each list as stand here.
SHOWN = 20
# Which lists can be given out from here, and where each is whole.
_PICKED = ("escalated", "overdue", "absent")
_WHOLE = {
    "escalated": "/?list=escalated",
    "overdue": "/?list=overdue&sort=due",
    "absent": "/?list=absent",
    "second": "/?list=second",
}


@dataclass(frozen=True)
class Section:
    """The first cases of one list; `pick` if several of them can be given out from here.

    `more`: where the whole list is, if this is not all of it.
    """

    id: str
    heading: str
    lines: tuple[CaseLine, ...]
    pick: bool
    more: Link | None


@dataclass(frozen=True)
class PersonLine:
    """One member of staff: what they have in hand, and absences by number, in words."""

    name: str
    load: str
    full: bool
    away: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CoordinationPage:
    """`outcome`: what became of each case of a bulk assignment that was refused.

    `nothing`: which lists hold no case, in one sentence; only those that hold some are shown. `attention`:
    who is away or has no room; `others`: everybody else. `account`: whose absence or number is told.
    """

    frame: Frame
    notice: str
    problems: tuple[Problem, ...]
    outcome: tuple[str, ...]
    sections: tuple[Section, ...]
    nothing: str
    person: Field | None
    reason: Field | None
    attention: tuple[PersonLine, ...]
    others: tuple[PersonLine, ...]
    account: Field
    absence: tuple[Field, ...]
    capacity: Field | None


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
        people = staff.team(session, actor, today)

        def field(name: str, kind: str, label: str, value: str = "", hint: str = "") -> Field:
            given = values.get(name, value)
            return Field(f"c-{name}", name, kind, t(label), given, hint, errors.get(name, ""))

        sections = self._sections(session, actor, frame.language)
        empty = [part.heading for part in sections if not part.lines]
        lines = _people(people, staff.absences_ahead(session, today), t)
        return CoordinationPage(
            frame=frame,
            notice="",
            problems=tuple(Problem(sentence, f"c-{name}") for name, sentence in errors.items()),
            outcome=(),
            sections=tuple(part for part in sections if part.lines),
            nothing=t("coordination.nothing", lists=t("separator").join(empty)) if empty else "",
            person=person_field(people, frame.language, values, errors, field_id="c-person")
            if coordinates
            else None,
            reason=field("reason", "long", "field.reason", hint=t("coordination.reason_hint"))
            if coordinates
            else None,
            attention=tuple(line for line in lines if line.full or line.away),
            others=tuple(line for line in lines if not line.full and not line.away),
            account=_account_field(people, actor, values, errors, t),
            absence=tuple(
                field(name, "date", f"coordination.{name}", today.isoformat())
                for name in ("first_day", "last_day")
            ),
            capacity=field("capacity", "text", "coordination.capacity") if coordinates else None,
        )

    def _sections(self, session: Session, actor: Actor, language: str) -> list[Section]:
        """The lists, each with its first cases; all their lines are made in one reading."""
        t, today = translator(language), self.views.deps.today()
        # One more than shown tells whether there are more.
        most = SHOWN + 1
        found = {"asked": queries.asked_of(session, actor)}
        if actor.role in COORDINATORS:
            found |= {
                "escalated": staff.escalated(session, actor, most),
                "overdue": staff.long_overdue(session, actor, today, most),
                "absent": staff.cases_of_absent(session, actor, today, most),
            }
        found["second"] = staff.second_reviews(session, actor, most)
        cases = {case.id: case for each in found.values() for case in each[:SHOWN]}
        lines = {
            line.id: line
            for line in case_lines(session, self.views.deps, actor, list(cases.values()), language)
        }
        return [
            Section(
                id=name,
                heading=t(f"coordination.{name}"),
                lines=tuple(lines[case.id] for case in each[:SHOWN]),
                pick=name in _PICKED,
                more=Link(_WHOLE[name], t("coordination.more", count=SHOWN))
                if name in _WHOLE and len(each) > SHOWN
                else None,
            )
            for name, each in found.items()
        ]


def _people(
    people: Sequence[tuple[Member, Colleague]], absences: Sequence[AbsenceRow], t: Translate
) -> list[PersonLine]:
    ahead: dict[str, list[tuple[str, str]]] = {}
    for row in absences:
        said = t("coordination.away", first=row.first_day.isoformat(), last=row.last_day.isoformat())
        ahead.setdefault(row.account_id, []).append((str(row.id), said))
    return [
        PersonLine(
            name=member.name,
            load=t("coordination.load", load=one.in_hand, capacity=one.capacity),
            full=not one.has_room,
            away=tuple(ahead.get(member.id, ())),
        )
        for member, one in people
    ]


def _account_field(
    people: Sequence[tuple[Member, Colleague]], actor: Actor, values: Mapping[str, str],
    errors: Mapping[str, str], t: Translate,
) -> Field:  # fmt: skip
    chosen = values.get("account", actor.account_id)
    return Field(
        "c-account", "account", "select", t("coordination.who"), chosen, error=errors.get("account", ""),
        choices=tuple(Choice(member.id, member.name, member.id == chosen) for member, _ in people),
    )  # fmt: skip
