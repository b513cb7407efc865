"""A small web site on loopback that speaks real HTTP and counts what it is asked; its pages may misbehave."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """``pages`` maps a path to its body, a status, a redirect ("-> /path") or a function that answers by itself."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | str | int | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.types: dict[str, str] = {}
        self.asked: list[str] = []
        self.sent: list[str] = []
        self.address = ""
        self.host = ""

    def put(self, pages: Mapping[str, str]) -> None:
        self.pages.update({path: f"<html><body><main>{body}</main></body></html>" for path, body in pages.items()})

    def sitemap(self, *paths: str, at: str = "/sitemap.xml") -> str:
        entries = "".join(f"<url><loc>{self.address}{path}</loc></url>" for path in paths)
        self.pages[at] = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
        self.types[at] = "application/xml"
        return self.address + at


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        page = self.site.pages.get(self.path, 404)
        if callable(page):
            page(self)
            self.close_connection = True
            return
        if isinstance(page, int):
            self._send(page, b"")
            return
        if isinstance(page, str) and page.startswith("-> "):
            self.send_response(302)
            self.send_header("Location", page[3:])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = page.encode() if isinstance(page, str) else page
        etag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        self.site.sent.append(self.path)
        self._send(200, body, etag)

    def _send(self, status: int, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", self.site.types.get(self.path, "text/html; charset=utf-8"))
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests print what they need."""


@contextmanager
def serving() -> Iterator[Site]:
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    site.host = "127.0.0.1"
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """Sends a byte now and then, for as long as anybody listens."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(200):
        try:
            handler.wfile.write(b"x")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Sends more than anybody wants."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    for _ in range(2_000):
        try:
            handler.wfile.write(b"x" * 65_536)
        except OSError:
            return


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promises a page and hangs up in the middle of it."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"<p>Half a page")
