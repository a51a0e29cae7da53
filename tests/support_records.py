"""Builders for tests of the records beside the case: accounts, a case, and forms filled in a valid way."""

from __future__ import annotations

from datetime import date

from features.guardianship import tree_named
from features.jurisdiction import load_profile
from serving.review import queries, record_actions
from serving.review.permissions import Actor
from serving.review.record_store import About, Doing, about_case
from serving.review.store import Store
from tests import support_review as support
from tests.support_review import NOW, TODAY

TREE = tree_named("xiaoshan")

ENTER = {
    "categories-hardship": "yes", "basis": "case", "entered_on": "2026-07-01", "note": "父亲停工三个月",
}  # fmt: skip
ASSESS = {
    "assessed_on": "2026-10-05",
    **{f"item_{each.code}": "1" for each in TREE.indicators},
    "conclusion": "insufficient", "level": "second", "next_on": "2027-04-05", "note": "母亲夜班，祖母体弱",
}  # fmt: skip
REPORT = {
    "situation": "abandoned", "about": "某小区一名约六岁男童", "found_on": "2026-10-06",
    "reported_on": "2026-10-06", "told-police": "yes", "told-civil_affairs": "yes", "note": "夜间独自在家",
}  # fmt: skip
REFER = {
    "service": "F17", "channel": "line_96525", "stage": "prevention", "consent": "given",
    "consent_by": "guardian", "consent_on": "2026-10-05", "answer_by": "2026-10-20", "note": "想和人说说话",
}  # fmt: skip
PLAN = {
    "goals": "每天有大人在家", "what_1": "调整夜班", "who_1": "母亲", "by_1": "2026-11-01",
    "agreement": "agreed", "agreement_by": "母亲", "agreed_on": "2026-10-05", "review_on": "2026-12-01",
}  # fmt: skip


def doing(actor: Actor, today: date = TODAY, profile: str = "hangzhou") -> Doing:
    """Somebody at work on the day of the tests."""
    return Doing(actor, NOW, today, load_profile(profile))


def a_case(store: Store, child_key: str = "c-one", area: str = support.VILLAGE) -> str:
    """An open case of a child."""
    support.open_cases(store, [support.alert(child_key)], areas={child_key: area})
    with store.read() as session:
        case = queries.open_case_of(session, child_key)
        assert case is not None
        return case.id


def about(store: Store, actor: Actor, case_id: str) -> About:
    """The child of a case."""
    with store.read() as session:
        return about_case(session, actor, case_id)


def enter(store: Store, actor: Actor, case_id: str, **changes: str) -> int:
    """A child entered in the ledger; the number of the entry."""
    with store.write() as session:
        there = about_case(session, actor, case_id)
        return record_actions.enter_ledger(session, doing(actor), there, ENTER | changes).id


def assess(store: Store, actor: Actor, second: Actor, case_id: str, **changes: str) -> int:
    """An assessment laid before a second assessor."""
    with store.write() as session:
        there = about_case(session, actor, case_id)
        given = ASSESS | {"second": second.account_id} | changes
        return record_actions.assess(session, doing(actor), there, TREE, given).id


def report(store: Store, actor: Actor, case_id: str | None = None, **changes: str) -> int:
    """A mandatory report, about the child of a case or about nobody we know."""
    with store.write() as session:
        there = (
            About(None, actor.area_prefix, None) if case_id is None else about_case(session, actor, case_id)
        )
        return record_actions.report(session, doing(actor), there, REPORT | changes).id


def refer(store: Store, actor: Actor, case_id: str, **changes: str) -> int:
    """A referral."""
    with store.write() as session:
        there = about_case(session, actor, case_id)
        return record_actions.refer(session, doing(actor), there, REFER | changes).id


def plan(store: Store, actor: Actor, case_id: str, **changes: str) -> int:
    """A plan."""
    with store.write() as session:
        there = about_case(session, actor, case_id)
        return record_actions.make_plan(session, doing(actor), there, PLAN | changes).id
