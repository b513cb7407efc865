"""A question that asks several things at once, as the questions it is made of.

"What are the strengths and weaknesses of Neptune?" and "What is DAX and how much does it cost?" are two questions each;
each part is looked up and answered, or named as missing, by itself.
"""

from __future__ import annotations

import re

from assistant.analysis import compares
from assistant.query import Query
from assistant.references import find_reference
from assistant.subjects import is_subject, spans_of
from assistant.words import content_words

_MOST = 3
_ASPECT = (
    r"(?:strengths?|weakness(?:es)?|advantages?|disadvantages?|benefits?|drawbacks?|pros|cons|upsides?|downsides?|limits?"
    r"|limitations?|costs?|pricing|use cases?|features?|security|backups?|scaling|performance|availability)"
)
_TWO_ASPECTS = re.compile(
    rf"\b(?P<first>{_ASPECT})(?:\s*,\s*(?P<middle>{_ASPECT}))?\s*,?\s*(?:and|&|plus|as well as)\s+(?:the\s+)?"
    rf"(?P<last>{_ASPECT})\b",
    re.I,
)
_NEXT_QUESTION = re.compile(
    r"(?:[?.;]\s*(?:and\s+|also\s+)?|,?\s+and\s+(?:also\s+)?)"
    r"(?=(?:what|which|how|when|why|who|where|does|do|is|are|can|should)\b)",
    re.I,
)


def parts_of(query: Query) -> tuple[str, ...]:
    """The questions in a question, each complete in itself; empty when it asks one thing.

    A comparison is one question whatever its words.
    """
    text = query.analysis.text
    if compares(text):
        return ()
    return _by_aspect(text) or _by_question(text, query)


def _by_aspect(text: str) -> tuple[str, ...]:
    found = _TWO_ASPECTS.search(text)
    if found is None or not content_words(text[: found.start()] + text[found.end() :]):
        return ()
    aspects = [found.group(name) for name in ("first", "middle", "last") if found.group(name)]
    return tuple(text[: found.start()] + aspect + text[found.end() :] for aspect in aspects)


def _by_question(text: str, query: Query) -> tuple[str, ...]:
    pieces = [piece.strip(" ,;.?") for piece in _NEXT_QUESTION.split(text)]
    pieces = [piece for piece in pieces if content_words(piece)][:_MOST]
    if len(pieces) < 2 or not _asks(pieces[0]):
        return ()
    named = [mention for mention in query.analysis.mentions if is_subject(mention)]
    subjects = [text[start:end] for start, end in spans_of(text, named)]
    return tuple(f"{piece if number == 0 else _complete(piece, subjects)}?" for number, piece in enumerate(pieces))


def _asks(piece: str) -> bool:
    """A first piece that only sets the scene ("We have a slow table. What helps?") is no question of its own."""
    return bool(re.match(r"(?:what|which|how|when|why|who|where|does|do|is|are|can|should)\b", piece, re.I))


def _complete(piece: str, subjects: list[str]) -> str:
    """A later part with what its "it" stands for."""
    reference = find_reference(piece, subjects) if subjects else None
    return reference.filled(piece) if reference is not None else piece
