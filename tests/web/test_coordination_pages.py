"""Giving out work, absences, and raising a child by hand, in the browser and in both languages."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.review import queries
from serving.review.case import Role
from serving.review.life_tables import AbsenceRow, RequestRow
from serving.review.tables import Account, AuditEvent, Case
from serving.web.coordination_view import SHOWN
from tests import support_review as support
from tests.support_review import ELSEWHERE, TODAY, VILLAGE, Browser, alert, open_cases


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


NUMBER = "110101201401011234"


@pytest.fixture
def browser(store):
    def find_child(number: str) -> str | None:
        return "c-one" if number == NUMBER else None

    return Browser(
        support.deps(
            store, find_child=find_child, about_child=lambda _: support.facts(), tier_of_requests="second"
        )
    )


def cases_of(store):
    with store.read() as session:
        return {case.child_key: case for case in session.scalars(select(Case))}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", ["/coordination", "/raise"])
def test_each_page_is_whole_in_both_languages(browser, store, address, language):
    open_cases(store, [alert("c-one"), alert("c-two")])
    support.add_account(store, Role.SUPERVISOR)
    browser.sign_in("supervisor")
    browser.get(address)
    if language == "en":
        browser.switch("en")
        browser.get(address)

    assert browser.status == 200
    assert ("Coordination" in browser.page or "Absences" in browser.page or "absences" in browser.page) is (
        language == "en"
    )


def test_several_cases_are_given_out_at_once_and_what_is_refused_says_why(browser, store):
    open_cases(store, [alert("c-one"), alert("c-two"), alert("c-three")])
    director = support.add_account(store)
    support.add_account(store, Role.SUPERVISOR)
    cases = cases_of(store)
    browser.sign_in("supervisor")
    browser.get("/coordination")

    stale = {f"case_{cases['c-three'].id}": "9"}
    fresh = {f"case_{cases[key].id}": str(cases[key].version) for key in ("c-one", "c-two")}
    browser.post("/coordination/assign", person=director.account_id, reason="", **fresh, **stale)

    assert browser.status == 409
    assert "已指派 2 件" in browser.words()
    assert cases["c-three"].id in browser.words()
    now = cases_of(store)
    assert [now[key].holder_id for key in ("c-one", "c-two")] == [director.account_id] * 2
    assert now["c-three"].holder_id is None


def test_nothing_ticked_or_nobody_chosen_is_said(browser, store):
    open_cases(store, [alert("c-one")])
    support.add_account(store, Role.SUPERVISOR)
    case = cases_of(store)["c-one"]
    browser.sign_in("supervisor")
    browser.get("/coordination")

    browser.post("/coordination/assign", person="", reason="")
    assert browser.status == 422
    assert "请先选中个案。" in browser.words()
    browser.post("/coordination/assign", person="", reason="", **{f"case_{case.id}": "1"})
    assert "请选择指派给谁。" in browser.words()


def test_an_absence_is_declared_shown_and_taken_back(browser, store):
    director = support.add_account(store)
    support.add_account(store, Role.SUPERVISOR)
    browser.sign_in("supervisor")
    browser.get("/coordination")
    last = (TODAY + timedelta(days=3)).isoformat()

    browser.post(
        "/coordination/absence", account=director.account_id, first_day=TODAY.isoformat(), last_day=last
    )
    assert f"{TODAY.isoformat()} 至 {last} 不在岗" in browser.words()
    with store.read() as session:
        row = session.scalars(select(AbsenceRow)).one()

    browser.post("/coordination/withdraw", absence=str(row.id))
    assert "不在岗" not in browser.words().replace("登记不在岗", "").replace("负责人不在岗的", "")


def test_nobody_speaks_for_who_works_elsewhere(browser, store):
    far = support.add_account(store, username="far", area_prefix=ELSEWHERE)
    support.add_account(store, Role.SUPERVISOR)
    browser.sign_in("supervisor")
    browser.get("/coordination")

    browser.post("/coordination/capacity", account=far.account_id, capacity="3")

    assert browser.status == 404
    with store.read() as session:
        assert session.get_one(Account, far.account_id).capacity is None


def test_a_child_director_sets_nobodys_capacity(browser, store):
    mine = support.add_account(store)
    browser.sign_in("child_director")
    browser.get("/coordination")

    browser.post("/coordination/capacity", account=mine.account_id, capacity="3")

    assert browser.status == 403
    with store.read() as session:
        assert session.get_one(Account, mine.account_id).capacity is None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
def test_who_works_no_case_has_neither_page(browser, store, role):
    support.add_account(store, role)
    browser.sign_in(role.value)

    browser.get("/coordination")
    assert browser.status == 404
    browser.get("/raise")
    assert browser.status == 404


def test_a_family_that_declares_itself_gets_a_case_and_its_number_is_kept_nowhere(browser, store, tmp_path):
    support.add_account(store)
    browser.sign_in("child_director")
    browser.get("/raise")

    browser.post("/raise", lane="declared", child=NUMBER, reason="想给孩子找课后托管")

    assert browser.status == 200
    assert "家庭自主申报" in browser.words()
    assert "想给孩子找课后托管" in browser.words()
    case = cases_of(store)["c-one"]
    assert (case.queue_class, case.tier, case.area_code) == (1, "second", VILLAGE)
    store.close()
    assert NUMBER.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_an_unknown_number_leaves_a_trace_but_not_itself(browser, store):
    mine = support.add_account(store)
    browser.sign_in("child_director")
    browser.get("/raise")

    browser.post("/raise", lane="referred", child="110101201401019999", reason="常独自在街上")

    assert browser.status == 422
    assert "没有找到这个孩子" in browser.words()
    assert "110101201401019999" not in browser.page
    assert "常独自在街上" in browser.page
    with store.read() as session:
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.number.desc())).first()
    assert (last.verb, last.subject, last.detail) == ("look_up_in_vain", mine.account_id, {})


def test_a_referral_joins_the_open_case_and_brings_it_forward(browser, store):
    open_cases(store, [alert("c-one", tier="watch", due_days=30)])
    support.add_account(store)
    browser.sign_in("child_director")
    browser.get("/raise")

    browser.post("/raise", lane="referred", child=NUMBER, reason="常独自在街上")

    with store.read() as session:
        case = session.scalars(select(Case)).one()
        request = session.scalars(select(RequestRow)).one()
        assert [row.id for row in queries.requests_of(session, case.id)] == [request.id]
    assert (case.queue_class, case.tier, case.version) == (1, "second", 2)


def test_a_child_of_another_area_is_raised_and_stays_out_of_sight(store):
    browser = Browser(
        support.deps(store, find_child=lambda _: "c-two", about_child=lambda _: support.facts(ELSEWHERE))
    )
    support.add_account(store)
    browser.sign_in("child_director")
    browser.get("/raise")

    browser.post("/raise", lane="referred", child="x", reason="听说没有人照看")

    assert "已提交" in browser.words()
    assert cases_of(store)["c-two"].area_code == ELSEWHERE


def test_each_list_shows_its_first_cases_and_leads_to_the_rest_and_waiting_ones_stay_in_the_queue(
    browser, store
):
    open_cases(store, [alert(f"c-{number}", due_days=-9) for number in range(SHOWN + 1)])
    worker = support.add_account(store)
    support.add_account(store, Role.SUPERVISOR)
    with store.write() as session:
        for case in session.scalars(select(Case)):
            case.due_on, case.holder_id, case.status = TODAY - timedelta(days=9), worker.account_id, "claimed"
    browser.sign_in("supervisor")

    browser.get("/coordination")

    assert browser.page.count('<li class="task">') == SHOWN + 2
    assert 'href="/?list=overdue&amp;sort=due"' in browser.page
    assert 'href="/?list=waiting"' in browser.page
    assert "/?list=absent" not in browser.page
