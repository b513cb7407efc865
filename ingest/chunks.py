"""Sections cut into chunks under the embedder's token limit, each carrying its heading path.

A chunk is an exact slice of one section. Paragraphs, lists and tables stay whole while they fit; a longer list is
cut between items, a table between rows (every part carries the header row into ``embed_text``), a paragraph
between sentences, code between lines and only when it exceeds a whole chunk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ingest.blocks import Block, table_rows
from ingest.plain import plain_inline, plain_text
from ingest.protocols import TokenCounter
from ingest.sentences import sentence_spans
from ingest.types import Chunk, Document, Section

_SPECIAL_TOKENS = 2
_MAX_PREFIX_TOKENS = 64
_LONG = 24  # characters per word piece that no readable text reaches
_LINK_ITEM = re.compile(r"\s*(?:[-+*]|\d+[.)])\s*\[[^\]]*\]\([^)]*\)\s*")
_IMAGES = re.compile(r"(?:\s*!\[(?:\\.|[^\]\\])*\]\([^)]*\)\s*)+")
_CONTENTS_LABEL = re.compile(r"\*\*(?:topics|contents|on this page|in this section)\*\*:?", re.I)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span that may be packed with its neighbours; ``header`` goes before it in the embedded text."""

    start: int
    end: int
    tokens: int
    header: str = ""


def make_chunks(
    document: Document,
    sections: Sequence[Section],
    blocks: Sequence[Block],
    tokens: TokenCounter,
    max_tokens: int,
) -> tuple[Chunk, ...]:
    """All chunks of a document, in order. ``blocks`` are its top-level blocks, in order."""
    count = _memoised(tokens)
    chunks: list[Chunk] = []
    cursor = 0
    for section in sections:
        while cursor < len(blocks) and blocks[cursor].end <= section.body_start:
            cursor += 1
        content = list(_clip(blocks, cursor, section.body_start, section.end))
        content = _without_contents_list(document.text, content)
        prefix = heading_prefix(document, section.heading_path)
        while count(prefix) > _MAX_PREFIX_TOKENS and " > " in prefix:
            prefix = prefix.split(" > ", 1)[1]
        prefix_tokens = count(prefix)
        if prefix_tokens > _MAX_PREFIX_TOKENS:
            prefix, prefix_tokens = "", 0
        budget = max_tokens - _SPECIAL_TOKENS - prefix_tokens - 1
        made = [
            chunk
            for part in _without_footer(content, is_last=section is sections[-1])
            for group in _packed(list(_pieces(document.text, part, count, budget)), budget)
            for chunk in _fitted(document, section, prefix, group, count, max_tokens - _SPECIAL_TOKENS)
        ]
        if not made:
            made = _outline(document, section, sections, prefix, count, budget)
        chunks.extend(made)
    return tuple(chunks)


def _without_footer(content: Sequence[Block], *, is_last: bool) -> tuple[Sequence[Block], ...]:
    """The blocks, and apart from them those after the last rule of a document: a footer is no part of a section."""
    rules = [position for position, block in enumerate(content) if block.kind == "rule"] if is_last else []
    return (content[: rules[-1]], content[rules[-1] + 1 :]) if rules else (content,)


def heading_prefix(document: Document, heading_path: Sequence[str]) -> str:
    """What a chunk says of its place: folder words, title and headings, "dynamodb > Limits > Item size"."""
    path = list(heading_path)
    if document.title and (not path or path[0] != document.title):
        path.insert(0, document.title)
    folder = PurePosixPath(document.id).parent.name if "://" not in document.id else ""
    words = re.sub(r"[-_]+", " ", folder).strip()
    known = " ".join(path).lower()
    if words and any(word not in known for word in words.lower().split()):
        path.insert(0, words)
    return " > ".join(path)


def _memoised(tokens: TokenCounter) -> Callable[[str], int]:
    seen: dict[str, int] = {}

    def count(text: str) -> int:
        if text not in seen:
            seen[text] = tokens.count([text])[0] if text else 0
        return seen[text]

    return count


