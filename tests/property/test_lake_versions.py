"""The lake's derived columns and its silence against a plain computation, for any deliveries."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.lake import Delivery, Lake
from features.reference import standing
from features.sources import Education, Review, source_named

START = date(2024, 1, 1)
SOURCE = Education.absences
DAYS = st.integers(0, 12).map(lambda days: START + timedelta(days=days))


@st.composite
def deliveries(draw):
    """Deliveries in the order they were taken in; a record's versions count up, its days may do anything."""
    versions, out = {}, []
    for number in range(draw(st.integers(1, 4))):
        rows = []
        for record in draw(st.lists(st.sampled_from("abcde"), max_size=4, unique=True)):
            versions[record] = versions.get(record, 0) + 1
            rows.append(
                {
                    "child_key": draw(st.sampled_from(["c1", "c2", "c3"])),
                    "record_id": record,
                    "version": versions[record],
                    "occurred_on": draw(DAYS),
                    "known_on": draw(DAYS),
                    "delivery": f"d{number}",
                    "kind": draw(st.sampled_from(["sick", "personal"])),
                    "sessions": draw(st.sampled_from([None, 1.0, 2.0])),
                }
            )
        out.append(rows)
    return out


def ledger_row(number, rows, **changes):
    row = {
        "delivery": f"d{number}", "source": SOURCE.name, "department": "education", "received_on": START,
        "history": False, "file": f"f{number}", "sha256": "0", "delivered": rows, "accepted": rows,
        "quarantined": 0, "unresolved": 0, "heard_from": START, "heard_to": START,
    }  # fmt: skip
    return Delivery(**{**row, **changes})


def lake_of(root, taken):
    lake = Lake(Path(root))
    for number, rows in enumerate(taken):
        lake.append(SOURCE, pd.DataFrame(rows), ledger_row(number, len(rows)))
    lake.compact()
    return lake


@settings(deadline=None, max_examples=40)
@given(taken=deliveries())
def test_superseded_on_and_ordinal_are_what_plain_python_says(taken):
    with tempfile.TemporaryDirectory() as root:
        compacted = pq.read_table(lake_of(root, taken).records_file(SOURCE)).to_pylist()

    every = [row for rows in taken for row in rows]
    by_record = {}
    for row in sorted(every, key=lambda row: (row["known_on"], row["version"])):
        by_record.setdefault(row["record_id"], []).append(row)
    wanted = []
    for versions in by_record.values():
        for row, following in zip(versions, [*versions[1:], None], strict=True):
            wanted.append({**row, "superseded_on": following["known_on"] if following else None})
    wanted.sort(key=lambda row: (row["occurred_on"], row["known_on"], row["record_id"], row["version"]))
    wanted = [{**row, "ordinal": number} for number, row in enumerate(wanted, start=1)]
    assert sorted(compacted, key=lambda row: row["ordinal"]) == wanted
    assert [row["child_key"] for row in compacted] == sorted(row["child_key"] for row in compacted)


@settings(deadline=None, max_examples=40)
@given(taken=deliveries(), as_of=DAYS)
def test_what_counts_on_a_date_is_the_same_by_column_and_by_reference(taken, as_of):
    """Records that never changed hands: the column of the lake and the reference agree on each child."""
    owner = {}
    for rows in taken:
        for row in rows:
            row["child_key"] = owner.setdefault(row["record_id"], row["child_key"])
    with tempfile.TemporaryDirectory() as root:
        lake = lake_of(root, taken)
        compacted = pq.read_table(lake.records_file(SOURCE)).to_pylist()
        by_child = {child: lake.child_records(child).get(SOURCE.name, []) for child in ("c1", "c2", "c3")}

    counting = {
        (row["child_key"], row["record_id"], row["version"])
        for row in compacted
        if row["known_on"] < as_of and (row["superseded_on"] is None or row["superseded_on"] >= as_of)
    }
    assert counting == {
        (child, record.record_id, record.version)
        for child, records in by_child.items()
        for record in standing(records, as_of)
    }


@st.composite
def spans_and_a_day(draw):
    """Spans (begin, length) in which a source was heard, and a day, often one at an edge of theirs."""
    spans = draw(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 200)), max_size=4))
    edges = [begin + offset for begin, _ in spans for offset in (-1, 0, 1)]
    edges += [begin + length + 214 + offset for begin, length in spans for offset in (-1, 0, 1, 2)]
    return spans, draw(st.integers(-5, 1200) | st.sampled_from(edges or [0]))


@settings(deadline=None, max_examples=100)
@given(drawn=spans_and_a_day())
@example(drawn=([(0, 0)], 214))  # the last day on which one delivery still counts as heard
@example(drawn=([(0, 0)], 215))  # and the first on which it does not
def test_silence_and_the_last_day_heard_are_what_plain_python_says(drawn):
    spans, as_of = drawn
    day = START + timedelta(days=as_of)
    with tempfile.TemporaryDirectory() as root:
        lake = Lake(Path(root))
        for number, (begin, length) in enumerate(spans):
            heard = START + timedelta(days=begin)
            row = ledger_row(number, 0, heard_from=heard, heard_to=heard + timedelta(days=length))
            lake.append(SOURCE, pd.DataFrame(), row)
        silent, last_heard = lake.silent(day), lake.last_heard(SOURCE, day)

    days_heard = {
        begin + offset for begin, length in spans for offset in range(length + 1) if begin + offset < as_of
    }
    assert last_heard == (START + timedelta(days=max(days_heard)) if days_heard else None)
    # Two missed quarterly deliveries and a month: 2 × 92 + 30 days.
    assert (SOURCE.name in silent) == (not any(as_of - offset in days_heard for offset in range(1, 215)))
    assert "residence" in silent
    assert not silent & {source.name for source in vars(Review).values() if hasattr(source, "department")}


@settings(deadline=None, max_examples=30)
@given(
    days=st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(["confirmed", "not_confirmed"]), max_size=3),
        min_size=1,
        max_size=4,
    )
)
def test_the_queues_own_records_are_published_once_for_each_change(days):
    source = source_named("dispositions")
    wanted, newest = [], {}
    with tempfile.TemporaryDirectory() as root:
        lake = Lake(Path(root))
        for offset, said in enumerate(days):
            rows = [
                {"child_key": "c1", "record_id": record, "occurred_on": START, "risk": "psychological",
                 "disposition": disposition, "visited": True, "case_id": "K1"}
                for record, disposition in said.items()
            ]  # fmt: skip
            changed = {
                record
                for record, disposition in said.items()
                if newest.get(record, (0, ""))[1] != disposition
            }

            assert lake.publish(source, rows, START + timedelta(days=offset)) == len(changed)

            for record in changed:
                newest[record] = (newest.get(record, (0, ""))[0] + 1, said[record])
                wanted.append((record, *newest[record], START + timedelta(days=offset)))
        path = lake.records_file(source)
        kept = pq.read_table(path).to_pylist() if path else []

    assert sorted(
        (row["record_id"], row["version"], row["disposition"], row["known_on"]) for row in kept
    ) == sorted(wanted)
