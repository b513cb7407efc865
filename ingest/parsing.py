"""One file to one ``ParsedDocument``: extract the text, front matter, blocks, sections, chunks.

``parse`` reads a file; ``parse_again`` makes sections and chunks anew from a stored document. How each format is turned
into Markdown is in ``ingest/formats``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ingest.blocks import blocks
from ingest.chunks import make_chunks
from ingest.formats import SUFFIXES, extract_here, format_of
from ingest.formats.extracted import Extract, Extracted, ParseError
from ingest.frontmatter import metadata_of, notices_of, split_front_matter
from ingest.plain import plain_inline
from ingest.protocols import TokenCounter
from ingest.sections import find_sections, shifted
from ingest.types import Document, MetadataValue, ParsedDocument, Section

CHUNKER = "sections-3"
"""Changes whenever the same file would give other sections or chunks, so that old generations are rebuilt."""

SUPPORTED = SUFFIXES
MAX_BYTES = 64 * 1024 * 1024
_FRONTED = ("text/markdown", "text/mdx")

__all__ = ["CHUNKER", "MAX_BYTES", "SUPPORTED", "ParseError", "parse", "parse_again"]


def parse(
    raw: bytes,
    *,
    document_id: str,
    collection: str,
    source: str,
    tokens: TokenCounter,
    max_tokens: int,
    media_type: str = "",
    url: str = "",
    metadata: Mapping[str, MetadataValue] | None = None,
    extract: Extract = extract_here,
) -> ParsedDocument:
    """Raises ParseError for binary, empty, broken and oversized files. ``max_tokens`` is the embedder's limit.

    ``media_type`` is what a server said of the file; ``url`` leads to the original unless the document names its own
    address; ``metadata`` is what the source knows besides; ``extract`` turns other formats than text into Markdown.
    """
    if len(raw) > MAX_BYTES:
        raise ParseError(f"{document_id} is larger than {MAX_BYTES // 2**20} MB; split it and ingest the parts")
    form = format_of(document_id, media_type)
    if form is not None and form.module:
        if not raw.strip():
            raise ParseError(f"{document_id} is empty")
        extracted = extract(form.name, raw, document_id)
    else:
        text, warnings = decode(raw, document_id)
        extracted = Extracted(text, warnings=tuple(warnings))
    media_type = form.media_type if form else "text/markdown"
    fields, offset, warning = split_front_matter(extracted.text) if media_type in _FRONTED else ({}, 0, "")
    if not extracted.text[offset:].strip():
        raise ParseError(f"{document_id} is empty")
    named: dict[str, object] = {**extracted.fields, **fields}
    known = {name: value for name, value in (metadata or {}).items() if name not in named}
    document = Document(
        id=document_id,
        collection=collection,
        title=plain_inline(str(named["title"])) if isinstance(named.get("title"), str) else "",
        # A page's own word for its address comes last: it may name any site.
        url=str(fields.get("url") or url or extracted.fields.get("url") or ""),
        text=extracted.text,
        media_type=media_type,
        content_hash=hashlib.sha256(extracted.text.encode("utf-8", "surrogatepass")).hexdigest(),
        source=source,
        metadata={**known, **metadata_of(named)},
        notices=notices_of(fields),
        anchors=extracted.anchors,
        pages=extracted.pages,
    )
    warnings = [*extracted.warnings, *([f"{document_id}: {warning}"] if warning else [])]
    return _cut(document, offset, tokens, max_tokens, tuple(warnings))


def parse_again(document: Document, *, tokens: TokenCounter, max_tokens: int) -> ParsedDocument:
    """The sections and chunks that this version makes of a document that is in the index."""
    fronted = document.media_type in _FRONTED
    fields, offset, _ = split_front_matter(document.text) if fronted else ({}, 0, "")
    given = fields.get("title") or document.metadata.get("title")
    titled = replace(document, title=plain_inline(given) if isinstance(given, str) else "")
    return _cut(titled, offset, tokens, max_tokens, ())


def _cut(
    document: Document, offset: int, tokens: TokenCounter, max_tokens: int, warnings: tuple[str, ...]
) -> ParsedDocument:
    """``offset`` is where the text begins after front matter. A document without a title gets one."""
    text = document.text
    found = shifted(blocks(text[offset:], plain_text=document.media_type == "text/plain"), offset)
    sections = find_sections(
        text,
        document.id,
        document.collection,
        body_offset=offset,
        found=found,
        anchors=dict(reversed(document.anchors)),
    )
    document = replace(document, title=document.title or _title(sections, document.id))
    chunks = make_chunks(document, sections, found, tokens, max_tokens)
    if not chunks:
        raise ParseError(f"{document.id} holds no text to search")
    return ParsedDocument(document, sections, chunks, warnings)


def decode(raw: bytes, document_id: str) -> tuple[str, list[str]]:
    """(text, warnings). Raises ParseError for what is no text."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace"), []
    if b"\x00" in raw[:8192]:
        raise ParseError(f"{document_id} is a binary file, not text; give it its real file ending")
    try:
        # "utf-8", not "utf-8-sig": offsets count the byte order mark too, as a reader of the file sees it.
        return raw.decode("utf-8"), []
    except UnicodeDecodeError as error:
        text = raw.decode("utf-8", "replace")
        if text.count("\ufffd") > len(text) // 10:
            raise ParseError(f"{document_id} is not UTF-8 text; convert it to UTF-8") from error
        return text, [f"{document_id} is not valid UTF-8 at byte {error.start}; unreadable bytes became \ufffd"]


def _title(sections: tuple[Section, ...], document_id: str) -> str:
    top = next((section.heading for section in sections if section.kind == "heading"), "")
    return top or PurePosixPath(document_id).stem.replace("-", " ").replace("_", " ").strip() or document_id
