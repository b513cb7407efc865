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
        asked = narrowed(_spoken_in(turn.standalone_question, names), turn, names)
        if _ASKS_FOR_A_THING.match(turn.standalone_question) and turn.status in ("answered", "partial"):
            answered = [name for name in _spoken_in(_first_line(turn.answer), names) if _fits(name, asked)]
            first = not asked or _WANTS_ANOTHER.search(turn.standalone_question)
            asked = list(dict.fromkeys((*answered[:2], *asked) if first else (*asked, *answered[:2])))
        if not asked and turn.status != "not_found" and turn.cited:
            asked = [name_in_path(turn.cited[0][1], names)]
        if any(asked):
            return tuple(name for name in asked if name)
    return ()


_WANTS_ANOTHER = re.compile(
    r"\b(?:replac\w*|instead|should|fits?|suits?|best|better|choose|pick|move|recommend\w*|for)\b", re.I
)
_ASKS_WHAT = re.compile(
    r"(?:(?:and|so|but) )?(?:what(?:'s| is| are| was| does)|explain|describe|define|tell me about|can you explain)\b",
    re.I,
)
_BREAKS = frozenset("since than per until".split())
_JOINING = frozenset("of for in on with the a an".split())
_LONGEST_NARROWED = 5


def narrowed(asked: Sequence[str], turn: Turn, names: Names) -> list[str]:
    """The subjects as the cited headings have them, where the question said as much.

    "What does Redshift concurrency scaling do?", answered under "How Redshift concurrency scaling works", is about
    Redshift concurrency scaling, not about Redshift at large.
    """
    if turn.status not in ("answered", "partial") or not turn.cited:
        return list(asked)
    phrases = [shared_phrase(turn.standalone_question, heading, names) for heading in reversed(turn.cited[0][1])]
    phrase = max(phrases, key=lambda found: len(words(found)), default="")
    if not phrase:
        return list(asked)
    narrow = set(words(phrase))
    wide = [name for name in asked if set(words(name)) < narrow]
    if asked and not wide:
        return list(asked)
    return [phrase, *(name for name in asked if name not in wide and not set(words(name)) <= narrow)]


def shared_phrase(question: str, heading: str, names: Names) -> str:
    """The longest run of words that a question and a heading share, names in any of their forms; "" for none.

    It has to say more than a name and less than a sentence, and may join two things ("a snapshot of RDS") only when
    the question asks what they are.
    """
    mine, theirs = _tokens(question, names), _tokens(heading, names)
    joins = bool(_ASKS_WHAT.match(question))
    best: list[str] = []
    for start in range(len(mine)):
        for other in range(len(theirs)):
            length = 0
            while (
                start + length < len(mine)
                and other + length < len(theirs)
                and _same(mine[start + length].lower(), theirs[other + length].lower(), joins)
            ):
                length += 1
            run = _trimmed(theirs[other : other + length])
            if len(run) > len(best):
                best = run
    phrase = " ".join(best)
    telling = [word for word in best if word.lower() not in STOP_WORDS | GENERIC_WORDS]
    named = [" " in word or word[:1].isupper() for word in best]
    if not joins and not (named and named[0]):  # "patches Amazon RDS" is half a sentence
        return ""
    if len(telling) < 2 or len(best) > _LONGEST_NARROWED or any(word.lower() in _ASPECTS for word in best[:1]):
        return ""
    return phrase


def _same(mine: str, theirs: str, joins: bool) -> bool:
    """Whether a run may go on over a word: not over a verb ("cost", "costs"), and over "of" only if things may join."""
    if mine in _BREAKS or (mine in STOP_WORDS and not (joins and mine in _JOINING)):
        return False
    return mine == theirs or (mine == f"{theirs}s" and not mine.endswith("ss"))


def _tokens(text: str, names: Names) -> list[str]:
    """The words of a text, each name of more than a heading as one, as it is spoken."""
    said = [match.group() for match in re.finditer(r"[^\W_]+(?:[-'][^\W_]+)*", text)]
    spans = {(start, end): spoken(m) for m, (start, end) in _named_spans(text, names)}
    tokens: list[str] = []
    position = 0
    for word in said:
        at = text.index(word, position)
        position = at + len(word)
        name = next((name for (start, end), name in spans.items() if start <= at < end), "")
        if not name:
            tokens.append(word)
        elif not tokens or tokens[-1] != name:
            tokens.append(name)
    return tokens


def _named_spans(text: str, names: Names) -> list[tuple[Mention, tuple[int, int]]]:
    mentions = [mention for mention in names.mentions(text) if mention.name.kind in ("glossary", "service")]
    return list(zip(mentions, spans_of(text, mentions), strict=True))


def _trimmed(run: list[str]) -> list[str]:
    """Without stop words at either end."""
    while run and run[0].lower() in STOP_WORDS:
        run = run[1:]
    while run and run[-1].lower() in STOP_WORDS:
        run = run[:-1]
    return run


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


_KINDS_OF_THINGS = frozenset("document documents key page article".split())
"""General words that make a name of another general word: "document databases"."""


def is_subject(mention: Mention) -> bool:
    """Names that are only aspects ("backup") do not carry a conversation."""
    said = words(mention.alias)
    general = GENERIC_WORDS - _KINDS_OF_THINGS if len(said) > 1 else GENERIC_WORDS
    return not all(word in _ASPECTS or word in STOP_WORDS or word in general for word in said)


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
