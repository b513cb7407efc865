"""Names what a group of questions is about: the words that its questions share and the documents hardly know."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from assistant.words import GENERIC_WORDS, STOP_WORDS, stem

_WORD = re.compile(r"[^\W_][\w'’+#./-]*[\w+#]|[^\W_]")
_LONGEST = 3
_ENOUGH = 0.5
"""Share of the questions that a second word must occur in to join the name."""


def subject_of(questions: Sequence[str], rarity: Mapping[str, float]) -> str:
    """One to six words, written as most people wrote them; the first question itself where they share nothing.

    >>> subject_of(["Is there a Kubernetes operator?", "kubernetes pods", "Kubernetes"], {"kubernet": 1.0, "pod": 0.6})
    'Kubernetes'
    """
    support: Counter[tuple[str, ...]] = Counter()
    written: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for question in questions:
        found = dict(_phrases(question))
        support.update(found.keys())
        for stems, words in found.items():
            written[stems][words] += 1
    ranked = sorted(support, key=lambda stems: (-_worth(stems, support[stems] / len(questions), rarity), stems))
    if not ranked:
        return " ".join(questions[0].split())
    first = ranked[0]
    names = [_spelling(written[first])]
    for other in ranked[1:]:
        share = support[other] / len(questions)
        if share >= _ENOUGH and not set(other) & set(first):
            names.append(_spelling(written[other]))
            break
    return ", ".join(names)


def _phrases(question: str) -> list[tuple[tuple[str, ...], str]]:
    """(stems, words) of every run of up to three words that neither begins nor ends with a word that says nothing."""
    found = []
    words = _WORD.findall(question)
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            run = words[start:end]
            if _is_empty(run[0]) or _is_empty(run[-1]) or any(word.lower() in STOP_WORDS for word in run):
                continue
            found.append((tuple(stem(word.lower()) for word in run), " ".join(run)))
    return found


def _is_empty(word: str) -> bool:
    return word.lower() in STOP_WORDS or word.lower() in GENERIC_WORDS or (len(word) < 2 and not word.isdigit())


def _worth(stems: tuple[str, ...], share: float, rarity: Mapping[str, float]) -> float:
    """How well a phrase names the gap: many questions have it, the documents do not, and it says more than one word."""
    rare = sum(rarity.get(one, 1.0) for one in stems) / len(stems)
    return share * (0.15 + rare**2) * (1 + 0.35 * (len(stems) - 1))


def _spelling(spellings: Counter[str]) -> str:
    """The commonest; among equals one with capitals, as names are written."""
    return max(spellings, key=lambda words: (spellings[words], sum(letter.isupper() for letter in words), words))
