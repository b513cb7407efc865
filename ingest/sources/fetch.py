"""Fetches web pages: politely (robots.txt, a rate), within limits of size and time, following redirects one by one.

What is done with a page is for ``web.py``; where connections may go is decided in ``connection.py``.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from protego import Protego

from ingest.errors import AskwellError, BadInputError
from ingest.parsing import MAX_BYTES
from ingest.sources.connection import Deadline, GuardedTransport
from ingest.sources.source import page_address

AGENT = "Askwell"
_ROBOTS_BYTES = 512 * 1024
_MOST_DELAY = 30.0


class FetchError(AskwellError):
    """A page could not be fetched; the sentence says why. ``offline``: nothing was heard from the host at all."""

    def __init__(self, sentence: str, *, status: int = 0, offline: bool = False) -> None:
        super().__init__(sentence)
        self.status = status
        self.offline = offline


@dataclass(frozen=True, slots=True)
class Page:
    """``body`` is None when the server says that nothing changed. ``url`` is where the redirects ended."""

    url: str
    body: bytes | None
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """``seconds`` for a whole page, redirects included; ``silence`` between two bytes."""

    seconds: float = 60.0
    silence: float = 15.0
    bytes: int = MAX_BYTES
    redirects: int = 5


@dataclass(slots=True)
class _Host:
    """What is known of a host: its rules, when it was last asked."""

    rules: Protego | None = None
    last: float = 0.0
    closed: str = ""
    delay: float = field(default=0.0)


class Fetcher:
    """Use it in a ``with`` block; one thread at a time."""

    def __init__(
        self, *, allow_hosts: Collection[str] = (), rate: float = 2.0, limits: FetchLimits = FetchLimits()
    ) -> None:
        self._limits = limits
        self._pause = 1.0 / rate if rate > 0 else 0.0
        self._deadline = Deadline()
        self._client = httpx.Client(
            transport=GuardedTransport(allow_hosts, self._deadline),
            timeout=limits.silence,
            trust_env=False,
            headers={"User-Agent": f"{AGENT} (documentation ingest)", "Accept-Encoding": "gzip, deflate"},
        )
        self._hosts: dict[str, _Host] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Page:
        """Raises FetchError, and BadInputError for an address that is not fetched."""
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        target = page_address(url)
        for _ in range(self._limits.redirects + 1):
            self._be_polite(target)
            page = self._once(target, headers, self._limits.bytes)
            if isinstance(page, Page):
                return page
            if urlsplit(target).scheme == "https" and urlsplit(page).scheme == "http":
                raise FetchError(f"{url} leads from https to http ({page}) and was not fetched")
            target = page
        raise FetchError(f"{url} leads to more than {self._limits.redirects} other addresses in a row")

    def _be_polite(self, url: str) -> None:
        """Waits for the host's turn. Raises FetchError when its robots.txt closes the page."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        host = self._hosts.get(origin)
        if host is None:
            host = self._hosts[origin] = _Host(delay=self._pause)
            self._read_rules(origin, host)
        if host.closed:
            raise FetchError(f"{url} {host.closed}", offline=True)
        if host.rules is not None and not host.rules.can_fetch(url, AGENT):
            raise FetchError(f"{url} was not fetched: the site's robots.txt asks programs to leave it alone")
        time.sleep(max(0.0, host.last + host.delay - time.monotonic()))
        host.last = time.monotonic()

    def _read_rules(self, origin: str, host: _Host) -> None:
        try:
            page = self._once(f"{origin}/robots.txt", {}, _ROBOTS_BYTES)
            hops = 0
            while isinstance(page, str) and hops < self._limits.redirects:
                page, hops = self._once(page, {}, _ROBOTS_BYTES), hops + 1
        except FetchError as error:
            if error.status >= 500:
                host.closed = f"was not fetched: the site's robots.txt cannot be read ({error.status})"
            elif error.offline:
                host.closed = str(error).removeprefix(f"{origin}/robots.txt ")
            return  # no rules: everything may be fetched (RFC 9309, 2.3.1.3)
        finally:
            host.last = time.monotonic()
        if isinstance(page, Page) and page.body is not None:
            host.rules = Protego.parse(page.body.decode("utf-8", "replace"))
            asked = host.rules.crawl_delay(AGENT)
            host.delay = max(host.delay, min(float(asked or 0), _MOST_DELAY))

    def _once(self, url: str, headers: Mapping[str, str], most: int) -> Page | str:
        """One request: the page, or the address that it redirects to."""
        self._deadline.at = time.monotonic() + self._limits.seconds
        try:
            with self._client.stream("GET", url, headers=dict(headers)) as response:
                return self._answer(url, response, most)
        except (httpx.TimeoutException, httpcore.TimeoutException) as error:
            raise FetchError(f"{url} did not answer in time", offline=True) from error
        except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise FetchError(f"{url} could not be fetched ({_said(error)})", offline=True) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise BadInputError(f"{url} is not a usable web address ({_said(error)})") from error
        finally:
            self._deadline.at = float("inf")

    def _answer(self, url: str, response: httpx.Response, most: int) -> Page | str:
        status = response.status_code
        location = response.headers.get("location")
        if status in (301, 302, 303, 307, 308) and location:
            return page_address(urljoin(url, location))
        kept = {"etag": response.headers.get("etag", ""), "last_modified": response.headers.get("last-modified", "")}
        if status == 304:
            return Page(url, None, "", **kept)
        if status != 200:
            raise FetchError(f"{url} cannot be fetched: the server says {status}", status=status)
        return Page(url, self._body(url, response, most), response.headers.get("content-type", ""), **kept)

    def _body(self, url: str, response: httpx.Response, most: int) -> bytes:
        """Unpacked here and not by httpx, piece by piece, so that a small answer cannot become a huge one."""
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
            raise FetchError(f"{url} is packed as {coding}, which was not asked for")
        unpack = None if coding in ("identity", "") else zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        pieces: list[bytes] = []
        size = 0
        for raw in response.iter_raw():
            try:
                piece = unpack.decompress(raw, most + 1 - size) if unpack else raw
            except zlib.error as error:
                raise FetchError(f"{url} came broken ({error})") from error
            size += len(piece)
            if size > most:
                raise FetchError(f"{url} is larger than {most / 2**20:.3g} MB and was not fetched")
            pieces.append(piece)
        return b"".join(pieces)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
