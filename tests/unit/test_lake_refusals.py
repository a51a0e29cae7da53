"""What must not enter the lake, by whichever door, and what its reading side leaves out."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from features.lake import Delivery, Lake
from features.signals import LakeError

DAY = date(2024, 3, 25)
ROW = {
    "child_key": "c1", "record_id": "R1", "version": 1, "occurred_on": date(2024, 3, 1), "known_on": DAY,
    "delivery": "d1", "kind": "sick", "sessions": 2.0,
}  # fmt: skip
DELIVERY = Delivery(
    delivery="d1", source="absences", department="education", received_on=DAY, history=False, file="f", sha256="0",
    delivered=1, accepted=1, quarantined=0, unresolved=0, heard_from=DAY, heard_to=DAY,
)  # fmt: skip
DISPOSITION = {
    "child_key": "c1", "record_id": "K1-guardianship", "occurred_on": DAY, "risk": "guardianship",
    "disposition": "confirmed", "visited": True, "case_id": "K1",
}  # fmt: skip


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake")


def test_nothing_exists_before_the_first_delivery(lake):
    assert lake.deliveries() == ()
    assert lake.tables() == {}
    assert lake.records_file("absences") is None
    assert lake.compact() == ()
    assert lake.last_heard("absences", DAY) is None
    assert lake.child_records("c1") == {}
    assert not lake.root.exists()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({**ROW, "name": "张三"}, "keeps no column name of absences"),
        ({**ROW, "child_key": None}, "has no child_key"),
        ({**ROW, "known_on": None}, "has no known_on"),
        ({name: value for name, value in ROW.items() if name != "occurred_on"}, "has no occurred_on"),
    ],
)
def test_a_frame_that_is_not_what_the_lake_keeps_is_refused(lake, row, says):
    with pytest.raises(LakeError, match=says) as refused:
        lake.append("absences", pd.DataFrame([row]), DELIVERY)

    assert "张三" not in str(refused.value)
    assert lake.deliveries() == ()


@pytest.mark.parametrize(
    ("delivery", "says"),
    [
        (replace(DELIVERY, source="transfers"), "does not describe"),
        (replace(DELIVERY, delivered=2, accepted=2), "does not describe"),
    ],
)
def test_a_delivery_that_does_not_describe_its_records_is_refused(lake, delivery, says):
    with pytest.raises(LakeError, match=says):
        lake.append("absences", pd.DataFrame([ROW]), delivery)


def test_a_delivery_that_does_not_add_up_cannot_be_made():
    with pytest.raises(LakeError, match="does not add up"):
        replace(DELIVERY, quarantined=1)


def test_a_delivery_is_taken_in_once(lake):
    lake.append("absences", pd.DataFrame([ROW]), DELIVERY)

    with pytest.raises(LakeError, match="in the lake already"):
        lake.append("absences", pd.DataFrame([ROW]), DELIVERY)
    assert lake.compact() == ("absences",)
    assert lake.compact() == ()


def test_a_column_declared_later_is_empty_in_older_deliveries(lake):
    without = {name: value for name, value in ROW.items() if name != "sessions"}
    lake.append("absences", pd.DataFrame([without]), DELIVERY)
    lake.compact()

    [record] = lake.child_records("c1")["absences"]

    assert record.values == {"kind": "sick", "sessions": None}


def test_only_the_sources_asked_for_are_read(lake):
    lake.append("absences", pd.DataFrame([ROW]), DELIVERY)
    lake.publish("dispositions", [DISPOSITION], DAY)

    assert set(lake.child_records("c1")) == {"absences", "dispositions"}
    assert set(lake.child_records("c1", ["dispositions", "transfers"])) == {"dispositions"}
    assert list(lake.tables()) == ["absences", "dispositions"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"note": "…"}, "unknown or missing columns: \\['note'\\]"),
        ({"child_key": ""}, "unknown or missing columns: \\['child_key'\\]"),
        ({"risk": None}, "has no risk"),
        ({"risk": "both"}, "a risk that the source does not allow"),
        ({"visited": "perhaps"}, "a visited that the source does not allow"),
        ({"case_id": 7}, "a case_id that the source does not allow"),
    ],
)
def test_a_row_the_queues_own_source_does_not_allow_is_not_published(lake, changes, says):
    with pytest.raises(LakeError, match=says):
        lake.publish("dispositions", [{**DISPOSITION, **changes}], DAY)

    assert lake.deliveries() == ()


@pytest.mark.parametrize("probability", [-0.1, 1.5, "0.5", True])
def test_a_draw_probability_is_a_number_from_0_to_1(lake, probability):
    row = {
        "child_key": "c1",
        "record_id": "A1",
        "occurred_on": DAY,
        "lane": "audit",
        "draw_probability": probability,
    }

    with pytest.raises(LakeError, match="a draw_probability that the source does not allow"):
        lake.publish("alerts", [row], DAY)

    assert lake.publish("alerts", [{**row, "draw_probability": 1}], DAY) == 1
    assert lake.child_records("c1")["alerts"][0].values["draw_probability"] == 1.0


def test_a_departments_source_is_not_published(lake):
    with pytest.raises(LakeError, match="only the queue's own sources"):
        lake.publish("absences", [], DAY)


def test_publishing_nothing_or_the_same_twice_at_once_does_nothing(lake):
    assert lake.publish("dispositions", [], DAY) == 0
    with pytest.raises(LakeError, match="share a record number"):
        lake.publish("dispositions", [DISPOSITION, DISPOSITION], DAY)
    assert lake.deliveries() == ()


def test_a_published_disposition_is_read_back_as_it_was_said(lake):
    assert lake.publish("dispositions", [DISPOSITION], DAY) == 1

    [record] = lake.child_records("c1")["dispositions"]

    assert (record.record_id, record.version, record.known_on) == ("K1-guardianship", 1, DAY)
    assert record.values == {
        "risk": "guardianship", "disposition": "confirmed", "visited": "yes", "case_id": "K1",
    }  # fmt: skip
