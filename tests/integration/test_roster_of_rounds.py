"""The roster's changes are compared once a round, on the days of the two rounds, and kept for the pages."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import select

from features.jurisdiction import load_profile
from serving.review import record_queries
from serving.review.case import Role
from serving.review.record_tables import RosterChangeRow, RosterRound
from serving.rosters import compare_rounds
from tests import support_review as support
from tests.support_review import ELSEWHERE, NOW, TODAY, VILLAGE
from tests.unit.test_cohort import residence

PROFILE = load_profile("hangzhou")


def here(key, **changes):
    """A child who has long lived here, and is ten."""
    return residence(child_key=key, record_id=f"r of {key}", **changes)


RECORDS = (
    here("c-stays"),
    here("c-new", arrived_on=date(2025, 5, 1), occurred_on=date(2026, 5, 1), known_on=date(2026, 5, 8)),
    here(
        "c-six-months", arrived_on=date(2026, 3, 1), occurred_on=date(2026, 3, 5), known_on=date(2026, 3, 8)
    ),
    here("c-sixteen", birth_on=date(2010, 6, 1)),
    here("c-left", superseded_on=date(2026, 8, 1)),
    here("c-left", version=2, ordinal=2, left_on=date(2026, 7, 1), known_on=date(2026, 8, 1)),
    here("c-moved"),
    here("c-moved", occurred_on=date(2026, 6, 1), known_on=date(2026, 6, 8), ordinal=2, area_code=ELSEWHERE),
    here("c-long-gone", left_on=date(2025, 1, 1)),
)
EXPECTED = {
    "c-new": ("new", VILLAGE, None),
    "c-six-months": ("six_months", VILLAGE, VILLAGE),
    "c-sixteen": ("turned_sixteen", VILLAGE, VILLAGE),
    "c-left": ("left", VILLAGE, VILLAGE),
    "c-moved": ("moved", ELSEWHERE, VILLAGE),
}


def compare(store, *records, today=TODAY):
    frame = pd.DataFrame(records or RECORDS)
    for column in ("occurred_on", "known_on", "superseded_on", "birth_on", "arrived_on", "left_on"):
        frame[column] = pd.to_datetime(frame[column])
    return compare_rounds({"residence": frame}, PROFILE, store, today, lambda: NOW)


def kept(store):
    with store.read() as session:
        rows = session.scalars(select(RosterChangeRow)).all()
    return {row.child_key: (row.change, row.area_code, row.from_area) for row in rows}


def test_the_newest_round_is_compared_with_the_one_before_once(store):
    assert compare(store) == 5
    assert kept(store) == EXPECTED
    with store.read() as session:
        newest = session.scalars(select(RosterRound)).one()
    assert (newest.as_of, newest.before, newest.changes) == (date(2026, 10, 1), date(2026, 4, 1), 5)

    assert compare(store, here("c-other")) is None
    assert kept(store) == EXPECTED


def test_no_change_at_all_is_told_from_nobody_having_looked(store):
    with store.read() as session:
        assert record_queries.newest_roster(session) is None

    assert compare(store, here("c-stays")) == 0

    with store.read() as session:
        assert record_queries.newest_roster(session).changes == 0


def test_without_any_child_in_either_round_there_is_nothing_to_compare(store):
    assert compare(store, today=date(2001, 1, 1)) is None
    assert compare_rounds({}, PROFILE, store, TODAY, lambda: NOW) is None
    assert kept(store) == {}


@pytest.mark.parametrize(
    ("area", "seen"),
    [
        (VILLAGE, {"c-new", "c-six-months", "c-sixteen", "c-left", "c-moved"}),
        (ELSEWHERE, {"c-moved"}),
        ("330109003", set()),
    ],
)
def test_each_area_sees_who_came_and_who_went(store, area, seen):
    compare(store)
    actor = support.add_account(store, Role.CHILD_DIRECTOR, area_prefix=area)

    with store.read() as session:
        found = record_queries.roster_changes(session, actor, date(2026, 10, 1))
        counts = record_queries.roster_counts(session, actor, date(2026, 10, 1))
        moved = record_queries.roster_changes(session, actor, date(2026, 10, 1), "moved")

    assert {row.child_key for row in found} == seen
    assert sum(counts.values()) == len(seen)
    assert {row.child_key for row in moved} == seen & {"c-moved"}
