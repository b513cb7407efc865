"""The open index: what the read path may ask of one immutable generation.

A generation is never written once it is live, so an ``OpenIndex`` needs no locks and its answers may be cached
for as long as it is open. Implemented over the catalog (SQLite), Chroma and Tantivy in ``generation.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.protocols import Vectors
from ingest.types import Chunk, Document, KnownQuestions, Scope, Scored, Section, Wording


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of. Written last, read first; a mismatch at open is a clear error."""

    format: int
    generation: str
    created: str
    embedder: str
    embedder_fingerprint: str
    dimension: int
    chunker: str
    corpus_revision: str
    documents: int
    sections: int
    chunks: int
    sources: tuple[str, ...] = ()
    """The roots that the documents came from: what to ingest again when the index must be made anew."""


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """One line of the document list, without the text."""

    id: str
    collection: str
    title: str
    url: str
    media_type: str
    content_hash: str
    sections: int
    chunks: int
    characters: int
    ingested: str
    summary: str


class OpenIndex(Protocol):
    @property
    def manifest(self) -> Manifest: ...

    # the catalog
    def documents(self, scope: Scope = Scope()) -> list[DocumentSummary]: ...
    def document(self, document_id: str, collection: str | None = None) -> Document:
        """The document with its text. Raises NotFoundError."""
        ...

    def sections(self, document_id: str, collection: str) -> tuple[Section, ...]:
        """All sections of a document in order (index i is at position i)."""
        ...

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]: ...
    def section_chunks(self, collection: str, document_id: str, section: int) -> tuple[Chunk, ...]: ...
    def iter_sections(self) -> Iterator[Section]:
        """Every section of the index, document by document."""
        ...

    def collections(self) -> list[str]: ...
    def document_counts(self) -> Mapping[str, int]:
        """How many documents each collection holds, without reading their list."""
        ...

    def facets(self) -> Mapping[str, Mapping[str, int]]:
        """Front-matter values that can be filtered on: {"services": {"Amazon DynamoDB": 12, ...}, ...}."""
        ...

    # the vocabulary, over chunks' embed_text (lower-cased words, English stems)
    def document_frequency(self, stems: Sequence[str]) -> dict[str, int]:
        """In how many chunks each stem occurs; 0 for unknown stems."""
        ...

    def vocabulary(self) -> Mapping[str, int]:
        """Lower-case surface word -> number of chunks it occurs in (for spelling correction)."""
        ...

    # the two searches; scores as in Scored, best first, ties by chunk id
    def dense(self, vector: Vectors, k: int, scope: Scope = Scope()) -> list[Scored]:
        """Nearest chunks by cosine; exact when the scope holds few chunks, through HNSW otherwise."""
        ...

    def lexical(self, query: str, k: int, scope: Scope = Scope()) -> list[Scored]:
        """BM25 over title, heading path and text; never raises on what people type."""
        ...

    def asked(self, vector: Vectors, text: str) -> KnownQuestions:
        """What known questions say of a question, given as its unit vector and its text, whatever the scope."""
        ...

    def followed(self, turn: tuple[Vectors, str], before: tuple[Vectors, str]) -> KnownQuestions:
        """What the known questions that follow others say of a turn after the question before it: the sections that it
        most likely asks for. Each text with its unit vector; empty where none are known."""
        ...

    def likeness(
        self, section: tuple[str, str, int], spans: Sequence[tuple[int, int]], vector: Vectors, text: str
    ) -> list[float]:
        """How like a question is to those known to be answered within each span of the section ``(collection,
        document, number)``, 0 to 1.5; 0 where none is."""
        ...

    def wordings(self, section: tuple[str, str, int], turn: tuple[Vectors, str], read: Vectors) -> list[Wording]:
        """The questions that the section ``(collection, document, number)`` is known to answer, held against a turn:
        the unit vector and the text of its own words, and its unit vector as ``Embedder.embed_turn`` reads it."""
        ...

    def within(self, chunk_ids: Sequence[str], scope: Scope) -> list[str]:
        """Those of the chunks that are in scope, order kept."""
        ...

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        """float32 (n, dimension) rows in the order asked for; quick enough for 100 ids per query (< 5 ms)."""
        ...

    def close(self) -> None: ...
