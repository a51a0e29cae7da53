"""Whom a case is suggested to: nobody is lost, the absent and the full stand last, near and free first."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from serving.review.suggestion import Colleague, best, suggested

colleagues = st.lists(
    st.builds(
        Colleague,
        account_id=st.uuids().map(str),
        area_prefix=st.sampled_from(["", "330109", "330109001", "330109001001"]),
        in_hand=st.integers(0, 30),
        capacity=st.integers(0, 30),
        away_until=st.none() | st.just(date(2026, 10, 9)),
    ),
    max_size=12,
    unique_by=lambda one: one.account_id,
)


@given(colleagues)
def test_everybody_stays_in_the_list_once(staff):
    assert sorted(one.account_id for one in suggested(staff)) == sorted(one.account_id for one in staff)


@given(colleagues)
def test_the_order_does_not_hang_on_how_people_came(staff):
    assert suggested(staff) == suggested(list(reversed(staff)))


@given(colleagues)
def test_nobody_absent_stands_before_somebody_present_and_nobody_full_before_somebody_free(staff):
    keys = [(one.away_until is not None, not one.has_room) for one in suggested(staff)]

    assert keys == sorted(keys)


@given(colleagues)
def test_of_equals_the_nearer_comes_first_and_then_who_has_less_to_do(staff):
    order = suggested(staff)
    for one, after in pairwise(order):
        if (one.away_until is None, one.has_room) != (after.away_until is None, after.has_room):
            continue
        assert len(one.area_prefix) >= len(after.area_prefix)
        if len(one.area_prefix) == len(after.area_prefix):
            assert one.in_hand * max(after.capacity, 1) <= after.in_hand * max(one.capacity, 1)


@given(colleagues)
def test_a_case_goes_to_nobody_rather_than_to_somebody_absent_or_full(staff):
    chosen = best(staff)

    assert (chosen is None) is not any(one.away_until is None and one.has_room for one in staff)
    assert chosen is None or (chosen.away_until is None and chosen.has_room)
