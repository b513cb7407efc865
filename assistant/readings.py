"""What a turn may mean: the question alone, completed by rules, or asked within what was asked before.

Makes the readings; ``assistant.resolving`` asks the index which of them is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.analysis import strip_lead_in
from assistant.followups import make_standalone, several
from assistant.names import Names
from assistant.openings import corrected, switched
from assistant.references import points_at_several
from assistant.subjects import subjects_of
from assistant.types import Turn
from assistant.words import content_words

Kind = Literal["alone", "filled", "carried"]
_ANSWERED = ("answered", "partial")
_LONGEST_TOPIC = 14


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a turn, as a question that can be searched and shown."""

    kind: Kind
    text: str
    hung: bool = False
    """The conversation's subject stands behind the question, because it could not be worked into it."""
    item: str = ""
    """The item of a list in an answer that the turn picked."""


def readings(question: str, turns: Sequence[Turn], names: Names) -> tuple[Reading, ...]:
    """The readings of a turn after others (oldest first), the one that takes it literally first; never empty.

    A single reading means that there is nothing to choose: a first question, a correction, the same question of
    another thing, or a change of subject in so many words.
    """
    text = " ".join(question.split())
    if not turns:
        return (Reading("alone", text),)
    rest = switched(text, names)
    if rest:
        return (Reading("alone", rest),)
    bare = strip_lead_in(text)
    if corrected(bare):
        return (Reading("filled", make_standalone(text, turns, names).text),)
    topic = topic_of(turns)
    by_rules = make_standalone(text, turns, names)
    if by_rules.exchanged:
        return (Reading("filled", by_rules.text),)
    filled = by_rules.text
    plain = _CONJUNCTION.sub("", bare)
    carried = f"{plain.rstrip(' ?.!')} ({topic})?"
    if not topic or (points_at_several(bare) and len(several(bare, turns, subjects_of(turns, names), names)) > 1):
        carried = filled
    return Reading("alone", plain), Reading("filled", filled, by_rules.hung, by_rules.item), Reading("carried", carried)


def topic_of(turns: Sequence[Turn]) -> str:
    """What the latest turn was about, in words: its question without the question words, else the heading it cited.

    The question says more than the heading that answered it, and says it also when the answer was a wrong one.
    """
    last = turns[-1]
    path = last.cited[0][1] if last.cited and last.status in _ANSWERED else ()
    return _gist(last.standalone_question) or (path[-1] if path else "")


_SCAFFOLD = re.compile(
    r"^(?:(?:and|so|but|whats|hows|wheres|what|which|how|why|when|where|who|is|are|was|were|do|does|did|can|could|will|would|should|has"
    r"|have|may|must|much|many|long|large|big|far|fast|often|soon|a|an|the|i|we|you|there|it|its|they"
    r"|about|since|until|give me|tell me|explain|list|describe|an example of)(?:'s)?\b\s*)+",
    re.I,
)
_CONJUNCTION = re.compile(r"^(?:and|but|so|or|then|also)\b[\s,]+(?=\S)", re.I)
_TRAILING = re.compile(r"\s+(?:say|do|does|mean|means|stand for|about|for|of)$", re.I)
_BRACKETS = re.compile(r"\s*\(([^()]*)\)")


def _gist(question: str) -> str:
    """A question without its question words.

    >>> _gist("How much does Amazon Athena cost per terabyte scanned?")
    'Amazon Athena cost per terabyte scanned'
    >>> _gist("since when (how often a DynamoDB table can switch)?")
    'how often a DynamoDB table can switch'
    """
    question = question.rstrip(" ?.!")
    own = _SCAFFOLD.sub("", _BRACKETS.sub("", question))
    before = ", ".join(_BRACKETS.findall(question))
    said = _TRAILING.sub("", own) if content_words(own) else ""
    gist = ", ".join(part for part in (said, before) if part) or question
    return " ".join(gist.split()[:_LONGEST_TOPIC]).strip(" ,")
