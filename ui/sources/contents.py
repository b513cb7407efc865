"""The table of contents of a document, nested by level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.types import Section

MOST_ENTRIES = 120
"""With more, pseudo-headings are left out: a list that long no longer helps anyone to find a place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: how deep it is indented (0 is outermost), what it says and the anchor that it leads to."""

    depth: int
    title: str
    anchor: str


def contents(sections: Sequence[Section]) -> tuple[Entry, ...]:
    """The sections with a heading of their own. The document's title (a lone first heading) is not repeated."""
    named = [
        section for section in sections if section.anchor and section.heading_path and not _continues(section, sections)
    ]
    if len(named) > MOST_ENTRIES:
        named = [section for section in named if section.kind == "heading"]
    tops = [section for section in named if len(section.heading_path) == 1]
    shift = 1
    if len(tops) == 1 and named and named[0] is tops[0]:
        named, shift = named[1:], 2
    return tuple(Entry(min(3, len(section.heading_path) - shift), section.heading, section.anchor) for section in named)


def _continues(section: Section, sections: Sequence[Section]) -> bool:
    """Text that returns to the enclosing section after a list of pseudo-sections has no heading of its own."""
    return section.parent >= 0 and sections[section.parent].heading_path == section.heading_path
