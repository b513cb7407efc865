"""The bodies of OpenAI's chat API, as far as Askwell speaks it: what clients send, and what they get.

Fields that steer a language model's wording (temperature, seed, stop, max_tokens) are taken and have no effect, since
clients send them unasked; what would change the answer's meaning (tools, several answers, JSON output) is refused.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ui.shapes import AnswerShape


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class TextPart(_Open):
    type: str
    text: str = ""


class ChatMessage(_Open):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type in ("text", "input_text"))
        return self.content or ""

    @property
    def has_other_parts(self) -> bool:
        return isinstance(self.content, list) and any(part.type not in ("text", "input_text") for part in self.content)


class StreamOptions(_Open):
    include_usage: bool = False


class ResponseFormat(_Open):
    type: str = "text"


class ChatRequest(_Open):
    model: str = Field(examples=["askwell"])
    messages: list[ChatMessage] = Field(
        min_length=1, max_length=500, examples=[[{"role": "user", "content": "What is Amazon Aurora?"}]]
    )
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, ge=1)
    tools: list[dict[str, Any]] | None = None
    response_format: ResponseFormat | None = None


class UrlCitation(BaseModel):
    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(BaseModel):
    """OpenAI's own shape for a cited page; the place is that of the mark in the content."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class Message(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: str | None = None
    annotations: list[Annotation] = Field([])


class Choice(BaseModel):
    index: int = 0
    message: Message
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """Tokens of the configured chat model; without one, an estimate for the question and the answer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    askwell: AnswerShape = Field(description="The answer as POST /v1/answers gives it, citations with their spans.")


class Delta(BaseModel):
    role: Literal["assistant"] | None = None
    content: str | None = None
    annotations: list[Annotation] | None = None


class ChunkChoice(BaseModel):
    index: int = 0
    delta: Delta
    finish_reason: Literal["stop"] | None = None
    logprobs: None = None


class ChatChunk(BaseModel):
    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    askwell: AnswerShape | None = None


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "askwell"


class Models(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]
