"""What is to be ingested, and what looking at it found: the values between the sources and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit, urlunsplit

from ingest.errors import BadInputError
from ingest.types import MetadataValue


@dataclass(frozen=True, slots=True)
class Source:
    """``location`` is a path or a web address. Patterns are those of ``.gitignore`` files.

    ``include``: only what matches one of these; ``exclude``: not what matches one. ``base_url`` makes links to the
    originals (see ``link_under``). ``allow_hosts`` are names of hosts whose address may be private.
    ``rate`` is the most requests in a second to one host; ``forge`` is how a repository's links look, if not told by
    its address.
    """

    location: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    base_url: str = ""
    allow_hosts: tuple[str, ...] = ()
    rate: float = 2.0
    max_pages: int = 10_000
    forge: str = ""

    @property
    def is_web(self) -> bool:
        return "://" in self.location

    @property
    def name(self) -> str:
        """What the documents remember as their source: the absolute path, or the address without its fragment."""
        return page_address(self.location) if self.is_web else str(Path(self.location).resolve())


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest. ``id`` is the posix path under the root, or the address; ``source`` the name of the source.

    ``link`` leads to the original; ``{commit}`` in it stands for ``commit``, the state of the repository when the file
    was looked at.
    """

    path: Path
    id: str
    source: str
    media_type: str = ""
    link: str = ""
    commit: str = ""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.link.replace("{commit}", self.commit)


@dataclass(frozen=True, slots=True)
class Discovered:
    """``failed`` are (id, why) of what is there and could not be looked at: what was ingested of it before stays.

    ``complete`` is False when nobody knows what the source holds now, so that nothing may be taken for gone.
    """

    source: str
    files: tuple[SourceFile, ...]
    warnings: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    complete: bool = True


def link_under(base_url: str, document_id: str) -> str:
    """The address of a document's original. ``{path}`` and ``{stem}`` (without ending) may stand in the base.

    >>> link_under("https://docs.example.com/", "guide/keys.md")
    'https://docs.example.com/guide/keys.md'
    >>> link_under("https://docs.example.com/{stem}/", "guide/keys.md")
    'https://docs.example.com/guide/keys/'
    """
    if not base_url:
        return ""
    path = quote(document_id)
    if "{path}" in base_url or "{stem}" in base_url:
        return base_url.replace("{path}", path).replace("{stem}", str(PurePosixPath(path).with_suffix("")))
    return base_url.rstrip("/") + "/" + path


def page_address(url: str) -> str:
    """The address without fragment, host in lower case. Raises BadInputError for what is not http or https."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadInputError(f"{url} is not a web address ({error})") from error
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise BadInputError(f"{url} is not an http or https address; only these are fetched")
    if parts.username or parts.password:
        raise BadInputError("An address with a user name or password in it is not fetched: it would be shown")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return urlunsplit((parts.scheme.lower(), f"{host}:{port}" if port else host, parts.path or "/", parts.query, ""))
