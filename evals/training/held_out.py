"""An index that has not seen the question it is asked: for training on questions that sections are known to answer.

What is learned of the known questions is sure of each of them. How sure it is of others shows only where the question
was held out: the questions are dealt into a few parts, and each part is looked up as if the others were all that is
known. Dev and test questions are known nowhere, so for them this is the index as it is.

    held = hold_out(search, Settings())
    held.question = "..."  # looked up without it, whatever is made of it, until another is set
"""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from assistant.search import HybridSearch
from assistant.settings import Settings
from ingest.asked import NAME, write_asked
from ingest.asked_lessons import Asked
from ingest.asked_lookup import AskedLookup
from ingest.catalog_writer import NAME as CATALOG
from ingest.embedders import load_embedder
from ingest.embedding_cache import EmbeddingCache
from ingest.generation import Generation
from ingest.protocols import Embedder, Vectors
from ingest.report import NoProgress
from ingest.rows import NAME as ROWS
from ingest.types import KnownQuestions

PARTS = 5


def hold_out(search: HybridSearch, settings: Settings) -> HeldOut:
    """Puts it in the place of the index that is searched."""
    embedder = load_embedder(settings.embedding_model, settings.data_dir, settings.threads)
    index = search.index
    assert isinstance(index, Generation)
    with closing(EmbeddingCache(settings.data_dir / "embeddings.sqlite3")) as cache:
        search.index = held = HeldOut(index, embedder, cache)
    return held


class HeldOut:
    """Everything but ``asked`` is the generation's own. ``question`` is the one that is to be taken for unknown."""

    def __init__(self, index: Generation, embedder: Embedder, cache: EmbeddingCache) -> None:
        self._index = index
        self.question = ""
        listed = json.loads((index.folder / NAME).read_text("utf-8"))["entries"]
        entries = [entry for entry in (Asked(**each) for each in listed) if not entry.after]
        self._known = {_plain(entry.question) for entry in entries}
        self._without = [
            _lookup(index.folder, [entry for entry in entries if _part(entry.question) != part], embedder, cache)
            for part in range(PARTS)
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def asked(self, vector: Vectors, text: str) -> KnownQuestions:
        return self._lookup().near(vector, text) if self._is_known() else self._index.asked(vector, text)

    def likeness(
        self, section: tuple[str, str, int], spans: Sequence[tuple[int, int]], vector: Vectors, text: str
    ) -> list[float]:
        known = self._lookup() if self._is_known() else self._index
        return known.likeness(section, spans, vector, text)

    def _is_known(self) -> bool:
        return _plain(self.question) in self._known

    def _lookup(self) -> AskedLookup:
        return self._without[_part(self.question)]


def _lookup(folder: Path, entries: list[Asked], embedder: Embedder, cache: EmbeddingCache) -> AskedLookup:
    with tempfile.TemporaryDirectory() as made:
        for part in (CATALOG, ROWS):
            (Path(made) / part).symlink_to((folder / part).resolve())
        write_asked(Path(made), entries, embedder, cache, NoProgress())
        return AskedLookup(Path(made))


def _part(question: str) -> int:
    return zlib.crc32(_plain(question).encode()) % PARTS


def _plain(question: str) -> str:
    return " ".join(question.lower().split()).rstrip("?!. ")
