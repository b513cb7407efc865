"""Web pages and sitemaps: what is fetched is kept in a folder, so that an unchanged page is not fetched again.

A page that is gone (404, 410) is no longer offered; one that cannot be reached now stays as it was ingested.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError as XmlError
from defusedxml.ElementTree import fromstring

from ingest.disk import write_atomically
from ingest.errors import AskwellError, BadInputError
from ingest.formats import format_of
from ingest.report import Progress
from ingest.sources.fetch import Fetcher, FetchError, Page
from ingest.sources.folder import patterns
from ingest.sources.source import Discovered, Source, SourceFile, page_address

_GIVE_UP = 5
"""After so many pages in a row of which nothing was heard, the network is taken to be down."""
_MOST_SITEMAPS = 200
_SITEMAP_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a page beside its bytes."""

    address: str
    url: str
    media_type: str
    etag: str
    last_modified: str


class PageStore:
    """Fetched pages of one source: ``<hash of the address>.body`` and ``.json``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def body(self, address: str) -> Path:
        return self._folder / f"{_key(address)}.body"

    def get(self, address: str) -> Stored | None:
        """None also when what is kept is damaged: then the page is fetched anew."""
        try:
            stored = Stored(**json.loads((self._folder / f"{_key(address)}.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return stored if self.body(address).is_file() else None

    def put(self, address: str, page: Page) -> Stored:
        stored = Stored(address, page.url, page.media_type, page.etag, page.last_modified)
        (self._folder / f"{_key(address)}.json").unlink(missing_ok=True)
        if page.body is not None:
            temporary = self._folder / f"{_key(address)}.new"
            temporary.write_bytes(page.body)
            temporary.replace(self.body(address))
        write_atomically(self._folder / f"{_key(address)}.json", json.dumps(asdict(stored)))
        return stored

    def keep_only(self, addresses: Sequence[str]) -> None:
        kept = {_key(address) for address in addresses}
        for path in self._folder.iterdir():
            if path.stem not in kept:
                path.unlink(missing_ok=True)


def fetch(source: Source, folder: Path, fetcher: Fetcher, progress: Progress) -> Discovered:
    """A page, or all pages of a sitemap. ``folder`` is kept from run to run.

    A source of which nothing is known (no network, no sitemap) is not complete, and nothing is taken for gone.
    """
    name = source.name
    store = PageStore(folder / _key(name)[:32])
    try:
        first = _get(name, store, fetcher)
    except (FetchError, BadInputError) as error:
        gone = isinstance(error, FetchError) and error.status in (404, 410)
        if gone:
            return Discovered(name, (), (f"{error}; it is gone",))
        return Discovered(name, (), failed=((name, str(error)),), complete=False)
    if not _is_sitemap(first, store):
        return _discovered(name, [first], [], (), store)
    try:
        listed = list(dict.fromkeys(_listed(name, store.body(name).read_bytes(), fetcher)))
    except AskwellError as error:
        return Discovered(name, (), failed=((name, str(error)),), complete=False)
    origin = urlsplit(name)[:2]
    wanted = patterns(source.include, source.exclude)
    own = [address for address in listed if urlsplit(address)[:2] == origin]
    chosen = [address for address in own if wanted(urlsplit(address).path.lstrip("/"))]
    warnings = []
    if len(own) < len(listed):
        warnings.append(f"{name} lists {len(listed) - len(own)} pages of other sites, which were left out")
    if len(chosen) > source.max_pages:
        warnings.append(f"{name} lists {len(chosen):,} pages; only the first {source.max_pages:,} were fetched")
    pages, failed = _pages(chosen[: source.max_pages], store, fetcher, progress, warnings)
    store.keep_only([name, *chosen])
    return _discovered(name, pages, warnings, failed, store)


def _pages(
    addresses: Sequence[str], store: PageStore, fetcher: Fetcher, progress: Progress, warnings: list[str]
) -> tuple[list[Stored], list[tuple[str, str]]]:
    pages: list[Stored] = []
    failed: list[tuple[str, str]] = []
    silent = 0
    for done, address in enumerate(addresses):
        progress.update("fetching", done, len(addresses), "pages")
        if silent >= _GIVE_UP:
            failed.append((address, f"{address} was not fetched, since the site no longer answers"))
            continue
        try:
            pages.append(_get(address, store, fetcher))
            silent = 0
        except FetchError as error:
            silent = silent + 1 if error.offline else 0
            if error.status in (404, 410):
                warnings.append(f"{error}; it is gone")
            else:
                failed.append((address, str(error)))
        except BadInputError as error:
            failed.append((address, str(error)))
    progress.update("fetching", len(addresses), len(addresses), "pages")
    return pages, failed


def _get(address: str, store: PageStore, fetcher: Fetcher) -> Stored:
    known = store.get(address)
    page = fetcher.get(address, etag=known.etag if known else "", last_modified=known.last_modified if known else "")
    if page.body is None:
        if known is None:
            raise FetchError(f"{address} cannot be fetched: the server says 304 to what it never sent")
        return known
    return store.put(address, page)


def _discovered(
    name: str, pages: Sequence[Stored], warnings: Sequence[str], failed: Sequence[tuple[str, str]], store: PageStore
) -> Discovered:
    files = []
    more = list(failed)
    for page in pages:
        if format_of(urlsplit(page.address).path, page.media_type) is None:
            kind = page.media_type or "a file of no known kind"
            more.append((page.address, f"{page.address} is {kind}, which is not read"))
            continue
        files.append(
            SourceFile(store.body(page.address), page.address, name, media_type=page.media_type, link=page.url)
        )
    return Discovered(name, tuple(sorted(files, key=lambda file: file.id)), tuple(warnings), tuple(more))


def _is_sitemap(page: Stored, store: PageStore) -> bool:
    path = urlsplit(page.address).path.lower()
    media_type = page.media_type.split(";")[0].strip().lower()
    if not path.endswith((".xml", ".xml.gz")) and media_type not in ("application/xml", "text/xml"):
        return False
    start = _unpacked(store.body(page.address).read_bytes())[:4096]
    return b"<urlset" in start or b"<sitemapindex" in start


def _listed(address: str, raw: bytes, fetcher: Fetcher) -> Iterator[str]:
    """Addresses of a sitemap; those of the sitemaps that an index names too."""
    waiting = [(address, raw)]
    seen = {address}
    while waiting:
        at, body = waiting.pop(0)
        kind, found = _entries(at, body)
        if kind == "urlset":
            yield from found
            continue
        for named in found:
            if named in seen or urlsplit(named)[:2] != urlsplit(address)[:2]:
                continue
            if len(seen) >= _MOST_SITEMAPS:
                raise BadInputError(f"{address} names more than {_MOST_SITEMAPS} sitemaps; ingest them one by one")
            seen.add(named)
            page = fetcher.get(named)
            waiting.append((named, page.body or b""))


def _entries(address: str, raw: bytes) -> tuple[str, list[str]]:
    try:
        root = fromstring(_unpacked(raw), forbid_dtd=True)
    except (XmlError, DefusedXmlException, ValueError) as error:
        raise BadInputError(f"{address} is not a sitemap that can be read ({type(error).__name__})") from error
    found = []
    for location in root.iter():
        if str(location.tag).rpartition("}")[2] == "loc" and location.text:
            try:
                found.append(page_address(location.text))
            except BadInputError:
                continue  # an address that is not fetched is no page
    return str(root.tag).rpartition("}")[2], found


def _unpacked(raw: bytes) -> bytes:
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(raw, _SITEMAP_BYTES)
    except zlib.error:
        return b""


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
