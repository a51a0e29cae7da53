"""Does Spark, the engine for a county one machine cannot hold, give the bits DuckDB gives?"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.catalogue import FEATURES
from features.engine import Engine, records_frame
from features.language import EXAMPLE_AS_OF, Source
from features.questions import arrow_records
from features.reference import Record
from tests.support_county import UNTIL
from tests.support_engine import ALL, BY_SOURCE, Sampled, cells, edges
from tests.support_lake import county_in_lake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.spark,
    # PySpark 4.3 says so at every import of its pandas part; what we use of it is what this test proves.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

CHILDREN = [f"c{number:03d}" for number in range(300)]
DAYS = (EXAMPLE_AS_OF - timedelta(days=183), EXAMPLE_AS_OF)


def records_of_a_child(source: Source, rng: random.Random) -> Iterator[Record]:
    days = edges(source) + [EXAMPLE_AS_OF - timedelta(days=age) for age in range(3, 1500, 90)]
    # The more kinds of record there are, the more it takes until two of a kind meet.
    kinds = max((len(column.codes) for column in source.lake_columns), default=0)
    for number in range(rng.randrange(max(6, 2 * kinds))):
        occurred_on = rng.choice(days)
        for version in range(1, rng.choice([2, 2, 2, 3, 4])):
            values: dict[str, str | float | date | None] = {
                column.name: rng.choice(cells(column)) for column in source.lake_columns
            }
            known_on = occurred_on + timedelta(days=rng.choice([0, 1, 20]) * version)
            yield Record(str(number), version, occurred_on, known_on, values)


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, Path | pd.DataFrame]:
    """Compacted records of every source as files, those of the sampled source as a frame."""
    rng, folder = random.Random(20240401), tmp_path_factory.mktemp("lake")
    found: dict[str, Path | pd.DataFrame] = {}
    for source in BY_SOURCE:
        frame = records_frame({child: list(records_of_a_child(source, rng)) for child in CHILDREN}, source)
        found[source.name] = folder / f"{source.name}.parquet"
        pq.write_table(arrow_records(frame, source), found[source.name])
        if source is Sampled.lessons:
            found[source.name] = frame
    return found


@pytest.fixture(scope="module")
def session() -> Iterator["SparkSession"]:
    """A cluster on this machine: a master and two workers, each a process of its own, ending with the session."""
    # Here and not above: this file is collected where the spark extra is not installed.
    from features.spark_engine import local_session

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SPARK_LOCAL_HOSTNAME", "127.0.0.1")
        session = local_session(workers=2)
        try:
            yield session
        finally:
            session.stop()


def spark_says(tables, rows, features, silent, session) -> pd.DataFrame:
    from features.spark_engine import SparkEngine

    return SparkEngine(tables, session).matrix(rows, features, silent)


def test_spark_gives_the_bits_of_duckdb_for_every_feature(tables, session):
    rows = pd.DataFrame([(child, day) for child in CHILDREN for day in DAYS], columns=["child_key", "as_of"])
    silent = {DAYS[0]: frozenset({"absences"}), DAYS[1]: frozenset()}
    with Engine(tables) as engine:
        expected = engine.matrix(rows, ALL, silent)

    found = spark_says(tables, rows, ALL, silent, session)

    assert expected.drop(columns=["child_key", "as_of"]).nunique().min() > 1, "a feature never varies"
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_two_workers_give_the_bits_of_duckdb_on_the_simulated_county(session, tmp_path):
    lake = county_in_lake(tmp_path, children=200)
    days = (UNTIL - timedelta(days=200), UNTIL)
    people = (
        pq.read_table(lake.tables()["residence"], columns=["child_key"])["child_key"].unique().to_pylist()
    )
    rows = pd.DataFrame([(child, day) for child in people for day in days], columns=["child_key", "as_of"])
    silent = {day: lake.silent(day) for day in days}
    with Engine(lake.tables()) as engine:
        expected = engine.matrix(rows, FEATURES, silent)

    found = spark_says(lake.tables(), rows, FEATURES, silent, session)

    # The driver and two executors, all on the loopback.
    there = session.sparkContext._jsc.sc().getExecutorMemoryStatus().keySet().toString()
    assert there.count("127.0.0.1:") == 3
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
