"""Reads the catalog of a generation: documents with their text, sections, chunks, front-matter values, vocabulary.

The file is opened read only and as immutable, so that nothing is locked and nothing is written beside it. Each
thread has a connection of its own. Writing is in ``catalog_writer.py``.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.catalog_writer import NAME
from ingest.errors import BadInputError, NoIndexError, NotFoundError
from ingest.index import DocumentSummary
from ingest.types import Chunk, Document, MetadataValue, Notice, Scope, Section

_DOCUMENT = "d.collection, d.id, d.title, d.url, d.media_type, d.content_hash"
_SECTION = "s.position, s.heading_path, s.anchor, s.level, s.kind, s.start, s.body_start, s.end, s.tree_end, s.parent"
_CHUNK = "d.collection, d.id, c.section, c.start, c.end, c.text, c.embed_text"
_AT_ONCE = 500
_NOT_FACETS = frozenset({"title", "summary", "description", "url", "sources", "reviewed", "commit", "path"})
"""Fields that say something of one document alone; they can be filtered on but are not listed."""


class Catalog:
    def __init__(self, folder: Path) -> None:
        self._uri = (folder / NAME).resolve().as_uri() + "?mode=ro&immutable=1"
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []

    def documents(self, scope: Scope) -> list[DocumentSummary]:
        """Ordered by collection and id."""
        where, values = self.where(scope)
        rows = self._all(
            f"SELECT {_DOCUMENT}, sections, chunks, characters, ingested, summary FROM documents d"
            f" WHERE {where} ORDER BY collection, id",
            values,
        )
        return [
            DocumentSummary(
                id=r[1],
                collection=r[0],
                title=r[2],
                url=r[3],
                media_type=r[4],
                content_hash=r[5],
                sections=r[6],
                chunks=r[7],
                characters=r[8],
                ingested=r[9],
                summary=r[10],
            )
            for r in rows
        ]

    def document(self, document_id: str, collection: str | None) -> Document:
        """Without a collection: the first one, by name, that has such a document."""
        row = self._one(
            f"SELECT {_DOCUMENT}, d.source, d.metadata, d.notices, t.text, d.anchors, d.pages FROM documents d"
            " JOIN texts t ON t.document = d.number WHERE d.id = ? AND (d.collection = ? OR ? IS NULL)"
            " ORDER BY d.collection LIMIT 1",
            (document_id, collection, collection),
        )
        if row is None:
            raise NotFoundError(f'There is no document "{document_id}" in the index' + _in(collection))
        return Document(
            id=row[1],
            collection=row[0],
            title=row[2],
            url=row[3],
            text=row[9],
            media_type=row[4],
            content_hash=row[5],
            source=row[6],
            metadata=_metadata(row[7]),
            notices=tuple(Notice(**notice) for notice in json.loads(row[8])),
            anchors=tuple((int(at), str(name)) for at, name in json.loads(row[10])),
            pages=tuple(json.loads(row[11])),
        )

    def sections(self, document_id: str, collection: str) -> tuple[Section, ...]:
        rows = self._all(
            f"SELECT {_SECTION} FROM documents d JOIN sections s ON s.document = d.number"
            " WHERE d.collection = ? AND d.id = ? ORDER BY s.position",
            (collection, document_id),
        )
        if not rows:
            raise NotFoundError(f'There is no document "{document_id}" in the index' + _in(collection))
        return tuple(_section(collection, document_id, row) for row in rows)

    def iter_sections(self) -> Iterator[Section]:
        # A cursor of its own: other queries of this thread may come between two sections.
        cursor = self._connection().cursor()
        cursor.execute(
            f"SELECT d.collection, d.id, {_SECTION} FROM documents d JOIN sections s ON s.document = d.number"
            " ORDER BY d.collection, d.id, s.position"
        )
        for row in cursor:
            yield _section(row[0], row[1], row[2:])

    def chunks(self, chunk_ids: Sequence[str]) -> dict[str, Chunk]:
        """In the order asked for; unknown ids are left out."""
        found: dict[str, Chunk] = {}
        for marks, part in _parts(chunk_ids):
            rows = self._all(
                f"SELECT {_CHUNK} FROM chunks c JOIN documents d ON d.number = c.document WHERE c.id IN ({marks})", part
            )
            for row in rows:
                chunk = Chunk(*row)
                found[chunk.id] = chunk
        return {chunk_id: found[chunk_id] for chunk_id in chunk_ids if chunk_id in found}

    def section_chunks(self, collection: str, document_id: str, section: int) -> tuple[Chunk, ...]:
        rows = self._all(
            f"SELECT {_CHUNK} FROM documents d JOIN chunks c ON c.document = d.number"
            " WHERE d.collection = ? AND d.id = ? AND c.section = ? ORDER BY c.start, c.end",
            (collection, document_id, section),
        )
        return tuple(Chunk(*row) for row in rows)

    def collections(self) -> list[str]:
        return [row[0] for row in self._all("SELECT DISTINCT collection FROM documents ORDER BY collection", ())]

    def document_counts(self) -> dict[str, int]:
        return dict(self._all("SELECT collection, count(*) FROM documents GROUP BY collection ORDER BY collection", ()))

    def headings(self) -> list[tuple[tuple[str, str, int], str]]:
        """``((collection, document, number), last heading or else the title)`` of every section that has a chunk."""
        rows = self._all(
            "SELECT d.collection, d.id, s.position, s.heading_path, d.title"
            " FROM (SELECT DISTINCT document, section FROM chunks) c"
            " JOIN sections s ON s.document = c.document AND s.position = c.section"
            " JOIN documents d ON d.number = c.document ORDER BY 1, 2, 3",
            (),
        )
        return [((row[0], row[1], row[2]), (json.loads(row[3]) or [row[4]])[-1]) for row in rows]

    def sources(self) -> list[str]:
        """The roots that the documents came from."""
        return [row[0] for row in self._all("SELECT DISTINCT source FROM documents ORDER BY source", ())]

    def facets(self) -> Mapping[str, Mapping[str, int]]:
        rows = self._all(
            "SELECT field, min(value), count(*) FROM facets GROUP BY field, folded ORDER BY field, count(*) DESC, 2", ()
        )
        facets: dict[str, dict[str, int]] = {}
        for field, value, count in rows:
            if field not in _NOT_FACETS:
                facets.setdefault(field, {})[value] = count
        return facets

    def document_frequency(self, stems: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for marks, part in _parts(stems):
            found.update(self._all(f"SELECT stem, chunks FROM stems WHERE stem IN ({marks})", part))
        return {stem: found.get(stem, 0) for stem in stems}

    def vocabulary(self) -> dict[str, int]:
        return dict(self._all("SELECT word, chunks FROM words", ()))

    def get_meta(self, key: str, default: str = "") -> str:
        row = self._one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else default

    def count(self, table: str) -> int:
        row = self._one(f"SELECT count(*) FROM {table}", ())
        return int(row[0]) if row else 0

    def rows(self, scope: Scope) -> NDArray[np.int64]:
        """Row numbers of the chunks in scope, ascending."""
        if scope.is_everything:
            # Not ORDER BY row: that would read every chunk's text, where an index holds the row numbers alone.
            found = self._all("SELECT row FROM chunks", ())
        else:
            where, values = self.where(scope)
            found = self._all(
                f"SELECT row FROM chunks WHERE document IN (SELECT d.number FROM documents d WHERE {where})",
                values,
            )
        return np.sort(np.fromiter((row for (row,) in found), dtype=np.int64, count=len(found)))

    def numbers(self, scope: Scope) -> list[int]:
        """Document numbers in scope, ascending."""
        where, values = self.where(scope)
        return [
            row[0] for row in self._all(f"SELECT d.number FROM documents d WHERE {where} ORDER BY d.number", values)
        ]

    def ids_of_rows(self, rows: Sequence[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for marks, part in _parts(rows):
            found.update(self._all(f"SELECT row, id FROM chunks WHERE row IN ({marks})", part))
        return found

    def rows_of_ids(self, chunk_ids: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for marks, part in _parts(chunk_ids):
            found.update(self._all(f"SELECT id, row FROM chunks WHERE id IN ({marks})", part))
        return found

    def where(self, scope: Scope) -> tuple[str, list[str]]:
        """SQL over ``documents d``. Raises NotFoundError and BadInputError rather than ignore what it does not know."""
        conditions: list[str] = []
        values: list[str] = []
        if scope.collections is not None:
            known = self.collections()
            for name in scope.collections:
                if name not in known:
                    raise NotFoundError(f'There is no collection "{name}". There is: {", ".join(known) or "none yet"}')
            conditions.append(f"d.collection IN ({','.join('?' * len(scope.collections))})")
            values += scope.collections
        for field, accepted in scope.filters:
            if self._one("SELECT 1 FROM facets WHERE field = ? LIMIT 1", (field.casefold(),)) is None:
                known = sorted(self.facets())
                raise BadInputError(f'No document has the field "{field}". There is: {", ".join(known) or "none"}')
            marks = ",".join("?" * len(accepted))
            conditions.append(f"d.number IN (SELECT document FROM facets WHERE field = ? AND folded IN ({marks}))")
            values += [field.casefold(), *(value.casefold() for value in accepted)]
        return " AND ".join(conditions) or "1", values

    def raw_hashes(self) -> list[tuple[int, str, str, str, str, str]]:
        """(number, collection, id, source, hash of the file's bytes, link of the source) of every document."""
        return self._all("SELECT number, collection, id, source, raw_hash, link FROM documents ORDER BY number", ())

    def close(self) -> None:
        with self._lock:
            while self._open:
                self._open.pop().close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False, isolation_level=None)
            except sqlite3.OperationalError as error:  # a thread that comes later than the folder went
                raise NoIndexError(
                    "The index was taken away while it was open. Put its folder back, or run: askwell ingest"
                ) from error
            connection.execute("PRAGMA mmap_size = 268435456")
            self._local.connection = connection
            with self._lock:
                self._open.append(connection)
        return connection

    def _all(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return self._connection().execute(sql, values).fetchall()

    def _one(self, sql: str, values: Sequence[Any]) -> Any:
        return self._connection().execute(sql, values).fetchone()


def _section(collection: str, document_id: str, row: Any) -> Section:
    return Section(document_id, collection, row[0], tuple(json.loads(row[1])), *row[2:])


def _metadata(stored: str) -> dict[str, MetadataValue]:
    return {field: value if isinstance(value, str) else tuple(value) for field, value in json.loads(stored).items()}


def _parts(values: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Question marks and values, a few hundred at a time (SQLite limits both)."""
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        yield ",".join("?" * len(part)), part


def _in(collection: str | None) -> str:
    return f' (collection "{collection}")' if collection else ""
