"""Margins without LightGBM are LightGBM's own to the bit, for boosters and rows of every kind."""

import json
import subprocess
import sys
from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fast_reasons import FEW
from models.margins import MANY, Booster
from models.tree_walk import BLOCK
from tests.support_reasons import COLUMNS, SHAPES, awkward_rows, booster, grown


def of(trees: lightgbm.Booster) -> Booster:
    return Booster(tuple(trees.feature_name()), trees.model_to_string())


def lightgbms_own(trees: lightgbm.Booster, rows: np.ndarray) -> list[float]:
    return trees.predict(rows, raw_score=True, num_threads=1).tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_margins_walked_together_are_lightgbms_own_to_the_bit(shape):
    rows = awkward_rows(grown(shape), np.random.default_rng(7), BLOCK + FEW + 9)

    assert of(grown(shape)).margins(rows).tolist() == lightgbms_own(grown(shape), rows)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_margin_of_a_row_alone_is_lightgbms_own_to_the_bit(shape):
    rows = awkward_rows(grown(shape), np.random.default_rng(8), 40)
    walked = of(grown(shape))

    assert [walked.margins(row[None, :])[0] for row in rows] == lightgbms_own(grown(shape), rows)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), leaves=st.integers(2, 40), depth=st.sampled_from([-1, 1, 2, 3, 5]))
def test_boosters_nobody_thought_of_have_lightgbms_margins_too(seed, leaves, depth):
    any_booster = booster(seed, leaves, depth, 3, unknown=seed % 3 / 4, kinds=(7,) if seed % 2 else ())
    rows = awkward_rows(any_booster, np.random.default_rng(seed), 60)

    assert of(any_booster).margins(rows).tolist() == lightgbms_own(any_booster, rows)


def test_very_many_rows_have_the_margins_they_have_in_parts():
    rows = awkward_rows(grown("as shipped"), np.random.default_rng(9), MANY + 1)
    asked = of(grown("as shipped"))

    in_parts = np.concatenate([asked.margins(rows[:MANY]), asked.margins(rows[MANY:])])

    assert asked.margins(rows).tolist() == in_parts.tolist()


def test_margins_that_are_not_lightgbms_own_are_counted():
    trees = grown("as shipped")
    rows = awkward_rows(trees, np.random.default_rng(10), MANY + 5)
    spoiled = of(trees)
    assert spoiled.differing(rows) == 0

    forest, reasons = spoiled._laid_out
    values = forest.values.copy()
    values[1:] = np.nextafter(values[1:], np.inf)
    spoiled.__dict__["_laid_out"] = (replace(forest, values=values), reasons)

    assert 0 < spoiled.differing(rows) <= len(rows)
    assert of(trees).differing(rows[:0]) == 0


def test_a_booster_the_tables_do_not_hold_is_asked_of_lightgbm():
    averaging = booster(boosting="rf", bagging_fraction=0.5, bagging_freq=1)
    rows = np.random.default_rng(1).normal(size=(5, COLUMNS))

    asked = of(averaging)
    assert asked.margins(rows).tolist() == lightgbms_own(averaging, rows)
    assert asked.contributions(rows).tolist() == averaging.predict(rows, pred_contrib=True).tolist()
    assert asked.contributions(rows[:0]).shape == (0, COLUMNS + 1)
    assert asked.why_slow == "the booster averages its trees"
    assert of(grown("as shipped")).why_slow is None


def test_few_rows_are_answered_without_loading_lightgbm():
    asked = of(grown("as shipped"))
    code = (
        "import json, sys, numpy\n"
        "from models.margins import from_text\n"
        "asked = from_text('booster', sys.stdin.read())\n"
        "rows = numpy.zeros((2, len(asked.columns)))\n"
        "said = [asked.margins(rows).tolist(), asked.contributions(rows).tolist()]\n"
        "print(json.dumps([said, 'lightgbm' in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=asked.to_text(), capture_output=True, text=True, check=True
    )

    rows = np.zeros((2, COLUMNS))
    said, loaded = json.loads(done.stdout)
    assert said == [asked.margins(rows).tolist(), asked.contributions(rows).tolist()]
    assert not loaded
