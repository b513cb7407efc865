"""``python -m tests.ui.published``: writes shapes-v1.json, the response shapes that other programs rely on.

Run it after adding a field. A field that was published is never changed or removed: the file is the promise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from assistant.settings import Settings

FILE = Path(__file__).with_name("shapes-v1.json")
_WORDS = ("title", "description", "examples", "default")

Shapes = dict[str, dict[str, dict[str, Any]]]
"""{"AnswerShape": {"id": {"type": "string"}}}"""


def shapes_of(app: FastAPI) -> Shapes:
    """Every schema of the OpenAPI document that is answered with or asked with, without its words."""
    schemas = app.openapi()["components"]["schemas"]
    return {
        name: {field: _bare(schema) for field, schema in sorted(schemas[name].get("properties", {}).items())}
        for name in sorted(schemas)
        if not name.startswith(("HTTPValidation", "Validation"))
    }


def published() -> Shapes:
    found: Shapes = json.loads(FILE.read_text("utf-8"))
    return found


def _bare(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _bare(value) for name, value in schema.items() if name not in _WORDS}
    return [_bare(one) for one in schema] if isinstance(schema, list) else schema


def _app() -> FastAPI:
    from tempfile import mkdtemp

    from assistant.wiring import assemble
    from ui.http.app import create_app

    settings = Settings(data_dir=Path(mkdtemp()), _env_file=None)
    return create_app(assemble(settings), settings, chat=False)


if __name__ == "__main__":
    FILE.write_text(json.dumps(shapes_of(_app()), indent=1, sort_keys=True) + "\n", "utf-8")
