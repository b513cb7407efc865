"""The text of an article: its length, its sections and anchors, its figures and its links."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from ingest.articles.article import Article, Finding, Piece
from ingest.articles.fields import texts
from ingest.plain import plain_text

MAX_ARTICLE_WORDS = 1_500
MAX_SECTION_WORDS = 260
# A number that stands on its own ("400 KB", "99.99%", "$0.25", "64-bit"), not a digit inside a name (S3, EC2).
_FIGURE = re.compile(r"(?<![\w.-])\d[\d,.]*")
_ADDRESS = re.compile(r"https?://|\bwww\.", re.I)


def body_findings(article: Article) -> Iterator[Finding]:
    yield from _lengths(article)
    yield from _headings(article)
    yield from _figures(article)
    for match in _ADDRESS.finditer(article.prose, article.body):
        yield article.finding(match.start(), "address", "an address in the text; sources stand in the front matter")
    for match in re.finditer(r"\bUNVERIFIED\b", article.text):
        yield article.finding(match.start(), "unverified", "what is marked UNVERIFIED has no place in an article")
    for match in re.finditer(r"(?<=\w)!(?![=\[])", article.prose):
        yield article.finding(match.start(), "word", "an exclamation mark")
    if "\ufffd" in article.text:
        yield article.finding(article.text.index("\ufffd"), "encoding", "the file is not UTF-8")


def link_findings(article: Article, articles: Mapping[str, Article], files: frozenset[str]) -> Iterator[Finding]:
    """``files`` are all paths of the corpus, so that a link to a data file is not called dead."""
    folder = posixpath.dirname(article.document)
    for link in article.links:
        if re.match(r"[a-z][a-z0-9+.-]*:", link.target, re.I):
            continue
        path, _, anchor = unquote(link.target).partition("#")
        document = posixpath.normpath(posixpath.join(folder, path)) if path else article.document
        target = articles.get(document)
        if target is None:
            if document not in files:
                yield article.finding(link.start, "link", f"{link.target} leads nowhere")
        elif anchor and anchor not in {section.anchor for section in target.sections}:
            yield article.finding(link.start, "link", f"{document} has no section #{anchor}")


def count_words(markdown: str) -> int:
    """Words as a reader sees them: no markup, table pipes or list markers.

    >>> count_words("- **Two** words")
    2
    """
    return sum(1 for word in plain_text(markdown).split() if any(letter.isalnum() for letter in word))


def _lengths(article: Article) -> Iterator[Finding]:
    total = count_words(article.text[article.body :])
    if total > MAX_ARTICLE_WORDS:
        yield article.finding(0, "length", f"{total} words; an article has at most {MAX_ARTICLE_WORDS}")
    for section in article.sections:
        words = count_words(article.text[section.body_start : section.end])
        if words > MAX_SECTION_WORDS:
            message = f"{section.heading!r} has {words} words; a section has at most {MAX_SECTION_WORDS}"
            yield article.finding(section.start, "length", message)
        if not words and section.tree_end == section.end:
            yield article.finding(section.start, "length", f"{section.heading!r} has no text")


def _headings(article: Article) -> Iterator[Finding]:
    seen: set[str] = set()
    for section in article.headings:
        if section.heading.lower() in seen:
            yield article.finding(section.start, "heading", f"a second section is called {section.heading!r}")
        seen.add(section.heading.lower())


def _figures(article: Article) -> Iterator[Finding]:
    """Sources stand per article; an article of invented examples says so by ``sample_data: true``."""
    if texts(article, "sources") or article.fields.get("sample_data") is True:
        return
    for piece in article.pieces:
        figure = first_figure(article, piece)
        if figure:
            yield article.finding(piece.start, "figure", f"{figure} has no source, since the article names none")


def first_figure(article: Article, piece: Piece) -> str:
    match = _FIGURE.search(article.prose, piece.start, piece.end)
    return match.group().rstrip(".,") if match else ""
