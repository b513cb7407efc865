"""Hybrid retrieval as a LangChain retriever, so that it can be traced, swapped and used in anybody's chain."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.search import HybridSearch
from assistant.types import Hit
from ingest.types import Scope


class HybridRetriever(BaseRetriever):
    """The k best sections for a question. ``metadata["hit"]`` holds the ``Hit``, the rest is for other chains."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    search: HybridSearch
    k: int = 10
    scope: Scope = Scope()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        hits = self.search.hits(self.search.query(query), self.k, self.scope)
        return [_document(hit) for hit in hits]


def _document(hit: Hit) -> LangChainDocument:
    return LangChainDocument(
        page_content=hit.chunk.text,
        id=hit.chunk.id,
        metadata={
            "hit": hit,
            "document": hit.chunk.document_id,
            "title": hit.title,
            "heading_path": list(hit.section.heading_path),
            "url": hit.url,
            "start": hit.chunk.start,
            "end": hit.chunk.end,
            "score": hit.score,
        },
    )
