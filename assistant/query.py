"""A question made ready for search: corrected, expanded, weighed.

A ``Concept`` is one thing asked about with all the ways to write it; its weight is how rare it is in the index, so
"weaknesses of graph databases" asks mostly for "weaknesses" and "graph".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.analysis import Analysis, analyse
from assistant.names import Names
from assistant.spelling import Speller
from assistant.synonyms import synonyms_of
from assistant.words import INTENT_WORDS, STOP_WORDS, stem, words
from ingest.index import OpenIndex

_FEWEST_CHUNKS = 1000
_INTENT = 0.3


@dataclass(frozen=True, slots=True)
class Concept:
    """``alternatives`` are bags of stems, any of which expresses it; ``known`` is False when the index has none.

    ``plain`` tells an everyday word ("clerk") from one that looks like somebody's name ("penicillin", "Snowflake").
    """

    text: str
    alternatives: tuple[frozenset[str], ...]
    weight: float
    known: bool
    is_name: bool = False
    plain: bool = True

    def in_stems(self, present: frozenset[str] | set[str]) -> bool:
        return any(alternative <= present for alternative in self.alternatives)


@dataclass(frozen=True, slots=True)
class Query:
    """``text`` is what the embedder reads, ``lexical`` what the lexical index reads."""

    question: str
    text: str
    lexical: str
    concepts: tuple[Concept, ...]
    analysis: Analysis
    corrections: tuple[tuple[str, str], ...] = ()

    @property
    def weight(self) -> float:
        return sum(concept.weight for concept in self.concepts) or 1.0

    def coverage(self, present: frozenset[str] | set[str]) -> float:
        """Share, 0 to 1, of the concepts' weight that a bag of stems expresses."""
        return sum(concept.weight for concept in self.concepts if concept.in_stems(present)) / self.weight


def make_query(question: str, index: OpenIndex, names: Names, speller: Speller) -> Query:
    corrected, corrections = _corrected(question, index, names, speller)
    analysis = analyse(corrected, names)
    tokens = words(analysis.text)
    frequency = index.document_frequency(list({stem(token) for token in tokens}))
    # In a small index every word would be about as rare as any other: words weigh as they would in a larger one.
    chunks = max(index.manifest.chunks, _FEWEST_CHUNKS)

    def idf(token: str) -> float:
        df = frequency.get(stem(token), 0)
        return math.log(1 + (chunks - df + 0.5) / (df + 0.5))

    concepts: list[Concept] = []
    covered: set[int] = set()
    for mention in analysis.mentions:
        if mention.name.kind in ("heading", "title"):
            continue
        positions = range(mention.start, mention.end)
        covered.update(positions)
        spelled = frozenset(stem(tokens[position]) for position in positions)
        others = (frozenset(stem(word) for word in words(alias)) for alias in mention.name.aliases)
        alternatives = tuple(dict.fromkeys((spelled, *(other for other in others if other))))
        weight = max(idf(tokens[position]) for position in positions)
        known = all(frequency.get(part, 0) for part in spelled) or len(alternatives) > 1
        concepts.append(Concept(mention.alias, alternatives, weight, known, is_name=True))
    for position, token in enumerate(tokens):
        if position in covered or token in STOP_WORDS or (len(token) < 2 and not token.isdigit()):
            continue
        bare = stem(token)
        if any(concept.alternatives[0] == frozenset({bare}) for concept in concepts):
            continue
        same = (*synonyms_of(bare), *_joined(bare, tokens[position + 1 : position + 4]))
        alternatives = (frozenset({bare}), *(frozenset({other}) for other in same))
        known = frequency.get(bare, 0) > 0
        plain = known or (speller.is_word(token) and not _capitalised(token, analysis.text))
        weight = idf(token) * (_INTENT if token in INTENT_WORDS else 1.0)
        concepts.append(Concept(token, alternatives, weight, known, plain=plain))
    expansion = names.expansion(analysis.text)
    content = [token for token in tokens if token not in STOP_WORDS] or tokens
    return Query(
        question=question,
        text=_with_full_names(analysis, expansion),
        lexical=" ".join([*content, *_new_words(content, expansion)]),
        concepts=tuple(concepts),
        analysis=analysis,
        corrections=tuple(corrections),
    )


_SEPARABLE = {"back": ("up", "backup"), "fail": ("over", "failover"), "roll": ("back", "rollback")}


def _joined(verb: str, after: Sequence[str]) -> tuple[str, ...]:
    """The noun of a verb and its particle ("can it back itself up"), which documents mostly write: "backup"."""
    particle, noun = _SEPARABLE.get(verb, ("", ""))
    return (stem(noun),) if particle in after else ()


def _capitalised(token: str, text: str) -> bool:
    """Whether a word is written like a name: with a capital, though it does not open the question."""
    return any(
        match.start() and not match.group().islower() for match in re.finditer(rf"\b{re.escape(token)}\b", text, re.I)
    )


def _corrected(question: str, index: OpenIndex, names: Names, speller: Speller) -> tuple[str, list[tuple[str, str]]]:
    """Words that neither the index nor the glossary knows, replaced by the likeliest known ones."""
    asked = list(dict.fromkeys(words(question)))
    frequency = index.document_frequency(list({stem(word) for word in asked}))
    corrections: list[tuple[str, str]] = []
    text = question
    for word in asked:
        if frequency.get(stem(word), 0) or names.mentions(word):
            continue
        better = speller.correct(word)
        if better is not None:
            corrections.append((word, better))
            text = _replace_word(text, word, better)
    return text, corrections


def _replace_word(text: str, word: str, better: str) -> str:
    start = text.lower().find(word)
    return text if start < 0 else text[:start] + better + text[start + len(word) :]


def _with_full_names(analysis: Analysis, expansion: Sequence[str]) -> str:
    """The embedder knows few product abbreviations: it reads the first full name along with the question."""
    full = [name for name in expansion if len(words(name)) > 1][:2]
    return f"{analysis.text} ({'; '.join(full)})" if full else analysis.text


def _new_words(present: Sequence[str], expansion: Sequence[str]) -> list[str]:
    seen = set(present)
    added: list[str] = []
    for name in expansion:
        for word in words(name):
            if word not in seen and word not in STOP_WORDS:
                seen.add(word)
                added.append(word)
    return added
