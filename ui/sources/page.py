"""The two pages of the viewer: a whole document, and the section that the chat shows beside an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.links import original_url, source_url
from ingest.errors import NotFoundError
from ingest.index import OpenIndex
from ingest.types import Document, MetadataValue, Section
from ui.sources.contents import contents
from ui.sources.view import page_span, panel_span, section_at, view
from ui.templates import fill

_LONG = 20_000
"""Characters of a section in which other quotes are no longer underlined: each costs a rendering to prove."""


@dataclass(frozen=True, slots=True)
class OriginalLink:
    """A page that the document was made from; ``label`` is short enough for one line."""

    url: str
    label: str


def document_page(index: OpenIndex, document: Document, start: int | None, end: int | None) -> str:
    """The document with contents, front matter and, when a span is given, its highlighted words."""
    from markupsafe import Markup

    sections = index.sections(document.id, document.collection)
    span = _span(document, start, end)
    shown = page_span(document, sections, span[0] if span else 0)
    rendered = view(document, sections, shown, span, lambda target: _exists(index, target, document.collection))
    partial = shown != (0, len(document.text))
    return fill(
        "document.html",
        document=document,
        title=document.title or document.id,
        contents=[] if partial else contents(sections),
        facts=facts(document),
        originals=originals(document),
        original=_original(document, sections, span),
        notices=document.notices,
        body=Markup(rendered.html),
        found=rendered.found,
        asked=span is not None,
        earlier=_neighbour(document, max(0, shown[0] - 1)) if shown[0] > 0 else "",
        later=_neighbour(document, shown[1]) if shown[1] < len(document.text) else "",
    )


def _original(document: Document, sections: Sequence[Section], span: tuple[int, int] | None) -> str:
    """The original page, scrolled to the quoted words by browsers that know text fragments; empty without one."""
    section = section_at(sections, span[0]) if span else None
    return original_url(document, section, *span) if span and section else ""


def section_panel(
    index: OpenIndex,
    document: Document,
    start: int,
    end: int,
    *,
    anchor: str = "",
    also: Sequence[tuple[int, int]] = (),
) -> str:
    """The section around a span (or of an anchor) as a fragment of HTML, with the way to the whole document.

    ``also`` are the other quotes of the same answer; they are underlined where the section holds them.
    """
    from markupsafe import Markup

    sections = index.sections(document.id, document.collection)
    span = _span(document, start, end)
    named = next((section.start for section in sections if anchor and section.anchor == anchor), start)
    at, to = span or (max(0, min(named, len(document.text))), 0)
    shown = panel_span(document, sections, at, to)
    if shown[1] - shown[0] > _LONG:
        also = ()
    rendered = view(document, sections, shown, span, lambda target: _exists(index, target, document.collection), also)
    section = section_at(sections, at)
    return fill(
        "panel.html",
        document=document,
        title=document.title or document.id,
        path=_not_shown(document, sections, section, shown[0]),
        reviewed=_words(document.metadata.get("reviewed", "")),
        page=document.page_at(at),
        asked=span is not None,
        body=Markup(rendered.html),
        found=rendered.found,
        url=source_url(document.id, document.collection, at, to, section.anchor if section else ""),
        original=original_url(document, section, at, to) if span and section else document.url,
    )


def facts(document: Document) -> list[tuple[str, str]]:
    """What the front matter says and a reader wants to know, as (label, words)."""
    shown = ("services", "pillars", "topics", "reviewed")
    return [(field.capitalize(), words) for field in shown if (words := _words(document.metadata.get(field, "")))]


def originals(document: Document) -> list[OriginalLink]:
    """The web pages that the document was made from; anything that is not a web address is left out."""
    listed = document.metadata.get("sources", ())
    urls = [document.url, *((listed,) if isinstance(listed, str) else listed)]
    return [OriginalLink(url, _label(url)) for url in dict.fromkeys(urls) if url.startswith(("https://", "http://"))]


def _label(url: str) -> str:
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rpartition("/")[2].removesuffix(".html")
    return f"{parts.netloc} · {last}" if last else parts.netloc


def _words(value: MetadataValue) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _span(document: Document, start: int | None, end: int | None) -> tuple[int, int] | None:
    """The span cut to the document; None when it is empty, so a stale link still opens the document."""
    if start is None or end is None:
        return None
    at, to = max(0, start), min(len(document.text), end)
    return (at, to) if at < to else None


def _exists(index: OpenIndex, document_id: str, collection: str) -> bool:
    try:
        index.document(document_id, collection)
    except NotFoundError:
        return False
    return True


def _neighbour(document: Document, offset: int) -> str:
    """The address of the part of a long document around an offset."""
    return source_url(document.id, document.collection, offset, offset + 1)


def _not_shown(document: Document, sections: Sequence[Section], section: Section | None, begin: int) -> tuple[str, ...]:
    """The headings above the part that begins at ``begin``, without the title: what its text does not say itself."""
    while section is not None and section.start >= begin:
        section = sections[section.parent] if section.parent >= 0 else None
    above = section.heading_path if section else ()
    return above[1:] if above[:1] == (document.title,) else above
