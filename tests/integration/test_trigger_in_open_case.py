"""A hard trigger of a child whose case is being worked is not answered by what was done before it came."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.policy import Lane
from serving.review import queries
from serving.review.case import Met, Refused, Status, Verb
from serving.review.tables import Case
from tests import support_review as support
from tests.support_life import CONFIRMED, NOT_CONFIRMED, case_now, conclude, do, fact, opened
from tests.support_review import TODAY, alert, open_cases

OLD_DUE = TODAY - timedelta(days=20)


@pytest.fixture
def worker(store):
    return support.add_account(store)


def visited(store, worker) -> Case:
    """A case visited long ago, its first date to contact by long past."""
    opened(store)
    do(store, Verb.CLAIM, worker)
    fact(store, worker)
    with store.write() as session:
        session.get_one(Case, case_now(store).id).due_on = OLD_DUE
    return case_now(store)


def reported(store) -> Case:
    open_cases(store, [alert("c-one", Lane.TRIGGER, trigger="suspected_abuse")], release=2)
    return case_now(store)


def test_its_clock_starts_again_and_a_late_contact_is_seen(store, worker):
    assert visited(store, worker).contacted_on == TODAY

    case = reported(store)

    assert (case.due_on, case.contacted_on, case.holder_id) == (TODAY, None, worker.account_id)
    assert case.status == Status.CONTACTING.value
    with store.read() as session:
        assert [
            one.id for one in session.scalars(select(Case).where(queries.late(TODAY + timedelta(days=1))))
        ]


def test_no_contact_from_before_closes_it(store, worker):
    visited(store, worker)
    reported(store)

    with pytest.raises(Refused, match="First record a visit or a contact"):
        conclude(store, worker)

    fact(store, worker)
    assert conclude(store, worker).status == Status.SECOND_REVIEW.value


def test_no_failed_attempt_from_before_ends_it(store, worker):
    opened(store)
    do(store, Verb.CLAIM, worker)
    with store.write() as session:
        session.get_one(Case, case_now(store).id).entered_on = TODAY - timedelta(days=9)
    for days in (5, 4, 3):
        day = TODAY - timedelta(days=days)
        fact(store, worker, Verb.RECORD_CONTACT, met=Met.NOBODY, happened_on=day, today=day)
    reported(store)

    with pytest.raises(Refused, match="reached nobody"):
        do(store, Verb.CANNOT_REACH, worker, reason="联系不上")


def test_a_conclusion_from_before_is_not_reviewed_but_made_anew(store, worker):
    opened(store, tier="first")
    do(store, Verb.CLAIM, worker)
    fact(store, worker)
    conclude(store, worker, NOT_CONFIRMED)
    second = support.add_account(store, username="second")
    do(store, Verb.CLAIM, second)

    case = reported(store)

    assert (case.status, case.holder_id, case.second) == (Status.WAITING.value, None, None)
    do(store, Verb.CLAIM, second)
    with pytest.raises(Refused, match="First record a visit or a contact"):
        conclude(store, second)
    fact(store, second)
    conclude(store, second, CONFIRMED)
    assert do(store, Verb.CLAIM, worker).status == Status.SECOND_REVIEW.value


def test_one_that_nobody_took_keeps_the_day_it_came(store):
    before = opened(store)

    case = reported(store)

    assert (case.entry, case.entered_on, case.status) == (1, before.entered_on, Status.WAITING.value)
    assert (case.queue_class, case.due_on) == (0, TODAY)


def test_what_is_no_hard_trigger_disturbs_no_work(store, worker):
    before = visited(store, worker)

    open_cases(store, [alert("c-one", Lane.REQUEST), alert("c-one", screener="guardianship")], release=2)

    case = case_now(store)
    assert (case.entry, case.contacted_on, case.status) == (before.entry, TODAY, Status.VISITED.value)
