"""The page of a case through its life: every block in both languages, and nothing shown too early."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review.case import RISKS, Answer, Disposition, Met, Objector, Role, Verb
from serving.review.life_tables import ObjectionRow
from serving.review.tables import Case
from tests import support_review as support
from tests.support_life import CONFIRMED, NOT_CONFIRMED, case_now, do, fact
from tests.support_review import TODAY, Browser, alert, open_cases

SECRET = "第一位同事写的理由"


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
    return {
        role: support.add_account(store, role)
        for role in (Role.CHILD_DIRECTOR, Role.SUPERVISOR, Role.SCREENER)
    }


def page(browser, role, case, language="zh"):
    browser.sign_in(role.value)
    browser.get(f"/cases/{case.id}")
    if language == "en":
        browser.switch("en")
        browser.get(f"/cases/{case.id}")
    assert browser.status == 200
    return browser.words()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_long_life_is_told_in_one_language(store, browser, people, language):
    open_cases(store, [alert("c-one"), alert("c-two")])
    worker, boss = people[Role.CHILD_DIRECTOR], people[Role.SUPERVISOR]
    with store.write() as session:
        for case in session.scalars(select(Case)):
            case.household, case.due_provisional = "h1", True
    do(store, Verb.CLAIM, worker)
    fact(store, worker, Verb.RECORD_CONTACT)
    fact(store, worker)
    do(store, Verb.RECORD_ASSESSMENT, worker, findings=dict.fromkeys(RISKS, "所见"))
    do(store, Verb.START_SUPPORT, worker, note="联系学校")
    fact(store, worker, Verb.RECORD_FOLLOW_UP)
    do(store, Verb.CONSULT, worker, person=boss.account_id, note="怎么办？")
    do(store, Verb.ANSWER, boss, note="多走动")
    do(store, Verb.OBJECT, worker, raised_by=Objector.GUARDIAN, record=("residence", ""), wrong="没住过")
    with store.write() as session:
        row = session.scalars(select(ObjectionRow)).one()
        row.change = {
            "screeners": [{"screener": RISKS[0], "sentences": [{"zh": "变化甲", "en": "Change A"}]}]
        }
    do(
        store, Verb.ANSWER_OBJECTION, boss, objection=row.id, answer=Answer.CORRECTED, answered_on=TODAY,
        reason="登记错了",
    )  # fmt: skip
    do(store, Verb.ESCALATE, worker, reason="家长不配合")
    do(store, Verb.SNOOZE, worker, until=TODAY + timedelta(days=2), reason="外出")

    said = page(browser, Role.SUPERVISOR, case_now(store), language)

    wanted = {
        "zh": ("跟进中", "评估所见", "请教与答复", "异议与更正", "已更正", "变化甲", "已上报", "已暂缓到", "尚未公布", "同住的其他孩子"),
        "en": ("Follow-up", "What the assessment found", "Questions to colleagues", "Objections and corrections",
               "Corrected", "Change A", "Escalated", "Set aside until", "not announced yet", "Other children"),
    }[language]  # fmt: skip
    for words in wanted:
        assert words in said, words


def waiting_for_second(store, people):
    worker = people[Role.CHILD_DIRECTOR]
    open_cases(store, [alert("c-one", Lane.TRIGGER)])
    do(store, Verb.CLAIM, worker)
    fact(store, worker)
    do(store, Verb.RECORD_ASSESSMENT, worker, findings=dict.fromkeys(RISKS, "第一位的评估"))
    do(store, Verb.DISPOSE, worker, dispositions=CONFIRMED, reason=SECRET)
    return case_now(store)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_second_person_sees_the_facts_and_no_conclusion_until_their_own_is_in(
    store, browser, people, language
):
    case = waiting_for_second(store, people)
    do(store, Verb.CLAIM, people[Role.SUPERVISOR])

    said = page(browser, Role.SUPERVISOR, case, language)
    assert "在家见到" in said
    assert SECRET not in said
    assert "第一位的评估" not in said

    do(store, Verb.CONCLUDE_SECOND, people[Role.SUPERVISOR], dispositions=NOT_CONFIRMED, reason="我的理由")
    for role in (Role.SUPERVISOR, Role.SCREENER, Role.CHILD_DIRECTOR):
        said = page(browser, role, case, language)
        assert SECRET in said
        assert "我的理由" in said


def test_the_second_review_is_worked_in_the_browser(store, browser, people):
    case = waiting_for_second(store, people)
    page(browser, Role.SUPERVISOR, case)

    browser.post(f"/cases/{case.id}/claim", version=browser.version())
    given = {f"disposition_{risk}": Disposition.CONFIRMED.value for risk in RISKS}
    browser.post(f"/cases/{case.id}/conclude_second", version=browser.version(), reason="一致", **given)

    assert browser.status == 200
    assert case_now(store).status == "closed"


def test_a_way_to_the_end_without_anybody_reached_is_worked_in_the_browser(store, browser, people):
    worker = people[Role.CHILD_DIRECTOR]
    open_cases(store, [alert("c-one")])
    do(store, Verb.CLAIM, worker)
    for day in range(3):
        later = TODAY + timedelta(days=day)
        fact(store, worker, Verb.RECORD_CONTACT, happened_on=later, met=Met.NOBODY, today=later)
    case = case_now(store)
    page(browser, Role.CHILD_DIRECTOR, case)
    browser.post(f"/cases/{case.id}/cannot_reach", version=browser.version(), reason="没人接")
    assert "等待督导员同意结案" in browser.words()

    page(browser, Role.SUPERVISOR, case)
    browser.post(f"/cases/{case.id}/agree", version=browser.version())

    assert "结案方式：多次联系不上" in browser.words()


def test_an_objection_names_a_record_or_a_kind_of_record(store, browser, people):
    open_cases(store, [alert("c-one", Lane.TRIGGER)])
    case = case_now(store)
    page(browser, Role.CHILD_DIRECTOR, case)

    offered = re.search(r'<option value="(\w+) record of c-one">([^<]+)</option>', browser.page)
    assert offered is not None
    version = browser.version()
    wrong = {"raised_by": "guardian", "wrong": "不是我家的事"}
    browser.post(f"/cases/{case.id}/object", version=version, record="no_such_source r1", **wrong)
    assert browser.status == 422
    browser.post(f"/cases/{case.id}/object", version=version, record=f"{offered[1]} record of c-one", **wrong)

    assert browser.status == 200
    with store.read() as session:
        row = session.scalars(select(ObjectionRow)).one()
    assert (row.source, row.record_id) == (offered[1], "record of c-one")
