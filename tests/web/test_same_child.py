"""Two open cases of one child under two keys name each other, and only to who may see both."""

import pytest

from serving.review.case import Role
from tests import support_review as support
from tests.support_life import case_now
from tests.support_review import COUNTY, ELSEWHERE, TOWN, VILLAGE, Browser, alert, open_cases


@pytest.fixture
def browser(store):
    same = ("c-one", "c-two")
    return Browser(support.deps(store, keys_of=lambda key: same if key in same else (key,)))


def beside(browser, store, at, role=Role.SUPERVISOR, area=COUNTY):
    """The cases that the page of the case of `at` leads to, by child."""
    support.add_account(store, role, area_prefix=area)
    browser.sign_in(role.value)
    browser.get(f"/cases/{case_now(store, at).id}")
    assert browser.status == 200
    return [
        key
        for key in ("c-one", "c-two", "c-three")
        if key != at and f'href="/cases/{case_now(store, key).id}"' in browser.page
    ]


def opened(store, elsewhere=VILLAGE):
    open_cases(
        store,
        [alert("c-one"), alert("c-two"), alert("c-three")],
        areas={"c-two": elsewhere, "c-three": VILLAGE},
    )


@pytest.mark.parametrize(("at", "other"), [("c-one", "c-two"), ("c-two", "c-one")])
def test_a_case_leads_to_the_other_open_case_of_the_same_child(browser, store, at, other):
    opened(store)

    assert beside(browser, store, at) == [other]
    assert f"同一名儿童的另一件待办（曾以另一身份登记）：{case_now(store, other).id}" in browser.words()
    browser.switch("en")
    browser.get(f"/cases/{case_now(store, at).id}")
    assert "Another open case of the same child" in browser.words()


def test_a_case_of_nobody_elses_key_leads_to_none(browser, store):
    opened(store)

    assert beside(browser, store, "c-three") == []


def test_who_may_not_see_the_other_case_does_not_learn_of_it(browser, store):
    opened(store, elsewhere=ELSEWHERE)

    assert beside(browser, store, "c-one", area=TOWN) == []
    assert case_now(store, "c-two").id not in browser.page


def test_a_case_that_is_closed_is_no_work_to_be_joined(browser, store):
    opened(store)
    with store.write() as session:
        session.merge(case_now(store, "c-two")).status = "closed"

    assert beside(browser, store, "c-one") == []
