"""Which files there are is remembered; whoever reads must notice every one that another process puts in place."""

import os
from dataclasses import replace

import pandas as pd
import pytest

from features.lake import Lake
from tests.unit.test_lake_refusals import DAY, DELIVERY, DISPOSITION, ROW


@pytest.fixture
def writer(tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.append("absences", pd.DataFrame([ROW]), DELIVERY)
    lake.compact()
    return lake


def test_a_source_heard_for_the_first_time_is_noticed(writer):
    reader = Lake(writer.root)
    assert list(reader.tables()) == ["absences"]

    writer.publish("dispositions", [DISPOSITION], DAY)

    assert set(reader.tables()) == {"absences", "dispositions"}


def test_a_file_that_went_away_is_noticed(writer):
    reader = Lake(writer.root)
    reader.tables()["absences"].unlink()

    assert reader.tables() == {}


def test_while_nothing_changes_no_file_is_looked_at_again(writer):
    reader = Lake(writer.root)

    assert reader.compacted() is reader.compacted()


@pytest.mark.parametrize("seconds", [0, 2], ids=["a fine clock", "every other second"])
def test_two_files_put_in_place_within_one_tick_of_the_clock_are_both_noticed(writer, seconds):
    tick = max(seconds * 10**9, 1)
    reader, folder = Lake(writer.root), writer.root / "records"
    # The clock of files stands: none of what follows is later than this.
    os.utime(folder, ns=(0, folder.stat().st_mtime_ns + 3600 * 10**9))
    before, states = folder.stat().st_mtime_ns // tick, [reader.compacted().state]

    for number in (2, 3):
        name = f"d{number}"
        row = {**ROW, "record_id": f"R{number}", "delivery": name}
        writer.append("absences", pd.DataFrame([row]), replace(DELIVERY, delivery=name, file=name))
        writer.compact()
        states.append(reader.compacted().state)
        assert folder.stat().st_mtime_ns // tick > before
        before = folder.stat().st_mtime_ns // tick

    assert len(set(states)) == 3


def test_records_deleted_by_right_are_gone_for_who_reads_too(writer):
    reader = Lake(writer.root)
    before = reader.compacted().state

    writer.purge(["c1"], DAY)

    assert reader.compacted().state != before
    assert reader.child_records("c1") == {}
