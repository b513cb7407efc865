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
from assistant.types import Turn
from assistant.words import STOP_WORDS, content_words, stem, words

_PRONOUN = re.compile(
    r"\b(?P<word>it|its|they|them|their|theirs|that one|this one|the service|the database|those|these|that|this|one)\b",
    re.I,
)
_BARE_THAT = re.compile(r"\b(?:that|this|these|those)\s+(?!one\b)[a-z]{3,}", re.I)
_CORRECTION = re.compile(
    r"^(?:no|nope|not (?:that|this|it)|sorry|actually|wait|i meant?|i was asking about)\b[\s,.:;-]*(?:i meant?\s+)?",
    re.I,
)
_ELLIPSIS = re.compile(
    r"^(?:and|or|but|so|what about|how about|and what about|what of|also|same for|ok and)\b[\s,]*", re.I
)
_CARRIER = re.compile(
    r"^(?:what about|how about|and what about|and how about|what of|same (?:for|question for)|and)\b", re.I
)
_BOTH = re.compile(
    r"\b(?:both|the two|these two|each of them|either|which one|which of (?:them|those|these|the two))\b", re.I
)
_ORDINAL = re.compile(r"\b(?:the )?(?P<which>former|latter|first one|second one|first|second)\b", re.I)
_AFTER_A_PRONOUN = frozenset(["", *"be is are was do does cost work mean have has can too in for".split()])
_TRIVIAL = frozenset(
    stem(word)
    for word in """
    why when where more detail details example examples else another continue elaborate explain cost costs
    price pricing cheap expensive limits limit security secure backup backups scale scaling availability
    durability performance latency weaknesses strengths weakness strength benefits drawbacks advantages
    disadvantages downside downsides pros cons use replace replaced replacement alternative alternatives
    maximum minimum size region regions encryption encrypted serverless transactions supports support date new
    customers still available slow fast faster recover recovery restore retention replicas replica migrate
    migration fail fails failover""".split()
)


@dataclass(frozen=True, slots=True)
class Standalone:
    """``subjects`` are the names that were carried over (empty when the question stood on its own)."""

    text: str
    subjects: tuple[str, ...] = ()


def make_standalone(question: str, turns: Sequence[Turn], names: Names) -> Standalone:
    """What the question means after these turns (oldest first)."""
    text = strip_lead_in(question) if turns else " ".join(question.split())
    if not turns:
        return Standalone(text)
    subjects = _subjects(turns, names)
    if not subjects:
        return Standalone(text)
    correction = _CORRECTION.match(text)
    if correction and correction.end() < len(text) and len(content_words(text)) <= 6:
        return _corrected(text[correction.end() :], turns[-1], names)
    bare = _ELLIPSIS.sub("", text).strip(" ?.!,") or text
    own = _own_names(bare, names)
    if own:
        if _CARRIER.match(text) and _is_only_a_name(bare, own):
            return _same_question_for(bare, turns[-1], names, own)
        if not _refers_back(text, own):
            return Standalone(text)
        return _with_subject(text, subjects, own)
    if _BOTH.search(text) and len(subjects) > 1:
        return Standalone(f"{text.rstrip('?')} ({' and '.join(subjects[:2])})?", subjects[:2])
    ordinal = _ORDINAL.search(text)
    if ordinal and len(subjects) > 1:
        chosen = subjects[0] if ordinal.group("which").lower() in ("former", "first one", "first") else subjects[1]
        return Standalone(_replaced(text, ordinal.start(), ordinal.end(), chosen), (chosen,))
    pronoun = _pronoun(text)
    if pronoun is not None:
        return _with_pronoun(text, pronoun, subjects)
    if _ELLIPSIS.match(text) or _leans(bare):
        return _about(bare, subjects[0])
    return Standalone(text)


def _subjects(turns: Sequence[Turn], names: Names) -> tuple[str, ...]:
    """What the conversation is about, the latest turn's subjects first."""
    for turn in reversed(turns):
        asked = [mention for mention in names.mentions(turn.standalone_question) if _is_subject(mention)]
        found = list(dict.fromkeys(_spoken(mention) for mention in asked))
        if not found and turn.status != "not_found":
            found = [_name_in_path(path, names) for _document, path in turn.cited[:1]]
        if any(found):
            return tuple(name for name in found if name)
    return ()


def _is_subject(mention: Mention) -> bool:
    """Names that are only aspects ("backup") do not carry a conversation."""
    return not all(stem(word) in _TRIVIAL or word in STOP_WORDS for word in words(mention.alias))


def _spoken(mention: Mention) -> str:
    """The name as a person would type it into a question."""
    return mention.name.canonical if len(words(mention.name.canonical)) <= 5 else mention.name.aliases[1]


def _name_in_path(path: Sequence[str], names: Names) -> str:
    for heading in reversed(path):
        mentions = [mention for mention in names.mentions(heading) if _is_subject(mention)]
        if mentions:
            return _spoken(mentions[0])
    return path[-1] if path else ""


def _own_names(text: str, names: Names) -> list[Mention]:
    return [mention for mention in names.mentions(text) if _is_subject(mention)]


def _refers_back(text: str, own: Sequence[Mention]) -> bool:
    """ "Does it work with Lambda?" names something and still needs the subject."""
    match = _pronoun(text)
    if match is None:
        return False
    first_name = own[0].start
    before = len(words(text[: match.start()]))
    return before < first_name and match.group("word").lower() in {"it", "its", "they", "their", "them"}


