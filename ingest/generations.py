"""The generations of a data directory: which is live, switching, going back, and cleaning up.

``index/CURRENT`` names the live one and is replaced atomically. A generation under construction lies in a folder
whose name starts with ``.building-``, so a killed ingest leaves nothing that could be taken for an index.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.disk import flush_folder, flush_tree, tree_bytes, write_atomically
from ingest.errors import AskwellError, BusyError, IndexMismatchError, NoIndexError, NotFoundError
from ingest.manifest import NAME as MANIFEST
from ingest.manifest import read_manifest

_BUILDING = ".building-"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """One line of ``askwell status``. ``bytes`` is its size on disk."""

    name: str
    created: str
    documents: int
    chunks: int
    live: bool
    bytes: int


class Generations:
    """Knows names and folders; opens nothing."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "index"

    def live(self) -> str:
        """Name of the live generation. Raises NoIndexError."""
        try:
            name = (self.folder / "CURRENT").read_text("utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            name = ""
        if not name:
            raise NoIndexError(f"No index in {self.data_dir}. Run: askwell ingest corpus")
        return name

    def live_or_none(self) -> str | None:
        try:
            return self.live()
        except NoIndexError:
            return None

    def path(self, name: str) -> Path:
        return self.folder / name

    def names(self) -> list[str]:
        """Finished generations, oldest first. The one that is live need not be the newest."""
        if not self.folder.is_dir():
            return []
        return sorted(
            entry.name
            for entry in self.folder.iterdir()
            if not entry.name.startswith(".") and (entry / MANIFEST).is_file()
        )

    def list(self) -> list[GenerationInfo]:
        live = self.live_or_none()
        found = []
        for name in self.names():
            try:
                manifest = read_manifest(self.path(name), self.data_dir)
            except (IndexMismatchError, FileNotFoundError):
                continue
            found.append(
                GenerationInfo(
                    name=name,
                    created=manifest.created,
                    documents=manifest.documents,
                    chunks=manifest.chunks,
                    live=name == live,
                    bytes=tree_bytes(self.path(name)),
                )
            )
        return found

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Only one process writes. Raises BusyError at once when another one does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.data_dir / "ingest.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BusyError(
                f"Another ingest is writing to {self.data_dir}. Wait until it has ended, then run the command again"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def begin(self) -> tuple[str, Path]:
        """(name, folder) of a new generation; the folder exists and is empty. Call it under the lock."""
        numbers = [int(entry.name[:6]) for entry in self.folder.iterdir() if entry.name[:6].isdigit()]
        # The time makes a name unique for good, also when a generation that was rolled back from had its number.
        name = f"{max(numbers, default=0) + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        folder = self.folder / (_BUILDING + name)
        folder.mkdir(parents=True)
        return name, folder

    def switch(self, name: str, building: Path | None = None) -> None:
        """Makes a generation live; ``building`` is the folder that becomes it."""
        if building is not None:
            flush_tree(building)
            building.rename(self.path(name))
            flush_folder(self.folder)
        write_atomically(self.folder / "CURRENT", name + "\n")

    def rollback(self) -> str:
        """Goes back to the generation before the live one; its name. Raises NotFoundError when there is none."""
        with self.lock():
            live = self.live()
            earlier = [name for name in self.names() if name < live]
            if not earlier:
                raise NotFoundError(
                    f"There is no earlier generation in {self.data_dir} to go back to. "
                    "ASKWELL_KEEP_GENERATIONS says how many are kept"
                )
            read_manifest(self.path(earlier[-1]), self.data_dir)
            self.switch(earlier[-1])
            return earlier[-1]

    def clean_unfinished(self) -> None:
        """Removes what killed ingests left, and generations newer than the live one (rolled back from)."""
        live = self.live_or_none()
        for entry in list(self.folder.iterdir()) if self.folder.is_dir() else []:
            finished = (entry / MANIFEST).is_file()
            newer = live is not None and entry.name > live
            if entry.is_dir() and (entry.name.startswith(_BUILDING) or not finished or newer) and entry.name != live:
                _remove(entry)

    def clean_old(self, keep: int, chroma_url: str = "") -> None:
        """Keeps the live generation and the ``keep - 1`` before it, on disk and in a Chroma server."""
        live = self.live()
        earlier = [name for name in self.names() if name < live]
        for name in earlier[: max(0, len(earlier) - (keep - 1))]:
            _remove(self.path(name))
        if chroma_url:
            from ingest.vectors import drop_collections

            prefix = self.collection_prefix()
            try:
                drop_collections(chroma_url, prefix, [prefix + name for name in self.names()])
            except AskwellError as error:  # the new index is live; the next ingest removes them
                _log.warning("Old vectors stay in the Chroma server for now: %s", error)

    def collection_prefix(self) -> str:
        """What the names of this data directory's collections in a Chroma server start with."""
        return f"askwell-{hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()[:8]}-"


def _remove(folder: Path) -> None:
    """Takes the manifest away first, so that a half removed folder is no generation."""
    try:
        (folder / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(folder)
    except OSError as error:  # the new index is live; what is left is removed by the next ingest
        _log.warning("Could not remove the old generation %s: %s", folder.name, error)


def require_name(collection: str) -> str:
    """``collection`` itself. Raises AskwellError when it could be mistaken for a part of an id."""
    allowed = collection and all(letter.isalnum() or letter in "._-" for letter in collection)
    if not allowed or len(collection) > 100:
        raise AskwellError(
            f'"{collection}" cannot name a collection. Use letters, digits, dots, hyphens and underscores'
        )
    return collection
