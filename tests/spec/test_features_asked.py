"""What may be asked of an engine, and in what shape the answer comes."""

import shutil
import threading
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.engine import Engine, EngineError, compiled, records_frame
from features.language import EXAMPLE_AS_OF, Latest, Window
from features.questions import arrow_records
from features.reference import Record, value
from tests.support_engine import SAMPLES, Sampled, Samples, sample

LESSONS = Sampled.lessons
EARLIER = EXAMPLE_AS_OF - timedelta(days=100)
HEARD = {EXAMPLE_AS_OF: frozenset[str](), EARLIER: frozenset[str]()}


def lesson(number: int, days_before: int = 10, **values: object) -> Record:
    day = EXAMPLE_AS_OF - timedelta(days=days_before)
    return Record(str(number), 1, day, day, {"kind": "a", "hours": 1.0, **values})


def asked(*rows: tuple[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["child_key", "as_of"])


def written(path, records_by_child):
    pq.write_table(arrow_records(records_frame(records_by_child, LESSONS), LESSONS), path)
    return path


@pytest.fixture
def engine():
    with Engine(
        {"lessons": records_frame({"c1": [lesson(1), lesson(2)], "c2": [lesson(3)]}, LESSONS)}
    ) as engine:
        yield engine


def test_the_answer_keeps_the_order_and_the_index_of_the_rows(engine):
    rows = asked(("c2", EXAMPLE_AS_OF), ("nobody", EXAMPLE_AS_OF), ("c1", EARLIER), ("c1", EXAMPLE_AS_OF))
    rows.index = pd.Index([7, 5, 3, 1])

    found = engine.matrix(rows, [Samples.count_30d, Samples.mean_30d], HEARD)

    expected = rows.assign(count_30d=[1.0, 0.0, 0.0, 2.0], mean_30d=[1.0, np.nan, np.nan, 1.0])
    pd.testing.assert_frame_equal(found, expected)


def test_dates_may_come_as_pandas_keeps_them(engine):
    by_date = engine.matrix(asked(("c1", EXAMPLE_AS_OF)), SAMPLES, HEARD)
    by_time = engine.matrix(asked(("c1", pd.Timestamp(EXAMPLE_AS_OF))), SAMPLES, HEARD)
    by_datetime = engine.matrix(asked(("c1", datetime(2024, 4, 1))), SAMPLES, HEARD)  # noqa: DTZ001  # a day

    pd.testing.assert_frame_equal(by_time, by_date)
    pd.testing.assert_frame_equal(by_datetime, by_date)


def test_nothing_asked_is_answered_with_all_columns(engine):
    found = engine.matrix(asked(), SAMPLES, {})

    assert found.empty
    assert list(found.columns) == ["child_key", "as_of", *(feature.name for feature in SAMPLES)]


def test_a_source_that_never_delivered_is_not_known():
    with Engine({}) as engine:
        found = engine.matrix(asked(("c1", EXAMPLE_AS_OF), ("c2", EXAMPLE_AS_OF)), SAMPLES, HEARD)

    assert found[[feature.name for feature in SAMPLES]].isna().all(axis=None)


def test_a_department_silent_on_one_date_is_not_known_on_that_date_only(engine):
    silent = {EXAMPLE_AS_OF: frozenset({"lessons"}), EARLIER: frozenset[str]()}

    found = engine.matrix(asked(("c1", EXAMPLE_AS_OF), ("c1", EARLIER)), [Samples.count_30d], silent)

    assert found["count_30d"].isna().tolist() == [True, False]


def test_a_date_whose_silence_nobody_looked_up_is_refused(engine):
    with pytest.raises(EngineError, match="silent on 2023-12-23"):
        engine.matrix(asked(("c1", EARLIER)), SAMPLES, {EXAMPLE_AS_OF: frozenset()})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (asked(("c1", EXAMPLE_AS_OF), ("c1", EXAMPLE_AS_OF)), "twice"),
        (asked(("c1", "2024-04-01")), "a date, not a str"),
        (pd.DataFrame({"child": ["c1"]}), "child_key and as_of"),
    ],
)
def test_rows_that_make_no_sense_are_refused(engine, rows, said):
    with pytest.raises(EngineError, match=said):
        engine.matrix(rows, SAMPLES, HEARD)


def test_features_that_would_share_a_column_are_refused(engine):
    with pytest.raises(EngineError, match="each of its own"):
        engine.matrix(asked(("c1", EXAMPLE_AS_OF)), [Samples.count_30d, Samples.count_30d], HEARD)
    nameless = sample(Latest(column="missed", window=Window(30)), *Samples.latest_30d.examples)
    with pytest.raises(EngineError, match="need names"):
        engine.matrix(asked(("c1", EXAMPLE_AS_OF)), [nameless], HEARD)


