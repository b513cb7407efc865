"""The Python client, sync and async, against ``askwell serve``; and that it takes nothing of the server along."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import fields

import httpx
import pytest

from askwell_client import Answer, Askwell, AsyncAskwell, Citation, NotReachedError, RefusedError, Sources, Token
from tests.ui.house import DOCUMENTS

QUESTION = "What are the weaknesses of partition keys?"


def test_a_question_gets_a_typed_answer(server: str) -> None:
    with Askwell(server) as askwell:
        answer = askwell.ask(QUESTION, collections=["default"], filters={"pillars": "reliability"})
        assert answer.status == "answered"
        for citation in answer.citations:
            assert DOCUMENTS[citation.document][citation.start : citation.end] == citation.quote
        further = askwell.ask("And its limits?", conversation_id=answer.conversation_id)
        assert "partition key" in further.standalone_question.lower()
        askwell.rate(answer, "down", comment="too short")


def test_the_stream_ends_with_the_same_answer(server: str) -> None:
    with Askwell(server) as askwell:
        events = list(askwell.stream(QUESTION))
        answer = askwell.ask(QUESTION)
    assert isinstance(events[0], Sources)
    assert events[0].hits
    last = events[-1]
    assert isinstance(last, Answer)
    assert "".join(event.text for event in events if isinstance(event, Token)) == last.text == answer.text
    assert tuple(event for event in events if isinstance(event, Citation)) == last.citations == answer.citations


def test_search_and_documents(server: str) -> None:
    with Askwell(server) as askwell:
        hits = askwell.search("size of a sort key", k=2)
        assert 1 <= len(hits) <= 2
        assert {document.id for document in askwell.documents("default")} == set(DOCUMENTS)
        document = askwell.document("guides/limits.md")
        assert document.sections[0].heading_path


def test_everything_works_with_await_too(server: str) -> None:
    async def run() -> None:
        async with AsyncAskwell(server) as askwell:
            answer = await askwell.ask(QUESTION)
            events = [event async for event in askwell.stream(QUESTION)]
            last = events[-1]
            assert isinstance(last, Answer)
            assert last.text == answer.text
            assert await askwell.search("sort key", k=1)
            assert len(await askwell.documents()) == len(DOCUMENTS) + 1
            assert (await askwell.document("notes.txt")).characters == len(DOCUMENTS["notes.txt"])
            await askwell.rate(answer, "up")
            with pytest.raises(RefusedError, match="empty"):
                await askwell.ask(" ")
            with pytest.raises(RefusedError, match="empty"):
                [event async for event in askwell.stream(" ")]

    asyncio.run(run())


def test_what_is_wrong_is_the_servers_sentence(server: str) -> None:
    with Askwell(server) as askwell:
        with pytest.raises(RefusedError, match="default, handbook") as refused:
            askwell.ask("What?", collections=["nope"])
        assert refused.value.status == 404
        with pytest.raises(RefusedError, match="empty"):
            list(askwell.stream(" "))
        with pytest.raises(RefusedError, match=r"none\.md"):
            askwell.document("none.md")


def test_no_server_is_said_with_what_to_do() -> None:
    with Askwell("http://127.0.0.1:9", seconds=2) as askwell, pytest.raises(NotReachedError, match="askwell serve"):
        askwell.ask(QUESTION)


def test_a_key_is_sent_as_a_bearer_token() -> None:
    with Askwell("http://127.0.0.1:9", key="askwell_x") as askwell:
        assert askwell._http.headers["authorization"] == "Bearer askwell_x"


def test_every_field_of_the_api_that_programs_need_is_there(server: str) -> None:
    answer = httpx.post(f"{server}/v1/answers", json={"question": QUESTION}).json()
    left_out = {"timings_ms", "model_calls"}
    assert {field.name for field in fields(Answer)} == set(answer) - {"answer"} - left_out | {"text"}
    assert {field.name for field in fields(Citation)} <= set(answer["citations"][0])


def test_it_imports_nothing_of_the_server() -> None:
    code = (
        "import sys, askwell_client; print([m for m in ('ui', 'assistant', 'ingest', 'fastapi') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
