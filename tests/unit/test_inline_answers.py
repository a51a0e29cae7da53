"""Answers sent along with a request are scored as at intake, and are in nothing that is made of them."""

from datetime import date

import pytest

from features.sources import SOURCES, Instruments
from serving.inline import Refused, as_taken_in
from serving.problems import Problem
from serving.schemas import RECORD_MODELS, InlineRecords
from serving.scoring import inline_records
from tests.support_instruments import form

SOURCE = Instruments.instrument_results
AS_OF = date(2026, 9, 1)


def sent(**cells: object) -> dict[str, object]:
    return {"occurred_on": "2026-05-04", "instrument": "phq9", "informant": "self", **cells}


def read(*rows: dict[str, object]):
    request = InlineRecords.model_validate_json(_json({SOURCE.name: list(rows)}))
    return inline_records(request, AS_OF)[SOURCE.name]


def _json(body: object) -> str:
    import json

    return json.dumps(body)


def test_answers_become_the_result_and_are_gone():
    [record] = read(sent(answers=form("phq9", 1, i9=2), pupil_age=12))

    said = record.values
    assert (said["total"], said["band"], said["level"], said["state"]) == (10.0, "moderate", 2.0, "scored")
    assert (said["safety_item"], said["at_cut_off"]) == ("yes", "yes")
    assert not {"answers", "pupil_age", "validity_passed"} & set(said)


def test_a_total_takes_its_band_and_a_safety_item_alone_counts():
    total, only = read(sent(instrument="gad7", total=12), sent(safety_item="yes"))

    assert (total.values["band"], total.values["level"]) == ("moderate", 2.0)
    assert (only.values["safety_item"], only.values["state"]) == ("yes", "safety_only")


def test_a_result_scored_elsewhere_is_taken_as_it_is():
    [record] = read(sent(state="scored", total=10, band="moderate", level=2))

    assert (record.values["total"], record.values["level"]) == (10.0, 2.0)


@pytest.mark.parametrize(
    ("cells", "field", "says"),
    [
        ({"answers": form("phq9", 0) | {10: 1}}, "answers", "an item or a value that the instrument has not"),
        ({"total": 99}, "total", "no total that the instrument named can have"),
        ({"answers": form("phq9", 0), "total": 9}, "total", "not the total that the answers add up to"),
        ({"answers": form("phq9", 1), "level": 2}, "level", "worked out from answers; send one of the two"),
        ({}, "answers", "are all empty"),
    ],
)
def test_what_intake_would_refuse_is_refused_with_its_field_and_no_answer(cells, field, says):
    with pytest.raises(Problem) as caught:
        read(sent(**cells))

    [error] = caught.value.errors
    assert error.field == f"records.instrument_results[0].{field}"
    assert says in error.message


@pytest.mark.parametrize("answers", ["1:0", {"0": 1}, {"1": "2"}, {"1": 0.5}, {}, {"one": 1}])
def test_answers_are_numbers_by_item_number(answers):
    with pytest.raises(ValueError, match="answers"):
        RECORD_MODELS[SOURCE.name].model_validate_json(_json(sent(answers=answers)))


def test_records_of_other_sources_are_taken_as_they_are_sent():
    for source in SOURCES:
        if source.derive is None:
            assert as_taken_in(source, {}) == dict.fromkeys(column.name for column in source.lake_columns)


def test_a_refusal_says_which_field():
    with pytest.raises(Refused) as caught:
        as_taken_in(SOURCE, {"instrument": "phq9", "informant": "self"})

    assert caught.value.field == "answers"
