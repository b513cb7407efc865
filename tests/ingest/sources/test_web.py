"""Pages and sitemaps from a real server on loopback: fetched politely, once, within limits, and only where allowed."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from ingest.errors import AskwellError, BadInputError
from ingest.report import IngestReport
from ingest.sources.addresses import ForbiddenAddressError, checked_address, is_public
from ingest.sources.fetch import Fetcher, FetchError, FetchLimits
from ingest.sources.source import Source, page_address
from tests.ingest.conftest import Library
from tests.ingest.sources.site import Site, cut_off, dripping, endless, serving

QUICK = 1000.0


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as opened:
        yield opened


def source(address: str, **more: object) -> Source:
    return Source(address, allow_hosts=("127.0.0.1",), rate=QUICK, **more)  # type: ignore[arg-type]


def ingest(library: Library, address: str, **more: object) -> IngestReport:
    return library.ingest(source(address, **more))  # type: ignore[arg-type]


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


class TestAPage:
    def test_is_known_by_its_address_and_links_to_its_original(self, library: Library, site: Site) -> None:
        site.put({"/keys": '<h1>Keys</h1><h2 id="limits">Limits</h2><p>A key has 1 KB.</p>'})
        assert counts(ingest(library, site.address + "/keys#limits")) == (1, 0, 0, 0)
        document = library.open().document(site.address + "/keys")
        assert (document.title, document.url, document.media_type) == ("Keys", site.address + "/keys", "text/html")
        assert document.anchors[-1][1] == "limits"

    def test_that_did_not_change_is_not_fetched_again(self, library: Library, site: Site) -> None:
        site.put({"/keys": "<p>Keys.</p>"})
        ingest(library, site.address + "/keys")
        assert counts(ingest(library, site.address + "/keys")) == (0, 0, 1, 0)
        assert site.sent.count("/keys") == 1
        site.put({"/keys": "<p>Keys and more.</p>"})
        assert counts(ingest(library, site.address + "/keys")) == (0, 1, 0, 0)

    def test_of_another_format_is_read_by_its_media_type(self, library: Library, site: Site) -> None:
        site.pages["/notes"] = "# Notes\n\nTea is a drink."
        site.types["/notes"] = "text/markdown"
        ingest(library, site.address + "/notes")
        assert library.open().document(site.address + "/notes").title == "Notes"

    def test_that_is_gone_is_removed_and_one_that_fails_stays(self, library: Library, site: Site) -> None:
        site.put({"/a": "<p>Tea is a drink.</p>", "/b": "<p>Bread is food.</p>"})
        address = site.sitemap("/a", "/b")
        ingest(library, address)
        site.pages["/a"], site.pages["/b"] = 410, 503
        report = ingest(library, address)
        assert counts(report) == (0, 0, 0, 1)
        assert report.failed[0][0] == site.address + "/b"
        assert "the server says 503" in report.failed[0][1]
        assert [d.id for d in library.open().documents()] == [site.address + "/b"]

    def test_when_nothing_answers_the_sentence_says_why_and_the_index_stays(self, library: Library) -> None:
        with serving() as site:
            site.put({"/a": "<p>Tea is a drink.</p>"})
            address = site.sitemap("/a")
            ingest(library, address)
        with pytest.raises(AskwellError, match="could not be fetched"):
            ingest(library, address)
        assert library.open().manifest.documents == 1

    def test_a_network_that_drops_in_the_middle_loses_nothing(self, library: Library, site: Site) -> None:
        site.put({f"/{n}": f"<p>Page {n} of the handbook.</p>" for n in range(12)})
        address = site.sitemap(*(f"/{n}" for n in range(12)))
        assert ingest(library, address).added == 12
        site.pages.update({f"/{n}": cut_off for n in range(4, 12)})
        report = ingest(library, address)
        assert (counts(report), len(report.failed)) == ((0, 0, 4, 0), 8)
        assert "no longer answers" in report.failed[-1][1]
        assert library.open().manifest.documents == 12
        site.put({f"/{n}": f"<p>Page {n} of the handbook.</p>" for n in range(4, 12)})
        assert counts(ingest(library, address)) == (0, 0, 12, 0)


class TestASitemap:
    def test_names_the_pages_and_those_it_no_longer_names_are_removed(self, library: Library, site: Site) -> None:
        site.put({f"/{n}": f"<p>Page {n}.</p>" for n in range(4)})
        assert ingest(library, site.sitemap("/0", "/1", "/2")).added == 3
        assert counts(ingest(library, site.sitemap("/0", "/3"))) == (1, 0, 1, 2)

    def test_patterns_choose_among_its_paths_and_other_sites_are_left_out(self, library: Library, site: Site) -> None:
        site.put({path: f"<p>{path}</p>" for path in ("/guide/a", "/guide/old/b", "/blog/c")})
        address = site.sitemap("/guide/a", "/guide/old/b", "/blog/c")
        page = site.pages["/sitemap.xml"]
        assert isinstance(page, str)
        site.pages["/sitemap.xml"] = page.replace("</urlset>", "<url><loc>https://other.example/x</loc></url></urlset>")
        report = ingest(library, address, include=("/guide/",), exclude=("old/",))
        assert report.added == 1
        assert "lists 1 pages of other sites" in report.warnings[0]

    def test_an_index_of_packed_sitemaps_is_followed(self, library: Library, site: Site) -> None:
        site.put({"/a": "<p>Tea.</p>"})
        site.sitemap("/a", at="/part.xml")
        page = site.pages["/part.xml"]
        assert isinstance(page, str)
        site.pages["/part.xml.gz"] = gzip.compress(page.encode())
        site.pages["/all.xml"] = (
            f"<sitemapindex><sitemap><loc>{site.address}/part.xml.gz</loc></sitemap></sitemapindex>"
        )
        assert ingest(library, site.address + "/all.xml").added == 1

    def test_with_entities_is_refused(self, library: Library, site: Site) -> None:
        site.pages["/sitemap.xml"] = (
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'
        )
        site.types["/sitemap.xml"] = "text/xml"
        with pytest.raises(AskwellError, match="is not a sitemap that can be read"):
            ingest(library, site.address + "/sitemap.xml")


class TestPoliteness:
    def test_robots_txt_is_obeyed(self, library: Library, site: Site) -> None:
        site.put({"/open": "<p>Open.</p>", "/closed/a": "<p>Closed.</p>"})
        site.pages["/robots.txt"] = "User-agent: *\nDisallow: /closed/\n"
        report = ingest(library, site.sitemap("/open", "/closed/a"))
        assert report.added == 1
        assert "robots.txt asks programs to leave it alone" in report.failed[0][1]
        assert "/closed/a" not in site.asked

    def test_without_readable_rules_nothing_is_fetched(self, site: Site) -> None:
        site.put({"/a": "<p>Tea.</p>"})
        site.pages["/robots.txt"] = 503
        with (
            Fetcher(allow_hosts=("127.0.0.1",), rate=QUICK) as fetcher,
            pytest.raises(FetchError, match=r"robots\.txt"),
        ):
            fetcher.get(site.address + "/a")
        assert site.asked == ["/robots.txt"]

    def test_requests_keep_their_distance(self, site: Site) -> None:
        site.put({"/a": "<p>Tea.</p>"})
        begun = time.monotonic()
        with Fetcher(allow_hosts=("127.0.0.1",), rate=10) as fetcher:
            for _ in range(3):
                fetcher.get(site.address + "/a")
        assert time.monotonic() - begun >= 0.3


class TestWhereItMayGo:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
            *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"),
            *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "192.0.2.1", "198.18.0.1"),
        ],
    )
    def test_addresses_that_are_not_of_the_public_network_are_known(self, address: str) -> None:
        assert not is_public(address)

    def test_public_addresses_are_known(self) -> None:
        assert is_public("93.184.216.34")
        assert is_public("2606:2800:220:1:248:1893:25c8:1946")

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1"])
    def test_loopback_is_refused_however_it_is_written(self, site: Site, host: str) -> None:
        site.put({"/secret": "<p>Secret.</p>"})
        port = site.address.rpartition(":")[2]
        with Fetcher(rate=QUICK) as fetcher, pytest.raises((BadInputError, FetchError)) as caught:
            fetcher.get(f"http://{host}:{port}/secret")
        assert site.asked == []
        assert "not an address of the public network" in str(caught.value) or "could not be" in str(caught.value)

    def test_a_redirect_to_a_private_address_is_refused(self, site: Site) -> None:
        # "localhost" was not allowed by name, although it is the same machine.
        port = site.address.rpartition(":")[2]
        site.pages["/a"] = f"-> http://localhost:{port}/secret"
        site.put({"/secret": "<p>Secret.</p>"})
        with Fetcher(allow_hosts=("127.0.0.1",), rate=QUICK) as fetcher, pytest.raises(ForbiddenAddressError):
            fetcher.get(site.address + "/a")
        assert "/secret" not in site.asked

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/_x"])
    def test_a_redirect_to_another_scheme_is_refused(self, site: Site, target: str) -> None:
        site.pages["/a"] = f"-> {target}"
        with (
            Fetcher(allow_hosts=("127.0.0.1",), rate=QUICK) as fetcher,
            pytest.raises(BadInputError, match="only these"),
        ):
            fetcher.get(site.address + "/a")

    def test_redirects_within_the_site_are_followed_but_not_for_ever(self, site: Site) -> None:
        site.put({"/b": "<p>Tea.</p>"})
        site.pages["/a"] = "-> /b"
        site.pages["/loop"] = "-> /loop"
        with Fetcher(allow_hosts=("127.0.0.1",), rate=QUICK) as fetcher:
            assert fetcher.get(site.address + "/a").url == site.address + "/b"
            with pytest.raises(FetchError, match="more than 5 other addresses"):
                fetcher.get(site.address + "/loop")

    def test_the_connection_goes_to_the_address_that_was_checked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name that gives a public address first and a private one afterwards is looked up once."""
        answers = [["93.184.216.34"], ["127.0.0.1"]]
        asked: list[str] = []

        def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
            asked.append(host)
            return [(2, 1, 6, "", (address, port)) for address in answers[len(asked) - 1]]

        monkeypatch.setattr("socket.getaddrinfo", look_up)
        assert checked_address("rebind.example", 80) == "93.184.216.34"
        with pytest.raises(ForbiddenAddressError, match=r"rebind\.example is 127\.0\.0\.1"):
            checked_address("rebind.example", 80)
        assert asked == ["rebind.example"] * 2

    def test_one_private_address_among_public_ones_is_enough(self, monkeypatch: pytest.MonkeyPatch) -> None:
        both = [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: both)
        with pytest.raises(ForbiddenAddressError):
            checked_address("mixed.example", 80)

    def test_addresses_with_a_password_are_not_fetched_and_not_shown(self) -> None:
        with pytest.raises(BadInputError) as caught:
            page_address("https://user:hunter2@example.com/")
        assert "hunter2" not in str(caught.value)


