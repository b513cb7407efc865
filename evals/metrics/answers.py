"""Is the answer right and readable: facts, yes or no, length, redundancy. Looks at the text, not at citations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evals.cases import Polarity
from evals.matching import plain
from evals.metrics.statements import content_words, statements

ANSWERS = ("fact_recall", "all_facts", "polarity", "answer_words", "redundancy")
_MARK = re.compile(r"\s*\[\d+\]")
_LEADING = re.compile(r"^\W*(yes|no)\b", re.I)
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|neither|cannot|without|lacks?|unable|only in|ended|discontinued|unsupported|excluded"
    r"|left (?:standard )?support)\b|n't\b",
    re.I,
)


def fact_recall(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """Share of the facts of which one alternative stands in the answer, compared without case and marks.

    >>> fact_recall("At most **400 KB** [1].", [["400 KB", "409,600 bytes"], ["item"]])
    0.5
    """
    text = plain(_MARK.sub("", answer).replace("|", " "))
    return sum(any(stands_in(plain(words), text) for words in fact) for fact in facts) / len(facts)


def stands_in(words: str, text: str) -> bool:
    """Whether ``words`` stand in ``text``: "no" is not in "node", "24 bytes" not in "1,024 bytes", "1" not in "1.5".
    Longer words may go on ("partition" is in "partitions"), so that a plural needs no alternative.
    """
    begins = r"(?<![\w.,])" if words[:1].isdigit() else r"(?<!\w)" if words[:1].isalnum() else ""
    ends = r"(?!\w|[.,]\d)" if words[-1:].isdigit() or len(words) <= 3 else ""
    return re.search(begins + re.escape(words) + ends, text) is not None


def said_polarity(answer: str, question: str = "") -> Polarity:
    """What the answer says to a yes/no question: its leading yes or no; else whether its first statement denies, with
    a word that is not the question's own.

    >>> said_polarity("DynamoDB does not support joins [1].")
    'no'
    >>> said_polarity("Spectrum queries files without loading them [1].", "Can it query files without loading them?")
    'yes'
    """
    leading = _LEADING.match(answer)
    if leading:
        return "yes" if leading.group(1).lower() == "yes" else "no"
    found = statements(answer)
    asked = {match.group().lower() for match in _DENIAL.finditer(question)}
    denied = found and any(match.group().lower() not in asked for match in _DENIAL.finditer(found[0].text))
    return "no" if denied else "yes"


def redundancy(answer: str) -> float:
    """How much the answer repeats itself: for each statement after the first, its largest word overlap (Jaccard)
    with an earlier one, averaged. 0.0 for a single statement; lower is better."""
    words = [found for found in (content_words(statement.text) for statement in statements(answer)) if found]
    if len(words) < 2:
        return 0.0
    overlaps = [
        max(len(now & before) / len(now | before) for before in words[:at]) for at, now in enumerate(words) if at
    ]
    return sum(overlaps) / len(overlaps)


def answer_scores(
    answer: str, *, refused: bool, facts: Sequence[Sequence[str]], polarity: Polarity | None, question: str = ""
) -> Mapping[str, float]:
    """Scores of the answer to an answerable question. A refusal recalls no fact, and has no length."""
    recall = 0.0 if refused else fact_recall(answer, facts)
    scores = {"fact_recall": recall, "all_facts": float(recall == 1.0)}
    if polarity is not None:
        scores["polarity"] = float(not refused and said_polarity(answer, question) == polarity)
    if not refused:
        scores["answer_words"] = float(len(_MARK.sub("", answer).split()))
        scores["redundancy"] = redundancy(answer)
    return scores
