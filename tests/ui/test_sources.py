"""The source viewer through its front door."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from assistant.links import source_url
from tests.ui.house import KEYS, NOTES


def marked(page: str) -> str:
    found = re.findall(r"<mark[^>]*>(.*?)</mark>", page, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", text)).strip() for text in found)


def span(text: str, quote: str) -> dict[str, int]:
    return {"start": text.index(quote), "end": text.index(quote) + len(quote)}


def test_the_page_highlights_exactly_the_words_of_the_span(client: TestClient) -> None:
    quote = "A sort key orders the\nitems of one partition."
    page = client.get("/sources/guides/keys.md", params=span(KEYS, quote))
    assert page.status_code == 200
    assert marked(page.text).split() == quote.split()
    assert '<mark id="quote">' in page.text


def test_sections_carry_the_anchors_of_the_index_and_the_contents_lead_to_them(client: TestClient) -> None:
    page = client.get("/sources/guides/keys.md").text
    sections = client.get("/v1/documents/guides/keys.md").json()["sections"]
    anchors = [section["anchor"] for section in sections if section["anchor"]]
    assert "weaknesses-of-partition-keys" in anchors
    for anchor in anchors:
        assert page.count(f'id="{anchor}"') == 1
    assert 'href="#weaknesses-of-partition-keys"' in page


def test_front_matter_is_a_box_and_only_web_addresses_are_links(client: TestClient) -> None:
    page = client.get("/sources/guides/keys.md").text
    assert "<dt>Services</dt><dd>Orchid</dd>" in page
    assert "summary:" not in page
    assert 'href="https://example.com/orchid/keys.html"' in page
    assert "javascript:" not in page


def test_links_between_documents_stay_in_the_viewer_and_dead_ones_are_plain_words(client: TestClient) -> None:
    page = client.get("/sources/guides/keys.md").text
    assert 'href="/sources/guides/limits.md#limits-of-orchid-tables"' in page
    assert "<span>a page that does not exist</span>" in page
    assert 'href="https://example.com/orchid"' in page


def test_plain_text_is_shown_as_it_is_written(client: TestClient) -> None:
    quote = "cooled with liquid helium"
    page = client.get("/sources/notes.txt", params=span(NOTES, quote)).text
    assert f'<mark id="quote">{quote}</mark>' in page


def test_the_panel_shows_the_section_of_the_quote_and_the_way_to_the_document(client: TestClient) -> None:
    quote = "Partition keys cannot answer range queries over several partitions."
    fragment = client.get("/sources/guides/keys.md", params={**span(KEYS, quote), "view": "section"}).text
    assert marked(fragment) == quote
    assert "Weaknesses of partition keys" in fragment
    assert "Strengths of partition keys" not in fragment
    assert "#quote" in fragment
    assert "<html" not in fragment


def test_the_panel_says_each_heading_once_and_where_the_words_stand(client: TestClient) -> None:
    quote = "Partition keys cannot answer range queries over several partitions."
    fragment = client.get("/sources/guides/keys.md", params={**span(KEYS, quote), "view": "section"}).text
    head, body = fragment.split("</header>")
    assert unescape(fragment).count("Weaknesses of partition keys") == 1
    assert head.count("Keys in Orchid tables") == 1
    assert "Keys in Orchid tables" not in body
    for words in ("guides/keys.md", "Reviewed 2026-01-02", "Open document at the highlighted words"):
        assert words in head


def test_the_panel_underlines_the_other_quotes_of_the_answer_in_the_section(client: TestClient) -> None:
    quote, other = "A sort key orders the\nitems of one partition.", "A partition key is the attribute"
    place = span(KEYS, other)
    also = [f"{place['start']}-{place['end']}", "0-9"]
    fragment = client.get("/sources/guides/keys.md", params={**span(KEYS, quote), "view": "section", "also": also}).text
    assert marked(fragment).split() == quote.split()
    assert re.findall(r'<span class="also">(.*?)</span>', fragment) == [other]
    assert client.get("/sources/guides/keys.md?view=section&also=9").status_code == 422


def test_the_panel_opens_a_section_by_its_anchor(client: TestClient) -> None:
    asked = {"view": "section", "anchor": "limits-of-keys"}
    fragment = client.get("/sources/guides/keys.md", params=asked).text
    assert "Size of a sort key" in fragment
    assert "Open document at this place" in fragment
    assert "cannot be shown" not in fragment


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 2), (10_000_000, 10_000_001), (0, 10_000_000)])
def test_a_span_that_does_not_fit_still_opens_the_document(client: TestClient, start: int, end: int) -> None:
    assert client.get("/sources/guides/keys.md", params={"start": start, "end": end}).status_code == 200
    assert (
        client.get("/sources/guides/keys.md", params={"start": start, "end": end, "view": "section"}).status_code == 200
    )


def test_a_collection_is_honoured(client: TestClient) -> None:
    assert client.get(source_url("restart.md", "handbook")).status_code == 200
    assert client.get("/sources/restart.md", params={"collection": "default"}).status_code == 404


def test_a_browser_gets_a_page_for_an_unknown_document_and_a_program_a_problem(client: TestClient) -> None:
    page = client.get("/sources/none.md", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    problem = client.get("/sources/none.md")
    assert problem.headers["content-type"] == "application/problem+json"
    assert "none.md" in problem.json()["detail"]


def test_the_page_needs_no_script_and_allows_none(client: TestClient) -> None:
    page = client.get("/sources/payload.md")
    assert "<script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_addresses_are_quoted_and_relative() -> None:
    assert source_url("a b/ü?.md", start=1, end=2) == "/sources/a%20b/%C3%BC%3F.md?start=1&end=2#quote"
    assert source_url("https://x.org/a", "web", anchor="b") == "/sources/https%3A%2F%2Fx.org%2Fa?collection=web#b"
    assert source_url("a.md", start=3, end=3, anchor="top") == "/sources/a.md#top"