def test_records_without_a_declared_column_are_refused():
    frame = records_frame({"c1": [lesson(1)]}, LESSONS).drop(columns="hours")

    with Engine({"lessons": frame}) as engine, pytest.raises(EngineError, match="column hours is missing"):
        engine.matrix(asked(("c1", EXAMPLE_AS_OF)), SAMPLES, HEARD)


def test_a_file_whose_column_is_of_another_kind_is_refused_without_a_value(tmp_path):
    table = arrow_records(records_frame({"c1": [lesson(1)]}, LESSONS), LESSONS)
    place = table.schema.get_field_index("hours")
    pq.write_table(table.set_column(place, "hours", pa.array(["secret"])), tmp_path / "lessons.parquet")

    with (
        Engine({"lessons": tmp_path / "lessons.parquet"}) as engine,
        pytest.raises(EngineError, match="hours should be DOUBLE and is VARCHAR") as refused,
    ):
        engine.matrix(asked(("c1", EXAMPLE_AS_OF)), SAMPLES, HEARD)
    assert "secret" not in str(refused.value)


def test_a_file_that_is_replaced_is_read_anew(tmp_path):
    path = written(tmp_path / "lessons.parquet", {"c1": [lesson(1)]})
    one, two = asked(("c1", EXAMPLE_AS_OF)), asked(("c1", EXAMPLE_AS_OF), ("c2", EXAMPLE_AS_OF))

    with Engine({"lessons": path}) as engine:
        before = engine.matrix(one, [Samples.count_30d], HEARD)["count_30d"].tolist()
        newer = written(tmp_path / "newer.parquet", {"c1": [lesson(1), lesson(2)], "c2": [lesson(3)]})
        shutil.move(newer, path)
        after = engine.matrix(one, [Samples.count_30d], HEARD)["count_30d"].tolist()
        newcomer = engine.matrix(two.iloc[[1]], [Samples.count_30d], HEARD)["count_30d"].tolist()
        together = engine.matrix(two, [Samples.count_30d], HEARD)["count_30d"].tolist()

    assert (before, after, newcomer, together) == ([1.0], [2.0], [1.0], [2.0, 1.0])


def test_a_file_and_a_frame_of_the_same_records_give_the_same_answer(tmp_path):
    county = {
        "c1": [lesson(1), lesson(2, began_on=date(2020, 2, 29))],
        "c2": [lesson(3, alone="yes", missed=2.0)],
    }
    rows = asked(("c1", EXAMPLE_AS_OF), ("c2", EXAMPLE_AS_OF))

    with Engine({"lessons": written(tmp_path / "lessons.parquet", county)}) as engine:
        from_file = engine.matrix(rows, SAMPLES, HEARD)
    with Engine({"lessons": records_frame(county, LESSONS)}) as engine:
        from_frame = engine.matrix(rows, SAMPLES, HEARD)

    pd.testing.assert_frame_equal(from_file, from_frame, check_exact=True)


def test_a_child_key_is_a_value_and_never_a_query(engine):
    key = "c1') ; DROP TABLE x; --"

    with Engine({"lessons": records_frame({key: [lesson(1)]}, LESSONS)}) as engine:
        found = engine.matrix(asked((key, EXAMPLE_AS_OF)), [Samples.count_30d], HEARD)

    assert found["count_30d"].tolist() == [1.0]


def test_threads_may_share_an_engine(engine):
    rows = [
        asked(("c1", EXAMPLE_AS_OF)),
        asked(("c2", EXAMPLE_AS_OF)),
        asked(("c1", EXAMPLE_AS_OF), ("c2", EARLIER)),
    ]
    found: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        for _ in range(5):
            found[number] = engine.matrix(rows[number % 3], [Samples.count_30d], HEARD)["count_30d"].tolist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {0: [2.0], 1: [1.0], 2: [2.0, 0.0], 3: [2.0], 4: [1.0], 5: [2.0, 0.0]}


def test_all_features_of_a_source_are_one_query():
    query = compiled(LESSONS, SAMPLES)

    assert query.count('"lessons_records"') == 1
    assert all(f'"f{place}"' in query for place in range(len(SAMPLES)))


def test_an_engine_needs_no_more_threads_than_it_is_given():
    with Engine({}, threads=1) as engine:
        assert engine.matrix(asked(("c1", EXAMPLE_AS_OF)), SAMPLES, HEARD).shape == (1, 2 + len(SAMPLES))


@pytest.mark.parametrize(
    ("feature", "values", "said"),
    [
        (Samples.sum_30d, {"hours": "many"}, "str stands where a number"),
        (Samples.years_since, {"began_on": "long ago"}, "str stands where a date"),
    ],
)
def test_the_reference_refuses_a_cell_of_another_kind(feature, values, said):
    with pytest.raises(TypeError, match=said):
        value(feature, [lesson(1, **values)], EXAMPLE_AS_OF)
