"""Earlier answers against today's documents: which cited words have changed or gone.

A quote that only moved, or whose white space changed, still stands. Leaves out telling anybody: see ``ui/slack``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from assistant.links import source_url
from assistant.records.history import RecordedAnswer
from assistant.types import Citation
from ingest.errors import NotFoundError
from ingest.index import OpenIndex
from ingest.sentences import sentence_spans
from ingest.types import Document, Section

_ALIKE = 55.0
"""Similarity in percent (rapidfuzz' ratio) from which a sentence is taken for the new wording of a quote."""
_PARAGRAPH = re.compile(r"(?:[^\n]|\n(?!\s*\n))+")
_LONGEST = 20_000
"""Characters of a section that are compared sentence by sentence."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a cited passage. ``now`` is its new wording, letter for letter, where one was found."""

    citation: Citation
    kind: Literal["changed", "gone", "document gone"]
    now: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FlaggedAnswer:
    recorded: RecordedAnswer
    changes: tuple[Change, ...]

    @property
    def fingerprint(self) -> str:
        """The same for the same changes, so that nobody is told twice."""
        told = [f"{one.citation.number}|{one.kind}|{one.now}" for one in self.changes]
        return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:16]


def flagged(answers: Iterable[RecordedAnswer], index: OpenIndex) -> Iterator[FlaggedAnswer]:
    """The answers with a cited passage that no longer reads as it did, in the order given."""
    generation = index.manifest.generation

    @lru_cache(maxsize=64)
    def document(collection: str, document_id: str) -> Document | None:
        try:
            return index.document(document_id, collection)
        except NotFoundError:
            return None

    for one in answers:
        if one.answer.index_generation == generation:
            continue
        found = (_change(cited, document(cited.collection, cited.document), index) for cited in one.answer.citations)
        changes = tuple(change for change in found if change is not None)
        if changes:
            yield FlaggedAnswer(one, changes)


def _change(citation: Citation, document: Document | None, index: OpenIndex) -> Change | None:
    if document is None:
        return Change(citation, "document gone")
    if citation.document_sha256 and citation.document_sha256 == document.content_hash:
        return None
    if document.text[citation.start : citation.end] == citation.quote or citation.quote in document.text:
        return None
    if _squeezed(citation.quote) in _squeezed(document.text):
        return None
    sections = index.sections(document.id, document.collection)
    span = _nearest(citation, document, sections)
    if span is None:
        return Change(citation, "gone", url=source_url(document.id, document.collection))
    start, end = span
    return Change(
        citation, "changed", document.text[start:end], source_url(document.id, document.collection, start, end)
    )


def _nearest(citation: Citation, document: Document, sections: tuple[Section, ...]) -> tuple[int, int] | None:
    """The sentence that reads most like the quote: in the section it was cited from, else in the whole document."""
    from rapidfuzz import fuzz

    same = [section for section in sections if section.heading_path == citation.heading_path]
    places = [(section.start, section.end) for section in same] or [(0, len(document.text))]
    best, found = _ALIKE, None
    for start, end in places:
        for span in _sentences(document.text, start, min(end, start + _LONGEST)):
            alike = fuzz.ratio(citation.quote, document.text[span[0] : span[1]], score_cutoff=best)
            if alike >= best and alike > 0:
                best, found = alike, span
    return found


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences by paragraphs, so that none runs from a heading into the text beneath."""
    for paragraph in _PARAGRAPH.finditer(text, start, end):
        yield from sentence_spans(text, paragraph.start(), paragraph.end())


def _squeezed(text: str) -> str:
    return " ".join(text.split())
