"""Example questions for an empty page, made from the headings of the indexed documents."""

from __future__ import annotations

import re
from hashlib import blake2b

from ingest.index import OpenIndex
from ingest.types import Section

_MOST_DOCUMENTS = 400
_ASPECT = re.compile(r"^(Strengths|Weaknesses|Benefits|Limits|Limitations|Advantages|Disadvantages) of (.+)$", re.I)


def example_questions(index: OpenIndex, n: int = 4) -> list[str]:
    """At most n questions, from different documents, the same ones for the same index."""
    documents = sorted(index.documents(), key=lambda document: blake2b(document.id.encode()).digest())
    found: dict[str, str] = {}
    for shape in (_from_question_heading, _from_aspect, _from_title):
        for document in documents[:_MOST_DOCUMENTS]:
            if len(found) >= n or document.id in found:
                continue
            for section in index.sections(document.id, document.collection):
                question = shape(section)
                if question and question not in found.values():
                    found[document.id] = question
                    break
            if shape is not _from_title and len(found) >= (n + 1) // 2 and shape is _from_question_heading:
                break
    return list(found.values())[:n]


def _from_question_heading(section: Section) -> str:
    heading = section.heading
    return heading if heading.endswith("?") and 4 <= len(heading.split()) <= 10 else ""


def _from_aspect(section: Section) -> str:
    match = _ASPECT.match(section.heading)
    return f"What are the {match.group(1).lower()} of {match.group(2)}?" if match else ""


def _from_title(section: Section) -> str:
    if section.index == 0 and section.kind == "heading" and 1 < len(section.heading.split()) <= 5:
        return f"What is {section.heading}?"
    return ""
