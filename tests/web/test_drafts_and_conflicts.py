"""A half-filled form is kept, and one that came too late comes back beside what happened meanwhile."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.review import actions
from serving.review.case import Met, Role
from serving.review.life_tables import DraftRow
from serving.review.tables import AuditEvent, Case
from tests import support_review as support
from tests.support_review import NOW, TODAY, Browser, alert, open_cases


@pytest.fixture
def store(tmp_path):
    store = support.open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def clock():
    return support.Clock()


@pytest.fixture
def browser(store, clock):
    return Browser(support.deps(store, clock))


@pytest.fixture
def case(store, browser):
    """A case that the child director holds and has open."""
    open_cases(store, [alert("c-one")])
    actor = support.add_account(store)
    with store.write() as session:
        case = actions.claim_next(session, actor=actor, now=NOW)
    browser.sign_in("child_director")
    browser.get(f"/cases/{case.id}")
    return case


def test_a_draft_comes_back_and_changes_nothing(browser, store, case):
    version = browser.version()
    with store.read() as session:
        before = len(session.scalars(select(AuditEvent)).all())

    browser.post(
        f"/cases/{case.id}/record_visit",
        version=version,
        happened_on="",
        met="child",
        note="门口",
        draft="yes",
    )

    assert "草稿已保存，只有您能看到。" in browser.words()
    assert "门口" in browser.page
    assert "还没有提交" in browser.words()
    assert browser.version() == version
    with store.read() as session:
        assert len(session.scalars(select(AuditEvent)).all()) == before


def test_a_draft_is_for_its_owner_alone_and_goes_with_the_step(browser, store, case):
    # Anybody may object, so both accounts have this form.
    form = {"version": "2", "raised_by": "guardian", "record": "residence", "wrong": "只有我"}
    browser.post(f"/cases/{case.id}/object", draft="yes", **form)
    assert "只有我" in browser.page
    support.add_account(store, Role.SUPERVISOR)
    other = Browser(browser_deps(store))
    other.sign_in("supervisor")
    assert "只有我" not in other.get(f"/cases/{case.id}")

    browser.post(f"/cases/{case.id}/object", **form)

    assert browser.status == 200
    with store.read() as session:
        assert session.scalars(select(DraftRow)).all() == []


def browser_deps(store):
    """Those of a second browser, whose tokens are not the first one's."""
    tokens = (f"other-{number}-{'y' * 24}" for number in itertools.count(1))
    return support.deps(store, support.Clock(), new_token=lambda: next(tokens))


def test_an_emptied_draft_is_forgotten(browser, store, case):
    for note in ("字", ""):
        browser.post(f"/cases/{case.id}/consult", version="2", person="", note=note, draft="yes")

    with store.read() as session:
        assert session.scalars(select(DraftRow)).all() == []


def test_nobody_keeps_a_draft_on_a_case_they_cannot_see(store, case):
    support.add_account(store, username="far", area_prefix=support.ELSEWHERE)
    far = Browser(browser_deps(store))
    far.sign_in("far")

    far.post(f"/cases/{case.id}/consult", version="2", note="字", draft="yes")

    assert far.status == 404


def test_what_came_too_late_comes_back_beside_what_happened(browser, store, case):
    actor = support.add_account(store, Role.SUPERVISOR)
    with store.write() as session:
        held = session.get_one(Case, case.id)
        holder = actions.Actor(held.holder_id, Role.CHILD_DIRECTOR, support.VILLAGE)
        actions.record_contact(
            session, actor=holder, case_id=case.id, version=2, happened_on=TODAY, met=Met.GUARDIAN,
            note="妈妈说周末在家", now=NOW + timedelta(minutes=3), today=TODAY,
        )  # fmt: skip
        actions.return_to_queue(
            session, actor=actor, case_id=case.id, version=3, reason="换人", now=NOW + timedelta(minutes=4),
            today=TODAY,
        )  # fmt: skip

    browser.post(
        f"/cases/{case.id}/record_visit",
        version="2",
        happened_on=TODAY.isoformat(),
        met="both",
        note="我写了很多",
    )

    assert browser.status == 409
    said = browser.words()
    late = said[said.index("您打开之后发生的") :]
    assert "记录联系" in late
    assert "妈妈说周末在家" in late
    assert "换人" in late
    entered = late[late.index("您填写的") :]
    assert "我写了很多" in entered
    assert "孩子和监护人" in entered
    assert "领取" not in late[: late.index("您填写的")].split("记录联系")[0]
