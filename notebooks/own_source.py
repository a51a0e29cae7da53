"""A source and features of one's own county, on real dated events: the Open University's learners.

    python -m notebooks.own_source FOLDER

FOLDER holds the publisher's tables (Kuzilek et al. 2017, CC BY 4.0) as Parquet: student, assessment,
student_registration, student_assessment. They are not part of this repository and nothing of them is kept.

Shown is what a data scientist of another county does: one declaration a source, one a feature
(evaluation/external/oulad_features.py); real rows through the contract, refused rows with their reason;
features as of day 60 of each course, from what was known by then; and a first screener of withdrawal after
that day, judged with nobody in both parts: by folds, and on the courses of 2014 when fitted on those of
2013. What the whole line makes of the same table, `python -m evaluation external --data FOLDER
--declaration oulad` shows. The learners are grown up and the courses are online: it shows that the tools
work on records that nobody simulated, not that any child could be screened.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from evaluation.external.oulad import (
    AS_OF_DAY,
    as_of_dates,
    dates,
    enrolments,
    happenings,
    read_tables,
)
from evaluation.external.oulad_features import FEATURES, SOURCES, Courses
from features.engine import Engine
from features.language import ID_NUMBER
from features.trial import Trial, person, try_source

Floats = NDArray[np.float64]

RECEIVED_ON = date(2016, 1, 1)
TRAINED_ON, JUDGED_ON = ("2013B", "2013J"), ("2014B", "2014J")
# Numbers here are the publisher's and nobody's; a county would give its own key.
SECRET = b"open university learning analytics"


# --- the publisher's tables, in our columns ----------------------------------------------------------


def delivered(tables: Mapping[str, pd.DataFrame], held: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each source under our column names, as a county would write its first delivery out.

    A first delivery corrects nothing yet: work that came late is a deadline missed here. A result is what
    the publisher wrote, whether or not it can be read.
    """
    found = {}
    happened = happenings(tables, held)
    submissions = happened[Courses.submissions.name]
    happened[Courses.submissions.name] = submissions.assign(result=submissions["score"])
    for source in SOURCES:
        rows = happened[source.name].query("version == 1")
        rows = rows.assign(place=range(len(rows)))
        course, enrolment = rows["code_presentation"], rows["enrolment"]
        found[source.name] = pd.DataFrame(
            {
                # A record's number may not hold a person's, so rows are counted.
                "record_id": rows["id_assessment"].astype(str) + "-" + rows["place"].astype(str),
                ID_NUMBER.name: enrolment,
                "occurred_on": dates(course, rows["day"]).map(date.isoformat),
                "recorded_on": dates(course, rows["known"] - source.delay_days).map(date.isoformat),
                **{column.name: rows[column.name] for column in source.columns},
            }
        )
    return found


# --- what is known, and what came ---------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What the example found. `matrix` holds the rows at risk with their features and `left`."""

    trials: tuple[Trial, ...]
    matrix: pd.DataFrame
    by_folds: float
    on_later_courses: float


def show(folder: Path) -> Shown:
    """Everything from the publisher's tables to a judged screener."""
    tables = read_tables(folder)
    held = enrolments(tables)
    trials = tried(delivered(tables, held))
    matrix = as_of_day_60(trials, held)
    return Shown(trials, matrix, judged_by_folds(matrix), judged_on_later_courses(matrix))


def tried(rows: Mapping[str, pd.DataFrame]) -> tuple[Trial, ...]:
    """The rows of every source through its contract."""
    return tuple(try_source(source, rows[source.name], RECEIVED_ON, SECRET) for source in SOURCES)


def as_of_day_60(trials: Sequence[Trial], held: pd.DataFrame) -> pd.DataFrame:
    """The learners still registered after day 60, what was known of them by then, and who left later."""
    asked = pd.DataFrame(
        {
            "child_key": [person(enrolment, SECRET) for enrolment in held["enrolment"]],
            "as_of": as_of_dates(held).to_numpy(),
        }
    )
    heard = {day: frozenset[str]() for day in asked["as_of"]}
    with Engine({trial.source.name: trial.records for trial in trials}) as engine:
        matrix = engine.matrix(asked, FEATURES, heard)
    return matrix.assign(
        course=held["code_presentation"].to_numpy(),
        student=held["id_student"].to_numpy(),
        left=held["gave_up"].to_numpy(dtype=bool),
    )


def judged_by_folds(matrix: pd.DataFrame) -> float:
    """AUROC over five folds, all courses of a learner in one of them."""
    risk = pd.Series(0.0, index=matrix.index)
    for fitted, judged in GroupKFold(5).split(matrix, matrix["left"], matrix["student"]):
        risk.iloc[judged] = _risk(matrix.iloc[fitted], matrix.iloc[judged])
    return float(roc_auc_score(matrix["left"], risk))


def judged_on_later_courses(matrix: pd.DataFrame) -> float:
    """AUROC on the courses of 2014, fitted on the learners of 2013 who are not among theirs."""
    judged = matrix[matrix["course"].isin(JUDGED_ON)]
    fitted = matrix[matrix["course"].isin(TRAINED_ON) & ~matrix["student"].isin(judged["student"])]
    return float(roc_auc_score(judged["left"], _risk(fitted, judged)))


def _risk(fitted: pd.DataFrame, judged: pd.DataFrame) -> Floats:
    names = [feature.name for feature in FEATURES]
    booster = LGBMClassifier(
        n_estimators=120,
        num_leaves=15,
        learning_rate=0.05,
        min_child_samples=50,
        n_jobs=2,
        random_state=0,
        verbose=-1,
    )
    booster.fit(fitted[names].to_numpy(), fitted["left"])
    risk: Floats = booster.booster_.predict(judged[names].to_numpy())
    return risk


def lines(shown: Shown) -> list[str]:
    """What was found, in words."""
    said = []
    for trial in shown.trials:
        said.append(
            f"{trial.source.title.en}: {trial.delivered:,} rows = {len(trial.records):,} accepted"
            f" + {len(trial.refused):,} refused"
        )
        for reason, rows in trial.refused["reason"].value_counts().items():
            said.append(f"  {reason}: {rows:,}")
    left = shown.matrix["left"]
    said.append(
        f"{len(FEATURES)} features of {len(shown.matrix):,} learners as of day {AS_OF_DAY};"
        f" {int(left.sum()):,} left later"
    )
    said.append(f"AUROC by folds of learners: {shown.by_folds:.3f}")
    said.append(
        f"AUROC on courses of {', '.join(JUDGED_ON)}, fitted on {', '.join(TRAINED_ON)}, nobody in both:"
        f" {shown.on_later_courses:.3f}"
    )
    return said


if __name__ == "__main__":
    sys.stdout.write("\n".join([*lines(show(Path(sys.argv[1]))), ""]))
