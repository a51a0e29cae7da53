"""Every page there is, as rows: who opens it, where, what its title says, and what is done there first.

The rows are held to the application's own routes, so a new page without a row is noticed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from playwright.sync_api import Page
from sqlalchemy import select
from starlette.routing import Match

from features.guardianship import trees
from features.language import Text
from serving.review import emergency, exports, rights, webhooks
from serving.review.accounts import actor_of
from serving.review.case import RISKS, Disposition, Objector, Role, Verb
from serving.review.emergency import OPEN, Why
from serving.review.machine_tables import WebhookMessage
from serving.review.record_entries import MAKING, assess_entry
from serving.review.record_tables import RosterChangeRow, RosterRound
from serving.review.records import Kind
from serving.review.store import Store
from serving.review.tables import Account, Case
from serving.web.text import WORDS
from tests import support_exports, support_life, support_pages
from tests import support_records as records
from tests import support_review as support
from tests.integration.test_records_of_support import do
from tests.support_review import NOW, TODAY

Act = Callable[[Page, str], None]


@dataclass(frozen=True)
class Visit:
    """One page. `title` is part of what the browser calls it; `act` happens there and leads on to it."""

    role: Role | None
    address: str
    title: Text
    act: Act | None = None
    says: str = ""

    @property
    def name(self) -> str:
        return f"{self.address} {self.says}".strip()


# Addresses that show nothing of their own: they lead on, or to a provider that signs people in.
LEAD_ON = frozenset({"/records", "/sign-in/provider", "/sign-in/return", "/sign-in/provider/out"})


def without_a_visit(app: FastAPI) -> list[str]:
    """The pages of the application that no row opens."""
    pages = [
        route
        for route in app.routes
        if isinstance(route, APIRoute) and "GET" in route.methods and route.path not in LEAD_ON
    ]
    opened = set()
    for visit in VISITS:
        path = re.sub(r"\{\w+\}", "1", visit.address.partition("?")[0])
        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        opened.add(next((page.path for page in pages if page.matches(scope)[0] is Match.FULL), ""))
    return [page.path for page in pages if page.path not in opened]


# --- what stands on the pages -----------------------------------------------------------------------------


def fill(store: Store) -> dict[str, str]:
    """A busy county with a record of every kind and a case in every corner; what addresses name of it."""
    support_pages.make_busy(store)
    people = _people(store)
    worker, second = people["child_director"], people["supervisor"]
    with store.read() as session:
        ids = {case.child_key: case.id for case in session.scalars(select(Case))}
    mine = ids["child-005"]
    made = {
        Kind.LEDGER: records.enter(store, worker, mine),
        Kind.ASSESSMENT: records.assess(store, people["assessor"], second, mine),
        Kind.REPORT: records.report(store, worker, mine),
        Kind.REFERRAL: records.refer(store, worker, mine),
        Kind.PLAN: records.plan(store, worker, mine),
    }
    do(
        store,
        worker,
        Kind.LEDGER,
        made[Kind.LEDGER],
        "care_contact",
        happened_on="2026-10-02",
        met="nobody",
        note="没人接",
    )
    receipt = {"from": "police", "happened_on": "2026-10-06", "number": "公 7"}
    do(store, worker, Kind.REPORT, made[Kind.REPORT], "receipt", **receipt)
    disputed = records.assess(store, people["screener"], second, ids["child-006"])
    do(
        store, second, Kind.ASSESSMENT, disputed, "dispute_assessment",
        conclusion="absent", level="first", note="看法不同",
    )  # fmt: skip
    _roster(store)
    _second_review(store, people)
    support_life.do(
        store, Verb.OBJECT, worker, child_key="child-006", raised_by=Objector.GUARDIAN,
        record=("absences", ""), wrong="那几天是病假",
    )  # fmt: skip
    opening = _opening(store, ids["child-006"])
    asked, copy = _rights(store, people["screener"])
    return {
        "mine": mine, "duty": ids["child-000"], "blind": ids["child-003"], "closed": ids["child-040"],
        "second": ids["child-008"], "disputed": str(disputed), "opening": opening, "asked": asked, "copy": copy, "export": _door(store, people["screener"]), "objected": ids["child-006"],
        **{kind.value: str(number) for kind, number in made.items()},
    }  # fmt: skip


def _people(store: Store) -> dict[str, support.Actor]:
    with store.read() as session:
        return {account.username: actor_of(account) for account in session.scalars(select(Account))}


def _roster(store: Store) -> None:
    with store.write() as session:
        session.add(RosterRound(as_of=date(2026, 10, 1), before=date(2026, 4, 1), changes=3, made_at=NOW))
        for number, change in enumerate(("new", "moved", "left")):
            session.add(
                RosterChangeRow(
                    as_of=date(2026, 10, 1), before=date(2026, 4, 1), child_key=f"child-{number:03}",
                    area_code=support.VILLAGE, from_area=None if change == "new" else support.ELSEWHERE,
                    change=change,
                )
            )  # fmt: skip


def _second_review(store: Store, people: Mapping[str, support.Actor]) -> None:
    """Two people who concluded differently: a third is to settle."""
    with store.write() as session:
        case = session.scalars(select(Case).where(Case.child_key == "child-008")).one()
        case.tier = "first"
    first, second = people["child_director"], people["supervisor"]
    support_life.fact(store, first, child_key="child-008")
    support_life.conclude(store, first, child_key="child-008")
    if support_life.case_now(store, "child-008").status == "second_review":
        support_life.do(store, Verb.CLAIM, second, child_key="child-008")
        other = dict.fromkeys(RISKS, Disposition.NOT_CONFIRMED)
        support_life.conclude(store, second, other, Verb.CONCLUDE_SECOND, child_key="child-008")


def _opening(store: Store, case_id: str) -> str:
    """Somebody from elsewhere opened a case in an emergency."""
    elsewhere = support.add_account(store, username="elsewhere", area_prefix=support.ELSEWHERE)
    given = {"child": case_id, "reason": next(iter(Why)).value, "words": "孩子在车站，一个人"}
    with store.write() as session:
        row = emergency.open_case(
            session, actor=elsewhere, case_id=case_id, given=given, now=NOW, today=TODAY,
            lasts=timedelta(hours=4),
        )  # fmt: skip
        assert row is not None
        return str(row.id)


def _rights(store: Store, screener: support.Actor) -> tuple[str, str]:
    """Two requests about a child's data: one that waits, and one to see it that was granted."""
    doing = rights.Doing(screener, NOW, TODAY)
    given = {
        "child": "x", "right": "correct", "asked_by": "guardian", "identity": "card", "received_on": "2026-10-05",
        "wish": "缺勤记录有误",
    }  # fmt: skip
    with store.write() as session:
        asked = rights.receive(session, doing, "child-005", support.facts(), given)
        copy = rights.receive(session, doing, "child-005", support.facts(), given | {"right": "view"})
        granted = {"decision": "grant", "answer": "见附件"}
        rights.answer(session, doing, copy.id, copy.version, granted, ["child-005"])
        return str(asked.id), str(copy.id)


