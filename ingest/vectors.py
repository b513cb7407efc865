"""The nearest-neighbour index of a generation. The one module that knows chromadb.

Embedded, in the generation's own folder, or in a Chroma server as a collection per generation. It holds chunk ids
and vectors; everything else is in the catalog. chromadb takes most of a second to import, so it is imported when
a search first needs it: a small index is searched exactly and never comes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

from ingest.errors import AskwellError, BadInputError, VectorsLostError
from ingest.protocols import Vectors

NAME = "chroma"
COLLECTION = "chunks"
"""Name of the collection in an embedded store; a server has one for each generation."""
_BATCH = 2_000
SECONDS_TO_SEARCH = 5.0
SECONDS_TO_WRITE = 300.0
"""A server that is silent for longer is given up. chromadb itself would wait for ever."""
_SECONDS_TO_GREET = 10.0
_HNSW = {"space": "cosine", "ef_construction": 100, "max_neighbors": 16, "ef_search": 200, "sync_threshold": 2_000}


class ChromaVectors:
    """One collection. ``create`` makes it empty, otherwise it must exist.

    What goes wrong with a server is an AskwellError that names it: a VectorsLostError where the server is well and
    does not have the collection. ``seconds`` is how long it may be silent.
    """

    def __init__(
        self,
        folder: Path,
        *,
        url: str = "",
        collection: str = COLLECTION,
        create: bool = False,
        seconds: float = SECONDS_TO_WRITE,
    ) -> None:
        self._url = url
        self._client = _client(folder, url, seconds)
        try:
            with _named(url):
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
        with _named(self._url):
            return int(self._collection.count())

    def upsert(self, batches: Iterable[tuple[Sequence[str], Vectors]]) -> Iterator[int]:
        """Writes (ids, vectors) batch by batch; yields how many were written so far."""
        written = 0
        for ids, vectors in batches:
            for start in range(0, len(ids), _BATCH):
                part = list(ids[start : start + _BATCH])
                with _named(self._url):
                    self._collection.upsert(ids=part, embeddings=vectors[start : start + _BATCH])
                written += len(part)
                yield written

    def delete(self, ids: Iterable[str]) -> None:
        remaining = iter(ids)
        while part := list(islice(remaining, _BATCH)):
            with _named(self._url):
                self._collection.delete(ids=part)

    def nearest(self, vector: Vectors, k: int) -> list[str]:
        """Ids of about the k nearest, nearest first."""
        size = len(self)
        if not size:
            return []
        asked = vector.reshape(1, -1)
        with _named(self._url):
            found = self._collection.query(query_embeddings=asked, n_results=min(k, size), include=[])
        return [str(chunk_id) for chunk_id in found["ids"][0]]

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The unit vector that is stored for each id; ids that are not there are left out."""
        with _named(self._url):
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
        with _named(url):
            for collection in client.list_collections():
                if collection.name.startswith(prefix) and collection.name not in kept:
                    client.delete_collection(collection.name)
    finally:
        client.close()


def _client(folder: Path, url: str, seconds: float = SECONDS_TO_WRITE) -> Any:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if not url:
        return chromadb.PersistentClient(path=str(folder / NAME), settings=settings)
    host, port, secure = server_address(url)
    with _named(url):
        # The client greets the server when it is made, without a limit of time: is anybody there?
        httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=min(seconds, _SECONDS_TO_GREET)).raise_for_status()
        client = chromadb.HttpClient(host=host, port=port, ssl=secure, settings=settings)
        client._server._session.timeout = httpx.Timeout(seconds)  # there is no setting for it
        return client


def server_address(url: str) -> tuple[str, int, bool]:
    """(host, port, whether by TLS). Raises BadInputError for what is no address, such as one without http://."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/"):
            secure = parts.scheme == "https"
            return parts.hostname, parts.port or (443 if secure else 8000), secure
    raise BadInputError("ASKWELL_CHROMA_URL is not the address of a server. Write it as http://host:8000.")


@contextmanager
def _named(url: str) -> Iterator[None]:
    """What the client raises about a server (ValueError, httpx's errors, its own) as an error that names it."""
    try:
        yield
    except AskwellError:
        raise
    except Exception as error:
        if not url:
            raise
        from chromadb.errors import ChromaError, NotFoundError

        if isinstance(error, NotFoundError):
            raise VectorsLostError(
                f"The Chroma server at {url} does not have the vectors of this index. Run: askwell ingest, with the "
                "same documents, which writes them again"
            ) from error
        if isinstance(error, ChromaError | httpx.HTTPStatusError):
            raise AskwellError(f"The Chroma server at {url} fails ({_line(error)}). Look into its log") from error
        raise AskwellError(
            f"The Chroma server at {url} does not answer. Start it, or unset ASKWELL_CHROMA_URL"
        ) from error


def _line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
