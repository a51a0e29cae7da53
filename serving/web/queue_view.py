"""The queue: one list of several, filtered, in parts, and what can be done with its lines.

Which list is asked for stands in the address, in codes; nothing there tells of a child.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from features.language import Worded
from serving.review import listing, queries
from serving.review.accounts import SignedIn
from serving.review.case import WORKERS, coded
from serving.review.listing import Asked, CameBy, Due, Part, Sort, Turn, Which
from serving.review.permissions import Actor
from serving.web.components import Pager, Tab
from serving.web.deps import Deps
from serving.web.guard import language_of
from serving.web.lines import case_address, case_lines, count_words
from serving.web.pages import CaseLine, Choice, Field, Frame
from serving.web.text import translator
from serving.web.views import Views

# Lists that mean something to those who work on cases only.
_WORKING = frozenset({Which.MINE})
# Lists in which the holder is somebody else, or several people.
_HOLDER_SHOWN = frozenset({Which.OVERDUE, Which.TRIGGERS, Which.OTHERS, Which.ESCALATED, Which.ALL})
_ID = re.compile(r"[a-z2-7]{10}")
_SAID = {"nothing": "queue.nothing_taken"}

W = TypeVar("W", bound=Worded)


@dataclass(frozen=True)
class QueuePage:
    """`in_hand` says how many cases the reader holds while another list is shown; empty if none."""

    frame: Frame
    notice: str
    no_champion: bool
    round_line: str
    may_take: bool
    in_hand: str
    tabs: tuple[Tab, ...]
    heading: str
    count: str
    filters: tuple[Field, ...]
    which: str
    filtered: bool
    clear: str
    lines: tuple[CaseLine, ...]
    empty: str
    with_holder: bool
    pager: Pager


def add_queue(app: FastAPI, views: Views) -> None:
    """The route of the queue."""

    @app.get("/")
    def queue(request: Request) -> Response:
        signed = views.signed_in(request)
        given = request.query_params
        asked = _asked(given, signed.actor)
        language = language_of(request)
        place = "mine" if asked.which is Which.MINE else "queue"
        # Coming back from the language switch leads to the same part of the same list.
        here = f"/?{request.url.query}" if request.url.query else "/"
        frame = views.frame(request, signed, translator(language)("queue.title"), place, here)
        with views.deps.store.read() as session:
            if _ID.fullmatch(asked.id_start) and queries.case_for(session, signed.actor, asked.id_start):
                return RedirectResponse(case_address(asked.id_start), status_code=303)
            page = queue_page(session, views.deps, signed, frame, asked, given)
        return views.render("queue.html", page, frame)


def queue_page(
    session: Session, deps: Deps, signed: SignedIn, frame: Frame, asked: Asked, given: Mapping[str, str]
) -> QueuePage:
    """The list asked for, and how many the others hold."""
    actor, today, t = signed.actor, deps.today(), translator(frame.language)
    newest = queries.newest_round(session)
    works = actor.role in WORKERS
    turn = Turn.BEFORE if given.get("before") else Turn.AFTER
    at = given.get(turn.value, "")
    part = listing.part(session, actor, asked, today, turn=turn, at=at if _ID.fullmatch(at) else "")
    counts = {
        which: listing.count(session, actor, Asked(which), today)
        for which in Which
        if works or which not in _WORKING
    }
    chosen = _chosen(asked)
    plain = set(chosen) <= {"list"}
    shown = counts[asked.which] if plain else listing.count(session, actor, asked, today)
    return QueuePage(
        frame=frame,
        notice=t(_SAID[given["said"]]) if given.get("said") in _SAID else "",
        no_champion=newest is not None and not newest.screeners,
        round_line=t("queue.round", as_of=newest.as_of.isoformat()) if newest else t("queue.none_yet"),
        may_take=works,
        in_hand=t("queue.in_hand", count=count_words(counts[Which.MINE], t))
        if works and asked.which is not Which.MINE and counts[Which.MINE]
        else "",
        tabs=tuple(
            Tab(
                _address({"list": which.value}),
                which.title[frame.language],
                which is asked.which,
                count_words(count, t),
            )
            for which, count in counts.items()
            # A list that has nothing to show is no place to go, unless one is there.
            if count or which in (Which.MINE, Which.WAITING, asked.which)
        ),
        heading=asked.which.title[frame.language],
        count=count_words(shown, t),
        filters=_filters(deps, actor, asked, frame.language),
        which=asked.which.value,
        filtered=not plain,
        clear=_address({"list": asked.which.value}),
        lines=case_lines(session, deps, actor, part.cases, frame.language),
        empty=t("queue.nothing_found") if not plain else t(f"queue.empty.{asked.which.value}"),
        with_holder=asked.which in _HOLDER_SHOWN,
        pager=_pager(part, chosen, t("leaf.label", list=asked.which.title[frame.language])),
    )


def _asked(given: Mapping[str, str], actor: Actor) -> Asked:
    """The list an address asks for; what is no list, filter or order counts as not given."""
    which = _code(Which, given.get("list", "")) or Which.WAITING
    if which in _WORKING and actor.role not in WORKERS:
        which = Which.WAITING
    area = given.get("area", "")
    return Asked(
        which=which,
        area=area if area.isascii() and area.isdigit() and len(area) <= 12 else "",
        tier=given.get("tier", "")[:20],
        came_by=_code(CameBy, given.get("by", "")),
        due=_code(Due, given.get("due", "")),
        id_start=re.sub(r"[^a-z2-7]", "", given.get("q", "").strip().lower())[:10],
        sort=_code(Sort, given.get("sort", "")) or Sort.QUEUE,
    )


def _code(kind: type[W], value: str) -> W | None:
    try:
        return coded(kind, value)
    except ValueError:
        return None


def _chosen(asked: Asked) -> dict[str, str]:
    """What was asked for, as an address says it; what is usual is left out."""
    said = {
        "list": "" if asked.which is Which.WAITING else asked.which.value,
        "q": asked.id_start,
        "area": asked.area,
        "tier": asked.tier,
        "by": asked.came_by.value if asked.came_by else "",
        "due": asked.due.value if asked.due else "",
        "sort": "" if asked.sort is Sort.QUEUE else asked.sort.value,
    }
    return {name: value for name, value in said.items() if value}


def _address(chosen: Mapping[str, str]) -> str:
    return f"/?{urlencode(chosen)}" if chosen else "/"


def _pager(part: Part, chosen: Mapping[str, str], label: str) -> Pager:
    if not part.cases:
        return Pager(label)
    return Pager(
        label,
        _address({**chosen, "before": part.cases[0].id}) if part.has_before else "",
        _address({**chosen, "after": part.cases[-1].id}) if part.has_after else "",
    )


def _filters(deps: Deps, actor: Actor, asked: Asked, language: str) -> tuple[Field, ...]:
    t = translator(language)

    def select(name: str, label: str, value: str, choices: list[tuple[str, str]]) -> Field:
        first = Choice("", t("filter.any"), not value)
        others = (Choice(code, title, code == value) for code, title in choices)
        return Field(f"filter-{name}", name, "select", label, value, choices=(first, *others))

    def worded(kind: type[Worded]) -> list[tuple[str, str]]:
        return [(member.value, member.title[language]) for member in kind]

    areas = [(code, title[language]) for code, title in deps.areas_below(actor.area_prefix)]
    tiers = [(tier.code, tier.title[language]) for tier in deps.tiers()]
    sort = Field(
        "filter-sort", "sort", "select", t("filter.sort"), asked.sort.value,
        choices=tuple(Choice(one.value, one.title[language], one is asked.sort) for one in Sort),
    )  # fmt: skip
    return (
        Field("filter-q", "q", "search", t("filter.id"), asked.id_start),
        *([select("area", t("column.area"), asked.area, areas)] if areas else []),
        *([select("tier", t("column.tier"), asked.tier, tiers)] if tiers else []),
        select("by", t("column.why"), asked.came_by.value if asked.came_by else "", worded(CameBy)),
        select("due", t("column.due"), asked.due.value if asked.due else "", worded(Due)),
        sort,
    )
