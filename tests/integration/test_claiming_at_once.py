"""Sixty-four people ask for the next case at the same moment: each gets one, no two the same, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import insert, select

from serving.review import actions, audit
from serving.review.permissions import Actor
from serving.review.store import Store
from serving.review.tables import Account, Case
from tests import support_review as support
from tests.support_review import NOW, alert

PEOPLE = 64


@pytest.fixture
def people(store):
    """Accounts that differ in their name only; making a password for each would take longer than the test."""
    first = support.add_account(store)
    with store.write() as session:
        row = session.get_one(Account, first.account_id)
        like = {column.name: getattr(row, column.name) for column in Account.__table__.columns}
        others = [{**like, "id": f"a{number}", "username": f"worker{number}"} for number in range(1, PEOPLE)]
        session.execute(insert(Account), others)
    return [first, *(Actor(one["id"], first.role, first.area_prefix) for one in others)]


def at_once(database: str, people: list[Actor]) -> list[str | None]:
    """What each gets, all asking at once, each over a connection of their own."""
    together = Barrier(PEOPLE)

    def ask(actor: Actor) -> str | None:
        own = Store.open(database)
        try:
            with own.read() as session:
                session.get_one(Account, actor.account_id)
            together.wait(timeout=30)
            with own.write() as session:
                case = actions.claim_next(session, actor=actor, now=NOW)
            return None if case is None else case.id
        finally:
            own.close()

    with ThreadPoolExecutor(PEOPLE) as threads:
        return list(threads.map(ask, people))


def test_sixty_four_who_ask_at_once_each_get_a_case_of_their_own(database, store, people):
    support.open_cases(store, [alert(f"c{number}", rank=number) for number in range(PEOPLE)])

    got = at_once(database, people)

    assert None not in got
    assert len(set(got)) == PEOPLE
    with store.read() as session:
        held = {case.id: case.holder_id for case in session.scalars(select(Case))}
        assert held == dict(zip(got, (actor.account_id for actor in people), strict=True))
        audit.verify(session)
