"""Documents too long for one page are shown in part, around the quote."""

from __future__ import annotations

from ingest.sections import find_sections
from ingest.types import Document
from ui.sources.view import PAGE_CHARACTERS, page_span, panel_span, view


def long_document() -> Document:
    text = "# Long\n\n" + "\n\n".join(f"## Part {n}\n\nSentence number {n} of a long document." for n in range(8_000))
    return Document("long.md", "default", "Long", "", text, "text/markdown", "0")


def test_a_long_document_is_cut_at_sections_around_the_quote() -> None:
    document = long_document()
    sections = find_sections(document.text, document.id, document.collection)
    quote = "Sentence number 6000 of a long document."
    start = document.text.index(quote)
    begin, end = page_span(document, sections, start)
    assert begin <= start < start + len(quote) <= end
    assert end - begin <= PAGE_CHARACTERS + 2_000
    assert document.text[begin:].startswith("## Part ")
    shown = view(document, sections, (begin, end), (start, start + len(quote)), lambda _: False)
    assert shown.found
    assert f'<mark id="quote">{quote}</mark>' in shown.html


def test_one_huge_section_does_not_make_a_huge_page() -> None:
    text = "# Huge\n\n" + "word " * 200_000
    document = Document("huge.md", "default", "Huge", "", text, "text/markdown", "0")
    sections = find_sections(text, document.id, document.collection)
    start = 700_000
    for begin, end in (page_span(document, sections, start), panel_span(document, sections, start, start + 10)):
        assert begin <= start < end
        assert end - begin < 2 * PAGE_CHARACTERS
