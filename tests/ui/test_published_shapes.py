"""The shapes of /v1 as they were published: a field that changes its name or type breaks somebody's program."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ui.published import published, shapes_of


def test_no_published_field_was_dropped_renamed_or_given_another_type(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    now = shapes_of(client.app)
    gone = [f"{shape}.{field}" for shape, fields in published().items() for field in fields if shape not in now]
    gone += [f"{s}.{f}" for s, fields in published().items() for f in fields if s in now and f not in now[s]]
    assert gone == [], "these fields are relied on; bring them back"
    other = [f"{s}.{f}" for s, fields in published().items() for f, kind in fields.items() if now[s][f] != kind]
    assert other == [], "these fields were published with another type"


def test_every_field_of_an_answer_is_published(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    now, known = shapes_of(client.app), published()
    new = [f"{s}.{f}" for s, fields in now.items() for f in fields if f not in known.get(s, {})]
    assert new == [], "Run: python -m tests.ui.published"


def test_a_real_answer_has_the_published_fields_and_no_others(client: TestClient) -> None:
    body = {"question": "What are the weaknesses of partition keys?", "format": "text"}
    answer: dict[str, Any] = client.post("/v1/answers", json=body).json()
    shapes = published()
    assert set(answer) == set(shapes["AnswerShape"])
    assert set(answer["citations"][0]) == set(shapes["CitationShape"])
    assert set(answer["rendering"]) == set(shapes["RenderingShape"])
