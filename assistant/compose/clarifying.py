"""A question that fits several things equally well gets one short question back, with choices that can be asked as
they stand: "What is the limit?" over documents that give one for each of a dozen services.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.compose.evidence import Evidence
from assistant.names import Mention
from assistant.query import Concept, Query
from assistant.subjects import spoken
from assistant.words import GENERIC_WORDS, content_words, stem, stem_set

_FEWEST, _MOST = 3, 5
_NEAR = 0.8
"""Score, as a share of the best section's, from which a section fits about as well."""
_GENERIC = frozenset(stem(word) for word in GENERIC_WORDS)
_ASKS_OF_A_THING = ("value", "yes_no", "steps")


@dataclass(frozen=True, slots=True)
class AskedBack:
    """One sentence, and questions to choose from if there are any."""

    sentence: str
    choices: tuple[str, ...] = ()


def ask_back(evidence: Evidence) -> AskedBack | None:
    """None when the question says what it is about, or the sections that answer it agree on it."""
    query = evidence.query
    if query.analysis.kind == "choice" and not query.analysis.mentions and not _informative(query):
        return AskedBack("That depends on what it is for. Say what you want to store or do with it.")
    choices = _choices(evidence)
    return AskedBack("That depends on what you mean. Which of these?", choices) if choices else None


def _informative(query: Query) -> list[Concept]:
    return [concept for concept in query.concepts if not concept.alternatives[0] <= _GENERIC]


def _choices(evidence: Evidence) -> tuple[str, ...]:
    query = evidence.query
    if query.analysis.mentions and any(mention.name.is_product for mention in query.analysis.mentions):
        return ()
    asked = _informative(query)
    if len(asked) != 1 or query.analysis.kind not in _ASKS_OF_A_THING or not asked[0].known:
        return ()
    if len(content_words(query.analysis.text)) > _FEWEST:
        return ()
    best = max((hit.score for hit in evidence.hits), default=0.0)
    found: dict[str, None] = {}
    others = 0
    for hit in evidence.hits:
        heading = " ".join(hit.section.heading_path[-1:]) or hit.title
        if hit.score < best * _NEAR or not asked[0].in_stems(stem_set(heading)):
            continue
        things = _products(evidence, heading) or _products(evidence, hit.title)
        if len(things) == 1:
            found.setdefault(things[0])
        elif not found:
            return ()  # the best of them is of no one product
        else:
            others += 1
    if others > len(found) / 2:
        return ()
    if len(found) < _FEWEST:
        return ()
    return tuple(_of(query.analysis.text, thing) for thing in list(found)[:_MOST])


def _products(evidence: Evidence, text: str) -> list[str]:
    mentions: list[Mention] = [m for m in evidence.names.mentions(text) if m.name.kind in ("service", "glossary")]
    return list(dict.fromkeys(spoken(mention) for mention in mentions if mention.name.is_product))


def _of(text: str, thing: str) -> str:
    """
    >>> _of("what is the limit?", "Amazon Aurora")
    'What is the limit of Amazon Aurora?'
    """
    bare = text.strip(" ?.!")
    joint = "for" if re.match(r"(?:is|are|does|do|can|how do)\b", bare, re.I) else "of"
    return f"{bare[:1].upper()}{bare[1:]} {joint} {thing}?"
