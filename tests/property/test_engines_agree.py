"""Do the fast engine and the reference mean the same, for histories nobody thought of?

Days lie mostly on, before and after the ends of the windows, where mistakes live.
"""

import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.child_records import RecordReader
from features.engine import Engine, Silence, records_frame
from features.language import EXAMPLE_AS_OF
from features.reference import Record, standing
from features.reference_engine import ReferenceEngine
from tests.support_engine import (
    BY_SOURCE,
    DAYS,
    NOBODY_SILENT,
    SAMPLES,
    Sampled,
    Samples,
    by_name,
    cells,
    counties,
    edges,
    fast,
    histories,
    lake_file,
    slow,
)

SOURCES = pytest.mark.parametrize("source", BY_SOURCE, ids=by_name)


@SOURCES
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_both_engines_give_the_same_bits(source, data):
    county = data.draw(counties(source))

    assert fast(source, county, days=DAYS) == slow(source, county, days=DAYS)


def _of_half_known() -> dict[str, list[Record]]:
    """One child whose one record counts and does not say of which part: drawn counties seldom hold it alone."""
    day = EXAMPLE_AS_OF - timedelta(days=10)
    said = dict.fromkeys(column.name for column in Sampled.lessons.lake_columns)
    return {"c0": [Record("1", 1, day, day, {**said, "hours": 2.0})]}


@settings(max_examples=60, deadline=None)
@given(county=counties(Sampled.lessons))
@example(county=_of_half_known())
def test_both_engines_give_the_same_bits_for_every_form_of_the_language(county):
    assert fast(Sampled.lessons, county, days=DAYS) == slow(Sampled.lessons, county, days=DAYS)


def test_both_engines_give_the_same_bits_for_long_histories():
    """Many numbers in one sum, where a lost bit shows: trends and means of up to forty records."""
    rng = random.Random(365)
    columns = {column.name: cells(column) for column in Sampled.lessons.lake_columns}

    def record(number: int) -> Record:
        day = EXAMPLE_AS_OF - timedelta(days=rng.randrange(1, 370))
        return Record(str(number), 1, day, day, {name: rng.choice(every) for name, every in columns.items()})

    county = {f"c{child}": [record(number) for number in range(rng.randrange(2, 41))] for child in range(300)}

    found = fast(Sampled.lessons, county)

    assert found == slow(Sampled.lessons, county)
    trends = [found[child, EXAMPLE_AS_OF, Samples.trend_365d.name] for child in county]
    assert len({trend for trend in trends if trend is not None}) > 200


@settings(max_examples=30, deadline=None)
@given(county=counties(Sampled.lessons), silent=st.booleans(), data=st.data())
def test_a_child_screened_alone_gets_the_bits_it_got_with_the_county(county, silent, data):
    silence = dict.fromkeys(DAYS, frozenset({"lessons"}) if silent else NOBODY_SILENT)
    rows = pd.DataFrame([(child, day) for child in county for day in DAYS], columns=["child_key", "as_of"])
    frame = records_frame(county, Sampled.lessons)

    with Engine({"lessons": frame}, threads=1) as engine:
        together = engine.matrix(rows, SAMPLES, silence)
    with tempfile.TemporaryDirectory() as folder:
        path = lake_file(frame, Sampled.lessons, Path(folder), rows=data.draw(st.integers(1, 4)))
        reader = RecordReader({Sampled.lessons: path})
        alone = [_alone(reader, child, day, silence) for child in county for day in DAYS]
        reader.close()

    pd.testing.assert_frame_equal(pd.concat(alone, ignore_index=True), together, check_exact=True)


def _alone(reader: RecordReader, child: str, day: date, silence: Silence) -> pd.DataFrame:
    engine = ReferenceEngine(reader.standing([child], day), day, {"lessons"})
    return engine.matrix(pd.DataFrame({"child_key": [child], "as_of": [day]}), SAMPLES, silence)


@settings(max_examples=30, deadline=None)
@given(county=counties(Sampled.lessons), rows=st.integers(1, 4))
def test_the_records_read_of_a_child_are_those_that_stand(county, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = lake_file(records_frame(county, Sampled.lessons), Sampled.lessons, Path(folder), rows)
        reader = RecordReader({Sampled.lessons: path})
        for day in DAYS:
            found = reader.standing([*county, "nobody"], day)["lessons"]
            expected = {child: standing(records, day) for child, records in county.items()}
            assert found == {child: records for child, records in expected.items() if records}
        reader.close()


@settings(max_examples=30, deadline=None)
@given(records=histories(Sampled.lessons), data=st.data())
def test_the_order_of_records_tells_nothing(records, data):
    shuffled = data.draw(st.permutations(records))

    for engine in (slow, fast):
        found = engine(Sampled.lessons, {"in order": records, "shuffled": shuffled})
        for feature in SAMPLES:
            assert (
                found["in order", EXAMPLE_AS_OF, feature.name]
                == found["shuffled", EXAMPLE_AS_OF, feature.name]
            )


@settings(max_examples=30, deadline=None)
@given(county=counties(Sampled.lessons))
def test_another_childs_records_tell_nothing(county):
    together = fast(Sampled.lessons, county)

    alone = {}
    for child, records in county.items():
        alone |= fast(Sampled.lessons, {child: records})

    assert together == alone


def test_histories_reach_both_sides_of_every_window_end():
    days = set(edges(Sampled.lessons))

    for age in (-1, 0, 1, 29, 30, 31):
        assert EXAMPLE_AS_OF - timedelta(days=age) in days


def test_histories_reach_every_value_of_every_feature_in_some_example():
    """Guards the generator: a strategy that never makes a counting record would prove nothing."""
    met: dict[str, set[bool]] = {feature.name: set() for feature in SAMPLES}

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(county=counties(Sampled.lessons))
    def watch(county: dict) -> None:
        for (_, _, name), found in slow(Sampled.lessons, county, SAMPLES).items():
            met[name].add(found in (None, 0.0))

    watch()

    assert {name for name, kinds in met.items() if kinds != {True, False}} == set()
