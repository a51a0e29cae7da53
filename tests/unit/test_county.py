"""A county in columns says of every row what screening says of it in words."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models import benchmark
from models.__main__ import main
from models.county import BLOCK, explain
from models.screener import percentiles
from tests.support_serving import AS_OF, noise_screener

SILENT = {AS_OF: frozenset()}


def county(rows=60, seed=3):
    spec = noise_screener(0).spec
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 5, (rows, len(spec.columns))).astype(float)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[5] = np.nan
    matrix = pd.DataFrame(values, columns=list(spec.columns))
    matrix["age_years"] = 9.0
    matrix.loc[6, "age_years"] = np.nan
    return matrix.assign(child_key=[f"c{number}" for number in range(rows)], as_of=AS_OF)


def test_columns_say_what_screenings_say():
    screener = noise_screener(0)
    screenings = screener.screen(county(), SILENT)

    found = explain(screener, county())

    codes = [band.code for band in screener.spec.bands]
    for row, screening in enumerate(screenings):
        assert found.abstained[row] == screening.abstained
        for name in ("margin", "risk", "low", "high", "percentile", "base"):
            stored = getattr(screening, name)
            assert getattr(found, name)[row] == stored or (np.isnan(stored) and screening.abstained)
        assert (codes[found.band[row]] if found.band[row] >= 0 else "none") == screening.band
        by_family = {reason.family: reason.contribution for reason in screening.reasons}
        if by_family:
            told = dict(zip(found.family_names, found.families[row], strict=True))
            assert told == pytest.approx(by_family, abs=1e-12)
    assert [screening.abstained for screening in screenings[5:7]] == ["too_little_known", "age_unknown"]
    assert None in [screening.abstained for screening in screenings]


def test_families_and_base_add_up_to_the_margin_in_every_part_of_a_county():
    screener = noise_screener(0)
    rows = county().iloc[np.arange(BLOCK + 5) % 60].reset_index(drop=True)

    found = explain(screener, rows)

    spoke = ~np.isnan(found.margin)
    assert spoke[-1]
    assert np.abs(found.families.sum(axis=1) + found.base - found.margin)[spoke].max() < 1e-9
    assert np.array_equal(found.margin[:5], found.margin[60:65])


def test_a_place_may_be_taken_among_others():
    screener = noise_screener(0)

    found = explain(screener, county(), among=screener.reference)

    spoke = ~np.isnan(found.margin)
    expected = percentiles(found.margin[spoke], np.asarray(screener.reference))
    assert np.array_equal(found.percentile[spoke], expected)


def test_nobody_is_explained_as_nothing():
    found = explain(noise_screener(0), county().iloc[:0])

    assert len(found.margin) == len(found.families) == 0


def test_the_benchmark_tells_ratios_and_exactness_of_a_booster():
    rng = np.random.default_rng(1)
    ticks = iter(range(10_000))
    text, values = benchmark.invented(benchmark.Shape(5, 4, 6), rng, rows=500)

    said = "\n".join(benchmark.of_booster(text, values, lambda: float(next(ticks)), 20, 200))

    assert "5 trees, 6 features" in said
    assert "tables are 10.0 times as fast as LightGBM" in said
    assert "largest difference" in said


def test_the_benchmark_tells_how_long_a_million_would_take():
    ticks = iter(range(10_000))
    screener = noise_screener(0)
    values = np.zeros((50, len(screener.spec.columns)))

    said = "\n".join(
        benchmark.of_county({screener: values}, 100, np.random.default_rng(1), lambda: float(next(ticks)))
    )

    assert "100 children in 1 s, 100 spoken about" in said
    assert "a million would take 166.7 min" in said
    assert "peak of memory" in said


def test_one_childs_time_is_told_without_a_verdict():
    ticks = iter(range(10_000))
    screener = noise_screener(0)

    said = benchmark.of_one_child(
        screener, np.zeros((3, len(screener.spec.columns))), lambda: float(next(ticks)), 3
    )

    assert said == "one child, psychological: 1000.0 ms, worst of 3 1000.0 ms"


def test_the_command_refuses_a_county_without_children(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["benchmark", "--children", "none"])

    assert ended.value.code == 2
    assert "none is not a number of children" in capsys.readouterr().err


def test_a_stand_in_has_the_declared_size_and_speaks():
    screener, values = benchmark.stand_in(noise_screener(1).spec, np.random.default_rng(1), rows=400, trees=4)

    assert screener.booster.num_trees() == 4
    assert values.shape[1] == len(screener.spec.columns)
    assert screener.training.simulated
    assert date(2026, 10, 1) == screener.training.trained_on
