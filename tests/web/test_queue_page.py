"""The lists of the queue: which cases they hold, filtered, in parts, and what can be done with a line."""

import itertools
import re
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from features.unread import Unread
from models.policy import Lane
from serving.review import listing, staff, worker_turns
from serving.review.case import Role
from serving.review.listing import BOUND, Asked, CameBy, Due, Sort, Turn, Which
from serving.review.tables import Case
from serving.web.lines import count_words
from serving.web.text import translator
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE, Browser, Clock, alert, open_cases


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def browser(store):
    return Browser(support.deps(store, Clock(), areas_below=areas_below))


def areas_below(prefix):
    title = support.Text("新塘街道一社区", "Xintang, community 1")
    return [(VILLAGE, title)] if VILLAGE.startswith(prefix) and prefix != VILLAGE else []


def sign_in(browser, store, role=Role.CHILD_DIRECTOR, **account):
    actor = support.add_account(store, role, **account)
    browser.sign_in(account.get("username", role.value))
    return actor


@pytest.mark.parametrize("role", list(Role))
def test_refused_rows_that_may_carry_danger_are_told_to_who_answers_for_the_county(store, role):
    found = (
        Unread("grid_reports", "grid/2026-10-05/grid_reports.csv", (7, 9), TODAY),
        Unread("grid_reports", "grid/2026-10-06/x.xlsx", (), TODAY),
    )
    browser = Browser(support.deps(store, unread=lambda: found))
    sign_in(browser, store, role)

    browser.get("/")

    told = role in (Role.SCREENER, Role.MANAGER)
    assert ("30 天内有 3 处被拒收的记录" in browser.words()) is told
    assert ("grid/2026-10-05/grid_reports.csv 第 7、9 行" in browser.words()) is told
    assert ("x.xlsx 整份未能接收" in browser.words()) is told


def test_a_queue_that_no_worker_fills_says_so_to_everybody(store):
    clock = Clock()
    browser = Browser(support.deps(store, clock, areas_below=areas_below))
    sign_in(browser, store)
    with store.write() as session:
        worker_turns.note_whole(session, clock())
    browser.get("/")
    assert 'id="stalled"' not in browser.page

    clock.forward(minutes=41)
    browser.get("/")
    assert "后台没有完成过一轮工作" in browser.words()
    browser.switch("en")
    assert "has not done a whole turn" in browser.words()


def change(store, child_key, **values):
    with store.write() as session:
        case = session.scalars(select(Case).where(Case.child_key == child_key)).one()
        for name, value in values.items():
            setattr(case, name, value)
        return case.id


def lines_shown(browser):
    return re.findall(r'<th scope="row" class="cell-child"><a href="(/cases/[a-z2-7]{10})">', browser.page)


def parts_beside(browser):
    found = re.findall(r'<a href="([^"]+)" rel="(\w+)">', browser.page)
    return {way: unescape(address) for address, way in found}


def listed(store, actor, **asked):
    with store.read() as session:
        found = listing.part(session, actor, Asked(**asked), TODAY)
        assert listing.count(session, actor, Asked(**asked), TODAY) == len(found.cases)
        return [case.child_key for case in found.cases]


# --- which cases a list holds ----------------------------------------------------------------------------------


def test_each_list_holds_what_its_name_says(store):
    me = support.add_account(store)
    other = support.add_account(store, Role.ASSESSOR)
    keys = ("waits", "mine", "other", "late", "late but reached", "up", "asleep", "second", "shut")
    open_cases(store, [alert(key, tier="watch", due_days=30) for key in keys] + [alert("t", Lane.TRIGGER)])
    change(store, "mine", status="claimed", holder_id=me.account_id)
    change(store, "other", status="claimed", holder_id=other.account_id)
    change(store, "late", due_on=TODAY - timedelta(days=1))
    change(store, "late but reached", due_on=TODAY - timedelta(days=1), contacted_on=TODAY)
    change(store, "up", escalated_at=NOW)
    change(store, "second", status="second_review", holder_id=me.account_id)
    with store.write() as session:
        first, last = TODAY, TODAY + timedelta(days=2)
        staff.declare_absence(
            session, actor=other, account_id=other.account_id, first_day=first, last_day=last, now=NOW,
            today=TODAY,
        )  # fmt: skip
    change(store, "asleep", asleep_until=TODAY + timedelta(days=1), due_on=TODAY - timedelta(days=1))
    change(store, "shut", status="closed", closed_at=NOW, holder_id=me.account_id)

    assert set(listed(store, me, which=Which.ALL)) == {*keys, "t"} - {"shut"}
    assert set(listed(store, me, which=Which.MINE)) == {"mine", "second"}
    assert listed(store, me, which=Which.OTHERS) == ["other"]
    assert listed(store, me, which=Which.OVERDUE) == ["late"]
    assert listed(store, me, which=Which.TRIGGERS) == ["t"]
    assert listed(store, me, which=Which.ESCALATED) == ["up"]
    assert listed(store, me, which=Which.ABSENT) == ["other"]
    assert listed(store, me, which=Which.SECOND) == ["second"]
    assert listed(store, me, which=Which.ASLEEP) == ["asleep"]
    assert set(listed(store, me, which=Which.WAITING)) >= {"waits", "t", "late"}
    assert not {"mine", "other", "shut"} & set(listed(store, me, which=Which.WAITING))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"area": VILLAGE}, {"a", "b"}),
        ({"area": "330109002"}, {"c"}),
        ({"area": "330108"}, set()),
        ({"tier": "watch"}, {"b"}),
        ({"came_by": CameBy.TRIGGER}, {"c"}),
        ({"came_by": CameBy.SCREENING}, {"a", "b"}),
        ({"due": Due.PAST}, {"a"}),
        ({"due": Due.TODAY}, {"b"}),
        ({"due": Due.SOON}, {"b", "c"}),
    ],
)
def test_a_filter_keeps_what_it_says(store, asked, found):
    me = support.add_account(store, Role.SCREENER)
    open_cases(
        store, [alert("a"), alert("b", tier="watch"), alert("c", Lane.TRIGGER)], areas={"c": ELSEWHERE}
    )
    change(store, "a", due_on=TODAY - timedelta(days=1))
    change(store, "b", due_on=TODAY)
    change(store, "c", due_on=TODAY + timedelta(days=7))

    assert set(listed(store, me, **asked)) == found


