"""Verdicts: whether one sentence settles a yes/no question, and how. Strict, since a wrong "Yes" is worse than none."""

from __future__ import annotations

import re

from assistant.compose.evidence import ScoredUnit
from assistant.compose.notices import short_name
from assistant.query import Query
from assistant.support.figures import figures, same_figure
from assistant.words import stem_set


def yes_or_no(query: Query, lead: ScoredUnit) -> str:
    """ "Yes", "No", "It depends" or "" when the sentence does not settle the question by itself."""
    text = lead.unit.text.lower()
    asked = query.analysis.text.lower()
    if all(concept.is_name for concept in query.concepts) or re.search(r"\b(?:was|were|had been)\b", text):
        return ""  # nothing is asked that the sentence could settle, or it speaks of the past
    said = query.coverage(stem_set(text))  # by the sentence itself: a heading that asks the question settles nothing
    if min(said, lead.own) < 0.75 or re.search(r"\bor\b", asked) or not _same_predicate(asked, text):
        return ""
    if any(word.group() not in asked for word in _RESERVED.finditer(text)):
        return ""
    if any(concept.is_name and not concept.in_stems(stem_set(text)) for concept in query.concepts):
        return ""  # "Is X a Y?", and the sentence says what X is without a word on Y
    if figures(asked) and any(not any(same_figure(one, two) for two in figures(asked)) for one in figures(text)):
        return ""  # another figure than the one that was asked for
    if re.search(r"\b(?:depends|only (?:if|when|for|in|with)|unless|except|provided that|in some|some of)\b", text):
        return "It depends"
    negated = bool(_NEGATION.search(text))
    denied = _DOES_NOT_MEAN.search(text)
    if denied:  # "X does not mean that Y cannot": Y can
        negated = not _NEGATION.search(text, denied.end())
    asked_negated = bool(_NEGATION.search(asked))
    if asked_negated:
        return ""
    return "No" if negated else "Yes"


_DOES_NOT_MEAN = re.compile(r"\b(?:not|n't|never) mean\b")
_RESERVED = re.compile(
    r"\b(?:when|if|before|until|once|one|single|instead|both|first|older|early|earlier|former|formerly|previously|present)\b"
)
"""A sentence with such a word answers a narrower question than the one that was asked, unless that has it too."""


def has_ended(query: Query, lead: ScoredUnit) -> bool:
    """Whether a question for something's being is settled by a lifecycle notice: "is QLDB still a thing?"."""
    asked = query.analysis.text.lower()
    if not re.search(r"\b(?:still|available|exists?|alive|supported|around|usable)\b", asked):
        return False
    return any(
        notice.state == "ended" and stem_set(short_name(notice.service)) <= stem_set(asked)
        for notice in lead.source.document.notices
    )


_ABILITY = re.compile(
    r"\b(?:support\w*|can|cannot|allow\w*|work\w*|compatible|possible|available|offer\w*|provide\w*"
    r"|(?:has|have)(?! to\b)|run|runs|accept\w*|keep|keeps|include\w*)\b"
)


def _same_predicate(asked: str, text: str) -> bool:
    """Whether the sentence says of the thing what is asked: "does X support Y" needs a word of ability."""
    verb = asked.split(None, 1)[0]
    if verb in ("is", "are", "was", "were"):
        return bool(re.search(r"\b(?:is|are|was|were|ended|closed|no longer)\b", text))
    return bool(_ABILITY.search(text))


_NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|can't|doesn't|don't|isn't|aren't|won't|without|neither|none|no longer|ended|unsupported"
    r"|lacks?|closed)\b"
)
