"""A child's page: what departments recorded, the cases, what was done, and who looked. For a stated purpose.

It is the answer to a form and to no address, so that every showing is a recorded one. It lists where a
record lies and when it happened, never what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from features.sources import SOURCES, source_named
from serving.review import audit, emergency, exported, exports, queries, screenings
from serving.review.accounts import SignedIn
from serving.review.acting import NotFound
from serving.review.case import FactKind, Incomplete, Met, Status, coded
from serving.review.door_tables import ExportRequest
from serving.review.one_child import cases_of_person
from serving.review.permissions import may_read_notes, reaches
from serving.review.reading import (
    MAY_READ_SENSITIVE,
    OPENED,
    Purpose,
    check_may_open,
    check_purpose,
    sources_for,
)
from serving.review.record_queries import records_of
from serving.review.record_store import KINDS
from serving.review.records import State
from serving.review.tables import AuditEvent, Case
from serving.web import lines
from serving.web.components import Bar, Cell, Course, Fact, Figure, Link, Table
from serving.web.deps import CHINA, Deps
from serving.web.guard import check_token, language_of
from serving.web.pages import Choice, Field, Frame, Problem
from serving.web.posted import Form
from serving.web.rounds_view import courses
from serving.web.text import Translate, translator
from serving.web.views import Views

_LOOKS = {
    OPENED: "page_of_child.page_seen",
    "reveal_name": "page_of_child.name_seen",
    emergency.OPENED: "page_of_child.emergency_seen",
}


@dataclass(frozen=True)
class ChildDoor:
    """What is asked before the page is opened."""

    frame: Frame
    id: str
    back: str
    action: str
    field: Field
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ChildPage:
    frame: Frame
    id: str
    back: Link
    child: str
    opened: str
    facts: tuple[Fact, ...]
    not_all: str
    timeline: Table
    by_year: Figure
    courses: tuple[Course, ...]
    cases: Table
    support: tuple[Fact, ...]
    looked: Table


@dataclass(frozen=True)
class _Entry:
    """One line of the timeline."""

    day: str
    what: str
    by: str
    known: str = ""
    note: str = ""
    address: str = ""


def add_child(app: FastAPI, views: Views) -> None:
    """The routes of the child's page."""

    @app.get("/cases/{case_id}/child")
    def door(request: Request, case_id: str) -> Response:
        signed = views.signed_in(request)
        with views.deps.store.read() as session:
            _openable(session, signed, case_id)
        return _door(views, request, signed, case_id)

    @app.post("/cases/{case_id}/child")
    def child(request: Request, case_id: str, form: Form) -> Response:
        signed = views.signed_in(request)
        check_token(signed.csrf_token, form.get("csrf", ""))
        try:
            purpose = check_purpose(_purpose(form.get("purpose", "")))
        except Incomplete as incomplete:
            with views.deps.store.read() as session:
                _openable(session, signed, case_id)
            return _door(views, request, signed, case_id, incomplete, status=422)
        with views.deps.store.write() as session:
            _openable(session, signed, case_id)
            audit.write(
                session,
                actor=signed.actor.account_id,
                verb=OPENED,
                subject=case_id,
                now=views.deps.now(),
                detail={"purpose": purpose.value},
            )
        t = translator(language_of(request))
        frame = views.frame(
            request, signed, t("page_of_child.title"), "case", f"{lines.case_address(case_id)}/child"
        )
        with views.deps.store.read() as session:
            case = _openable(session, signed, case_id)
            page = child_page(session, views.deps, signed, case, frame, purpose)
        return views.render("child.html", page, frame)