@pytest.mark.parametrize(
    ("role", "prefix", "found"),
    [
        (Role.CHILD_DIRECTOR, VILLAGE, {"here"}),
        (Role.SUPERVISOR, "330109001", {"here"}),
        (Role.SUPERVISOR, "330109002", {"elsewhere"}),
        (Role.SUPERVISOR, "330109999", set()),
        (Role.SCREENER, "330109", {"here", "elsewhere", "unknown"}),
        (Role.MANAGER, "330109", {"here", "elsewhere"}),
        (Role.AUDITOR, "", {"here", "elsewhere"}),
        (Role.MANAGER, "3301", {"here", "elsewhere"}),
        (Role.MANAGER, "3302", set()),
    ],
)
def test_a_list_shows_the_areas_the_account_answers_for(store, role, prefix, found):
    me = support.add_account(store, role, area_prefix=prefix)
    open_cases(
        store,
        [alert("here"), alert("elsewhere"), alert("unknown")],
        areas={"elsewhere": ELSEWHERE, "unknown": ""},
    )

    assert set(listed(store, me, which=Which.ALL)) == found


def test_a_count_that_stopped_at_its_bound_says_that_there_are_more():
    assert count_words(BOUND - 1, translator("zh")) == "999 件"
    assert count_words(BOUND, translator("zh")) == "999 件以上"


# --- parts -------------------------------------------------------------------------------------------------------


# Without shrinking: every example makes a store of its own.
@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(
    places=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=14),
    size=st.integers(1, 5),
    sort=st.sampled_from(Sort),
)
def test_the_parts_hold_every_case_once_and_in_order_there_and_back(tmp_path_factory, places, size, sort):
    store = support.open_store(tmp_path_factory.mktemp("parts"))
    me = support.add_account(store, Role.SCREENER)
    open_cases(store, [alert(f"c{n}", rank=rank, due_days=days) for n, (rank, days) in enumerate(places)])
    with store.read() as session:
        order = listing._ORDERS[sort]
        every = [case.id for case in session.scalars(select(Case).order_by(*order))]
        seen, at, parts = [], "", []
        while True:
            part = listing.part(session, me, Asked(sort=sort), TODAY, at=at, size=size)
            parts.append([case.id for case in part.cases])
            seen += parts[-1]
            assert part.has_before is bool(at)
            if not part.has_after:
                break
            at = part.cases[-1].id
        assert seen == every
        for earlier, later in itertools.pairwise(parts):
            back = listing.part(
                session, me, Asked(sort=sort), TODAY, turn=Turn.BEFORE, at=later[0], size=size
            )
            assert [case.id for case in back.cases] == earlier
            assert back.has_after
            assert back.has_before is (earlier is not parts[0])
    store.close()


def test_a_long_queue_is_shown_in_parts_that_lead_on_and_back(browser, store):
    sign_in(browser, store, Role.SCREENER)
    open_cases(store, [alert(f"c-{number}", rank=number) for number in range(1, 121)])
    with store.read() as session:
        every = [f"/cases/{case.id}" for case in session.scalars(select(Case).order_by(Case.rank))]

    browser.get("/")
    assert "待领取 120 件" in browser.words()
    assert lines_shown(browser) == every[:50]
    assert set(parts_beside(browser)) == {"next"}
    browser.get(parts_beside(browser)["next"])
    assert lines_shown(browser) == every[50:100]
    browser.get(parts_beside(browser)["next"])
    assert lines_shown(browser) == every[100:]
    assert set(parts_beside(browser)) == {"prev"}
    browser.get(parts_beside(browser)["prev"])
    assert lines_shown(browser) == every[50:100]


