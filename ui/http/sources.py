"""GET /sources/{document}: the document as a page, or (view=section) the part that the chat shows at the side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from assistant.links import DEFAULT_COLLECTION
from ingest.errors import NotFoundError
from ingest.types import Document
from ui.sources.page import document_page, section_panel

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def sources_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["sources"])

    @router.get("/sources/{document_id:path}", response_class=HTMLResponse, summary="Read a document")
    def source(
        document_id: str,
        start: int | None = Query(None, ge=0, description="Where the highlighted span begins, in code points."),
        end: int | None = Query(None, ge=0),
        collection: str | None = None,
        view: Literal["document", "section"] = "document",
    ) -> HTMLResponse:
        """The rendered document; with start and end, those characters are highlighted."""
        index = assistant.holder.current()
        document = _find(document_id, collection)
        if view == "section":
            return HTMLResponse(section_panel(index, document, start or 0, end or 0))
        return HTMLResponse(document_page(index, document, start, end))

    def _find(document_id: str, collection: str | None) -> Document:
        index = assistant.holder.current()
        if collection is not None:
            return index.document(document_id, collection)
        try:
            return index.document(document_id, DEFAULT_COLLECTION)
        except NotFoundError:
            return index.document(document_id)

    return router
