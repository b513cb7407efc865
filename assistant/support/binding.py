"""Whether the words of a sentence belong together in the evidence as they do in the sentence.

"A sort key holds 2,048 bytes" has all its words in "partition keys hold 2,048 bytes; sort keys hold 1,024 bytes", and
is wrong. Sentences and clauses of the evidence are compared by what they share with the claim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.support.figures import Date, Figure, dates, figures, same_figure
from assistant.support.named import names_in
from assistant.words import STOP_WORDS, content_words, stem, stem_set, words

_CLAUSE = re.compile(
    r"\s*(?:;|:\s|\band\s+(?=(?:is|are|was|were|has|have|had|can|cannot|must|may|will|does|do|did|then|not)\b)|,\s*(?:but|while|whereas|although|though|and|so|or)\b|\bbut\b|\bwhereas\b|\bhowever\b|\bwhile\b)\s*",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LEANING = re.compile(r"(?:it|they|this|these|that|those|such|its|their)\b", re.I)


def sentences(text: str) -> list[str]:
    """Sentences; one that leans on the one before ("It ...") is joined to it."""
    found: list[str] = []
    for part in _SENTENCE.split(text):
        if found and _LEANING.match(part):
            found[-1] = f"{found[-1]} {part}"
        elif part.strip():
            found.append(part)
    return found


def clauses(text: str) -> list[str]:
    return [part for sentence in sentences(text) for part in _CLAUSE.split(sentence) if part and part.strip()]


def content(text: str) -> set[str]:
    return {stem(word) for word in content_words(text)}


_VENDORS = frozenset(stem(word) for word in ("amazon", "aws", "apache", "microsoft"))


def nearest_clause(claim: str, said: str) -> str:
    """The clause of the evidence that shares most with the claim, or the sentence where no clause has most of it.

    Names count only where nothing else tells: they stand in one clause and are meant in the next as well.
    """
    named = {stem(word) for name in names_in(claim) for word in content_words(name)} | _VENDORS
    mine = content(claim) - named or content(claim)

    def shared(text: str) -> int:
        return len(mine & stem_set(text))

    best_clause = max(clauses(said), key=shared, default=said)
    best_sentence = max(sentences(said), key=shared, default=said)
    return best_clause if shared(best_clause) >= 0.8 * shared(best_sentence) else best_sentence


def misplaced_figure(claim: str, figure: Figure, said: str) -> bool:
    """Whether the evidence gives the figure for something else than the claim does."""
    known = figures(said)
    same = [other for other in known if same_figure(figure, other)]
    if not same:
        return False
    mine = _around(claim, figure, figures(claim))
    counted = _counted(claim, figure)
    others = [other for other in known if not same_figure(figure, other)]
    if counted and not figure.unit:
        # "20 write units", where the evidence has "20 writes per second" and "60 write units"
        own = [_counted(said, other) for other in same]
        for length in (2, 1):
            rivals = [_counted(said, other)[:length] for other in others]
            if len(counted) >= length and counted[:length] in rivals:
                if all(one and one[:length] != counted[:length] for one in own):
                    return True
                break
    if misplaced_between(
        mine,
        [_around(said, o, known) for o in same],
        [_around(said, o, known) for o in others if _alike(figure, counted, said, o)],
    ):
        return True
    rest = content(claim.replace(figure.text, " ")) or mine
    if not rest:
        return False
    parts = sentences(said)
    if _in_another_segment(rest, figure, said):
        return True
    having = [part for part in parts if any(same_figure(figure, other) for other in figures(part))]
    if len(parts) < 2:
        return False
    with_figure = max((len(rest & stem_set(part)) / len(rest) for part in having), default=1.0)
    without = max((len(rest & stem_set(part)) / len(rest) for part in parts if part not in having), default=0.0)
    return without > with_figure + 0.15


def _in_another_segment(rest: set[str], figure: Figure, said: str) -> bool:
    """Whether the claim fits a part of a sentence without figures better than the part that has this one, which speaks
    of something else: "automated backups are kept for 35 days, manual snapshots until they are deleted"."""
    segments = [segment for segment in re.split(r"[;,]\s", said) if content(segment)]
    if all(": " in segment for segment in segments):
        return False  # a table's row, "name: value" throughout, speaks of one thing
    having = [one for one in segments if any(same_figure(figure, other) for other in figures(one))]
    bare = [one for one in segments if not figures(one)]
    if not having or not bare:
        return False
    best = max(having, key=lambda one: len(rest & stem_set(one)))
    foreign = content(best.replace(figure.text, " ")) - rest
    fits = len(rest & stem_set(best)) / len(rest)
    return len(foreign) >= 2 and max(len(rest & stem_set(one)) / len(rest) for one in bare) > fits + 0.15


def misplaced_between(mine: set[str], same: Sequence[set[str]], others: Sequence[set[str]]) -> bool:
    """Whether what stands around a value in the claim stands around another value in the evidence."""
    if not mine or not others or not same:
        return False
    best = max(_weight(mine & words_around) for words_around in same) / _weight(mine)
    rival = max(_weight(mine & words_around) for words_around in others) / _weight(mine)
    return best < rival and (best < 0.5 or rival - best > 0.2)


def misplaced_date(claim: str, date: Date, said: str) -> bool:
    """Whether the evidence gives the date for something else than the claim does."""
    known = dates(said)
    same = [other for other in known if date.within(other)]
    others = [other for other in known if not date.within(other)]
    mine = _around(claim, date, dates(claim))
    return misplaced_between(mine, [_around(said, o, known) for o in same], [_around(said, o, known) for o in others])


def _weight(found: set[str]) -> float:
    """Numbers part things of one name ("Redis OSS 6") more surely than words do."""
    return sum(3.0 if any(character.isdigit() for character in word) else 1.0 for word in found)


def _alike(figure: Figure, counted: tuple[str, ...], said: str, other: Figure) -> bool:
    """Whether two figures count the same kind of thing, so that they could be mixed up."""
    return figure.unit == other.unit and (bool(figure.unit) or counted[:1] == _counted(said, other)[:1])


def _counted(text: str, figure: Figure) -> tuple[str, ...]:
    """Stems of the two words after a figure: what it counts."""
    following = content_words(re.split(r"[;,.)]", text[figure.end : figure.end + 40])[0])
    return tuple(stem(word) for word in following[:2])


def _around(text: str, figure: Figure | Date, every: Sequence[Figure | Date]) -> set[str]:
    """Stems of the content words between the figure and its neighbours, at most a clause to either side."""
    left = max((other.end for other in every if other.end <= figure.start), default=0)
    right = min((other.start for other in every if other.start >= figure.end), default=len(text))
    before = re.split(r"[;.]\s", text[left : figure.start])[-1]
    after = re.split(r"[;,.]\s", text[figure.end : right])[0]
    return content(f"{before} {after}")


def misplaced_name(claim: str, said: str) -> str:
    """A name of the claim of which the evidence says something else, what the claim says being said of another one."""
    parts = clauses(said)
    if len(parts) < 2:
        return ""
    known = list(dict.fromkeys((*names_in(claim), *names_in(said))))
    for clause in clauses(claim):
        names = [name for name in known if stem_set(name) <= stem_set(clause)]
        rest = content(clause) - {stem(part) for name in names for part in content_words(name)}
        if not names or len(rest) < 2:
            continue
        best = max(parts, key=lambda part: len(rest & stem_set(part)))
        fit = len(rest & stem_set(best)) / len(rest)
        others = [name for name in names_in(best) if name not in names]
        if fit < 0.6 or not others:
            continue
        for name in names:
            if stem_set(name) <= stem_set(best):
                continue
            where = [part for part in parts if stem_set(name) <= stem_set(part)]
            if where and max(len(rest & stem_set(part)) / len(rest) for part in where) <= fit - 0.4:
                return name
    return ""


_WINDOW = 3


def swapped_opposites(claim: str, said: str, one: str, other: str) -> bool:
    """Whether the claim says ``one`` (a stem) where the evidence, which has both, says ``other``: by the words around.

    Also where both texts have both, exchanged: "encrypted becomes unencrypted" for the reverse.
    """
    mine, theirs = _stream(claim), _stream(said)
    flat, other_flat = [w for w in mine if w], [w for w in theirs if w]
    if one not in flat or other not in other_flat:
        return False
    if other in flat and one in other_flat:
        order = flat.index(one) < flat.index(other)
        exchanged = order != (other_flat.index(one) < other_flat.index(other))
        return exchanged and _runs_in(_masked(flat, one, other), _masked(other_flat, one, other))
    for at in (at for at, word in enumerate(mine) if word == one):
        window = _window(mine, at) - {one, other}
        follows = mine[at + 1] if at + 1 < len(mine) else ""
        if not window or (follows and (one, follows) in set(pairwise(theirs))):
            continue
        opposed = max(len(window & _window(theirs, place)) for place, word in enumerate(theirs) if word == other)
        agreed = max(
            (len(window & _window(theirs, place)) for place, word in enumerate(theirs) if word == one), default=0
        )
        if opposed > agreed and opposed >= max(1, len(window) // 2):
            return True
    return False


_DIRECTIONS = frozenset("before after over under out off most least more less same all few".split())


def _stream(text: str) -> list[str]:
    """Stems of content words in order, repeats kept; "" where a clause ends."""
    found: list[str] = []
    for part in re.split(r"[,;:.!?]\s|\b(?:when|if|and|but|because|while|whereas)\b", text):
        found += [stem(word) for word in words(part) if word not in STOP_WORDS or word in _DIRECTIONS]
        found.append("")
    return found


def _window(stream: Sequence[str], at: int) -> set[str]:
    """Up to three words to either side, within the clause."""
    found: set[str] = set()
    for step in (-1, 1):
        for place in range(at + step, at + step * (_WINDOW + 1), step):
            if not 0 <= place < len(stream) or not stream[place]:
                break
            found.add(stream[place])
    return found


def _masked(stream: Sequence[str], one: str, other: str) -> list[str]:
    return ["*" if word in (one, other) else word for word in stream]


def _runs_in(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether ``part`` is a subsequence of ``whole``."""
    rest = iter(whole)
    return all(word in rest for word in part)
