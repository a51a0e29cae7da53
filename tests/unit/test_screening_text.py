"""Does a screening written among others give the text it gives alone?"""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date

from models.explanation import Evidence, FamilyReason, FeatureReason
from models.screening import Coverage, Screening, Written

DAY = date(2026, 10, 1)
RECORDS = (Evidence("school", "r1", date(2026, 9, 1), DAY), Evidence("school", "r2", date(2026, 9, 2), DAY))
ABSENT, NOTHING = FeatureReason("absences", 2.0, 0.5, RECORDS), FeatureReason("bullied", 0.0, 0.0)


def screening(screener: str, *features: FeatureReason) -> Screening:
    return Screening(
        "c1", DAY, screener, "v1", 0.1, 0.2, 0.1, 0.3, 50.0, "higher",
        (FamilyReason("school", 0.5, features),), -0.4, ("police",), None, Coverage(0.5, ("home",)),
    )  # fmt: skip


def by_the_library(said: Screening) -> str:
    return json.dumps(asdict(said), ensure_ascii=False, sort_keys=True, default=date.isoformat)


def test_screenings_that_share_records_and_reasons_are_written_as_each_is_alone():
    other = replace(ABSENT, contribution=0.25)
    given = [
        screening("first", ABSENT, NOTHING),
        screening("second", other, NOTHING),
        screening("third", replace(ABSENT, evidence=RECORDS[1:]), NOTHING),
    ]
    written: Written = {}
    assert [one.to_json(written) for one in given] == [by_the_library(one) for one in given]


def test_what_is_equal_and_written_otherwise_is_not_mixed_up():
    given = [
        screening("one", replace(NOTHING, value=value, contribution=contribution))
        for value in (0.0, -0.0, 1, 1.0, None)
        for contribution in (0.0, -0.0)
    ]
    written: Written = {}
    assert [one.to_json(written) for one in given] == [by_the_library(one) for one in given]


def test_an_object_that_is_gone_lends_its_text_to_no_other():
    def made() -> Iterator[tuple[Screening, str]]:
        for number in range(200):
            record = Evidence("school", f"r{number}", DAY, DAY)
            features = FeatureReason("absences", 1.0, 0.5, (record,)), FeatureReason(f"f{number}", 7.0, 0.0)
            said = screening("one", *features)
            yield said, by_the_library(said)

    written: Written = {}
    for said, text in made():
        assert said.to_json(written) == text
