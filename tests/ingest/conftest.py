"""Small real parts for the write path: a folder to write into, an embedder without a model, and the built-in model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ingest.embedders import load_embedder
from ingest.embedders.hashing import HashingEmbedder
from ingest.generation import Generation
from ingest.generations import Generations
from ingest.holder import open_live
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from ingest.report import IngestReport


class Library:
    """A folder of documents and the data directory that its index lives in."""

    def __init__(self, folder: Path, data_dir: Path) -> None:
        self.folder, self.data_dir = folder, data_dir
        self.embedder: Embedder = HashingEmbedder(dimension=64)
        self.generations = Generations(data_dir)
        folder.mkdir(parents=True)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def ingest(self, *roots: Path, **options: object) -> IngestReport:
        return ingest(
            roots or (self.folder,),
            data_dir=self.data_dir,
            embedder=self.embedder,
            **options,  # type: ignore[arg-type]
        )

    def open(self) -> Generation:
        return open_live(self.generations, self.embedder)

    def found(self, question: str, k: int = 5) -> list[str]:
        """Chunk ids that either search finds, without their offsets."""
        index = self.open()
        hits = index.dense(self.embedder.embed([question])[0], k) + index.lexical(question, k)
        return [hit.chunk_id.rsplit("#", 1)[0].split(":", 1)[1] for hit in hits]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "docs", tmp_path / "data")


@pytest.fixture(scope="session")
def minilm(request: pytest.FixtureRequest) -> Embedder:
    """The built-in model; its export is kept between test runs."""
    cache = request.config.cache
    assert cache is not None
    return load_embedder("all-MiniLM-L6-v2", Path(cache.mkdir("askwell-models")), threads=2)
