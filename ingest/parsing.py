"""One file to one ``ParsedDocument``: decode, front matter, blocks, sections, chunks. Markdown and plain text."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from ingest.blocks import blocks
from ingest.chunks import make_chunks
from ingest.errors import AskwellError
from ingest.frontmatter import metadata_of, notices_of, split_front_matter
from ingest.plain import plain_inline
from ingest.protocols import TokenCounter
from ingest.sections import find_sections, shifted
from ingest.types import Document, ParsedDocument, Section

CHUNKER = "sections-1"
"""Changes whenever the same file would give other sections or chunks, so that old generations are rebuilt."""

_MARKDOWN = frozenset({".md", ".markdown", ".mdx"})
_TEXT = frozenset({".txt", ".text"})
SUPPORTED = _MARKDOWN | _TEXT
MAX_BYTES = 64 * 1024 * 1024


class ParseError(AskwellError):
    """This file cannot be ingested; the sentence says why. Other files of the run are not affected."""


def parse(
    raw: bytes, *, document_id: str, collection: str, source: str, tokens: TokenCounter, max_tokens: int
) -> ParsedDocument:
    """Raises ParseError for binary, empty and oversized files. ``max_tokens`` is the embedder's limit."""
    if len(raw) > MAX_BYTES:
        raise ParseError(f"{document_id} is larger than {MAX_BYTES // 2**20} MB; split it and ingest the parts")
    text, warnings = _decode(raw, document_id)
    suffix = PurePosixPath(document_id).suffix.lower()
    plain_text = suffix in _TEXT
    fields, body_offset, warning = ({}, 0, "") if plain_text else split_front_matter(text)
    if warning:
        warnings.append(f"{document_id}: {warning}")
    if not text[body_offset:].strip():
        raise ParseError(f"{document_id} is empty")
    found = shifted(blocks(text[body_offset:], plain_text=plain_text), body_offset)
    sections = find_sections(text, document_id, collection, body_offset=body_offset, found=found)
    document = Document(
        id=document_id,
        collection=collection,
        title=_title(fields, sections, document_id),
        url=str(fields.get("url") or ""),
        text=text,
        media_type="text/plain" if plain_text else "text/markdown",
        content_hash=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        source=source,
        metadata=metadata_of(fields),
        notices=notices_of(fields),
    )
    chunks = make_chunks(document, sections, found, tokens, max_tokens)
    if not chunks:
        raise ParseError(f"{document_id} holds no text to search")
    return ParsedDocument(document, sections, chunks, tuple(warnings))


def _decode(raw: bytes, document_id: str) -> tuple[str, list[str]]:
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


def _title(fields: dict[str, object], sections: tuple[Section, ...], document_id: str) -> str:
    given = fields.get("title")
    if isinstance(given, str) and given.strip():
        return plain_inline(given)
    top = next((section.heading for section in sections if section.kind == "heading"), "")
    return top or PurePosixPath(document_id).stem.replace("-", " ").replace("_", " ").strip() or document_id
