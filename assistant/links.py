"""Where a citation leads: the address of a document, scrolled to a span or a section.

Every face uses these addresses, so a link in Slack, in the terminal and on the page opens the same words.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

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
        f"/sources/{quote(document, safe='/')}"
        + (f"?{urlencode(query)}" if query else "")
        + (f"#{quote(fragment, safe='-._~')}" if fragment else "")
    )
