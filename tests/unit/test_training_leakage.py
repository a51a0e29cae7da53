"""Every leakage check finds the leak it is there for, and lets honest rows pass."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from features.catalogue import feature_named
from tests.support_models import DATES, labelled, record, table
from training.candidates import Plan, fit_candidates
from training.fit import FitError
from training.leakage import (
    LeakageError,
    by_name,
    known_before,
    recomputed,
    row_order,
    single_feature,
    stop_if_leaking,
)
from training.matrix import MatrixError, data_hash, read_matrices

FEATURE = feature_named("bullied_365d")


def rows():
    return labelled().fit.copy()


def test_honest_rows_pass():
    data = labelled()

    checks = [by_name(data.spec), single_feature(data.spec, data.fit), row_order(data.fit)]

    assert [check.name for check in checks if not check.passed] == []
    stop_if_leaking(data.spec, checks)


def test_a_feature_that_is_the_outcome_stops_the_run():
    leaking = rows()
    leaking["bullied_365d"] = leaking["label"] + np.random.default_rng(1).normal(0, 0.3, len(leaking))

    check = single_feature(labelled().spec, leaking)

    assert not check.passed
    assert check.found.startswith("bullied_365d 0.9")
    with pytest.raises(LeakageError, match="Training of psychological stops, a leak is likely"):
        stop_if_leaking(labelled().spec, [check])


def test_a_feature_that_falls_with_the_outcome_leaks_as_much():
    leaking = rows()
    leaking["bullied_365d"] = -leaking["label"]

    assert not single_feature(labelled().spec, leaking).passed


def test_a_gap_that_tells_the_outcome_stops_the_run():
    leaking = rows()
    leaking["sleep_hours_latest_365d"] = leaking["sleep_hours_latest_365d"].where(leaking["label"] == 0)
    leaking["sleep_hours_latest_365d"] = (
        leaking["sleep_hours_latest_365d"].fillna(9.0).where(leaking["label"] == 0)
    )

    check = single_feature(labelled().spec, leaking)

    assert not check.passed
    assert check.found.startswith("sleep_hours_latest_365d not known")


def test_a_feature_nobody_knows_anything_of_leaks_nothing():
    unknown = rows()
    unknown["bullied_365d"] = np.nan

    assert single_feature(labelled().spec, unknown).passed


@pytest.mark.parametrize("by", [["label"], ["label", "child_key"]])
def test_rows_sorted_by_outcome_stop_the_run(by):
    ordered = rows().sort_values(by, ignore_index=True)

    check = row_order(ordered)

    assert not check.passed
    assert check.found.startswith("place")


def test_keys_given_out_by_outcome_stop_the_run():
    keyed = rows()
    keyed["child_key"] = [f"{'z' if label else 'a'}{n:06d}" for n, label in enumerate(keyed["label"])]

    assert row_order(keyed).found.startswith("key")
    assert not row_order(keyed).passed


def test_a_key_among_the_features_stops_the_run():
    spec = labelled().spec
    smuggled = replace(FEATURE, title=FEATURE.title)
    object.__setattr__(smuggled, "name", "label")

    check = by_name(replace(spec, features=(*spec.features, smuggled)))

    assert (check.passed, check.found) == (False, "label")


AS_OF = date(2025, 4, 1)


def reports(*days_before, delay=5):
    made = [
        record("c1", f"b{number}", AS_OF - timedelta(days=days), delay, severity="minor")
        for number, days in enumerate(days_before)
    ]
    return {"bullying_reports": table(made)}


def again(tables, silent=frozenset()):
    return known_before(tables, {AS_OF: silent}, ["bullying_reports"], ["c1"])("c1", AS_OF, FEATURE)


def test_a_feature_is_computed_again_from_what_was_known_before_the_date():
    assert again(reports(100, 30, 6)) == 3
    assert again(reports(100, 30, 5)) == 2
    assert again(reports(100, 366)) == 1


def test_of_a_silent_or_missing_source_nothing_is_known():
    assert again(reports(100), silent=frozenset({"bullying_reports"})) is None
    assert known_before({}, {AS_OF: frozenset()}, ["bullying_reports"], ["c1"])("c1", AS_OF, FEATURE) is None


def test_a_version_replaced_before_the_date_does_not_count():
    tables = reports(100)
    tables["bullying_reports"]["superseded_on"] = AS_OF - timedelta(days=1)
    assert again(tables) == 0
    tables["bullying_reports"]["superseded_on"] = AS_OF
    assert again(tables) == 1


def test_a_value_that_differs_from_its_recomputation_stops_the_run():
    held = rows().head(5).assign(bullied_365d=1.0)
    spec = replace(labelled().spec, features=(FEATURE,))

    assert recomputed(spec, held, lambda *_: 1.0).passed
    assert recomputed(spec, held, lambda *_: 2.0).found == "bullied_365d"
    assert not recomputed(spec, held, lambda *_: None).passed
    assert not recomputed(spec, held.assign(bullied_365d=np.nan), lambda *_: 0.0).passed


def test_the_data_hash_knows_every_value_and_no_order():
    columns = labelled().spec.columns
    plain = rows()
    mixed = plain.sample(frac=1, random_state=1)
    changed = plain.copy()
    changed.loc[7, "bullied_365d"] += 1
    relabelled = plain.assign(label=1 - plain["label"])

    assert data_hash(mixed, columns) == data_hash(plain, columns)
    assert len({data_hash(frame, columns) for frame in (plain, changed, relabelled)}) == 3


def test_too_few_children_with_the_outcome_are_refused():
    data = labelled()
    few = replace(data, calibrate=data.calibrate[data.calibrate["label"] == 0])

    with pytest.raises(FitError, match="rows to calibrate hold 0 children with the outcome"):
        fit_candidates(few, Plan(), DATES[-1], "code", simulated=False)


def test_matrices_without_their_columns_are_refused(tmp_path):
    rows().drop(columns=["school_type"]).to_parquet(tmp_path / "2025-04-01.parquet")
    (tmp_path / "built.json").write_text('{"silent": {}}', encoding="utf-8")

    with pytest.raises(
        MatrixError, match="lack columns eligible, school_type: run python -m features build again"
    ):
        read_matrices(tmp_path)


def test_only_children_in_scope_have_rows(tmp_path):
    held = rows().head(4).drop(columns=["label", "state"])
    held.assign(eligible=[True, False, True, False]).to_parquet(tmp_path / "2021-04-01.parquet")
    (tmp_path / "built.json").write_text('{"silent": {"2021-04-01": ["visits"]}}', encoding="utf-8")

    matrices = read_matrices(tmp_path)

    assert matrices.rows["child_key"].tolist() == [held["child_key"][0], held["child_key"][2]]
    assert matrices.silent == {date(2021, 4, 1): frozenset({"visits"})}
