"""GET /docs: the API described from its own OpenAPI document, as a page that needs no script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ui.templates import fill

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    returns: tuple[Field, ...]
    example: str


def reference_page(openapi: JsonObject) -> str:
    """All operations with their parameters, bodies and responses; links to /openapi.json."""
    schemas: JsonObject = openapi.get("components", {}).get("schemas", {})
    operations = [
        _operation(path, method, details, schemas)
        for path, methods in openapi.get("paths", {}).items()
        for method, details in methods.items()
    ]
    return fill("reference.html", info=openapi["info"], operations=operations)


def _operation(path: str, method: str, details: JsonObject, schemas: JsonObject) -> Operation:
    body = _json_schema(details.get("requestBody", {}), schemas)
    fields = [
        Field(one["name"], _kind(one["schema"]), one.get("required", False), _describe(one))
        for one in details.get("parameters", ())
    ]
    done: JsonObject = next(
        (answer for status, answer in details.get("responses", {}).items() if status.startswith("2")), {}
    )
    example = {
        name: (one.get("examples") or [one.get("default", "...")])[0]
        for name, one in body.get("properties", {}).items()
        if name in body.get("required", ())
    }
    return Operation(
        method.upper(),
        path,
        details.get("summary", ""),
        details.get("description", ""),
        (*fields, *_fields(body)),
        _fields(_json_schema(done, schemas)),
        f"curl -s localhost:8000{path} --json '{json.dumps(example)}'" if body else "",
    )


def _json_schema(holder: JsonObject, schemas: JsonObject) -> JsonObject:
    """The schema of a JSON body or response, its reference followed; {} when there is none."""
    schema: JsonObject = holder.get("content", {}).get("application/json", {}).get("schema", {})
    reference = str(schema.get("$ref", ""))
    found: JsonObject = schemas.get(reference.rpartition("/")[2], {}) if reference else schema
    return found


def _fields(schema: JsonObject) -> tuple[Field, ...]:
    required = schema.get("required", ())
    return tuple(
        Field(name, _kind(one), name in required, _describe(one)) for name, one in schema.get("properties", {}).items()
    )


def _describe(one: JsonObject) -> str:
    return str(one.get("description") or one.get("schema", {}).get("description", ""))


def _kind(schema: JsonObject) -> str:
    """A type in words: "list of string", "answered | partial"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].removesuffix("Shape").lower()
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " or ".join(kind for one in schema["anyOf"] if (kind := _kind(one)) != "null")
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