def child_page(
    session: Session, deps: Deps, signed: SignedIn, case: Case, frame: Frame, purpose: Purpose
) -> ChildPage:
    """The page of the child of this case, for this account."""
    language, actor = frame.language, signed.actor
    t = translator(language)
    keys = deps.keys_of(case.child_key)
    cases = [
        each
        for each in cases_of_person(session, keys)
        if queries.case_for(session, actor, each.id) is not None or each.id in actor.opened
    ]
    seen = sources_for(actor.role, (source.name for source in SOURCES))
    records = [record for record in deps.records(case.child_key) if record.source in seen]
    names = queries.display_names(session)
    entries = [
        *(
            _Entry(
                record.occurred_on.isoformat(),
                source_named(record.source).title[language],
                source_named(record.source).department.title[language],
                record.known_on.isoformat(),
            )
            for record in records
        ),
        *_work(session, cases, names, language, t, free_text=may_read_notes(actor)),
    ]
    years = Counter(record.occurred_on.year for record in records)
    return ChildPage(
        frame=frame,
        id=case.id,
        back=Link(lines.case_address(case.id), t("page_of_child.back")),
        child=lines.child_names(deps, actor, [case], language)[case.child_key],
        opened=t("page_of_child.opened", purpose=purpose.title[language]),
        facts=(
            Fact(t("column.age"), lines.age_words(case, language)),
            Fact(t("case.stage"), lines.stage_words(case, language)),
            Fact(t("column.area"), lines.area_words(deps, case.area_code, language)),
        ),
        not_all="" if actor.role in MAY_READ_SENSITIVE else t("page_of_child.not_all"),
        timeline=_timeline(entries, t),
        by_year=_by_year(years, t),
        courses=courses(screenings.of_child(session, keys), language)
        if queries.reasons_shown(session, case, actor)
        else (),
        cases=_cases(deps, cases, language, t),
        support=_support(session, keys, language),
        looked=_looked(session, cases, names, language, t),
    )


