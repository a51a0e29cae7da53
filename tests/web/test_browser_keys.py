"""What our script does in a real browser: single keys, a word before leaving what was written, a lost line."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from serving.review.case import Role
from serving.review.tables import Case
from tests import support_pages
from tests import support_review as support
from tests.support_pages import DESKTOP
from tests.support_review import alert, open_cases

pytestmark = pytest.mark.browser


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
