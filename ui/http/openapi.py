"""The OpenAPI document: what the routes say of themselves, and the refusals that any of them may answer with.

The refusals come from the guards in front of the routes, so they are added here, for every route alike; a route
documents only what is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from ui.http.access import is_open, right_for

JsonObject = dict[str, Any]

_ANY = {
    400: "The request cannot be read, or is addressed to another server.",
    500: "Something went wrong on the server; it was logged.",
    503: "It cannot answer now: no index, records that cannot be reached, or too much at once. See Retry-After.",
}
_CLOSED = {
    401: "A key is needed (or a session), and none that is valid was sent.",
    403: "The key lacks the scope, or another site's page sent the request.",
    429: "Too many requests. See Retry-After and RateLimit.",
}
_NAMED = {
    404: "What was named does not exist, or not for this caller.",
    422: "A parameter or field cannot be used; the sentence says which and why.",
}
_BODY = {
    408: "The body did not arrive in time.",
    413: "The body is larger than 1 MB.",
    415: "The body is not JSON.",
    504: "The answer took too long and was given up.",
    507: "No space is left to record the answer.",
}

_PROBLEM: JsonObject = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457: what went wrong, with a sentence that a person can act on.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def document_refusals(app: FastAPI) -> None:
    """From now on ``app.openapi()`` tells every status that can come back, and how to send a key."""
    plain = app.openapi

    def openapi() -> JsonObject:
        if app.openapi_schema is None:
            schema = plain()
            components = schema.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            schemas["Problem"] = _PROBLEM
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)  # FastAPI's own, which nothing here answers with
            components["securitySchemes"] = {
                "key": {"type": "http", "scheme": "bearer", "description": "A key: askwell keys create."}
            }
            for path, operation in _operations(schema):
                _document(path, operation)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for path, methods in schema.get("paths", {}).items():
        for operation in methods.values():
            yield path, operation


def _document(path: str, operation: JsonObject) -> None:
    responses: JsonObject = operation["responses"]
    refusals = dict(_ANY)
    if not is_open(path):
        refusals |= _CLOSED
        operation["security"] = [{"key": []}, {}]
        operation["x-scope"] = right_for(path)
    if operation.get("parameters") or "requestBody" in operation:
        refusals |= _NAMED
    if "requestBody" in operation:
        refusals |= _BODY
    for status, sentence in refusals.items():
        known = responses.get(str(status), {})
        content: JsonObject = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if path.startswith("/sources"):
            content["text/html"] = {"schema": {"type": "string"}}
        described = known.get("description", "")
        own = described if described not in ("", "Validation Error") else sentence
        responses[str(status)] = {"description": own, "content": content}
    for name, response in responses.items():
        if int(name) >= 400 and "content" not in response:
            response["content"] = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
