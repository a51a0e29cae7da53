"""The Open University's enrolments as a table: what was known of each on day 60 of its course.

The source is dated events, so the table is made by our own feature engine as of one day and then judged
like any other (evaluation/external/tables/oulad.toml). Course days become dates from the first of the month a
presentation begins in (B: February, J: October), so that what a student did in another course counts from
the day it happened. An enrolment counts if it had begun and had not been given up by day 60; the outcome is
that it is given up later. A deadline passed without a submission is known the day after, and corrected when
the work comes late. When a result was told is not in the data: it counts from the day of submission, as in
other studies of this table, although markers take days.

    read_tables -> enrolments -> happenings -> records -> the engine's matrix: enrolments_on_day_60
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from evaluation.external.entry import TableError
from evaluation.external.oulad_features import FEATURES, SOURCES, Courses
from features.engine import Engine
from features.language import Source

AS_OF_DAY = 60
MONTHS: Mapping[str, int] = {"B": 2, "J": 10}
FILES: Mapping[str, tuple[str, ...]] = {
    "assessment": ("code_module", "code_presentation", "id_assessment", "assessment_type", "date", "weight"),
    "student": (
        "code_module", "code_presentation", "id_student", "gender", "age_band", "imd_band", "disability",
        "highest_education", "num_of_prev_attempts", "studied_credits",
    ),
    "student_assessment": ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
    "student_registration": (
        "code_module", "code_presentation", "id_student", "date_registration", "date_unregistration",
    ),
}  # fmt: skip
COURSE = ["code_module", "code_presentation"]
ENROLMENT = [*COURSE, "id_student"]


def enrolments_on_day_60(folder: Path) -> pd.DataFrame:
    """One row an enrolment still held on day 60: features as of then, who it is, and the outcome."""
    tables = read_tables(folder)
    held = enrolments(tables)
    asked = pd.DataFrame({"child_key": held["enrolment"], "as_of": as_of_dates(held)})
    happened = happenings(tables, held)
    known = {source.name: records(happened[source.name], source) for source in SOURCES}
    with Engine(known, threads=2) as engine:
        matrix = engine.matrix(asked, FEATURES, {day: frozenset() for day in set(asked["as_of"])})
    features = matrix[[feature.name for feature in FEATURES]]
    return pd.concat([held.reset_index(drop=True), features.reset_index(drop=True)], axis=1)


def read_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """The publisher's tables, with the columns that are needed; TableError if one is not there."""
    return {name: _read(folder, name) for name in FILES}


def as_of_dates(held: pd.DataFrame) -> pd.Series:
    """The day after day 60 of each enrolment's course: all that happened on day 60 is known by then."""
    return dates(held["code_presentation"], pd.Series(AS_OF_DAY + 1, index=held.index))


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise TableError(f"The folder {folder.name} has no {path.name}; it should hold {', '.join(FILES)}.")
    frame = pd.read_parquet(path)
    lacking = [column for column in FILES[name] if column not in frame]
    if lacking:
        raise TableError(f"{path.name} has no column {', '.join(lacking)}.")
    return frame


