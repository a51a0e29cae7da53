"""A source and features of one's own county, from declaration to judged screener, on made-up tables.

The real tables are not part of the repository; these have their columns and nobody in them.
"""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from evaluation.external.oulad import as_of_dates, enrolments, enrolments_on_day_60, read_tables
from evaluation.external.oulad_features import FEATURES, Courses
from features.constitution import constitution
from features.engine import Engine, records_frame
from features.language import EXAMPLE_AS_OF, Column, Kind, Text
from features.reference import example_records
from features.signals import LakeError
from features.trial import person, try_source
from notebooks.own_source import RECEIVED_ON, SECRET, as_of_day_60, delivered, lines, show, tried
from notebooks.university_made_up import make_up

LEARNERS = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return make_up(tmp_path_factory.mktemp("tables"), LEARNERS)


def test_the_example_goes_from_the_tables_to_a_judged_screener(folder):
    shown = show(folder)

    for trial in shown.trials:
        assert trial.delivered == len(trial.records) + len(trial.refused)
    refused = {trial.source.name: set(trial.refused["reason"]) for trial in shown.trials}
    assert refused == {
        "submissions": {"“Result” is not a number"},
        "deadlines": set(),
        "other_courses": set(),
    }
    assert len(shown.matrix) == LEARNERS - 1  # one never registered
    assert shown.by_folds > 0.55
    assert "889 rows = 886 accepted + 3 refused" in "\n".join(lines(shown))


def test_what_falls_due_after_day_60_tells_nothing(folder):
    tables = read_tables(folder)
    held = enrolments(tables)
    rows = delivered(tables, held)

    as_of = as_of_dates(held).map(date.isoformat).set_axis(held["enrolment"])
    early = {
        name: frame[frame["recorded_on"] < frame["id_number"].map(as_of)] for name, frame in rows.items()
    }
    assert len(early["deadlines"]) < len(rows["deadlines"])
    pd.testing.assert_frame_equal(
        as_of_day_60(tried(early), held), as_of_day_60(tried(rows), held), check_exact=True
    )


def test_a_first_delivery_tells_what_the_table_of_enrolments_tells(folder):
    """The two ways to the same features agree where nothing came late and every cell can be read."""
    held = enrolments(read_tables(folder))
    tables = read_tables(folder)
    tables["student_assessment"] = tables["student_assessment"].query("score != '?'")

    matrix = as_of_day_60(tried(delivered(tables, held)), held)
    table = enrolments_on_day_60(folder)

    names = [feature.name for feature in FEATURES]
    readable = (held["id_student"] != 1).to_numpy()
    pd.testing.assert_frame_equal(
        matrix[names][readable].reset_index(drop=True), table[names][readable].reset_index(drop=True)
    )


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_each_declared_feature_means_what_its_example_says(feature):
    for example in feature.examples:
        records = example_records(example, feature.source)
        rows = pd.DataFrame({"child_key": ["c1"], "as_of": [EXAMPLE_AS_OF]})
        with Engine(
            {feature.source.name: records_frame({"c1": records}, feature.source)}, threads=1
        ) as engine:
            found = engine.matrix(rows, [feature], {EXAMPLE_AS_OF: frozenset()})

        assert found[feature.name].tolist() == [example.expect]


def test_features_of_ones_own_stand_before_the_constitution():
    assert [article.feature for article in constitution(FEATURES)] == list(FEATURES)


def row(**changes: object) -> pd.DataFrame:
    cells = {
        "record_id": "1", "id_number": "77", "occurred_on": "2014-03-01", "recorded_on": "2014-03-02",
        "kind": "marked_by_tutor", "result": 60.0, **changes,
    }  # fmt: skip
    return pd.DataFrame([cells])


def test_a_row_counts_from_the_day_it_was_recorded_and_the_declared_delay():
    late = replace(Courses.submissions, delay_days=5)
    object.__setattr__(late, "name", "submissions_late")

    [record] = try_source(late, row(), RECEIVED_ON, SECRET).records.to_dict("records")

    assert (record["occurred_on"], record["known_on"]) == (date(2014, 3, 1), date(2014, 3, 7))
    assert (record["kind"], record["result"]) == ("marked_by_tutor", 60.0)
    assert pd.isna(record["days_early"])
    assert record["child_key"] == person("77", SECRET)
    assert record["child_key"] != person("77", b"another")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"kind": "essay"}, "wrong_code:kind"),
        ({"result": 101.0}, "out_of_range:result"),
        ({"recorded_on": "2014-02-28"}, "recorded_before_occurring"),
        ({"id_number": None}, "no_number"),
    ],
)
def test_a_row_that_breaks_the_contract_is_refused_with_the_rule(changes, rule):
    trial = try_source(Courses.submissions, row(**changes), RECEIVED_ON, SECRET)

    assert trial.records.empty
    assert trial.refused["rule"].tolist() == [rule]


@pytest.mark.parametrize(
    "rows", [row(mood="low"), row().drop(columns="occurred_on"), row().drop(columns="id_number")]
)
def test_rows_in_other_columns_than_declared_are_refused(rows):
    with pytest.raises(LakeError, match="need the columns it declares"):
        try_source(Courses.submissions, rows, RECEIVED_ON, SECRET)


def test_one_column_more_in_the_declaration_is_one_rule_more_in_the_contract():
    more = (*Courses.submissions.columns, Column("pages", Text("页数", "Pages"), Kind.INTEGER, minimum=1))
    longer = replace(Courses.submissions, columns=more)
    object.__setattr__(longer, "name", "submissions_longer")

    assert try_source(longer, row(pages=0), RECEIVED_ON, SECRET).refused["rule"].tolist() == [
        "out_of_range:pages"
    ]
