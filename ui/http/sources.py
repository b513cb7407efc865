"""GET /sources/{document}: the document as a page, or (view=section) the part that the chat shows at the side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import StringConstraints
from starlette.responses import HTMLResponse

from assistant.links import DEFAULT_COLLECTION
from ingest.errors import NotFoundError
from ingest.types import Document
from ui.sources.page import document_page, section_panel

if TYPE_CHECKING:
    from assistant.assistant import Assistant


Span = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}-[0-9]{1,9}$")]


def sources_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["sources"])

    @router.get("/sources/{document_id:path}", response_class=HTMLResponse, summary="Read a document")
    def source(
        document_id: str,
        start: int | None = Query(None, ge=0, description="Where the highlighted span begins, in code points."),
        end: int | None = Query(None, ge=0),
        collection: str | None = None,
        view: Literal["document", "section"] = "document",
        anchor: str = Query("", max_length=200, description="The section to show, where no span is given."),
        also: list[Span] = Query([], max_length=32, description="Spans to underline in the section: 120-180."),
    ) -> HTMLResponse:
        """The rendered document; with start and end, those characters are highlighted."""
        index = assistant.holder.current()
        document = _find(document_id, collection)
        if view == "section":
            others = [(int(one), int(other)) for one, _, other in (span.partition("-") for span in also)]
            return HTMLResponse(section_panel(index, document, start or 0, end or 0, anchor=anchor, also=others))
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
