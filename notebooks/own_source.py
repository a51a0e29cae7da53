"""A source and features of one's own county, on real dated events: the Open University's learners.

    python -m notebooks.own_source FOLDER

FOLDER holds the publisher's tables (Kuzilek et al. 2017, CC BY 4.0) as Parquet: student, assessment,
student_registration, student_assessment. They are not part of this repository and nothing of them is kept.

Shown is what a data scientist of another county does: one declaration a source, one a feature, in every
form of the language (notebooks/university.py); real rows through the contract, refused rows with their
reason; features as of day 60 of each course, from what was known by then; and a first screener of
withdrawal after that day, judged with nobody in both parts: by folds, and on the courses of 2014 when
fitted on those of 2013. The learners are grown up and the courses are online: it shows that the tools
work on records that nobody simulated, not that any child could be screened.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from features.engine import Engine
from features.trial import Trial, person, try_source
from notebooks.university import FEATURES, SOURCES

Floats = NDArray[np.float64]

DAY = 60
# Deadlines are written out up to this day of a course; those after day 60 must tell nothing.
SOON = 120
RECEIVED_ON = date(2016, 1, 1)
# The publisher gives days relative to the start of a course and says the month it began.
STARTS = {
    "2013B": date(2013, 2, 1),
    "2013J": date(2013, 10, 1),
    "2014B": date(2014, 2, 1),
    "2014J": date(2014, 10, 1),
}
TRAINED_ON, JUDGED_ON = ("2013B", "2013J"), ("2014B", "2014J")
# Numbers here are the publisher's and nobody's; a county would give its own key.
SECRET = b"open university learning analytics"


# --- the publisher's tables, in our columns ----------------------------------------------------------


def enrolments(folder: Path) -> pd.DataFrame:
    """One row a registration: whose it is, when the course began, and the day it was given up, if it was."""
    rows = pd.read_parquet(folder / "student_registration.parquet")
    rows["starts_on"] = pd.to_datetime(rows["code_presentation"].map(STARTS))
    rows["learner"] = _learner(rows)
    about = ["code_module", "code_presentation", "id_student", "studied_credits", "num_of_prev_attempts"]
    rows = rows.merge(pd.read_parquet(folder / "student.parquet", columns=about), on=about[:3])
    for name in ("date_registration", "date_unregistration"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce")
    return rows


def delivered(folder: Path, registered: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The rows of each source under our column names, as a county would write them out."""
    asked = pd.read_parquet(folder / "assessment.parquet")
    asked["due"] = pd.to_numeric(asked["date"], errors="coerce")
    work = pd.read_parquet(folder / "student_assessment.parquet").merge(asked, on="id_assessment")
    handed_in = _dates(work["code_presentation"].map(STARTS), work["date_submitted"])
    submissions = pd.DataFrame(
        {
            "record_id": [f"{a}-{s}" for a, s in zip(work["id_assessment"], work["id_student"], strict=True)],
            "id_number": _learner(work),
            "occurred_on": handed_in,
            "recorded_on": handed_in,
            "kind": work["assessment_type"],
            "score": work["score"],
            "days_late": (work["date_submitted"] - pd.to_numeric(work["date"], errors="coerce")).astype(
                "Int64"
            ),
            "carried_over": work["is_banked"].map({True: "yes", False: "no"}),
        }
    )
    registered_on = _dates(registered["starts_on"], registered["date_registration"])
    registrations = pd.DataFrame(
        {
            "record_id": [f"R{place}" for place in range(len(registered))],
            "id_number": registered["learner"],
            "occurred_on": registered_on,
            "recorded_on": registered_on,
            "begins_on": registered["starts_on"].dt.strftime("%Y-%m-%d"),
            "load": registered["studied_credits"],
            "attempts": registered["num_of_prev_attempts"],
        }
    )
    due = registered.merge(asked[asked["due"] < SOON], on=["code_module", "code_presentation"])
    due = due.merge(work[["id_assessment", "id_student", "date_submitted"]], how="left")
    due_on = _dates(due["starts_on"], due["due"])
    deadlines = pd.DataFrame(
        {
            "record_id": [f"D{place}" for place in range(len(due))],
            "id_number": due["learner"],
            "occurred_on": due_on,
            "recorded_on": due_on,
            "handed_in": (due["date_submitted"] <= due["due"]).map({True: "yes", False: "no"}),
            "weight": due["weight"],
        }
    )
    return {"submissions": submissions, "registrations": registrations, "deadlines": deadlines}


def _learner(rows: pd.DataFrame) -> pd.Series:
    return rows["code_module"] + " " + rows["code_presentation"] + " " + rows["id_student"].astype(str)


def _dates(starts: pd.Series, days: pd.Series) -> pd.Series:
    texts = (pd.to_datetime(starts) + pd.to_timedelta(days, unit="D")).dt.strftime("%Y-%m-%d")
    return texts.where(days.notna(), None)


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
    registered = enrolments(folder)
    rows = delivered(folder, registered)
    trials = tuple(try_source(source, rows[source.name], RECEIVED_ON, SECRET) for source in SOURCES)
    matrix = as_of_day_60(trials, registered)
    return Shown(trials, matrix, judged_by_folds(matrix), judged_on_later_courses(matrix))


def as_of_day_60(trials: Sequence[Trial], registered: pd.DataFrame) -> pd.DataFrame:
    """The learners still registered after day 60, what was known of them by then, and who left later."""
    given_up = registered["date_unregistration"]
    there = registered[(registered["date_registration"] <= DAY) & ~(given_up <= DAY)]
    asked = pd.DataFrame(
        {
            "child_key": [person(learner, SECRET) for learner in there["learner"]],
            "as_of": [day.date() + timedelta(days=DAY + 1) for day in there["starts_on"]],
        }
    )
    heard = {day: frozenset[str]() for day in asked["as_of"]}
    with Engine({trial.source.name: trial.records for trial in trials}) as engine:
        matrix = engine.matrix(asked, FEATURES, heard)
    return matrix.assign(
        course=there["code_presentation"].to_numpy(),
        student=there["id_student"].to_numpy(),
        left=there["date_unregistration"].notna().to_numpy(),
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
        f"{len(FEATURES)} features of {len(shown.matrix):,} learners as of day {DAY};"
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
