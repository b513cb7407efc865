"""From OpenAI's messages to a question, and from an answer to a completion."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime

from assistant.generation.passages import estimate_tokens
from assistant.types import Answer, AnswerEvent, DoneEvent, TokenEvent
from ingest.errors import BadInputError, NotFoundError
from ui.openai.shapes import (
    Annotation,
    ChatChunk,
    ChatCompletion,
    ChatRequest,
    Choice,
    ChunkChoice,
    Delta,
    Message,
    UrlCitation,
    Usage,
)
from ui.renderings.answers import absolute, heading, rendered
from ui.shapes import answer_shape

NAME = "askwell"
_TURNS = 20


def collections_of(model: str) -> list[str] | None:
    """ "askwell" asks everything, "askwell/handbook" the collection handbook. Raises NotFoundError for other names."""
    name, slash, collection = model.partition("/")
    if name != NAME or (slash and not collection):
        raise NotFoundError(
            f"There is no model {model!r}. Use {NAME!r}, or {NAME}/COLLECTION; GET /v1/models lists all."
        )
    return [collection] if slash else None


def question_of(request: ChatRequest) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The last user message, and the (question, answer) pairs before it. Raises BadInputError for what is not done.

    System messages are left out: the documents answer, whatever role a client would like them to play.
    """
    if request.n is not None and request.n > 1:
        raise BadInputError("Askwell gives one answer to a question. Leave n out, or set it to 1.")
    if request.tools:
        raise BadInputError("Askwell calls no tools. Leave tools out.")
    if request.response_format is not None and request.response_format.type != "text":
        raise BadInputError("Askwell answers in Markdown. Leave response_format out; the field askwell holds JSON.")
    spoken = [message for message in request.messages if message.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise BadInputError('The last message must be the question: {"role": "user", "content": "..."}.')
    if spoken[-1].has_other_parts:
        raise BadInputError("Askwell reads text only. Send the question without images, audio or files.")
    pairs: list[tuple[str, str]] = []
    asked = ""
    for message in spoken[:-1]:
        if message.role == "user":
            asked = message.text
        elif asked.strip():
            pairs.append((asked, without_sources(message.text)))
            asked = ""
    return spoken[-1].text, tuple(pairs[-_TURNS:])


def without_sources(text: str) -> str:
    """An earlier answer of ours, as the client sends it back, without the list of sources that we put under it."""
    return re.split(r"\n\n\*\*(?:Sources|Nearest sections)\*\*\n", text, maxsplit=1)[0]


def completion(answer: Answer, request: ChatRequest, base_url: str) -> ChatCompletion:
    content = rendered(answer, "markdown", base_url).text
    return ChatCompletion(
        id=f"chatcmpl-{answer.id}",
        created=int(time.time()),
        model=request.model,
        choices=[Choice(message=Message(content=content, annotations=page_citations(answer, base_url)))],
        usage=usage_of(answer),
        askwell=answer_shape(answer),
    )


def chunks(events: Iterator[AnswerEvent], request: ChatRequest, base_url: str) -> Iterator[ChatChunk]:
    """The answer as it is made, then its sources, then how it ended; the last one but usage carries ``askwell``."""
    created = int(time.time())
    name = f"chatcmpl-{created}"

    def chunk(delta: Delta, finish: bool = False, answer: Answer | None = None) -> ChatChunk:
        return ChatChunk(
            id=name,
            created=created,
            model=request.model,
            choices=[ChunkChoice(delta=delta, finish_reason="stop" if finish else None)],
            askwell=answer_shape(answer) if answer else None,
        )

    yield chunk(Delta(role="assistant", content=""))
    for event in events:
        if isinstance(event, TokenEvent):
            yield chunk(Delta(content=event.text))
        elif isinstance(event, DoneEvent):
            answer = event.answer
            sources = rendered(answer, "markdown", base_url).text[len(answer.text.strip()) :]
            if sources:
                yield chunk(Delta(content=sources))
            yield chunk(Delta(annotations=page_citations(answer, base_url)), finish=True, answer=answer)
            if request.stream_options is not None and request.stream_options.include_usage:
                yield ChatChunk(id=name, created=created, model=request.model, choices=[], usage=usage_of(answer))


def page_citations(answer: Answer, base_url: str) -> list[Annotation]:
    """A page citation for each mark in the text."""
    by_number = {citation.number: citation for citation in answer.citations}
    found: list[Annotation] = []
    for mark in re.finditer(r"(?<!\\)\[(\d+)\]", answer.text.strip()):
        citation = by_number.get(int(mark.group(1)))
        if citation is not None:
            title = heading(citation.title, citation.heading_path)
            url = absolute(citation.url, base_url)
            place = UrlCitation(start_index=mark.start(), end_index=mark.end(), url=url, title=title)
            found.append(Annotation(url_citation=place))
    return found


def usage_of(answer: Answer) -> Usage:
    asked = sum(call.input_tokens for call in answer.model_calls) or estimate_tokens(answer.question)
    written = sum(call.output_tokens for call in answer.model_calls) or estimate_tokens(answer.text)
    return Usage(prompt_tokens=asked, completion_tokens=written, total_tokens=asked + written)


def seconds_of(created: str) -> int:
    """An ISO time of a manifest as Unix seconds; 0 when it cannot be read."""
    try:
        return int(datetime.fromisoformat(created).timestamp())
    except ValueError:
        return 0
