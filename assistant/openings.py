"""How a turn opens: a change of subject ("different topic:", "back to Aurora:") or a correction ("no, I meant")."""

from __future__ import annotations

import re

from assistant.names import Mention, Names
from assistant.references import find_reference
from assistant.subjects import is_subject
from assistant.words import content_words, stem_set, words

_NEW = re.compile(
    r"^(?:(?:a |on a )?(?:totally |completely |quite )?(?:different|other|another|new|next|unrelated) "
    r"(?:topic|subject|question|thing)|something else|changing the (?:topic|subject))\b[\s,.:;-]*",
    re.I,
)
_BACK = re.compile(
    r"^(?:(?:ok |okay |and )?(?:back to|returning to|going back to|coming back to|once more on|again on|as for"
    r"|regarding|let'?s (?:talk about|go back to|return to))|now)\b[\s,.:;-]*",
    re.I,
)
_TOPIC = re.compile(r"(?P<topic>[^:,?]{2,60}?)\s*(?:[:,–-]|\.)\s+(?P<question>\S.+)")
_CORRECTION = re.compile(
    r"^(?:no|nope|not (?:that|this|it)|sorry|actually|wait|i meant?|i was asking about|rather)\b[\s,.:;-]*"
    r"(?:(?:i meant?|i was asking about)\s+)?",
    re.I,
)
_WHOLE_QUESTION = 3
"""Content words from which what follows "now" is a question of its own."""
_LONGEST_CORRECTION = 7
_ASKS = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|how|why|when|who|where|which|what)\b", re.I
)


def switched(text: str, names: Names) -> str:
    """The question behind an opening that changes or returns to a subject; "" when there is no such opening.

    "Back to Aurora: is it encrypted?" becomes "is Aurora encrypted?".
    """
    new = _NEW.match(text)
    if new and words(text[new.end() :]):
        return text[new.end() :]
    back = _BACK.match(text)
    if back is None:
        return ""
    rest = text[back.end() :]
    if not own_names(rest, names) and (
        back.group().lower().startswith("now") or len(content_words(rest)) < _WHOLE_QUESTION
    ):
        return ""
    named = _TOPIC.match(rest)
    if named is None or back.group().lower().startswith("now"):
        return rest
    topic, question = re.sub(r"^the\s+", "", named.group("topic"), flags=re.I), named.group("question")
    reference = find_reference(question, (topic,))
    if reference is not None:
        return reference.filled(question)
    if stem_set(topic) <= stem_set(question):
        return question
    return f"{question.rstrip(' ?.!')} ({topic})?"


def corrected(text: str) -> str:
    """What a correction puts in the place of something: "wide-column databases"; "" when it corrects nothing."""
    opening = _CORRECTION.match(text)
    if opening is None or opening.end() >= len(text) or len(content_words(text)) > _LONGEST_CORRECTION:
        return ""
    rest = text[opening.end() :]
    return "" if _ASKS.match(rest) else rest


def without_opening(text: str) -> str:
    """ "Actually, is it encrypted?" corrects nothing: the question behind it."""
    opening = _CORRECTION.match(text)
    return text[opening.end() :] if opening and _ASKS.match(text[opening.end() :]) else text


def own_names(text: str, names: Names) -> list[Mention]:
    """The names in a turn that can carry a conversation."""
    return [mention for mention in names.mentions(text) if is_subject(mention)]
