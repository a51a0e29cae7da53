"""Can a feature see what was not yet known? Leakage of this kind is how earlier systems failed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.language import EXAMPLE_AS_OF, Source
from features.reference import Record
from tests.support_engine import (
    BY_SOURCE,
    Sampled,
    by_name,
    cells,
    days_near_edges,
    fast,
    histories,
    records_of,
    slow,
)

ENGINES = pytest.mark.parametrize("engine", [slow, fast], ids=["reference", "engine"])


@st.composite
def learnt_too_late(draw: st.DrawFn, source: Source) -> Record:
    """A version, of a known record or a new one, learnt on the as-of date or later."""
    record = draw(records_of(source))
    known_on = EXAMPLE_AS_OF + timedelta(days=draw(st.sampled_from([0, 0, 1, 30])))
    return Record(record.record_id, 10 + draw(st.integers(0, 9)), record.occurred_on, known_on, record.values)


def changed_by(late: list[Record], records: list[Record], source: Source, engine: Callable) -> set[str]:
    """The features whose value differs for a child of whom these further versions were learnt."""
    found = engine(source, {"before": records, "after": [*records, *late]})
    return {
        feature.name
        for feature in BY_SOURCE[source]
        if found["before", EXAMPLE_AS_OF, feature.name] != found["after", EXAMPLE_AS_OF, feature.name]
    }


@pytest.mark.parametrize("source", BY_SOURCE, ids=by_name)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_is_learnt_on_the_day_or_later_changes_nothing(source, data):
    records = data.draw(histories(source))
    late = data.draw(st.lists(learnt_too_late(source), min_size=1, max_size=4))

    assert changed_by(late, records, source, slow) == set()
    assert changed_by(late, records, source, fast) == set()


@ENGINES
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_correction_learnt_later_changes_nothing(engine, data):
    source = Sampled.lessons
    records = data.draw(histories(source).filter(bool))
    corrected = data.draw(st.sampled_from(records))
    values = {column.name: data.draw(st.sampled_from(cells(column))) for column in source.lake_columns}
    correction = Record(
        corrected.record_id,
        corrected.version + 10,
        data.draw(days_near_edges(source)),
        max(EXAMPLE_AS_OF, corrected.known_on) + timedelta(days=data.draw(st.integers(0, 2))),
        values,
    )

    assert changed_by([correction], records, source, engine) == set()


@ENGINES
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_happens_on_the_day_or_later_changes_nothing(engine, data):
    """Even if it was written down before, as a planned visit would be."""
    source = Sampled.lessons
    records = data.draw(histories(source))
    planned = data.draw(records_of(source))
    ahead = Record(
        "planned",
        1,
        EXAMPLE_AS_OF + timedelta(days=data.draw(st.sampled_from([0, 0, 1, 30]))),
        EXAMPLE_AS_OF - timedelta(days=1),
        planned.values,
    )

    assert changed_by([ahead], records, source, engine) == set()


@ENGINES
def test_a_correction_learnt_in_time_replaces_what_it_corrects(engine):
    values = {"kind": "a", "missed": 1.0, "hours": 2.0, "alone": "no", "began_on": None}
    day = EXAMPLE_AS_OF - timedelta(days=5)
    first = Record("1", 1, day, EXAMPLE_AS_OF - timedelta(days=3), values)
    second = Record("1", 2, day, EXAMPLE_AS_OF - timedelta(days=1), {**values, "hours": 7.5})

    days = [EXAMPLE_AS_OF - timedelta(days=2), EXAMPLE_AS_OF - timedelta(days=1), EXAMPLE_AS_OF]
    found = engine(Sampled.lessons, {"c": [first, second]}, days=days)

    assert [found["c", day, "sum_30d"] for day in days] == [2.0, 2.0, 7.5]
    assert [found["c", day, "count_30d"] for day in days] == [1.0, 1.0, 1.0]
