"""What an ingest tells its caller: progress while it runs, and the summary at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """Called often, so that a face can draw a bar with rate and time left."""

    def update(self, stage: str, done: int, total: int, unit: str) -> None:
        """``stage`` is a word for people ("reading"); ``done`` of ``total`` are counted in ``unit`` ("files")."""
        ...


class NoProgress:
    def update(self, stage: str, done: int, total: int, unit: str) -> None:
        """Nobody is watching."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """``added`` to ``removed`` count documents of this run; ``documents`` and ``chunks`` the whole live index.

    ``failed`` holds (name, why, as a sentence) of files that were not taken in. ``embedded`` chunks went through the
    model, the others came from the cache. ``chunks_per_second`` is written chunks over the whole run.
    """

    generation: str
    added: int
    changed: int
    unchanged: int
    removed: int
    failed: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    documents: int
    chunks: int
    embedded: int
    seconds: float
    chunks_per_second: float
    duplicates: tuple[tuple[str, str], ...] = ()
    """(name, the document of the same content that is in the index instead)."""
