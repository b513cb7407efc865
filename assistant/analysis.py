"""What kind of answer a question wants: a definition, a list, a comparison, yes or no, a value, steps.

Plain patterns over English questions. A wrong guess costs shape, not truth: every kind is answered from the same
evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.names import Mention, Names
from assistant.words import content_words, words

Kind = Literal["definition", "list", "comparison", "yes_no", "value", "steps", "reason", "choice", "plain"]

_LEAD_IN = re.compile(
    r"^(?:\s*(?:hi|hello|hey|please|so|ok|okay|well|thanks|thank you|quick question|question)[\s,:!.-]+)+"
    r"|^(?:can|could|would|will) (?:you|u) (?:please |kindly )?(?:tell me|explain|say|describe|show me|list|give me)\s+"
    r"|^(?:tell me|i (?:want|need|would like|'d like) to know|do you know|i wonder|explain to me|remind me)\s+"
    r"(?:about )?",
    re.I,
)
_COMPARE = re.compile(
    r"\b(?:vs\.?|versus|differences?|differs?|compared?|comparison|distinguish|(?:better|cheaper|faster) than)\b"
    r"|\bor\b(?=.*\?|\s+\w+(?:\s+\w+){0,3}$)",
    re.I,
)
_YES_NO = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|may|must|isn't|aren't|doesn't|don't"
    r"|can't)\b",
    re.I,
)
_VALUE = re.compile(
    r"\bhow (?:many|much|long|large|big|fast|often|small|high|far|old|soon)\b|\b(?:maximum|minimum|max|min|limit|limits"
    r"|size|price|cost|costs|quota|latency|sla|percent|percentage|number of|default|date|deadline|when did|when was"
    r"|when is|when will|what year)\b",
    re.I,
)
_LIST = re.compile(
    r"\b(?:list|name|enumerate)\b|\b(?:what|which)\s+(?:are|were)\s+(?:the|some|all|its|their)?"
    r"|\b(?:what|which)\s+(?:\w+\s+){0,3}?\w{3,}s\b(?!\s*(?:is|was)\b)"
    r"|\b(?:strengths?|weaknesses|advantages|disadvantages|benefits|drawbacks|pros|cons|principles|pillars|types|kinds"
    r"|engines|features|steps|options|reasons|use cases|limitations|categories|areas)\b",
    re.I,
)
_WHICH_SEVERAL = re.compile(
    r"^(?:which|what)\s+(?:are\s+|were\s+)?(?:the\s+|all\s+|some\s+)?"
    r"(?:(?!is\b|was\b|does\b|do\b|means\b|has\b)\w+\s+){0,2}?"
    r"(?!does\b|is\b|was\b|has\b)[a-z]{3,}(?<!s)s\b(?!\s+(?:is|was|the)\b)",
    re.I,
)
_STEPS = re.compile(
    r"^how (?:do|can|should|would|to|does one|must)\b|^how does\b.* work\W*$|\bsteps? (?:to|for|of|in)\b|\bprocedure\b",
    re.I,
)
_DEFINITION = re.compile(
    r"^(?:what(?:'s| is| are| was)|who is|define|definition of|meaning of|what does .+ (?:mean|stand for|do))\b", re.I
)
_TERM_MEANING = re.compile(r"^\w[\w -]{2,40}\s(?:meaning|definition|explained)\W*$", re.I)
_CHOICE = re.compile(
    r"^(?:which|what)\s+(?:\w+\s+){0,3}(?:database|service|engine|store|option|tool|type)s?\b"
    r"|\bshould (?:i|we) (?:use|choose|pick|go|take)\b|\bbest (?:database|service|option|way|choice)\b"
    r"|\bwhen (?:should|do|would|to)\b.*\b(?:use|choose|pick)\b"
    r"|\b(?:which|what)\s+(?:\w+\s+){0,3}?(?:database|service|engine|store|db)s?"
    r"\s+(?:do|should|would|can|could|shall|fits?|suits?)\b"
    r"|\bwhat (?:do|should|would|shall|could|can) (?:we|i|you|one) (?:take|use|pick|choose|recommend)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """``text`` is the question without greeting; ``mentions`` the names in it; ``asked`` its content words."""

    text: str
    kind: Kind
    mentions: tuple[Mention, ...]
    asked: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(mention.name.canonical for mention in self.mentions))


def analyse(question: str, names: Names) -> Analysis:
    text = strip_lead_in(question)
    mentions = tuple(names.mentions(text))
    return Analysis(text, _kind(without_aside(text), mentions), mentions, tuple(content_words(text)))


def without_aside(text: str) -> str:
    """The question without what stands in brackets behind it, which says what it is about and not what is asked.

    >>> without_aside("how is access controlled (weaknesses of Keyspaces)?")
    'how is access controlled?'
    """
    return re.sub(r"(?<=\w)\s+\([^()]*\)(?=\s*[?.!]?\s*$)", "", text)


def compares(text: str) -> bool:
    """Whether a question sets things against each other."""
    return bool(_COMPARE.search(text))


def asks_yes_or_no(text: str) -> bool:
    """Whether a turn, as it was typed, can be answered by yes or no.

    >>> asks_yes_or_no("and does it cost more?"), asks_yes_or_no("and the cost?")
    (True, False)
    """
    return bool(_YES_NO.match(re.sub(r"^(?:(?:and|so|but|then)\b[\s,]*)+", "", strip_lead_in(text), flags=re.I)))


def strip_lead_in(question: str) -> str:
    """The question without "hi", "please tell me" and the like; never empty.

    >>> strip_lead_in("Hi, can you tell me what DAX is?")
    'what DAX is?'
    """
    text = " ".join(question.split())
    while True:
        shorter = _LEAD_IN.sub("", text, count=1).strip()
        if shorter == text or len(words(shorter)) < 1:
            return text
        text = shorter


def _kind(text: str, mentions: tuple[Mention, ...]) -> Kind:
    distinct = {mention.name.canonical for mention in mentions}
    if len(distinct) >= 2 and _COMPARE.search(text):
        return "comparison"
    if _STEPS.search(text) and not re.search(r"^how (?:do|does)\b.*\b(?:differ|work together|bill|charge)", text, re.I):
        return "steps"
    if re.match(r"why\b", text, re.I):
        return "reason"
    if _CHOICE.search(text):
        return "choice"
    if _YES_NO.match(text):
        return "yes_no"
    if _WHICH_SEVERAL.match(text):
        return "list"
    if _VALUE.search(text):
        return "value"
    if re.match(r"(?:what|who)(?:'s|\s+is|\s+was|\s+means?)\b|define\b|(?:meaning|definition) of\b", text, re.I):
        return "definition"
    if _LIST.search(text):
        return "list"
    if (
        _DEFINITION.match(text)
        or _TERM_MEANING.search(text)
        or (_is_bare_term(text, mentions) and not text.endswith("?"))
    ):
        return "definition"
    return "plain"


def _is_bare_term(text: str, mentions: tuple[Mention, ...]) -> bool:
    """ "DAX" and "mechanical sympathy" ask what they are; "MemoryDB leaderboards" asks for one aspect of a name."""
    named = {word for mention in mentions for word in words(mention.alias)}
    return len(words(text)) <= 3 and (not named or named >= set(content_words(text)))
