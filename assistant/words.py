"""Words of a question or passage as retrieval sees them: lower case, stop words out, English stems.

Words and stems are those of ``ingest.words``, so that they can be looked up in the index's vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ingest.words import stem, words

__all__ = [
    "GENERIC_WORDS",
    "INTENT_WORDS",
    "STOP_WORDS",
    "contains_phrase",
    "content_stems",
    "content_words",
    "overlap",
    "stem",
    "stem_set",
    "stems",
    "words",
]

STOP_WORDS = frozenset(
    """belong belongs happen happens exist exists become becomes regarding concerning suitable suit suits a ll ve
    re m d don doesn didn isn aren wasn weren hasn haven won wouldn shouldn couldn about above after again
    against all also am an and any anybody are aren't as at be because been before being below between both but
    by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either else ever
    every few for from further get gets getting give given go goes going got had has hasn't have haven't having
    he her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its itself just let let's like
    lot lots many may me might mine more most much must my myself need needs no nor not of off oh ok okay on
    once one ones only onto or other our ours out over own per please put quite rather really say says shall she
    should shouldn't so some somebody someone something still such sure take tell than thank thanks that that's
    the their theirs them then there there's these they they're thing things this those though through to too
    under until up upon us use used uses using very want wants was wasn't way we we're were what what's when
    where where's whether which while who who's whom whose why will with without won't would wouldn't yes yet
    you your yours hi hello hey exactly actually basically explain explained describe mean means meaning meant
    definition define know think called does work works s t""".split()
)

GENERIC_WORDS = frozenset(
    """amazon aws service services database databases db system data use using support supports supported feature
    features work thing kind type types good best better way option options general main key example different
    difference compare compared comparison versus vs list name many much available provide offer offers
    documentation docs document article page say tell""".split()
)
"""Words that occur everywhere in this kind of material: they say little about what is asked."""


INTENT_WORDS = frozenset(
    """pick choose chosen choosing select prefer consider decide opt go according keep keeps want wish recommend
    recommended suggest advise find see look show learn happen ideal suited never hear heard mix mixing mixed confuse
    confused confusing
    suitable appropriate handle handles deal cope manage ensure achieve""".split()
)
"""What is wanted of a thing rather than the thing: a right answer need not repeat such a word."""


def stems(text: str) -> list[str]:
    """Stems of all words, stop words included."""
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=8_192)
def stem_set(text: str) -> frozenset[str]:
    return frozenset(stems(text))


def content_words(text: str) -> list[str]:
    """Words that carry meaning, each once, in order.

    >>> content_words("What are the weaknesses of graph databases?")
    ['weaknesses', 'graph', 'databases']
    """
    seen: dict[str, None] = {}
    for word in words(text):
        if word not in STOP_WORDS and (len(word) > 1 or word.isdigit()):
            seen.setdefault(word)
    return list(seen)


def content_stems(text: str) -> list[str]:
    return list(dict.fromkeys(stem(word) for word in content_words(text)))


def contains_phrase(haystack: str, phrase: str) -> bool:
    """Whether the words of ``phrase`` occur in ``haystack`` in a row, by stems.

    >>> contains_phrase("Graph databases are quick", "graph database")
    True
    """
    return _find(stems(haystack), stems(phrase)) >= 0


def _find(sequence: list[str], part: list[str]) -> int:
    if not part:
        return -1
    for start in range(len(sequence) - len(part) + 1):
        if sequence[start : start + len(part)] == part:
            return start
    return -1


def overlap(first: Iterable[str], second: Iterable[str]) -> float:
    """Jaccard similarity of two bags of stems, 0 to 1."""
    a, b = set(first), set(second)
    return len(a & b) / len(a | b) if a and b else 0.0
