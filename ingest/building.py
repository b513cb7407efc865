"""A generation under construction: documents go in one by one, then the stores are written and checked.

Memory stays bounded: texts wait in one window for the embedder, and the stores are filled from the catalog and
the row file. An update starts from copies of the live generation's files; nothing of the live one is ever written.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.asked import write_asked
from ingest.asked_lessons import Asked
from ingest.catalog_writer import NAME as CATALOG
from ingest.catalog_writer import CatalogWriter, body_key
from ingest.embedding_cache import EmbeddingCache
from ingest.errors import AskwellError
from ingest.generation import Generation
from ingest.generations import Generations
from ingest.index import Manifest
from ingest.manifest import FORMAT, write_manifest
from ingest.parsing import CHUNKER
from ingest.plan import Known
from ingest.protocols import Embedder
from ingest.reading import Item
from ingest.repeated import settle_repeated
from ingest.report import Progress
from ingest.rows import NAME as ROWS
from ingest.rows import RowWriter
from ingest.stores import Change, pack_rows, write_chroma, write_lexical
from ingest.vectors import COLLECTION, SECONDS_TO_WRITE

WINDOW = 2_048
"""Chunks that wait for the embedder, so that batches of like length can be made of them."""
_SAMPLE = 32
_FINDABLE = 0.8
"""Share of the sample that a search must find: far below what HNSW gives, far above what a broken graph would."""


class Building:
    """``folder`` is empty. With ``base``, the folder of a generation, the new one starts as its copy."""

    def __init__(
        self,
        name: str,
        folder: Path,
        embedder: Embedder,
        cache: EmbeddingCache,
        progress: Progress,
        *,
        base: Path | None,
        chroma_url: str = "",
        collection: str = COLLECTION,
    ) -> None:
        self.name, self.folder = name, folder
        self._embedder, self._cache, self._progress = embedder, cache, progress
        self._base, self._url = base, chroma_url
        self._collection = collection if chroma_url else COLLECTION
        if base:
            for part in (CATALOG, ROWS):
                shutil.copyfile(base / part, folder / part)
        self._catalog = CatalogWriter(folder)
        self._rows = RowWriter(folder, embedder.dimension)
        self._numbers = self._catalog.numbers()
        self._waiting: list[tuple[int, str, float]] = []
        self._seen_bodies: set[int] = set()
        self._again: set[int] = set()
        """Rows of chunks whose words another document opens or closes with too; embedded last, if they stay."""
        self._change = Change()
        self._bytes_done = 0.0
        self.bytes_total = 0
        self.chunks_written = 0

    def add(self, item: Item) -> None:
        """Adds a document, or puts it in the place of the one with the same id."""
        parsed = item.parsed
        self._remove(parsed.document.collection, parsed.document.id)
        rows = self._catalog.add(parsed, raw_hash=item.raw_hash, ingested=item.ingested, link=item.link)
        self._change.added.update(rows)
        self.chunks_written += len(rows)
        last = len(parsed.sections) - 1
        for row, chunk in zip(rows, parsed.chunks, strict=True):
            if chunk.section in (0, last):
                body = body_key(chunk.text)
                if body in self._seen_bodies:
                    self._again.add(row)
                    continue
                self._seen_bodies.add(body)
            self._waiting.append((row, chunk.embed_text, item.size / len(rows)))
            if len(self._waiting) >= WINDOW:
                self._embed()

    def remove(self, documents: Iterable[Known]) -> None:
        """Removes documents of the base; those that are gone already are passed over."""
        for document in documents:
            self._remove(document.collection, document.id)

    def _remove(self, collection: str, document_id: str) -> None:
        number = self._numbers.pop((collection, document_id), None)
        if number is not None:
            gone = self._catalog.remove(number)
            self._again.difference_update(row for row, _ in gone)
            self._change.removed.update(gone)

    def finish(self, chunker: str = CHUNKER, asked: Sequence[Asked] = ()) -> Manifest:
        """Embeds what waits, leaves out what is on every page, writes the stores, known questions and manifest."""
        self._settle_repeated()
        self._embed()
        self._embedder.release()  # the stores need the room
        self._rows.close()
        dimension = self._embedder.dimension
        self._catalog.commit()
        moved = pack_rows(self.folder, self._catalog, dimension, self._change.added)
        chunks = self._count("chunks")
        write_lexical(self.folder, self._catalog, None if moved else self._base, self._change, chunks, self._progress)
        write_chroma(
            self.folder,
            self._catalog,
            self._base,
            self._change,
            chunks,
            self._progress,
            dimension=dimension,
            url=self._url,
            collection=self._collection,
        )
        manifest = self._manifest(chunker, chunks)
        self._catalog.finish()
        write_asked(self.folder, asked, self._embedder, self._cache, self._progress, self._base)
        write_manifest(self.folder, manifest)
        return manifest

    def _settle_repeated(self) -> None:
        settled = settle_repeated(self._catalog)
        for row, chunk_id in settled.left_out:
            self._again.discard(row)
            # What was added in this run is in no store yet.
            if row in self._change.added:
                self._change.added.discard(row)
            else:
                self._change.removed[row] = chunk_id
        self._change.added.update(settled.taken_back)
        self._waiting += [
            (row, text, 0.0) for row, text in self._catalog.embed_texts({*self._again, *settled.taken_back})
        ]

    def abandon(self) -> None:
        """Closes what is open; the folder is for the caller to remove."""
        self._catalog.close()

    def _embed(self) -> None:
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        weight = sum(item[2] for item in waiting)
        before = self._bytes_done
        vectors = self._cache.embed(
            [text for _, text, _ in waiting],
            self._embedder,
            lambda count: self._tell(before + weight * count / len(waiting)),
        )
        self._rows.write([row for row, _, _ in waiting], vectors)
        self._tell(before + weight)

    def _tell(self, done: float) -> None:
        self._bytes_done = done
        self._progress.update("embedding", round(done), max(self.bytes_total, round(done)), "bytes")

    def _manifest(self, chunker: str, chunks: int) -> Manifest:
        revision = hashlib.sha256()
        execute = self._catalog.connection.execute
        for record in execute("SELECT collection, id, content_hash FROM documents ORDER BY collection, id"):
            revision.update("\0".join(record).encode() + b"\n")
        sources = execute("SELECT DISTINCT source FROM documents ORDER BY source")
        return Manifest(
            format=FORMAT,
            generation=self.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            embedder=self._embedder.name,
            embedder_fingerprint=self._embedder.fingerprint,
            dimension=self._embedder.dimension,
            chunker=chunker,
            corpus_revision=revision.hexdigest()[:16],
            documents=self._count("documents"),
            sections=self._count("sections"),
            chunks=chunks,
            sources=tuple(source for (source,) in sources),
        )

    def _count(self, table: str) -> int:
        return int(self._catalog.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@contextmanager
def new_generation(
    generations: Generations,
    embedder: Embedder,
    cache: EmbeddingCache,
    progress: Progress,
    *,
    base: Path | None,
    chroma_url: str = "",
) -> Iterator[Building]:
    """A generation to fill. Whatever is raised inside, its folder is removed and the live one stays as it is."""
    name, folder = generations.begin()
    building = None
    try:
        building = Building(
            name,
            folder,
            embedder,
            cache,
            progress,
            base=base,
            chroma_url=chroma_url,
            collection=generations.collection_prefix() + name,
        )
        yield building
    except BaseException:
        if building is not None:
            building.abandon()
        shutil.rmtree(folder, ignore_errors=True)
        raise


def verify(folder: Path, data_dir: Path, chroma_url: str = "") -> None:
    """The self-check before a generation goes live. Raises AskwellError when its stores do not agree."""
    generation = Generation(folder, data_dir, chroma_url=chroma_url, seconds=SECONDS_TO_WRITE)
    try:
        manifest, counts = generation.manifest, generation.counts()
        expected = {"documents": manifest.documents} | dict.fromkeys(("catalog", "lexical", "chroma"), manifest.chunks)
        wrong = {store: counts[store] for store, number in expected.items() if counts[store] != number}
        if wrong or counts["rows"] < manifest.chunks:
            raise AskwellError(f"The new index failed its self-check (expected {expected}, found {counts}). {_AGAIN}")
        lost, found = generation.sample(_SAMPLE)
        if lost or found < _FINDABLE:
            what = f"{lost[0]} has another vector" if lost else f"only {found:.0%} of its vectors are found"
            raise AskwellError(f"The new index failed its self-check ({what}). {_AGAIN}")
    finally:
        generation.close()


_AGAIN = "The live index is untouched. Run the same command again"