def _door(
    views: Views, request: Request, signed: SignedIn, case_id: str, problem: Incomplete | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    language = language_of(request)
    t = translator(language)
    address = f"{lines.case_address(case_id)}/child"
    frame = views.frame(request, signed, t("page_of_child.title"), "case", address)
    sentences = [one.sentence[language] for one in problem.problems] if problem else []
    page = ChildDoor(
        frame=frame,
        id=case_id,
        back=lines.case_address(case_id),
        action=address,
        field=Field(
            "purpose", "purpose", "radio", t("page_of_child.purpose"), error=" ".join(sentences),
            choices=tuple(Choice(one.value, one.title[language], False) for one in Purpose),
        ),
        problems=tuple(Problem(sentence, "purpose") for sentence in sentences),
    )  # fmt: skip
    return views.render("child_door.html", page, frame, status)


def _openable(session: Session, signed: SignedIn, case_id: str) -> Case:
    actor = signed.actor
    case = emergency.visible_case(session, actor, case_id)
    near = reaches(actor, case.id, case.area_code, case.holder_id) if case is not None else frozenset()
    # Who was asked about a case from elsewhere reads the case and not the child's whole page.
    if case is None or not near:
        raise NotFound(case_id)
    check_may_open(actor.role, near)
    return case


def _purpose(value: str) -> Purpose | None:
    try:
        return coded(Purpose, value)
    except ValueError:
        return None


def _work(
    session: Session, cases: Sequence[Case], names: dict[str, str], language: str, t: Translate, *,
    free_text: bool,
) -> list[_Entry]:  # fmt: skip
    found = []
    for case in cases:
        address, queue = lines.case_address(case.id), t("entry.queue")
        opened = case.opened_at.astimezone(CHINA).date().isoformat()
        found.append(_Entry(opened, t("entry.case_opened"), queue, note=case.id, address=address))
        if case.closed_at is not None:
            closed = case.closed_at.astimezone(CHINA).date().isoformat()
            found.append(_Entry(closed, t("entry.case_closed"), queue, note=case.id, address=address))
    for fact in queries.facts_of_cases(session, [case.id for case in cases]):
        what = f"{coded(FactKind, fact.kind).title[language]} · {coded(Met, fact.met).title[language]}"
        note = fact.note if free_text else t("records.note_hidden")
        found.append(_Entry(fact.happened_on.isoformat(), what, names.get(fact.recorded_by, ""), note=note))
    return found


def _timeline(entries: Sequence[_Entry], t: Translate) -> Table:
    return Table(
        t("page_of_child.timeline"),
        (t("column.day"), t("column.what"), t("column.by"), t("column.known")),
        tuple(
            (
                Cell(entry.day, "day"),
                Cell(entry.what, note=entry.note, address=entry.address),
                Cell(entry.by),
                Cell(entry.known, "day"),
            )
            for entry in sorted(entries, key=lambda entry: (entry.day, entry.what), reverse=True)
        ),
        t("page_of_child.empty"),
    )


def _by_year(years: Counter[int], t: Translate) -> Figure:
    most = max(years.values(), default=1)
    said = [(str(year), t("page_of_child.year_value", count=years[year])) for year in sorted(years)]
    return Figure(
        title=t("page_of_child.by_year"),
        bars=tuple(Bar(year, words, round(100 * years[int(year)] / most, 1)) for year, words in said),
        table=Table(
            t("page_of_child.by_year"),
            (t("column.year"), t("column.records")),
            tuple((Cell(year), Cell(words, "number")) for year, words in said),
        ),
        empty=t("page_of_child.empty"),
    )


def _cases(deps: Deps, cases: Sequence[Case], language: str, t: Translate) -> Table:
    return Table(
        t("page_of_child.cases"),
        (t("column.case"), t("column.opened"), t("column.tier"), t("column.status")),
        tuple(
            (
                Cell(case.id, address=lines.case_address(case.id)),
                Cell(case.opened_at.astimezone(CHINA).date().isoformat(), "day"),
                Cell(lines.tier_words(deps, case.tier, language)),
                Cell(coded(Status, case.status).title[language]),
            )
            for case in cases
        ),
    )


def _support(session: Session, keys: Collection[str], language: str) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            KINDS[type(row)].title[language],
            coded(State, row.state).title[language],
            row.made_at.astimezone(CHINA).date().isoformat(),
            f"/records/{KINDS[type(row)].value}/{row.id}",
        )
        for row in records_of(session, *keys).rows()
    )


def _looked(
    session: Session, cases: Sequence[Case], names: dict[str, str], language: str, t: Translate
) -> Table:
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.subject.in_([case.id for case in cases]), AuditEvent.verb.in_(_LOOKS))
        .order_by(AuditEvent.number.desc())
    )
    seen = [
        (event.at, names.get(event.actor, ""), t(_LOOKS[event.verb], purpose=_said(event, language)))
        for event in events
    ]
    taken = [
        (row.fetched_at, names.get(row.asked_by, ""), _taken(row, names, language, t))
        for row in exported.of_cases(session, [case.id for case in cases])
        if row.fetched_at is not None
    ]
    return Table(
        t("page_of_child.looked"),
        (t("column.day"), t("column.who"), t("column.what")),
        tuple(
            (
                Cell(at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), "day"),
                Cell(who),
                Cell(what),
            )
            for at, who, what in sorted(seen + taken, key=lambda line: line[0], reverse=True)
        ),
        t("page_of_child.looked_empty"),
    )


def _taken(row: ExportRequest, names: dict[str, str], language: str, t: Translate) -> str:
    """That the child's data left in a table: what for, and who allowed it."""
    words = "page_of_child.taken_full" if row.full_names else "page_of_child.taken_masked"
    purpose = coded(exports.Purpose, row.purpose).title[language]
    return t(words, purpose=purpose, who=names.get(row.decided_by or "", ""))


def _said(event: AuditEvent, language: str) -> str:
    purpose = _purpose(str(event.detail.get("purpose", "")))
    return purpose.title[language] if purpose else ""
