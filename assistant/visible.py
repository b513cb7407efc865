"""The open index as the caller may see it: other collections do not exist, whichever route asks.

Leaves out words: names and spelling are learnt from the whole index, so a correction may use a word that only a
hidden collection has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from assistant.callers import SignInError, caller
from ingest.errors import NotFoundError
from ingest.index import DocumentSummary, Manifest, OpenIndex
from ingest.protocols import Vectors
from ingest.types import Chunk, Document, KnownQuestions, Scope, Scored, Section, Wording

if TYPE_CHECKING:
    from ingest.holder import IndexHolder


Facets = Mapping[str, Mapping[str, int]]

_facets: WeakKeyDictionary[OpenIndex, dict[tuple[str, ...], Facets]] = WeakKeyDictionary()
"""Counted once for each generation and set of collections; goes with the generation."""


class VisibleHolder:
    """Stands where an ``IndexHolder`` stands; ``current()`` gives what the caller may see of it.

    With ``sign_in`` nobody gets anything: a face that forgot to say who asks finds no index, not all of it.
    """

    def __init__(self, holder: IndexHolder, *, sign_in: bool = False) -> None:
        self._holder = holder
        self._sign_in = sign_in

    @property
    def problem(self) -> str:
        return self._holder.problem

    @property
    def slow(self) -> str:
        return self._holder.slow

    def current(self) -> OpenIndex:
        who = caller()
        if who is None and self._sign_in:
            raise SignInError("Sign in first, or send a key: Authorization: Bearer askwell_...")
        index = self._holder.current()
        return index if who is None or who.collections is None else VisibleIndex(index, who.collections)

    def manifest(self) -> Manifest:
        """Of the live generation, for health checks: tells counts and times, no content, so nobody needs to sign in.

        Raises NoIndexError also when the index was taken away under a server that still has it open.
        """
        self._holder.generations.live()
        return self._holder.current().manifest

    def close(self) -> None:
        self._holder.close()


class VisibleIndex:
    """Implements ``OpenIndex`` over some collections of another."""

    def __init__(self, index: OpenIndex, collections: Sequence[str]) -> None:
        self._index = index
        self._allowed = tuple(name for name in index.collections() if name in collections)

    @property
    def whole(self) -> OpenIndex:
        return self._index

    @property
    def manifest(self) -> Manifest:
        return self._index.manifest

    def documents(self, scope: Scope = Scope()) -> list[DocumentSummary]:
        return self._index.documents(self._within(scope))

    def document(self, document_id: str, collection: str | None = None) -> Document:
        for name in self._allowed if collection is None else (collection,):
            if name in self._allowed:
                try:
                    return self._index.document(document_id, name)
                except NotFoundError:
                    continue
        where = f" in the collection {collection!r}" if collection else ""
        raise NotFoundError(f"There is no document {document_id!r}{where}. GET /v1/documents lists those there are.")

    def sections(self, document_id: str, collection: str) -> tuple[Section, ...]:
        return self._index.sections(document_id, collection) if collection in self._allowed else ()

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        found = self._index.chunks(chunk_ids)
        return {name: chunk for name, chunk in found.items() if chunk.collection in self._allowed}

    def section_chunks(self, collection: str, document_id: str, section: int) -> tuple[Chunk, ...]:
        return self._index.section_chunks(collection, document_id, section) if collection in self._allowed else ()

    def iter_sections(self) -> Iterator[Section]:
        return (section for section in self._index.iter_sections() if section.collection in self._allowed)

    def collections(self) -> list[str]:
        return list(self._allowed)

    def document_counts(self) -> Mapping[str, int]:
        counts = self._index.document_counts()
        return {name: counts[name] for name in self._allowed}

    def facets(self) -> Facets:
        known = _facets.setdefault(self._index, {})
        if self._allowed not in known:
            counted = {
                field: {value: len(self.documents(Scope(None, ((field, (value,)),)))) for value in values}
                for field, values in self._index.facets().items()
            }
            shown = {field: {value: n for value, n in values.items() if n} for field, values in counted.items()}
            known[self._allowed] = {field: values for field, values in shown.items() if values}
        return known[self._allowed]

    def document_frequency(self, stems: Sequence[str]) -> dict[str, int]:
        return self._index.document_frequency(stems)

    def vocabulary(self) -> Mapping[str, int]:
        return self._index.vocabulary()

    def dense(self, vector: Vectors, k: int, scope: Scope = Scope()) -> list[Scored]:
        return self._index.dense(vector, k, self._within(scope))

    def lexical(self, query: str, k: int, scope: Scope = Scope()) -> list[Scored]:
        return self._index.lexical(query, k, self._within(scope))

    def asked(self, vector: Vectors, text: str) -> KnownQuestions:
        return self._index.asked(vector, text)

    def followed(self, turn: tuple[Vectors, str], before: tuple[Vectors, str]) -> KnownQuestions:
        return self._index.followed(turn, before)

    def likeness(
        self, section: tuple[str, str, int], spans: Sequence[tuple[int, int]], vector: Vectors, text: str
    ) -> list[float]:
        return self._index.likeness(section, spans, vector, text)

    def wordings(self, section: tuple[str, str, int], turn: tuple[Vectors, str], read: Vectors) -> list[Wording]:
        return self._index.wordings(section, turn, read) if section[0] in self._allowed else []

    def within(self, chunk_ids: Sequence[str], scope: Scope) -> list[str]:
        return self._index.within(chunk_ids, self._within(scope))

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        return self._index.vectors(chunk_ids)

    def close(self) -> None:
        """The holder closes the index; this is only a view of it."""

    def _within(self, scope: Scope) -> Scope:
        chosen = self._allowed if scope.collections is None else scope.collections
        return Scope(tuple(name for name in chosen if name in self._allowed), scope.filters)
