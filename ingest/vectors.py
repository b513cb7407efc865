"""The nearest-neighbour index of a generation. The one module that knows chromadb.

Embedded, in the generation's own folder, or in a Chroma server as a collection per generation. It holds chunk ids
and vectors; everything else is in the catalog. chromadb takes most of a second to import, so it is imported when
a search first needs it: a small index is searched exactly and never comes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from ingest.errors import AskwellError
from ingest.protocols import Vectors

NAME = "chroma"
COLLECTION = "chunks"
"""Name of the collection in an embedded store; a server has one for each generation."""
_BATCH = 2_000
_HNSW = {"space": "cosine", "ef_construction": 100, "max_neighbors": 16, "ef_search": 200, "sync_threshold": 2_000}


class ChromaVectors:
    """One collection. ``create`` makes it empty, otherwise it must exist."""

    def __init__(self, folder: Path, *, url: str = "", collection: str = COLLECTION, create: bool = False) -> None:
        self._client = _client(folder, url)
        try:
            if create:
                with suppress(Exception):  # left by an ingest that was killed
                    self._client.delete_collection(collection)
                self._collection = self._client.create_collection(
                    collection, embedding_function=None, configuration={"hnsw": _HNSW}
                )
            else:
                self._collection = self._client.get_collection(collection, embedding_function=None)
        except BaseException:
            self._client.close()
            raise

    def __len__(self) -> int:
        return int(self._collection.count())

    def upsert(self, batches: Iterable[tuple[Sequence[str], Vectors]]) -> Iterator[int]:
        """Writes (ids, vectors) batch by batch; yields how many were written so far."""
        written = 0
        for ids, vectors in batches:
            for start in range(0, len(ids), _BATCH):
                part = list(ids[start : start + _BATCH])
                self._collection.upsert(ids=part, embeddings=vectors[start : start + _BATCH])
                written += len(part)
                yield written

    def delete(self, ids: Iterable[str]) -> None:
        remaining = iter(ids)
        while part := list(islice(remaining, _BATCH)):
            self._collection.delete(ids=part)

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        """Ids of about the k nearest, nearest first."""
        size = len(self)
        if not size:
            return []
        found = self._collection.query(query_embeddings=vector.reshape(1, -1), n_results=min(k, size), include=[])
        return [str(chunk_id) for chunk_id in found["ids"][0]]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The unit vector that is stored for each id; ids that are not there are left out."""
        found = self._collection.get(ids=list(ids), include=["embeddings"])
        return {
            str(chunk_id): np.asarray(vector, dtype=np.float32)
            for chunk_id, vector in zip(found["ids"], found["embeddings"], strict=True)
        }

    def close(self) -> None:
        self._client.close()


def drop_collections(url: str, prefix: str, keep: Iterable[str]) -> None:
    """Removes a server's collections whose names start with ``prefix`` and are not in ``keep``."""
    kept = set(keep)
    client = _client(Path(), url)
    try:
        for collection in client.list_collections():
            if collection.name.startswith(prefix) and collection.name not in kept:
                client.delete_collection(collection.name)
    finally:
        client.close()


def _client(folder: Path, url: str) -> Any:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if not url:
        return chromadb.PersistentClient(path=str(folder / NAME), settings=settings)
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    try:
        return chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if secure else 8000),
            ssl=secure,
            settings=settings,
        )
    except Exception as error:  # the client raises ValueError, httpx errors and others
        raise AskwellError(
            f"The Chroma server at {url} does not answer. Start it, or unset ASKWELL_CHROMA_URL"
        ) from error
