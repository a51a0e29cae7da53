"""The records behind a value are the ones that counted, and no others."""

from datetime import date, timedelta

import pandas as pd
import pytest

from features.catalogue import FEATURES
from features.lake import Lake
from features.reference import counting
from features.sources import source_named
from serving.evidence import evidence_for, open_reader
from tests.support_serving import AS_OF, copy_home, delivery, settings_at

SOURCE = source_named("grid_reports")


@pytest.fixture
def lake(tmp_path):
    return Lake(settings_at(copy_home(tmp_path / "home")).lake)


def report(lake: Lake, key: str, version: int, known_on: date, **values: str) -> None:
    row = {
        "child_key": key, "record_id": "r", "version": version, "occurred_on": date(2026, 8, 1),
        "known_on": known_on, "delivery": f"d{version}", "kind": "abuse", "verified": "substantiated", **values,
    }  # fmt: skip
    lake.append(SOURCE, pd.DataFrame([row]), delivery(SOURCE, 1, f"d{version}", known_on))
    lake.compact()


def behind(lake: Lake, key: str, as_of: date = AS_OF) -> list[tuple[str, date]]:
    with open_reader() as reader:
        found = evidence_for(lake.tables(), [key], FEATURES, as_of, reader)
        records = found(key, as_of)
        reports = {e for f in FEATURES if f.source is SOURCE for e in records.get(f.name, ())}
    return sorted((e.record_id, e.known_on) for e in reports)


def test_a_record_is_evidence_from_the_day_after_it_became_known(lake):
    report(lake, "cone", 1, date(2026, 8, 10))

    assert behind(lake, "cone", date(2026, 8, 10)) == []
    assert behind(lake, "cone", date(2026, 8, 11)) == [("r", date(2026, 8, 10))]


def test_a_record_that_was_corrected_to_another_child_is_no_evidence_any_more(lake):
    report(lake, "cone", 1, date(2026, 8, 10))
    report(lake, "ctwo", 2, date(2026, 9, 10))

    assert behind(lake, "cone", date(2026, 9, 10)) == [("r", date(2026, 8, 10))]
    assert behind(lake, "cone") == []
    assert behind(lake, "ctwo") == [("r", date(2026, 9, 10))]


def test_evidence_for_many_children_is_what_the_reference_counts_for_each(lake):
    keys = sorted(set(pd.read_parquet(lake.tables()["residence"])["child_key"]))[:10]
    with open_reader() as reader:
        found = evidence_for(lake.tables(), keys, FEATURES, AS_OF, reader)

    named = 0
    for key in keys:
        records = lake.child_records(key)
        for feature in FEATURES:
            expected = counting(feature, records.get(feature.source.name, []), AS_OF)
            named_here = found(key, AS_OF).get(feature.name, ())
            assert [e.record_id for e in named_here] == [r.record_id for r in expected]
            named += len(expected)
    assert named > 50


def test_evidence_read_for_one_date_answers_for_no_other(lake):
    report(lake, "cone", 1, date(2026, 8, 10))
    with open_reader() as reader:
        found = evidence_for(lake.tables(), ["cone"], FEATURES, AS_OF, reader)

    assert found("cone", AS_OF)
    with pytest.raises(ValueError, match="was read as of 2026-10-01"):
        found("cone", date(2026, 9, 1))


def test_a_record_on_the_last_day_of_the_longest_window_is_read(lake):
    longest = max(f.form.window.days for f in FEATURES if f.source is SOURCE)
    names = [f.name for f in FEATURES if f.source is SOURCE and f.form.window.days == longest]
    report(lake, "cone", 1, date(2026, 8, 10))
    last = date(2026, 8, 1) + timedelta(days=longest)
    with open_reader() as reader:
        on_it = evidence_for(lake.tables(), ["cone"], FEATURES, last, reader)("cone", last)
        after = last + timedelta(days=1)
        past_it = evidence_for(lake.tables(), ["cone"], FEATURES, after, reader)("cone", after)

    assert set(names) & set(on_it)
    assert not past_it
