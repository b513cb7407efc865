"""What a conversation is about: the names in its questions, and the headings that its answers cited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.names import Mention, Names
from assistant.types import Turn
from assistant.words import GENERIC_WORDS, STOP_WORDS, words

_ASPECTS = frozenset(
    """cost costs price limits limit security backup backups scaling availability durability performance latency
    weaknesses strengths benefits drawbacks encryption monitoring migration recovery replication version versions
    engine engines storage region regions transactions indexes index item items""".split()
)


def subjects_of(turns: Sequence[Turn], names: Names) -> tuple[str, ...]:
    """The subjects of the latest turn that has any, in the order they were named."""
    for turn in reversed(turns):
        asked = [mention for mention in names.mentions(turn.standalone_question) if is_subject(mention)]
        found = list(dict.fromkeys(spoken(mention) for mention in asked))
        if not found and turn.status != "not_found" and turn.cited:
            found = [name_in_path(turn.cited[0][1], names)]
        if any(found):
            return tuple(name for name in found if name)
    return ()


def is_subject(mention: Mention) -> bool:
    """Names that are only aspects ("backup") do not carry a conversation."""
    return not all(word in _ASPECTS or word in STOP_WORDS or word in GENERIC_WORDS for word in words(mention.alias))


def spoken(mention: Mention) -> str:
    """The name as a person would type it into a question: the canonical one unless it is long."""
    aliases = [mention.name.canonical, *mention.name.aliases]
    return next((alias for alias in aliases if len(words(alias)) <= 4), mention.alias)


def name_in_path(path: Sequence[str], names: Names) -> str:
    for heading in reversed(path):
        mentions = [mention for mention in names.mentions(heading) if is_subject(mention)]
        if mentions:
            return spoken(mentions[0])
    return path[-1] if path else ""


def spans_of(text: str, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """Character spans of mentions in the text they were found in."""
    positions = [(match.start(), match.end()) for match in re.finditer(r"[^\W_]+", text)]
    return [(positions[mention.start][0], positions[mention.end - 1][1]) for mention in mentions]
