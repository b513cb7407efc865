"""Writes the catalog of a generation that is being built: the schema, adding and removing documents, the vocabulary.

Speed over safety on purpose: a generation that was not finished is thrown away, and a finished one is flushed
before it goes live. Reading is in ``catalog.py``.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from ingest.types import Chunk, MetadataValue, ParsedDocument
from ingest.words import stem, words

NAME = "catalog.sqlite3"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, collection TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL,
    media_type TEXT NOT NULL, content_hash TEXT NOT NULL, source TEXT NOT NULL, metadata TEXT NOT NULL,
    notices TEXT NOT NULL, raw_hash TEXT NOT NULL, ingested TEXT NOT NULL, summary TEXT NOT NULL,
    sections INTEGER NOT NULL, chunks INTEGER NOT NULL, characters INTEGER NOT NULL, anchors TEXT NOT NULL,
    pages TEXT NOT NULL, link TEXT NOT NULL, UNIQUE (collection, id));
CREATE TABLE texts (document INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE sections (
    document INTEGER NOT NULL, position INTEGER NOT NULL, heading_path TEXT NOT NULL, anchor TEXT NOT NULL,
    level INTEGER NOT NULL, kind TEXT NOT NULL, start INTEGER NOT NULL, body_start INTEGER NOT NULL,
    end INTEGER NOT NULL, tree_end INTEGER NOT NULL, parent INTEGER NOT NULL,
    PRIMARY KEY (document, position)) WITHOUT ROWID;
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document INTEGER NOT NULL, section INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, embed_text TEXT NOT NULL, body INTEGER);
CREATE INDEX chunks_by_place ON chunks (document, section, start);
CREATE INDEX chunks_by_body ON chunks (body, document) WHERE body IS NOT NULL;
CREATE TABLE repeated (
    document INTEGER NOT NULL, section INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    text TEXT NOT NULL, embed_text TEXT NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (document, start, end)
) WITHOUT ROWID;
CREATE INDEX repeated_by_body ON repeated (body, document);
CREATE TABLE facets (
    field TEXT NOT NULL, folded TEXT NOT NULL, document INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (field, folded, document)) WITHOUT ROWID;
CREATE INDEX facets_by_document ON facets (document);
CREATE TABLE words (word TEXT PRIMARY KEY, chunks INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE stems (stem TEXT PRIMARY KEY, chunks INTEGER NOT NULL) WITHOUT ROWID;
"""
_SUMMARY_CHARS = 240


