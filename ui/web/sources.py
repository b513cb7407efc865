"""An answer's citations as its list of sources: each document once, each section once, with the numbers beside it.

Also the answer as Markdown for the clipboard, with the same sources as references.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assistant.types import Answer, Citation
from ui.web.citations import chip, heading_line


@dataclass(frozen=True, slots=True)
class SourceSection:
    """``path`` is the heading, with those above it but without the title; ``chips`` is clean HTML."""

    path: str
    chips: Markup


@dataclass(frozen=True, slots=True)
class Source:
    """A cited document; ``chips`` belong to quotes that stand directly under its title.

    ``doubtful`` lists the numbers whose quote does not clearly bear out the statement.
    """

    title: str
    chips: Markup
    sections: tuple[SourceSection, ...]
    doubtful: str


def sources(citations: Sequence[Citation]) -> list[Source]:
    """In the order of the numbers, documents and sections at their first."""
    documents: dict[tuple[str, str], dict[tuple[str, ...], list[Citation]]] = {}
    for citation in citations:
        sections = documents.setdefault((citation.collection, citation.document), {})
        sections.setdefault(_below_title(citation), []).append(citation)
    return [_source(sections) for sections in documents.values()]


def answer_markdown(answer: Answer) -> str:
    """The answer as it would stand in a document of one's own: its text, then a numbered reference for each quote."""
    references = [
        f"{citation.number}. [{_escaped(heading_line(citation))}]({citation.url}): “{_one_line(citation.quote)}”"
        for citation in answer.citations
    ]
    return "\n\n".join([answer.text.strip(), *(["**Sources**", "\n".join(references)] if references else [])])


def conversation_markdown(title: str, answers: Sequence[Answer], base: str = "") -> str:
    """Every question as a heading with its answer; references lead to the server at ``base``."""
    parts = [f"# {_one_line(title)}"]
    for answer in answers:
        parts.append(f"## {_one_line(answer.question)}")
        if answer.standalone_question != answer.question:
            parts.append(f"*Searched for: {_one_line(answer.standalone_question)}*")
        parts.append(answer_markdown(answer).replace("](/sources/", f"]({base}/sources/"))
    return "\n\n".join(parts) + "\n"


def _source(sections: dict[tuple[str, ...], list[Citation]]) -> Source:
    every = [citation for cited in sections.values() for citation in cited]
    return Source(
        title=every[0].title,
        chips=_chips(sections.get((), ())),
        sections=tuple(SourceSection(" › ".join(path), _chips(cited)) for path, cited in sections.items() if path),
        doubtful=", ".join(str(citation.number) for citation in every if not citation.supported),
    )


def _chips(citations: Sequence[Citation]) -> Markup:
    return Markup("<wbr>").join(Markup(chip(citation)) for citation in citations)


def _below_title(citation: Citation) -> tuple[str, ...]:
    path = citation.heading_path
    return path[1:] if path[:1] == (citation.title,) else path


def _escaped(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
