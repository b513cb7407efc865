"""An assistant over documents that are not ours: written as files, ingested, opened. For adapters to public sets."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.assistant import Assistant
from assistant.settings import Settings


@contextmanager
def indexed(write: Callable[[Path], int], data_dir: Path | None = None) -> Iterator[Assistant]:
    """``write`` puts the documents into a folder and returns their number. Without ``data_dir`` all of it is removed
    afterwards; with it, a second run ingests only what changed. Records go to scratch. Raises AskwellError.
    """
    from assistant.wiring import assemble
    from ingest.embedders import load_embedder
    from ingest.pipeline import ingest

    usual = Settings()
    with tempfile.TemporaryDirectory(prefix="askwell-outside-") as scratch:
        folder = data_dir or Path(scratch) / "data"
        folder.mkdir(parents=True, exist_ok=True)
        if data_dir is None and (usual.data_dir / "models").is_dir():
            (folder / "models").symlink_to((usual.data_dir / "models").resolve())
        documents = folder / "documents"
        print(f"{write(documents)} documents; ingesting", file=sys.stderr)
        settings = usual.model_copy(
            update={"data_dir": folder, "database_url": f"sqlite:///{scratch}/records.sqlite3", "chroma_url": ""}
        )
        embedder = load_embedder(settings.embedding_model, folder, settings.threads)
        ingest([documents], data_dir=folder, embedder=embedder, confirmed=True)
        assistant = assemble(settings)
        try:
            yield assistant
        finally:
            assistant.close()
