"""Lists of the records beside the case: the calendar of what is due, ledger, reports, referrals, rosters.

Every list holds the area its reader answers for, and says how many there are when it shows only a part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import FastAPI, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from features.jurisdiction import Profile, ProfileUnknown
from features.rounds import Change
from serving.review import queries, record_queries
from serving.review.case import coded
from serving.review.permissions import Actor
from serving.review.record_entries import MAKING
from serving.review.record_queries import PART, DueLine, DuePart, Place
from serving.review.record_tables import RosterChangeRow
from serving.review.records import Kind, State
from serving.review.rhythm import Bucket, Rhythm
from serving.web.components import Cell, Link, Notice, Pager, Tab, Table
from serving.web.guard import language_of
from serving.web.lines import area_words
from serving.web.pages import Frame
from serving.web.record_lines import Saying, listed_table
from serving.web.text import Translate, translator
from serving.web.views import Views

# The states a list opens with: what still waits for somebody. The others are one link away.
WAITING: dict[Kind, tuple[State, ...]] = {
    Kind.LEDGER: (State.OPEN,),
    Kind.ASSESSMENT: (State.AWAITS_SECOND, State.DISPUTED),
    Kind.REPORT: (State.OPEN,),
    Kind.REFERRAL: (State.SENT, State.ACCEPTED),
    Kind.PLAN: (State.OPEN,),
}


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What can be made from a list, beside what is made from a case.
_NEW: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.LEDGER: (("/records/ledger/new", "ledger.new"),),
    Kind.REPORT: (("/records/report/new", "report.new"),),
}


@dataclass(frozen=True)
class RecordsPage:
    """One list, or the calendar in its parts."""

    frame: Frame
    heading: str
    tabs: tuple[Tab, ...]
    filters: tuple[Tab, ...]
    notices: tuple[Notice, ...]
    actions: tuple[Link, ...]
    tables: tuple[Table, ...]
    pager: Pager


def add_record_lists(app: FastAPI, views: Views) -> None:
    """The routes of the lists."""
    lists = _Lists(views)

    @app.get("/records")
    def records() -> Response:
        return RedirectResponse("/records/due", status_code=303)

    @app.get("/records/due")
    def due(request: Request, which: str = "", after: str = "") -> Response:
        return lists.due(request, which, after)

    @app.get("/records/roster")
    def roster(request: Request, change: str = "", before: str = "") -> Response:
        return lists.roster(request, change, _number(before))

    @app.get("/records/{kind}")
    def of_kind(request: Request, kind: str, state: str = "", before: str = "") -> Response:
        if kind not in {each.value for each in Kind}:
            raise HTTPException(404)
        return lists.of_kind(request, coded(Kind, kind), state == "all", _number(before))


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


@dataclass(frozen=True)
class _Lists:
    views: Views

    def of_kind(self, request: Request, kind: Kind, every: bool, before: int | None) -> HTMLResponse:
        """One kind of record, the newest first: those that wait for somebody, or all."""
        signed, language = self.views.signed_in(request), language_of(request)
        t, deps, actor = translator(language), self.views.deps, signed.actor
        here = f"/records/{kind.value}"
        states = () if every else WAITING[kind]
        with deps.store.read() as session:
            rows = record_queries.listed(session, actor, kind, states=states, before=before)
            waiting = record_queries.count(session, actor, kind, states=WAITING[kind])
            whole = record_queries.count(session, actor, kind)
            say = Saying.of(session, deps, actor, language, queries.display_names(session))
            table = listed_table(say, rows[:PART], kind.title[language])
            notices = self._overdue(session, actor, kind, t)
        titles = t("separator").join(state.title[language] for state in WAITING[kind])
        filters = (
            Tab(here, titles, not every, t("support.count", count=waiting)),
            Tab(f"{here}?state=all", t("roster.all"), every, t("support.count", count=whole)),
        )
        after = (
            f"{here}?before={rows[PART - 1].id}{'&state=all' if every else ''}" if len(rows) > PART else ""
        )
        page = RecordsPage(
            frame=self.views.frame(request, signed, kind.title[language], "support", here),
            heading=kind.title[language], tabs=_tabs(here, language, t), filters=filters, notices=notices,
            actions=tuple(
                Link(address, t(words))
                for address, words in _NEW.get(kind, ())
                if actor.role in MAKING[kind].by
            ),
            tables=(table,), pager=Pager(t("support.pages"), after=after),
        )  # fmt: skip
        return self.views.render("records.html", page, page.frame)

    def due(self, request: Request, which: str, after: str) -> HTMLResponse:
        """What is due for the children of the ledger: overdue, today, soon and later, or one of these."""
        signed, language = self.views.signed_in(request), language_of(request)
        t, deps = translator(language), self.views.deps
        rhythm = Rhythm.of(deps.profile)
        with deps.store.read() as session:
            parts = record_queries.calendar(session, signed.actor, rhythm, deps.today())
            counts = {bucket: part.count for bucket, part in parts.items()}
            onward = ""
            wanted = next((bucket for bucket in Bucket if bucket.value == which), None)
            if wanted is not None:
                lines, more = record_queries.due_within(
                    session, signed.actor, rhythm, deps.today(), wanted, _read_place(after)
                )
                onward = _due_address(wanted, lines[-1]) if more else ""
                # All of it can be turned to: nothing is left out.
                parts = {wanted: DuePart(counts[wanted], lines)}
            say = Saying.of(session, deps, signed.actor, language, {})
            tables = tuple(_due_table(say, part, bucket, wanted) for bucket, part in parts.items())
        here = "/records/due"
        page = RecordsPage(
            frame=self.views.frame(request, signed, t("support.due"), "support", here),
            heading=t("support.due"), tabs=_tabs(here, language, t),
            filters=_due_filters(counts, wanted, language, t),
            notices=_rhythm_notices(deps.profile, rhythm, t), actions=(), tables=tables,
            pager=Pager(t("support.pages"), before=_due_address(wanted) if after else "", after=onward),
        )  # fmt: skip
        return self.views.render("records.html", page, page.frame)

    def roster(self, request: Request, change: str, before: int | None) -> HTMLResponse:
        """Who came to and went from the roster between the two newest rounds that were compared."""
        signed, language = self.views.signed_in(request), language_of(request)
        t, deps, actor = translator(language), self.views.deps, signed.actor
        wanted = change if change in {each.value for each in Change} else ""
        here, after = "/records/roster", ""
        filters: tuple[Tab, ...] = ()
        with deps.store.read() as session:
            newest = record_queries.newest_roster(session)
            say = Saying.of(session, deps, actor, language, {})
            if newest is None:
                table = Table(t("support.roster"), (), (), t("roster.not_yet"))
                notice = Notice("note", t("roster.not_yet"))
            else:
                rows = record_queries.roster_changes(session, actor, newest.as_of, wanted, before)
                filters = _changes(
                    record_queries.roster_counts(session, actor, newest.as_of), wanted, language, t
                )
                table = _roster_table(say, rows[:PART])
                dates = {"before": newest.before.isoformat(), "as_of": newest.as_of.isoformat()}
                notice = Notice("note", t("roster.from_to", **dates))
                if len(rows) > PART:
                    after = f"{here}?before={rows[PART - 1].id}" + (f"&change={wanted}" if wanted else "")
        page = RecordsPage(
            frame=self.views.frame(request, signed, t("support.roster"), "support", here),
            heading=t("support.roster"), tabs=_tabs(here, language, t), filters=filters, notices=(notice,),
            actions=(), tables=(table,), pager=Pager(t("support.pages"), after=after),
        )  # fmt: skip
        return self.views.render("records.html", page, page.frame)

    def _overdue(self, session: Session, actor: Actor, kind: Kind, t: Translate) -> tuple[Notice, ...]:
        if kind is not Kind.REFERRAL:
            return ()
        late = record_queries.overdue_answers(session, actor, self.views.deps.today())
        return (Notice("note", t("referral.overdue", count=late)),) if late else ()


def _tabs(here: str, language: str, t: Translate) -> tuple[Tab, ...]:
    pages = (
        ("/records/due", t("support.due")),
        *((f"/records/{kind.value}", kind.title[language]) for kind in Kind),
        ("/records/roster", t("support.roster")),
        ("/profile", t("support.profile")),
    )
    return tuple(Tab(address, title, address == here) for address, title in pages)


def _rhythm_notices(profile: Profile, rhythm: Rhythm, t: Translate) -> tuple[Notice, ...]:
    found = []
    if rhythm.contact_days is None:
        found.append(Notice("note", t("due.no_contact")))
    if rhythm.visit_days is None:
        found.append(Notice("note", t("due.no_visit")))
    try:
        found.append(Notice("note", t("due.basis", basis=profile.basis("care"))))
    except ProfileUnknown:
        return tuple(found)
    return tuple(found)


def _due_address(bucket: Bucket | None, last: DueLine | None = None) -> str:
    if bucket is None:
        return "/records/due"
    onward = "" if last is None else f"&after={last.on.isoformat()}.{last.entry_id}.{last.duty.value}"
    return f"/records/due?which={bucket.value}{onward}"


def _read_place(said: str) -> Place | None:
    """Where the part before ended; None, which is the beginning, for what is no place."""
    day, _, rest = said.partition(".")
    number, _, duty = rest.partition(".")
    if not _DAY.fullmatch(day) or not re.fullmatch(r"[0-9]{1,9}", number):
        return None
    try:
        return date.fromisoformat(day), int(number), duty
    except ValueError:
        return None


def _due_filters(
    counts: Mapping[Bucket, int], wanted: Bucket | None, language: str, t: Translate
) -> tuple[Tab, ...]:
    every = Tab(
        _due_address(None), t("roster.all"), wanted is None, t("support.count", count=sum(counts.values()))
    )
    return (
        every,
        *(
            Tab(
                _due_address(bucket),
                bucket.title[language],
                bucket is wanted,
                t("support.count", count=count),
            )
            for bucket, count in counts.items()
        ),
    )


def _due_table(say: Saying, part: DuePart, bucket: Bucket, wanted: Bucket | None) -> Table:
    t = say.t
    names = say.names({line.child_key for line in part.lines})
    caption = f"{bucket.title[say.language]} {t('support.count', count=part.count)}"
    if wanted is None and part.count > len(part.lines):
        more = t("due.more", count=part.count - len(part.lines))
        caption = f"{caption} · {more}"
    return Table(
        caption,
        (t("support.child"), t("due.duty"), t("due.by"), t("support.area")),
        tuple(
            (
                Cell(names[line.child_key], address=f"/records/ledger/{line.entry_id}"),
                Cell(line.duty.title[say.language]),
                Cell(line.on.isoformat(), "day"),
                Cell(area_words(say.deps, line.area_code, say.language)),
            )
            for line in part.lines
        ),
        t("due.nothing"),
    )


def _roster_table(say: Saying, changes: Sequence[RosterChangeRow]) -> Table:
    t = say.t
    names = say.names({row.child_key for row in changes})
    return Table(
        t("support.roster"),
        (t("support.child"), t("roster.change"), t("support.area"), t("roster.from")),
        tuple(
            (
                Cell(names[row.child_key]),
                Cell(coded(Change, row.change).title[say.language]),
                Cell(area_words(say.deps, row.area_code, say.language)),
                Cell(_whence(say, row.from_area)),
            )
            for row in changes
        ),
        t("support.empty"),
    )


def _whence(say: Saying, area: str | None) -> str:
    return say.t("roster.nowhere") if area is None else area_words(say.deps, area, say.language)


def _changes(counts: dict[str, int], wanted: str, language: str, t: Translate) -> tuple[Tab, ...]:
    here = "/records/roster"
    every = Tab(here, t("roster.all"), not wanted, t("support.count", count=sum(counts.values())))
    return (
        every,
        *(
            Tab(
                f"{here}?change={each.value}", each.title[language], each.value == wanted,
                t("support.count", count=counts[each.value]),
            )
            for each in Change
            if each.value in counts
        ),
    )  # fmt: skip
