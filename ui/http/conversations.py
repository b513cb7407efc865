"""GET /conversations/{id}: one's own conversation as a file, in Markdown with references or as JSON."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from ui.shapes import AnswerShape, answer_shape
from ui.web.owner import owner_of
from ui.web.sources import conversation_markdown

if TYPE_CHECKING:
    from assistant.assistant import Assistant


class ConversationShape(BaseModel):
    id: str
    title: str
    answers: list[AnswerShape]


def conversations_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["conversations"])

    @router.get(
        "/conversations/{conversation_id}",
        summary="Export a conversation",
        response_model=ConversationShape,
        responses={200: {"content": {"text/markdown": {}}, "description": "The conversation as a file."}},
    )
    def export(request: Request, conversation_id: str, format: Literal["markdown", "json"] = "markdown") -> Response:
        """A conversation of the browser that asks (it is known by its cookie), whole and in order."""
        owner = owner_of(request.cookies)
        conversations = assistant.records.conversations
        answers, _ = conversations.answers(owner, conversation_id)
        title = conversations.title(owner, conversation_id)
        if format == "json":
            shape = ConversationShape(id=conversation_id, title=title, answers=[answer_shape(one) for one in answers])
            return _file(shape.model_dump_json(indent=2), "application/json", title, "json")
        base = str(request.base_url).rstrip("/")
        return _file(conversation_markdown(title, answers, base), "text/markdown; charset=utf-8", title, "md")

    return router


def _file(text: str, media_type: str, title: str, ending: str) -> Response:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "conversation"
    return Response(
        text.encode("utf-8", "replace"),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"', "Cache-Control": "no-store"},
    )
