"""Vectors by content: a text that was embedded once by a model is never embedded again, whatever generation asks.

One SQLite file, committed batch by batch, so that a killed ingest repeats nothing that it had made. It is a cache:
deleting the file costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ingest.protocols import Embedder, Vectors

_SCHEMA = """
CREATE TABLE IF NOT EXISTS models (number INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS embeddings (
    model INTEGER NOT NULL, text_hash BLOB NOT NULL, vector BLOB NOT NULL, UNIQUE (model, text_hash));
"""
BATCH = 256
"""Texts per call of the model and per commit: large enough for bulk speed, small enough to lose little."""
_LOOKUP = 500


class EmbeddingCache:
    """``data_dir/embeddings.sqlite3``. Used by one thread; several processes may share the file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _open(path)
        self._path = path
        self.made = 0
        """Texts that went through the model since this cache was opened."""

    def embed(self, texts: Sequence[str], embedder: Embedder, done: Callable[[int], None] | None = None) -> Vectors:
        """float32 (len(texts), dimension), order kept. ``done`` hears how many of the texts have their vector."""
        model = self._model_number(f"{embedder.name}:{embedder.fingerprint}:{embedder.dimension}")
        hashes = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        known = self._known(model, hashes, embedder.dimension)
        missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in known}
        # Longest first over the whole call, so that each batch holds texts of like length.
        todo = sorted(missing, key=lambda key: (-len(missing[key]), key))
        for start in range(0, len(todo), BATCH):
            batch = todo[start : start + BATCH]
            vectors = embedder.embed([missing[key] for key in batch])
            with self._connection:
                self._connection.executemany(
                    "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?)",
                    [(model, key, row.astype("<f4").tobytes()) for key, row in zip(batch, vectors, strict=True)],
                )
            known.update(zip(batch, vectors, strict=True))
            self.made += len(batch)
            if done:
                done(len(texts) - len(todo) + start + len(batch))
        if not hashes:
            return np.zeros((0, embedder.dimension), dtype=np.float32)
        return np.stack([known[key] for key in hashes])

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM embeddings").fetchone()[0])

    def close(self) -> None:
        self._connection.close()

    def _model_number(self, fingerprint: str) -> int:
        with self._connection:
            self._connection.execute("INSERT OR IGNORE INTO models (fingerprint) VALUES (?)", (fingerprint,))
        row = self._connection.execute("SELECT number FROM models WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return int(row[0])

    def _known(self, model: int, hashes: Sequence[bytes], dimension: int) -> dict[bytes, Vectors]:
        known: dict[bytes, Vectors] = {}
        wanted = sorted(set(hashes))
        for start in range(0, len(wanted), _LOOKUP):
            part = wanted[start : start + _LOOKUP]
            marks = ",".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT text_hash, vector FROM embeddings WHERE model = ? AND text_hash IN ({marks})", (model, *part)
            )
            for key, blob in rows:
                if len(blob) == dimension * 4:
                    known[key] = np.frombuffer(blob, dtype="<f4")
        return known


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, full, not writable: not the file's content
            raise
        # Not a database any more. Nothing is lost but time.
        for name in (path.name, path.name + "-wal", path.name + "-shm"):
            path.with_name(name).unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        # A power cut may lose the last commits of a cache; a killed process loses none.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection
