"""The whole machine interface as one OpenAPI 3.1 document, generated from schemas, operations and problems.

`python -m serving document` writes serving/openapi.json; a test fails when it is stale.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from serving import problems, signing
from serving.api import document as queue
from serving.api import tokens
from serving.api.shapes import WebhookBody
from serving.callers import KeyScope
from serving.review.webhooks import Event
from serving.schemas import ScoreAnswer, ScoreBatchAnswer, ScoreBatchRequest, ScoreRequest

OPENAPI_FILE = Path(__file__).parent / "openapi.json"

# What each address may refuse with, beside the refusals of the door that stand before both.
_DOOR = (
    problems.INVALID_REQUEST, problems.UNAUTHENTICATED, problems.MISSING_SCOPE, problems.METHOD_NOT_ALLOWED,
    problems.TOO_LARGE, problems.UNSUPPORTED_MEDIA_TYPE, problems.TOO_MANY_REQUESTS, problems.INTERNAL,
    problems.NO_CHAMPION, problems.NO_LAKE, problems.BUSY, problems.TIMEOUT,
)  # fmt: skip

_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457 problem details. No value that was sent is ever repeated in one.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "enum": [kind.uri for kind in problems.KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string", "description": "As in X-Request-Id, and in the service's log."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "examples": ["records.absences[2].known_on"]},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

_EXAMPLES: dict[str, dict[str, Any]] = {
    "ScoreRequest": {
        "by_child_key": {
            "summary": "A child whose records are here",
            "value": {"child_key": "cexampleexampleexampleexamp"},
        },
        "stored_row": {
            "summary": "By the feature row kept last: nothing is computed from records",
            "value": {"child_key": "cexampleexampleexampleexamp", "stored": True},
        },
        "inline": {
            "summary": "Records sent along; sources left out are not known",
            "value": {
                "as_of": "2026-10-01",
                "records": {
                    "residence": [
                        {
                            "occurred_on": "2024-03-05",
                            "birth_on": "2015-06-01",
                            "sex": "female",
                            "area_code": "330109001001",
                            "hukou_area": "341203",
                            "arrived_on": "2024-02-20",
                            "living_with": "grandparents",
                        }
                    ],
                    "absences": [
                        {
                            "occurred_on": "2026-09-10",
                            "known_on": "2026-09-25",
                            "kind": "unexplained",
                            "sessions": 2,
                        }
                    ],
                },
            },
        },
    },
    "ScoreBatchRequest": {
        "two_children": {
            "summary": "Two children whose records are here",
            "value": {
                "children": [
                    {"child_key": "cexampleexampleexampleexamp"},
                    {"child_key": "cexampleexampleexampleexamq"},
                ],
                "as_of": "2026-10-01",
            },
        }
    },
}


_SAYS = {"application/json": {"schema": {"$ref": queue.REF.format(model="TokenError")}}}
_TOKEN: dict[str, Any] = {
    "operationId": "new_token",
    "summary": "Change a key for a short-lived token (OAuth 2.0 client credentials)",
    "description": (
        "The client's id and its key come by HTTP Basic or in the form, never in both. The token goes with"
        " every other request as a bearer, opens some or all of what the key opens, and nothing once the key"
        " is revoked."
    ),
    "security": [{"basic": []}, {}],
    "requestBody": {
        "required": True,
        "content": {
            tokens.MEDIA_TYPE: {
                "schema": {"$ref": queue.REF.format(model="TokenRequest")},
                "example": {"grant_type": tokens.GRANT, "scope": "read work"},
            }
        },
    },
    "responses": {
        "200": {
            "description": "The token, shown this once",
            "content": {"application/json": {"schema": {"$ref": queue.REF.format(model="Token")}}},
        },
        "400": {"description": "What RFC 6749, 5.2 has a word for", "content": _SAYS},
        "401": {"description": "No live key of this client (invalid_client)", "content": _SAYS},
        **queue.refusals(
            (
                problems.METHOD_NOT_ALLOWED, problems.TOO_LARGE, problems.TOO_MANY_REQUESTS,
                problems.INTERNAL, problems.BUSY, problems.TIMEOUT,
            )
        ),
    },
}  # fmt: skip
_TOKEN_SCHEMAS: dict[str, Any] = {
    "TokenRequest": {
        "type": "object",
        "required": ["grant_type"],
        "properties": {
            "grant_type": {"type": "string", "enum": [tokens.GRANT]},
            "scope": {
                "type": "string",
                "description": "Some of the key's scopes, apart by blanks; all if left out.",
            },
            "client_id": {
                "type": "string",
                "description": "The client of the key, unless it comes by HTTP Basic.",
            },
            "client_secret": {"type": "string", "description": "The key, unless it comes by HTTP Basic."},
        },
    },
    "Token": {
        "type": "object",
        "required": ["access_token", "token_type", "expires_in", "scope"],
        "properties": {
            "access_token": {"type": "string"},
            "token_type": {"type": "string", "enum": ["Bearer"]},
            "expires_in": {"type": "integer", "description": "Seconds."},
            "scope": {"type": "string"},
        },
    },
    "TokenError": {
        "type": "object",
        "required": ["error", "error_description"],
        "properties": {
            "error": {"type": "string", "enum": list(tokens.ERRORS)},
            "error_description": {"type": "string"},
        },
    },
}


def document() -> dict[str, Any]:
    """The whole document."""
    _, schemas = models_json_schema(
        [
            (ScoreRequest, "validation"),
            (ScoreBatchRequest, "validation"),
            (ScoreAnswer, "serialization"),
            (ScoreBatchAnswer, "serialization"),
            (WebhookBody, "validation"),
        ],
        ref_template=queue.REF,
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Miaohu for case systems",
            "version": "1",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": (
                "Screens a child on an as-of date and says why. The answer is for a trained person to act on;"
                " it is never a diagnosis, opens no alert by itself and expires. Under /api/v1 the queue:"
                " alerts, cases, what was done and what was concluded. A new field, operation, code or"
                " problem type may come at any time, so read what you know and pass over the rest;"
                " whatever else changes gets a new version in the address, and the old one stays for a year."
            ),
        },
        "security": queue.security(KeyScope.SCORE),
        "paths": {
            "/v1/score": _path(
                "score", "Screen one child", "ScoreRequest", "ScoreAnswer", (*_DOOR, problems.UNKNOWN_CHILD)
            ),
            "/v1/score_batch": _path(
                "score_batch",
                "Screen up to ten thousand children",
                "ScoreBatchRequest",
                "ScoreBatchAnswer",
                _DOOR,
            ),
            **queue.paths(),
            tokens.PATH: {"post": _TOKEN},
        },
        "webhooks": {event.value: {"post": _told(event)} for event in Event},
        "components": {
            "schemas": {**schemas["$defs"], **queue.schemas(), **_TOKEN_SCHEMAS, "Problem": _PROBLEM_SCHEMA},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "A client's id, and its key."},
                "token": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": tokens.PATH,
                            "scopes": {scope.value: scope.title.en for scope in KeyScope},
                        }
                    },
                },
                "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _told(event: Event) -> dict[str, Any]:
    """What a receiver gets of one event, and what its answer means."""
    headers = {
        "webhook-id": "The same at every attempt: take a message once by it.",
        "webhook-timestamp": "When it was sent, in seconds of Unix time.",
        "webhook-signature": "v1,<base64 of HMAC-SHA256> for each live secret, with blanks between.",
    }
    lasts = f"{signing.TOLERANCE.total_seconds() / 60:g} minutes"
    return {
        "operationId": event.value.replace(".", "_"),
        "summary": event.title.en,
        "description": f"Standard Webhooks. Check the signature first, and refuse a time over {lasts} off.",
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": said,
                "schema": {"type": "string"},
            }
            for name, said in headers.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": queue.REF.format(model="WebhookBody")},
                    "example": {
                        "type": event.value,
                        "timestamp": "2026-10-08T01:30:00.123456+00:00",
                        "data": {
                            "case_id": None if event is Event.SCORE_SUPERSEDED else "exampleid1",
                            "child_key": "cexampleexampleexampleexamp",
                        },
                    },
                }
            },
        },
        "responses": {
            "2XX": {"description": "Taken."},
            "410": {"description": "Tell nothing more; the receiver is taken off."},
            "default": {"description": "Not taken; sent again later under the same id."},
        },
    }


def _path(
    name: str, summary: str, request: str, answer: str, refusals: tuple[problems.Kind, ...]
) -> dict[str, Any]:
    responses: dict[str, Any] = {
        "200": {
            "description": "The answer",
            "content": {"application/json": {"schema": {"$ref": queue.REF.format(model=answer)}}},
        }
    }
    responses |= queue.refusals(refusals)
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"$ref": queue.REF.format(model=request)},
                        "examples": _EXAMPLES[request],
                    }
                },
            },
            "responses": responses,
        }
    }


def render() -> str:
    """The document as text, stable from run to run."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"
