"""Follow-ups without a model: the standalone question that a turn means, from what was asked and cited before.

Pronouns, ellipsis ("and its weaknesses?"), corrections ("no, the wide-column one") and switches. A question that
stands on its own is left alone, so a switch never drags the old subject along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from assistant.analysis import strip_lead_in
from assistant.items import exchanged, picked_item
from assistant.names import Mention, Names
from assistant.openings import corrected, own_names, switched, without_opening
from assistant.references import Reference, find_reference, points_at_several
from assistant.subjects import is_subject, spans_of, spoken, subjects_of
from assistant.types import Turn
from assistant.words import GENERIC_WORDS, STOP_WORDS, content_words, stem, words

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
    """``subjects`` are the names that were carried over (empty when the question stood on its own).

    ``hung``: they could not be worked into the question and stand behind it, in parentheses. ``exchanged``: it is the
    question before with a name that the turn gave ("what about Neptune?"), which leaves nothing to guess.
    """

    text: str
    subjects: tuple[str, ...] = ()
    hung: bool = False
    exchanged: bool = False
    item: str = ""
    """The item of a list that the turn picked, as the list has it."""


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
    correction = corrected(text)
    if correction:
        return _corrected(correction, turns[-1], names)
    text = without_opening(text)
    carrier = _CARRIER.match(text)
    bare = (text[carrier.end() :] if carrier else text).strip(" ?.!,") or text
    picked = picked_item(text, turns)
    if picked is not None:
        return _of_item(picked, text, bool(carrier), turns)
    if not subjects:
        return Standalone(text)
    reference = find_reference(text, several(text, turns, subjects, names))
    own = own_names(bare, names)
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
        return Standalone(f"{text.rstrip('?')} ({turns[-1].standalone_question.rstrip('?')})?", subjects, hung=True)
    return _in_context(bare, (), subjects, names)


def several(text: str, turns: Sequence[Turn], subjects: tuple[str, ...], names: Names) -> tuple[str, ...]:
    """The subjects, with that of an earlier turn before them when a turn points at more than the last one had."""
    if len(subjects) != 1 or not points_at_several(text):
        return subjects
    for length in range(len(turns) - 1, 0, -1):
        earlier = next((name for name in subjects_of(turns[:length], names) if name != subjects[0]), "")
        if earlier:
            return (earlier, subjects[0])
    return subjects


_FRAGMENT = re.compile(r"(?:for|with|in|on|from|to|under|without|after|before|during|across|over)\s+", re.I)


def _of_item(picked: Reference, text: str, carried: bool, turns: Sequence[Turn]) -> Standalone:
    """ "Explain the second one" names it; "and the third?" asks what was asked of the one before."""
    item = picked.by
    if carried and not _VERB.search(text):
        again = exchanged(item, turns[-1].standalone_question, turns)
        return Standalone(again or f"What about {item}?", (item,), item=item)
    return Standalone(picked.filled(text), (item,), item=item)


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
    return Standalone(f"{text.rstrip(' ?')} ({', '.join(added)})?", (*filled, *added), hung=not filled)


def _same_question(bare: str, own: Sequence[Mention], last: Turn, subjects: Sequence[str], names: Names) -> Standalone:
    """ "What about Neptune?" asks the last question again, of Neptune; "and the price?" asks for another aspect."""
    phrase = re.sub(r"\s+(?:too|as well|also|then|instead)$", "", bare, flags=re.I)
    stripped = re.sub(r"^(?:for|with|in|of|on|to|from|under)\s+", "", phrase, flags=re.I)
    before = [mention for mention in names.mentions(last.standalone_question) if is_subject(mention)]
    number = _exchanged_number(stripped, last.standalone_question)
    if number:
        return Standalone(number, tuple(subjects[:1]))
    if own and before:
        text = last.standalone_question
        new = re.sub(r"^(?:an?|the)\s+", "", stripped, flags=re.I)
        start, end = spans_of(text, [_most_like(before, new, own)])[0]
        return Standalone(text[:start] + new + text[end:], (new,), exchanged=True)
    if not own:
        asked = content_words(stripped)
        if asked and all(stem(word) in _TRIVIAL for word in asked):
            return _about(stripped, subjects[0])
        swapped = _swapped_noun(stripped, last.standalone_question, names) if phrase == stripped else ""
        if swapped:
            return Standalone(swapped, tuple(subjects[:1]))
    if stripped != phrase:
        return Standalone(f"What about {subjects[0]} {phrase}?", tuple(subjects[:1]))
    return Standalone(f"{phrase} ({', '.join(subjects[:2])})?", tuple(subjects), hung=True)


_NUMBER = re.compile(r"\b\d+(?:\.\d+)*\b")


def _exchanged_number(phrase: str, before: str) -> str:
    """ "And 2023?" after a question on 2022, "and 5.7?" after one on 8.0; "" when there is no such number."""
    if not _NUMBER.fullmatch(phrase):
        return ""
    alike = [match for match in _NUMBER.finditer(before) if len(match.group()) == len(phrase)]
    alike = alike or list(_NUMBER.finditer(before))
    return before[: alike[-1].start()] + phrase + before[alike[-1].end() :] if alike else ""


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
    for match in re.finditer(r"\b(?:an?|the|each|one)\s+([a-z][\w-]+(?:\s+[a-z][\w-]+){0,3})", before, re.I):
        inside = any(start <= match.start(1) < end for start, end in named)
        said = list(takewhile(lambda word: word.lower() not in STOP_WORDS, match.group(1).split()))
        length = len(words(phrase)) - (phrase.split()[0].lower() in STOP_WORDS)
        said = said[: max(1, length)]
        if not inside and said and said[0].lower() not in GENERIC_WORDS:
            end = match.start(1) + len(" ".join(said))
            return before[: match.start()] + phrase + before[end:]
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
        pointer = find_reference(last.question, ("", "")) if last.question else None
        if pointer is not None:
            return Standalone(last.question[: pointer.start] + new + last.question[pointer.end :], (new,))
        return Standalone(f"{text.rstrip('?')} ({new})?", (new,), hung=True)
    new = re.sub(r"['’]s?$", "", new)
    own = own_names(new, names)
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


_ADJECTIVES = frozenset("serverless encrypted secure fast slow cheap available expensive durable free".split())


def _about(text: str, subject: str) -> Standalone:
    if text.lower() in _ADJECTIVES:
        return Standalone(f"Is {subject} {text}?", (subject,))
    if _VERB.match(text) or re.match(r"(?:what|give|tell|show|list)\b", text, re.I):
        return Standalone(f"{text.rstrip('?')} ({subject})?", (subject,))
    return Standalone(f"{text.rstrip('?')} of {subject}?", (subject,))
