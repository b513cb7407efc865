"""Quotable units of a section: sentences, list items, table rows, sub-headings. Each is an exact span.

A unit's ``text`` is for reading (markup off); its quote is always the slice ``[start, end)`` of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ingest.blocks import Block, blocks, table_cells, table_rows
from ingest.plain import plain_inline
from ingest.sections import shifted
from ingest.sentences import sentence_spans
from ingest.types import Section

UnitKind = Literal["sentence", "item", "row", "code"]

_DANGLING = re.compile(
    r"\b(?:the )?(?:following|preceding|next|above|below) "
    r"(?:diagram|figure|image|screenshot|graphic|illustration|picture)"
    r"|\b(?:diagram|figure|graphic|screenshot) (?:above|below|shows)|choose each of the|numbered markers"
    r"|\bthis (?:lesson|course|module|video)\b|\btake a look at\b",
    re.I,
)
_POINTS_AWAY = re.compile(r"(?:see|see also|read|for (?:more|further|details|an? )\b[^.]{0,80}\bsee)\b", re.I)
_IMAGE_ONLY = re.compile(r"\s*(?:!\[[^\]]*\]\([^)]*\)\s*)+")
_LINK_ONLY = re.compile(r"\s*\**\s*\[[^\]]*\]\([^)]*\)\s*\**[.]?\s*")


@dataclass(frozen=True, slots=True)
class Unit:
    """``block`` and ``order`` tell neighbours; ``intro`` is the line before a list, ``header`` the table's cells."""

    kind: UnitKind
    start: int
    end: int
    text: str
    block: int
    order: int
    intro: str = ""
    header: tuple[str, ...] = ()
    depth: int = 0
    lead_in: bool = False
    """A sentence that only introduces what comes after it ("It supports:")."""
    link: bool = False
    """Nothing but a link, or "see" and a link: a pointer, not a statement."""


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list or the rows of a table as one span, with the line that introduces it."""

    start: int
    end: int
    intro: str
    items: tuple[Unit, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class SectionUnits:
    section: Section
    units: tuple[Unit, ...]
    lists: tuple[ListBlock, ...]


def section_units(text: str, section: Section) -> SectionUnits:
    """The units of a section's own text (not of the sections beneath), in order.

    ``text`` is the whole document.
    """
    units, lists = _parsed(text[section.body_start : section.end], section.body_start)
    return SectionUnits(section, units, lists)


@lru_cache(maxsize=2048)
def _parsed(body: str, offset: int) -> tuple[tuple[Unit, ...], tuple[ListBlock, ...]]:
    found = shifted(blocks(body), offset)
    # Offsets are the document's, the text is the section's: read through a view.
    view = _View(body, offset)
    units: list[Unit] = []
    lists: list[ListBlock] = []
    intro = ""
    for number, block in enumerate(found):
        made = list(_block_units(view, block, number, len(units), intro))
        units.extend(made)
        if block.kind == "list" and made:
            lists.append(ListBlock(block.start, block.end, intro, tuple(made), block.ordered))
        intro = made[-1].text if made and made[-1].lead_in else ""
    return tuple(units), tuple(lists)


@dataclass(frozen=True, slots=True)
class _View:
    body: str
    offset: int

    def slice(self, start: int, end: int) -> str:
        return self.body[start - self.offset : end - self.offset]


def _block_units(view: _View, block: Block, number: int, order: int, intro: str) -> Iterator[Unit]:
    if block.kind in ("paragraph", "html"):
        yield from _sentences(view, block.start, block.end, number, order)
    elif block.kind == "quote":
        for child in block.children:
            yield from _block_units(view, child, number, order, intro)
    elif block.kind == "list":
        for item in block.children:
            for unit in _item(view, item, number, order, intro, depth=0):
                yield unit
                order += 1
    elif block.kind == "table":
        yield from _rows(view, block, number, order)
    elif block.kind == "code":
        raw = view.slice(block.start, block.end)
        yield Unit("code", block.start, block.end, raw, number, order)


def _sentences(view: _View, start: int, end: int, number: int, order: int) -> Iterator[Unit]:
    raw = view.slice(start, end)
    if _IMAGE_ONLY.fullmatch(raw):
        return
    for first, last in sentence_spans(raw):
        quote = raw[first:last]
        text = plain_inline(quote)
        if not text or _IMAGE_ONLY.fullmatch(quote) or _DANGLING.search(text) or not re.search(r"\w", text):
            continue
        link = bool(_POINTS_AWAY.match(text)) and "](" in quote
        lead_in = text.endswith(":")
        yield Unit("sentence", start + first, start + last, text, number, order, lead_in=lead_in, link=link)
        order += 1


def _item(view: _View, item: Block, number: int, order: int, intro: str, depth: int) -> Iterator[Unit]:
    """An item is one unit: its own paragraphs, without the lists nested in it, which follow as deeper units."""
    nested = [child for child in item.children if child.kind == "list"]
    own_end = nested[0].start if nested else item.end
    body = _checkbox(view, item.body)
    raw = view.slice(body, own_end).rstrip()
    text = plain_inline(raw)
    if text:
        link = bool(_LINK_ONLY.fullmatch(raw)) or (bool(_POINTS_AWAY.match(text)) and "](" in raw)
        yield Unit("item", body, body + len(raw), text, number, order, intro=intro, depth=depth, link=link)
    for child in nested:
        for sub in child.children:
            yield from _item(view, sub, number, order + 1, intro, depth + 1)


def _checkbox(view: _View, start: int) -> int:
    match = re.match(r"\[[ xX]\]\s+", view.slice(start, start + 8))
    return start + match.end() if match else start


def _rows(view: _View, table: Block, number: int, order: int) -> Iterator[Unit]:
    rows = table_rows(view.body, _moved(table, -view.offset))
    if not rows:
        return
    header = tuple(plain_inline(cell) for cell in table_cells(view.body[slice(*rows[0])]))
    for start, end in rows[1:]:
        cells = [plain_inline(cell) for cell in table_cells(view.body[start:end])]
        pairs = [f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=False) if cell]
        yield Unit("row", start + view.offset, end + view.offset, "; ".join(pairs), number, order, header=header)
        order += 1


def _moved(block: Block, by: int) -> Block:
    return Block(block.kind, block.start + by, block.end + by, block.level, block.ordered, block.body + by)


def heading_span(text: str, section: Section) -> tuple[int, int]:
    """Span of a heading's own words, without marks: "- Anticipate failure:" gives "Anticipate failure"."""
    raw = text[section.start : section.body_start].rstrip()
    first_line = raw.split("\n", 1)[0]
    match = re.match(r"\s*(?:#{1,6}|[-+*]|\d{1,3}[.)])?\s*(?:\*\*|__)?", first_line)
    begin = match.end() if match else 0
    stripped = re.sub(r"(?:\s*<a\s[^>]*>\s*</a>|\s*\{#[^{}]*\}|[\s#*_:]+)+$", "", first_line)
    return section.start + min(begin, len(stripped)), section.start + len(stripped)


def children_of(sections: Sequence[Section], section: Section) -> list[Section]:
    """Direct sub-sections with a heading of their own, in order."""
    return [child for child in sections if child.parent == section.index and child.heading_path != section.heading_path]
