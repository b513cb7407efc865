"""Fills the lexical index and the vector index of a generation from its catalog and row file, and packs the row file.

Each store is either a copy of the live generation's with the difference applied, or written anew when it is small
or when too much in the copy would be stale.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.catalog_writer import CatalogWriter
from ingest.generation import EXACT_CHUNKS
from ingest.lexical import NAME as LEXICAL
from ingest.lexical import Entry, LexicalWriter
from ingest.protocols import Vectors
from ingest.report import Progress
from ingest.rows import NAME as ROWS
from ingest.rows import RowReader, RowWriter
from ingest.vectors import COLLECTION, ChromaVectors
from ingest.vectors import NAME as CHROMA

_STALE_LEXICAL = 0.02
"""Deleted chunks still count in BM25's statistics; beyond this share the lexical index is written anew."""
_STALE_CHROMA = 0.2
"""Deleted vectors keep their room and slow the graph down; beyond this share it is built anew."""
_HOLES = 0.25
_BATCH = 4_000
_MARKS = 500


@dataclass(slots=True)
class Change:
    """What an update did to the chunks of the copied generation: rows and ids removed, rows added."""

    removed: dict[int, str] = field(default_factory=dict)
    added: set[int] = field(default_factory=set)


def write_lexical(
    folder: Path, catalog: CatalogWriter, base: Path | None, change: Change, chunks: int, progress: Progress
) -> None:
    """``base`` is the folder of the generation to copy from, or None to write anew."""
    stale = int(catalog.get_meta("lexical_stale", "0")) + len(change.removed)
    # Small indexes are always written anew: then scores cannot depend on what was there before.
    update = base is not None and chunks > EXACT_CHUNKS and stale <= _STALE_LEXICAL * chunks
    if base and update:
        shutil.copytree(base / LEXICAL, folder / LEXICAL)
    writer = LexicalWriter(folder)
    if update:
        writer.remove(sorted(change.removed))
    rows = sorted(change.added) if update else None
    total = chunks if rows is None else len(rows)

    def told(entries: Iterator[Entry]) -> Iterator[Entry]:
        for done, entry in enumerate(entries, start=1):
            if done % 1_000 == 0 or done == total:
                progress.update("lexical index", done, total, "chunks")
            yield entry

    writer.add(told(_entries(catalog.connection, rows)))
    writer.finish()
    catalog.set_meta("lexical_stale", str(stale) if update else "0")


def write_chroma(
    folder: Path,
    catalog: CatalogWriter,
    base: Path | None,
    change: Change,
    chunks: int,
    progress: Progress,
    *,
    dimension: int,
    url: str,
    collection: str,
) -> None:
    """Into ``folder``, or into the server at ``url`` (whose collections cannot be copied and are written anew)."""
    stale = int(catalog.get_meta("chroma_stale", "0")) + len(change.removed)
    embedded = not url and catalog.get_meta("chroma_collection", COLLECTION) == COLLECTION
    update = base is not None and embedded and stale <= _STALE_CHROMA * chunks
    if base and update:
        shutil.copytree(base / CHROMA, folder / CHROMA)
    rows = sorted(change.added) if update else None
    total = chunks if rows is None else len(rows)
    store = ChromaVectors(folder, url=url, collection=collection, create=not update)
    try:
        if rows is not None:
            kept = {chunk_id for _, chunk_id in _ids(catalog.connection, rows)}
            store.delete(sorted(set(change.removed.values()) - kept))
        for written in store.upsert(_vectors(folder, catalog.connection, dimension, rows)):
            progress.update("vector index", written, total, "chunks")
    finally:
        store.close()
    catalog.set_meta("chroma_stale", str(stale) if update else "0")
    catalog.set_meta("chroma_collection", collection)


def pack_rows(folder: Path, catalog: CatalogWriter, dimension: int, added: set[int]) -> bool:
    """Gives the room of deleted rows back. True when rows have moved, so that row numbers elsewhere are stale.

    When a quarter of the file is free, its last rows move into the free ones; ``added`` is kept right.
    """
    execute = catalog.connection.execute
    live = sorted(row for (row,) in execute("SELECT row FROM chunks"))  # from an index; ORDER BY would read the texts
    path = folder / ROWS
    size = path.stat().st_size // (dimension * 4)
    moved = size - len(live) > _HOLES * size and bool(live) and live[-1] >= len(live)
    if moved:
        taken = set(live)
        holes = [row for row in range(len(live)) if row not in taken]
        reader, writer = RowReader(folder, dimension), RowWriter(folder, dimension)
        for hole, row in zip(holes, live[len(live) - len(holes) :], strict=True):
            writer.write([hole], reader.take([row]))
            execute("UPDATE chunks SET row = ? WHERE row = ?", (hole, row))
            if row in added:
                added.remove(row)
                added.add(hole)
        writer.close()
    rows = len(live) if moved or not live else live[-1] + 1
    with path.open("r+b") as file:
        file.truncate(rows * dimension * 4)
    return moved


def _entries(connection: sqlite3.Connection, rows: Sequence[int] | None) -> Iterator[Entry]:
    """Entries for the lexical index in the order of the documents; those of ``rows`` only, if given."""
    columns = "SELECT c.row, c.document, d.title, s.heading_path, c.embed_text FROM"
    section = "JOIN sections s ON s.document = c.document AND s.position = c.section"
    if rows is None:
        # CROSS JOIN keeps the order of the loops, so that nothing has to be sorted.
        found = connection.execute(
            f"{columns} documents d CROSS JOIN chunks c ON c.document = d.number {section}"
            " ORDER BY d.collection, d.id, c.section, c.start"
        )
        yield from (_entry(*record) for record in found)
        return
    for part, marks in _parts(rows):
        found = connection.execute(
            f"{columns} chunks c JOIN documents d ON d.number = c.document {section}"
            f" WHERE c.row IN ({marks}) ORDER BY c.row",
            part,
        )
        yield from (_entry(*record) for record in found)


def _entry(row: int, document: int, title: str, heading_path: str, text: str) -> Entry:
    return Entry(row, document, title, " ".join(json.loads(heading_path)), text)


def _ids(connection: sqlite3.Connection, rows: Sequence[int] | None) -> Iterator[tuple[int, str]]:
    if rows is None:
        yield from connection.execute("SELECT row, id FROM chunks ORDER BY row")
        return
    for part, marks in _parts(rows):
        yield from connection.execute(f"SELECT row, id FROM chunks WHERE row IN ({marks}) ORDER BY row", part)


def _vectors(
    folder: Path, connection: sqlite3.Connection, dimension: int, rows: Sequence[int] | None
) -> Iterator[tuple[list[str], Vectors]]:
    batch: list[tuple[int, str]] = []
    for item in _ids(connection, rows):
        batch.append(item)
        if len(batch) == _BATCH:
            yield _taken(folder, dimension, batch)
            batch = []
    if batch:
        yield _taken(folder, dimension, batch)


def _taken(folder: Path, dimension: int, batch: Sequence[tuple[int, str]]) -> tuple[list[str], Vectors]:
    # Opened for each batch: a mapping that stays open holds on to every page that was read, in the end the whole file.
    vectors = RowReader(folder, dimension).take([row for row, _ in batch])
    return [chunk_id for _, chunk_id in batch], vectors


def _parts(rows: Sequence[int]) -> Iterator[tuple[Sequence[int], str]]:
    for start in range(0, len(rows), _MARKS):
        part = rows[start : start + _MARKS]
        yield part, ",".join("?" * len(part))
