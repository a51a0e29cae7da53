"""What is counted in few passes over indexes is what a plain look at every row finds."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select

from serving.review import tallies
from serving.review.case import Role, Verb
from serving.review.forgetting import forget
from serving.review.permissions import sees_area
from serving.review.tables import Case, DispositionRow, FactRow
from serving.review.tallies import Confirmed, Handled
from tests import support_review as support
from tests.support_clocks import Walk
from tests.support_life import CONFIRMED, NOT_CONFIRMED, case_now, conclude, do, fact, opened
from tests.support_review import COUNTY, ELSEWHERE, NOW, TODAY, TOWN, VILLAGE

CHILDREN = 60


def concluded(session):
    """For every case, whether a visit ever confirmed a risk, or None without a conclusion from a visit."""
    found = dict.fromkeys(session.scalars(select(Case.id)))
    for row in session.scalars(select(DispositionRow).where(DispositionRow.visited)):
        found[row.case_id] = bool(found[row.case_id]) or row.disposition == "confirmed"
    return found


def first_visits(session):
    """For every case, the earliest day on which a visit met somebody, or None."""
    days = {case_id: [] for case_id in session.scalars(select(Case.id))}
    for row in session.scalars(select(FactRow).where(FactRow.kind == "visit", FactRow.met != "nobody")):
        days[row.case_id].append(row.happened_on)
    return {case_id: min(found, default=None) for case_id, found in days.items()}


def kept(session):
    return {case.id: case.confirmed for case in session.scalars(select(Case))}


def kept_days(session):
    return {case.id: case.visited_on for case in session.scalars(select(Case))}


@pytest.mark.parametrize("seed", [3, 4])
def test_what_visits_found_and_when_is_kept_with_the_case(store, seed):
    walk, met = Walk(store, seed), set()

    for _ in range(120):
        walk.move()
        with store.read() as session:
            assert kept(session) == concluded(session)
            assert kept_days(session) == first_visits(session)
            met.update(kept(session).values())

    assert {None, True} <= met
    with store.read() as session:
        visits = session.scalars(select(FactRow.case_id).where(FactRow.kind == "visit")).all()
    assert len(visits) > len(set(visits))
    forget(store, list(support.NAMES), NOW)
    with store.read() as session:
        assert set(kept(session).values()) == set(kept_days(session).values()) == {None}


def test_a_conclusion_without_a_visit_confirms_nothing_and_a_later_one_takes_nothing_back(store):
    worker = support.add_account(store, Role.SCREENER)
    supervisor = support.add_account(store, Role.SUPERVISOR)
    case = opened(store)

    def closed(fact_of, dispositions):
        do(store, Verb.CLAIM, worker)
        fact(store, worker, fact_of)
        conclude(store, worker, dispositions)
        return case_now(store).confirmed

    assert case.confirmed is None
    assert closed(Verb.RECORD_CONTACT, CONFIRMED) is None
    do(store, Verb.REOPEN, supervisor, reason="…")
    assert closed(Verb.RECORD_VISIT, CONFIRMED) is True
    do(store, Verb.REOPEN, supervisor, reason="…")
    assert closed(Verb.RECORD_VISIT, NOT_CONFIRMED) is True


@pytest.fixture
def mixed(store):
    """Cases of every tier, way, state and age, in three villages and nowhere, held by several people."""
    rng, keys = Random(5), [f"c{number:02}" for number in range(CHILDREN)]
    areas = dict(zip(keys, rng.choices([VILLAGE, f"{TOWN}002", ELSEWHERE, ""], k=CHILDREN), strict=True))
    support.open_cases(store, [support.alert(key) for key in keys], areas=areas)
    people = [support.add_account(store, role).account_id for role in (Role.SUPERVISOR, Role.ASSESSOR)]
    with store.write() as session:
        for case in session.scalars(select(Case).order_by(Case.child_key)):
            case.tier, case.queue_class = rng.choice(["first", "third", None]), rng.randrange(4)
            case.entered_on = TODAY - timedelta(days=rng.choice([10, 183, 184, 400]))
            case.due_on = TODAY - timedelta(days=rng.choice([-1, 0, 1]))
            case.contacted_on = rng.choice([None, None, case.entered_on + timedelta(days=rng.randrange(9))])
            case.asleep_until = rng.choice([None, None, TODAY, TODAY + timedelta(days=1)])
            case.status = rng.choice(["closed", "waiting", "claimed"])
            case.holder_id = rng.choice(people) if case.status == "claimed" else None
            case.confirmed = rng.choice([None, False, True])
            case.visited_on = rng.choice([None, case.entered_on, TODAY])
    return store


@pytest.mark.parametrize("role", [Role.SCREENER, Role.MANAGER])
@pytest.mark.parametrize("prefix", ["", COUNTY, TOWN, VILLAGE])
def test_the_counts_of_an_area_are_those_of_its_cases(mixed, role, prefix):
    actor = support.add_account(mixed, role, area_prefix=prefix)
    with mixed.read() as session:
        found = tallies.tally(session, actor, TODAY)
        seen = [case for case in session.scalars(select(Case)) if sees_area(actor, case.area_code)]

    def late(case):
        asleep = case.asleep_until is not None and case.asleep_until > TODAY
        return case.due_on < TODAY and case.contacted_on is None and not asleep

    def count(cases):
        return len(list(cases))

    still = [case for case in seen if case.status != "closed"]
    recent = [case for case in seen if case.entered_on >= TODAY - timedelta(days=183)]
    done = [case for case in recent if case.contacted_on is not None or case.status == "closed"]
    due = [case for case in recent if case in done or case.due_on < TODAY]
    ended = [case for case in recent if case.status == "closed" and case.confirmed is not None]
    digits = 12 if len(prefix) >= 9 else 9
    areas = Counter(case.area_code[:digits] for case in still)

    assert found.open == len(still)
    assert found.overdue == count(case for case in still if late(case))
    assert found.overdue_by_tier == {
        tier: count(case for case in still if (case.tier or "") == tier and late(case))
        for tier in {case.tier or "" for case in still}
    }
    assert found.handled == Handled(len(due), len(done))
    assert found.handled_by_tier == {
        tier: Handled(
            count(case for case in due if (case.tier or "") == tier),
            count(case for case in done if (case.tier or "") == tier),
        )
        for tier in {case.tier or "" for case in recent}
    }
    assert found.by_tier == {
        tier: Confirmed(
            count(case for case in ended if (case.tier or "") == tier),
            count(case for case in ended if (case.tier or "") == tier and case.confirmed),
        )
        for tier in {case.tier or "" for case in ended}
    }
    assert found.by_class == {
        way: Confirmed(
            count(case for case in ended if case.queue_class == way),
            count(case for case in ended if case.queue_class == way and case.confirmed),
        )
        for way in {case.queue_class for case in ended}
    }
    assert found.by_area == {
        area: (number, count(case for case in still if case.area_code[:digits] == area and late(case)))
        for area, number in areas.items()
    }
    assert list(found.by_area) == sorted(found.by_area)
    assert found.waits.reached == count(case for case in recent if case.contacted_on is not None)
    assert sum(load.held for load in found.loads) == count(case for case in still if case.holder_id)
    assert sum(load.overdue for load in found.loads) == count(
        case for case in still if case.holder_id and late(case)
    )


@pytest.mark.parametrize("role", [Role.SCREENER, Role.MANAGER])
@pytest.mark.parametrize(("prefix", "digits"), [("", 9), (COUNTY, 9), (TOWN, 12), (VILLAGE, 12)])
def test_a_half_year_of_an_area_is_that_of_its_cases(mixed, role, prefix, digits):
    actor = support.add_account(mixed, role, area_prefix=prefix)
    with mixed.read() as session:
        starts = tallies.half_years(session, actor)
        found = {start: tallies.half_year(session, actor, start, digits) for start in starts}
        seen = [case for case in session.scalars(select(Case)) if sees_area(actor, case.area_code)]

    came_in = {tallies.half_year_of(case.entered_on) for case in seen}
    assert (starts[0], starts[-1]) == (max(came_in), min(came_in))
    for start, areas in found.items():
        those = [case for case in seen if tallies.half_year_of(case.entered_on) == start]
        assert list(areas) == sorted({case.area_code[:digits] for case in those})
        for area, counts in areas.items():
            of_area = [case for case in those if case.area_code[:digits] == area]
            assert counts == {
                "came": len(of_area),
                "triggers": sum(case.queue_class == 0 for case in of_area),
                "reached": sum(case.contacted_on is not None for case in of_area),
                "visited": sum(case.visited_on is not None for case in of_area),
                "closed": sum(case.status == "closed" for case in of_area),
                "confirmed": sum(case.confirmed is True for case in of_area),
            }
