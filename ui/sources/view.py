"""A document (or one section of it) as HTML: highlighted span, section anchors, links between documents.

Leaves out where the document comes from and what the page around it looks like.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote, urljoin, urlsplit

from assistant.links import source_url
from ingest.types import Document, Section
from ui.sources.highlight import Marked, mark
from ui.sources.markdown import clean, parser, render

PAGE_CHARACTERS = 100_000
"""Longer documents are shown in part, around the span: rendering 50 MB would stall the server."""

PANEL_CHARACTERS = 4_000
"""A short section is shown with the one around it, as long as that stays below this."""

_NEWLINE = re.compile(r"\r\n|\r|\n")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class View:
    """Clean HTML of ``document.text[start:end]``; ``found`` says whether the quote is marked in it."""

    html: str
    found: bool
    start: int
    end: int


def page_span(document: Document, sections: Sequence[Section], start: int) -> tuple[int, int]:
    """The part of the document that one page shows: all of it, or whole sections around ``start``."""
    if len(document.text) <= PAGE_CHARACTERS:
        return 0, len(document.text)
    first = section_at(sections, start)
    begin = first.start if first and start - first.start < PAGE_CHARACTERS // 2 else max(0, start - 2_000)
    # A section can be larger than a page; then the page ends in the middle of it.
    ends = [section.end for section in sections if begin < section.end <= begin + PAGE_CHARACTERS]
    end = max(ends, default=begin + PAGE_CHARACTERS)
    return begin, min(len(document.text), max(end, start + 2_000))


def panel_span(document: Document, sections: Sequence[Section], start: int, end: int) -> tuple[int, int]:
    """The section that holds the quote; a pseudo-section or a very short one with its parents, while they are short."""
    section = section_at(sections, start)
    if section is None:
        return max(0, start - 1_000), min(len(document.text), end + 1_000)
    begin, until = section.start, max(section.end, end)
    if section.tree_end - begin <= PANEL_CHARACTERS:
        until = max(until, section.tree_end)
    while (section.kind == "pseudo" or until - begin < 160) and section.parent >= 0:
        section = sections[section.parent]
        if section.tree_end - section.start > PANEL_CHARACTERS:
            break
        begin, until = section.start, max(section.tree_end, end)
    return max(begin, start - PAGE_CHARACTERS // 2), min(until, max(end, begin + PAGE_CHARACTERS))


def section_at(sections: Sequence[Section], offset: int) -> Section | None:
    """The innermost section that holds the character at ``offset``."""
    return next((section for section in sections if section.start <= offset < section.end), None)


def view(
    document: Document,
    sections: Sequence[Section],
    shown: tuple[int, int],
    quote: tuple[int, int] | None,
    exists: Callable[[str], bool],
    also: Sequence[tuple[int, int]] = (),
) -> View:
    """Renders ``document.text[slice(*shown)]``, ``quote`` highlighted and ``also`` underlined (document offsets)."""
    begin, until = shown
    if begin == 0 and document.text.startswith("\ufeff"):
        begin = 1  # a byte order mark counts as a character of the file but would hide the front matter behind it
    text = document.text[begin:until]
    inside = (section for section in sections if section.anchor and begin <= section.start < until)
    anchors = {at - begin: name for at, name in reversed(document.anchors) if begin <= at < until}
    anchors |= {section.start - begin: section.anchor for section in inside}
    if document.media_type == "text/plain":
        draw: Callable[[str], str] = _plain
    else:
        lines = {len(_NEWLINE.findall(text, 0, at)): anchor for at, anchor in anchors.items()}
        draw = partial(
            render, anchors=lines, link=partial(link_target, document, exists=exists), extra=_references(document.text)
        )
    at, to = quote or (0, 0)
    others = [(one - begin, other - begin) for one, other in also if begin <= one < other <= until]
    marked = mark(draw, text, at - begin, to - begin, others) if at < to else Marked(draw(text), False)
    return View(clean(marked.html), marked.found, begin, until)


def link_target(document: Document, href: str, exists: Callable[[str], bool]) -> str | None:
    """Where a link in a document leads, or None for a page that nobody here can open.

    Links between indexed documents stay inside the viewer; others go to the original site if it is known.
    """
    parts = urlsplit(href)
    if parts.scheme in ("http", "https", "mailto") or (not parts.path and parts.fragment):
        return href
    if parts.scheme or parts.netloc or not parts.path:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(document.id), unquote(parts.path)))
    if not target.startswith(("..", "/")) and exists(target):
        return source_url(target, document.collection, anchor=unquote(parts.fragment))
    return urljoin(document.url, href) if document.url.startswith(("http://", "https://")) else None


def _plain(text: str) -> str:
    return f'<pre class="plain">{html.escape(text)}</pre>'


def _references(text: str) -> dict[str, object]:
    """Link definitions stand anywhere in a document, so a part of it still needs those of the whole."""
    if len(text) > PAGE_CHARACTERS or not _DEFINITION.search(text):
        return {}
    environment: dict[str, object] = {}
    parser().parse(text, environment)
    return {"references": environment.get("references", {})}
