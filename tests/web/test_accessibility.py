"""Every page, in both languages, on a desktop and on a phone: no rule of axe-core is broken, nothing is wider than the screen."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from serving.review.tables import Case
from tests import support_pages
from tests.support_pages import DESKTOP, PHONE
from tests.support_review import PASSWORD

pytestmark = pytest.mark.browser

# WCAG 2.2 AA and what axe holds to be good practice beside it.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = support_pages.busy_store(tmp_path_factory.mktemp("accessible"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def address(store) -> Iterator[str]:
    with support_pages.served(support_pages.deps_of(store)) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with support_pages.chromium() as browser:
        yield browser


def pages_of(store) -> dict[str, list[str]]:
    """Every address there is, under somebody who may see it."""
    with store.read() as session:
        ids = {case.child_key: case.id for case in session.scalars(select(Case))}
    case, duty, blind, closed = (f"/cases/{ids[f'child-{n:03}']}" for n in (5, 0, 3, 40))
    return {
        "child_director": ["/?list=mine", case, "/records/due", "/records/report/new", "/raise"],
        "screener": [
            "/", "/?list=all&tier=second", "/?list=asleep", duty, blind, f"{case}/rounds", f"{case}/child",
            f"{case}/support", f"{case}/add/ledger", f"{case}/add/plan", "/coordination",
        ],
        "manager": ["/closed", closed, "/dashboard", "/statistics", "/records", "/profile", "/nowhere"],
    }  # fmt: skip


def sign_in(page: Page, address: str, name: str, language: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("button.main").click()
    support_pages.settled(page, "form[action='/sign-out']")
    if language == "en":
        page.get_by_role("button", name="English").click()
        support_pages.settled(page, "html[lang='en']")


def broken_rules(page: Page) -> list[str]:
    """What axe finds, with everything that folds unfolded."""
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("name", ["child_director", "screener", "manager"])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_page_breaks_a_rule_or_the_width_of_the_screen(chromium, store, address, name, language, viewport):
    context = chromium.new_context(viewport=viewport)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    broken = {"/sign-in": broken_rules(page)}
    sign_in(page, address, name, language)
    for path in pages_of(store)[name]:
        page.goto(address + path)
        assert "/sign-in" not in page.url
        broken[path] = broken_rules(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            broken[path].append("wider than the screen")
    context.close()

    assert {path: found for path, found in broken.items() if found} == {}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_child_s_page_opened_for_a_purpose_breaks_no_rule(chromium, store, address, language):
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    sign_in(page, address, "screener", language)
    page.goto(f"{address}{pages_of(store)['screener'][6]}")
    page.locator("#purpose").check()
    page.locator("main button.main").click()

    expect(page.locator(".timeline, .rows").first).to_be_visible()
    assert broken_rules(page) == []
    context.close()