def _door(store: Store, screener: support.Actor) -> str:
    """A table somebody asks for, and a message no receiver took."""
    with store.write() as session:
        endpoint = webhooks.add(
            session, url="https://cases.example.org/hooks", title="案件系统", events=["case.closed"],
            area_prefix=support.COUNTY, internal=False, now=NOW,
        )  # fmt: skip
        session.add(
            WebhookMessage(
                id="msg_one", endpoint_id=endpoint, event="case.closed", case_id=None, child_key="child-001",
                occurred_at=NOW, attempts=9, next_at=None, dead_at=NOW, last_result="503",
            )
        )  # fmt: skip
        request = exports.ask(
            session, actor=screener, template=support_exports.table(), area_prefix=support.COUNTY,
            full_names=False, purpose=next(iter(exports.Purpose)), words="报市局", now=NOW,
        )  # fmt: skip
        return str(request.id)


# What the pages need beside the store for every one of them to have something on it.
DEPS: Mapping[str, Any] = {"templates": {"small": support_exports.table()}}


# --- the pages --------------------------------------------------------------------------------------------


def said(name: str) -> Text:
    """The longest part of a wording between the values that are filled in."""
    parts = (re.split(r"\{\w+\}", WORDS[name][language]) for language in ("zh", "en"))
    return Text(*(max(part, key=len).strip() for part in parts))


