"""Follow-ups without a model: the standalone question that a turn means, from what was asked and cited before.

Pronouns, ellipsis ("and its weaknesses?"), corrections ("no, the wide-column one") and switches. A question that
stands on its own is left alone, so a switch never drags the old subject along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.analysis import strip_lead_in
from assistant.names import Mention, Names
from assistant.references import find_reference
from assistant.subjects import is_subject, spans_of, spoken, subjects_of
from assistant.types import Turn
from assistant.words import GENERIC_WORDS, STOP_WORDS, content_words, stem, words

_CORRECTION = re.compile(
    r"^(?:no|nope|not (?:that|this|it)|sorry|actually|wait|i meant?|i was asking about)\b[\s,.:;-]*(?:i meant?\s+)?",
    re.I,
)
_SWITCH = re.compile(
    r"^(?:(?:different|other|another|new|next) (?:topic|subject|question)|back to|returning to|going back to|now"
    r"|something else|let'?s (?:talk about|go back to))\b[\s,.:;-]*",
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


def switched(text: str, names: Names) -> str:
    """The question behind "different topic:", "back to Aurora:" and the like; "" when there is no such opening."""
    opening = _SWITCH.match(text)
    if opening is None:
        return ""
    rest = text[opening.end() :]
    plainly = not opening.group().lower().startswith("now") and len(content_words(rest)) >= _WHOLE_QUESTION
    return rest if plainly or _own_names(rest, names) else ""


def make_standalone(question: str, turns: Sequence[Turn], names: Names) -> Standalone:
    """What the question means after these turns (oldest first), by rules alone."""
    text = " ".join(question.split())
    if not turns:
        return Standalone(text)
    rest = switched(text, names)
    if rest:
        return Standalone(rest)
    text = strip_lead_in(text)
    subjects = subjects_of(turns, names)
    correction = _CORRECTION.match(text)
    if correction and correction.end() < len(text) and len(content_words(text)) <= 7:
        rest = text[correction.end() :]
        if not _VERB.match(rest) and not re.match(r"what\b", rest, re.I):
            return _corrected(rest, turns[-1], names)
        text = rest  # "Actually, is it encrypted?" corrects nothing
    if not subjects:
        return Standalone(text)
    carrier = _CARRIER.match(text)
    bare = (text[carrier.end() :] if carrier else text).strip(" ?.!,") or text
    reference = find_reference(text, subjects)
    own = _own_names(bare, names)
    if (carrier or _FRAGMENT.match(bare)) and not _VERB.search(bare) and reference is None:
        return _same_question(bare, own, turns[-1], subjects, names)
    if reference is not None and (not own or reference.before(text, own)):
        return _in_context(reference.filled(text), reference.subjects, subjects, names)
    if any(mention.name.is_product for mention in own):
        return Standalone(text)
    asked = content_words(bare)
    if not _VERB.search(bare) and len(asked) <= 3 and not own:
        return _same_question(bare, own, turns[-1], subjects, names)
    if not asked:
        return Standalone(f"{text.rstrip('?')} ({turns[-1].standalone_question.rstrip('?')})?", subjects)
    return _in_context(bare, (), subjects, names)


_WHOLE_QUESTION = 3
"""Content words from which what follows "new topic:" is a question of its own."""
_FRAGMENT = re.compile(r"(?:for|with|in|on|from|to|under|without|after|before|during|across|over)\s+", re.I)


def _own_names(text: str, names: Names) -> list[Mention]:
    return [mention for mention in names.mentions(text) if is_subject(mention)]


def _in_context(text: str, filled: Sequence[str], subjects: Sequence[str], names: Names) -> Standalone:
    """The question with the subjects it does not name behind it, at most two: they guide the search."""
    said = set(words(text))
    added = (
        []
        if filled and any(mention.name.is_product for mention in names.mentions(text))
        else [subject for subject in subjects if not set(words(subject)) <= said][:2]
    )
    if not added:
        return Standalone(text, tuple(filled))
    return Standalone(f"{text.rstrip(' ?')} ({', '.join(added)})?", (*filled, *added))


def _same_question(bare: str, own: Sequence[Mention], last: Turn, subjects: Sequence[str], names: Names) -> Standalone:
    """ "What about Neptune?" asks the last question again, of Neptune; "and the price?" asks for another aspect."""
    phrase = re.sub(r"\s+(?:too|as well|also|then|instead)$", "", bare, flags=re.I)
    stripped = re.sub(r"^(?:for|with|in|of|on|to|from|under)\s+", "", phrase, flags=re.I)
    before = [mention for mention in names.mentions(last.standalone_question) if is_subject(mention)]
    if own and before:
        text = last.standalone_question
        new = re.sub(r"^(?:an?|the)\s+", "", stripped, flags=re.I)
        start, end = spans_of(text, [_most_like(before, new, own)])[0]
        return Standalone(text[:start] + new + text[end:], (new,))
    if not own:
        asked = content_words(stripped)
        if asked and all(stem(word) in _TRIVIAL for word in asked):
            return _about(stripped, subjects[0])
        swapped = _swapped_noun(stripped, last.standalone_question, names) if phrase == stripped else ""
        if swapped:
            return Standalone(swapped, tuple(subjects[:1]))
    if stripped != phrase:
        return Standalone(f"What about {subjects[0]} {phrase}?", tuple(subjects[:1]))
    return Standalone(f"{phrase} ({', '.join(subjects[:2])})?", tuple(subjects))


def _most_like(mentions: Sequence[Mention], phrase: str, own: Sequence[Mention] = ()) -> Mention:
    """The mention that the new phrase takes the place of: one that shares its words, else one of its kind."""
    new = set(words(phrase))
    product = any(mention.name.is_product for mention in own)

    def likeness(mention: Mention) -> tuple[int, bool, int]:
        return len(new & set(words(mention.alias))), mention.name.is_product == product, -mention.start

    return max(mentions, key=likeness)


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
    own = _own_names(new, names)
    besides = set(words(new)) - {word for mention in own for word in words(mention.alias)}
    if own and any(stem(word) in _TRIVIAL for word in besides):  # "no, the strengths of Aurora": all of it is new
        return Standalone(rest.strip())
    replaced = _most_like(before, new, own)
    if all(stem(word) in _TRIVIAL for word in words(new)):  # "no, the strengths": another aspect of the same thing
        return _about(new, spoken(replaced))
    start, end = spans_of(text, [replaced])[0]
    kind = next((word for word in words(text[start:end]) if word in _KIND_WORDS), "")
    if kind and kind not in words(new) and not own:
        new = f"{new} {kind}"
    return Standalone(text[:start] + new + text[end:], (new,))


_KIND_WORDS = frozenset("database databases pillar service index table instance cluster backup replica".split())


def _about(text: str, subject: str) -> Standalone:
    if _VERB.match(text) or re.match(r"(?:what|give|tell|show|list)\b", text, re.I):
        return Standalone(f"{text.rstrip('?')} ({subject})?", (subject,))
    return Standalone(f"{text.rstrip('?')} of {subject}?", (subject,))
