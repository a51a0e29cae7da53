"""What our script does in a real browser: single keys, a word before leaving what was written, a lost line."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from serving.review.case import Met, Role, Verb
from serving.review.tables import Case, FactRow
from serving.web.text import WORDS
from tests import support_pages
from tests import support_review as support
from tests.support_pages import DESKTOP
from tests.support_review import alert, open_cases

pytestmark = pytest.mark.browser

SEEN = "孩子说睡不好"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with support_pages.chromium() as browser:
        yield browser


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def address(store) -> Iterator[str]:
    with support_pages.served(support_pages.deps_of(store)) as address:
        yield address


def opened(chromium, address, name) -> Page:
    """A page somebody is signed in on."""
    page = chromium.new_context(viewport=DESKTOP).new_page()
    support_pages.sign_in(page, address, name)
    return page


def test_single_keys_do_nothing_in_a_field_or_once_they_are_switched_off(chromium, store, address):
    support.add_account(store, Role.SCREENER)
    open_cases(store, [alert("child-000")])
    page = opened(chromium, address, "screener")

    page.keyboard.press("/")
    page.keyboard.type("jc?")
    expect(page.locator("#keys")).to_be_hidden()
    assert page.locator("#filter-q").input_value() == "jc?"
    page.locator("[data-keys-open]").click()
    page.locator("[data-keys-wanted]").uncheck()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("c")

    expect(page.locator("[data-row]")).to_have_count(1)


def test_leaving_what_was_written_is_asked_about_and_a_lost_line_is_told(chromium, store, address):
    worker = support.add_account(store)
    open_cases(store, [alert("child-000")])
    with store.write() as session:
        case = session.scalars(select(Case)).one()
        case.status, case.holder_id = support_pages.IN_HAND, worker.account_id
    page = opened(chromium, address, "child_director")
    page.goto(f"{address}/cases/{case.id}")
    asked: list[str] = []

    def dismiss(dialog):
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", dismiss)
    page.locator("#record_visit-note").fill("半句话")
    page.context.set_offline(True)
    expect(page.locator(".offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".offline")).to_be_hidden()
    page.goto(address)

    assert asked == ["beforeunload"]


@pytest.fixture
def at_a_visit(chromium, store, address) -> Page:
    """The page of a case whose worker has written what they saw, and not sent it."""
    worker = support.add_account(store)
    open_cases(store, [alert("child-000")])
    with store.write() as session:
        case = session.scalars(select(Case)).one()
        case.status, case.holder_id = support_pages.IN_HAND, worker.account_id
    page = opened(chromium, address, "child_director")
    page.goto(f"{address}/cases/{case.id}")
    page.get_by_role("textbox", name=WORDS["field.note"].zh).fill(SEEN)
    page.get_by_role("radio", name=Met.BOTH.title.zh, exact=True).check()
    return page


def send(page: Page) -> None:
    page.get_by_role("button", name=Verb.RECORD_VISIT.title.zh, exact=True).click()


def test_what_was_written_stays_on_the_page_and_nowhere_else_while_the_line_is_gone(at_a_visit, store):
    page = at_a_visit
    page.context.set_offline(True)
    send(page)

    expect(page.get_by_role("alert")).to_contain_text("没有发出去")
    assert page.get_by_role("textbox", name=WORDS["field.note"].zh).input_value() == SEEN
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}]) + document.cookie")
    assert "睡" not in kept
    with store.read() as session:
        assert session.scalars(select(FactRow)).all() == []

    page.context.set_offline(False)
    send(page)
    expect(page.get_by_role("status").filter(has_text=Verb.RECORD_VISIT.title.zh)).to_be_visible()
    with store.read() as session:
        assert session.scalars(select(FactRow.note)).all() == [SEEN]


def test_a_system_that_does_not_answer_is_told_though_the_device_thinks_it_has_a_line(at_a_visit):
    page = at_a_visit
    page.route("**/static/miaohu.svg?*", lambda route: route.abort())
    send(page)

    expect(page.get_by_role("alert")).to_contain_text("没有发出去")
    assert page.get_by_role("textbox", name=WORDS["field.note"].zh).input_value() == SEEN


def test_a_slow_line_is_told_and_a_second_press_sends_nothing_more(at_a_visit, store):
    page = at_a_visit
    held: list[Route] = []
    page.route("**/static/miaohu.svg?*", lambda route: held.append(route))
    send(page)
    expect(page.get_by_text(WORDS["sending"].zh)).to_be_visible()
    send(page)
    [route] = held
    route.continue_()

    expect(page.get_by_role("status").filter(has_text=Verb.RECORD_VISIT.title.zh)).to_be_visible()
    with store.read() as session:
        assert session.scalars(select(FactRow.note)).all() == [SEEN]


def test_a_page_that_gave_a_file_still_sends_its_other_forms(chromium, store, address):
    support.add_account(store, Role.MANAGER)
    open_cases(store, [alert("child-000")])
    page = opened(chromium, address, "manager")
    page.goto(f"{address}/statistics")
    with page.expect_download():
        page.get_by_role("button", name=WORDS["statistics.export"].zh).click()

    page.get_by_role("button", name="English").click()

    expect(page.get_by_role("heading", name=WORDS["statistics.title"].en)).to_be_visible()