def presses(name: Text) -> Act:
    """A button of the page is pressed as it stands."""

    def act(page: Page, language: str) -> None:
        for fold in page.locator("main details").all():
            fold.evaluate("one => { one.open = true }")
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=name[language], exact=True).first.click()

    return act


def _late(page: Page, language: str) -> None:
    """A visit is sent from a page that was opened before somebody else changed the case."""
    page.evaluate("for (const one of document.querySelectorAll('[name=version]')) one.value = '0'")
    form = page.locator("details.step").filter(has_text=Verb.RECORD_VISIT.title[language]).first
    form.evaluate("one => { one.open = true }")
    form.locator("textarea").fill("与母亲谈了")
    form.locator("input[type=radio]").first.check()
    with page.expect_navigation():
        form.get_by_role("button", name=Verb.RECORD_VISIT.title[language], exact=True).click()


def _keeps_a_draft(page: Page, language: str) -> None:
    form = page.locator("details.step").filter(has_text=Verb.RECORD_VISIT.title[language]).first
    form.evaluate("one => { one.open = true }")
    form.locator("textarea").fill("与母亲谈了一半")
    with page.expect_navigation():
        form.get_by_role("button", name=WORDS["draft.save"][language]).click()


def _signs_in_wrongly(page: Page, language: str) -> None:
    page.locator("#username").fill("nobody")
    page.locator("#password").fill("not the password")
    with page.expect_navigation():
        page.locator("button.main").click()


def _opens_the_child(page: Page, language: str) -> None:
    page.locator("main input[type=radio]").first.check()
    presses(WORDS["page_of_child.open"])(page, language)


def _forges(page: Page, language: str) -> None:
    """A form is sent that is not one of ours."""
    page.evaluate("for (const one of document.querySelectorAll('main [name=csrf]')) one.value = 'x'")
    presses(WORDS["raise.send"])(page, language)


_DIRECTOR, _SCREENER, _SUPERVISOR, _MANAGER = (
    Role.CHILD_DIRECTOR, Role.SCREENER, Role.SUPERVISOR, Role.MANAGER,
)  # fmt: skip
_CASE, _QUEUE, _SUPPORT = said("case.title"), said("queue.title"), said("support.child_support")
_PRINT = WORDS["record.print"]


def _made(kind: Kind) -> Text:
    return assess_entry(trees()[-1]).title if kind is Kind.ASSESSMENT else MAKING[kind].title


