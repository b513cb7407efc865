"""Markdown block structure with exact offsets: paragraphs, lists and items, tables, code, quotes, headings.

markdown-it-py finds the blocks; this module turns its line numbers into code-point offsets of the text. Inline
markup is left alone (see ``plain.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

BlockKind = Literal["heading", "paragraph", "list", "item", "table", "code", "quote", "html", "rule"]

_KINDS: dict[str, BlockKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "list_item_open": "item",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "blockquote_open": "quote",
    "html_block": "html",
    "hr": "rule",
}


@dataclass(frozen=True, slots=True)
class Block:
    """``text[start:end]`` is the block, without surrounding blank lines.

    ``level`` is the heading level (1-6) or 0. ``ordered`` tells numbered lists and their items from bulleted
    ones. ``body`` is where an item's or heading's text begins, after its marker (else ``start``).
    ``children`` are the items of a list and the blocks of an item or quote.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    ordered: bool = False
    body: int = -1
    children: tuple[Block, ...] = ()


@lru_cache(maxsize=2)
def _parser(plain_text: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": 30}).enable("table").disable("inline")
    if plain_text:
        # Indented lines and "# comments" of a text file are neither code nor headings.
        parser.disable(["code", "heading", "html_block"])
    return parser


def line_starts(text: str) -> list[int]:
    r"""Offset of each line's first character, and the length of the text as the last entry.

    Lines end at "\n" only, as markdown-it sees them once ``normalise_newlines`` has run.

    >>> line_starts("ab\nc")
    [0, 3, 4]
    """
    starts = [0]
    starts.extend(match.end() for match in re.finditer("\n", text))
    if starts[-1] != len(text):
        starts.append(len(text))
    return starts


def blocks(text: str, *, plain_text: bool = False) -> tuple[Block, ...]:
    """The top-level blocks of a Markdown text, in order.

    >>> [(b.kind, b.start, b.end) for b in blocks("# A\\n\\nHello\\n- x\\n")]
    [('heading', 0, 3), ('paragraph', 5, 10), ('list', 11, 14)]
    """
    # markdown-it counts "\r\n" and "\r" as one line end; the same number of characters keeps offsets exact.
    source = text.replace("\r\n", " \n").replace("\r", "\n").replace("\x00", " ")
    tokens = _parser(plain_text).parse(source)
    starts = line_starts(source)
    return tuple(_collect(iter(tokens), source, starts, None))


def _collect(tokens: Iterator[Token], text: str, starts: Sequence[int], until: str | None) -> Iterator[Block]:
    for token in tokens:
        if token.type == until:
            return
        kind = _KINDS.get(token.type)
        if kind is None or token.map is None:
            continue
        first, last = token.map
        start = starts[min(first, len(starts) - 1)]
        end = _trimmed_end(text, start, starts[min(last, len(starts) - 1)])
        children: tuple[Block, ...] = ()
        if token.nesting == 1:
            closing = token.type.replace("_open", "_close")
            if kind in ("list", "item", "quote"):
                children = tuple(_collect(tokens, text, starts, closing))
            else:
                _skip(tokens, closing)
        start += _indent(text, start, end)
        yield Block(
            kind,
            start,
            max(start, end),
            level=int(token.tag[1]) if kind == "heading" else 0,
            ordered=token.type == "ordered_list_open" or (kind == "item" and token.info != ""),
            body=_body_start(kind, text, start, end),
            children=children,
        )


def _skip(tokens: Iterator[Token], closing: str) -> None:
    for token in tokens:
        if token.type == closing:
            return


def _indent(text: str, start: int, end: int) -> int:
    match = re.compile(r"[ \t]*").match(text, start, end)
    return match.end() - start if match else 0


def _trimmed_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \t\n\r":
        end -= 1
    return end


_MARKERS = {
    "item": re.compile(r"(?:[-+*]|\d{1,9}[.)])[ \t]*"),
    "heading": re.compile(r"#{1,6}[ \t]*"),
    "quote": re.compile(r">[ \t]?"),
}


def _body_start(kind: BlockKind, text: str, start: int, end: int) -> int:
    marker = _MARKERS.get(kind)
    match = marker.match(text, start, end) if marker else None
    return match.end() if match else start


def table_rows(text: str, table: Block) -> list[tuple[int, int]]:
    """Spans of a table's lines: the header first, then the data rows (the delimiter line is left out)."""
    rows: list[tuple[int, int]] = []
    position = table.start
    for number, line in enumerate(text[table.start : table.end].split("\n")):
        stripped_end = position + len(line.rstrip())
        if number != 1:
            rows.append((position + len(line) - len(line.lstrip()), stripped_end))
        position += len(line) + 1
    return [row for row in rows if row[1] > row[0]]


def table_cells(row: str) -> list[str]:
    r"""The cells of one table line, pipes escaped with a backslash kept inside.

    >>> table_cells("| a | b \\| c |")
    ['a', 'b | c']
    """
    inner = re.sub(r"^\||(?<!\\)\|$", "", row.strip())
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]
