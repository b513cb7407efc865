"""POST /v1/answers: a cited answer, whole or as a stream of server-sent events."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from assistant.settings import Settings
from assistant.types import Answer, AnswerEvent, CitationEvent, DoneEvent, SourcesEvent, TokenEvent
from ingest.errors import AskwellError
from ui.http.once import REPLAYED, IdempotencyKey, Once
from ui.http.problems import UNEXPECTED, sentence_of, status_of
from ui.http.requests import AnswerRequest
from ui.questions import checked_question
from ui.renderings.answers import rendered
from ui.shapes import AnswerShape, SourcesShape, answer_shape, citation_shape, hit_shape

if TYPE_CHECKING:
    from assistant.assistant import Assistant

log = logging.getLogger("askwell")


class Token(BaseModel):
    text: str


class Problem(BaseModel):
    status: int
    detail: str


def answers_router(assistant: Assistant, settings: Settings) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["answers"])

    @router.post(
        "/answers",
        response_model=AnswerShape,
        summary="Ask a question",
        responses={
            200: {"content": {"text/event-stream": {}}, "description": "The answer, or its stream of events."},
            409: {"description": "A request with this Idempotency-Key is being answered."},
        },
    )
    def ask(
        body: AnswerRequest, request: Request, response: Response, idempotency_key: IdempotencyKey = None
    ) -> AnswerShape | Response:
        """Answers from the indexed documents, every statement with a numbered quote."""
        question = checked_question(
            assistant,
            settings,
            body.question,
            conversation_id=body.conversation_id,
            collections=body.collections,
            filters=body.filters,
        )
        base_url = settings.public_url or str(request.base_url)

        def shaped(answer: Answer) -> AnswerShape:
            return answer_shape(answer, rendered(answer, body.format, base_url) if body.format else None)

        if idempotency_key is None:
            return _streamed(assistant.stream(question), shaped) if body.stream else shaped(assistant.ask(question))
        once = Once(assistant.records, idempotency_key, body.model_dump_json())
        if once.refused is not None:
            return once.refused
        if once.known is not None:
            response.headers[REPLAYED] = "true"
            done = DoneEvent(once.known)
            return _streamed(iter([done]), shaped, {REPLAYED: "true"}) if body.stream else shaped(once.known)
        with once.released_on_failure():
            question = once.question(question)
            if not body.stream:
                return shaped(assistant.ask(question))
            return _streamed(once.events(assistant.stream(question)), shaped)

    return router


Shaped = Callable[[Answer], AnswerShape]


def _streamed(
    events: Iterator[AnswerEvent], shaped: Shaped, headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    # The first event is awaited here, so that a question that cannot be served gets its status, not a 200.
    first = next(events)
    return StreamingResponse(
        server_sent(itertools.chain([first], events), shaped),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no", **(headers or {})},
    )


def server_sent(events: Iterator[AnswerEvent], shaped: Shaped = answer_shape) -> Iterator[str]:
    """Each event as text/event-stream; an error after the first byte becomes the event "error", the last one."""
    try:
        for event in events:
            yield _server_sent(event, shaped)
    except AskwellError as error:
        yield _frame("error", Problem(status=status_of(error), detail=sentence_of(error)))
    except Exception:
        log.exception("unexpected error in a stream")
        yield _frame("error", Problem(status=500, detail=UNEXPECTED))


def _server_sent(event: AnswerEvent, shaped: Shaped) -> str:
    match event:
        case SourcesEvent():
            sources = SourcesShape(
                standalone_question=event.standalone_question, hits=[hit_shape(hit) for hit in event.hits]
            )
            return _frame("sources", sources)
        case TokenEvent():
            return _frame("token", Token(text=event.text))
        case CitationEvent():
            return _frame("citation", citation_shape(event.citation))
        case DoneEvent():
            return _frame("done", shaped(event.answer))


def _frame(name: str, data: BaseModel) -> str:
    # JSON escapes line breaks, so the data is always one line, as the format demands.
    return f"event: {name}\ndata: {data.model_dump_json()}\n\n"
