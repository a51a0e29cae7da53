"""A case outside one's area can be read in an emergency: for a reason, for some hours, and reviewed."""

import secrets

import pytest
from sqlalchemy import select

from serving.review import audit
from serving.review.access_tables import OpeningRow
from serving.review.case import Role
from serving.review.emergency import ENDERS, LASTS, OPENERS, REVIEWERS
from serving.review.record_tables import ReportRow
from serving.review.tables import AuditEvent, Case
from tests import support_records
from tests import support_review as support
from tests.support_review import ELSEWHERE, VILLAGE, Browser, Clock, add_account, alert, open_cases

WHY = {"reason": "found", "words": "夜里独自在集市"}


@pytest.fixture
def far(store):
    """A case elsewhere, and a browser of a child director of the village."""
    open_cases(store, [alert("c-one")], areas={"c-one": ELSEWHERE})
    with store.read() as session:
        return session.scalars(select(Case.id)).one()


def signed_in(store, role=Role.CHILD_DIRECTOR, clock=None, **changes):
    add_account(store, role, area_prefix=changes.pop("area", VILLAGE))
    browser = Browser(support.deps(store, clock, new_token=lambda: secrets.token_urlsafe(24), **changes))
    browser.sign_in(role.value)
    return browser


def verbs(store, *wanted):
    with store.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.number))
        return [(event.verb, event.subject) for event in events if event.verb in wanted]


def test_until_it_is_opened_it_is_not_there_and_after_some_hours_again(store, far):
    clock = Clock()
    browser = signed_in(store, clock=clock)
    browser.get(f"/cases/{far}")
    assert browser.status == 404

    browser.get("/emergency")
    browser.post("/emergency", child=far, **WHY)
    assert "您正在紧急查看区域外的个案" in browser.words()
    assert "到 13:30 自动关闭" in browser.words()
    # Among what happened to the case too, by the clock on the wall.
    assert "到 2026-10-06 13:30" in browser.words()
    assert "T05:30" not in browser.page

    clock.forward(seconds=LASTS.total_seconds())
    browser.get(f"/cases/{far}")
    assert browser.status == 404


def test_it_is_for_reading_and_a_mandatory_report_and_nothing_else(store, far):
    browser = signed_in(store)
    browser.get("/emergency")
    browser.post("/emergency", child=far, **WHY)

    assert 'name="version"' not in browser.page, "a step is offered"
    assert f'action="/cases/{far}/name"' not in browser.page
    browser.get(f"/cases/{far}/add/referral")
    assert browser.status == 404
    browser.get(f"/cases/{far}")
    for verb in ("claim", "record_view", "dispose", "object", "answer", "name"):
        browser.post(f"/cases/{far}/{verb}", version="1", note="x", draft="yes" if verb == "object" else "")
        assert browser.status == 404, verb
        browser.get(f"/cases/{far}")

    browser.get(f"/cases/{far}/add/report")
    browser.post(f"/cases/{far}/add/report", **support_records.REPORT)
    with store.read() as session:
        assert session.scalars(select(ReportRow.case_id)).one() == far
    browser.get(f"/cases/{far}/support")
    assert browser.status == 200


def test_the_childs_page_opens_for_a_purpose_and_both_looks_are_on_record(store, far):
    browser = signed_in(store)
    browser.get("/emergency")
    browser.post("/emergency", child=far, **WHY)

    browser.get(f"/cases/{far}/child")
    browser.post(f"/cases/{far}/child", purpose="consult")

    assert browser.status == 200
    assert "紧急查看个案" in browser.words()
    assert verbs(store, "open_in_emergency", "open_child") == [
        ("open_in_emergency", far),
        ("open_child", far),
    ]


def test_a_child_can_be_found_by_its_number_which_does_not_come_back(store, far):
    number = "330109201605124011"
    browser = signed_in(store, find_child=lambda said: "c-one" if said == number else None)
    browser.get("/emergency")

    browser.post("/emergency", child=number)
    assert browser.status == 422
    assert number not in browser.page
    browser.post("/emergency", child=number, **WHY)

    assert browser.status == 200
    assert far in browser.page


def test_looking_in_vain_leaves_a_trace(store):
    browser = signed_in(store)
    browser.get("/emergency")

    browser.post("/emergency", child="aaaaaaaaaa", **WHY)

    assert browser.status == 422
    assert "这次查找已记录" in browser.words()
    assert len(verbs(store, "open_in_vain")) == 1


def test_a_case_of_ones_own_area_needs_none(store):
    open_cases(store, [alert("c-one")])
    with store.read() as session:
        case_id = session.scalars(select(Case.id)).one()
    browser = signed_in(store)
    browser.get("/emergency")

    browser.post("/emergency", child=case_id, **WHY)

    assert browser.status == 409
    assert verbs(store, "open_in_emergency") == []


