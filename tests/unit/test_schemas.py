"""What may be sent to the scoring endpoint, and what comes back when it does not fit."""

import json
from datetime import date

import pytest
from pydantic import ValidationError

from features.language import Department, Kind, Personal
from features.sources import SOURCES
from serving.problems import from_pydantic
from serving.schemas import INLINE_SOURCES, RECORD_MODELS, ChildReference, ScoreBatchRequest, ScoreRequest

ABSENCE = {"occurred_on": "2026-09-10", "kind": "unexplained"}


def refused(body: object, model: type = ScoreRequest) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(body))
    problem = from_pydantic(caught.value.errors(include_input=False, include_context=False))
    return [(error.field, error.message) for error in problem.errors]


def test_every_declared_source_may_be_sent_inline_but_the_queue_s_own():
    expected = {source.name for source in SOURCES if source.department is not Department.REVIEW}

    assert set(RECORD_MODELS) == expected
    assert "dispositions" not in expected


@pytest.mark.parametrize("source", INLINE_SOURCES, ids=lambda source: source.name)
def test_a_record_has_its_dates_and_the_declared_columns_and_nothing_that_identifies(source):
    fields = set(RECORD_MODELS[source.name].model_fields)

    own = {c.name for c in source.columns if c.personal is not Personal.DIRECT}
    assert fields == {"occurred_on", "known_on", "record_id"} | own
    assert not fields & {"id_number", "name"}


@pytest.mark.parametrize("source", INLINE_SOURCES, ids=lambda source: source.name)
def test_a_code_that_is_not_declared_is_refused(source):
    for column in source.lake_columns:
        if column.kind is Kind.CODE:
            found = refused({"records": {source.name: [{"occurred_on": "2024-01-01", column.name: "zz"}]}})

            field = f"records.{source.name}[0].{column.name}"
            assert field in [name for name, _ in found]
            assert "zz" not in str(found)


def test_one_child_is_named_in_exactly_one_way():
    message = "needs exactly one of id_number, child_key, records"

    assert refused({}) == [("body", message)]
    assert refused({"id_number": "330109201501010011", "child_key": "c1"}) == [("body", message)]
    assert refused({}, ChildReference) == [("body", "needs exactly one of id_number, child_key")]


def test_a_record_inline_is_known_on_the_day_it_occurred_unless_said_otherwise():
    request = ScoreRequest.model_validate(
        {"records": {"absences": [{"occurred_on": date(2026, 9, 10), "kind": "sick"}]}}
    )

    assert request.records.absences[0].known_on is None
    assert request.records.household_changes is None


@pytest.mark.parametrize(
    ("model", "body", "field", "message"),
    [
        (ScoreRequest, {"id_number": "110"}, "id_number", "must have at least 15 characters"),
        (ScoreRequest, {"id_number": 110}, "id_number", "must be text, in quotes"),
        (ScoreBatchRequest, {"children": []}, "children", "must have at least 1 item"),
        (
            ScoreBatchRequest,
            {"children": [{"child_key": "c"}] * 10_001},
            "children",
            "must have at most 10000 items",
        ),
        (ScoreBatchRequest, {"children": {}}, "children", "must be a list"),
    ],
)
def test_a_limit_is_named_in_plain_words_without_how_much_was_sent(model, body, field, message):
    assert refused(body, model) == [(field, message)]


@pytest.mark.parametrize("field", ["3301", "zhang_san", "姓名"])
def test_an_undeclared_field_is_refused_without_repeating_its_name(field):
    assert refused({"child_key": "c1", field: 1}) == [("body", "holds a field that is not declared")]
    record = refused({"records": {"absences": [{**ABSENCE, field: 1}]}})
    assert record == [
        (
            "records.absences[0]",
            "holds a field that is not declared; declared are occurred_on, known_on, record_id, kind, sessions",
        )
    ]


@pytest.mark.parametrize("value", [86400, "2026-9-1", "2026-02-30", "2026-09-01T00:00", "20260901", None, ""])
def test_a_day_is_written_as_year_month_day(value):
    found = refused({"records": {"absences": [{**ABSENCE, "occurred_on": value}]}})

    assert [field for field, _ in found] == ["records.absences[0].occurred_on"]
    assert str(found).count("YYYY-MM-DD") == 1


def test_numbers_stay_inside_their_declared_bounds():
    found = refused({"records": {"absences": [{**ABSENCE, "sessions": 13}, {**ABSENCE, "sessions": "2"}]}})

    assert [field for field, _ in found] == ["records.absences[0].sessions", "records.absences[1].sessions"]


def test_keeping_is_asked_for_inline_records_only():
    assert refused({"child_key": "c1", "keep": True}) == [
        ("body", "keep is for records sent inline; the screening of a known child is always kept")
    ]


def test_a_batch_is_neither_empty_nor_larger_than_ten_thousand():
    children = [{"child_key": "c1"}]

    assert len(ScoreBatchRequest.model_validate({"children": children * 10_000}).children) == 10_000
    assert [field for field, _ in refused({"children": []}, ScoreBatchRequest)] == ["children"]
    assert [field for field, _ in refused({"children": children * 10_001}, ScoreBatchRequest)] == ["children"]


def test_no_refusal_repeats_what_was_sent():
    number, name = "330109201501010011", "张小明"
    bodies = [
        {"id_number": number * 3},
        {"id_number": [number]},
        {"child_key": "c1", number: name},
        {"records": {number: []}},
        {"records": {"absences": [{**ABSENCE, "kind": name, "record_id": number * 9, "sessions": number}]}},
        {"records": {"residence": [{"occurred_on": number, "birth_on": name, "area_code": 3301092015}]}},
        {"child_key": "c1", "as_of": number},
    ]

    for body in bodies:
        text = str(refused(body))
        assert number not in text
        assert name not in text
        assert "3301092015" not in text
