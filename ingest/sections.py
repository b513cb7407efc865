"""Sections: a document cut at its headings and pseudo-headings, each knowing its path, its anchor and its extent.

>>> [s.heading_path for s in find_sections("# A\\n\\nx\\n\\n## B\\n\\n**C**\\n\\ny\\n", "d.md", "c")]
[('A',), ('A', 'B'), ('A', 'B', 'C')]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.blocks import Block, blocks
from ingest.headings import Heading, Style, find_headings
from ingest.types import Section


@dataclass(frozen=True, slots=True)
class _Open:
    """A section on the stack of enclosing ones."""

    index: int
    level: int
    style: Style
    path: tuple[str, ...]


def find_sections(
    text: str,
    document_id: str,
    collection: str,
    *,
    body_offset: int = 0,
    found: Sequence[Block] | None = None,
    plain_text: bool = False,
    anchors: Mapping[int, str] | None = None,
) -> tuple[Section, ...]:
    """Sections in order; they partition ``text[body_offset:]`` (blank text before the first heading excepted).

    ``body_offset`` is where the text begins after front matter; ``found`` are its blocks if already known.
    ``anchors`` are the ids that the original gives to the blocks at these offsets.
    """
    if found is None:
        found = shifted(blocks(text[body_offset:], plain_text=plain_text), body_offset)
    headings = list(find_headings(text, found))
    sections: list[Section] = []
    given = anchors or {}
    unique = _Anchors()
    stack: list[_Open] = []
    first = headings[0].start if headings else len(text)
    if text[body_offset:first].strip() or not headings:
        sections.append(
            Section(document_id, collection, 0, (), "", 0, "document", body_offset, body_offset, first, first, -1)
        )
    for heading in headings:
        stack = _enclosing(stack, heading)
        parent = stack[-1] if stack else None
        index = len(sections)
        if heading.style == "resume":
            if parent is None or parent.style == "heading":
                path, level = (parent.path, parent.level + 1) if parent else ((), 0)
            else:
                path, level = parent.path, parent.level + 1
            anchor = unique.unique(path[-1] if path else "continued")
        else:
            path = (*(parent.path if parent else ()), heading.title)
            level = heading.level or (parent.level if parent else 0) + 1
            anchor = unique.unique(heading.title, heading.anchor or given.get(heading.start, ""))
        sections.append(
            Section(
                document_id=document_id,
                collection=collection,
                index=index,
                heading_path=path,
                anchor=anchor,
                level=level,
                kind="heading" if heading.style == "heading" else "pseudo",
                start=heading.start,
                body_start=heading.body_start,
                end=len(text),
                tree_end=len(text),
                parent=parent.index if parent else -1,
            )
        )
        if heading.style != "resume":
            stack.append(_Open(index, level, heading.style, path))
    return _with_extents(sections, len(text))


def shifted(found: Sequence[Block], offset: int) -> tuple[Block, ...]:
    """The same blocks, moved by ``offset`` characters."""
    if not offset:
        return tuple(found)
    return tuple(
        replace(
            block,
            start=block.start + offset,
            end=block.end + offset,
            body=block.body + offset,
            children=shifted(block.children, offset),
        )
        for block in found
    )


def _enclosing(stack: list[_Open], heading: Heading) -> list[_Open]:
    """The sections that a heading stands inside.

    A real heading closes all of its level or deeper. A pseudo-heading is a sibling of the last one written in
    the same style, and a child of whatever else is open: "- Perform operations as code:" lies under
    "1. Operational Excellence:" until "2. Security:" closes both.
    """
    if heading.style == "heading":
        return [
            entry for entry in stack[: _first(stack, lambda e: e.style != "heading")] if entry.level < heading.level
        ]
    if heading.style == "resume":
        depth = _last(stack, lambda e: e.style in ("dash", "numbered"))
        return stack[:depth] if depth >= 0 else stack
    depth = _last(stack, lambda e: e.style == heading.style)
    return stack[:depth] if depth >= 0 else list(stack)


def _first(stack: list[_Open], test: Callable[[_Open], bool]) -> int:
    return next((position for position, entry in enumerate(stack) if test(entry)), len(stack))


def _last(stack: list[_Open], test: Callable[[_Open], bool]) -> int:
    return next((position for position in reversed(range(len(stack))) if test(stack[position])), -1)


def _with_extents(sections: list[Section], length: int) -> tuple[Section, ...]:
    ends = [section.start for section in sections[1:]] + [length]
    closed = [replace(section, end=end) for section, end in zip(sections, ends, strict=True)]
    tree_ends = [section.end for section in closed]
    for section in reversed(closed):
        if section.parent >= 0:
            tree_ends[section.parent] = max(tree_ends[section.parent], tree_ends[section.index])
    return tuple(replace(section, tree_end=tree_end) for section, tree_end in zip(closed, tree_ends, strict=True))


class _Anchors:
    """Anchors as forges make them: lower case, hyphens, a number behind the second of a name."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, title: str, given: str = "") -> str:
        base = given or re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip()) or "section"
        count = self._seen.get(base, 0)
        self._seen[base] = count + 1
        if not count:
            return base
        candidate = f"{base}-{count}"
        return self.unique(candidate) if candidate in self._seen else self._remember(candidate)

    def _remember(self, anchor: str) -> str:
        self._seen[anchor] = 1
        return anchor
