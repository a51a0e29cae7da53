"""Sets that fit, calibrate and judge never share a row, a child or a cluster, whatever the table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.external.declaration import DeclaredSplit
from evaluation.external.entry import TableError
from evaluation.external.folds import Part, parts_of
from evaluation.external.values import label_of
from tests.support_tables import declared, survey, values

HELD = declared()
FOLDS, LATER = HELD.splits


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.integers(25, 80))
def test_no_school_stands_on_two_sides_and_every_row_judges_once(seed: int, schools: int) -> None:
    found = values(frame=survey(2500, schools, seed))
    label = label_of(HELD.outcomes[0], found)

    parts = parts_of(FOLDS, found, label)

    for part in parts:
        sides = [set(found.block[places]) for places in (part.fit, part.calibrate, part.judge)]
        assert not sides[0] & sides[1]
        assert not (sides[0] | sides[1]) & sides[2]
    judged = np.sort(np.concatenate([part.judge for part in parts]))
    assert judged.tolist() == np.flatnonzero(~np.isnan(label)).tolist()


def test_the_same_rows_are_parted_alike_each_time() -> None:
    found = values()
    label = label_of(HELD.outcomes[0], found)

    first, again = parts_of(FOLDS, found, label), parts_of(FOLDS, found, label)

    assert all(
        np.array_equal(a.judge, b.judge) and np.array_equal(a.fit, b.fit)
        for a, b in zip(first, again, strict=True)
    )


def test_the_latest_wave_judges_and_nothing_of_it_fits() -> None:
    found = values()

    (part,) = parts_of(LATER, found, label_of(HELD.outcomes[0], found))

    wave = found.codes["wave"].to_numpy(dtype=int)
    assert set(wave[part.judge]) == {2023}
    assert max(wave[np.concatenate([part.fit, part.calibrate])]) == 2021
    assert not set(found.block[part.fit]) & set(found.block[part.calibrate])


def test_a_wave_may_calibrate_between_fitting_and_judging() -> None:
    held = declared(
        "splits.later", {"time": "wave", "fit_until": 2019, "calibrate_until": 2021, "judge_from": 2023}
    )
    found = values(held)

    (part,) = parts_of(held.splits[1], found, label_of(held.outcomes[0], found))

    wave = found.codes["wave"].to_numpy(dtype=int)
    assert [set(wave[places]) for places in (part.fit, part.calibrate, part.judge)] == [
        {2019},
        {2021},
        {2023},
    ]


def test_time_may_be_text_that_sorts() -> None:
    held = declared("splits.later", {"time": "term", "fit_until": "2021B", "judge_from": "2023J"})
    frame = survey().assign(term=lambda rows: rows["wave"].map({2019: "2019J", 2021: "2021B", 2023: "2023J"}))
    found = values(held, frame)

    (part,) = parts_of(held.splits[1], found, label_of(held.outcomes[0], found))

    assert set(found.codes["term"][part.judge]) == {"2023J"}


def test_only_the_chosen_rows_take_part() -> None:
    held = declared("splits.folds.only", {"wave": [2023]})
    found = values(held)

    parts = parts_of(held.splits[0], found, label_of(held.outcomes[0], found))

    assert {found.codes["wave"][place] for part in parts for place in (*part.fit, *part.judge)} == {"2023"}


@pytest.mark.parametrize(
    ("split", "rows", "schools", "sentence"),
    [
        (FOLDS, 2000, 6, r"\[splits.folds\]: 5 folds need 10 clusters.*there are 6"),
        (FOLDS, 200, 40, r"have the outcome; 50 with it and 50 without"),
        (LATER, 200, 40, r"have the outcome; 50 with it and 50 without"),
    ],
)
def test_too_few_of_anything_is_refused(split: DeclaredSplit, rows: int, schools: int, sentence: str) -> None:
    found = values(frame=survey(rows, schools))

    with pytest.raises(TableError, match=sentence):
        parts_of(split, found, label_of(HELD.outcomes[0], found))


def test_an_outcome_of_three_children_is_refused() -> None:
    found = values()
    label = np.zeros(len(found))
    label[:3] = 1

    with pytest.raises(TableError, match="3 have the outcome: too few with it"):
        parts_of(FOLDS, found, label)


def test_a_time_nobody_was_asked_is_refused_with_the_times_there_are() -> None:
    held = declared("splits.later.judge_from", 2031)
    found = values(held)

    with pytest.raises(TableError, match=r"0 from 2031 on. Its known values go from 2019 to 2023"):
        parts_of(held.splits[1], found, label_of(held.outcomes[0], found))


def test_a_part_that_judges_a_row_it_fits_cannot_be_made() -> None:
    with pytest.raises(TableError, match="both make a screener and judge it"):
        Part(np.array([1, 2]), np.array([3]), np.array([2]))
