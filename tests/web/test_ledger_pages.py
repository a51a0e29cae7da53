"""A ledger entry for a child who has no case: found by its number, for a purpose, and only where one works."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.review.case import Role
from serving.review.opening import ChildFacts
from serving.review.record_queries import PART
from serving.review.record_tables import LedgerEntry
from serving.review.tables import AuditEvent, Case
from tests import support_review as support
from tests.support_records import ENTER
from tests.support_review import ELSEWHERE, VILLAGE, Browser, alert, open_cases

NUMBER, FAR = "330109201304157328", "330109201304157999"
KEYS = {NUMBER: "c-one", FAR: "c-far"}
AREAS = {"c-one": VILLAGE, "c-far": ELSEWHERE}
ADDRESS = "/records/ledger/new"


@pytest.fixture
def browser(store):
    return Browser(
        support.deps(
            store,
            find_child=KEYS.get,
            about_child=lambda key: ChildFacts(area_code=AREAS[key]),
            keys_of=lambda key: ("c-one", "c-old") if key in ("c-one", "c-old") else (key,),
        )
    )


@pytest.fixture
def director(store):
    return support.add_account(store, Role.CHILD_DIRECTOR, area_prefix=VILLAGE)


def start(browser, language="zh"):
    browser.sign_in("child_director")
    if language == "en":
        browser.switch("en")
    browser.get(ADDRESS)
    assert browser.status == 200


def entries(store):
    with store.read() as session:
        return session.scalars(select(LedgerEntry)).all()


def test_a_child_without_a_case_is_entered_and_the_log_says_what_for(browser, store, director):
    start(browser)

    browser.post(ADDRESS, child=NUMBER, purpose="support", **ENTER)

    [entry] = entries(store)
    assert browser.status == 200
    assert (entry.child_key, entry.area_code, entry.case_id) == ("c-one", VILLAGE, None)
    with store.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.actor == director.account_id)).all()
    assert [event.verb for event in events].count("enter_ledger") == 1
    [event] = [event for event in events if event.verb == "enter_ledger"]
    assert event.detail["purpose"] == "support"
    assert not any(NUMBER in str(event.detail) + event.subject for event in events)


def test_a_child_with_an_open_case_is_entered_with_it(browser, store, director):
    open_cases(store, [alert("c-one")])
    start(browser)

    browser.post(ADDRESS, child=NUMBER, purpose="support", **ENTER)

    with store.read() as session:
        assert entries(store)[0].case_id == session.scalars(select(Case.id)).one()


def test_a_child_elsewhere_is_as_unknown_as_one_nobody_registered(browser, store, director):
    start(browser)
    said = []
    for number in (FAR, "nobody"):
        browser.post(ADDRESS, child=number, purpose="support", **ENTER)
        assert browser.status == 422
        said.append(browser.words())

    assert said[0] == said[1]
    assert "没有找到这个孩子" in said[0]
    assert entries(store) == []
    with store.read() as session:
        traces = session.scalars(select(AuditEvent).where(AuditEvent.verb == "look_up_in_vain")).all()
    assert len(traces) == 2


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("zh", ("请选择打开的目的。", "登记一名没有个案的儿童")),
        ("en", ("Choose what you open it for.", "Enter a child who has no case")),
    ],
)
def test_what_is_missing_is_said_at_once_and_the_number_does_not_come_back(
    browser, store, director, language, sentences
):
    start(browser, language)

    browser.post(ADDRESS, child=NUMBER, purpose="", **{**ENTER, "entered_on": ""})

    assert browser.status == 422
    assert all(sentence in browser.words() for sentence in sentences)
    assert 'href="#enter_ledger-purpose"' in browser.page
    assert 'href="#enter_ledger-entered_on"' in browser.page
    assert ENTER["note"] in browser.page
    assert NUMBER not in browser.page
    assert entries(store) == []


def test_a_child_stands_in_the_ledger_once_under_all_its_keys(browser, store, director):
    with store.write() as session:
        session.add(
            LedgerEntry(
                child_key="c-old", area_code=VILLAGE, case_id=None, state="open", categories=["hardship"],
                basis="case", note="x", entered_on=support.TODAY, contacted_on=support.TODAY, visited_on=support.TODAY,
                made_by=director.account_id, made_at=support.NOW,
            )
        )  # fmt: skip
    start(browser)

    browser.post(ADDRESS, child=NUMBER, purpose="support", **ENTER)

    assert browser.status == 409
    assert "这名儿童已在台账中" in browser.words()
    assert len(entries(store)) == 1


def test_who_may_not_enter_the_ledger_is_offered_no_form(browser, store):
    support.add_account(store, Role.AUDITOR)
    browser.sign_in("auditor")
    browser.get("/records/ledger")
    assert ADDRESS not in browser.page
    browser.get(ADDRESS)
    assert browser.status == 403


def test_what_the_calendar_does_not_list_is_one_link_away_and_turned_to_the_end(browser, store, director):
    late = support.TODAY - timedelta(days=200)
    with store.write() as session:
        session.add_all(
            LedgerEntry(
                child_key=f"c-{number}", area_code=VILLAGE, case_id=None, state="open", categories=["hardship"],
                basis="case", note="x", entered_on=late, contacted_on=late, visited_on=late,
                made_by=director.account_id, made_at=support.NOW,
            )
            for number in range(PART + 20)
        )  # fmt: skip
    browser.sign_in("child_director")
    browser.get("/records/due")
    assert f"另有 {2 * (PART + 20) - PART} 项" in browser.words()
    assert 'href="/records/due?which=overdue"' in browser.page

    seen, address = [], "/records/due?which=overdue"
    while address:
        browser.get(address)
        assert "另有" not in browser.words()
        seen.append(re.findall(r'href="/records/ledger/(\d+)"', browser.page))
        onward = re.search(r'href="([^"]+)" rel="next"', browser.page)
        address = onward.group(1).replace("&amp;", "&") if onward else ""

    assert [len(part) for part in seen] == [PART, PART, 40]
    assert Counter(number for part in seen for number in part).most_common(1)[0][1] == 2
    assert 'href="/records/due?which=overdue" rel="prev"' in browser.page
    for nonsense in ("x", "2026-13-01.1.visit", "2026-10-01.x.visit"):
        browser.get(f"/records/due?which=overdue&after={nonsense}")
        assert browser.status == 200
