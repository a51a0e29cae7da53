"""The interface other teams build on changes only when somebody means it to."""

import json

from serving import problems
from serving.openapi import OPENAPI_FILE, document, render
from serving.schemas import ScoreBatchRequest, ScoreRequest


def test_the_openapi_document_is_current():
    assert OPENAPI_FILE.read_text(encoding="utf-8") == render(), "run: python -m serving document"


def test_every_example_fits_its_schema():
    models = {"/v1/score": ScoreRequest, "/v1/score_batch": ScoreBatchRequest}
    for path, model in models.items():
        content = document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert content["examples"]
        for example in content["examples"].values():
            assert model.model_validate_json(json.dumps(example["value"]))


def test_every_reference_leads_somewhere():
    whole = document()
    text = json.dumps(whole)

    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert names
    assert names <= set(whole["components"]["schemas"])


def test_problem_types_are_stable():
    assert {kind.uri: kind.status for kind in problems.KINDS} == {
        "urn:miaohu:problem:invalid-request": 400,
        "urn:miaohu:problem:unauthenticated": 401,
        "urn:miaohu:problem:unknown-child": 404,
        "urn:miaohu:problem:not-found": 404,
        "urn:miaohu:problem:method-not-allowed": 405,
        "urn:miaohu:problem:too-large": 413,
        "urn:miaohu:problem:unsupported-media-type": 415,
        "urn:miaohu:problem:too-many-requests": 429,
        "urn:miaohu:problem:internal": 500,
        "urn:miaohu:problem:no-champion": 503,
        "urn:miaohu:problem:no-records": 503,
        "urn:miaohu:problem:busy": 503,
        "urn:miaohu:problem:timeout": 504,
    }
