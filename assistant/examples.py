"""Example questions for an empty page, made from the headings of the indexed documents."""

from __future__ import annotations

import re
from hashlib import blake2b
from weakref import WeakKeyDictionary

from assistant.visible import VisibleIndex
from ingest.index import OpenIndex
from ingest.types import Section

_MOST_DOCUMENTS = 400
_ASPECT = re.compile(r"^(Strengths|Weaknesses|Benefits|Limits|Limitations|Advantages|Disadvantages) of (.+)$", re.I)
_QUESTIONS = (
    (_ASPECT, r"What are the {0} of {1}?"),
    (re.compile(r"^(Choose) something other than (.+) when$", re.I), r"When is {1} the wrong choice?"),
    (re.compile(r"^(Choose|Use) (.+) when$", re.I), r"When should I {0} {1}?"),
    (re.compile(r"^(Example|Typical example) of (.+)$", re.I), r"What is an example of {1}?"),
    (re.compile(r"^(Typical uses|Common uses|Uses) of (.+)$", re.I), r"What are {0} of {1}?"),
    (re.compile(r"^(The [\w ]*service) for (.+)$", re.I), r"What is {0} for {1}?"),
    (re.compile(r"^(The [\w ]*services) for (.+)$", re.I), r"What are {0} for {1}?"),
)
_found: WeakKeyDictionary[OpenIndex, dict[tuple[tuple[str, ...], int], list[str]]] = WeakKeyDictionary()
"""Looked for once for each generation and set of collections: with 26,000 documents it takes 0.3 s."""


def example_questions(index: OpenIndex, n: int = 4) -> list[str]:
    """At most n questions, from different documents, the same ones for the same index."""
    known = _found.setdefault(index.whole if isinstance(index, VisibleIndex) else index, {})
    wanted = (tuple(index.collections()), n)
    if wanted not in known:
        known[wanted] = _questions(index, n)
    return list(known[wanted])


def _questions(index: OpenIndex, n: int) -> list[str]:
    documents = sorted(index.documents(), key=lambda document: blake2b(document.id.encode()).digest())
    found: dict[str, str] = {}
    kinds: set[str] = set()
    for shape in (_from_question_heading, _from_aspect, _from_title):
        for document in documents[:_MOST_DOCUMENTS]:
            if len(found) >= n or document.id in found:
                continue
            for section in index.sections(document.id, document.collection):
                question = shape(section)
                kind = " ".join(question.split()[:4])  # four times "What are the strengths of" would show one thing
                if question and question not in found.values() and kind not in kinds:
                    found[document.id] = question
                    kinds.add(kind)
                    break
            if shape is not _from_title and len(found) >= (n + 1) // 2 and shape is _from_question_heading:
                break
    return list(found.values())[:n]


_WHAT_IT_IS = re.compile(r"^What ((?:[A-Z0-9][\w-]*)(?: (?:[A-Z0-9][\w-]*|of|and|for))*) (is|are|was|were)$")


def question_of(heading: str) -> str:
    """The heading as a question, where that is sure to read well; else empty.

    >>> question_of("Strengths of graph databases"), question_of("Choose a cache when"), question_of("Overview")
    ('What are the strengths of graph databases?', 'When should I choose a cache?', '')
    """
    if heading.endswith("?"):
        return heading
    if named := _WHAT_IT_IS.match(heading):
        return f"What {named.group(2)} {named.group(1)}?"
    for pattern, question in _QUESTIONS:
        if match := pattern.match(heading):
            return question.format(match.group(1)[0].lower() + match.group(1)[1:], match.group(2))
    return ""


def _from_question_heading(section: Section) -> str:
    heading = section.heading
    return heading if heading.endswith("?") and 4 <= len(heading.split()) <= 10 else ""


def _from_aspect(section: Section) -> str:
    return question_of(section.heading) if _ASPECT.match(section.heading) else ""


def _from_title(section: Section) -> str:
    if section.index == 0 and section.kind == "heading" and 1 < len(section.heading.split()) <= 5:
        return f"What is {section.heading}?"
    return ""