def test_a_part_that_followed_a_case_claimed_meanwhile_is_still_found(browser, store):
    me = sign_in(browser, store, Role.SCREENER)
    open_cases(store, [alert(f"c-{number:02}", rank=number) for number in range(1, 61)])
    browser.get("/")
    following = parts_beside(browser)["next"]
    change(store, "c-50", status="claimed", holder_id=me.account_id)

    browser.get(following)

    assert len(lines_shown(browser)) == 10


@pytest.mark.parametrize(
    "at", ["after=aaaaaaaaaa", "after=1", "before=", "after=%27", "list=what", "by=9", "area=x"]
)
def test_an_address_that_asks_for_nothing_that_is_shows_the_first_part(browser, store, at):
    sign_in(browser, store, Role.SCREENER)
    open_cases(store, [alert("c-one")])

    browser.get(f"/?{at}")

    assert browser.status == 200
    assert len(lines_shown(browser)) == 1


def test_closed_cases_are_shown_in_parts_too_the_latest_first(browser, store):
    sign_in(browser, store, Role.SCREENER)
    open_cases(store, [alert(f"c-{number}", rank=number) for number in range(1, 61)])
    for number in range(1, 61):
        change(store, f"c-{number}", status="closed", closed_at=NOW - timedelta(minutes=number))
    with store.read() as session:
        every = [f"/cases/{case.id}" for case in session.scalars(select(Case).order_by(Case.rank))]

    browser.get("/closed")
    assert "已结案 60 件" in browser.words()
    assert lines_shown(browser) == every[:50]
    browser.get(parts_beside(browser)["next"])
    assert lines_shown(browser) == every[50:]
    browser.get(parts_beside(browser)["prev"])
    assert lines_shown(browser) == every[:50]
    assert set(parts_beside(browser)) == {"next"}


# --- the page ----------------------------------------------------------------------------------------------------


def test_a_filter_stays_chosen_and_can_be_cleared(browser, store):
    sign_in(browser, store, Role.SCREENER)
    open_cases(store, [alert("c-one"), alert("c-two", tier="watch")])

    browser.get(f"/?tier=watch&area={VILLAGE}&by=2&due=&sort=due")

    assert len(lines_shown(browser)) == 1
    assert '<option value="watch" selected>' in browser.page
    assert f'<option value="{VILLAGE}" selected>' in browser.page
    assert 'href="/?list=waiting">清除条件' in browser.page
    browser.get("/?tier=first&by=1")
    assert "没有符合条件的个案。" in browser.page


def test_a_case_number_leads_to_its_case_and_half_a_number_to_a_list(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert("c-one"), alert("c-two")], areas={"c-two": ELSEWHERE})
    here, elsewhere = change(store, "c-one"), change(store, "c-two")

    browser.get(f"/?q=+{here.upper()}+")
    assert browser.response.url.path == f"/cases/{here}"
    browser.get(f"/?q={here[:4]}")
    assert lines_shown(browser) == [f"/cases/{here}"]
    browser.get(f"/?q={elsewhere}")
    assert "没有符合条件的个案。" in browser.page


def test_the_start_of_a_number_finds_the_cases_that_begin_so_and_no_other(browser, store):
    sign_in(browser, store)
    open_cases(store, [alert(f"c-{number}") for number in range(6)])
    everything = sorted(change(store, f"c-{number}") for number in range(6))

    for length in (1, 2, 9):
        start = everything[0][:length]
        browser.get(f"/?q={start}")
        assert sorted(lines_shown(browser)) == [
            f"/cases/{one}" for one in everything if one.startswith(start)
        ]


def test_a_case_is_claimed_from_its_line(browser, store):
    me = sign_in(browser, store)
    open_cases(store, [alert("c-one"), alert("c-two")])
    browser.get("/")
    [(version, action), _] = re.findall(r'name="version" value="(\d+)" formaction="([^"]+)"', browser.page)

    browser.post(action, version=version)

    assert "“领取”已完成。" in browser.page
    with store.read() as session:
        held = session.scalars(select(Case).where(Case.holder_id == me.account_id)).one()
    assert action == f"/cases/{held.id}/claim"
    assert "您手上有未结个案：1 件" in (browser.get("/"), browser.words())[1]
    assert "我负责的 1 件" in (browser.get("/?list=mine"), browser.words())[1]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_who_works_on_no_case_has_no_list_of_their_own_and_claims_none(browser, store, role):
    sign_in(browser, store, role)
    open_cases(store, [alert("c-one")])

    browser.get("/?list=mine")

    assert "我负责的" not in browser.page
    assert "我的个案" not in browser.page
    assert "data-claim" not in browser.page


def test_the_language_switch_comes_back_to_the_same_list(browser, store):
    sign_in(browser, store, Role.SCREENER)
    open_cases(store, [alert("c-one", tier="watch")])
    browser.get("/?list=all&tier=watch")

    browser.switch("en")

    assert str(browser.response.url).endswith("/?list=all&tier=watch")
    assert "Held by" in browser.page


def test_an_empty_list_says_what_is_missing(browser, store):
    sign_in(browser, store)
    for which in Which:
        words = (browser.get(f"/?list={which.value}"), browser.words())[1]
        assert re.search(r"没有[^。]*。", words), which
