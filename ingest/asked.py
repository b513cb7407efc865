"""Questions that sections are known to answer: ``questions.jsonl`` beside the documents of a folder.

People ask in other words than documents answer in. A question somebody asked, with the section that answers it, is a
second way into that section (document expansion, Nogueira et al. 2019, https://arxiv.org/abs/1904.08375, with
questions of people instead of a model's). Only the way in: answers are quoted from the documents alone.

    {"question": "Our basket must come back at once. What do we take?",
     "targets": [{"document": "choosing/session-store.md", "section": "Choose DynamoDB when"}]}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ingest.catalog import Catalog
from ingest.disk import write_atomically
from ingest.embedding_cache import EmbeddingCache
from ingest.protocols import Embedder, Vectors
from ingest.types import KnownQuestion

FILE = "questions.jsonl"
NAME = "asked.json"
VECTORS = "asked.f32"


@dataclass(frozen=True, slots=True)
class Asked:
    """``section`` is the last heading of the section that answers; ``source`` the folder it was read from."""

    question: str
    collection: str
    document: str
    section: str
    source: str


def read_asked(sources: Sequence[str], collection: str) -> tuple[list[Asked], list[str]]:
    """``(questions, warnings)`` of the folders that have some. A line that cannot be read is a warning."""
    found: list[Asked] = []
    warnings: list[str] = []
    for source in sources:
        path = Path(source) / FILE
        if "://" in source or not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
            try:
                found.extend(_entries(line, collection, source))
            except (ValueError, KeyError, TypeError, AttributeError):
                warnings.append(f"{FILE}:{number} is not a question with targets and was passed over")
    return found, warnings


def _entries(line: str, collection: str, source: str) -> Iterator[Asked]:
    if line.strip():
        entry = json.loads(line)
        for target in entry["targets"]:
            yield Asked(str(entry["question"]), collection, str(target["document"]), str(target["section"]), source)


def kept(folder: Path | None, sources: Sequence[str], collection: str) -> list[Asked]:
    """The questions of a generation that are not to be replaced by those of ``sources``."""
    path = folder / NAME if folder is not None else None
    if path is None or not path.is_file():
        return []
    entries = (Asked(**entry["asked"]) for entry in json.loads(path.read_text("utf-8"))["entries"])
    return [entry for entry in entries if not (entry.source in sources and entry.collection == collection)]


def digest(entries: Iterable[Asked]) -> str:
    """The same for the same questions, in whatever order."""
    lines = sorted(json.dumps(asdict(entry), sort_keys=True) for entry in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def digest_of(folder: Path | None) -> str:
    """Of the questions that a generation was built with."""
    path = folder / NAME if folder is not None else None
    return str(json.loads(path.read_text("utf-8"))["digest"]) if path is not None and path.is_file() else digest([])


def write_asked(folder: Path, entries: Sequence[Asked], embedder: Embedder, cache: EmbeddingCache) -> None:
    """Writes those whose section is in the generation in ``folder``, each with its vector."""
    if not entries:
        return
    catalog = Catalog(folder)
    try:
        chunks = catalog.first_chunks()
    finally:
        catalog.close()
    found = [(entry, chunks.get((entry.collection, entry.document, entry.section), "")) for entry in entries]
    placed = [(entry, chunk_id) for entry, chunk_id in found if chunk_id]
    vectors = cache.embed([entry.question for entry, _ in placed], embedder, lambda _count: None)
    np.ascontiguousarray(vectors, dtype="<f4").tofile(folder / VECTORS)
    # Those without a section are kept as well: the document may come back.
    lost = [(entry, "") for entry, chunk_id in found if not chunk_id]
    listed = [{"asked": asdict(entry), "chunk": chunk_id} for entry, chunk_id in (*placed, *lost)]
    write_atomically(folder / NAME, json.dumps({"digest": digest(entries), "entries": listed}, ensure_ascii=False))


class AskedReader:
    """The known questions of a generation; none when it has no file of them."""

    def __init__(self, folder: Path, dimension: int) -> None:
        path = folder / NAME
        entries = json.loads(path.read_text("utf-8"))["entries"] if path.is_file() else []
        self._entries = [(entry["asked"]["question"], entry["chunk"]) for entry in entries if entry["chunk"]]
        self._vectors: Vectors = (
            np.fromfile(folder / VECTORS, dtype="<f4").reshape(-1, dimension)
            if self._entries
            else np.zeros((0, dimension), dtype=np.float32)
        )

    def nearest(self, vector: Vectors) -> list[KnownQuestion]:
        """Every known question with its cosine to the unit vector, nearest first."""
        if not self._entries:
            return []
        cosines = self._vectors @ vector
        order = np.argsort(-cosines, kind="stable")
        return [
            KnownQuestion(question, chunk_id, float(cosines[row]))
            for row in order
            for question, chunk_id in (self._entries[row],)
        ]
