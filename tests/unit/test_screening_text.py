"""Does a screening written among others give the text it gives alone?"""

import json
import math
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.explanation import Evidence, FamilyReason, FeatureReason
from models.screening import Coverage, Screening, Written, numbers_text
from tests.support_models import written_by_the_library

DAY = date(2026, 10, 1)
RECORDS = (Evidence("school", "r1", date(2026, 9, 1), DAY), Evidence("school", "r2", date(2026, 9, 2), DAY))
ABSENT, NOTHING = FeatureReason("absences", 2.0, 0.5, RECORDS), FeatureReason("bullied", 0.0, 0.0)


def screening(screener: str, *features: FeatureReason) -> Screening:
    return Screening(
        "c1", DAY, screener, "v1", 0.1, 0.2, 0.1, 0.3, 50.0, "higher",
        (FamilyReason("school", 0.5, features),), -0.4, ("police",), None, Coverage(0.5, ("home",)),
    )  # fmt: skip


def test_screenings_that_share_records_and_reasons_are_written_as_each_is_alone():
    other = ABSENT._replace(contribution=0.25)
    given = [
        screening("first", ABSENT, NOTHING),
        screening("second", other, NOTHING),
        screening("third", ABSENT._replace(evidence=RECORDS[1:]), NOTHING),
    ]
    written: Written = {}
    assert [one.to_json(written) for one in given] == [written_by_the_library(one) for one in given]


def test_what_is_equal_and_written_otherwise_is_not_mixed_up():
    given = [
        screening("one", NOTHING._replace(value=value, contribution=contribution))
        for value in (0.0, -0.0, 1, 1.0, None)
        for contribution in (0.0, -0.0)
    ]
    written: Written = {}
    assert [one.to_json(written) for one in given] == [written_by_the_library(one) for one in given]


def test_an_object_that_is_gone_lends_its_text_to_no_other():
    def made() -> Iterator[tuple[Screening, str]]:
        for number in range(200):
            record = Evidence("school", f"r{number}", DAY, DAY)
            features = FeatureReason("absences", 1.0, 0.5, (record,)), FeatureReason(f"f{number}", 7.0, 0.0)
            said = screening("one", *features)
            yield said, written_by_the_library(said)

    written: Written = {}
    for said, text in made():
        assert said.to_json(written) == text


@example([9.999e-5, 1e-4, 1e16, 9999999999999998.0, 5e-324, -0.0, 1.0, 1, None])
@given(st.lists(st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_many_numbers_are_written_as_the_library_writes_each(values):
    assert numbers_text(values) == [json.dumps(value) for value in values]


@pytest.mark.parametrize("missing", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_has_not_is_refused_among_others(missing):
    with pytest.raises(ValueError, match="JSON cannot"):
        numbers_text([0.5, missing])
