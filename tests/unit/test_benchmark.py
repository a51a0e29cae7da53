"""The benchmark measures what it says on events that are as declared; how long it takes is not tested."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from features.__main__ import main
from features.benchmark_events import (
    AS_OF,
    as_of_dates,
    child_keys,
    delivered_sources,
    questions,
    shares,
    tables,
    write_events,
)
from features.catalogue import FEATURES
from features.engine import Engine
from features.pandas_engine import PandasEngine


@pytest.fixture(scope="module")
def events(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("events")
    write_events(folder, events=9_000, children=60, seed=3)
    return tables(folder)


def test_every_delivered_source_has_its_share_and_the_shares_make_a_whole(events):
    sources = delivered_sources()

    assert set(events) == {source.name for source in sources}
    assert sum(shares(sources).values()) == pytest.approx(1.0)
    rows = {name: pq.read_metadata(path).num_rows for name, path in events.items()}
    assert sum(rows.values()) == pytest.approx(9_000, rel=0.1)
    assert rows["absences"] > 5 * rows["transfers"] > 0


def test_made_up_events_lie_as_in_the_lake(events):
    with duckdb.connect() as connection:
        for path in events.values():
            told = connection.execute(
                "SELECT count(*), count(DISTINCT ordinal), count(DISTINCT (record_id, version)),"
                " count(*) FILTER (superseded_on < known_on), count(*) FILTER (known_on < occurred_on),"
                " bool_and(child_key >= before) FROM (SELECT *, lag(child_key, 1, '') OVER"
                " (ORDER BY file_row_number) AS before FROM read_parquet(?, file_row_number = true))",
                [str(path)],
            ).fetchone()
            rows = pq.read_metadata(path).num_rows
            assert told == (rows, rows, rows, 0, 0, True)


def test_the_same_seed_makes_the_same_events(events, tmp_path):
    write_events(tmp_path, events=9_000, children=60, seed=3)

    for name, path in tables(tmp_path).items():
        assert path.read_bytes() == events[name].read_bytes()


def test_pandas_gives_the_bits_of_duckdb_on_made_up_events(events):
    rows, silent = questions(60, 2)

    with Engine(events, threads=1) as engine:
        found = engine.matrix(rows, FEATURES, silent)
    expected = PandasEngine(events).matrix(rows, FEATURES, silent)

    assert found.equals(expected)
    varied = found.drop(columns=["child_key", "as_of"]).nunique(dropna=False)
    assert (varied > 1).mean() > 0.9


def test_questions_are_every_child_on_every_date():
    rows, silent = questions(3, 2)

    assert rows["child_key"].tolist() == child_keys(3) * 2
    assert rows["as_of"].tolist() == [AS_OF] * 3 + [as_of_dates(2)[1]] * 3
    assert silent == {AS_OF: frozenset(), as_of_dates(2)[1]: frozenset()}


@pytest.mark.slow
def test_the_command_prints_ratios_and_removes_its_events(capsys, tmp_path):
    words = [
        "benchmark",
        "--events",
        "20000",
        "--children",
        "100",
        "--dates",
        "2",
        "--scratch",
        str(tmp_path),
    ]

    assert main(words, lambda: datetime(2026, 11, 1, tzinfo=UTC)) == 0

    said = capsys.readouterr().out
    assert "engine / bare query:" in said
    assert "pandas / engine:" in said
    assert "values that differ between the two: 0" in said
    assert "one child, warm, with evidence: median" in said
    assert list(tmp_path.iterdir()) == []
