"""The interface other teams build on changes only when somebody means it to."""

import json

from serving import problems
from serving.api.operations import OPERATIONS
from serving.interface_document import INTERFACE_FILE
from serving.interface_document import render as interface
from serving.openapi import OPENAPI_FILE, document, render
from serving.schemas import ScoreBatchRequest, ScoreRequest


def test_the_openapi_document_is_current():
    assert OPENAPI_FILE.read_text(encoding="utf-8") == render(), "run: python -m serving document"


def test_the_document_for_case_systems_is_current():
    assert INTERFACE_FILE.read_text(encoding="utf-8") == interface(), "run: python -m serving document"


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
        f"urn:miaohu:problem:{name}": status
        for name, status in {
            "invalid-request": 400,
            "idempotency-key-required": 400,
            "unauthenticated": 401,
            "missing-scope": 403,
            "unknown-child": 404,
            "unknown-case": 404,
            "unknown-record": 404,
            "unknown-export": 404,
            "not-found": 404,
            "method-not-allowed": 405,
            "step-refused": 409,
            "still-running": 409,
            "version-changed": 412,
            "too-large": 413,
            "unsupported-media-type": 415,
            "idempotency-key-reused": 422,
            "version-required": 428,
            "too-many-requests": 429,
            "internal": 500,
            "no-champion": 503,
            "no-records": 503,
            "busy": 503,
            "timeout": 504,
        }.items()
    }


def test_every_body_of_the_queue_has_an_example_that_fits_and_every_operation_says_its_scope():
    paths = document()["paths"]

    for operation in OPERATIONS:
        described = paths[operation.path][operation.method.lower()]
        assert described["operationId"] == operation.name
        scope = "any key" if operation.scope is None else f"scope `{operation.scope.value}`"
        assert described["description"] == f"Needs {scope}."
        if operation.body is not None:
            example = described["requestBody"]["content"]["application/json"]["example"]
            assert operation.body.model_validate_json(json.dumps(example))
