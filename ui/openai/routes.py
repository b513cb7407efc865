"""POST /v1/chat/completions and GET /v1/models: the same answers, for programs that speak OpenAI's protocol."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from assistant.settings import Settings
from ingest.errors import AskwellError
from ui.http.problems import UNEXPECTED, sentence_of, status_of
from ui.openai.completions import NAME, chunks, collections_of, completion, question_of, seconds_of
from ui.openai.shapes import ChatChunk, ChatCompletion, ChatRequest, Model, Models
from ui.questions import checked_question

if TYPE_CHECKING:
    from assistant.assistant import Assistant

log = logging.getLogger("askwell")


def openai_router(assistant: Assistant, settings: Settings) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["openai"])

    @router.post(
        "/chat/completions",
        response_model=ChatCompletion,
        response_model_exclude_none=False,
        summary="Ask as OpenAI's chat API does",
        responses={200: {"content": {"text/event-stream": {}}, "description": "The completion, or its chunks."}},
    )
    def complete(body: ChatRequest, request: Request) -> ChatCompletion | Response:
        """The last user message is the question, earlier ones are the conversation; the model is called "askwell"."""
        text, history = question_of(body)
        question = checked_question(assistant, settings, text, collections=collections_of(body.model))
        question = replace(question, history=history)
        base_url = settings.public_url or str(request.base_url)
        if not body.stream:
            return completion(assistant.ask(question), body, base_url)
        events = assistant.stream(question)
        first = next(events)  # what cannot be served gets its status, not a 200
        return StreamingResponse(
            _frames(chunks(itertools.chain([first], events), body, base_url)),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    @router.get("/models", summary="List the names to ask under")
    def models() -> Models:
        """ "askwell" asks all documents, "askwell/COLLECTION" those of one collection."""
        index = assistant.holder.current()
        created = seconds_of(index.manifest.created)
        names = [NAME, *(f"{NAME}/{collection}" for collection in index.collections())]
        return Models(data=[Model(id=name, created=created) for name in names])

    @router.get("/models/{model:path}", summary="Show one name")
    def model(model: str) -> Model:
        """404 for a name that GET /v1/models does not list."""
        index = assistant.holder.current()
        collections = collections_of(model)
        if collections:
            assistant.scope(index, tuple(collections), ())
        return Model(id=model, created=seconds_of(index.manifest.created))

    return router


def _frames(found: Iterator[ChatChunk]) -> Iterator[str]:
    try:
        for chunk in found:
            yield f"data: {chunk.model_dump_json(exclude_none=True)}\n\n"
        yield "data: [DONE]\n\n"
    except AskwellError as error:
        yield _error(status_of(error), sentence_of(error))
    except Exception:
        log.exception("unexpected error in a stream")
        yield _error(500, UNEXPECTED)


def _error(status: int, sentence: str) -> str:
    """An error after the first byte, in the shape that OpenAI's clients raise."""
    return f"data: {json.dumps({'error': {'message': sentence, 'type': 'askwell_error', 'code': str(status)}})}\n\n"
