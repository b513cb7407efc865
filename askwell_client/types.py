"""What comes back, as frozen dataclasses. Fields that a newer server adds are left out, so old clients keep working."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

Status = Literal["answered", "partial", "not_found", "clarify"]
Json = Mapping[str, Any]
"""A JSON object as it arrives; it goes no further than this module and ``client.py``."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote: the characters from start to end of the document, letter for letter."""

    number: int
    document: str
    collection: str
    title: str
    heading_path: tuple[str, ...]
    url: str
    quote: str
    start: int
    end: int
    score: float
    supported: bool


@dataclass(frozen=True, slots=True)
class Related:
    document: str
    collection: str
    title: str
    heading_path: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Check:
    """How one sentence of a chat model held up against what it cites."""

    text: str
    supported: bool
    reasons: tuple[str, ...]
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """``text`` is Markdown with [1] marks that number the citations."""

    id: str
    conversation_id: str
    question: str
    standalone_question: str
    status: Status
    text: str
    citations: tuple[Citation, ...]
    related: tuple[Related, ...]
    choices: tuple[str, ...]
    checks: tuple[Check, ...]
    generator: str
    index_generation: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Hit:
    document: str
    collection: str
    title: str
    heading_path: tuple[str, ...]
    url: str
    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Section:
    heading_path: tuple[str, ...]
    anchor: str
    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class Document:
    """``sections`` is empty in a list of documents."""

    id: str
    collection: str
    title: str
    url: str
    characters: int
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """First event of a stream: what was searched, and what was found."""

    standalone_question: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """The next piece of the answer's text."""

    text: str


StreamEvent = Sources | Token | Citation | Answer
"""Sources first, then tokens, each citation after its mark, the whole Answer last."""


def made(kind: type[T], value: Json, **more: object) -> T:
    """A dataclass from a JSON object: known fields, lists as tuples."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    given = {name: tuple(one) if isinstance(one, list) else one for name, one in value.items() if name in names}
    return kind(**{**given, **more})


def answer_of(value: Json) -> Answer:
    return made(
        Answer,
        value,
        text=value["answer"],
        citations=tuple(made(Citation, one) for one in value["citations"]),
        related=tuple(made(Related, one) for one in value["related"]),
        choices=tuple(value.get("choices", ())),
        checks=tuple(made(Check, one) for one in value.get("checks", ())),
    )


def document_of(value: Json) -> Document:
    found = value.get("sections")
    sections = tuple(made(Section, one) for one in found) if isinstance(found, list) else ()
    return made(Document, value, sections=sections)


def event_of(name: str, value: Json) -> StreamEvent | None:
    """None for an event that this client does not know."""
    match name:
        case "sources":
            hits = tuple(made(Hit, one) for one in value["hits"])
            return Sources(value["standalone_question"], hits)
        case "token":
            return Token(value["text"])
        case "citation":
            return made(Citation, value)
        case "done":
            return answer_of(value)
        case _:
            return None
