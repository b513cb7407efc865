"""The values that travel along the write path. Frozen and slotted: a stage returns new ones.

Offsets count Unicode code points of ``Document.text``, the text as ingested, so that
``document.text[chunk.start:chunk.end] == chunk.text`` always holds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MetadataValue = str | tuple[str, ...]
SectionKind = Literal["document", "heading", "pseudo"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A lifecycle notice from front matter: a service that ended, closed, was renamed or deprecated."""

    service: str
    state: str
    date: str
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One ingested file or page.

    ``id`` is the posix path under the ingested root (a single file: its name), or a URL.
    ``source`` is the absolute root that it came from; pruning looks only at documents of the same source.
    ``metadata`` holds front matter: lists of strings for ``services``, ``pillars``, ``topics``, ``sources``.
    ``content_hash`` is the SHA-256 of the text, hexadecimal.
    ``anchors`` are (offset of a block, id that the original gives it), ascending; ``pages[n]`` is the offset at which
    page n + 1 of the original begins. Both are empty where the text is the file's own.
    """

    id: str
    collection: str
    title: str
    url: str
    text: str
    media_type: str
    content_hash: str
    source: str = ""
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    anchors: tuple[tuple[int, str], ...] = ()
    pages: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int:
        """The page of the original that holds the character, from 1; 0 for documents without pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else 0

    @property
    def key(self) -> str:
        """``collection:id``, unique in an index."""
        return f"{self.collection}:{self.id}"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (or pseudo-heading) and the text under it.

    ``[start, end)`` runs from the heading line to the next section of any level, so sections partition the
    document; ``tree_end`` includes the sections beneath. ``body_start`` is the first character after the
    heading line. ``index`` numbers the sections of one document in order, ``parent`` is the index of the
    enclosing section or -1. Text before the first heading, if any, is section 0 of kind "document"
    with an empty heading path.
    """

    document_id: str
    collection: str
    index: int
    heading_path: tuple[str, ...]
    anchor: str
    level: int
    kind: SectionKind
    start: int
    body_start: int
    end: int
    tree_end: int
    parent: int

    @property
    def heading(self) -> str:
        return self.heading_path[-1] if self.heading_path else ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of one section, small enough for the embedder.

    ``text`` is the exact slice of the document; ``embed_text`` is what the embedder and the lexical index
    read: the heading path, then the text (for a part of a long table its header row too).
    """

    collection: str
    document_id: str
    section: int
    start: int
    end: int
    text: str
    embed_text: str

    @property
    def id(self) -> str:
        """``collection:document#start-end``, stable over runs."""
        return f"{self.collection}:{self.document_id}#{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What parsing one document gives: the document, its sections and its chunks, in order."""

    document: Document
    sections: tuple[Section, ...]
    chunks: tuple[Chunk, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may look at. ``None`` means everything.

    ``filters`` maps a front-matter field to accepted values, compared without case:
    ``{"pillars": ("security",)}``. Several fields must all match; within a field one value is enough.
    """

    collections: tuple[str, ...] | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_everything(self) -> bool:
        return self.collections is None and not self.filters


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk id with a score; higher is better (cosine for dense, BM25 for lexical)."""

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question that a section is known to answer: its cosine to what is asked.

    ``chunk_id``: the chunk that answers, or the section's first. ``at``: where in the document the sentence that
    answers has a word, -1 when only the section is known.
    """

    chunk_id: str
    cosine: float
    at: int = -1


@dataclass(frozen=True, slots=True)
class Wording:
    """A question that a section is known to answer, held against a turn of a conversation, 0 to 1 or little less.

    ``read``: the cosine to the turn as the encoder reads it after those before it, ``alone``: to its own words;
    ``read_middle`` and ``alone_middle``: those of the mean of the questions whose quote begins at the same place, 0
    where it has none; ``shared``: the share, by idf, of the turn's words that it has; ``words``: the cosine of the
    words of both; ``plain``: the share, by idf, of its own words that stand in the section.
    """

    question: str
    read: float
    alone: float
    read_middle: float
    alone_middle: float
    shared: float
    words: float
    plain: float


@dataclass(frozen=True, slots=True)
class KnownQuestions:
    """What the questions that sections are known to answer say of the one that is asked.

    ``nearest``: those most like it, nearest first. ``cosines``: chunk id to the cosine of the nearest question that it
    is known to answer, for every chunk that has one. ``chances``: ``(collection, document, number of the section)`` to
    the probability that the question asks for it, for the likeliest of ``sections``; ``led`` their first chunks,
    likeliest first; ``unanswered`` the probability that it is one of those known to have no answer, ``elsewhere`` that
    it asks for a section that none is known of. Without a model for them (few questions known) all these are empty.
    """

    nearest: tuple[KnownQuestion, ...] = ()
    cosines: Mapping[str, float] = field(default_factory=dict)
    chances: Mapping[tuple[str, str, int], float] = field(default_factory=dict)
    led: tuple[str, ...] = ()
    unanswered: float = 0.0
    elsewhere: float = 0.0
    sections: frozenset[tuple[str, str, int]] = frozenset()

    def chance(self, section: tuple[str, str, int]) -> float:
        """The probability that the question asks for the section, or for one of its kind when none is known of it."""
        return self.chances.get(section, 0.0) if section in self.sections else self.elsewhere
