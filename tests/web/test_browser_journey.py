"""The same work in a real browser, against a real server on the loopback: no script, no console error."""

import secrets
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from serving.review.tables import Case
from serving.web.app import create_app
from tests import support_review as support
from tests.support_review import PASSWORD, alert, open_cases

pytestmark = pytest.mark.browser


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    support.add_account(store)
    open_cases(store, [alert("c-one"), alert("c-two", tier="watch", due_days=30)])
    support.add_screenings(
        store, [support.screening("c-one"), support.screening("c-one", "guardianship", band="usual")]
    )
    yield store
    store.close()


@pytest.fixture
def address(store) -> Iterator[str]:
    app = create_app(support.deps(store, new_token=lambda: secrets.token_urlsafe(32)))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
        assert thread.is_alive(), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        # The pages must work where scripts are off.
        context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
        yield context.new_page()
        context.close()
        browser.close()


def test_a_reviewer_closes_a_case(page, address, store):
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("response", lambda answer: answer.status >= 400 and complaints.append(answer.url))

    page.goto(address)
    page.get_by_label("用户名").fill("child_director")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="待领取 2 件")).to_be_visible()

    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    page.get_by_role("link", name="张*").click()
    expect(
        page.get_by_text("about 12 of 100 children in similar circumstances (8 to 17)").first
    ).to_be_visible()
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("status")).to_contain_text("Done: “Claim”.")

    visit = page.locator("details", has=page.get_by_text("Record a visit", exact=True).first)
    visit.get_by_label("The child and a guardian").check()
    visit.get_by_label("What you saw or learnt").fill("Talked with mother and child")
    visit.get_by_role("button", name="Record a visit", exact=True).click()
    expect(page.get_by_text("Talked with mother and child").first).to_be_visible()

    close = page.locator("details", has=page.get_by_text("Conclude and close", exact=True).first)
    close.get_by_role("group", name="Conclusion on “Needs psychological support”").get_by_label(
        "Confirmed", exact=True
    ).check()
    close.get_by_role("group", name="Conclusion on “Needs guardianship support”").get_by_label(
        "Not confirmed", exact=True
    ).check()
    close.get_by_label("Reason for the conclusion").fill("Sleeps badly, would like to see the counsellor")
    close.get_by_role("button", name="Conclude and close", exact=True).click()
    expect(page.locator(".status").first).to_have_text("Closed")

    page.get_by_role("link", name="Closed").first.click()
    expect(page.get_by_text("Needs psychological support: Confirmed")).to_be_visible()
    expect(page.get_by_text("Screening suggests a visit")).to_be_visible()
    assert complaints == []
    with store.read() as session:
        statuses = {case.child_key: case.status for case in session.scalars(select(Case))}
    assert statuses == {"c-one": "closed", "c-two": "waiting"}
    assert "c-one" not in urlsplit(page.url).path
