"""What else a change can be measured against: another index, an earlier generation, or a folder of documents.

Gives settings over that index; a generation and a folder of documents get a scratch data directory, and what was
embedded before is not embedded again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.settings import Settings
from ingest.errors import BadInputError
from ingest.generations import Generations

_CACHE = "embeddings.sqlite3"


@contextmanager
def settings_against(index: str, settings: Settings) -> Iterator[Settings]:
    """``index``: a data directory, a generation of the live one, or a folder of documents. Raises BadInputError."""
    path = Path(index)
    if (path / "index" / "CURRENT").is_file():
        yield settings.model_copy(update={"data_dir": path})
        return
    with tempfile.TemporaryDirectory(prefix="askwell-against-") as scratch:
        data_dir = Path(scratch)
        other = settings.model_copy(update={"data_dir": data_dir})
        generations = Generations(settings.data_dir)
        if (settings.data_dir / "models").is_dir():
            (data_dir / "models").symlink_to((settings.data_dir / "models").resolve())
        if index in generations.names():
            (data_dir / "index").mkdir()
            (data_dir / "index" / index).symlink_to(generations.path(index).resolve())
            (data_dir / "index" / "CURRENT").write_text(index, encoding="utf-8")
        elif path.is_dir():
            _ingest(path, settings, data_dir)
        else:
            raise BadInputError(
                f"{index} is no index to compare with. Name a data directory, a folder of documents, or a generation"
                f" of {settings.data_dir}: {', '.join(generations.names()) or 'it has none'}."
            )
        yield other


def _ingest(documents: Path, settings: Settings, data_dir: Path) -> None:
    from ingest.embedders import load_embedder
    from ingest.pipeline import ingest

    if (settings.data_dir / _CACHE).is_file():
        shutil.copyfile(settings.data_dir / _CACHE, data_dir / _CACHE)
    embedder = load_embedder(settings.embedding_model, data_dir, settings.threads)
    ingest([documents], data_dir=data_dir, embedder=embedder)
