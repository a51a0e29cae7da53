"""A department takes a record back: it no longer counts from that day on, and nothing stands in its place."""

from datetime import date

import pyarrow.parquet as pq
import pytest

from features.reference import standing
from features.sources import Education
from tests.support_intake import Home, id_number, row

FIRST, THEN = "education/2024-03-25/absences.csv", "education/2024-06-25/absences.csv"
DAY = date(2024, 6, 25)


def taking_back(n: int, said: str = "删除") -> dict[str, str | None]:
    """A row that says which record is taken back and nothing else."""
    return {**dict.fromkeys(row("absences", n)), "record_id": f"R{n:05d}", "操作类型": said}


def told(n: int, said: str = "新增", **cells: str | None) -> dict[str, str | None]:
    return {**row("absences", n, **cells), "操作类型": said}


@pytest.fixture
def home(tmp_path):
    home = Home.at(tmp_path)
    home.deliver(FIRST, [told(1), told(2), told(3, id_number=None)])
    home.take_in(date(2024, 4, 1))
    return home


def counting(home, as_of):
    key = home.identity.child_key(id_number(1))
    rows = [each for each in home.records("absences") if each["child_key"] == key]
    return [
        each["record_id"]
        for each in rows
        if each["known_on"] < as_of and (each["superseded_on"] is None or each["superseded_on"] >= as_of)
    ]


def test_a_record_taken_back_counts_until_that_day_and_no_longer(home):
    home.deliver(THEN, [taking_back(1)])

    report = home.take_in()

    assert counting(home, DAY) == ["R00001"]
    assert counting(home, date(2024, 6, 26)) == []
    records = home.lake.child_records(home.identity.child_key(id_number(1)))
    assert standing(records.get(Education.absences.name, []), date(2024, 7, 1)) == []
    [version] = [each for each in home.records("absences") if each["record_id"] == "R00001"]
    assert version["superseded_on"] == DAY
    [line] = [each for each in report.sources if each.source == "absences"]
    assert (line.delivered, line.accepted, line.withdrawn, line.unresolved) == (4, 3, 1, 1)
    assert report.adds_up


def test_the_earlier_version_stays_in_its_file(home):
    before = {path: path.read_bytes() for path in (home.root / "lake" / "signals").rglob("*.parquet")}
    home.deliver(THEN, [taking_back(1)])

    home.take_in()

    assert all(path.read_bytes() == kept for path, kept in before.items())
    assert "withdrawn" not in pq.read_schema(home.lake.records_file("absences")).names


def test_a_record_delivered_again_stands_again(home):
    home.deliver(THEN, [taking_back(1)])
    home.deliver("education/2024-06-28/absences.csv", [told(1)])

    home.take_in()

    assert counting(home, date(2024, 6, 27)) == []
    assert counting(home, date(2024, 7, 1)) == ["R00001"]
    assert [each["version"] for each in home.records("absences") if each["record_id"] == "R00001"] == [1, 3]


def test_taking_back_twice_or_nothing_is_refused_and_said(home):
    home.deliver(THEN, [taking_back(1), taking_back(1, "作废"), taking_back(9), taking_back(2, "merge")])
    home.deliver("education/2024-06-28/absences.csv", [taking_back(1)])

    report = home.take_in()

    found = {(each["file"], each["row"]): each["rules"] for each in home.refused()}
    assert found[THEN, 3] == ["duplicate"]
    assert found[THEN, 4] == ["nothing_to_withdraw"]
    assert "unknown_operation" in found[THEN, 5]
    assert found["education/2024-06-28/absences.csv", 2] == ["already_delivered"]
    assert report.adds_up


def test_a_record_that_waits_for_its_child_can_be_taken_back(home):
    home.deliver(THEN, [taking_back(3)])

    report = home.take_in()

    assert home.identity.unresolved() == ()
    [line] = [each for each in report.sources if each.source == "absences"]
    assert (line.deleted, line.unresolved, line.quarantined) == (1, 0, 1)
    assert report.adds_up


def test_a_record_told_and_taken_back_in_one_file_does_not_stand(home):
    home.deliver(THEN, [told(5, "修改"), taking_back(5)])

    home.take_in()

    assert [each["superseded_on"] for each in home.records("absences") if each["record_id"] == "R00005"] == [
        DAY
    ]


def test_taking_back_again_changes_nothing(home):
    home.deliver(THEN, [taking_back(1)])
    home.take_in()
    before, ledger = home.records("absences"), home.lake.deliveries()

    report = home.take_in()

    assert (report.new_files, home.records("absences"), home.lake.deliveries()) == (0, before, ledger)
