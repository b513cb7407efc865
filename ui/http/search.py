"""POST /v1/search: the passages nearest to a question, without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from assistant.settings import Settings
from ui.http.requests import SearchRequest
from ui.questions import checked_scope, checked_text
from ui.shapes import SearchShape, hit_shape

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def search_router(assistant: Assistant, settings: Settings) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["search"])

    @router.post("/search", summary="Find passages")
    def search(body: SearchRequest) -> SearchShape:
        """The best passages first; scores compare within one question only."""
        text = checked_text(body.question, settings)
        scope = checked_scope(assistant, body.collections, body.filters)
        return SearchShape(hits=[hit_shape(hit) for hit in assistant.search(text, body.k, scope)])

    return router
