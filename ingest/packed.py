"""Texts in files that hold numbers: short lines that are read at once, and others that are read one by one."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def as_bytes(lines: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


def as_strings(stored: NDArray[np.uint8]) -> list[str]:
    text = stored.tobytes().decode()
    return text.split("\n") if text else []


def write_texts(path: Path, texts: Sequence[str]) -> NDArray[np.int32]:
    """Where each begins in the file, in bytes, and the last one ends: shape (len(texts) + 1,)."""
    encoded = [text.encode() for text in texts]
    np.save(path, np.frombuffer(b"".join(encoded), dtype=np.uint8))
    return np.cumsum([0, *map(len, encoded)], dtype=np.int32)


def let_go(mapped: NDArray[np.generic]) -> None:
    """What was read of a mapped file no longer counts as this process's memory; the system still has it at hand."""
    if isinstance(mapped.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.base.madvise(mmap.MADV_DONTNEED)


class Texts:
    """Texts of a file that is mapped into memory: only those asked for are read. ``begin``: see ``write_texts``."""

    def __init__(self, path: Path, begin: NDArray[np.int32]) -> None:
        self._bytes: NDArray[np.uint8] = np.load(path, mmap_mode="r", allow_pickle=False)
        self._begin = begin

    def __getitem__(self, number: int) -> str:
        return self._bytes[self._begin[number] : self._begin[number + 1]].tobytes().decode()