VISITS: tuple[Visit, ...] = (
    Visit(None, "/sign-in", said("sign_in.title")),
    Visit(None, "/sign-in", said("sign_in.title"), presses(WORDS["sign_in.button"]), "left empty"),
    Visit(None, "/sign-in", said("sign_in.title"), _signs_in_wrongly, "with a wrong password"),
    Visit(_DIRECTOR, "/?list=mine", _QUEUE),
    Visit(_DIRECTOR, "/raise", said("raise.title")),
    Visit(_DIRECTOR, "/raise", said("raise.title"), presses(WORDS["raise.send"]), "left empty"),
    Visit(_DIRECTOR, "/raise", said("error.403.title"), _forges, "not one of ours"),
    Visit(_DIRECTOR, "/dashboard", said("error.403.title")),
    Visit(_DIRECTOR, "/nowhere", said("error.404.title")),
    Visit(_DIRECTOR, "/coordination", said("coordination.title")),
    Visit(_DIRECTOR, "/cases/{mine}", _CASE),
    Visit(_DIRECTOR, "/cases/{mine}", _CASE, presses(Verb.RECORD_VISIT.title), "left empty"),
    Visit(_DIRECTOR, "/cases/{mine}", _CASE, _late, "sent late"),
    Visit(_DIRECTOR, "/cases/{mine}", _CASE, _keeps_a_draft, "with a draft"),
    Visit(_DIRECTOR, "/cases/{mine}", _CASE, presses(WORDS["case.reveal_name"]), "with the name"),
    Visit(_DIRECTOR, "/cases/{objected}", _CASE),
    Visit(_DIRECTOR, "/emergency", OPEN.title),
    Visit(_DIRECTOR, "/emergency", OPEN.title, presses(OPEN.title), "left empty"),
    Visit(_SCREENER, "/", _QUEUE),
    Visit(_SCREENER, "/?list=all&tier=second", _QUEUE),
    Visit(_SCREENER, "/?list=asleep", _QUEUE),
    Visit(_SCREENER, "/cases/{duty}", _CASE),
    Visit(_SCREENER, "/cases/{blind}", _CASE),
    Visit(_SCREENER, "/cases/{second}", _CASE),
    Visit(_SCREENER, "/cases/{mine}/rounds", said("rounds.title")),
    Visit(_SCREENER, "/cases/{mine}/child", said("page_of_child.title")),
    Visit(_SCREENER, "/cases/{mine}/child", said("page_of_child.title"), presses(WORDS["page_of_child.open"]), "left empty"),
    Visit(_SCREENER, "/cases/{mine}/child", said("page_of_child.title"), _opens_the_child, "opened"),
    Visit(_SCREENER, "/cases/{mine}/support", _SUPPORT),
    *(Visit(_SCREENER, f"/cases/{{mine}}/add/{kind.value}", _made(kind)) for kind in Kind),
    Visit(_SCREENER, "/cases/{mine}/add/plan", MAKING[Kind.PLAN].title, presses(WORDS["record.save"]), "left empty"),
    *(Visit(_SCREENER, f"/cases/{{mine}}/add/assessment?tree={tree.code}", _made(Kind.ASSESSMENT)) for tree in trees()),
    *(Visit(_SCREENER, f"/records/{kind.value}/{{{kind.value}}}", kind.title) for kind in Kind),
    Visit(_SCREENER, "/records/ledger/{ledger}", Kind.LEDGER.title, presses(_PRINT), "to be printed"),
    Visit(_SUPERVISOR, "/records/assessment/{assessment}", Kind.ASSESSMENT.title, None, "by the second assessor"),
    Visit(_SUPERVISOR, "/records/assessment/{disputed}", Kind.ASSESSMENT.title),
    *(Visit(_SUPERVISOR, f"/records/{kind.value}?state=all", kind.title) for kind in Kind),
    Visit(_SUPERVISOR, "/records/due", said("support.due")),
    Visit(_SUPERVISOR, "/records/roster", said("support.roster")),
    Visit(_SUPERVISOR, "/records/report/new", MAKING[Kind.REPORT].title),
    Visit(_SUPERVISOR, "/objections", said("objections.list")),
    Visit(_SUPERVISOR, "/coordination", said("coordination.title")),
    Visit(_MANAGER, "/emergency/review", said("emergency.list")),
    Visit(_MANAGER, "/emergency/{opening}", said("emergency.one")),
    Visit(_MANAGER, "/closed", said("closed.title")),
    Visit(_MANAGER, "/cases/{closed}", _CASE),
    Visit(_MANAGER, "/dashboard", said("dashboard.title")),
    Visit(_MANAGER, "/statistics", said("statistics.title")),
    Visit(_MANAGER, "/profile", said("support.profile")),
    Visit(_SCREENER, "/records/ledger/new", said("ledger.new")),
    Visit(_SCREENER, "/records/ledger/new", said("ledger.new"), presses(WORDS["record.save"]), "left empty"),
    Visit(_SCREENER, "/rights", said("rights.title")),
    Visit(_SCREENER, "/rights/new", rights.RECEIVE.title),
    Visit(_SCREENER, "/rights/new", rights.RECEIVE.title, presses(rights.RECEIVE.title), "left empty"),
    Visit(_SCREENER, "/rights/{asked}", said("rights.one")),
    Visit(_SCREENER, "/rights/{copy}", said("rights.copy_title"), presses(WORDS["rights.copy"]), "the copy"),
    Visit(_SCREENER, "/rights/{copy}", said("rights.letter_title"), presses(WORDS["rights.letter"]), "the letter"),
    Visit(_SCREENER, "/exports", said("nav.exports")),
    Visit(_SCREENER, "/exports/answers", said("answers.title")),
    Visit(_MANAGER, "/exports/{export}", said("exports.one")),
    Visit(_MANAGER, "/undelivered", said("nav.undelivered")),
)  # fmt: skip
