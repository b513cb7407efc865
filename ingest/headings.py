"""Headings of a document, and the pseudo-headings that real documents use in their place.

A pseudo-heading is a line on its own with its body beneath: a bold line, ``1. Operational Excellence:`` or
``- Perform operations as code:``. Steps of a procedure ("1. Run this command:" with code under it), admonition
labels ("**Note**") and bold sentences are not headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.blocks import Block
from ingest.plain import plain_inline

Style = Literal["heading", "numbered", "bold", "dash", "resume"]

_LABELS = frozenset(
    {"note", "notes", "important", "warning", "tip", "tips", "caution", "topics", "example", "examples", "contents"}
    | {"on this page", "in this section", "table of contents"}
)
_BOLD_LINE = re.compile(r"(\*\*|__)(?P<title>\S(?:.*?\S)?)\1[ \t]*(?P<colon>:?)[ \t]*$")
_ANCHOR_TAG = re.compile(r"<a\s+(?:name|id)=[\"']([^\"']+)[\"']\s*>\s*</a>", re.I)
_BRACES = re.compile(r"\s*\{#([A-Za-z][\w:.-]*)[^{}]*\}\s*$")
_MAX_TITLE = 90


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a section begins. ``style`` "resume" has no title: text that returns to the enclosing section."""

    title: str
    style: Style
    level: int
    start: int
    body_start: int
    anchor: str = ""


def find_headings(text: str, blocks: Sequence[Block]) -> Iterator[Heading]:
    for position, block in enumerate(blocks):
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        if block.kind == "heading":
            yield _real(text, block)
        elif block.kind == "paragraph":
            yield from _bold_line(text, block, following)
        elif block.kind == "list":
            yield from _items(text, block, following)


def _real(text: str, block: Block) -> Heading:
    raw = text[block.body : block.end]
    if text[block.start] != "#":  # setext: the underline is the last line
        raw = raw.rsplit("\n", 1)[0]
    raw = re.sub(r"[ \t]+#+[ \t]*$", "", raw)
    anchor = _ANCHOR_TAG.search(raw) or _BRACES.search(raw)
    title = plain_inline(_BRACES.sub("", _ANCHOR_TAG.sub("", raw)))
    return Heading(title, "heading", block.level, block.start, block.end, anchor.group(1) if anchor else "")


def _bold_line(text: str, block: Block, following: Block | None) -> Iterator[Heading]:
    line_end = _line_end(text, block.start, block.end)
    title = _bold_title(text[block.start : line_end])
    has_body = line_end < block.end or (following is not None and following.kind not in ("heading", "rule"))
    if title and has_body and not (following is not None and _is_bold_only(text, following) and line_end == block.end):
        yield Heading(title, "bold", 0, block.start, line_end)


def _items(text: str, block: Block, following: Block | None) -> Iterator[Heading]:
    style: Style = "numbered" if block.ordered else "dash"
    found = 0
    for number, item in enumerate(block.children):
        title_end = _line_end(text, item.body, item.end)
        line = text[item.body : title_end].strip()
        bold = _bold_title(line)
        beneath = text[title_end : item.end].lstrip("\n\r")
        last = number == len(block.children) - 1
        if beneath:
            lazy = not beneath.startswith((" ", "\t"))
            opens_text = bool(item.children) and item.children[0].kind == "paragraph"
            inside = opens_text and item.children[0].end > title_end
            is_title = bool(bold) or (lazy and inside and _colon_title(line) != "")
        else:
            is_title = bool(bold) and last and following is not None and following.kind == "paragraph"
        if is_title:
            found += 1
            yield Heading(bold or _colon_title(line), style, 0, item.start, title_end)
    if found > 1 and following is not None and following.kind == "paragraph":
        # Text after a run of titled items speaks of all of them again, not of the last one.
        yield Heading("", "resume", 0, following.start, following.start)


def _bold_title(line: str) -> str:
    match = _BOLD_LINE.fullmatch(line.strip())
    if match is None or "**" in match.group("title"):
        return ""
    title = plain_inline(match.group("title")).rstrip(": ")
    is_sentence = title.endswith((".", "!", ";", ","))
    return "" if is_sentence or len(title) > _MAX_TITLE or title.lower() in _LABELS else title


def _colon_title(line: str) -> str:
    title = plain_inline(line)
    if not title.endswith(":") or len(title) > _MAX_TITLE or len(title.split()) > 10 or title.count(". "):
        return ""
    title = title.rstrip(": ")
    return "" if title.lower() in _LABELS else title


def _is_bold_only(text: str, block: Block) -> bool:
    return block.kind == "paragraph" and bool(_bold_title(text[block.start : block.end]))


def _line_end(text: str, start: int, end: int) -> int:
    newline = text.find("\n", start, end)
    return end if newline < 0 else newline