class TestLimits:
    @pytest.fixture
    def fetcher(self) -> Iterator[Fetcher]:
        limits = FetchLimits(seconds=1.0, silence=0.5, bytes=100_000)
        with Fetcher(allow_hosts=("127.0.0.1",), rate=QUICK, limits=limits) as opened:
            yield opened

    def test_a_server_that_drips_is_given_up(self, site: Site, fetcher: Fetcher) -> None:
        site.pages["/slow"] = dripping
        begun = time.monotonic()
        with pytest.raises(FetchError, match="did not answer in time"):
            fetcher.get(site.address + "/slow")
        assert time.monotonic() - begun < 5

    def test_a_page_without_end_is_cut_short(self, site: Site, fetcher: Fetcher) -> None:
        site.pages["/large"] = endless
        with pytest.raises(FetchError, match="is larger than"):
            fetcher.get(site.address + "/large")

    def test_a_packed_bomb_is_not_unpacked(self, site: Site, fetcher: Fetcher) -> None:
        packed = zlib.compress(b"\0" * 5_000_000)

        def bomb(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Encoding", "deflate")
            handler.send_header("Content-Length", str(len(packed)))
            handler.end_headers()
            handler.wfile.write(packed)

        site.pages["/bomb"] = bomb
        with pytest.raises(FetchError, match="is larger than"):
            fetcher.get(site.address + "/bomb")

    def test_an_answer_that_is_cut_off_is_no_page(self, site: Site, fetcher: Fetcher) -> None:
        site.pages["/cut"] = cut_off
        with pytest.raises(FetchError, match="could not be fetched"):
            fetcher.get(site.address + "/cut")


def test_what_was_fetched_is_kept_in_the_data_directory_and_nowhere_else(library: Library, site: Site) -> None:
    site.put({"/evil": "<p>Tea.</p>"})
    ingest(library, site.address + "/../../evil")
    files = [path for path in (library.data_dir / "web").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert all(Path(path.stem).name == path.stem for path in files)
