"""GET /v1/documents: what is indexed; GET /v1/documents/{id}: one document's metadata and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Query

from ui.questions import checked_scope
from ui.shapes import DocumentDetailShape, DocumentsShape, document_detail_shape, document_shape

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def documents_router(assistant: Assistant) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["documents"])

    @router.get("/documents", summary="List documents")
    def documents(
        collection: str | None = None, limit: int = Query(1000, ge=1, le=10_000), offset: int = Query(0, ge=0)
    ) -> DocumentsShape:
        """All indexed documents, a page at a time."""
        index = assistant.holder.current()
        found = index.documents(checked_scope(assistant, [collection] if collection else None, None, index))
        return DocumentsShape(
            documents=[document_shape(summary) for summary in found[offset : offset + limit]],
            total=len(found),
            index_generation=index.manifest.generation,
        )

    @router.get("/documents/{document_id:path}", summary="Show a document's sections")
    def document(document_id: str, collection: str | None = None) -> DocumentDetailShape:
        """Metadata and sections with their offsets. Without a collection the first that holds the id is taken."""
        index = assistant.holder.current()
        found = index.document(document_id, collection)
        return document_detail_shape(found, index.sections(found.id, found.collection))

    return router
