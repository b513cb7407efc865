"""The live index of a serving process: follows ``CURRENT`` from one generation to the next without losing a request."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from ingest.errors import AskwellError, IndexMismatchError
from ingest.generation import Generation
from ingest.generations import Generations
from ingest.index import OpenIndex
from ingest.manifest import check_embedder
from ingest.protocols import Embedder
from ingest.vectors import server_address

_ATTEMPTS = 5
_log = logging.getLogger(__name__)


class IndexHolder:
    """``current()`` at the start of a request gives the index to use until its end.

    The old generation closes when the last request lets go of it. An ``embedder`` given here must be the one that
    made the index.
    """

    def __init__(self, data_dir: Path, embedder: Embedder | None = None, *, chroma_url: str = "") -> None:
        if chroma_url:
            server_address(chroma_url)  # a wrong one is told now, not in the log of a question
        self.generations = Generations(data_dir)
        self._embedder = embedder
        self._chroma_url = chroma_url
        self._lock = threading.Lock()
        self._open: Generation | None = None
        self._refused = ""
        self.problem = ""
        """Why the newest generation is not the one that serves; empty when it is."""

    @property
    def slow(self) -> str:
        """Why searches are slower than they could be; empty when all is well."""
        held = self._open
        return held.problem if held else ""

    def current(self) -> OpenIndex:
        """Raises NoIndexError, or IndexMismatchError when the index does not fit and no earlier one is open."""
        held = self._open
        name = self.generations.live_or_none() if held else self.generations.live()
        # Without CURRENT the data directory is being moved or restored: what is open goes on serving.
        if held and name in (None, held.manifest.generation, self._refused):
            return held
        if held and not self._lock.acquire(blocking=False):
            return held  # another request is opening the new one
        if not held:
            self._lock.acquire()
        try:
            return self._follow()
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _follow(self) -> Generation:
        held = self._open
        name = self.generations.live()
        if held and held.manifest.generation == name:  # opened while this request waited for the lock
            return held
        try:
            self._open = opened = open_live(self.generations, self._embedder, self._chroma_url)
            if held:
                opened.warm()
            self.problem = ""
            return opened
        except AskwellError as error:
            if held is None:
                raise
            # A generation for another embedder went live: the one that fits goes on serving until a restart.
            self._refused, self.problem = name, str(error)
            _log.error("The new index generation %s cannot be used: %s", name, error)
            return held


def open_live(generations: Generations, embedder: Embedder | None = None, chroma_url: str = "") -> Generation:
    """Opens the live generation. Raises NoIndexError or IndexMismatchError."""
    for _ in range(_ATTEMPTS):
        name = generations.live()
        try:
            opened = Generation(generations.path(name), generations.data_dir, chroma_url=chroma_url)
        except FileNotFoundError:
            # Cleaned up between reading CURRENT and opening, when a newer one went live. Look again.
            continue
        if embedder is not None:
            try:
                check_embedder(opened.manifest, embedder, generations.data_dir)
            except IndexMismatchError:
                opened.close()
                raise
        return opened
    raise IndexMismatchError(
        f"The index in {generations.data_dir} is damaged (its files are missing). "
        "Run: askwell rollback, or ingest your documents again"
    )
