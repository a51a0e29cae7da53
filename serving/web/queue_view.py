"""The queue: one list of several, filtered, in parts, and what can be done with one of its lines or several.

Which list is asked for stands in the address, in codes; nothing there tells of a child.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from features.language import Worded
from serving.review import listing, queries, teamwork
from serving.review.accounts import SignedIn
from serving.review.case import COORDINATORS, WORKERS, Ask, coded
from serving.review.case_forms import Given, problems_of
from serving.review.listing import Asked, CameBy, Due, Part, Sort, Turn, Which
from serving.review.permissions import Actor
from serving.review.teamwork import Became
from serving.review.worker_turns import turns
from serving.web.bulk import Bulk, bulk_form, bulk_page, ticked
from serving.web.components import Pager, Tab
from serving.web.deps import CHINA, Deps
from serving.web.forms import day_of
from serving.web.guard import check_token, language_of
from serving.web.lines import case_address, case_lines, count_words
from serving.web.pages import CaseLine, Choice, Field, Frame, Problem
from serving.web.posted import Form
from serving.web.text import Translate, translator
from serving.web.unread_box import UnreadBox, unread_box
from serving.web.views import Views, onward_of

# Lists that mean something to those who work on cases only.
_WORKING = frozenset({Which.MINE})
# Lists in which the holder is somebody else, or several people.
_HOLDER_SHOWN = frozenset(Which) - {Which.MINE, Which.WAITING, Which.ASLEEP}
_ID = re.compile(r"[a-z2-7]{10}")
_SAID = {"nothing": "queue.nothing_taken"}

W = TypeVar("W", bound=Worded)


@dataclass(frozen=True)
class QueuePage:
    """`in_hand` says how many cases the reader holds while another list is shown; empty if none.

    `unread`: where refused rows lie that may carry danger, for who answers for the county.
    """

    frame: Frame
    bulk: Bulk | None
    problems: tuple[Problem, ...]
    notice: str
    no_champion: bool
    stalled: str
    unread: UnreadBox | None
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
    """The routes of the queue, and of what is done with several of its cases."""
    pages = _Pages(views)

    @app.get("/")
    def queue(request: Request) -> Response:
        return pages.show(request)

    @app.post("/queue/assign")
    def assign(request: Request, form: Form) -> Response:
        return pages.assign(request, form)

    @app.post("/queue/set-aside")
    def set_aside(request: Request, form: Form) -> Response:
        return pages.set_aside(request, form)


@dataclass(frozen=True)
class _Pages:
    views: Views

    def show(
        self,
        request: Request,
        *,
        values: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        """The list asked for; given values and errors, the form below it comes back filled."""
        signed = self.views.signed_in(request)
        given = request.query_params
        asked = _asked(given, signed.actor)
        language = language_of(request)
        place = "mine" if asked.which is Which.MINE else "queue"
        frame = self.views.frame(request, signed, translator(language)("queue.title"), place, _here(request))
        deps = self.views.deps
        with deps.store.read() as session:
            if _ID.fullmatch(asked.id_start) and queries.case_for(session, signed.actor, asked.id_start):
                return RedirectResponse(case_address(asked.id_start), status_code=303)
            bulk = bulk_form(
                session, signed.actor, deps.today(), language, _here(request)[2:], values or {}, errors or {}
            )
            page = queue_page(session, deps, signed, frame, asked, given, bulk)
        return self.views.render("queue.html", page, frame, status)

    def assign(self, request: Request, values: Mapping[str, str]) -> Response:
        """Give the ticked cases to somebody."""
        signed, cases, errors = self._chosen(request, values)
        t, deps = translator(language_of(request)), self.views.deps
        if cases and not values.get("person"):
            errors = {"person": t("coordination.no_person")}
        if errors:
            return self.show(request, values=values, errors=errors, status=422)
        with deps.store.write() as session:
            became = teamwork.assign_many(
                session, actor=signed.actor, cases=cases, person=values["person"],
                reason=values.get("reason", ""), now=deps.now(), today=deps.today(),
            )  # fmt: skip
        return self._became(request, signed, became, "bulk.done_assigned")

    def set_aside(self, request: Request, values: Mapping[str, str]) -> Response:
        """Set the ticked cases aside; a day or reason that cannot be is said before any case is touched."""
        signed, cases, errors = self._chosen(request, values)
        language, deps = language_of(request), self.views.deps
        until, reason = day_of(values.get("until", "")), values.get("reason", "")
        if cases:
            wanted = Given(until=until, reason=reason)
            errors = {
                one.field: one.sentence[language]
                for one in problems_of((Ask.UNTIL, Ask.REASON), wanted, deps.today())
                if one.field
            }
        if errors:
            return self.show(request, values=values, errors=errors, status=422)
        with deps.store.write() as session:
            became = teamwork.snooze_many(
                session, actor=signed.actor, cases=cases, until=until, reason=reason, now=deps.now(),
                today=deps.today(),
            )  # fmt: skip
        return self._became(request, signed, became, "bulk.done_aside")

    def _chosen(
        self, request: Request, values: Mapping[str, str]
    ) -> tuple[SignedIn, list[tuple[str, int]], dict[str, str]]:
        """Who asks, and for which cases; a sentence if for none."""
        signed = self.views.signed_in(request)
        check_token(signed.csrf_token, values.get("csrf", ""))
        if signed.actor.role not in COORDINATORS:
            raise HTTPException(404)
        cases = ticked(values)
        none = {} if cases else {"person": translator(language_of(request))("coordination.none_ticked")}
        return signed, cases, none

    def _became(self, request: Request, signed: SignedIn, became: Sequence[Became], wording: str) -> Response:
        t = translator(language_of(request))
        frame = self.views.frame(request, signed, t("bulk.title"), "queue", _here(request))
        with self.views.deps.store.read() as session:
            page = bulk_page(session, signed.actor, frame, became, wording, _here(request))
        refused = any(one.refused is not None for one in became)
        return self.views.render("bulk.html", page, frame, 409 if refused else 200)


def _here(request: Request) -> str:
    """The part of the list that is worked on: where the language switch and a result lead back to."""
    return onward_of(f"/?{request.url.query}") if request.url.query else "/"


def queue_page(
    session: Session,
    deps: Deps,
    signed: SignedIn,
    frame: Frame,
    asked: Asked,
    given: Mapping[str, str],
    bulk: Bulk | None = None,
) -> QueuePage:
    """The list asked for, and how many the others hold. `bulk`: what can be done with several lines."""
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
        bulk=bulk,
        problems=bulk.problems if bulk else (),
        notice=t(_SAID[given["said"]]) if given.get("said") in _SAID else "",
        no_champion=newest is not None and not newest.screeners,
        stalled=_stalled(session, deps, t),
        unread=unread_box(deps, actor.role, frame.language),
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


def _stalled(session: Session, deps: Deps, t: Translate) -> str:
    """What a queue that gets nothing new must say of itself; nothing while the worker's turns come."""
    found, now = turns(session), deps.now()
    if found is None or not found.stand_still(now):
        return ""
    return t("queue.stalled", since=found.since.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"))


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
