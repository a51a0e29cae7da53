"""Every page, in both languages, on a desktop, on a phone and on paper.

No rule of axe-core is broken, nothing is wider than the screen, no date stands on two lines, and paper has nothing to
press but says what it is.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from serving.web.app import create_app
from tests import support_pages, support_visits
from tests import support_review as support
from tests.support_pages import DESKTOP, PHONE
from tests.support_visits import VISITS, Visit

pytestmark = pytest.mark.browser

# WCAG 2.2 AA and what axe holds to be good practice beside it.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Dates that begin on one line and end on the next.
BROKEN_DATES = """() => {
  const found = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode;
    for (const match of text.data.matchAll(/[0-9]{4}-[0-9]{2}-[0-9]{2}/g)) {
      const range = document.createRange();
      range.setStart(text, match.index);
      range.setEnd(text, match.index + 10);
      const lines = [...range.getClientRects()].filter((box) => box.width).map((box) => Math.round(box.top));
      if (new Set(lines).size > 1) found.push(text.data.trim());
    }
  }
  return found;
}"""
TO_PRESS = """() => [...document.querySelectorAll("button, nav")].filter((one) => one.checkVisibility())
  .map((one) => one.outerHTML.slice(0, 160))"""
WHO = tuple(dict.fromkeys(visit.role for visit in VISITS))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = support.open_store(tmp_path_factory.mktemp("accessible"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def places(store) -> dict[str, str]:
    return support_visits.fill(store)


@pytest.fixture(scope="module")
def address(store) -> Iterator[str]:
    with support_pages.served(support_pages.deps_of(store, **support_visits.DEPS)) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with support_pages.chromium() as browser:
        yield browser


def broken_rules(page: Page, visit: Visit, language: str) -> list[str]:
    """What axe finds with everything unfolded, on a desktop and then on a phone, and what is too wide."""
    if visit.title[language] not in page.title() or page.locator("h1").count() != 1:
        return [f"this is “{page.title()}”"]
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = []
    for viewport in (DESKTOP, PHONE):
        page.set_viewport_size(viewport)
        # The first run brings axe onto the page, and it stays.
        answer = (
            Axe().run(page, options=RULES).response
            if viewport is DESKTOP
            else page.evaluate("options => axe.run(document, options)", RULES)
        )
        rules = answer["violations"]
        found += [f"{rule['id']}: {node['html'][:160]}" for rule in rules for node in rule["nodes"]]
        over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            found.append(f"{over} wider than a screen of {viewport['width']}")
        found += [f"a date is on two lines: {text}" for text in page.evaluate(BROKEN_DATES)]
    page.set_viewport_size(DESKTOP)
    page.emulate_media(media="print")
    found += [f"on paper: {one}" for one in page.evaluate(TO_PRESS)]
    marked = page.locator(".print-head strong")
    if visit.role is not None and not (marked.count() and marked.is_visible()):
        found.append("on paper: nothing at the head of a sheet says that all is simulated")
    page.emulate_media(media="screen")
    return found


@pytest.mark.parametrize("role", WHO, ids=lambda role: role.value if role else "nobody")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_breaks_a_rule_a_date_or_the_width_of_the_screen_and_paper_is_paper(
    chromium, address, places, role, language
):
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    if role is not None:
        support_pages.sign_in(page, address, role.value, language)
    elif language == "en":
        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name="English").click()
        support_pages.settled(page, "html[lang='en']")
    broken = {}
    for visit in VISITS:
        if visit.role is role:
            page.goto(address + visit.address.format(**places))
            if visit.act is not None:
                visit.act(page, language)
            broken[visit.name] = broken_rules(page, visit, language)
    context.close()

    assert {name: found for name, found in broken.items() if found} == {}


def test_every_page_of_the_application_is_among_those_visited(store):
    assert support_visits.without_a_visit(create_app(support_pages.deps_of(store))) == []