def _clip(blocks: Sequence[Block], cursor: int, start: int, end: int) -> Iterator[Block]:
    """The blocks inside ``[start, end)``; those that cross it are opened, or cut to it."""
    for block in blocks[cursor:]:
        if block.start >= end:
            return
        if block.end <= start:
            continue
        if start <= block.start and block.end <= end:
            yield block
        elif block.children:
            yield from _clip(block.children, 0, start, end)
        else:
            first, last = max(block.start, start), min(block.end, end)
            yield replace(block, start=first, end=last, body=first)


def _without_contents_list(text: str, content: list[Block]) -> list[Block]:
    """Drops "**Topics**" and the list of links under it: navigation that matches every question of its page."""
    kept: list[Block] = []
    after_label = False
    for block in content:
        raw = text[block.start : block.end]
        if (
            block.kind == "list"
            and after_label
            and all(_LINK_ITEM.fullmatch(text[item.start : item.end]) for item in block.children if not _nested(item))
        ):
            kept.pop()
            after_label = False
            continue
        after_label = block.kind == "paragraph" and bool(_CONTENTS_LABEL.fullmatch(raw.strip()))
        if raw.strip() and not (block.kind == "paragraph" and _IMAGES.fullmatch(raw)):
            kept.append(block)
    return kept


def _nested(item: Block) -> bool:
    return any(child.kind == "list" for child in item.children)


def _pieces(text: str, content: Sequence[Block], count: Callable[[str], int], budget: int) -> Iterator[_Piece]:
    """Blocks that fit as they are, the others cut. A line that introduces a list stays with it if it can."""
    position = 0
    while position < len(content):
        block = content[position]
        following = content[position + 1] if position + 1 < len(content) else None
        if following is not None and _introduces(text, block, following):
            joined = count(plain_text(text[block.start : following.end]))
            if joined <= budget:
                yield _Piece(block.start, following.end, joined)
                position += 2
                continue
        yield from _split(text, block, count, budget)
        position += 1


def _introduces(text: str, block: Block, following: Block) -> bool:
    return (
        block.kind == "paragraph"
        and following.kind in ("list", "table", "code")
        and text[block.start : block.end].rstrip("*_ ").endswith(":")
    )


def _split(text: str, block: Block, count: Callable[[str], int], budget: int) -> Iterator[_Piece]:
    if block.kind == "rule" or block.end <= block.start:
        return
    long = block.end - block.start > budget * _LONG
    whole = budget + 1 if long else count(plain_text(text[block.start : block.end]))
    if whole <= budget:
        if whole:
            yield _Piece(block.start, block.end, whole)
    elif block.kind in ("list", "item", "quote") and block.children:
        yield from _split_children(text, block, count, budget)
    elif block.kind == "table":
        yield from _split_table(text, block, count, budget)
    elif block.kind in ("code", "html"):
        yield from _split_spans(text, _line_spans(text, block.start, block.end), count, budget)
    else:
        yield from _split_spans(text, sentence_spans(text, block.start, block.end), count, budget)


def _split_children(text: str, block: Block, count: Callable[[str], int], budget: int) -> Iterator[_Piece]:
    start = block.start
    for child in block.children:
        # The marker of an item belongs to its first child.
        whole = replace(child, start=min(start, child.start)) if child is block.children[0] else child
        yield from _split(text, whole, count, budget)
        start = child.end


def _split_table(text: str, block: Block, count: Callable[[str], int], budget: int) -> Iterator[_Piece]:
    rows = table_rows(text, block)
    header = plain_text(text[slice(*rows[0])])
    header_tokens = count(header)
    if header_tokens > budget // 2:
        yield from _split_spans(text, rows, count, budget)
        return
    for number, (start, end) in enumerate(rows):
        for piece in _split_spans(text, [(start, end)], count, budget - header_tokens):
            yield piece if number == 0 else replace(piece, tokens=piece.tokens, header=header)


