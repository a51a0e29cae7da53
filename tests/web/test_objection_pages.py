"""Objections in the pages: which records can be named, what a change did to the risk, and each department's list."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review.case import RISKS, Answer, Objector, Role, Verb
from serving.review.life_tables import ObjectionRow
from tests import support_review as support
from tests.support_life import case_now, do
from tests.support_review import ELSEWHERE, NOW, TODAY, Browser, alert, open_cases

THEN, CORRECTED, NOW_IS = (
    "100名情况相近的儿童中约有12名",
    "100名情况相近的儿童中约有7名",
    "100名情况相近的儿童中约有9名",
)


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def browser(store):
    return Browser(support.deps(store))


@pytest.fixture
def people(store):
    return {role: support.add_account(store, role) for role in (Role.CHILD_DIRECTOR, Role.SUPERVISOR)}


def look(browser, role, address, language="zh"):
    browser.sign_in(role.value)
    browser.get(address)
    if language == "en":
        browser.switch("en")
        browser.get(address)
    assert browser.status == 200
    return browser.words()


def offered(browser):
    select_box = re.search(r'<select id="object-record".*?</select>', browser.page, re.S)
    return {
        value: unescape(title) for value, title in re.findall(r'value="([^"]*)"[^>]*>([^<]*)<', select_box[0])
    }


def objected(store, people, *, source="absences", record_id="r1", answer=None):
    worker, boss = people[Role.CHILD_DIRECTOR], people[Role.SUPERVISOR]
    given = {"raised_by": Objector.GUARDIAN, "record": (source, record_id), "wrong": "那天请过假"}
    do(store, Verb.OBJECT, worker, **given)
    with store.read() as session:
        row = session.scalars(select(ObjectionRow)).one()
    if answer:
        do(
            store, Verb.ANSWER_OBJECTION, boss, objection=row.id, answer=answer, answered_on=TODAY,
            reason="学校登记错了",
        )  # fmt: skip
    return row.id


def rescored(store, number):
    """What scoring again leaves behind."""
    said = {
        "then": {"zh": THEN, "en": "about 12 of 100"},
        "corrected": {"zh": CORRECTED, "en": "about 7 of 100"},
        "now": {"zh": NOW_IS, "en": "about 9 of 100"},
    }
    with store.write() as session:
        row = session.get_one(ObjectionRow, number)
        row.rescored_at = NOW
        row.change = {
            "screeners": [
                {
                    "screener": RISKS[0],
                    "as_of": "2026-10-01",
                    "sentences": [{"zh": "变化甲", "en": "Change A"}],
                }
                | said
            ]
        }


def test_every_record_behind_a_shown_fact_can_be_named_and_each_kind_of_record(store, browser, people):
    open_cases(store, [alert("c-one")])
    screening = support.screening("c-one")
    support.add_screenings(store, [screening])
    look(browser, Role.CHILD_DIRECTOR, f"/cases/{case_now(store).id}")

    found = offered(browser)
    named = {value: title for value, title in found.items() if " " in value}
    assert {(*value.split(" "),) for value in named} <= {
        (item.source, item.record_id)
        for family in screening.reasons
        for feature in family.features
        for item in feature.evidence
    }
    assert named
    assert all("2026-07-03 发生，2026-09-25 获知" in title for title in named.values())
    assert "residence" in found
    assert 'href="#object-record"' in browser.page


def test_an_objection_keeps_when_the_record_behind_a_reason_happened_and_became_known(store, browser, people):
    open_cases(store, [alert("c-one")])
    support.add_screenings(store, [support.screening("c-one")])
    case = case_now(store)
    look(browser, Role.CHILD_DIRECTOR, f"/cases/{case.id}")
    record = next(value for value in offered(browser) if " " in value)

    said = {"raised_by": "guardian", "record": record, "wrong": "不是我的孩子"}
    browser.post(f"/cases/{case.id}/object", version=browser.version(), **said)

    assert "这条记录：2026-07-03 发生，2026-09-25 获知" in browser.words()


def test_no_record_behind_a_reason_is_named_before_the_reasons_are_shown(store, browser, people):
    open_cases(store, [alert("c-one", Lane.AUDIT)])
    support.add_screenings(store, [support.screening("c-one")])
    look(browser, Role.CHILD_DIRECTOR, f"/cases/{case_now(store).id}")

    assert not any(" " in value for value in offered(browser))
    assert 'href="#object-record"' not in browser.page


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("zh", ("当时给出的（2026-10-01）", THEN, "按今天对那一天（2026-10-01）的了解", CORRECTED, "现在（", NOW_IS, "变化甲")),
        ("en", ("As given then (2026-10-01)", "about 12 of 100",
                "As of then (2026-10-01), with what is known today about that day", "about 7 of 100",
                "Now (", "about 9 of 100", "Change A")),
    ],
)  # fmt: skip
def test_the_risk_is_shown_as_given_as_of_then_and_now(store, browser, people, language, wanted):
    open_cases(store, [alert("c-one")])
    rescored(store, objected(store, people, answer=Answer.CORRECTED))

    said = look(browser, Role.SUPERVISOR, f"/cases/{case_now(store).id}", language)

    places = [said.index(words) for words in wanted[:1] + wanted[2:3] + wanted[4:5]]
    assert all(words in said for words in wanted)
    assert places == sorted(places)


def test_what_scoring_again_said_is_hidden_until_the_reasons_may_be_seen(store, browser, people):
    open_cases(store, [alert("c-one", Lane.AUDIT)])
    rescored(store, objected(store, people, answer=Answer.CORRECTED))

    said = look(browser, Role.CHILD_DIRECTOR, f"/cases/{case_now(store).id}")

    assert "已更正" in said
    assert THEN not in said
    assert "变化甲" not in said


@pytest.mark.parametrize(
    ("language", "stages"),
    [
        ("zh", ("等待部门答复", "已答复，等待更正后的记录送达", "已办结")),
        ("en", ("Waits for the department", "Answered; the corrected record is awaited", "Settled")),
    ],
)
def test_the_list_of_a_department_names_the_record_and_says_how_far_it_is(
    store, browser, people, language, stages
):
    open_cases(store, [alert("c-one")])
    number = objected(store, people)
    case = case_now(store)

    said = look(browser, Role.SUPERVISOR, "/objections", language)
    assert all(stage in said for stage in stages)
    assert f'href="/cases/{case.id}#steps"' in browser.page
    assert "r1" in said
    assert "那天请过假" in said

    for chosen, there in (("education", True), ("police", False)):
        assert ("那天请过假" in look(browser, Role.SUPERVISOR, f"/objections?department={chosen}")) is there
    do(
        store, Verb.ANSWER_OBJECTION, people[Role.SUPERVISOR], objection=number, answer=Answer.WITHDRAWN,
        answered_on=TODAY, reason="x",
    )  # fmt: skip
    assert "那天请过假" not in look(browser, Role.SUPERVISOR, "/objections")
    assert Answer.WITHDRAWN.title[language] in look(browser, Role.SUPERVISOR, "/objections?stage=changing")
    rescored(store, number)
    assert "那天请过假" in look(browser, Role.SUPERVISOR, "/objections?stage=done&department=education")


def test_the_list_is_the_coordinators_and_ends_with_their_area(store, browser, people):
    open_cases(store, [alert("c-one")], areas={"c-one": support.VILLAGE})
    objected(store, people)
    support.add_account(store, Role.SUPERVISOR, username="far", area_prefix=ELSEWHERE[:9])

    browser.sign_in("far")
    browser.get("/objections")
    assert browser.status == 200
    assert "那天请过假" not in browser.words()
    browser.sign_in("child_director")
    browser.get("/objections")
    assert browser.status == 404
