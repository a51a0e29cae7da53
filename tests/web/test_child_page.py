"""The child's page: for a purpose, with a record of it, by those who work on the case, and no more than they may see."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from serving.review.case import Role
from serving.review.door_tables import ExportedCase, ExportRequest
from serving.review.tables import Account, AuditEvent, Case, FactRow
from serving.web.deps import LakeRecord
from tests import support_pages
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, Browser, alert, open_cases

RECORDS = (
    LakeRecord("absences", date(2026, 9, 1), date(2026, 9, 5)),
    LakeRecord("visits", date(2026, 8, 2), date(2026, 8, 9)),
    LakeRecord("care_visits", date(2025, 3, 3), date(2025, 3, 4)),
)


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


def browser_of(store, role=Role.SUPERVISOR, *, holds=False):
    actor = support.add_account(store, role)
    open_cases(store, [alert("c-one")])
    with store.write() as session:
        case = session.scalars(select(Case)).one()
        if holds:
            case.status, case.holder_id = support_pages.IN_HAND, actor.account_id
    browser = Browser(
        support_pages.deps_of(store, names=support.deps(store).names, records=lambda _: RECORDS)
    )
    browser.sign_in(role.value)
    return browser, case.id


def opened(browser, case_id, purpose="visit"):
    browser.get(f"/cases/{case_id}/child")
    browser.post(f"/cases/{case_id}/child", purpose=purpose)
    return browser.words()


# --- who may, and for what --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.CHILD_DIRECTOR])
def test_who_may_not_open_it_is_refused_before_and_after_a_purpose(store, role):
    browser, case_id = browser_of(store, role)

    browser.get(f"/cases/{case_id}/child")
    assert browser.status == 403
    browser.get("/")
    browser.post(f"/cases/{case_id}/child", purpose="visit")
    assert browser.status == 403
    assert reads(store) == []


def reads(store):
    with store.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.verb == "open_child")).all()
        return [(event.subject, event.detail) for event in events]


def test_a_case_outside_the_area_is_not_there(store):
    browser, _ = browser_of(store)
    open_cases(store, [alert("c-two")], areas={"c-two": ELSEWHERE})
    with store.read() as session:
        other = session.scalars(select(Case).where(Case.child_key == "c-two")).one().id

    browser.get(f"/cases/{other}/child")

    assert browser.status == 404


# --- the page -----------------------------------------------------------------------------------------------------


def test_before_a_purpose_is_given_nothing_is_shown_and_nothing_recorded(store):
    browser, case_id = browser_of(store)

    browser.get(f"/cases/{case_id}/child")
    assert "打开的目的" in browser.page
    assert "缺勤记录" not in browser.page
    browser.post(f"/cases/{case_id}/child")

    assert browser.status == 422
    assert '<a href="#purpose">请选择打开的目的。</a>' in browser.page
    assert "缺勤记录" not in browser.page
    assert reads(store) == []


def test_each_opening_is_recorded_with_its_purpose_and_shown(store):
    browser, case_id = browser_of(store)

    words = opened(browser, case_id, "support")

    assert reads(store) == [(case_id, {"purpose": "support"})]
    assert "打开目的：安排帮扶或转介。这次打开已记录。" in words
    assert "儿童督导员甲 打开一人一档：安排帮扶或转介" in words
    assert "c-one" not in browser.page


def test_the_timeline_holds_departments_cases_and_visits_the_latest_first(store):
    browser, case_id = browser_of(store)
    with store.write() as session:
        session.add(
            FactRow(
                case_id=case_id, entry=1, kind="visit", happened_on=TODAY + timedelta(days=1), met="both",
                note="谈了半小时", recorded_by=session.scalars(select(Account.id)).one(), recorded_at=NOW,
            )
        )  # fmt: skip

    words = opened(browser, case_id)

    order = [
        words.index(said)
        for said in (
            "谈了半小时",
            "个案进入队列",
            "缺勤记录 教育 2026-09-05",
            "门急诊与住院记录 卫健",
            "儿童主任走访记录 民政",
        )
    ]
    assert order == sorted(order)
    assert "2026 2 条" in words


def test_a_child_director_does_not_see_that_there_are_sensitive_records(store):
    browser, case_id = browser_of(store, Role.CHILD_DIRECTOR, holds=True)

    words = opened(browser, case_id)

    assert "缺勤记录" in words
    assert "门急诊" not in words
    assert "2026 1 条" in words
    assert "不对您的身份显示" in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_and_its_door_are_shown_in_both_languages(store, language):
    browser, case_id = browser_of(store)
    browser.get(f"/cases/{case_id}/child")
    browser.switch(language)
    assert browser.response.url.path == f"/cases/{case_id}/child"

    browser.post(f"/cases/{case_id}/child", purpose="assess")

    assert browser.status == 200
    if language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", re.sub(r">中文<|张\*|儿童督导员甲", "", browser.page))


def test_every_sheet_says_who_printed_it_and_when(store):
    browser, case_id = browser_of(store)
    opened(browser, case_id)

    head = re.search('<p class="print-head">(.*)</p>', browser.page).group(1)
    assert head.startswith("儿童督导员甲 打印于 2026-10-06 09:30")
    assert "用后销毁" in head


@pytest.mark.parametrize(("full", "words"), [(False, "name masked"), (True, "name in full")])
def test_who_took_the_child_out_in_a_table_is_shown_with_purpose_and_who_allowed_it(store, full, words):
    browser, case_id = browser_of(store)
    asks = support.add_account(store, Role.SCREENER)
    allows = support.add_account(store, Role.MANAGER)
    with store.write() as session:
        row = ExportRequest(
            template="x", area_prefix="", full_names=full, purpose="verify", words="只给市局看", state="fetched",
            asked_by=asks.account_id, asked_at=NOW, decided_by=allows.account_id, decided_at=NOW, fetched_at=NOW,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(ExportedCase(request_id=row.id, case_id=case_id))
        names = {one: session.get(Account, one).display_name for one in (asks.account_id, allows.account_id)}

    browser.get("/")
    browser.switch("en")
    page = opened(browser, case_id)

    line = f"Taken out in a table, {words}: Visits to verify; approved by {names[allows.account_id]}"
    assert line in page
    assert names[asks.account_id] in page
    assert "只给市局看" not in page
