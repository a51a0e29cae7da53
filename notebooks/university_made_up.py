"""Tables with the columns of the Open University's and nobody in them, for whoever has not got the real ones.

Who is about to leave hands less work in; one score and one date cannot be read, so that a contract has
something to refuse.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from notebooks.own_source import STARTS

SEED = 5


def make_up(folder: Path, learners: int) -> Path:
    """Write the four tables with this many learners, over all courses alike; gives the folder back."""
    rng = np.random.default_rng(SEED)
    courses = [(course, number) for number, course in enumerate(STARTS)]
    due = {course: [(100 * number + day, day) for day in (20, 50, 100)] for course, number in courses}
    each = learners // len(courses)
    who = [(course, 1_000_000 * number + n) for course, number in courses for n in range(each)]
    common = pd.DataFrame(who, columns=["code_presentation", "id_student"]).assign(code_module="AAA")
    leaving = rng.random(len(common)) < 0.3
    common.assign(studied_credits=60, num_of_prev_attempts=0).to_parquet(folder / "student.parquet")
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
