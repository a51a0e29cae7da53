"""One visit to several children of a household, in one form: a fact of its own in each case, or in none."""

import pytest
from sqlalchemy import select

from serving.review import audit
from serving.review.case import Role, Verb
from serving.review.life_tables import DraftRow
from serving.review.tables import Case, FactRow
from tests import support_review as support
from tests.support_life import case_now, do
from tests.support_review import TODAY, Browser, alert, open_cases

VISIT = {"happened_on": TODAY.isoformat(), "met": "both", "note": "姐姐在家写作业"}


@pytest.fixture
def director(store):
    return support.add_account(store)


@pytest.fixture
def browser(store, director):
    """Three open cases of one household, of which the director holds two, and one of another household."""
    open_cases(store, [alert(f"c-{name}") for name in ("one", "two", "three", "four")])
    other = support.add_account(store, Role.ASSESSOR)
    for child, holder in (("c-one", director), ("c-two", director), ("c-three", other), ("c-four", director)):
        do(store, Verb.CLAIM, holder, child_key=child)
    with store.write() as session:
        for case in session.scalars(select(Case)):
            case.household = "h2" if case.child_key == "c-four" else "h1"
    browser = Browser(support.deps(store))
    browser.sign_in("child_director")
    browser.get(f"/cases/{case_now(store).id}")
    return browser


def facts(store):
    with store.read() as session:
        return {(row.case_id, row.kind, row.note) for row in session.scalars(select(FactRow))}


def ids(store):
    return {child: case_now(store, child).id for child in ("c-one", "c-two", "c-three", "c-four")}


def send(browser, store, child, note, version=None, **changes):
    other = case_now(store, child)
    return browser.post(
        f"/cases/{case_now(store).id}/record_visit", version=str(case_now(store).version),
        **VISIT, **{f"also_{other.id}": note, f"also_version_{other.id}": str(version or other.version)}, **changes,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "words"), [("zh", "这次也看了李*"), ("en", "Was 李* (")])
def test_the_form_asks_about_children_of_the_household_the_reader_holds_and_no_others(
    browser, store, language, words
):
    if language == "en":
        browser.switch("en")
    named = ids(store)

    assert f'name="also_{named["c-two"]}"' in browser.page
    assert words in browser.words()
    assert not any(f'name="also_{named[child]}"' in browser.page for child in ("c-one", "c-three", "c-four"))


def test_each_case_gets_its_own_fact_and_its_own_event(browser, store):
    send(browser, store, "c-two", "弟弟在哭")

    named = ids(store)
    assert browser.status == 200
    assert facts(store) == {
        (named["c-one"], "visit", VISIT["note"]), (named["c-two"], "visit", "弟弟在哭"),
    }  # fmt: skip
    assert [case_now(store, child).status for child in ("c-one", "c-two")] == ["visited", "visited"]
    with store.read() as session:
        for child in ("c-one", "c-two"):
            assert [event.verb for event in audit.history(session, named[child])][-1] == "record_visit"


def test_what_is_left_empty_is_no_visit(browser, store):
    send(browser, store, "c-two", "  ")

    assert {case for case, _, _ in facts(store)} == {ids(store)["c-one"]}


def test_a_case_somebody_changed_meanwhile_stops_both_and_loses_no_word(browser, store):
    send(browser, store, "c-two", "弟弟在哭", version=1)

    named = ids(store)
    assert browser.status == 422
    assert facts(store) == set()
    assert "弟弟在哭" in browser.page
    assert VISIT["note"] in browser.page
    assert f'id="record_visit-also_{named["c-two"]}-error"' in browser.page


@pytest.mark.parametrize("child", ["c-three", "c-four"])
def test_no_visit_is_recorded_in_a_case_of_somebody_else_or_of_another_household(browser, store, child):
    send(browser, store, child, "也看了")

    assert browser.status == 422
    assert facts(store) == set()


def test_an_empty_form_is_no_draft_though_it_names_other_cases(browser, store):
    other = case_now(store, "c-two")
    browser.post(
        f"/cases/{case_now(store).id}/record_visit", version="2", draft="yes",
        **{f"also_{other.id}": "", f"also_version_{other.id}": "2"},
    )  # fmt: skip

    with store.read() as session:
        assert session.scalars(select(DraftRow)).all() == []
