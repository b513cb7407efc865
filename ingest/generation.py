"""One open generation: ``ingest.index.OpenIndex`` over the catalog, the row file, Tantivy and Chroma.

Read only and safe for many threads. Closes itself when the last user lets go of it, so an index can be switched
while requests are in flight.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.asked_lookup import AskedLookup
from ingest.catalog import Catalog
from ingest.errors import AskwellError
from ingest.index import DocumentSummary, Manifest
from ingest.lexical import LexicalReader
from ingest.manifest import read_manifest
from ingest.protocols import Vectors
from ingest.rows import RowReader
from ingest.types import Chunk, Document, KnownQuestions, Scope, Scored, Section, Wording
from ingest.vectors import COLLECTION, SECONDS_TO_SEARCH, ChromaVectors

EXACT_CHUNKS = 20_000
"""Up to so many chunks in scope every one is scored (about 2 ms); HNSW is for more, and loses some under filters."""
_SCOPES_KEPT = 64
_SAME = 0.9999
_SPARE, _SPARE_IN_SCOPE, _MOST_WANTED = 10, 2, 2_000
"""How many more than k are asked of HNSW: a few, twice the expected share of a scope, and never more than this."""
_REST_SECONDS = 30.0
"""After a failure a Chroma server is left alone for so long, so that not every question waits for it."""
_EVERYTHING = Scope()
_log = logging.getLogger(__name__)


class Generation:
    """Raises FileNotFoundError when the folder is not a finished generation, IndexMismatchError for a foreign one."""

    def __init__(
        self,
        folder: Path,
        data_dir: Path,
        *,
        chroma_url: str = "",
        exact_chunks: int = EXACT_CHUNKS,
        seconds: float = SECONDS_TO_SEARCH,
    ) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder, data_dir)
        self._exact_chunks = exact_chunks
        self._chroma_url = chroma_url
        self._catalog = Catalog(folder)
        self._rows = RowReader(folder, self.manifest.dimension)
        self._lexical = LexicalReader(folder)
        collection = self._catalog.get_meta("chroma_collection", COLLECTION)
        self._neighbours = _Neighbours(folder, chroma_url, collection, seconds)
        self._asked = AskedLookup(folder)
        self._scopes: dict[Scope, tuple[NDArray[np.int64], Any]] = {}
        self._close = weakref.finalize(self, _close_all, self._catalog.close, self._neighbours.close)

    # the catalog
    def documents(self, scope: Scope = _EVERYTHING) -> list[DocumentSummary]:
        return self._catalog.documents(scope)

    def document(self, document_id: str, collection: str | None = None) -> Document:
        return self._catalog.document(document_id, collection)

    def sections(self, document_id: str, collection: str) -> tuple[Section, ...]:
        return self._catalog.sections(document_id, collection)

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        return self._catalog.chunks(chunk_ids)

    def section_chunks(self, collection: str, document_id: str, section: int) -> tuple[Chunk, ...]:
        return self._catalog.section_chunks(collection, document_id, section)

    def iter_sections(self) -> Iterator[Section]:
        yield from self._catalog.iter_sections()  # the generator holds on to this generation, so it stays open

    def collections(self) -> list[str]:
        return self._catalog.collections()

    def document_counts(self) -> Mapping[str, int]:
        return self._document_counts

    def facets(self) -> Mapping[str, Mapping[str, int]]:
        return self._facets

    # the vocabulary
    def document_frequency(self, stems: Sequence[str]) -> dict[str, int]:
        return self._catalog.document_frequency(stems)

    def vocabulary(self) -> Mapping[str, int]:
        return self._vocabulary

    # the two searches
    def dense(self, vector: Vectors, k: int, scope: Scope = _EVERYTHING) -> list[Scored]:
        query = np.asarray(vector, dtype=np.float32).reshape(-1)
        query = query / max(float(np.linalg.norm(query)), 1e-12)
        if k < 1 or not self.manifest.chunks:
            return []
        near = self._approximate(query, k, scope)
        if near is None:
            near = self._rows.nearest(query, self._scope(scope)[0], k)
        return self._ranked([int(row) for row in near], self._rows.score(query, near), k)

    def lexical(self, query: str, k: int, scope: Scope = _EVERYTHING) -> list[Scored]:
        hits = self._lexical.search(query, k, None if scope.is_everything else self._scope(scope)[1])
        return self._ranked([row for row, _ in hits], [score for _, score in hits], k)

    def asked(self, vector: Vectors, text: str) -> KnownQuestions:
        return self._asked.near(vector, text)

    def followed(self, turn: tuple[Vectors, str], before: tuple[Vectors, str]) -> KnownQuestions:
        return self._asked.followed(turn, before)

    def likeness(
        self, section: tuple[str, str, int], spans: Sequence[tuple[int, int]], vector: Vectors, text: str
    ) -> list[float]:
        return self._asked.likeness(section, spans, vector, text)

    def wordings(self, section: tuple[str, str, int], turn: tuple[Vectors, str], read: Vectors) -> list[Wording]:
        return self._asked.wordings(section, turn, read)

    def within(self, chunk_ids: Sequence[str], scope: Scope) -> list[str]:
        if scope.is_everything:
            return list(chunk_ids)
        rows = self._catalog.rows_of_ids(chunk_ids)
        inside = set(self._scope(scope)[0].tolist())
        return [chunk_id for chunk_id in chunk_ids if rows.get(chunk_id) in inside]

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        """Raises KeyError for an id that is not in this generation."""
        rows = self._catalog.rows_of_ids(chunk_ids)
        return self._rows.take([rows[chunk_id] for chunk_id in chunk_ids])

    def warm(self) -> None:
        """Loads the nearest-neighbour index if searches will need it, so that no request waits for it."""
        self._scope(_EVERYTHING)
        if self.manifest.chunks > self._exact_chunks:
            self._neighbours.nearest(self._rows.take([0])[0], 1)

    def close(self) -> None:
        self._close()

    @property
    def problem(self) -> str:
        """Why searches are slower than they could be; empty when all is well."""
        return self._neighbours.problem

    # for the self-check and for status
    def counts(self) -> dict[str, int]:
        """Chunks in each store, and documents; all stores must agree."""
        return {
            "documents": self._catalog.count("documents"),
            "catalog": self._catalog.count("chunks"),
            "lexical": len(self._lexical),
            "chroma": self._neighbours.count(),
            "rows": len(self._rows),
        }

    def sample(self, size: int) -> tuple[list[str], float]:
        """Of about ``size`` chunks spread over the index: those whose vector the vector index does not hold as it
        should, and the share, 0 to 1, that a search by their own vector finds. HNSW may miss a few in a thousand.
        """
        rows = self._catalog.rows(_EVERYTHING)
        if not len(rows):
            return [], 1.0
        names = self._catalog.ids_of_rows([int(row) for row in rows[:: max(1, len(rows) // size)]])
        held = self._neighbours.vectors(list(names.values()))
        wrong, found = [], 0
        for row, chunk_id in names.items():
            if chunk_id not in held or self._rows.score(held[chunk_id], [row])[0] < _SAME:
                wrong.append(chunk_id)
                continue
            near = list(self._catalog.rows_of_ids(self._neighbours.nearest(held[chunk_id], 10)).values())
            # Equal texts have equal vectors, and any of them may take the ten places.
            found += bool(near) and bool(self._rows.score(held[chunk_id], near).max() >= _SAME)
        return wrong, found / len(names)

    @property
    def catalog(self) -> Catalog:
        """For the write path, which compares what is live with what is on disk."""
        return self._catalog

    @cached_property
    def _document_counts(self) -> Mapping[str, int]:
        return self._catalog.document_counts()

    @cached_property
    def _facets(self) -> Mapping[str, Mapping[str, int]]:
        return self._catalog.facets()

    @cached_property
    def _vocabulary(self) -> Mapping[str, int]:
        return self._catalog.vocabulary()

    def _scope(self, scope: Scope) -> tuple[NDArray[np.int64], Any]:
        """(rows in scope, lexical filter), kept: a generation never changes and the same scopes come again."""
        known = self._scopes.get(scope)
        if known is None:
            rows = self._catalog.rows(scope)
            within = None if scope.is_everything else self._lexical.scope_query(self._catalog.numbers(scope))
            known = (rows, within)
            if len(self._scopes) < _SCOPES_KEPT:
                self._scopes[scope] = known
        return known

    def _approximate(self, query: Vectors, k: int, scope: Scope) -> NDArray[np.int64] | None:
        """Rows near the query through HNSW. None when the scope is better scored exactly: it is small, or so small
        a part of the index that most of what HNSW finds would be thrown away.
        """
        rows = None if scope.is_everything else self._scope(scope)[0]
        size = self.manifest.chunks if rows is None else len(rows)
        wanted = k + _SPARE if rows is None else int(k * _SPARE_IN_SCOPE * self.manifest.chunks / max(1, size))
        if size <= self._exact_chunks or (rows is not None and wanted > _MOST_WANTED):
            return None
        found = self._neighbours.nearest_or_none(query, wanted)
        if found is None:  # exact search is slower and needs nothing but the row file
            return None
        near = np.array(sorted(self._catalog.rows_of_ids(found).values()), dtype=np.int64)
        if rows is not None:
            near = near[np.isin(near, rows, assume_unique=True)]
        return near if len(near) >= min(k, size) else None

    def _ranked(self, rows: Sequence[int], scores: Sequence[float] | NDArray[np.float64], k: int) -> list[Scored]:
        ids = self._catalog.ids_of_rows(rows)
        scored = [Scored(ids[row], float(score)) for row, score in zip(rows, scores, strict=True)]
        return sorted(scored, key=lambda hit: (-hit.score, hit.chunk_id))[:k]


class _Neighbours:
    """Chroma, opened when a search first needs it, and left alone for a while after it failed.

    ``problem`` says what failed last; empty when all is well.
    """

    def __init__(self, folder: Path, url: str, collection: str, seconds: float) -> None:
        self._folder, self._collection, self._seconds = folder, collection, seconds
        # A generation that was built embedded stays readable when a server is configured later.
        self._url = "" if collection == COLLECTION else url
        self._lock = threading.Lock()
        self._opened: ChromaVectors | None = None
        self._not_before = 0.0
        self.problem = ""

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        return self._store().nearest(vector, k)

    def nearest_or_none(self, vector: Vectors, k: int) -> list[str] | None:
        """None where the search has to do without."""
        try:
            found = self._store(patient=False).nearest(vector, k)
        except _RestingError:
            return None
        except Exception as error:
            self._failed(error)
            return None
        self.problem = ""
        return found

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        return self._store().vectors(ids)

    def count(self) -> int:
        return len(self._store())

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _store(self, *, patient: bool = True) -> ChromaVectors:
        """Not ``patient``: raises _RestingError while a failure is fresh."""
        with self._lock:
            if not patient and time.monotonic() < self._not_before:
                raise _RestingError
            if self._opened is None:
                if not self._url and self._collection != COLLECTION:
                    raise AskwellError(
                        "The vectors of this index are in a Chroma server. Set ASKWELL_CHROMA_URL to its address"
                    )
                try:
                    self._opened = ChromaVectors(
                        self._folder, url=self._url, collection=self._collection, seconds=self._seconds
                    )
                except Exception:  # whoever waits for the lock must not wait for the server once more
                    self._rest()
                    raise
            return self._opened

    def _failed(self, error: Exception) -> None:
        with self._lock:
            told = self.problem
            self.problem = f"The nearest-neighbour index is not used and every chunk is scored instead. {error}"
            if self._opened is not None:  # a restarted server is greeted anew
                self._opened.close()
                self._opened = None
            self._rest()
        if self.problem != told:
            _log.warning("%s", self.problem)

    def _rest(self) -> None:
        # a server may come back; a folder that cannot be opened stays so
        self._not_before = time.monotonic() + _REST_SECONDS if self._url else math.inf


class _RestingError(AskwellError):
    """Chroma failed a moment ago."""


def _close_all(*closers: Callable[[], None]) -> None:
    for close in closers:
        close()
