"""The official MCP client over stdio and over HTTP: the same tools, resources and answers."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, TextContent, TextResourceContents

from tests.ui.house import DOCUMENTS
from ui.mcp.server import section_uri

QUESTION = "What are the weaknesses of partition keys?"

Talk = Callable[[Client], Awaitable[None]]


def over_http(server: str, talk: Talk) -> None:
    async def run() -> None:
        async with Client(f"{server}/mcp") as client:
            await talk(client)

    asyncio.run(run())


def structured(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert result.structured_content is not None
    content = result.content[0]
    assert isinstance(content, TextContent)
    found: dict[str, Any] = result.structured_content
    assert json.loads(content.text) == found
    return found


async def check(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"ask", "search", "read_section", "list_documents"}
    assert all(tool.description and tool.output_schema for tool in tools.values())
    answer = structured(await client.call_tool("ask", {"question": QUESTION}))
    assert answer["status"] == "answered"
    for citation in answer["citations"]:
        assert DOCUMENTS[citation["document"]][citation["start"] : citation["end"]] == citation["quote"]
    more = {"question": "And its limits?", "conversation_id": answer["conversation_id"]}
    assert "partition key" in structured(await client.call_tool("ask", more))["standalone_question"].lower()
    hits = structured(await client.call_tool("search", {"question": "size of a sort key", "k": 2}))["hits"]
    assert 1 <= len(hits) <= 2
    place = {"document": "guides/limits.md", "at": 40}
    section = structured(await client.call_tool("read_section", place))
    assert section["text"] == DOCUMENTS["guides/limits.md"][section["start"] : section["end"]]
    listed = structured(await client.call_tool("list_documents", {"collection": "default"}))
    assert {one["id"] for one in listed["documents"]} == set(DOCUMENTS)
    templates = (await client.list_resource_templates()).resource_templates
    assert [template.uri_template for template in templates] == ["askwell://{collection}/{document}/{start}"]
    read = await client.read_resource(section_uri("default", "guides/limits.md", 40))
    content = read.contents[0]
    assert isinstance(content, TextResourceContents)
    assert content.text == section["text"]


async def check_errors(client: Client) -> None:
    for name, arguments, says in (
        ("ask", {"question": ""}, "empty"),
        ("ask", {"question": "What?", "collections": ["nope"]}, "default, handbook"),
        ("ask", {"question": "What?", "conversation_id": "nope"}, "nope"),
        ("search", {"question": "x", "k": 0}, "k"),
        ("read_section", {"document": "nope.md"}, "nope.md"),
        ("read_section", {"document": "guides/limits.md", "at": 10_000_000}, "beyond its end"),
        ("list_documents", {"collection": "nope"}, "default, handbook"),
    ):
        result = await client.call_tool(name, arguments)
        assert result.is_error
        assert any(says in part.text for part in result.content if isinstance(part, TextContent)), result.content


def test_over_http(server: str) -> None:
    over_http(server, check)


def test_what_is_wrong_is_said_in_a_sentence(server: str) -> None:
    over_http(server, check_errors)


def test_over_stdio(data_dir: Path) -> None:
    environment = {**os.environ, "ASKWELL_DATA_DIR": str(data_dir)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "ui.main", "mcp"], env=environment)

    async def run() -> None:
        async with Client(stdio_client(command)) as client:
            await check(client)

    asyncio.run(run())


def test_the_answer_is_that_of_the_api(server: str) -> None:
    plain = httpx.post(f"{server}/v1/answers", json={"question": QUESTION}).json()

    async def compare(client: Client) -> None:
        answer = structured(await client.call_tool("ask", {"question": QUESTION}))
        assert (answer["answer"], answer["status"]) == (plain["answer"], plain["status"])

    over_http(server, compare)


@pytest.mark.parametrize("body", ["{", "[]", '{"jsonrpc": "2.0"}'])
def test_what_is_no_message_is_refused(server: str, body: str) -> None:
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    assert 400 <= httpx.post(f"{server}/mcp", content=body, headers=headers).status_code < 500
