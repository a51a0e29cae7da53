"""The enrolments' table holds what was known on day 60, and nothing of later days."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.external.entry import TableError
from evaluation.external.oulad import enrolments_on_day_60

COURSE = {"code_module": "AAA", "code_presentation": "2013J"}


def written(folder: Path, submissions: list[tuple[int, int, int, str]], registrations: list[tuple]) -> Path:
    """A made-up course with three pieces of work, due on days 20, 50 and 70."""
    pd.DataFrame(
        [
            {**COURSE, "id_assessment": number, "assessment_type": kind, "date": due, "weight": weight}
            for number, kind, due, weight in (
                (1, "TMA", "20", 10.0),
                (2, "CMA", "50", 5.0),
                (3, "TMA", "70", 20.0),
            )
        ]
    ).to_parquet(folder / "assessment.parquet")
    pd.DataFrame(
        [
            {
                "code_module": module,
                "code_presentation": term,
                "id_student": student,
                "date_registration": begun,
                "date_unregistration": left,
            }
            for module, term, student, begun, left in registrations
        ]
    ).to_parquet(folder / "student_registration.parquet")
    pd.DataFrame(
        [
            {"code_module": module, "code_presentation": term, "id_student": student, "gender": "F", "age_band": "0-35", "imd_band": "?",
             "disability": False, "highest_education": "HE Qualification", "num_of_prev_attempts": 0, "studied_credits": 60}
            for module, term, student, _, _ in registrations
        ]
    ).to_parquet(folder / "student.parquet")  # fmt: skip
    pd.DataFrame(
        [
            {
                "id_assessment": number,
                "id_student": student,
                "date_submitted": day,
                "is_banked": False,
                "score": score,
            }
            for number, student, day, score in submissions
        ]
    ).to_parquet(folder / "student_assessment.parquet")
    return folder


def test_only_what_had_happened_by_day_60_counts(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        [(1, 7, 20, "80"), (2, 7, 60, "40"), (3, 7, 61, "100")],
        [("AAA", "2013J", 7, "-20", "90")],
    )

    (row,) = enrolments_on_day_60(folder).to_dict(orient="records")

    assert (row["submissions_120d"], row["result_mean_120d"], row["points_earned_120d"]) == (2, 60, 10)
    assert (row["days_since_submission_120d"], row["deadlines_120d"]) == (1, 2)
    assert (row["gave_up"], row["registered_days_before"]) == (1, 80)


def test_late_work_corrects_a_missed_deadline_from_the_day_it_came(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        [(1, 7, 59, "80"), (1, 8, 61, "80")],
        [("AAA", "2013J", 7, "-20", "?"), ("AAA", "2013J", 8, "-20", "?")],
    )

    rows = enrolments_on_day_60(folder).set_index("id_student")

    assert rows["late_120d"].to_dict() == {7: 1, 8: 0}
    assert rows["missed_120d"].to_dict() == {7: 1, 8: 2}
    assert rows["points_missed_120d"].to_dict() == {7: 5, 8: 15}


def test_who_had_given_up_or_not_begun_by_day_60_has_no_row(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        [(1, 7, 10, "80")],
        [("AAA", "2013J", 7, "-20", "60"), ("AAA", "2013J", 8, "61", "?"), ("AAA", "2013J", 9, "-1", "61")],
    )

    assert enrolments_on_day_60(folder)["id_student"].tolist() == [9]


def test_another_course_counts_from_the_day_it_was_begun_or_given_up(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        [(1, 7, 10, "80")],
        [
            ("AAA", "2013J", 7, "-20", "?"),
            ("BBB", "2013B", 7, "-20", "30"),
            ("BBB", "2013J", 7, "-20", "61"),
            ("BBB", "2014B", 7, "-20", "70"),
        ],
    )

    rows = enrolments_on_day_60(folder)
    row = rows[(rows["code_module"] == "AAA")].iloc[0]

    assert (row["others_begun_730d"], row["others_begun_120d"], row["others_given_up_730d"]) == (2, 1, 1)


def test_a_folder_without_a_table_or_a_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"has no assessment\.parquet; it should hold assessment, student"):
        enrolments_on_day_60(tmp_path)

    folder = written(tmp_path, [(1, 7, 10, "80")], [("AAA", "2013J", 7, "-20", "?")])
    pd.read_parquet(folder / "assessment.parquet").drop(columns="weight").to_parquet(
        folder / "assessment.parquet"
    )

    with pytest.raises(TableError, match=r"assessment\.parquet has no column weight"):
        enrolments_on_day_60(folder)
