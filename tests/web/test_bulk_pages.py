"""Several cases of the queue at once: given out or set aside, each by its own rules, and said case by case."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review import audit, staff
from serving.review.case import SNOOZE_DAYS, Role
from serving.review.suggestion import CAPACITY
from serving.review.tables import Case
from serving.review.teamwork import SUGGESTED
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE, Browser, alert, open_cases


@pytest.fixture
def browser(store):
    return Browser(support.deps(store))


@pytest.fixture
def boss(store):
    return support.add_account(store, Role.SUPERVISOR, area_prefix=VILLAGE[:9])


def cases_of(store):
    with store.read() as session:
        return {case.child_key: case for case in session.scalars(select(Case))}


def ticks(store, *children, **versions):
    cases = cases_of(store)
    return {f"case_{cases[child].id}": str(versions.get(child, cases[child].version)) for child in children}


def start(browser, address="/"):
    browser.sign_in("supervisor")
    browser.get(address)
    assert browser.status == 200


def test_ticked_cases_are_given_to_one_person_and_the_rest_is_left(browser, store, boss):
    open_cases(store, [alert("c-one"), alert("c-two"), alert("c-three")])
    director = support.add_account(store)
    start(browser)

    browser.post("/queue/assign", person=director.account_id, **ticks(store, "c-one", "c-two"))

    now = cases_of(store)
    assert browser.status == 200
    assert "已指派 2 件。" in browser.words()
    assert [now[child].holder_id for child in ("c-one", "c-two", "c-three")] == [director.account_id] * 2 + [
        None
    ]
    with store.read() as session:
        assert [event.verb for event in audit.history(session, now["c-one"].id)][-1] == "assign"


def test_one_that_is_refused_stops_no_other_and_says_why(browser, store, boss):
    open_cases(store, [alert("c-one"), alert("c-two"), alert("c-three")], areas={"c-three": ELSEWHERE})
    director = support.add_account(store)
    start(browser)

    given = ticks(store, "c-one", "c-two", "c-three", **{"c-two": 9})
    browser.post("/queue/assign", person=director.account_id, **given)

    now = cases_of(store)
    assert browser.status == 409
    assert "已指派 1 件。" in browser.words()
    assert "2 件没有办理" in browser.words()
    assert {child: case.holder_id for child, case in now.items()} == {
        "c-one": director.account_id, "c-two": None, "c-three": None,
    }  # fmt: skip
    # A case of another area does not exist here, and is no place to go.
    assert "没有这件个案，或不在您的区域内。" in browser.words()
    assert f'href="/cases/{now["c-three"].id}"' not in browser.page


def test_nobody_gets_a_case_of_an_area_that_is_not_theirs(browser, store, boss):
    open_cases(store, [alert("c-one")])
    far = support.add_account(store, username="far", area_prefix=ELSEWHERE)
    start(browser)

    browser.post("/queue/assign", person=far.account_id, **ticks(store, "c-one"))

    assert browser.status == 409
    assert cases_of(store)["c-one"].holder_id is None


def test_by_suggestion_each_goes_to_who_is_there_with_room_and_has_least(browser, store, boss):
    open_cases(store, [alert(f"c-{number}") for number in range(4)])
    people = [support.add_account(store, username=f"d{number}", area_prefix=VILLAGE) for number in range(3)]
    with store.write() as session:
        staff.declare_absence(
            session, actor=boss, account_id=people[0].account_id, first_day=TODAY, last_day=TODAY, now=NOW,
            today=TODAY,
        )  # fmt: skip
    start(browser)

    browser.post("/queue/assign", person=SUGGESTED, **ticks(store, *(f"c-{number}" for number in range(4))))

    holders = [case.holder_id for case in cases_of(store).values()]
    assert {one: holders.count(one) for one in {*holders}} == {
        people[1].account_id: 2, people[2].account_id: 2,
    }  # fmt: skip
    assert CAPACITY[Role.CHILD_DIRECTOR] > 2


def test_by_suggestion_a_case_with_nobody_to_take_it_is_refused(browser, store, boss):
    open_cases(store, [alert("c-one")])
    with store.write() as session:
        staff.set_capacity(session, actor=boss, account_id=boss.account_id, capacity=0, now=NOW)
    start(browser)

    browser.post("/queue/assign", person=SUGGESTED, **ticks(store, "c-one"))

    assert browser.status == 409
    assert "现在没有在岗且有余量的人" in browser.words()


def test_cases_are_set_aside_together_but_never_one_with_a_hard_trigger(browser, store, boss):
    open_cases(store, [alert("c-one"), alert("c-two", Lane.TRIGGER)])
    start(browser)
    until = TODAY + timedelta(days=3)

    browser.post(
        "/queue/set-aside", until=until.isoformat(), reason="全家回乡", **ticks(store, "c-one", "c-two")
    )

    assert browser.status == 409
    assert f"已暂缓到 {until.isoformat()}" in browser.words()
    assert "强制触发的个案不能暂缓。" in browser.words()
    assert {child: case.asleep_until for child, case in cases_of(store).items()} == {
        "c-one": until, "c-two": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("where", "given", "ticked", "sentence", "field"),
    [
        ("assign", {"person": ""}, False, "请先选中个案。", "bulk-person"),
        ("assign", {"person": ""}, True, "请选择指派给谁。", "bulk-person"),
        ("set-aside", {"until": "", "reason": "等"}, True, "请填写明天到", "bulk-until"),
        ("set-aside", {"until": "2026-10-09", "reason": " "}, True, "请写明理由。", "bulk-reason"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(
    browser, store, boss, where, given, ticked, sentence, field
):
    open_cases(store, [alert("c-one")])
    case = cases_of(store)["c-one"]
    start(browser, "/?list=all")

    browser.post(f"/queue/{where}?list=all", **given, **(ticks(store, "c-one") if ticked else {}))

    assert browser.status == 422
    assert sentence in browser.words()
    assert f'href="#{field}"' in browser.page
    assert f'id="{field}-error"' in browser.page
    assert bool(re.search(rf'name="case_{case.id}"[^>]* checked', browser.page)) is ticked
    assert 'action="/queue/assign?list=all"' in browser.page
    if given.get("reason", "").strip():
        assert given["reason"] in browser.page
    assert cases_of(store)["c-one"].version == case.version


def test_a_day_too_far_away_is_refused_before_any_case_is_touched(browser, store, boss):
    open_cases(store, [alert("c-one")])
    start(browser)
    far = (TODAY + timedelta(days=SNOOZE_DAYS + 1)).isoformat()

    browser.post("/queue/set-aside", until=far, reason="等", **ticks(store, "c-one"))

    assert browser.status == 422
    assert cases_of(store)["c-one"].asleep_until is None


def test_only_who_coordinates_is_offered_boxes_to_tick_and_may_use_them(browser, store, boss):
    open_cases(store, [alert("c-one")])
    director = support.add_account(store)
    browser.sign_in("child_director")
    browser.get("/")
    assert 'type="checkbox" form="bulk"' not in browser.page

    for where in ("assign", "set-aside"):
        browser.post(f"/queue/{where}", person=director.account_id, **ticks(store, "c-one"))
        assert browser.status == 404
    assert cases_of(store)["c-one"].holder_id is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("一次办理多件", "回到列表")), ("en", ("Several cases at once", "Back to the list"))],
)
def test_the_result_is_told_in_both_languages(browser, store, boss, language, words):
    open_cases(store, [alert("c-one")])
    director = support.add_account(store)
    start(browser)
    if language == "en":
        browser.switch("en")

    browser.post("/queue/assign?list=waiting", person=director.account_id, **ticks(store, "c-one"))

    assert all(word in browser.words() for word in words)
    assert 'href="/?list=waiting"' in browser.page


def test_the_line_of_a_child_names_the_open_cases_of_its_household(browser, store, boss):
    open_cases(store, [alert("c-one"), alert("c-two"), alert("c-three")])
    with store.write() as session:
        for case in session.scalars(select(Case).where(Case.child_key != "c-three")):
            case.household = "h1"
    cases = cases_of(store)
    start(browser)

    lines = re.findall(r"<tr data-row.*?</tr>", browser.page, re.S)
    named = {
        child: [other for other, case in cases.items() if f'<a href="/cases/{case.id}">{case.id}</a>' in line]
        for child, own in cases.items()
        for line in lines
        if f'name="case_{own.id}"' in line
    }
    assert named == {"c-one": ["c-two"], "c-two": ["c-one"], "c-three": []}
    assert "h1" not in browser.words().split()