def _split_spans(
    text: str, spans: Sequence[tuple[int, int]], count: Callable[[str], int], budget: int
) -> Iterator[_Piece]:
    for start, end in spans:
        # Far too long to fit whatever it says: halve it without counting.
        tokens = budget + 1 if end - start > budget * _LONG else count(plain_text(text[start:end]))
        if tokens > budget and end - start > 1:
            yield from _split_spans(text, _halves(text, start, end), count, budget)
        elif tokens:
            yield _Piece(start, end, tokens)


def _halves(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Two spans cut at the white space nearest the middle, or in the middle of a word that has none."""
    middle = (start + end) // 2
    after = re.compile(r"\s").search(text, middle, end)
    before = next((at for at in range(middle, max(start, middle - 2000), -1) if text[at].isspace()), -1)
    candidates = [at for at in (before, after.start() if after else -1) if start < at < end]
    cut = min(candidates, key=lambda at: abs(at - middle), default=middle)
    if not text[cut:end].strip() or not text[start:cut].strip():
        cut = middle
    return [(start, cut), (cut, end)]


def _line_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [(start + match.start(), start + match.end()) for match in re.finditer(r"[^\n]+", text[start:end])]


def _packed(pieces: Sequence[_Piece], budget: int) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    used = 0
    for piece in pieces:
        # A part of a table opens a chunk with its header; rows that follow share it.
        header_tokens = 0 if group and group[-1].header == piece.header else len(piece.header.split()) * 2
        if group and (used + piece.tokens + header_tokens > budget or (piece.header and not group[-1].header)):
            yield group
            group, used = [], 0
            header_tokens = len(piece.header.split()) * 2
        group.append(piece)
        used += piece.tokens + header_tokens
    if group:
        yield group


def _fitted(
    document: Document,
    section: Section,
    prefix: str,
    group: Sequence[_Piece],
    count: Callable[[str], int],
    limit: int,
) -> list[Chunk]:
    """The group as one chunk, or cut in two until the embedder would read all of it.

    Token counts of pieces do not always add up: markup that is dropped in a piece may stay when it is joined.
    """
    chunk = _chunk(document, section, prefix, group)
    if count(chunk.embed_text) <= limit:
        return [chunk]
    if len(group) == 1:
        piece = group[0]
        if piece.end - piece.start < 2:
            return [replace(chunk, embed_text=prefix)]
        halves = _halves(document.text, piece.start, piece.end)
        group = [replace(piece, start=start, end=end) for start, end in halves]
    middle = len(group) // 2
    parts = (group[:middle], group[middle:])
    return [fitted for part in parts for fitted in _fitted(document, section, prefix, part, count, limit)]


def _chunk(document: Document, section: Section, prefix: str, group: Sequence[_Piece]) -> Chunk:
    start, end = group[0].start, group[-1].end
    text = document.text[start:end]
    # Built from the pieces, not the slice: what was left out between them (a list of contents, an image) stays out.
    body = " ".join(plain_text(document.text[piece.start : piece.end]) for piece in group)
    if group[0].header:
        body = f"{group[0].header}\n{body}"
    return Chunk(
        collection=document.collection,
        document_id=document.id,
        section=section.index,
        start=start,
        end=end,
        text=text,
        embed_text=f"{prefix}\n{body}" if prefix else body,
    )


def _outline(
    document: Document,
    section: Section,
    sections: Sequence[Section],
    prefix: str,
    count: Callable[[str], int],
    budget: int,
) -> list[Chunk]:
    """A heading with nothing but sections beneath is findable by their names: "Strengths; Weaknesses"."""
    names: list[str] = []
    used = 0
    for child in sections:
        if child.parent == section.index and child.heading and child.heading_path != section.heading_path:
            used += count(child.heading) + 1
            if used > budget:
                break
            names.append(plain_inline(child.heading))
    if section.body_start <= section.start or not names:
        return []
    text = document.text[section.start : section.body_start].rstrip()
    return [
        Chunk(
            collection=document.collection,
            document_id=document.id,
            section=section.index,
            start=section.start,
            end=section.start + len(text),
            text=text,
            embed_text=f"{prefix}\n{'; '.join(names)}",
        )
    ]