def enrolments(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Those that had begun by day 60 and were not given up by then."""
    registered = tables["student_registration"].assign(
        begun=_numbers(tables["student_registration"]["date_registration"]),
        left=_numbers(tables["student_registration"]["date_unregistration"]),
    )
    held = tables["student"].merge(registered, on=ENROLMENT, validate="one_to_one")
    held = held[(held["begun"] <= AS_OF_DAY) & ~(held["left"] <= AS_OF_DAY)]
    return held.assign(
        enrolment=held[ENROLMENT].astype(str).agg("_".join, axis=1),
        registered_days_before=AS_OF_DAY - held["begun"],
        course_load=held["studied_credits"],
        gave_up=held["left"].notna().astype(int),
    ).drop(columns=["studied_credits", "left", "begun", "date_registration", "date_unregistration"])


def happenings(tables: Mapping[str, pd.DataFrame], held: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What happened, for each source, in days from the start of each enrolment's course.

    `version` 2 corrects version 1 of its record from the day `known` on, the `superseded` of that one.
    """
    work = tables["assessment"].assign(due=_numbers(tables["assessment"]["date"]))
    work = work[work["assessment_type"].isin(["TMA", "CMA"])]
    kind = work["assessment_type"].map({"TMA": "marked_by_tutor", "CMA": "marked_by_computer"})
    work = work.assign(kind=kind, weight=_numbers(work["weight"]))
    work = work[[*COURSE, "id_assessment", "due", "kind", "weight"]]
    keys = held[[*ENROLMENT, "enrolment"]]
    # Work carried over from an earlier course says nothing of this one.
    given = tables["student_assessment"]
    given = given[~given["is_banked"].astype(bool)].assign(result=_numbers(given["score"]))
    given = given.merge(work, on="id_assessment").merge(keys, on=ENROLMENT)
    due = keys.merge(work[work["due"].notna()], on=COURSE)
    due = due.merge(
        given[["enrolment", "id_assessment", "date_submitted"]], on=["enrolment", "id_assessment"], how="left"
    )
    in_time = (due["date_submitted"] <= due["due"]).to_numpy()
    first = due.assign(
        state=np.where(in_time, "in_time", "missed"), known=due["due"] + 1, points=due["weight"]
    )
    # Work that came late corrects the record on the day it came, and not before.
    came = first[~in_time & first["date_submitted"].notna()]
    came = came.assign(state="late", known=came["date_submitted"] + 1, version=2)
    first = first.assign(
        version=1, superseded=np.where(in_time, np.nan, first["date_submitted"].to_numpy(dtype=float) + 1)
    )
    given = given.assign(
        days_early=given["due"] - given["date_submitted"],
        points=given["weight"] * given["result"] / 100,
        known=given["date_submitted"],
        version=1,
        superseded=np.nan,
    )
    others = _other_courses(tables["student_registration"], keys)
    return {
        Courses.other_courses.name: others,
        Courses.submissions.name: given.assign(day=given["date_submitted"]),
        Courses.deadlines.name: pd.concat([first, came.assign(superseded=np.nan)]).assign(
            day=lambda rows: rows["due"]
        ),
    }


def _other_courses(registrations: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """What each student did in other courses, in days from the start of that one."""
    others = keys.merge(registrations, on="id_student", suffixes=("", "_other"))
    own = (others["code_module"] == others["code_module_other"]) & (
        others["code_presentation"] == others["code_presentation_other"]
    )
    others = others[~own]
    first = [_begins(one) for one in others["code_presentation"]]
    other = [_begins(one) for one in others["code_presentation_other"]]
    between = np.array([(b - a).days for a, b in zip(first, other, strict=True)])
    begun = others.assign(event="begun", day=between)
    left = others.assign(event="given_up", day=between + _numbers(others["date_unregistration"]))
    events = pd.concat([begun, left[left["day"].notna()]])
    course = events["code_module_other"] + events["code_presentation_other"]
    return events.assign(
        id_assessment=course + events["event"], known=events["day"], version=1, superseded=np.nan
    )


def records(happened: pd.DataFrame, source: Source) -> pd.DataFrame:
    """In the columns of compacted records; what became known after the as-of day is left out."""
    rows = happened[happened["known"] <= AS_OF_DAY + 1]
    rows = rows.sort_values(["enrolment", "day", "known", "id_assessment"], ignore_index=True)
    course = rows["code_presentation"]
    return pd.DataFrame(
        {
            "child_key": rows["enrolment"],
            "record_id": rows["id_assessment"].astype(str),
            "version": rows["version"].astype("int64"),
            "occurred_on": dates(course, rows["day"]),
            "known_on": dates(course, rows["known"]),
            "delivery": "oulad",
            **{column.name: rows[column.name] for column in source.columns},
            "superseded_on": dates(course, rows["superseded"]),
            "ordinal": np.arange(len(rows)),
        }
    )


def _begins(presentation: str) -> date:
    return date(int(presentation[:4]), MONTHS[presentation[4:]], 1)


def dates(presentations: pd.Series, days: pd.Series) -> pd.Series:
    """Days of these courses as dates; None where there is none."""
    first = {one: _begins(one) for one in presentations.unique()}
    return pd.Series(
        [
            None if pd.isna(day) else first[one] + timedelta(days=int(day))
            for one, day in zip(presentations, days, strict=True)
        ],
        index=days.index,
        dtype=object,
    )


def _numbers(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce")
