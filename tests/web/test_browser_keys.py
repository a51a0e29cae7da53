"""Work in a real browser with our script on: ten cases by keyboard, a phone in a village, a manager's half-year."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from serving.review.case import Role
from serving.review.tables import Case, FactRow
from tests import support_pages
from tests import support_review as support
from tests.support_pages import DESKTOP, PHONE
from tests.support_review import PASSWORD, alert, open_cases

pytestmark = pytest.mark.browser

SAID = {
    "zh": {"visit": "记录走访", "both": "孩子和监护人", "note": "看到、了解到的情况", "dispose": "作出结论并结案",
           "confirmed": "属实", "reason": "结论的理由", "closed": "已结案", "menu": "菜单", "waiting": "待领取",
           "psychological": "“需要心理支持”的结论", "guardianship": "“需要监护支持”的结论"},
    "en": {"visit": "Record a visit", "both": "The child and a guardian", "note": "What you saw or learnt",
           "dispose": "Conclude and close", "confirmed": "Confirmed", "reason": "Reason for the conclusion",
           "closed": "Closed", "menu": "Menu", "waiting": "Waiting",
           "psychological": "Conclusion on “Needs psychological support”",
           "guardianship": "Conclusion on “Needs guardianship support”"},
}  # fmt: skip


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


def opened(chromium, address, name, language, viewport) -> tuple[Page, list[str]]:
    """A page somebody is signed in on, and what its console complains of."""
    page = chromium.new_context(viewport=viewport).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{address}/sign-in")
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("button.main").click()
    support_pages.settled(page, "form[action='/sign-out']")
    if language == "en":
        page.get_by_role("button", name="English").click()
        support_pages.settled(page, "html[lang='en']")
    return page, complaints


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_screener_takes_and_reads_ten_cases_by_keyboard_alone(chromium, store, address, language):
    support.add_account(store, Role.SCREENER)
    open_cases(store, [alert(f"child-{n:03}", rank=n) for n in range(12)])
    page, complaints = opened(chromium, address, "screener", language, DESKTOP)

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    for _ in range(10):
        page.keyboard.press("j")
        page.keyboard.press("c")
        support_pages.settled(page, ".box-done")
        page.keyboard.press("d")
        assert page.evaluate("document.activeElement.closest('details.step') !== null")
        page.keyboard.press("Escape")
        page.goto(address)
    expect(page.get_by_role("heading", name=SAID[language]["waiting"])).to_contain_text("2")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.type") == "search"

    assert complaints == []
    with store.read() as session:
        assert len([case for case in session.scalars(select(Case)) if case.holder_id]) == 10


def test_single_keys_do_nothing_in_a_field_or_once_they_are_switched_off(chromium, store, address):
    support.add_account(store, Role.SCREENER)
    open_cases(store, [alert("child-000")])
    page, _ = opened(chromium, address, "screener", "zh", DESKTOP)

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
    page, _ = opened(chromium, address, "child_director", "zh", DESKTOP)
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_village_worker_closes_a_case_on_a_phone(chromium, store, address, language):
    support.add_account(store)
    open_cases(store, [alert("child-001"), alert("child-002", tier="watch", due_days=30)])
    support.add_screenings(store, [support.screening("child-001")])
    said = SAID[language]
    page, complaints = opened(chromium, address, "child_director", language, PHONE)

    page.locator("[data-take-next]").click()
    visit = page.locator("details.step", has=page.locator("summary", has_text=said["visit"])).first
    visit.get_by_label(said["both"]).check()
    visit.get_by_label(said["note"]).fill("与母亲和孩子谈了半小时")
    visit.get_by_role("button", name=said["visit"], exact=True).click()
    close = page.locator("details[data-decides]")
    for risk in ("psychological", "guardianship"):
        close.get_by_role("group", name=said[risk]).get_by_label(said["confirmed"], exact=True).check()
    close.get_by_label(said["reason"]).fill("孩子说睡不好")
    close.get_by_role("button", name=said["dispose"], exact=True).click()
    expect(page.locator(".status").first).to_contain_text(said["closed"])
    page.get_by_role("link", name=said["menu"], exact=True).click()
    page.locator("#menu").get_by_role("link", name=said["closed"]).click()
    expect(page.locator("[data-row]")).to_have_count(1)

    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    with store.read() as session:
        assert session.scalars(select(FactRow.note)).one() == "与母亲和孩子谈了半小时"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_manager_reads_the_half_year_and_takes_it_along(chromium, tmp_path, language):
    folder = tmp_path / "busy"
    folder.mkdir()
    store = support_pages.busy_store(folder)
    with support_pages.served(support_pages.deps_of(store)) as address:
        page, complaints = opened(chromium, address, "manager", language, DESKTOP)

        page.locator("#menu a[href='/dashboard']").click()
        expect(page.locator(".bars").first).to_be_visible()
        page.locator("details.behind summary").first.click()
        expect(page.locator("details.behind table").first).to_be_visible()
        page.locator("#menu a[href='/statistics']").click()
        with page.expect_download() as download:
            page.locator("form[action='/statistics/export'] button").click()

        assert download.value.suggested_filename == "miaohu-2026-07-01.csv"
        assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
        assert complaints == []
    store.close()
