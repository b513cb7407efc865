"""What is on every page of a source (navigation, footers, "Document conventions") is searched once.

A chunk of a document's first or last section whose words stand in at least half of the documents of the same source,
and in at least eight, stays in the index for the first of these documents only. It can still be read in all of them.
What is left out is a function of the documents in the index, not of the order in which they came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ingest.catalog_writer import CatalogWriter
from ingest.types import Chunk

PAGES = 8
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Settled:
    """``left_out`` are (row, id) of chunks that left the index, ``taken_back`` rows of those that are in it again."""

    left_out: tuple[tuple[int, str], ...]
    taken_back: tuple[int, ...]


def settle_repeated(catalog: CatalogWriter) -> Settled:
    """Moves chunks between ``chunks`` and ``repeated``, so that ``repeated`` holds what is not searched."""
    left_out: list[tuple[int, str]] = []
    taken_back: list[int] = []
    unwanted = _unwanted(catalog)
    for document, body in sorted(_kept_apart(catalog) - unwanted):
        taken_back += _take_back(catalog, document, body)
    for document, body in sorted(unwanted):
        left_out += _leave_out(catalog, document, body)
    return Settled(tuple(left_out), tuple(taken_back))


def _unwanted(catalog: CatalogWriter) -> set[tuple[int, int]]:
    """(document number, body) of every repetition but the first of its source."""
    execute = catalog.connection.execute
    documents = {
        (collection, source): int(count)
        for collection, source, count in execute("SELECT collection, source, count(*) FROM documents GROUP BY 1, 2")
    }
    if max(documents.values(), default=0) < PAGES:
        return set()
    places = "SELECT body, document FROM chunks WHERE body IS NOT NULL UNION SELECT body, document FROM repeated"
    often = [body for (body,) in execute(f"SELECT body FROM ({places}) GROUP BY body HAVING count(*) >= {PAGES}")]
    unwanted: set[tuple[int, int]] = set()
    for body in often:
        pages: dict[tuple[str, str], list[int]] = defaultdict(list)
        for collection, source, number in execute(
            "SELECT d.collection, d.source, d.number FROM documents d WHERE d.number IN"
            " (SELECT document FROM chunks WHERE body = ? UNION SELECT document FROM repeated WHERE body = ?)"
            " ORDER BY d.collection, d.source, d.id",
            (body, body),
        ):
            pages[collection, source].append(number)
        for place, numbers in pages.items():
            if len(numbers) >= PAGES and len(numbers) >= SHARE * documents[place]:
                unwanted.update((number, body) for number in numbers[1:])
    return unwanted


def _kept_apart(catalog: CatalogWriter) -> set[tuple[int, int]]:
    return set(catalog.connection.execute("SELECT DISTINCT document, body FROM repeated"))


def _leave_out(catalog: CatalogWriter, document: int, body: int) -> list[tuple[int, str]]:
    execute = catalog.connection.execute
    found = execute(
        "SELECT row, id, section, start, end, text, embed_text FROM chunks"
        " WHERE body = ? AND document = ? ORDER BY row",
        (body, document),
    ).fetchall()
    for row, _, section, start, end, text, embed_text in found:
        execute("INSERT INTO repeated VALUES (?,?,?,?,?,?,?)", (document, section, start, end, text, embed_text, body))
        catalog.remove_chunk(row, embed_text)
    return [(row, chunk_id) for row, chunk_id, *_ in found]


def _take_back(catalog: CatalogWriter, document: int, body: int) -> list[int]:
    execute = catalog.connection.execute
    collection, document_id = execute("SELECT collection, id FROM documents WHERE number = ?", (document,)).fetchone()
    found = execute(
        "SELECT section, start, end, text, embed_text FROM repeated WHERE body = ? AND document = ? ORDER BY start",
        (body, document),
    ).fetchall()
    execute("DELETE FROM repeated WHERE body = ? AND document = ?", (body, document))
    chunks = [Chunk(collection, document_id, *record) for record in found]
    return catalog.add_chunks(document, chunks, [body] * len(chunks))
