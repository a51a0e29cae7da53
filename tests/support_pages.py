"""A store with something on every page, a real server on the loopback, and a real browser before it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from models.policy import Lane
from serving.monitored import Estimate, HeardSource, Judged, Monitored, WatchedScreener
from serving.review.case import Disposition, Role, Status
from serving.review.store import Store
from serving.review.tables import Case, DispositionRow, FactRow
from serving.web.app import create_app
from serving.web.deps import Deps
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE, alert, open_cases

# A busy machine is slow, not wrong.
expect.set_options(timeout=30_000)

# The first status in which somebody works on a case.
IN_HAND = list(Status)[1].value
CHROMIUM = "/usr/bin/chromium"
MISSING = "These tests drive Chromium at /usr/bin/chromium: install it with `apt-get install chromium fonts-noto-cjk`."

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"
GIVEN = ("小雨", "子涵", "浩然", "欣怡", "俊杰", "梓萱", "宇轩", "静", "思远", "佳怡")
NAMES = {
    f"child-{number:03}": SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)]
    for number in range(120)
}


def busy_store(folder: Path) -> Store:
    """A county some weeks into its round: every lane, some held, some late, some closed with conclusions."""
    store = support.open_store(folder)
    make_busy(store)
    return store


def make_busy(store: Store, named: Callable[[Role], str] = lambda role: f"{role.title.zh}甲") -> None:
    """The same in a store that is open already, with these names of staff."""
    actors = {role: support.add_account(store, role, display_name=named(role)) for role in Role}
    lanes = [
        alert("child-000", Lane.TRIGGER, trigger="suspected_abuse"),
        alert("child-001", Lane.TRIGGER),
        alert("child-002", Lane.REQUEST),
        alert("child-003", Lane.AUDIT),
        *(alert(f"child-{n:03}", tier="second" if n % 3 else "third", rank=n) for n in range(4, 90)),
        *(alert(f"child-{n:03}", Lane.RULE, tier="watch", due_days=30) for n in range(90, 100)),
    ]
    areas = {f"child-{n:03}": ELSEWHERE if n % 4 == 3 else VILLAGE for n in range(100)}
    open_cases(store, lanes, areas=areas, now=NOW - timedelta(days=20))
    support.add_screenings(
        store,
        [
            *(support.screening(f"child-{n:03}", percentile=0.99 - n / 1000) for n in range(3, 30)),
            *(support.screening(f"child-{n:03}", "guardianship", percentile=0.5) for n in range(3, 30)),
            support.screening("child-002", abstained="age_unknown", reasons=()),
        ],
    )
    worker = actors[Role.CHILD_DIRECTOR].account_id
    with store.write() as session:
        cases = {case.child_key: case for case in session.scalars(select(Case).order_by(Case.child_key))}
        for number, case in enumerate(cases.values()):
            case.opened_at = NOW - timedelta(days=20 + number % 9)
            case.entered_on = TODAY - timedelta(days=20 + number % 9)
            if 4 <= number < 9:
                case.status, case.holder_id = IN_HAND, worker
            if 9 <= number < 16:
                case.status, case.holder_id = IN_HAND, actors[Role.ASSESSOR].account_id
            if number in (5, 10, 17, 18):
                case.due_on = TODAY - timedelta(days=3)
            if 30 <= number < 75:
                _close(session, case, worker, number)


def _close(session, case: Case, worker: str, number: int) -> None:
    days = number % 12
    case.status, case.holder_id = "closed", worker
    case.closed_at = NOW - timedelta(days=days)
    case.contacted_on = TODAY - timedelta(days=days + 3)
    case.visited_on = TODAY - timedelta(days=days + 2)
    session.add(
        FactRow(
            case_id=case.id, entry=1, kind="visit", happened_on=TODAY - timedelta(days=days + 2), met="both",
            note="与母亲和孩子谈了半小时", recorded_by=worker, recorded_at=NOW - timedelta(days=days + 2),
        )
    )  # fmt: skip
    answers = list(Disposition)
    case.confirmed = Disposition.CONFIRMED in (answers[number % 4], answers[(number + 3) % 4])
    for place, risk in enumerate(("psychological", "guardianship")):
        session.add(
            DispositionRow(
                case_id=case.id, risk=risk, disposition=answers[(number + place * 3) % 4].value, visited=True,
                reason="走访后判断", disposed_by=worker, disposed_at=case.closed_at,
            )
        )  # fmt: skip


def deps_of(store: Store, **changes: object) -> Deps:
    """Dependencies with real tokens and names for the children of the busy store."""
    given: dict[str, object] = {
        "new_token": lambda: secrets.token_urlsafe(32),
        "names": lambda keys: {key: NAMES[key] for key in keys if key in NAMES},
        "areas_below": areas_below,
        "area_title": dict(AREAS).get,
        "monitored": monitored,
    }
    return support.deps(store, **(given | changes))


AREAS = (
    (VILLAGE[:9], support.Text("新塘街道", "Xintang")),
    (ELSEWHERE[:9], support.Text("临江街道", "Linjiang")),
    (VILLAGE, support.Text("新塘街道一社区", "Xintang, community 1")),
    (ELSEWHERE, support.Text("临江街道二社区", "Linjiang, community 2")),
)


def areas_below(prefix: str):
    wanted = 9 if len(prefix) < 9 else 12
    return [
        (code, title)
        for code, title in AREAS
        if code.startswith(prefix) and len(code) == wanted and code != prefix
    ]


@contextmanager
def served(deps: Deps) -> Iterator[str]:
    """The address of the pages, served on the loopback until the end."""
    server = uvicorn.Server(uvicorn.Config(create_app(deps), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.05)
            assert thread.is_alive(), "the server did not start"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    assert Path(CHROMIUM).exists(), MISSING
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, address: str, name: str, language: str = "zh") -> None:
    """Sign somebody in on this page and choose the language; the page is theirs when this returns."""
    page.goto(f"{address}/sign-in")
    page.locator("#username").fill(name)
    page.locator("#password").fill(support.PASSWORD)
    page.locator("button.main").click()
    settled(page, "form[action='/sign-out']")
    if language == "en":
        page.get_by_role("button", name="English").click()
        settled(page, "html[lang='en']")


DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def monitored() -> Monitored:
    """What monitoring could have written: one screener that holds, one that has moved, one department late."""
    ratio = {"observed_to_expected": Estimate(1.1, 0.9, 1.3)}
    return Monitored(
        date(2026, 10, 2),
        date(2026, 10, 1),
        (
            WatchedScreener(
                support.Text("需要心理支持", "Needs psychological support"), "a1b2c3", date(2025, 10, 1),
                date(2026, 10, 1), (Judged(date(2026, 1, 1), True, ratio),), Estimate(0.41, 0.3, 0.55), 64, None, (),
            ),
            WatchedScreener(
                support.Text("需要监护支持", "Needs guardianship support"), "d4e5f6", date(2025, 10, 1),
                date(2026, 10, 1), (Judged(date(2026, 1, 1), False, {}),), None, 0,
                support.Text("有结论的抽查儿童仅3名，至少需20名，暂不给出", "Not enough to say: 3 found, 20 are needed"),
                (support.Text("风险的分布变化较大（PSI 0.14）", "the distribution of risks has changed by much (PSI 0.14)"),),
            ),
        ),
        (
            HeardSource(support.Text("体检", "Check-ups"), support.Text("卫健", "Health"), date(2026, 3, 25), 195, True),
            HeardSource(support.Text("缺勤", "Absences"), support.Text("教育", "Education"), date(2026, 9, 30), 6, False),
        ),
    )  # fmt: skip


def settled(page: Page, shown: str) -> None:
    """Wait for a page that shows this, and for its script: keys pressed before it runs are nobody's."""
    expect(page.locator(shown)).to_be_attached()
    page.wait_for_load_state("load")
