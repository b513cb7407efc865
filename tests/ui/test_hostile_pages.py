"""A web page that carries scripts becomes a document whose page in the viewer carries none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.ingest.conftest import Library
from ui.sources.page import document_page, section_panel

PAGE = """<html><head><title>Tea</title><script>steal()</script></head><body onload="steal()"><main>
<h1 id="tea" onclick="steal()">Tea</h1><h2 id='"><script>steal()</script>'>More</h2>
<p style="background:url(javascript:steal())">Tea is a drink. <img src=x onerror="steal()" alt="A <b>cup</b>">
<a href="javascript:steal()">one</a> <a href="JaVa&#x53;cript:steal()">two</a> <a href="data:text/html,x">three</a>
<a href="https://example.com/&quot;onmouseover=&quot;steal()">four</a> <a href="//evil.example/x">five</a></p>
<pre><code>&lt;script&gt;steal()&lt;/script&gt;</code></pre><svg onload="steal()"><script>steal()</script></svg>
<p>&lt;script&gt;steal()&lt;/script&gt; &lt;img src=x onerror=steal()&gt;</p><iframe srcdoc="x"></iframe>
<form action="https://evil.example"><input name=password></form></main></body></html>"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "docs", tmp_path / "data")


def test_scripts_handlers_and_links_that_run_code_never_reach_the_page(library: Library) -> None:
    library.write({"tea.html": PAGE})
    library.ingest()
    index = library.open()
    document = index.document("tea.html")
    start = document.text.index("Tea is")
    pages = (
        document_page(index, document, None, None),
        document_page(index, document, start, start + 15),
        section_panel(index, document, start, start + 15),
    )
    for page in pages:
        body = page[page.rindex("<body") if "<body" in page else 0 :]
        tags = re.findall(r"<[a-zA-Z][^<>]*>", re.sub(r'<script src="/[^"]*"[^>]*></script>', "", body))
        assert not [
            tag for tag in tags if re.search(r"<(?:script|iframe|svg|img|form|input|object|style)\\b", tag, re.I)
        ]
        assert not [tag for tag in tags if re.search(r"\son\w+\s*=|javascript:|data:text|vbscript:", tag, re.I)]
        assert "Tea is" in page


def test_the_anchors_of_the_original_are_anchors_of_the_page(library: Library) -> None:
    library.write(
        {"tea.html": '<h1 id="tea">Tea</h1><p id="first">Tea is a drink.</p><h2 id="kinds">Kinds</h2><p>Two.</p>'}
    )
    library.ingest()
    index = library.open()
    shown = document_page(index, index.document("tea.html"), None, None)
    for name in ("tea", "first", "kinds"):
        assert f'id="{name}"' in shown


def test_the_way_to_the_original_leads_to_the_quoted_words(library: Library) -> None:
    library.write(
        {
            "tea.html": '<head><link rel="canonical" href="https://tea.example/all.html"></head>'
            '<h1 id="tea">Tea</h1><p>Tea is a drink.</p><h2 id="kinds">Kinds</h2><p>White-leaf tea &amp; two more.</p>',
            "own.html": "<h1>Own</h1><p>Nobody else has this.</p>",
        }
    )
    library.ingest()
    index = library.open()

    def way(name: str, words: str) -> list[str]:
        document = index.document(name)
        start = document.text.index(words)
        pages = (
            document_page(index, document, start, start + len(words)),
            section_panel(index, document, start, start + len(words)),
        )
        return [
            address for page in pages for address in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>Original page</a>', page)
        ]

    there = "https://tea.example/all.html#kinds:~:text=White%2Dleaf%20tea%20%26%20two%20more."
    assert way("tea.html", "White-leaf tea & two more.") == [there, there]
    assert way("own.html", "Nobody else") == []
