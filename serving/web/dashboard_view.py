"""The manager's page: how the work of an area goes, what departments owe, whether the screeners still hold.

Small numbers are left out. It shows what is in hand, never who is fastest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Request, Response

from features.language import Text
from serving.monitored import Monitored, MonitoredError, WatchedScreener
from serving.review.anchoring import Anchoring
from serving.review.case import Refused, Role, coded
from serving.review.listing import CameBy
from serving.review.suppression import LEAST, count_text, share_is_told
from serving.review.tallies import Confirmed, Handled, Load, Tally, likely_range, tally
from serving.web.area_figures import work_by_area
from serving.web.components import Bar, Cell, Fact, Figure, Table
from serving.web.deps import CHINA, Deps
from serving.web.guard import language_of
from serving.web.kept import Kept
from serving.web.navigation import OVERSEERS
from serving.web.pages import Frame
from serving.web.text import WORDS, Translate, translator
from serving.web.views import Views

GOAL = 90.0


@dataclass(frozen=True)
class ScreenerBlock:
    """One screener in use: what it still finds, and what has changed since it was fitted."""

    title: str
    facts: tuple[Fact, ...]
    alarms: tuple[str, ...]
    calm: str


@dataclass(frozen=True)
class DashboardPage:
    """`monitoring` says when the screeners were looked at, or why there is nothing to show."""

    frame: Frame
    about: str
    facts: tuple[Fact, ...]
    handled: Figure
    by_tier: Figure
    by_way: Figure
    loads: Figure
    by_area: Figure
    swayed: Figure
    sources: Table
    screeners: tuple[ScreenerBlock, ...]
    monitoring: str


def add_dashboard(app: FastAPI, views: Views) -> None:
    """The route of the manager's page."""
    kept: Kept[Tally] = Kept(views.deps.figures_last)

    @app.get("/dashboard")
    def dashboard(request: Request) -> Response:
        signed = views.signed_in(request)
        if signed.actor.role not in OVERSEERS:
            raise Refused(WORDS["only.overseers"])
        language = language_of(request)
        frame = views.frame(
            request, signed, translator(language)("dashboard.title"), "dashboard", "/dashboard"
        )

        def count() -> Tally:
            with views.deps.store.read() as session:
                return tally(session, signed.actor, views.deps.today())

        of = (signed.actor.role, signed.actor.area_prefix)
        at, found = kept.get(of, views.deps.now(), count)
        return views.render("dashboard.html", dashboard_page(views.deps, frame, found, at), frame)


def dashboard_page(deps: Deps, frame: Frame, found: Tally, at: datetime) -> DashboardPage:
    """The page of these counts, and of what monitoring wrote last."""
    language, t = frame.language, translator(frame.language)
    tiers = {tier.code: tier.title for tier in deps.tiers()} | {"": WORDS["tier.none"]}
    try:
        monitored, why_not = deps.monitored(), "dashboard.none"
    except MonitoredError:
        monitored, why_not = None, "dashboard.unreadable"
    return DashboardPage(
        frame=frame,
        about=t("dashboard.about", at=at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")),
        facts=_facts(found, language, t),
        handled=_handled(found, tiers, language, t),
        by_tier=_confirmed(
            t("dashboard.confirmed_tier"), t("column.tier_all"),
            {tiers.get(code, Text(code, code)): each for code, each in found.by_tier.items()}, language, t,
        ),
        by_way=_confirmed(
            t("dashboard.confirmed_way"), t("column.way"),
            {coded(CameBy, str(way)).title: found.by_class[way] for way in sorted(found.by_class)},
            language, t,
        ),
        loads=_loads(found.loads, language, t),
        by_area=work_by_area(deps, found.by_area, language),
        swayed=_swayed(found.anchoring, t),
        sources=_sources(monitored, language, t),
        screeners=tuple(_screener(each, language, t) for each in monitored.screeners) if monitored else (),
        monitoring=t(
            "dashboard.monitored", day=monitored.made_on.isoformat(), round=monitored.round.isoformat()
        )
        if monitored
        else t(why_not),
    )  # fmt: skip


def _facts(found: Tally, language: str, t: Translate) -> tuple[Fact, ...]:
    waits, corrections = found.waits, found.corrections

    def days(number: int | None) -> str:
        told = number is not None and share_is_told(0, waits.reached)
        return t("days.within", days=number) if told else t("share.too_few")

    return (
        # Work to be done is counted exactly, as in the lists; what is found in families is not.
        Fact(t("dashboard.open"), str(found.open)),
        Fact(t("dashboard.overdue"), str(found.overdue), late=found.overdue > 0),
        Fact(t("dashboard.median"), days(waits.median)),
        Fact(t("dashboard.decile"), days(waits.ninth_decile)),
        Fact(
            t("dashboard.corrections"),
            count_text(corrections.made)[language],
            t("dashboard.corrections_note", count=count_text(corrections.answered)[language])
            if share_is_told(corrections.answered, corrections.made)
            else "",
        ),
    )


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole)


def _handled(found: Tally, tiers: Mapping[str, Text], language: str, t: Translate) -> Figure:
    lines: list[tuple[str, Handled]] = [(t("dashboard.all"), found.handled)]
    lines += [
        (tiers[code][language], found.handled_by_tier[code])
        for code in tiers
        if code in found.handled_by_tier
    ]
    bars, rows = [], []
    for title, each in lines:
        if not each.due:
            continue
        # Not reaching a few families is no secret of theirs: a manager must see it to send somebody.
        percent = _percent(each.reached, each.due)
        said = t("share.of", whole=each.due, part=each.reached)
        bars.append(Bar(title, t("share.percent", percent=percent), percent, late=percent < GOAL))
        rows.append((Cell(title), Cell(said, "number"), Cell(t("share.percent", percent=percent), "number")))
    return Figure(
        title=t("dashboard.handled"),
        bars=tuple(bars),
        table=Table(
            t("dashboard.handled"), (t("column.tier_all"), t("column.part"), t("column.share")), tuple(rows)
        ),
        note=t("dashboard.handled_note"),
        goal=GOAL,
        goal_words=t("dashboard.goal"),
        empty=t("queue.none_yet"),
    )


