"""Whether a question asks when to or when not to, and which of the two a heading tells.

"When should I not use DynamoDB?" and "Choose DynamoDB when" share all their words and mean opposite things; neither
word matching nor a small embedder tells them apart.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TELLS_AGAINST = re.compile(
    r"\b(?:something (?:other|else)|other than|when not|not to|avoid|wrong choice|does not (?:fit|suit)|unsuitable)\b",
    re.I,
)
_TELLS_WEAKNESS = re.compile(
    r"\b(?:weakness\w*|limitations?|drawbacks?|disadvantages?|downsides?|cons|restrictions?|pitfalls?|what to watch)\b",
    re.I,
)
_TELLS_FOR = re.compile(
    r"^(?:choose|use|pick|select|prefer)\b|\bwhen to (?:use|choose)\b|\bstrengths?\b|\bbenefits\b", re.I
)
_ASKS_AGAINST = re.compile(
    r"\b(?:(?:should|would|do|does|can|is|are|be|when|better|why|reasons?|to)\s+(?:\w+\s+){0,2}?not"
    r"|shouldn'?t|don'?t|doesn'?t|not\s+(?:to|use|choose|pick|suit\w*|fit)|avoid\w*|wrong|never|bad|poor\w*"
    r"|other than|something else|unsuit\w*|against|instead of)\b",
    re.I,
)


_TELLS_USES = re.compile(
    r"^(?:choose|use|pick|select|prefer)\b|\bwhen to (?:use|choose)\b|\b(?:strengths?|benefits?|advantages?|use cases?"
    r"|typical uses?|good fit|best for|suited|suitable)\b",
    re.I,
)


def tells_uses(heading: str) -> bool:
    """Whether a heading says what something is good for."""
    return bool(_TELLS_USES.search(heading)) and not tells_against(heading)


@lru_cache(maxsize=4096)
def tells_against(heading: str) -> bool:
    return bool(_TELLS_AGAINST.search(heading))


@lru_cache(maxsize=1024)
def asks_against(question: str) -> bool:
    """
    >>> asks_against("When should I not use DynamoDB?"), asks_against("When should I use DynamoDB?")
    (True, False)
    """
    return bool(_ASKS_AGAINST.search(question))


def agreement(heading: str, question: str) -> float:
    """1 for a heading that takes the question's side, -1 for one that takes the other, 0 for one without a side."""
    against = asks_against(question)
    if tells_against(heading):
        return 1.0 if against else -1.0
    if not against:
        return 0.0
    if _TELLS_WEAKNESS.search(heading):
        return 0.5
    return -1.0 if _TELLS_FOR.search(heading) else 0.0
