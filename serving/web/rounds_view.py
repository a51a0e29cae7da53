"""What the screeners said of a child round by round, and what changed since the round before.

Bands and frequencies in words; the parts of a change are new facts, corrected ones, time and the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session

from features.language import Text
from models.change_words import change_sentences
from models.screeners import BANDS
from models.screening import Screening
from models.wording import ABSTAINED, frequency
from serving.review import emergency, queries, screenings
from serving.review.acting import NotFound
from serving.review.permissions import Actor
from serving.review.tables import Case
from serving.web import lines
from serving.web.components import Cell, Course, Link, Step, Table
from serving.web.deps import Deps
from serving.web.guard import language_of
from serving.web.pages import ChangeBlock, Frame
from serving.web.text import Translate, translator
from serving.web.views import Views

_BAND_TITLES = {band.code: band.title for band in BANDS}
_BAND_PLACES = {band.code: place for place, band in enumerate(BANDS)}


@dataclass(frozen=True)
class RoundsPage:
    frame: Frame
    id: str
    child: str
    back: Link
    courses: tuple[Course, ...]
    changes: tuple[ChangeBlock, ...]
    hidden: str


def add_rounds(app: FastAPI, views: Views) -> None:
    """The route of the rounds of a case's child."""

    @app.get("/cases/{case_id}/rounds")
    def rounds(request: Request, case_id: str) -> Response:
        signed = views.signed_in(request)
        t = translator(language_of(request))
        address = lines.case_address(case_id)
        frame = views.frame(request, signed, t("rounds.title"), "case", f"{address}/rounds")
        with views.deps.store.read() as session:
            case = emergency.visible_case(session, signed.actor, case_id)
            if case is None:
                raise NotFound(case_id)
            page = rounds_page(session, views.deps, signed.actor, case, frame)
        return views.render("rounds.html", page, frame)


def courses(found: Mapping[str, Sequence[Screening]], language: str) -> tuple[Course, ...]:
    """What each screener said of a child round by round, as lines between bands."""
    t = translator(language)
    return tuple(_course(screener, each, language, t) for screener, each in found.items())


def rounds_page(session: Session, deps: Deps, actor: Actor, case: Case, frame: Frame) -> RoundsPage:
    """The page of the child of this case; nothing before the reasons may be seen."""
    language, t = frame.language, translator(frame.language)
    shown = queries.reasons_shown(session, case, actor)
    found = screenings.of_child(session, deps.keys_of(case.child_key)) if shown else {}
    return RoundsPage(
        frame=frame,
        id=case.id,
        child=lines.child_names(deps, actor, [case], language)[case.child_key],
        back=Link(lines.case_address(case.id), t("page_of_child.back")),
        courses=courses(found, language),
        changes=tuple(_change_block(deps, screener, each, language, t) for screener, each in found.items()),
        hidden="" if found else t("rounds.none") if shown else t("blind.not_yours"),
    )


def _change_block(
    deps: Deps, screener: str, found: Sequence[Screening], language: str, t: Translate
) -> ChangeBlock:
    title = t("rounds.changes", risk=lines.RISK_TITLES[screener][language])
    if len(found) < 2:
        return ChangeBlock(title, (t("rounds.first"),))
    told = deps.changes(found[-2], found[-1])
    said = (told,) if isinstance(told, Text) else change_sentences(told)
    return ChangeBlock(title, tuple(sentence[language] for sentence in said))


def _course(screener: str, found: Sequence[Screening], language: str, t: Translate) -> Course:
    def day(each: Screening) -> str:
        return each.as_of.isoformat()

    spoke = [each for each in found if each.band in _BAND_PLACES]
    across = 100 / max(1, len(spoke) - 1)
    return Course(
        title=t("rounds.course", risk=lines.RISK_TITLES[screener][language]),
        steps=tuple(
            Step(
                each.as_of.isoformat(), _BAND_TITLES[each.band][language], place * across, _height(each.band)
            )
            for place, each in enumerate(spoke)
        ),
        bands=tuple((_height(band.code), band.title[language]) for band in BANDS),
        table=Table(
            t("rounds.course", risk=lines.RISK_TITLES[screener][language]),
            (t("column.round"), t("column.band"), t("column.frequency")),
            tuple(
                (
                    Cell(each.as_of.isoformat(), "day"),
                    Cell(_band(each, t, language)),
                    Cell(_often(each)[language]),
                )
                for each in found
            ),
        ),
        note=t("rounds.course_note"),
    )


def _height(band: str) -> float:
    return round(100 * (_BAND_PLACES[band] + 0.5) / len(BANDS), 1)


def _band(each: Screening, t: Translate, language: str) -> str:
    return _BAND_TITLES[each.band][language] if each.band in _BAND_TITLES else t("unknown")


def _often(each: Screening) -> Text:
    if each.abstained is not None:
        return ABSTAINED[each.abstained]
    return frequency(each.risk, each.low, each.high)
