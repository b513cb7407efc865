"""What a conversation is about: the names in its questions, and the headings that its answers cited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.names import Mention, Names, is_name, subject_of
from assistant.types import Turn
from assistant.words import GENERIC_WORDS, STOP_WORDS, words

_ASPECTS = frozenset(
    """cost costs price limits limit security backup backups scaling availability durability performance latency
    weaknesses strengths benefits drawbacks encryption monitoring migration recovery replication version versions
    engine engines storage region regions transactions indexes index item items""".split()
)


def subjects_of(turns: Sequence[Turn], names: Names) -> tuple[str, ...]:
    """The subjects of the latest turn that has any; what an answer named comes before what its question did."""
    for turn in reversed(turns):
        asked = _spoken_in(turn.standalone_question, names)
        if _ASKS_FOR_A_THING.match(turn.standalone_question) and turn.status in ("answered", "partial"):
            answered = [name for name in _spoken_in(_first_line(turn.answer), names) if _fits(name, asked)]
            asked = list(dict.fromkeys((*answered[:2], *asked)))
        if not asked and turn.status != "not_found" and turn.cited:
            asked = [name_in_path(turn.cited[0][1], names)]
        if any(asked):
            return tuple(name for name in asked if name)
    return ()


_ASKS_FOR_A_THING = re.compile(
    r"(?:so |and )?(?:which|who)\b|what\s+(?:\w+\s+){0,2}?(?:database|service|tool|engine|store|option|strategy"
    r"|replaced|replaces|should|fits|do (?:i|we) use)\b|where (?:do|should|can)\b",
    re.I,
)


def _spoken_in(text: str, names: Names) -> list[str]:
    return list(dict.fromkeys(phrases_in(text, names)))


_JOINED = re.compile(r"\s*(?:'s\s+|\s(?:for|on|of)\s+)?", re.I)
_QUALIFIER = re.compile(r"(?:\s+(?:v?\d[\w.]*\w|\d|[A-Z][\w./-]*\w))+")
_LONGEST_PHRASE = 6


def phrases_in(text: str, names: Names) -> list[str]:
    """The names in a text with what narrows them down: "RDS for SQL Server", "RDS Custom", "DocumentDB 3.6"."""
    mentions = [mention for mention in names.mentions(text) if is_subject(mention)]
    found: list[str] = []
    last = -1
    for mention, (start, end) in zip(mentions, spans_of(text, mentions), strict=True):
        joint = text[last:start] if found and 0 <= last <= start else ""
        narrows = mention.name.canonical.lower() not in found[-1].lower() if found else False
        narrower = _QUALIFIER.match(text, end)
        said = spoken(mention)
        if narrower:
            said, end = f"{said}{narrower.group()}", narrower.end()
        if joint and joint.strip() and narrows and _JOINED.fullmatch(joint):
            joined = f"{found[-1]}{joint}{said}"
            if len(words(joined)) <= _LONGEST_PHRASE:
                found[-1], last = joined, end
                continue
        found.append(said)
        last = end
    return found


def _fits(name: str, asked: Sequence[str]) -> bool:
    """An answer's name counts when the question offered it, or named none that it could mean."""
    return name in asked or not any(set(words(name)) <= set(words(other)) for other in asked)


def _first_line(answer: str) -> str:
    lines = [line for line in answer.splitlines() if line.strip() and not line.rstrip().endswith(":")]
    return re.sub(r"\[\d+\]|\*\*", "", lines[0]) if lines else ""


def is_subject(mention: Mention) -> bool:
    """Names that are only aspects ("backup") do not carry a conversation."""
    return not all(word in _ASPECTS or word in STOP_WORDS or word in GENERIC_WORDS for word in words(mention.alias))


def spoken(mention: Mention) -> str:
    """The name as a person would type it into a question: the canonical one unless it is long."""
    aliases = [mention.name.canonical, *mention.name.aliases]
    return next((alias for alias in aliases if len(words(alias)) <= 3), mention.alias)


def name_in_path(path: Sequence[str], names: Names) -> str:
    for heading in reversed(path):
        mentions = [mention for mention in names.mentions(heading) if is_subject(mention)]
        if mentions:
            return spoken(mentions[0])
    # A heading that asks ("Which database fits a web shop") is no name to put into a sentence; a title mostly is.
    return next((subject_of(heading) for heading in path[:1] if is_name(subject_of(heading))), "")


def spans_of(text: str, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """Character spans of mentions in the text they were found in."""
    positions = [(match.start(), match.end()) for match in re.finditer(r"[^\W_]+", text)]
    return [(positions[mention.start][0], positions[mention.end - 1][1]) for mention in mentions]
