"""Follow-ups without a model: the standalone question that a turn means, from what was asked and cited before.

Pronouns, ellipsis ("and its weaknesses?"), corrections ("no, the wide-column one") and switches. A question that
stands on its own is left alone, so a switch never drags the old subject along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.analysis import strip_lead_in
from assistant.names import Mention, Names
from assistant.references import find_reference
from assistant.subjects import is_subject, spans_of, subjects_of
from assistant.types import Turn
from assistant.words import GENERIC_WORDS, STOP_WORDS, content_words, stem, words

StandsAlone = Callable[[str], bool]
"""Whether a question without any name finds its own place in the documents (asked of the index)."""

_CORRECTION = re.compile(
    r"^(?:no|nope|not (?:that|this|it)|sorry|actually|wait|i meant?|i was asking about)\b[\s,.:;-]*(?:i meant?\s+)?",
    re.I,
)
_SWITCH = re.compile(
    r"^(?:(?:different|other|another|new|next) (?:topic|subject|question)|back to|returning to|going back to|now"
    r"|something else|let'?s (?:talk about|go back to))\b[\s,:-]*",
    re.I,
)
_CARRIER = re.compile(
    r"^(?:(?:and |so |or |but )?(?:what|how) (?:about|of)|same (?:question )?(?:for|with|thing for)"
    r"|and (?:for|in|with|on)|and|or|versus|vs)\b[\s,]*",
    re.I,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|may|must|need|needs|keep|keeps|work"
    r"|works|cost|costs|support|supports|happens?|use|uses|used|how|why|when|who|where|which)\b",
    re.I,
)
_TRIVIAL = frozenset(
    stem(word)
    for word in """
    why when where more detail details example examples else another continue elaborate explain cost costs price pricing
    cheap cheaper cheapest expensive limits limit security secure backup backups scale scaling availability durability
    performance latency weaknesses strengths weakness strength benefits drawbacks advantages disadvantages downside
    downsides pros cons replace replaced replacement alternative alternatives maximum minimum size region regions
    encryption encrypted serverless transactions supports support date new customers still available slow fast faster
    recover recovery restore retention replicas replica migrate migration fail fails failover money much many long
    """.split()
)


@dataclass(frozen=True, slots=True)
class Standalone:
    """``subjects`` are the names that were carried over (empty when the question stood on its own)."""

    text: str
    subjects: tuple[str, ...] = ()


def make_standalone(
    question: str, turns: Sequence[Turn], names: Names, stands_alone: StandsAlone = lambda _text: False
) -> Standalone:
    """What the question means after these turns (oldest first).

    >>> make_standalone("and its weaknesses?", [turn_about("What is Amazon Neptune?")], names)  # doctest: +SKIP
    Standalone(text="Amazon Neptune's weaknesses?", subjects=('Amazon Neptune',))
    """
    text = " ".join(question.split())
    if not turns:
        return Standalone(text)
    switched = _SWITCH.match(text)
    if switched and switched.end() < len(text):
        rest = text[switched.end() :]
        if _own_names(rest, names):
            return Standalone(rest)
    text = strip_lead_in(text)
    subjects = subjects_of(turns, names)
    correction = _CORRECTION.match(text)
    if correction and correction.end() < len(text) and len(content_words(text)) <= 7:
        return _corrected(text[correction.end() :], turns[-1], names)
    if not subjects:
        return Standalone(text)
    carrier = _CARRIER.match(text)
    bare = (text[carrier.end() :] if carrier else text).strip(" ?.!,") or text
    reference = find_reference(text, subjects)
    own = _own_names(bare, names)
    if carrier and not _VERB.search(bare) and reference is None:
        return _same_question(bare, own, turns[-1], subjects, names)
    if reference is not None and (not own or reference.before(text, own)):
        return Standalone(reference.filled(text), reference.subjects)
    if own:
        return Standalone(text)
    if carrier or _leans(bare) or not stands_alone(bare):
        return _about(bare, subjects[0])
    return Standalone(text)


def _own_names(text: str, names: Names) -> list[Mention]:
    return [mention for mention in names.mentions(text) if is_subject(mention)]


def _same_question(bare: str, own: Sequence[Mention], last: Turn, subjects: Sequence[str], names: Names) -> Standalone:
    """ "What about Neptune?" asks the last question again, of Neptune; "and the price?" asks for another aspect."""
    phrase = re.sub(r"^(?:for|with|in|of|on|to)\s+", "", bare, flags=re.I)
    if not own:
        asked = content_words(phrase)
        if all(stem(word) in _TRIVIAL for word in asked) or not asked:
            return _about(phrase, subjects[0])
        swapped = _swapped_noun(phrase, last.standalone_question, names)
        return Standalone(swapped, tuple(subjects[:1])) if swapped else _about(phrase, subjects[0])
    before = [mention for mention in names.mentions(last.standalone_question) if is_subject(mention)]
    if not before:
        return Standalone(f"{last.standalone_question.rstrip('?')} {phrase}?", (phrase,))
    text = last.standalone_question
    start, end = spans_of(text, [_most_like(before, phrase)])[0]
    phrase = re.sub(r"^(?:an?|the)\s+", "", phrase, flags=re.I)
    return Standalone(text[:start] + phrase + text[end:], (phrase,))


def _most_like(mentions: Sequence[Mention], phrase: str) -> Mention:
    """The mention that shares most words with the new phrase; the first when none does."""
    new = set(words(phrase))
    return max(mentions, key=lambda mention: (len(new & set(words(mention.alias))), -mention.start))


def _swapped_noun(phrase: str, before: str, names: Names) -> str:
    """ "And a transaction?" after "How large can an item be in DynamoDB?": the noun with an article is exchanged."""
    named = spans_of(before, names.mentions(before))
    for match in re.finditer(r"\b(?:an?|the|each|one)\s+([a-z][\w-]+)", before, re.I):
        inside = any(start <= match.start(1) < end for start, end in named)
        if not inside and match.group(1).lower() not in STOP_WORDS | GENERIC_WORDS:
            return before[: match.start()] + phrase + before[match.end() :]
    return ""


def _corrected(rest: str, last: Turn, names: Names) -> Standalone:
    """ "No, the wide-column one": the last question with its subject exchanged."""
    if len(words(rest)) > 4 and (_VERB.search(rest) and rest.strip().endswith("?")):
        return Standalone(rest.strip())
    new = re.sub(r"\b(?:the|one|ones|a|an|that|this|i|meant|mean|about|not|sorry)\b", " ", rest, flags=re.I)
    new = " ".join(new.split()).strip(" ?.!,-")
    text = last.standalone_question
    if not new:
        return Standalone(text)
    before = [mention for mention in names.mentions(text) if is_subject(mention)]
    if not before:
        return Standalone(f"{text.rstrip('?')} {new}?", (new,))
    start, end = spans_of(text, [_most_like(before, new)])[0]
    kind = next((word for word in words(text[start:end]) if word in _KIND_WORDS), "")
    if kind and kind not in words(new) and not _own_names(new, names):
        new = f"{new} {kind}"
    return Standalone(text[:start] + new + text[end:], (new,))


_KIND_WORDS = frozenset("database databases pillar service index table instance cluster backup replica".split())


def _leans(text: str) -> bool:
    """Whether a short question says only an aspect: "why?", "how much does the storage cost?"."""
    asked = content_words(text)
    known = sum(stem(word) in _TRIVIAL for word in asked)
    return not asked or (len(asked) <= 2 and known == len(asked)) or (len(asked) <= 4 and 0 < known >= len(asked) - 1)


def _about(text: str, subject: str) -> Standalone:
    if _VERB.match(text) or re.match(r"(?:what|give|tell|show|list)\b", text, re.I):
        return Standalone(f"{text.rstrip('?')} ({subject})?", (subject,))
    return Standalone(f"{text.rstrip('?')} of {subject}?", (subject,))
