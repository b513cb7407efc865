"""What the model of the known questions learns from: the questions, and samples of the sections that have none."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import asdict, dataclass

import numpy as np

from ingest.asked_model import ELSEWHERE, UNANSWERED, Lessons
from ingest.protocols import Vectors

_COVERED, _ENOUGH = 0.5, 200
"""Share of a collection's sections with known questions, and number of questions, from which more can be learned."""
_ELSEWHERE = 0.1
"""Sections without a question that are looked at, for each question."""

Section = tuple[str, str, int]
"""``(collection, document, number)``."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``section`` is the last heading of the section that answers; ``source`` the folder it was read from.

    ``document`` and ``section`` are "" for a question that has no answer.
    ``quote``: words of the sentence that answers, exactly as they stand there; "" when only the section is known.
    ``after``: the question before, for one that is only understood after another; "" for one that stands by itself.
    """

    question: str
    collection: str
    document: str
    section: str
    source: str
    quote: str = ""
    after: str = ""


def digest(entries: Iterable[Asked]) -> str:
    """The same for the same questions, in whatever order."""
    lines = sorted(json.dumps(asdict(entry), sort_keys=True) for entry in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def lessons(
    sections: Sequence[tuple[Section, str]],
    entries: Sequence[Asked],
    vectors: Vectors,
    known: Set[Section],
    embed: Callable[[Sequence[str]], Vectors],
) -> Lessons | None:
    """``sections``: all of the generation, with their headings; ``vectors`` of the entries, (len, dimension).

    Of the collections whose sections mostly have known questions, and not of a few questions: elsewhere the likeliest
    of the sections that have some would mostly be the wrong one.
    """
    all_of = Counter(section[0] for section, _ in sections)
    known_of = Counter(section[0] for section in known)
    covered = {name for name, count in known_of.items() if count >= _COVERED * all_of[name]}
    chosen = [number for number, entry in enumerate(entries) if entry.collection in covered]
    if len(chosen) < _ENOUGH:
        return None
    # Headings are near to questions in kind: of longer texts it would learn that they are none.
    others = [heading for section, heading in sections if section not in known]
    most = round(_ELSEWHERE * len(chosen))
    if len(others) > most:
        others = [others[place] for place in sorted(np.random.default_rng(0).permutation(len(others))[:most])]
    return Lessons(
        [*(entries[number].question for number in chosen), *others],
        np.concatenate([vectors[chosen], embed(others)]),
        [*(label_of(entries[number]) for number in chosen), *(ELSEWHERE for _ in others)],
        # A few sections more or less do not make it worth learning all of it again.
        digest(entries[number] for number in chosen) + f"+{len(others).bit_length()}",
    )


def label_of(entry: Asked) -> str:
    """The class of a question: its section, by names that outlive a generation."""
    return json.dumps([entry.collection, entry.document, entry.section]) if entry.document else UNANSWERED
