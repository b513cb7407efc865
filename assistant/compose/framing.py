"""What has to be said about an answer's limits: refusals, partial answers, small talk and questions back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.compose.clarifying import AskedBack
from assistant.compose.draft import Draft, Statement, safe_markdown
from assistant.compose.evidence import Evidence
from assistant.subjects import is_subject, spoken
from assistant.types import Status
from assistant.words import GENERIC_WORDS, INTENT_WORDS, stem, stem_set

NOT_ANSWERED = "The documents do not answer this question."
_GENERIC = frozenset(stem(word) for word in GENERIC_WORDS | INTENT_WORDS)
_GREETING = (
    r"(?:hi|hello|hey|thanks|thank you|thx|ok|okay|great|cool|nice|perfect|bye|goodbye|no thanks|never ?mind|got it"
    r"|good (?:morning|day|evening))"
)
_SMALL_TALK = re.compile(
    rf"{_GREETING}(?:[\s,.!]+(?:{_GREETING}|there|a lot|so much|very much))*[\s.!]*",
    re.I,
)


def is_small_talk(question: str) -> bool:
    return bool(_SMALL_TALK.fullmatch(question.strip()))


def framed(evidence: Evidence, draft: Draft, status: Status, back: AskedBack | None = None) -> list[Statement]:
    """The draft with what has to be said about its limits."""
    if status == "clarify":
        back = back or AskedBack("What would you like to know? Ask a question about the documents.")
        choices = (Statement("bullet", safe_markdown(choice)) for choice in back.choices)
        return [Statement("intro", back.sentence), *choices]
    if status == "not_found":
        return [Statement("intro", " ".join(filter(None, (NOT_ANSWERED, _covered(evidence)))))]
    statements = list(draft.statements)
    if status == "partial":
        if draft.missing:
            statements.extend(Statement("intro", sentence) for sentence in _missing(draft.missing))
        else:
            statements.insert(0, Statement("intro", "The documents do not answer this directly. The nearest they say:"))
            statements = [replace(s, layout="sentence") if s.layout == "lead" else s for s in statements]
    return statements


def _missing(parts: Sequence[str]) -> list[str]:
    """Questions are given back as questions, names as names."""
    names = ", ".join(safe_markdown(part) for part in parts if not part.endswith("?"))
    sentences = [f"The documents say nothing about {names}."] if names else []
    return [*sentences, *(f"The documents do not answer: {safe_markdown(p)}" for p in parts if p.endswith("?"))]


def _covered(evidence: Evidence) -> str:
    """ "They cover Amazon Neptune, but not: cost." when the thing is known and what is asked of it is not."""
    query = evidence.query
    known = [m for m in query.analysis.mentions if m.name.is_product and is_subject(m)]
    near = [source.hit for source in evidence.sections[:3]]
    texts = [stem_set(hit.chunk.embed_text) for hit in near]
    things = list(
        dict.fromkeys(
            spoken(m) for m in known if any(stem_set(alias) <= text for alias in m.name.aliases for text in texts)
        )
    )
    if not things:
        return _nearest(evidence)
    missing = [
        concept.text
        for concept in query.concepts
        if not concept.is_name
        and not concept.alternatives[0] <= _GENERIC
        and not any(concept.in_stems(text) for text in texts)
    ]
    but = f", but nothing there speaks of: {', '.join(map(safe_markdown, missing))}" if missing else ", but not this"
    return f"They do cover {' and '.join(map(safe_markdown, things[:3]))}{but}."


_NEAR = 0.35
"""Cosine from which a section has to do with the question."""


def _nearest(evidence: Evidence) -> str:
    near = [hit for hit in evidence.hits if hit.dense >= _NEAR]
    headings = dict.fromkeys(" ".join(hit.section.heading_path[-1:]) or hit.title for hit in near)
    named = "; ".join(safe_markdown(heading) for heading in list(headings)[:2])
    return f"The nearest they cover: {named}." if named else ""
