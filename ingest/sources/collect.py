"""Looks at a source, whatever its kind, and says which documents it offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.errors import BadInputError
from ingest.report import Progress
from ingest.sources.archive import is_archive, unpack
from ingest.sources.folder import discover
from ingest.sources.git import with_commits
from ingest.sources.source import Discovered, Source, link_under


class Collector:
    """Use it in a ``with`` block: what was unpacked is removed at its end. ``data_dir`` keeps what was fetched."""

    def __init__(self, data_dir: Path, progress: Progress) -> None:
        self._data_dir, self._progress = data_dir, progress
        self._unpacked: list[TemporaryDirectory[str]] = []

    def __enter__(self) -> Collector:
        return self

    def __exit__(self, *_: object) -> None:
        for folder in self._unpacked:
            folder.cleanup()

    def collect(self, sources: Sequence[Source]) -> list[Discovered]:
        """Raises BadInputError for a path that is not there or cannot be read at all."""
        return [self._look_at(source) for source in sources]

    def _look_at(self, source: Source) -> Discovered:
        found = self._web(source) if source.is_web else self._files(source)
        if not source.base_url:
            return found
        linked = (replace(file, link=link_under(source.base_url, _path(file.id, source))) for file in found.files)
        return replace(found, files=tuple(linked))

    def _files(self, source: Source) -> Discovered:
        path = Path(source.location)
        if path.is_file() and is_archive(path):
            staging = self._data_dir / "staging"
            staging.mkdir(parents=True, exist_ok=True)
            self._unpacked.append(TemporaryDirectory(dir=staging))
            folder = Path(self._unpacked[-1].name)
            warnings = unpack(path, folder)
            found = discover(folder, include=source.include, exclude=source.exclude, name=source.name)
            return replace(found, warnings=(*warnings, *found.warnings))
        found = discover(path, include=source.include, exclude=source.exclude)
        return with_commits(found, path.resolve() if path.is_dir() else path.resolve().parent, source.forge)

    def _web(self, source: Source) -> Discovered:
        from ingest.sources.fetch import Fetcher
        from ingest.sources.web import fetch

        if source.rate <= 0:
            raise BadInputError("The rate of requests must be above 0, for example 2 in a second")
        with Fetcher(allow_hosts=source.allow_hosts, rate=source.rate) as fetcher:
            return fetch(source, self._data_dir / "web", fetcher, self._progress)


def _path(document_id: str, source: Source) -> str:
    """What of an id goes into a link under a base: of a web page its path."""
    if not source.is_web:
        return document_id
    from urllib.parse import urlsplit

    return urlsplit(document_id).path.lstrip("/")
