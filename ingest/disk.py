"""Writes that a crash leaves old or new, never half: flushed trees, atomic small files, and a full disk named."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import AskwellError, DiskFullError

_FULL = ("no space left", "disk is full", "database or disk is full", "os error 28", "disk quota exceeded")


def write_atomically(path: Path, text: str) -> None:
    """``path`` holds its old text or the new one at every moment, also after a power cut."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Makes the names in a folder durable (a file's own fsync does not)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_tree(folder: Path) -> None:
    """Makes every file under ``folder`` durable."""
    for parent, _, names in os.walk(folder):
        for name in names:
            descriptor = os.open(Path(parent) / name, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        flush_folder(Path(parent))


def tree_bytes(folder: Path) -> int:
    """Bytes that the files under ``folder`` take on the disk."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            if path.exists():
                total += path.stat().st_blocks * 512
    return total


@contextmanager
def full_disk_is_named(data_dir: Path) -> Iterator[None]:
    """Turns what SQLite, Tantivy, Chroma and the system say on a full disk into one DiskFullError."""
    try:
        yield
    except AskwellError:
        raise
    except Exception as error:
        code = error.errno if isinstance(error, OSError) else None
        said = str(error).lower()
        if code in (errno.ENOSPC, errno.EDQUOT) or any(phrase in said for phrase in _FULL):
            raise DiskFullError(
                f"No space is left on the disk that holds {data_dir}; the live index is untouched. "
                "Free some space and run the same command again: embeddings already made are kept"
            ) from error
        raise
