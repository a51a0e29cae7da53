"""Tables with the columns of the Open University's and nobody in them, for whoever has not got the real ones.

Who is about to leave hands less work in, every tenth learner takes all courses one after the other; one
score and one date cannot be read, so that a contract has something to refuse.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SEED = 5
COURSES = ("2013B", "2013J", "2014B", "2014J")


def make_up(folder: Path, learners: int) -> Path:
    """Write the four tables with this many enrolments, over all courses alike; gives the folder back."""
    rng = np.random.default_rng(SEED)
    due = {
        course: [(100 * number + day, day) for day in (20, 50, 100)] for number, course in enumerate(COURSES)
    }
    who = [
        (course, n if n % 10 == 0 else 1_000_000 * number + n)
        for number, course in enumerate(COURSES)
        for n in range(learners // len(COURSES))
    ]
    common = pd.DataFrame(who, columns=["code_presentation", "id_student"]).assign(code_module="AAA")
    leaving = rng.random(len(common)) < 0.3
    common.assign(
        gender="F", age_band="0-35", imd_band="?", disability=False, highest_education="HE Qualification",
        studied_credits=60, num_of_prev_attempts=0,
    ).to_parquet(folder / "student.parquet")  # fmt: skip
    common.assign(
        date_registration=["", *["-20"] * (len(common) - 1)],
        date_unregistration=np.where(leaving, "90", None),
    ).to_parquet(folder / "student_registration.parquet")
    pd.DataFrame(
        [
            ("AAA", course, number, "TMA", str(day), 10.0)
            for course, all_due in due.items()
            for number, day in all_due
        ],
        columns=["code_module", "code_presentation", "id_assessment", "assessment_type", "date", "weight"],
    ).to_parquet(folder / "assessment.parquet")
    pd.DataFrame(
        [
            (number, student, day - 1, False, "?" if student == 1 else str(int(rng.integers(40, 100))))
            for (course, student), leaves in zip(who, leaving, strict=True)
            for number, day in due[course]
            if rng.random() < (0.4 if leaves else 0.9)
        ],
        columns=["id_assessment", "id_student", "date_submitted", "is_banked", "score"],
    ).to_parquet(folder / "student_assessment.parquet")
    return folder
