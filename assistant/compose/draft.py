"""A draft answer: statements with the spans that bear them out, and how it becomes numbered Markdown.

Numbers are given by first use and one span keeps one number, so a citation can never dangle or be off by one: the
mark and its quote come from the same object.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.links import original_url, source_url
from assistant.types import Citation, Hit
from ingest.types import Document, Section

Layout = Literal["lead", "sentence", "bullet", "step", "intro", "note", "row", "code"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a document in one of its sections."""

    document: Document
    section: Section
    title: str
    start: int
    end: int
    score: float

    @property
    def quote(self) -> str:
        return self.document.text[self.start : self.end]

    @property
    def key(self) -> tuple[str, str, int, int]:
        return (self.document.collection, self.document.id, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of an answer. ``text`` is Markdown without marks; an intro carries no passage of its own.

    In a row, ``cell_passages`` says which cell each passage bears out; without it they bear out the whole row.
    """

    layout: Layout
    text: str
    passages: tuple[Passage, ...] = ()
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    cell_passages: tuple[tuple[Passage, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    statements: tuple[Statement, ...] = ()
    hits: tuple[Hit, ...] = ()
    missing: tuple[str, ...] = field(default=())
    """Parts of the question that nothing here answers, in the words of the question."""

    @property
    def is_empty(self) -> bool:
        return not any(statement.passages for statement in self.statements)


def escape_marks(text: str) -> str:
    """Source text that looks like our marks must not become one: "see [1]" gives "see \\[1\\]"."""
    return re.sub(r"\[(\d{1,3})\]", r"\\[\1\\]", text)


_OPENS_BLOCK = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=#+(?:\s|$)|[+:~-](?:\s|$)|!!!|\?\?\?))(.)")
"""At the start of a line: a numbered or bulleted item, a heading, a definition, an admonition."""


def safe_markdown(text: str) -> str:
    """Plain words for use inside an answer: nothing in them is read as markup, HTML or a mark."""
    text = re.sub(r"([\\`*<>|]|~(?=~)|(?<=~)~|&(?=#?\w+;))", r"\\\1", text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)  # every one of "__init__", none of "max_connections"
    text = _OPENS_BLOCK.sub(r"\1\\\2", text)
    text = re.sub(r"!?\[(?!\d{1,3}\])", lambda match: match.group().replace("[", "\\["), text)
    return escape_marks(text)


def render(statements: Sequence[Statement]) -> tuple[list[str], tuple[Citation, ...]]:
    """``(lines, citations)``: the lines joined by newlines are the answer's Markdown."""
    citations: dict[tuple[str, str, int, int], Citation] = {}
    lines: list[str] = []
    previous: Statement | None = None
    step = 0
    for statement in statements:
        step = step + 1 if statement.layout == "step" else 0
        if statement.cell_passages:
            cells = zip(statement.cells, statement.cell_passages, strict=True)
            marked = tuple(f"{cell} {_marks(citations, passages)}".strip() for cell, passages in cells)
            lines.extend(_lines(replace(statement, cells=marked), previous, "", step))
        else:
            lines.extend(_lines(statement, previous, _marks(citations, statement.passages), step))
        previous = statement
    return lines, tuple(citations.values())


def _marks(citations: dict[tuple[str, str, int, int], Citation], passages: Sequence[Passage]) -> str:
    return "".join(f"[{_number(citations, passage)}]" for passage in passages)


def _number(citations: dict[tuple[str, str, int, int], Citation], passage: Passage) -> int:
    known = citations.get(passage.key)
    if known is not None:
        return known.number
    document, section = passage.document, passage.section
    citation = Citation(
        number=len(citations) + 1,
        document=document.id,
        collection=document.collection,
        title=passage.title,
        heading_path=section.heading_path,
        url=source_url(document.id, document.collection, passage.start, passage.end, section.anchor),
        quote=passage.quote,
        start=passage.start,
        end=passage.end,
        score=round(passage.score, 4),
        supported=True,
        page=document.page_at(passage.start),
        original=original_url(document, section, passage.start, passage.end),
    )
    citations[passage.key] = citation
    return citation.number


def _lines(statement: Statement, previous: Statement | None, marks: str, step: int) -> list[str]:
    tail = f" {marks}" if marks else ""
    if statement.layout == "row":
        lines = []
        if previous is None or previous.layout != "row" or previous.header != statement.header:
            lines = ["", _row(statement.header), _row(("---",) * len(statement.header))]
        cells = list(statement.cells) + [""] * (len(statement.header) - len(statement.cells))
        cells = cells[: len(statement.header)]
        cells[-1] = f"{cells[-1]}{tail}".strip()
        return [*lines, _row(cells)]
    if statement.layout in ("bullet", "step"):
        opens = previous is not None and previous.layout not in ("bullet", "step")
        mark = "-" if statement.layout == "bullet" else f"{step}."
        return ([""] if opens else []) + [f"{mark} {statement.text}{tail}"]
    gap = [""] if previous is not None else []
    if statement.layout == "lead":
        return [*gap, f"**{statement.text}**{tail}"]
    if statement.layout == "note":
        return [*gap, f"> {statement.text}{tail}"]
    if statement.layout == "code":
        return [*gap, statement.text, *([marks] if marks else [])]
    if statement.layout == "sentence" and previous is not None and previous.layout in ("sentence",):
        return [f"{statement.text}{tail}"]
    return [*gap, f"{statement.text}{tail}"]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
