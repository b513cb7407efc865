"""Words that point back: "it", "its", "there", "the former", "both", "that one". Finds one and fills in the subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.names import Mention
from assistant.words import words

_POINTER = re.compile(
    r"\b(?P<word>(?:the|that|this|these|those) "
    r"(?:service|services|database|databases|pillar|type|one|ones|tool|engine|feature)"
    r"|it|its|they|them|their|theirs|those|these|that|this|ones?|there)\b",
    re.I,
)
_BOTH = re.compile(
    r"\b(?:both(?: of (?:them|these|those))?|the two|these two|each of them|(?:which|either|neither|any) of "
    r"(?:them|those|these|the two)|which one)\b",
    re.I,
)
_TOGETHER = re.compile(
    r"\b(?:they|them|these|those)\b.*\b(?:together|differ|compare|combined?|each other|difference|in common)\b", re.I
)
_ORDINAL = re.compile(
    r"(?<!each )\b(?:(?:the )?(?P<which>former|latter|first one|second one|other one)"
    r"|the (?P<bare>first|second|other)(?=\W*$|\s+(?:is|are|was|does|do|can|has|never|not|then|instead|too|as)\b))\b",
    re.I,
)
_AFTER_DEMONSTRATIVE = frozenset(
    """be is are was were do does cost costs work mean have has can too in for to on with then instead up so""".split()
) | {""}
_AFTER_ONE = frozenset(["", *"myself yourself for in with to that too later instead by is are from on then".split()])
_DUMMY_IT = re.compile(r"\s+(?:possible|necessary|true|safe|better|worth|a good idea|ok|okay)\b", re.I)


_PREPOSITION = re.compile(r"\b(?:in|from|on|to|into|out of|at)\s+$", re.I)


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer at ``text[start:end]`` and what it stands for."""

    start: int
    end: int
    by: str
    subjects: tuple[str, ...]

    def filled(self, text: str) -> str:
        by = self.by
        if by.startswith("in ") and _PREPOSITION.search(text[: self.start]):
            by = by.removeprefix("in ")
        return text[: self.start] + by + text[self.end :]

    def before(self, text: str, own: Sequence[Mention]) -> bool:
        """Whether it points back although the question names something: "does it work with Lambda?" does."""
        position = len(words(text[: self.start]))
        return position < own[0].start or position >= own[-1].end


def points_at_several(text: str) -> bool:
    """Whether a text speaks of more than one thing said before: "they ... together", "both", "the latter"."""
    return bool(_BOTH.search(text) or _ORDINAL.search(text) or _TOGETHER.search(text))


def find_reference(text: str, subjects: Sequence[str]) -> Reference | None:
    if len(subjects) > 1:
        both = _BOTH.search(text)
        if both:
            joined = " or ".join(subjects[:3]) if both.group().lower().startswith(("which", "either")) else ""
            by = joined or " and ".join(subjects[:3])
            prefix = "which of " if both.group().lower().startswith("which") else ""
            return Reference(both.start(), both.end(), prefix + by, tuple(subjects[:3]))
        ordinal = _ORDINAL.search(text)
        if ordinal:
            early = (ordinal.group("which") or ordinal.group("bare")).lower() in ("former", "first one", "first")
            chosen = subjects[0] if early else subjects[1]
            return Reference(ordinal.start(), ordinal.end(), chosen, (chosen,))
    for match in _POINTER.finditer(text):
        if _points_back(text, match) and not _named_before(text[: match.start()]):
            return _reference(match, subjects)
    return None


def _named_before(before: str) -> bool:
    """Whether the turn itself says what its "it" stands for: "the cache on nodes, who patches it"."""
    head, comma, _ = before.rpartition(",")
    return bool(comma) and bool(re.match(r"\s*(?:and |so |but )?(?:the|our|my|this|that|a|an)\s+\w", head, re.I))


def _points_back(text: str, match: re.Match[str]) -> bool:
    word = match.group("word").lower()
    rest = text[match.end() :]
    following = re.split(r"[\s?.!,;:']+", rest.strip(" "), maxsplit=1)[0].lower() if rest.strip(" ?.!,") else ""
    if word in ("that", "this", "these", "those"):
        return following in _AFTER_DEMONSTRATIVE
    if word in ("one", "ones"):
        if re.search(r"\b(?:which|what|the|that|this|each|every|other)\s*$", text[: match.start()], re.I):
            return False
        return following in _AFTER_ONE and not re.search(
            r"\b(?:more than|at least|only|no)\s*$", text[: match.start()], re.I
        )
    if word == "it":
        return not _DUMMY_IT.match(rest) or len(words(text)) <= 4
    if word == "there":
        return not re.search(r"\b(?:is|are|was|were|will|can)\s*$", text[: match.start()], re.I) and not re.match(
            r"\s+(?:is|are|was|were|any|a|an)\b", rest, re.I
        )
    return True


def _reference(match: re.Match[str], subjects: Sequence[str]) -> Reference | None:
    word = match.group("word").lower()
    subject = subjects[0]
    if word in ("they", "them", "their", "theirs", "these", "those") and len(subjects) > 1:
        subject = " and ".join(subjects[:2])
    possessive = f"{subject}'" if subject.endswith("s") else f"{subject}'s"
    by = possessive if word in ("its", "their", "theirs") else subject
    if word == "there":
        by = f"in {subject}"
    if word == "ones" or (word == "one" and subject.endswith("s")):
        return None
    if word in ("one", "ones") and subject.lower().split()[0] not in ("a", "an", "amazon", "aws"):
        by = f"a {subject}"
    return Reference(match.start(), match.end(), by, (subject,))
