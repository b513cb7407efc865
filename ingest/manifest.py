"""``manifest.json`` of a generation: written last, read first, checked before anything else is opened."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from ingest.disk import write_atomically
from ingest.errors import IndexMismatchError
from ingest.index import Manifest
from ingest.protocols import Embedder

NAME = "manifest.json"
FORMAT = 6
"""Changes whenever an older reader would misread the files of a generation."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_atomically(folder / NAME, json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n")


def read_manifest(folder: Path, data_dir: Path) -> Manifest:
    """Raises IndexMismatchError when the generation was made by another version or is damaged."""
    try:
        stored = json.loads((folder / NAME).read_text("utf-8"))
        made_by = int(stored["format"])
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexMismatchError(
            f"The index in {data_dir} is damaged ({folder.name}/{NAME} cannot be read). Run: askwell rollback"
        ) from error
    if made_by != FORMAT:
        raise IndexMismatchError(
            f"The index in {data_dir} was made by another version of Askwell (format {made_by}, this one reads "
            f"{FORMAT}). Run: {mend(stored.get('sources') or ())}"
        )
    known = {field.name for field in fields(Manifest)}
    values = {name: value for name, value in stored.items() if name in known}
    return Manifest(**{**values, "sources": tuple(values.get("sources", ()))})


def check_embedder(manifest: Manifest, embedder: Embedder, data_dir: Path) -> None:
    """Raises IndexMismatchError when the vectors were made by another model than the one that embeds questions."""
    if (manifest.embedder_fingerprint, manifest.dimension) != (embedder.fingerprint, embedder.dimension):
        raise IndexMismatchError(
            f'The index in {data_dir} was made with the embedder "{manifest.embedder}", but "{embedder.name}" is set. '
            f"Run: {mend(manifest.sources)} (or set ASKWELL_EMBEDDING_MODEL={manifest.embedder})"
        )


def mend(sources: Sequence[str]) -> str:
    """The command that makes the index anew; paths below the working directory are shown relative to it."""
    here = Path.cwd()
    shown = [str(Path(source).relative_to(here)) if Path(source).is_relative_to(here) else source for source in sources]
    return "askwell ingest " + (" ".join(shlex.quote(path) for path in shown[:3]) or "corpus")
