"""Work begun under a key that was merged into another is the same child's. On both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from features.people import People, read_people
from models.policy import Lane
from serving.review import record_actions, record_queries, screenings
from serving.review.case import Refused, Role, Verb
from serving.review.case_forms import Given
from serving.review.life_tables import RequestRow
from serving.review.one_child import cases_of_person, only_itself, open_case_of_person
from serving.review.opening import ChildFacts, open_cases
from serving.review.perform import Wanted, perform
from serving.review.record_store import About
from serving.review.requests import raise_by_hand
from serving.review.tables import AlertRow, Case
from tests import support_records
from tests import support_review as support
from tests.support_intake import MASTER_KEY, TODAY
from tests.support_review import NOW, ROUND, TIER_DAYS

OLD, STAYED, OTHER = "c-old", "c-stayed", "c-other"
PEOPLE = People(merged={OLD: STAYED, "c-older": STAYED})


def raise_again(store, child_key: str, keys_of=PEOPLE.keys_of):
    with store.write() as session:
        return open_cases(
            session, [support.alert(child_key, tier="first")], round_id=ROUND, children={},
            tier_days=TIER_DAYS, now=NOW, today=support.TODAY, keys_of=keys_of,
        )  # fmt: skip


def test_every_key_of_a_child_is_asked_for_the_one_that_stayed_first():
    assert PEOPLE.keys_of(OLD) == PEOPLE.keys_of(STAYED) == (STAYED, OLD, "c-older")
    assert PEOPLE.keys_of(OTHER) == (OTHER,)
    assert (PEOPLE.person(OLD), PEOPLE.person(OTHER)) == (STAYED, OTHER)


def test_an_alert_joins_the_case_the_child_has_under_its_old_key(store):
    support.open_cases(store, [support.alert(OLD), support.alert(OTHER)])

    opened = raise_again(store, STAYED)

    assert (opened.opened, opened.joined) == (0, 1)
    with store.read() as session:
        case = open_case_of_person(session, PEOPLE.keys_of(STAYED))
        assert case.child_key == OLD
        alerts = session.scalars(select(AlertRow.child_key).where(AlertRow.case_id == case.id)).all()
        assert set(alerts) == {OLD, STAYED}
        assert [one.id for one in cases_of_person(session, PEOPLE.keys_of(OLD))] == [case.id]


def test_when_the_merge_is_taken_back_they_are_two_children_again(store):
    support.open_cases(store, [support.alert(OLD)])

    opened = raise_again(store, STAYED, keys_of=only_itself)

    assert (opened.opened, opened.joined) == (1, 0)


def test_of_two_cases_opened_before_the_merge_the_older_is_the_childs(store):
    support.open_cases(store, [support.alert(OLD)], now=NOW - timedelta(days=3))
    support.open_cases(store, [support.alert(STAYED)])

    raise_again(store, STAYED)

    with store.read() as session:
        assert open_case_of_person(session, PEOPLE.keys_of(STAYED)).child_key == OLD
        assert len(session.scalars(select(Case)).all()) == 2


def test_a_case_is_not_reopened_beside_an_open_one_under_another_key(store):
    support.open_cases(store, [support.alert(OLD)])
    screener = support.add_account(store, Role.SCREENER)
    with store.write() as session:
        case = session.scalars(select(Case)).one()
        case.status, case.closed_at = "closed", NOW
    support.open_cases(store, [support.alert(STAYED)])

    def reopened(**more):
        with store.write() as session:
            wanted = Wanted(screener, case.id, case.version, NOW, support.TODAY, **more)
            return perform(session, Verb.REOPEN, wanted, Given(reason="家长来电"))

    with pytest.raises(Refused, match="already has an open case"):
        reopened(keys_of=PEOPLE.keys_of)
    assert reopened().status == "waiting", "two children, as far as anybody knows"


@pytest.fixture
def identity(tmp_path):
    from features.identity import IdentityStore

    store = IdentityStore.open(f"sqlite:///{tmp_path}/identity.db", MASTER_KEY)
    yield store
    store.close()


def test_the_identity_store_says_who_was_deleted(identity):
    key = identity.key_without_number("absences", "R1")
    identity.forget(key, TODAY, "asked for it")

    assert read_people(identity) == People(frozenset({key}), {})


def test_what_a_worker_raises_joins_the_case_under_the_old_key(store):
    support.open_cases(store, [support.alert(OLD)])
    worker = support.add_account(store, Role.SCREENER)

    with store.write() as session:
        case = raise_by_hand(
            session, actor=worker, lane=Lane.REFERRED, child_key=STAYED, facts=ChildFacts(), reason="常独自在家",
            tier_days=TIER_DAYS, tier="first", now=NOW, today=support.TODAY, keys_of=PEOPLE.keys_of,
        )  # fmt: skip

    assert case.child_key == OLD


def test_what_is_sent_twice_in_the_same_instant_is_one_request(store):
    actor = support.add_account(store, Role.SCREENER)

    def send(reason):
        with store.write() as session:
            return raise_by_hand(
                session, actor=actor, lane=Lane.REFERRED, child_key=STAYED, facts=ChildFacts(area_code=support.VILLAGE),
                reason=reason, tier_days=TIER_DAYS, tier="first", now=NOW, today=support.TODAY,
            )  # fmt: skip

    first, again = send("没人照看"), send(" 没人照看 ")

    assert first.id == again.id
    with store.read() as session:
        assert len(session.scalars(select(RequestRow)).all()) == 1
        assert len(session.scalars(select(AlertRow)).all()) == 1
        assert session.get_one(Case, first.id).version == first.version

    assert send("另一件事").id == first.id
    with store.read() as session:
        assert sorted(session.scalars(select(RequestRow.reason))) == sorted(["没人照看", "另一件事"])


def test_a_child_has_one_plan_and_names_the_assessment_before_under_all_its_keys(store):
    actor = support.add_account(store, Role.SUPERVISOR)
    under = {key: About(key, support.VILLAGE, None) for key in (OLD, STAYED, OTHER)}
    at_work = replace(support_records.doing(actor), keys_of=PEOPLE.keys_of)

    with store.write() as session:
        record_actions.make_plan(session, at_work, under[OLD], support_records.PLAN)
        with pytest.raises(Refused, match="has a plan already"):
            record_actions.make_plan(session, at_work, under[STAYED], support_records.PLAN)
        record_actions.make_plan(session, at_work, under[OTHER], support_records.PLAN)
        assert len(record_queries.records_of(session, *PEOPLE.keys_of(STAYED)).plans) == 1


def test_what_was_said_under_either_key_is_said_of_the_child(store):
    first = support.screening(OLD)
    later = replace(support.screening(STAYED), as_of=first.as_of + timedelta(days=180))
    with store.write() as session:
        for said, name in ((first, ROUND), (later, "later")):
            screenings.add_screenings(session, [said], now=NOW, round_id=name)

    with store.read() as session:
        [course] = screenings.of_child(session, PEOPLE.keys_of(STAYED)).values()
    assert course == [first, later]
