"""Keys hold at the addresses that other programs use, too: the OpenAI-compatible API and MCP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.ui.access import Guarded, guarded
from tests.ui.house import build

ORCHID = "What are the weaknesses of partition keys?"
GATEWAY = "How is the mail gateway restarted?"
BOTH = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Guarded]:
    made = guarded(build(tmp_path_factory.mktemp("programs"), models))
    yield made
    made.assistant.close()


@pytest.fixture(scope="module")
def handbook(house: Guarded) -> TestClient:
    return house.with_key("handbook only", ("ask", "read"), "handbook")


def complete(client: TestClient, question: str, model: str = "askwell") -> str:
    body = {"model": model, "messages": [{"role": "user", "content": question}]}
    return client.post("/v1/chat/completions", json=body).text


def call(client: TestClient, method: str, **params: object) -> str:
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    response = client.post("/mcp", json=body, headers=BOTH)
    assert response.status_code == 200, response.text
    return response.text


def test_without_a_key_neither_answers(house: Guarded) -> None:
    client = house.client()
    assert client.post("/v1/chat/completions", json={"model": "askwell", "messages": []}).status_code == 401
    assert client.get("/v1/models").status_code == 401
    assert client.post("/mcp", json={}, headers=BOTH).status_code == 401


def test_completions_and_models_keep_to_the_keys_collections(house: Guarded, handbook: TestClient) -> None:
    everything = house.with_key("everything")
    assert "hot partition" in complete(everything, ORCHID)
    assert "partition" not in complete(handbook, ORCHID).replace(ORCHID, "").lower()
    assert "gatectl" in complete(handbook, GATEWAY)
    models = handbook.get("/v1/models").text
    assert "handbook" in models
    assert "default" not in models
    assert "hot partition" not in complete(handbook, ORCHID, "askwell/default")


def test_tools_and_resources_of_mcp_keep_to_the_keys_collections(handbook: TestClient) -> None:
    assert "gatectl" in call(handbook, "tools/call", name="ask", arguments={"question": GATEWAY})
    for tool, arguments in (
        ("ask", {"question": ORCHID}),
        ("search", {"question": ORCHID}),
        ("list_documents", {}),
        ("read_section", {"document": "guides/keys.md", "anchor": "limits-of-keys"}),
        ("read_section", {"document": "guides/keys.md", "anchor": "limits-of-keys", "collection": "default"}),
    ):
        told = call(handbook, "tools/call", name=tool, arguments=arguments)
        assert "hot partition" not in told, tool
        assert "2,048" not in told, tool
        assert "Keys in Orchid" not in told, tool


def test_a_key_without_the_scope_uses_neither(house: Guarded) -> None:
    reader = house.with_key("reader", ("read",))
    assert reader.get("/v1/models").status_code == 200
    body = {"model": "askwell", "messages": [{"role": "user", "content": ORCHID}]}
    assert reader.post("/v1/chat/completions", json=body).status_code == 403
    assert reader.post("/mcp", json={}, headers=BOTH).status_code == 403
