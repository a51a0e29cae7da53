"""The half-yearly statistics by area: counts with the small ones left out, as a page and as a file.

What is exported is what is shown, and that it was exported stays in the log.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session

from serving.review import audit, tallies
from serving.review.accounts import SignedIn
from serving.review.case import Refused
from serving.review.permissions import Actor
from serving.review.suppression import LEFT_OUT, Shown, suppress
from serving.web.area_figures import area_name
from serving.web.components import Bar, Cell, Figure, Tab, Table
from serving.web.deps import CHINA, Deps
from serving.web.guard import check_token, language_of
from serving.web.kept import Kept
from serving.web.navigation import STATISTICIANS
from serving.web.pages import Frame
from serving.web.posted import Form
from serving.web.text import WORDS, Translate, translator
from serving.web.views import Views


@dataclass(frozen=True)
class StatisticsPage:
    frame: Frame
    about: str
    periods: tuple[Tab, ...]
    period: str
    table: Table
    chart: Figure
    may_export: bool


def add_statistics(app: FastAPI, views: Views) -> None:
    """The routes of the statistics."""
    kept: Kept[_Counts] = Kept(views.deps.figures_last)

    @app.get("/statistics")
    def statistics(request: Request, period: str = "") -> Response:
        signed = _signed_in(views, request)
        t = translator(language_of(request))
        frame = views.frame(request, signed, t("statistics.title"), "statistics", "/statistics")

        def count() -> _Counts:
            with views.deps.store.read() as session:
                return _Counts.of(session, signed.actor, period)

        # An address that names no half-year is another one for each thing somebody may write there.
        asked = period if period[:4].isdigit() and len(period) == len("2026-07-01") else ""
        of = (signed.actor.role, signed.actor.area_prefix, asked)
        at, counted = kept.get(of, views.deps.now(), count)
        page = statistics_page(views.deps, frame, counted, at)
        return views.render("statistics.html", page, frame)

    @app.post("/statistics/export")
    def export(request: Request, form: Form) -> Response:
        signed = _signed_in(views, request)
        check_token(signed.csrf_token, form.get("csrf", ""))
        t = translator(language_of(request))
        with views.deps.store.write() as session:
            counted = _Counts.of(session, signed.actor, form.get("period", ""))
            start, counts = counted.start, counted.counts
            said = start.isoformat() if start else ""
            audit.write(
                session,
                actor=signed.actor.account_id,
                verb="export_statistics",
                subject=signed.actor.account_id,
                now=views.deps.now(),
                detail={"period": said, "areas": len(counts)},
            )
        areas, shown = _table(counts)
        return Response(
            _csv(views.deps, areas, shown, t, language_of(request)),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="miaohu-{said}.csv"'},
        )


@dataclass(frozen=True)
class _Counts:
    """The half-years there are, the one asked for, and its counts of the areas below the reader's."""

    periods: tuple[date, ...]
    start: date | None
    counts: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, session: Session, actor: Actor, period: str) -> _Counts:
        """Count; without a half-year there is nothing to count."""
        periods = tallies.half_years(session, actor)
        start = _period(period, periods)
        digits = tallies.area_digits(actor)
        counts = {} if start is None else tallies.half_year(session, actor, start, digits)
        return cls(periods, start, counts)


def statistics_page(deps: Deps, frame: Frame, counted: _Counts, at: datetime) -> StatisticsPage:
    """The page of these counts, which were made at this moment."""
    language, t = frame.language, translator(frame.language)
    periods, start, counts = counted.periods, counted.start, counted.counts
    areas, shown = _table(counts)
    left_out = LEFT_OUT[language]
    names = [*(area_name(deps, area, language) for area in areas), t("statistics.total")]
    table = Table(
        t("statistics.table"),
        (t("column.area"), *(t(f"measure.{measure}") for measure in tallies.MEASURES)),
        tuple(
            (Cell(name), *(Cell(left_out if n is None else str(n), "number") for n in row))
            for name, row in zip(names, shown.cells, strict=True)
        )
        if areas
        else (),
        t("statistics.empty"),
    )
    came = [row[0] for row in shown.cells[:-1]]
    most = max((n for n in came if n is not None), default=0) or 1
    return StatisticsPage(
        frame=frame,
        about=t("statistics.about", at=at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")),
        periods=tuple(
            Tab(f"/statistics?period={one.isoformat()}", _period_words(one, t), one == start)
            for one in periods
        ),
        period=start.isoformat() if start else "",
        table=table,
        chart=Figure(
            title=t("statistics.chart"),
            bars=tuple(
                Bar(name, left_out if n is None else str(n), 0 if n is None else round(100 * n / most, 1))
                for name, n in zip(names, came, strict=False)
            ),
            table=Table(
                t("statistics.chart"), (t("column.area"), t("measure.came")),
                tuple(row[:2] for row in table.rows[:-1]), t("statistics.empty"),
            ),
            empty=t("statistics.empty"),
        ),
        may_export=bool(areas),
    )  # fmt: skip


def _signed_in(views: Views, request: Request) -> SignedIn:
    signed = views.signed_in(request)
    if signed.actor.role not in STATISTICIANS:
        raise Refused(WORDS["only.statistics"])
    return signed


def _period(asked: str, periods: Sequence[date]) -> date | None:
    """The half-year asked for; the latest if there is none such."""
    return next((one for one in periods if one.isoformat() == asked), periods[0] if periods else None)


def _period_words(start: date, t: Translate) -> str:
    half = t("statistics.first" if start.month == 1 else "statistics.second")
    return t("statistics.period", year=start.year, half=half)


def _table(counts: Mapping[str, Mapping[str, int]]) -> tuple[list[str], Shown]:
    """The areas, and their counts with the total below. Measures overlap, so a row has no total."""
    areas = list(counts)
    columns = [suppress([[counts[area][measure]] for area in areas]).cells for measure in tallies.MEASURES]
    return areas, Shown(
        tuple(tuple(column[place][0] for column in columns) for place in range(len(areas) + 1))
        if areas
        else ()
    )


def _csv(deps: Deps, areas: Sequence[str], shown: Shown, t: Translate, language: str) -> bytes:
    """What the page shows, as spreadsheets read it: with a byte order mark, or Chinese turns to noise."""
    out = io.StringIO()
    writer = csv.writer(out)
    if deps.simulated:
        writer.writerow([t("footer.simulated")])
    writer.writerow([t("column.area"), *(t(f"measure.{measure}") for measure in tallies.MEASURES)])
    names = [*(area_name(deps, area, language) for area in areas), t("statistics.total")]
    for name, row in zip(names, shown.cells, strict=False):
        # A cell that begins like a formula would be one.
        safe = f"'{name}" if name[:1] in "=+-@" else name
        writer.writerow([safe, *(LEFT_OUT[language] if n is None else n for n in row)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
