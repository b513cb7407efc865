"""Follow-ups on what an answer listed: "explain the second one", "and the last?". Finds the item in the answer.

Lists, numbered steps, rows of a table, and enumerations in a sentence ("atomicity, consistency and durability").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.references import Reference
from assistant.types import Turn
from assistant.words import words

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_KINDS = r"ones?|items?|points?|options?|kinds?|types?|principles?|strateg(?:y|ies)|ways?|modes?|areas?|pillars?"
_ORDINAL = rf"(?P<which>{'|'.join(_ORDINALS)}|last)"
_OF = r"(?:\s+of\s+(?:these|those|them|the\s+\w+))?"
_PICK = re.compile(
    rf"\b(?:the\s+{_ORDINAL}(?:\s+(?:{_KINDS}))?{_OF})(?=\s*[?.!,]|\s*$|\s+(?:mean|do|does|did|is|are|was|were|in|exactly"
    r"|again|then|too|called|works?|looks?|protects?|supports?|fine|better|for|about|with|cost|costs|take|takes)\b)",
    re.I,
)
_LINE = re.compile(r"^\s*(?:[-*]|\d+[.)])\s+(?P<item>.+)$")
_ROW = re.compile(r"^\s*\|\s*(?P<item>[^|]+?)\s*\|")
_PART = r"[\w-]+(?: [\w-]+){0,2}"
_ENUMERATION = re.compile(rf"(?P<first>[\w -]+?)(?P<middle>(?:, {_PART})+),? (?:and|or) (?P<last>{_PART})")
_LEAD = re.compile(r"^.*\b(?:are|is|of|for|between|with|modes?|kinds?|types|include|includes)\s+(?=\S)", re.I)
_QUESTION = re.compile(r"(?:what|which|how|when|whether|why|where|who|comparison)\b", re.I)
_LONGEST, _SHORT = 8, 3
_FEWEST = 2


def picked_item(text: str, turns: Sequence[Turn]) -> Reference | None:
    """What "the second one" stands for in the latest answer that listed as many things."""
    match = _PICK.search(text)
    if match is None:
        return None
    which = match.group("which").lower()
    for items in map(items_of, (turn.answer for turn in reversed(turns))):
        place = len(items) - 1 if which == "last" else _ORDINALS.index(which)
        if len(items) >= _FEWEST and place < len(items):
            return Reference(match.start(), match.end(), items[place], (items[place],))
    return None


def exchanged(item: str, text: str, turns: Sequence[Turn]) -> str:
    """A question about one thing that an answer listed, asked of another: "" when it was about none of them."""
    for turn in reversed(turns):
        items = items_of(turn.answer)
        if item in items:
            for other in sorted(items, key=len, reverse=True):
                start = text.lower().find(other.lower())
                if start >= 0:
                    return text[:start] + item + text[start + len(other) :]
    return ""


def items_of(answer: str) -> tuple[str, ...]:
    """The things that an answer lists, each by its name; none when it lists nothing.

    >>> items_of("The pillars are:\\n- **Security**: protects data [1]\\n- Reliability: recovers [2]")
    ('Security', 'Reliability')
    """
    plain = re.sub(r"\\?\[\d+\\?\]", "", answer).replace("**", "").replace("\\", "")
    lines = plain.splitlines()
    for pattern in (_LINE, _ROW):
        found = [match.group("item") for line in lines if (match := pattern.match(line))]
        if pattern is _ROW:
            found = [item for item in found[1:] if re.search(r"\w", item)]  # the header names the column
        named = [_name(item) for item in found]
        if len(named) >= _FEWEST and not any(map(_QUESTION.match, named)):
            return tuple(named)
    for enumeration in _ENUMERATION.finditer(plain):
        first = _LEAD.sub("", enumeration.group("first")).strip()
        parts = [first, *enumeration.group("middle").split(", ")[1:], enumeration.group("last")]
        if 0 < len(words(first)) <= _SHORT:
            return tuple(part.strip() for part in parts)
    return ()


def _name(item: str) -> str:
    """The head of an item: what stands before a colon or a full stop, if that is short."""
    head = re.split(r":\s|\.\s|;\s|\s[-–—]\s", item, maxsplit=1)[0].strip().rstrip(".")
    return head if len(words(head)) <= _LONGEST else " ".join(head.split()[:_LONGEST])