@pytest.mark.parametrize("role", [role for role in Role if role not in OPENERS])
def test_who_does_not_work_on_cases_opens_none(store, far, role):
    browser = signed_in(store, role)

    browser.get("/emergency")
    assert browser.status == 403
    browser.get("/")
    browser.post("/emergency", child=far, **WHY)
    assert browser.status == 403


def opened(store, far):
    browser = signed_in(store)
    browser.get("/emergency")
    browser.post("/emergency", child=far, **WHY)
    with store.read() as session:
        return f"/emergency/{session.scalars(select(OpeningRow.id)).one()}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whoever_answers_for_the_area_reviews_each_once(store, far, language):
    address = opened(store, far)
    manager = signed_in(store, Role.MANAGER, area=ELSEWHERE[:9])
    manager.get("/emergency/review")
    if language == "en":
        manager.switch("en")
    assert (
        "在本区域发现外区域的孩子" if language == "zh" else "A child of another area was found here"
    ) in manager.words()

    manager.get(address)
    assert WHY["words"] in manager.page
    manager.post(address, verdict="not_justified")
    assert manager.status == 422
    manager.post(address, verdict="not_justified", words="应先联系当地督导员")

    with store.read() as session:
        row = session.scalars(select(OpeningRow)).one()
        assert (row.verdict, row.verdict_words) == ("not_justified", "应先联系当地督导员")
        assert audit.verify(session)
    manager.get(address)
    manager.post(address, verdict="justified", words="x")
    assert manager.status == 409
    assert verbs(store, "review_opening") == [("review_opening", far)]


def test_an_opening_of_another_area_is_not_there_to_review(store, far):
    address = opened(store, far)
    manager = signed_in(store, Role.MANAGER, area=VILLAGE)

    manager.get("/emergency/review")
    assert far not in manager.page
    manager.get(address)
    assert manager.status == 404
    manager.get("/emergency/review")
    manager.post(address, verdict="justified", words="x")
    assert manager.status == 404


@pytest.mark.parametrize("role", [role for role in Role if role not in REVIEWERS])
def test_nobody_else_reviews(store, far, role):
    address = opened(store, far)
    add_account(store, role, username="other", area_prefix=ELSEWHERE)
    browser = Browser(support.deps(store, new_token=lambda: secrets.token_urlsafe(24)))
    browser.sign_in("other")

    browser.get("/emergency/review")
    assert browser.status == 403
    browser.get(address)
    assert browser.status == 403


# --- ending it before its time --------------------------------------------------------------------------------


def test_its_holder_ends_it_now_and_nothing_of_the_case_is_left_open(store, far):
    browser = signed_in(store)
    for _ in range(2):
        browser.get("/emergency")
        browser.post("/emergency", child=far, **WHY)
    browser.get("/emergency")
    assert browser.page.count('/end"') == 1
    assert f"现在结束对 {far} 的紧急查看" in browser.words()
    with store.read() as session:
        number = session.scalars(select(OpeningRow.id).order_by(OpeningRow.id)).first()

    browser.post(f"/emergency/{number}/end")

    assert "您现在打开的个案" not in browser.words()
    browser.get(f"/cases/{far}")
    assert browser.status == 404
    assert verbs(store, "end_opening") == [("end_opening", far)]
    browser.get("/emergency")
    browser.post(f"/emergency/{number}/end")
    assert (browser.status, "这次紧急查看已经结束" in browser.words()) == (409, True)
    assert len(verbs(store, "end_opening")) == 1


@pytest.mark.parametrize("role", sorted(ENDERS, key=lambda role: role.value))
def test_who_answers_for_the_area_ends_what_others_opened_there(store, far, role):
    address = opened(store, far)
    browser = signed_in(store, role, area=ELSEWHERE[:9])
    browser.get("/emergency" if role in OPENERS else address)
    if role in OPENERS:
        assert "别人在您的区域内打开的个案" in browser.words()
    assert WHY["words"] not in browser.page or role not in OPENERS

    browser.post(f"{address}/end")

    with store.read() as session:
        row = session.scalars(select(OpeningRow)).one()
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "end_opening")).one()
        assert (row.until, event.detail) == (event.at, {"opening": row.id, "by_holder": False})
        assert audit.verify(session)


@pytest.mark.parametrize(
    ("role", "area"),
    [(Role.SUPERVISOR, VILLAGE), (Role.CHILD_DIRECTOR, ELSEWHERE), (Role.AUDITOR, ELSEWHERE)],
)
def test_nobody_else_ends_an_opening(store, far, role, area):
    address = opened(store, far)
    add_account(store, role, username="other", area_prefix=area)
    browser = Browser(support.deps(store, new_token=lambda: secrets.token_urlsafe(24)))
    browser.sign_in("other")
    browser.get("/emergency")
    assert "别人在您的区域内打开的个案" not in browser.page

    browser.get("/")
    browser.post(f"{address}/end")

    assert browser.status == 404
    assert verbs(store, "end_opening") == []