def _pronoun(text: str) -> re.Match[str] | None:
    """The first pronoun that stands for something said before ("that database" does, "that many rows" does not)."""
    for match in _PRONOUN.finditer(text):
        word = match.group("word").lower()
        following = text[match.end() :].strip(" ?.!,").split(" ")[0].lower()
        if word in ("that", "this", "these", "those") and following not in _AFTER_A_PRONOUN:
            if following in ("service", "database", "databases", "services", "pillar", "type", "one", "tool", "engine"):
                return match
            continue
        if word == "one" and re.search(
            r"\b(?:which|any|no|only|at least|more than|the)\s+one\b|\bone (?:of|or|[a-z]+s?)\b", text, re.I
        ):
            continue
        if word == "it" and re.match(r"\s+(?:possible|necessary|true|safe|better|worth)\b", text[match.end() :], re.I):
            return match if len(content_words(text)) <= 3 else None
        return match
    return None


def _with_pronoun(text: str, match: re.Match[str], subjects: Sequence[str]) -> Standalone:
    word = match.group("word").lower()
    subject = subjects[0]
    plural = word in ("they", "them", "their", "theirs", "these", "those")
    if plural and len(subjects) > 1:
        subject = " and ".join(subjects[:2])
    end = match.end()
    if word in ("that", "this", "these", "those"):
        noun = re.match(r"\s+(?:service|database|databases|services|pillar|type|one|tool|engine)\b", text[end:], re.I)
        end += noun.end() if noun else 0
    possessive = word in ("its", "their", "theirs")
    return Standalone(_replaced(text, match.start(), end, f"{subject}'s" if possessive else subject), (subject,))


def _with_subject(text: str, subjects: Sequence[str], own: Sequence[Mention]) -> Standalone:
    match = _pronoun(text)
    named = {mention.name.canonical for mention in own}
    others = [subject for subject in subjects if subject not in named] or list(subjects)
    return _with_pronoun(text, match, others) if match else Standalone(text)


def _is_only_a_name(bare: str, own: Sequence[Mention]) -> bool:
    covered = {position for mention in own for position in range(mention.start, mention.end)}
    rest = [word for position, word in enumerate(words(bare)) if position not in covered]
    return all(word in STOP_WORDS or word in ("database", "databases", "service", "pillar") for word in rest)


def _same_question_for(bare: str, last: Turn, names: Names, own: Sequence[Mention]) -> Standalone:
    """ "What about Neptune?" asks the last question again, of Neptune."""
    before = [mention for mention in names.mentions(last.standalone_question) if _is_subject(mention)]
    new = bare.strip()
    new = re.sub(r"^(?:for|with|in|of|the)\s+", "", new, flags=re.I)
    if not before:
        return Standalone(f"{last.standalone_question.rstrip('?')} {new}?", (new,))
    text = last.standalone_question
    spans = _spans(text, before)
    first = spans[0]
    text = text[: first[0]] + new + text[first[1] :]
    return Standalone(text, (new,))


def _corrected(rest: str, last: Turn, names: Names) -> Standalone:
    """ "No, the wide-column one": the last question with its subject exchanged."""
    new = re.sub(r"\b(?:the|one|ones|a|an|that|this|i|meant|mean|about)\b", " ", rest, flags=re.I)
    new = " ".join(new.split()).strip(" ?.!,")
    before = [mention for mention in names.mentions(last.standalone_question) if _is_subject(mention)]
    if not new:
        return Standalone(last.standalone_question)
    if len(content_words(rest)) > 4 or (re.search(r"\?$", rest.strip()) and len(words(rest)) > 4):
        return Standalone(rest.strip())
    if not before:
        return Standalone(f"{last.standalone_question.rstrip('?')} {new}?", (new,))
    start, end = _spans(last.standalone_question, before)[0]
    old = last.standalone_question[start:end]
    kind_word = next(
        (word for word in words(old) if word in ("database", "databases", "pillar", "service", "index")), ""
    )
    if kind_word and kind_word not in words(new) and not names.mentions(new):
        new = f"{new} {kind_word}"
    text = last.standalone_question[:start] + new + last.standalone_question[end:]
    return Standalone(text, (new,))


def _spans(text: str, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """Character spans of mentions in their text."""
    positions = [(match.start(), match.end()) for match in re.finditer(r"[^\W_]+", text)]
    return [(positions[mention.start][0], positions[mention.end - 1][1]) for mention in mentions]


def _leans(text: str) -> bool:
    """Whether a short question says only an aspect: "why?", "how much does the storage cost?"."""
    asked = content_words(text)
    if not asked:
        return True
    known = sum(stem(word) in _TRIVIAL for word in asked)
    return (len(asked) <= 2 and known == len(asked)) or (len(asked) <= 4 and known >= len(asked) - 1 and known > 0)


def _about(text: str, subject: str) -> Standalone:
    if re.match(r"(?:why|how|when|where|what|which|who|is|are|does|do|can|will|should|has|have)\b", text, re.I):
        return Standalone(f"{text.rstrip('?')} ({subject})?", (subject,))
    return Standalone(f"{text} of {subject}?", (subject,))


def _replaced(text: str, start: int, end: int, by: str) -> str:
    return text[:start] + by + text[end:]
