"""The list of objections that each department is asked to look into, for whoever asks the department.

A line names the record: source, number, its dates. The department's answer is entered in the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from features.language import Department
from serving.review.accounts import SignedIn
from serving.review.case import COORDINATORS, Answer, Objector, coded
from serving.review.exports import may_export
from serving.review.objections import AT_ONCE, Listed, Stage, counts, listed
from serving.web import lines
from serving.web.case_life import about_source, record_dates
from serving.web.components import Cell, Link, Tab, Table
from serving.web.deps import CHINA, Deps
from serving.web.guard import language_of
from serving.web.pages import Frame
from serving.web.text import Translate, translator
from serving.web.views import Views

# Which sources each department delivers.
_SOURCES: Mapping[Department, tuple[str, ...]] = {
    department: tuple(source.name for source in lines.DELIVERED_SOURCES if source.department is department)
    for department in dict.fromkeys(source.department for source in lines.DELIVERED_SOURCES)
}
_EVERY = tuple(source.name for source in lines.DELIVERED_SOURCES)


@dataclass(frozen=True)
class ObjectionsPage:
    """`note`: that the list goes on beyond what is shown; empty if it does not."""

    frame: Frame
    stages: tuple[Tab, ...]
    departments: tuple[Tab, ...]
    table: Table
    note: str
    export: Link | None


def add_objections(app: FastAPI, views: Views) -> None:
    """The route of the list."""

    @app.get("/objections")
    def objections(request: Request, department: str = "", stage: str = "") -> Response:
        signed = views.signed_in(request)
        if signed.actor.role not in COORDINATORS:
            raise HTTPException(404)
        whose = next((one for one in _SOURCES if one.value == department), None)
        at = next((one for one in Stage if one.value == stage), Stage.ASKED)
        t = translator(language_of(request))
        frame = views.frame(request, signed, t("objections.list"), "coordination", "/objections")
        with views.deps.store.read() as session:
            page = objections_page(session, views.deps, signed, frame, whose, at)
        return views.render("objections.html", page, frame)


def objections_page(
    session: Session, deps: Deps, signed: SignedIn, frame: Frame, whose: Department | None, at: Stage
) -> ObjectionsPage:
    """The objections of one department, or of all, at one stage."""
    language, actor = frame.language, signed.actor
    t = translator(language)
    by_stage = {stage: counts(session, actor, stage) for stage in Stage}
    found = listed(session, actor, _EVERY if whose is None else _SOURCES[whose], at)

    def count(stage: Stage, of: Department | None) -> int:
        names = _EVERY if of is None else _SOURCES[of]
        return sum(by_stage[stage].get(name, 0) for name in names)

    return ObjectionsPage(
        frame=frame,
        stages=tuple(
            Tab(_address(whose, stage), stage.title[language], stage is at, str(count(stage, whose)))
            for stage in Stage
        ),
        departments=tuple(
            Tab(_address(of, at), title, of is whose, str(count(at, of)))
            for of, title in (
                (None, t("objections.all")),
                *((of, of.title[language]) for of in _SOURCES),
            )
            # A department that is asked nothing is no place to go, unless one is there.
            if of is None or of is whose or count(at, of)
        ),
        table=_table(deps, signed, found, language, t),
        note=t("objections.some", count=AT_ONCE) if len(found) == AT_ONCE else "",
        export=Link("/exports", t("objections.export")) if may_export(actor) else None,
    )


def _address(whose: Department | None, at: Stage) -> str:
    said = {"department": whose.value if whose else "", "stage": "" if at is Stage.ASKED else at.value}
    chosen = {name: value for name, value in said.items() if value}
    return f"/objections?{urlencode(chosen)}" if chosen else "/objections"


def _table(deps: Deps, signed: SignedIn, found: tuple[Listed, ...], language: str, t: Translate) -> Table:
    names = lines.child_names(deps, signed.actor, [each.case for each in found], language)
    return Table(
        t("objections.list"),
        (
            t("column.case"), t("column.child"), t("column.record"), t("column.wrong"), t("column.raised"),
            t("column.standing"),
        ),
        tuple(_row(each, names, deps.today(), language, t) for each in found),
        t("objections.empty"),
    )  # fmt: skip


def _row(
    each: Listed, names: Mapping[str, str], today: date, language: str, t: Translate
) -> tuple[Cell, ...]:
    row = each.row
    raised_on = row.recorded_at.astimezone(CHINA).date()
    about = about_source(row.source, language)
    answer = coded(Answer, row.answer).title[language] if row.answer else ""
    return (
        Cell(each.case.id, address=f"{lines.case_address(each.case.id)}#steps"),
        Cell(names[each.case.child_key]),
        Cell(f"{about} {row.record_id}".strip(), note=record_dates(row, t)),
        Cell(row.wrong),
        Cell(
            raised_on.isoformat(),
            "day",
            note=t("objection.by", who=coded(Objector, row.raised_by).title[language]),
        ),
        Cell(answer, note=row.answered_on.isoformat() if row.answered_on else "")
        if answer
        else Cell(t("objections.days", days=(today - raised_on).days)),
    )
