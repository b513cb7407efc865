"""What to ask next: the sections beside those that an answer quoted, as questions.

Leaves out what the answer quoted already. Headings are turned into questions only where that is sure to read well;
otherwise the heading itself is offered, with its document's title when it says little on its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.examples import question_of
from assistant.types import Answer
from assistant.words import content_words
from ingest.errors import NotFoundError
from ingest.index import OpenIndex
from ingest.types import Section

_LONGEST = 90
_NOT_SUBJECTS = re.compile(
    r"^(sources?|references?|see also|further reading|related( \w+)?|contents|changes|history|notes?)$", re.I
)


def suggestions(index: OpenIndex, answer: Answer, asked: Iterable[str] = (), n: int = 3) -> tuple[str, ...]:
    """At most n questions, nearest sections first, none of those ``asked``; none for an answer without citations."""
    found: dict[str, str] = {}
    said = {_folded(text) for text in (answer.question, answer.standalone_question, *asked)}
    for collection, document, cited in _cited(answer):
        try:
            sections = index.sections(document, collection)
        except NotFoundError:
            continue  # the document is gone since
        for section in _around(sections, cited):
            question = _question(section, sections[0].heading)
            if question and _folded(question) not in said:
                found.setdefault(_folded(question), question)
            if len(found) == n:
                return tuple(found.values())
    return tuple(found.values())


def _cited(answer: Answer) -> list[tuple[str, str, list[tuple[int, int]]]]:
    """(collection, document, its spans), the first cited document first."""
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for citation in answer.citations:
        spans.setdefault((citation.collection, citation.document), []).append((citation.start, citation.end))
    return [(collection, document, cited) for (collection, document), cited in spans.items()]


def _around(sections: Sequence[Section], cited: Sequence[tuple[int, int]]) -> Iterator[Section]:
    """Sections with a heading that no span touches: those after the first quote in reading order, then those before."""
    quoted = {
        section.index
        for section in sections
        for start, end in cited
        if section.start < end and start < section.end and section.parent >= 0
    }
    first = min(quoted, default=0)
    beside = [
        section
        for section in sections
        if section.kind == "heading" and section.parent >= 0 and section.index not in quoted
    ]
    yield from (section for section in beside if section.index > first)
    yield from (section for section in beside if section.index < first)


def _question(section: Section, title: str) -> str:
    heading = section.heading.strip()
    if _NOT_SUBJECTS.match(heading) or not content_words(heading):
        return ""
    asked = question_of(heading)
    if not asked:
        own = set(content_words(heading))
        plain = len(own) >= 2 and (len(own) >= 3 or bool(own & set(content_words(title))))
        asked = heading if plain or not title else f"{title}: {heading[0].lower()}{heading[1:]}"
    return asked if len(asked) <= _LONGEST else ""


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
