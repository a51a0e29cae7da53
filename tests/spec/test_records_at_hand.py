"""One child while somebody waits: what is read, what is asked of it, and what is refused."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.child_records import RecordReader
from features.engine import EngineError, records_frame
from features.language import EXAMPLE_AS_OF
from features.reference import Record
from features.reference_engine import ReferenceEngine
from tests.support_engine import NOBODY_SILENT, SAMPLES, Sampled, Samples, lake_file

LESSONS = Sampled.lessons
HEARD = {EXAMPLE_AS_OF: NOBODY_SILENT}


def lesson(number: int, days_before: int = 10) -> Record:
    day = EXAMPLE_AS_OF - timedelta(days=days_before)
    values = {"kind": "a", "missed": 1.0, "hours": 2.0, "alone": "yes", "began_on": date(2020, 2, 29)}
    return Record(str(number), 1, day, day, values)


@pytest.fixture
def path(tmp_path) -> Path:
    county = {"c1": [lesson(1), lesson(2)], "c2": [lesson(3)]}
    return lake_file(records_frame(county, LESSONS), LESSONS, tmp_path, rows=1)


@pytest.fixture
def reader(path) -> Iterator[RecordReader]:
    reader = RecordReader({LESSONS: path})
    yield reader
    reader.close()


def asked(child: str, day: date = EXAMPLE_AS_OF) -> pd.DataFrame:
    return pd.DataFrame({"child_key": [child], "as_of": [day]})


def test_only_children_with_records_are_given(reader):
    assert reader.standing(["c1", "nobody"], EXAMPLE_AS_OF) == {"lessons": {"c1": [lesson(1), lesson(2)]}}
    assert reader.standing(["nobody"], EXAMPLE_AS_OF) == {"lessons": {}}


def test_a_version_that_another_child_took_stands_until_that_was_known(tmp_path):
    frame = records_frame({"c1": [lesson(1)], "c2": [lesson(2)]}, LESSONS)
    later = EXAMPLE_AS_OF - timedelta(days=5)
    frame["superseded_on"] = [later, None]
    reader = RecordReader({LESSONS: lake_file(frame, LESSONS, tmp_path)})

    assert reader.standing(["c1"], later)["lessons"] == {"c1": [lesson(1)]}
    assert reader.standing(["c1"], later + timedelta(days=1))["lessons"] == {}
    reader.close()


def test_a_file_that_is_replaced_is_read_anew(reader, path, tmp_path):
    before = reader.standing(["c2"], EXAMPLE_AS_OF)["lessons"]["c2"]
    (tmp_path / "new").mkdir()
    newer = records_frame({"c2": [lesson(3), lesson(4)]}, LESSONS)
    lake_file(newer, LESSONS, tmp_path / "new").replace(path)

    assert before == [lesson(3)]
    assert reader.standing(["c1", "c2"], EXAMPLE_AS_OF)["lessons"] == {"c2": [lesson(3), lesson(4)]}


def test_a_source_without_any_record_has_none_of_anybody(tmp_path):
    reader = RecordReader({LESSONS: lake_file(records_frame({}, LESSONS), LESSONS, tmp_path)})

    assert reader.standing(["c1"], EXAMPLE_AS_OF) == {"lessons": {}}
    reader.close()


@pytest.mark.parametrize(("kept", "said"), [(False, "is missing"), (True, "should be double and is string")])
def test_a_file_that_is_not_as_declared_is_refused_without_a_value(path, kept, said):
    table = pq.read_table(path)
    place = table.schema.get_field_index("hours")
    table = table.remove_column(place)
    if kept:
        table = table.append_column("hours", pa.array(["secret"] * len(table)))
    pq.write_table(table, path)

    with pytest.raises(EngineError, match=said) as refused:
        RecordReader({LESSONS: path}).standing(["c1"], EXAMPLE_AS_OF)
    assert "secret" not in str(refused.value)


def test_records_read_for_one_date_answer_for_no_other(reader):
    engine = ReferenceEngine(reader.standing(["c1"], EXAMPLE_AS_OF), EXAMPLE_AS_OF, {"lessons"})
    earlier = EXAMPLE_AS_OF - timedelta(days=1)

    with pytest.raises(EngineError, match="known as of 2024-04-01, and of no other date"):
        engine.matrix(asked("c1", earlier), SAMPLES, {earlier: NOBODY_SILENT})


def test_a_child_without_records_takes_the_declared_value_and_a_source_never_heard_is_not_known(reader):
    found = reader.standing(["nobody"], EXAMPLE_AS_OF)
    features = [Samples.count_30d, Samples.mean_30d]

    heard = ReferenceEngine(found, EXAMPLE_AS_OF, {"lessons"}).matrix(asked("nobody"), features, HEARD)
    never = ReferenceEngine({}, EXAMPLE_AS_OF, ()).matrix(asked("nobody"), features, HEARD)

    assert heard["count_30d"].tolist() == [0.0]
    assert heard["mean_30d"].isna().all()
    assert never[["count_30d", "mean_30d"]].isna().all(axis=None)
