"""No small count of a table can be read, nor worked out from what is left of it."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.review.suppression import LEAST, count_text, is_small, share_is_told, suppress

TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=4
    )
)


def with_totals(counts):
    rows = [[*row, sum(row)] for row in counts]
    return [*rows, [sum(column) for column in zip(*rows, strict=True)]]


def lines(cells):
    return [*cells, *zip(*cells, strict=True)]


@pytest.mark.parametrize(("count", "small"), [(0, False), (1, True), (4, True), (5, False)])
def test_one_to_four_is_small(count, small):
    assert is_small(count) is small


def test_a_small_count_alone_says_only_that_it_is_small():
    assert count_text(4).zh == "少于5"
    assert count_text(4).en == "fewer than 5"
    assert count_text(0).zh == "0"
    assert count_text(17).zh == "17"


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(5, 10, True), (0, 10, True), (10, 10, True), (4, 10, False), (7, 10, False), (0, 4, False)],
)
def test_a_share_is_told_only_if_neither_it_nor_the_rest_is_small(part, whole, told):
    assert share_is_told(part, whole) is told


def test_a_table_without_small_counts_is_shown_whole():
    assert suppress([[5, 0], [10, 7]]).cells == ((5, 0, 5), (10, 7, 17), (15, 7, 22))


def test_a_small_count_takes_another_of_its_row_and_column_with_it():
    shown = suppress([[3, 20, 30], [10, 11, 12], [13, 14, 15]]).cells

    assert shown[0][0] is None
    assert shown[0].count(None) >= 2
    assert [row[0] for row in shown].count(None) >= 2
    assert shown[3][3] == 128


def test_no_rows_give_no_table():
    assert suppress([]).cells == ()


@settings(max_examples=150, deadline=None)
@given(counts=TABLES)
def test_what_is_shown_is_true_and_no_small_count_is_among_it(counts):
    table, shown = with_totals(counts), suppress(counts).cells

    assert [len(row) for row in shown] == [len(row) for row in table]
    for count, cell in zip(itertools.chain(*table), itertools.chain(*shown), strict=True):
        assert cell is None or (cell == count and not is_small(count))


@settings(max_examples=150, deadline=None)
@given(counts=TABLES)
def test_no_line_gives_away_what_it_leaves_out(counts):
    table, shown = with_totals(counts), suppress(counts).cells

    for true, seen in zip(lines(table), lines(shown), strict=True):
        hidden = [count for count, cell in zip(true, seen, strict=True) if cell is None]
        if not hidden or len(hidden) == len(true):
            continue
        assert len(hidden) >= 2
        assert sum(hidden) >= LEAST