def _confirmed(title: str, head: str, lines: Mapping[Text, Confirmed], language: str, t: Translate) -> Figure:
    bars, rows = [], []
    for words, each in lines.items():
        name = words[language]
        if not share_is_told(each.confirmed, each.closed):
            bars.append(Bar(name, t("share.too_few"), 0))
            rows.append((Cell(name), Cell(t("share.too_few")), Cell(""), Cell("")))
            continue
        low, high = (round(100 * end) for end in likely_range(each.confirmed, each.closed))
        percent = t("share.percent", percent=_percent(each.confirmed, each.closed))
        bars.append(
            Bar(name, percent, _percent(each.confirmed, each.closed), low=float(low), high=float(high))
        )
        rows.append(
            (
                Cell(name),
                Cell(t("share.of", whole=each.closed, part=each.confirmed), "number"),
                Cell(percent, "number"),
                Cell(t("share.range", low=low, high=high), "number"),
            )
        )
    return Figure(
        title=title,
        bars=tuple(bars),
        table=Table(title, (head, t("column.part"), t("column.share"), t("column.range")), tuple(rows)),
        note=t("dashboard.confirmed_note"),
        empty=t("dashboard.confirmed_empty"),
    )


def _loads(loads: tuple[Load, ...], language: str, t: Translate) -> Figure:
    most = max((max(load.held, load.capacity or 0) for load in loads), default=1)
    return Figure(
        title=t("dashboard.load"),
        bars=tuple(
            Bar(
                load.name,
                t("dashboard.load_value", held=load.held, overdue=load.overdue),
                round(100 * load.held / most, 1),
            )
            for load in loads
        ),
        table=Table(
            t("dashboard.load"),
            (
                t("column.worker"), t("column.role"), t("column.held"), t("column.capacity"),
                t("column.overdue"),
            ),
            tuple(
                (
                    Cell(load.name),
                    Cell(coded(Role, load.role).title[language]),
                    Cell(str(load.held), "number"),
                    Cell(t("unknown") if load.capacity is None else str(load.capacity), "number"),
                    Cell(str(load.overdue), "number"),
                )
                for load in loads
            ),
        ),
        empty=t("dashboard.load_empty"),
    )  # fmt: skip


def _swayed(found: Anchoring, t: Translate) -> Figure:
    """How often staff's own views agree with what was found, given before the reasons and after them."""
    bars, rows = [], []
    for name, share in (("first", found.decided_first), ("after", found.revealed_first)):
        title = t(f"swayed.{name}")
        if share.share is None or share.low is None or share.high is None or not share.of >= LEAST:
            bars.append(Bar(title, t("share.too_few"), 0))
            rows.append((Cell(title), Cell(t("share.too_few")), Cell(""), Cell("")))
            continue
        low, high = round(100 * share.low), round(100 * share.high)
        percent = t("share.percent", percent=round(100 * share.share))
        bars.append(Bar(title, percent, round(100 * share.share), low=float(low), high=float(high)))
        rows.append(
            (
                Cell(title),
                Cell(t("share.of", whole=share.of, part=share.count), "number"),
                Cell(percent, "number"),
                Cell(t("share.range", low=low, high=high), "number"),
            )
        )
    heads = (t("swayed.order"), t("column.part"), t("column.share"), t("column.range"))
    return Figure(
        title=t("swayed.title"),
        bars=tuple(bars),
        table=Table(t("swayed.title"), heads, tuple(rows)),
        note=t("swayed.note"),
    )


def _sources(monitored: Monitored | None, language: str, t: Translate) -> Table:
    return Table(
        t("dashboard.fresh"),
        (t("column.department"), t("column.source"), t("column.heard"), t("column.state")),
        tuple(
            (
                Cell(each.department[language]),
                Cell(each.title[language]),
                Cell(each.last.isoformat() if each.last else t("dashboard.fresh_never"), "day"),
                Cell(t("dashboard.fresh_late" if each.silent else "dashboard.fresh_ok")),
            )
            for each in (monitored.sources if monitored else ())
        ),
        t("dashboard.fresh_empty"),
    )


def _screener(each: WatchedScreener, language: str, t: Translate) -> ScreenerBlock:
    recall = ""
    if each.recall is not None:
        value, low, high = (
            round(100 * end) for end in (each.recall.value, each.recall.low, each.recall.high)
        )
        recall = t("dashboard.recall_value", value=value, low=low, high=high, drawn=each.drawn)
    elif each.why_no_recall is not None:
        recall = each.why_no_recall[language]
    held = [
        t(
            "dashboard.slope", day=judged.as_of.isoformat(), value=f"{ratio.value:.2f}",
            low=f"{ratio.low:.2f}", high=f"{ratio.high:.2f}",
        )
        for judged in each.judged
        if (ratio := judged.measures.get("observed_to_expected")) is not None
    ]  # fmt: skip
    return ScreenerBlock(
        title=t("dashboard.screener", risk=each.title[language]),
        facts=(
            Fact(t("dashboard.recall"), recall or t("unknown")),
            Fact(t("dashboard.judged"), t("separator").join(held) if held else t("dashboard.not_in")),
            Fact(t("dashboard.version"), each.version),
        ),
        alarms=tuple(alarm[language] for alarm in each.alarms),
        calm=t("dashboard.no_alarm", day=each.reference.isoformat()),
    )