class CatalogWriter:
    """Opens ``folder/catalog.sqlite3`` for writing; creates it when it is not there."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        fresh = not path.exists()
        self.connection = sqlite3.connect(path, isolation_level=None)
        execute = self.connection.execute
        if fresh:
            execute("PRAGMA page_size = 8192")
        execute("PRAGMA journal_mode = OFF")
        execute("PRAGMA synchronous = OFF")
        execute("PRAGMA locking_mode = EXCLUSIVE")
        execute("PRAGMA cache_size = -65536")
        if fresh:
            self.connection.executescript(_SCHEMA)
        execute("BEGIN")
        used = execute("SELECT count(*), coalesce(max(row), -1) FROM chunks").fetchone()
        self._next_row = int(used[1]) + 1
        self._free: list[int] = []
        if used[0] < self._next_row:
            taken = {row for (row,) in execute("SELECT row FROM chunks")}
            self._free = [row for row in range(self._next_row) if row not in taken]
        self._words: Counter[str] = Counter()
        self._stems: Counter[str] = Counter()

    def add(self, parsed: ParsedDocument, *, raw_hash: str, ingested: str, link: str = "") -> list[int]:
        """Adds a document that is not there and gives each of its chunks a row, in order."""
        document = parsed.document
        cursor = self.connection.execute(
            "INSERT INTO documents (collection, id, title, url, media_type, content_hash, source, metadata, notices,"
            " raw_hash, ingested, summary, sections, chunks, characters, anchors, pages, link)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                document.collection,
                document.id,
                document.title,
                document.url,
                document.media_type,
                document.content_hash,
                document.source,
                json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True),
                json.dumps([asdict(notice) for notice in document.notices], ensure_ascii=False),
                raw_hash,
                ingested,
                _summary(parsed),
                len(parsed.sections),
                len(parsed.chunks),
                len(document.text),
                json.dumps(document.anchors, ensure_ascii=False),
                json.dumps(document.pages),
                link,
            ),
        )
        number = int(cursor.lastrowid or 0)
        self.connection.execute("INSERT INTO texts VALUES (?, ?)", (number, document.text))
        self.connection.executemany(
            "INSERT INTO sections VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            [
                (
                    *(number, s.index, json.dumps(s.heading_path, ensure_ascii=False), s.anchor, s.level, s.kind),
                    *(s.start, s.body_start, s.end, s.tree_end, s.parent),
                )
                for s in parsed.sections
            ],
        )
        self.connection.executemany(
            "INSERT OR IGNORE INTO facets (document, field, value, folded) VALUES (?,?,?,?)",
            [
                (number, field.casefold(), value, value.casefold())
                for field, values in sorted(document.metadata.items())
                for value in _values(values)
            ],
        )
        last = len(parsed.sections) - 1
        bodies = [body_key(chunk.text) if chunk.section in (0, last) else None for chunk in parsed.chunks]
        return self.add_chunks(number, parsed.chunks, bodies)

    def remove(self, number: int) -> list[tuple[int, str]]:
        """Removes a document; (row, id) of its chunks. Their rows are free from now on."""
        execute = self.connection.execute
        gone = execute("SELECT row, id, embed_text FROM chunks WHERE document = ? ORDER BY row", (number,)).fetchall()
        for row, _, embed_text in gone:
            self._count(embed_text, -1)
            heapq.heappush(self._free, row)
        for table in ("chunks", "repeated", "sections", "facets", "texts"):
            execute(f"DELETE FROM {table} WHERE document = ?", (number,))
        execute("DELETE FROM documents WHERE number = ?", (number,))
        return [(row, chunk_id) for row, chunk_id, _ in gone]

    def embed_texts(self, rows: Iterable[int]) -> list[tuple[int, str]]:
        """(row, what the embedder reads) of some chunks, by row."""
        execute = self.connection.execute
        return [
            (row, execute("SELECT embed_text FROM chunks WHERE row = ?", (row,)).fetchone()[0]) for row in sorted(rows)
        ]

    def numbers(self) -> dict[tuple[str, str], int]:
        """(collection, id) -> number of every document."""
        rows = self.connection.execute("SELECT collection, id, number FROM documents")
        return {(collection, document_id): number for collection, document_id, number in rows}

    def set_meta(self, key: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def get_meta(self, key: str, default: str = "") -> str:
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def commit(self) -> None:
        """Makes what was added readable to others; more may follow."""
        self._write_vocabulary()
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    def close(self) -> None:
        self.connection.close()

    def finish(self) -> None:
        """Commits, gives the room of removed documents back when it is much, and closes."""
        self._write_vocabulary()
        execute = self.connection.execute
        execute("COMMIT")
        pages, free = (int(execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count"))
        if free * 4 > pages:
            execute("VACUUM")
        self.connection.close()

    def add_chunks(self, number: int, chunks: Sequence[Chunk], bodies: Sequence[int | None]) -> list[int]:
        """Gives each chunk a row. ``bodies`` are the keys of those that may turn out to be on every page."""
        rows = [self._row() for _ in chunks]
        self.connection.executemany(
            "INSERT INTO chunks VALUES (?,?,?,?,?,?,?,?,?)",
            [
                (row, chunk.id, number, chunk.section, chunk.start, chunk.end, chunk.text, chunk.embed_text, body)
                for row, chunk, body in zip(rows, chunks, bodies, strict=True)
            ],
        )
        for chunk in chunks:
            self._count(chunk.embed_text, 1)
        return rows

    def remove_chunk(self, row: int, embed_text: str) -> None:
        """Removes one chunk; its row is free from now on."""
        self._count(embed_text, -1)
        heapq.heappush(self._free, row)
        self.connection.execute("DELETE FROM chunks WHERE row = ?", (row,))

    def _row(self) -> int:
        if self._free:
            return heapq.heappop(self._free)
        self._next_row += 1
        return self._next_row - 1

    def _count(self, text: str, change: int) -> None:
        found = set(words(text))
        for word in found:
            self._words[word] += change
        for root in {stem(word) for word in found}:
            self._stems[root] += change

    def _write_vocabulary(self) -> None:
        for table, column, counts in (("words", "word", self._words), ("stems", "stem", self._stems)):
            self.connection.executemany(
                f"INSERT INTO {table} VALUES (?, ?)"
                f" ON CONFLICT ({column}) DO UPDATE SET chunks = chunks + excluded.chunks",
                sorted((word, count) for word, count in counts.items() if count),
            )
            self.connection.execute(f"DELETE FROM {table} WHERE chunks <= 0")
            counts.clear()


def body_key(text: str) -> int:
    """A 64-bit key of a chunk's words, white space aside."""
    digest = hashlib.sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _values(values: MetadataValue) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else values


def _summary(parsed: ParsedDocument) -> str:
    """The front matter's summary, else the first words of the first chunk that is more than a heading."""
    for field in ("summary", "description"):
        given = parsed.document.metadata.get(field)
        if isinstance(given, str) and given.strip():
            return " ".join(given.split())
    for chunk in parsed.chunks:
        section = parsed.sections[chunk.section]
        body = " ".join(parsed.document.text[max(chunk.start, section.body_start) : chunk.end].split())
        if body:
            return body if len(body) <= _SUMMARY_CHARS else body[:_SUMMARY_CHARS].rsplit(" ", 1)[0] + "…"
    return ""
