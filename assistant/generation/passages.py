"""The evidence as numbered passages that fit a token budget: what the model reads, and what it may be quoted from.

Tokens are estimated, one for three bytes of UTF-8, which is more than any common tokenizer makes of English.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.compose.evidence import Evidence
from assistant.compose.units import Unit, section_units
from assistant.generation.prompts import Block
from assistant.search import HybridSearch
from assistant.types import Turn
from ingest.errors import NotFoundError
from ingest.types import Document, Section

_FEWEST_TOKENS = 60
_MOST_PASSAGES = 12
_CARRIED = 2


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """``units`` lie in ``[start, end)`` of the document, in order; ``number`` is what the model cites."""

    number: int
    document: Document
    section: Section
    title: str
    start: int
    end: int
    score: float
    units: tuple[Unit, ...]

    @property
    def text(self) -> str:
        return self.document.text[self.start : self.end].strip()

    @property
    def headings(self) -> str:
        """ "Title › heading › heading", the title not said twice."""
        path = self.section.heading_path
        return " › ".join((self.title, *(path[1:] if path and path[0] == self.title else path)))

    def block(self) -> Block:
        return Block(f"passage {self.number}", self.headings, self.text)


@dataclass(frozen=True, slots=True)
class _Part:
    """A section that could be a passage; ``near`` is the span that search found in it."""

    document: Document
    section: Section
    title: str
    score: float
    near: tuple[int, int]


def estimate_tokens(text: str) -> int:
    return len(text.encode("utf-8", "replace")) // 3 + 1


def passages(evidence: Evidence, budget: int, carried: Sequence[_Part] = ()) -> tuple[SourcePassage, ...]:
    """The best sections first, whole if they fit, else cut around what was found; the rest of the budget unused."""
    parts = [
        _Part(
            source.document,
            source.section,
            source.hit.title,
            source.relative,
            (source.hit.chunk.start, source.hit.chunk.end),
        )
        for source in evidence.sections
    ]
    chosen: list[SourcePassage] = []
    seen: set[tuple[str, str, int]] = set()
    left = budget
    for part in (*parts, *carried):
        place = (part.document.collection, part.document.id, part.section.index)
        if place in seen or left < _FEWEST_TOKENS or len(chosen) >= _MOST_PASSAGES:
            continue
        seen.add(place)
        passage = _fitted(part, len(chosen) + 1, left)
        if passage is not None:
            chosen.append(passage)
            left -= estimate_tokens(passage.text) + estimate_tokens(passage.headings) + 20
    return tuple(chosen)


def carried_over(turns: Sequence[Turn], search: HybridSearch) -> list[_Part]:
    """Sections that the last answer cited: a follow-up may still be about them."""
    if not turns:
        return []
    found: list[_Part] = []
    for document_id, path in dict.fromkeys(turns[-1].cited):
        try:
            document = search.index.document(document_id)
        except NotFoundError:
            continue  # it was removed since
        for section in search.index.sections(document.id, document.collection):
            if section.heading_path == path:
                found.append(_Part(document, section, document.title, 0.3, (section.start, section.end)))
                break
        if len(found) == _CARRIED:
            break
    return found


def _fitted(part: _Part, number: int, budget: int) -> SourcePassage | None:
    document, section = part.document, part.section
    units = section_units(document.text, section).units
    if not units:
        return None
    start, end = units[0].start, max(unit.end for unit in units)
    if section.body_start <= start:
        start = section.body_start
    room = budget - estimate_tokens(part.title) - 40
    if estimate_tokens(document.text[start:end]) > room:
        kept = _around(units, part.near, document.text, room)
        if not kept:
            return None
        units = tuple(kept)
        start, end = units[0].start, max(unit.end for unit in units)
    return SourcePassage(number, document, section, part.title, start, end, part.score, tuple(units))


def _around(units: Sequence[Unit], near: tuple[int, int], text: str, budget: int) -> list[Unit]:
    """The longest run of whole units around the found span that fits."""
    inside = [at for at, unit in enumerate(units) if unit.end > near[0] and unit.start < near[1]] or [0]
    first = last = inside[0]
    if estimate_tokens(text[units[first].start : units[first].end]) > budget:
        return []
    grown = True
    while grown:
        grown = False
        for low, high in ((first, last + 1), (first - 1, last)):
            if low < 0 or high >= len(units):
                continue
            if estimate_tokens(text[units[low].start : units[high].end]) <= budget:
                first, last, grown = low, high, True
                break
    return list(units[first : last + 1])
