"""Where a citation leads: the address of a document, scrolled to a span or a section.

Every face uses these addresses, so a link in Slack, in the terminal and on the page opens the same words.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from ingest.types import Document, Section

DEFAULT_COLLECTION = "default"


def source_url(
    document: str,
    collection: str = DEFAULT_COLLECTION,
    start: int | None = None,
    end: int | None = None,
    anchor: str = "",
) -> str:
    """The relative address of a document in the source viewer.

    With a span it leads to the highlighted words, without one to the section ``anchor``:

    >>> source_url("guides/keys.md", start=10, end=25)
    '/sources/guides/keys.md?start=10&end=25#quote'
    >>> source_url("guides/keys.md", "handbook", anchor="sort-keys")
    '/sources/guides/keys.md?collection=handbook#sort-keys'
    """
    query: list[tuple[str, str | int]] = []
    if collection != DEFAULT_COLLECTION:
        query.append(("collection", collection))
    has_span = start is not None and end is not None and start < end
    if has_span:
        query += [("start", start or 0), ("end", end or 0)]
    fragment = "quote" if has_span else anchor
    return (
        f"/sources/{quote(document, safe='' if '://' in document else '/')}"
        + (f"?{urlencode(query)}" if query else "")
        + (f"#{quote(fragment, safe='-._~')}" if fragment else "")
    )


def original_url(document: Document, section: Section, start: int, end: int) -> str:
    """The web address of the original, as near to the span as can be told; empty when the document has none.

    A PDF is opened at the page. Otherwise the fragment is the last id of the original before the span (in Markdown,
    the anchor of its section), and a text fragment lets browsers that know them scroll to the words.
    """
    if not document.url.startswith(("https://", "http://")):
        return ""
    if document.pages:
        return f"{document.url.partition('#')[0]}#page={document.page_at(start)}"
    if "#" in document.url:
        return document.url
    anchor = next((name for at, name in reversed(document.anchors) if at <= start), "")
    if not document.anchors and section.kind == "heading" and document.media_type in ("text/markdown", "text/mdx"):
        anchor = section.anchor
    return document.url + _fragment(anchor, document.text[start:end])


def _fragment(anchor: str, words: str) -> str:
    plain = re.sub(r"[*_`#|>\\\[\]]", "", words.split("\n\n")[0]).split()
    text = quote(" ".join(plain[:8]), safe="").replace("-", "%2D")
    directive = f":~:text={text}" if text else ""
    return f"#{quote(anchor, safe='-._~')}{directive}" if anchor or directive else ""
