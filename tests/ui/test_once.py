"""Idempotency-Key on POST /v1/answers: one answer for a key, whatever is sent again, and when."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi.testclient import TestClient

from assistant.settings import Settings
from assistant.wiring import assemble
from ui.http.app import create_app

QUESTION = "What are the weaknesses of partition keys?"


def post(client: TestClient, key: str, **body: object) -> Any:
    return client.post("/v1/answers", json={"question": QUESTION, **body}, headers={"Idempotency-Key": key})


def test_the_same_key_gives_the_same_answer_also_after_a_restart(client: TestClient, settings: Settings) -> None:
    first = post(client, "retry-1")
    again = post(client, "retry-1")
    assert first.status_code == again.status_code == 200
    assert again.json() == first.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    restarted = assemble(settings)
    try:
        third = post(TestClient(create_app(restarted, settings, chat=False)), "retry-1")
    finally:
        restarted.close()
    assert third.json() == first.json()
    assert post(client, "retry-2").json()["id"] != first.json()["id"]


def test_a_key_with_another_body_is_refused(client: TestClient) -> None:
    assert post(client, "body-1").status_code == 200
    refused = post(client, "body-1", format="text")
    assert refused.status_code == 422
    assert "another body" in refused.json()["detail"]


def test_requests_at_the_same_moment_make_one_answer(client: TestClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: post(client, "together-1"), range(4)))
    assert {response.status_code for response in sent} <= {200, 409}
    assert len({response.json()["id"] for response in sent if response.status_code == 200}) == 1
    assert all(response.headers["retry-after"] == "1" for response in sent if response.status_code == 409)


def test_a_refused_question_does_not_use_the_key_up(client: TestClient) -> None:
    assert post(client, "refused-1", conversation_id="nope").status_code == 404
    assert post(client, "refused-1").status_code == 200


def test_a_stream_is_replayed_as_its_end(client: TestClient) -> None:
    first, again = post(client, "stream-1", stream=True), post(client, "stream-1", stream=True)
    done = [json.loads(text.rsplit("data: ", 1)[1]) for text in (first.text, again.text)]
    assert done[0] == done[1]
    assert again.text.startswith("event: done\n")


def test_an_empty_or_endless_key_is_refused(client: TestClient) -> None:
    for key in ("", "x" * 256):
        assert post(client, key).status_code == 422
