"""OpenAI's own client and LangChain's ChatOpenAI get the same answers as everybody else."""

from __future__ import annotations

import httpx
import openai
import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langchain_openai import ChatOpenAI
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr

QUESTION = "What are the weaknesses of partition keys?"


@pytest.fixture(scope="module")
def client(server: str) -> OpenAI:
    return OpenAI(base_url=f"{server}/v1", api_key="none", max_retries=0)


def asked(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def test_a_completion_is_the_answer_with_its_sources(client: OpenAI, server: str) -> None:
    completion = client.chat.completions.create(model="askwell", messages=asked(QUESTION))
    answer = httpx.post(f"{server}/v1/answers", json={"question": QUESTION}).json()
    message = completion.choices[0].message
    assert message.content is not None
    assert message.content.startswith(answer["answer"].strip())
    assert "**Sources**" in message.content
    assert server in message.content
    ours = completion.model_extra["askwell"] if completion.model_extra else {}
    assert [one["quote"] for one in ours["citations"]] == [one["quote"] for one in answer["citations"]]
    assert completion.usage is not None
    assert completion.usage.total_tokens > 0
    assert message.annotations
    for annotation in message.annotations:
        place = annotation.url_citation
        assert message.content[place.start_index : place.end_index].strip("[]").isdigit()
        assert httpx.get(place.url).status_code == 200


def test_a_stream_of_chunks_is_the_same_completion(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="askwell", messages=asked(QUESTION)).choices[0].message.content
    stream = client.chat.completions.create(
        model="askwell", messages=asked(QUESTION), stream=True, stream_options={"include_usage": True}
    )
    text, finished, usage, ours = "", [], None, None
    for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finished += [choice.finish_reason] if choice.finish_reason else []
        usage = chunk.usage or usage
        ours = (chunk.model_extra or {}).get("askwell") or ours
    assert text == whole
    assert finished == ["stop"]
    assert usage is not None
    assert ours is not None
    assert ours["status"] == "answered"


def test_earlier_messages_are_the_conversation(client: OpenAI) -> None:
    first = client.chat.completions.create(model="askwell", messages=asked("What is a partition key?"))
    said = first.choices[0].message.content or ""
    second = client.chat.completions.create(
        model="askwell",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": "What is a partition key?"},
            {"role": "assistant", "content": said},
            {"role": "user", "content": "And its weaknesses?"},
        ],
    )
    ours = second.model_extra["askwell"] if second.model_extra else {}
    assert "partition key" in ours["standalone_question"].lower()
    assert ours["status"] == "answered"


def test_a_collection_is_a_model_of_its_own(client: OpenAI) -> None:
    names = {model.id for model in client.models.list()}
    assert names == {"askwell", "askwell/default", "askwell/handbook"}
    assert client.models.retrieve("askwell/handbook").id == "askwell/handbook"
    answer = client.chat.completions.create(
        model="askwell/handbook", messages=asked("How is the mail gateway restarted?")
    )
    ours = answer.model_extra["askwell"] if answer.model_extra else {}
    assert {one["collection"] for one in ours["citations"]} == {"handbook"}


def test_what_is_wrong_arrives_as_the_clients_own_error(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="GET /v1/models lists all"):
        client.chat.completions.create(model="gpt-4", messages=asked(QUESTION))
    with pytest.raises(openai.NotFoundError, match="nope"):
        client.models.retrieve("askwell/nope")
    with pytest.raises(openai.UnprocessableEntityError, match="empty"):
        client.chat.completions.create(model="askwell", messages=asked(" "))
    with pytest.raises(openai.UnprocessableEntityError, match="one answer"):
        client.chat.completions.create(model="askwell", messages=asked(QUESTION), n=2)
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    with pytest.raises(openai.UnprocessableEntityError, match="no tools"):
        client.chat.completions.create(model="askwell", messages=asked(QUESTION), tools=[tool])  # type: ignore[list-item]
    with pytest.raises(openai.UnprocessableEntityError, match="last message"):
        client.chat.completions.create(model="askwell", messages=[{"role": "assistant", "content": "hello"}])
    part = {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}
    with pytest.raises(openai.UnprocessableEntityError, match="text only"):
        client.chat.completions.create(model="askwell", messages=[{"role": "user", "content": [part]}])  # type: ignore[list-item, misc]


def test_langchain_talks_to_it_too(server: str) -> None:
    model = ChatOpenAI(model="askwell", base_url=f"{server}/v1", api_key=SecretStr("none"), max_retries=0)
    whole = model.invoke([HumanMessage(QUESTION)])
    assert "**Sources**" in str(whole.content)
    streamed = "".join(str(chunk.content) for chunk in model.stream([HumanMessage(QUESTION)]))
    assert streamed == whole.content
    follow_up = model.invoke([HumanMessage("What is a partition key?"), AIMessage(whole.content), HumanMessage("Why?")])
    assert follow_up.content
