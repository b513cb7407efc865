"""With a chat model too, every face gives the same checked answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client
from openai import OpenAI

from askwell_client import Askwell
from assistant.generation.page import UNSUPPORTED
from tests.provider.script import Reply
from tests.provider.server import running
from tests.ui.browser.staged import staged

QUESTION = "What are the weaknesses of partition keys?"
SAID = "Partition keys cannot answer range queries over several partitions [1]. Partition keys were invented in 1987."


@pytest.fixture(scope="module")
def served(data_dir: Path) -> Iterator[str]:
    """A server with the provider on loopback as its chat model."""
    with running() as provider:
        provider.say("answer", Reply(SAID))
        provider.say("repair", Reply("nothing"))
        with staged(data_dir, model="openai:test-model", model_base_url=provider.url) as house:
            yield house.address


def test_api_stream_openai_and_mcp_agree(served: str) -> None:
    with Askwell(served) as askwell:
        answer = askwell.ask(QUESTION)
        *_, streamed = askwell.stream(QUESTION)
    assert answer.generator == "openai:test-model"
    assert [check.supported for check in answer.checks] == [True, False]
    assert answer.text.endswith(f"Partition keys were invented in 1987. {UNSUPPORTED}")
    assert getattr(streamed, "text", "") == answer.text
    client = OpenAI(base_url=f"{served}/v1", api_key="none", max_retries=0)
    completion = client.chat.completions.create(model="askwell", messages=[{"role": "user", "content": QUESTION}])
    assert (completion.choices[0].message.content or "").startswith(answer.text)
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 240  # what the provider said for the answer and its repair

    async def asked() -> str:
        async with Client(f"{served}/mcp") as mcp:
            result = await mcp.call_tool("ask", {"question": QUESTION})
            return str((result.structured_content or {})["answer"])

    assert asyncio.run(asked()) == answer.text
