"""The verdict on one sentence against one or more quotes: supported or not, and why not, in words for a person.

Rules first (figures, dates, names, negation, opposites, claims too wide): each can only speak against. Then a score of
shared vocabulary and embedding similarity says whether the quote speaks of the same thing at all. Thresholds were
chosen on the dev half of ``evals/sets/pairs/support.jsonl``; ``python -m evals.support`` reports the test half.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.names import Names
from assistant.support.binding import misplaced_date, misplaced_figure, misplaced_name, nearest_clause
from assistant.support.figures import dates, figures, same_figure, unit_words
from assistant.support.named import names_in, unnamed
from assistant.support.polarity import denies_alike, is_negated, is_wide, opposite, too_wide
from assistant.synonyms import synonyms_of
from assistant.words import STOP_WORDS, content_words, stem, stem_set, stems, words

Similarity = Callable[[str, Sequence[str]], Sequence[float]]
"""Cosines of one text to others."""

Finding = Literal["figure", "date", "name", "negation", "opposite", "bound", "order", "wide", "words"]

SCORE = 0.60
_COSINE_SHARE = 0.45
_FEW_WORDS = 0.34


@dataclass(frozen=True, slots=True)
class Quote:
    """``text`` is what is quoted, plain; ``context`` what stands over it (title, headings, a list's first line)."""

    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``score`` is 0 to 1, higher is better; ``findings`` name what speaks against, ``reasons`` say it."""

    supported: bool
    score: float
    coverage: float
    cosine: float
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()


def check(
    claim: str, quotes: Sequence[Quote], names: Names | None = None, similarity: Similarity | None = None
) -> Verdict:
    """How well the quotes, taken together, bear out the claim (both plain text, markup off)."""
    if not quotes:
        return Verdict(False, 0.0, 0.0, 0.0, ("words",), ("No passage is cited for it.",))
    said = " ".join(quote.text for quote in quotes)
    around = " ".join(dict.fromkeys(quote.context for quote in quotes if quote.context))
    everything = f"{around}. {said}" if around else said
    found: list[tuple[Finding, str]] = [
        *_figures(claim, said, everything),
        *_dates(claim, everything),
        *_names(claim, everything, names),
    ]
    nearest = nearest_clause(claim, said)
    found += _polarity(claim, said, nearest, everything)
    coverage = _coverage(claim, everything)
    cosine = (
        max(similarity(claim, [q.text for q in quotes] + ([said] if len(quotes) > 1 else [])))
        if similarity
        else coverage
    )
    score = (1 - _COSINE_SHARE) * coverage + _COSINE_SHARE * max(0.0, cosine)
    lost = _lost_words(claim, everything)
    nearness = _ALIEN if coverage >= _MOST_WORDS else _ALIEN_AMONG_FEW
    strange = alien(lost, content_words(everything), similarity, nearness, next(iter(words(claim)), ""))
    if score < SCORE or coverage < _FEW_WORDS or strange:
        lost = strange or lost
        told = f": it says nothing of {', '.join(lost[:4])}" if lost else ""
        found.append(("words", f"The cited passage does not say this{told}."))
    kinds = tuple(dict.fromkeys(kind for kind, _ in found))
    return Verdict(not found, round(score, 4), round(coverage, 4), round(cosine, 4), kinds, tuple(r for _, r in found))


def _figures(claim: str, said: str, everything: str) -> list[tuple[Finding, str]]:
    found: list[tuple[Finding, str]] = []
    known = figures(everything)
    for figure in figures(claim):
        same = [other for other in known if same_figure(figure, other)]
        if not same:
            found.append(("figure", f"The figure {figure.text} is not in the cited passage."))
            continue
        opposed = [other for other in same if {figure.bound, other.bound} == {"most", "least"}]
        if len(opposed) == len(same):
            wanted, given = ("at most", "at least") if figure.bound == "most" else ("at least", "at most")
            found.append(("bound", f"The passage says {given} {figure.text}, not {wanted}."))
        elif misplaced_figure(claim, figure, said):
            found.append(("figure", f"The passage gives {figure.text} for something else."))
    found += [
        ("figure", f"The passage does not speak of {unit}s.")
        for unit in sorted(unit_words(claim) - unit_words(everything))
        if stem(unit) not in stem_set(everything)
    ]
    return found


def _dates(claim: str, everything: str) -> list[tuple[Finding, str]]:
    known = dates(everything)
    found: list[tuple[Finding, str]] = []
    for date in dates(claim):
        if not any(date.within(other) for other in known):
            found.append(("date", f"The date {date.text} is not in the cited passage."))
        elif misplaced_date(claim, date, everything):
            found.append(("date", f"The passage gives {date.text} for something else."))
    return found


def _names(claim: str, everything: str, names: Names | None) -> list[tuple[Finding, str]]:
    return [("name", f"The cited passage does not name {name}.") for name in unnamed(claim, everything, names)]


def _polarity(claim: str, said: str, nearest: str, everything: str) -> list[tuple[Finding, str]]:
    found: list[tuple[Finding, str]] = []
    if not denies_alike(claim, nearest, said):
        what = "denies what the passage says" if is_negated(claim) else "leaves out a denial in the passage"
        found.append(("negation", f"The sentence {what}."))
    against = opposite(claim, said)
    if against is not None:
        found.append(("opposite", f"The sentence says {against[0]}, the passage {against[1]}."))
    wide = too_wide(claim, everything)
    if wide:
        found.append(("wide", f'The passage does not say "{wide}".'))
    if _turned_round(claim, nearest):
        found.append(("order", "The sentence turns round which is which."))
    elsewhere = misplaced_name(claim, said)
    if elsewhere:
        found.append(("order", f"The passage says this of something else than {elsewhere}."))
    return found


_DIRECTED = re.compile(
    r"\b(?:than|from|to|replaces?|replaced|instead of|before|after|into|over|faster|slower|cheaper|larger|smaller"
    r"|unlike|whereas|while|rather)\b",
    re.I,
)


def _turned_round(claim: str, nearest: str) -> bool:
    """Whether two names change places: "A replaces B" for "B replaces A", "from A" for "to A"."""
    if _leaves_from_elsewhere(claim, nearest):
        return True
    mine, theirs = names_in(claim), names_in(nearest)
    if len(mine) < 2 or not _DIRECTED.search(claim) or not _DIRECTED.search(nearest):
        return False
    if len(stem_set(claim) ^ stem_set(nearest)) > 3:
        return False
    common = [name for name in mine if name in theirs]
    return len(common) >= 2 and [name for name in theirs if name in common] != common


_FROM = re.compile(r"\bfrom\s+(?:(?:an?|the|Amazon|AWS)\s+)?([A-Z]\w+)")


def _leaves_from_elsewhere(claim: str, nearest: str) -> bool:
    """Whether the claim goes "from" a name that the evidence goes to, while the evidence goes from another one."""
    mine, theirs = set(_FROM.findall(claim)), set(_FROM.findall(nearest))
    if not mine or not theirs or mine & theirs:
        return False
    return all(name in nearest for name in mine) and any(name in claim for name in theirs)


def _coverage(claim: str, everything: str) -> float:
    """Share, 0 to 1, of the claim's content words that the evidence has, figures and synonyms counted as words."""
    mine = list(dict.fromkeys(stem(word) for word in content_words(claim)))
    if not mine:
        return 1.0
    present = stem_set(everything)
    return sum(_has(word, present) for word in mine) / len(mine)


def _has(stemmed: str, present: frozenset[str]) -> bool:
    return stemmed in present or any(other in present for other in synonyms_of(stemmed))


def _lost_words(claim: str, everything: str) -> list[str]:
    present = stem_set(everything)
    return [word for word in content_words(claim) if not _has(stem(word), present) and word not in STOP_WORDS]


_ALIEN = 0.46
_ALIEN_NAME = 0.7
_ALIEN_AMONG_FEW, _MOST_WORDS = 0.58, 0.76
"""Where fewer of the words are found, one that is not has to come nearer."""
_LIGHT = frozenset(
    stem(word)
    for word in """
    receive get obtain end even further yet
    since longer reach come last first now still time case way ideal good well part able ability make makes made take
    let lets allow allows enable offer offers provide provides handle handles include includes feature work works run
    keep hold apply fit suit serve become remain stay give gain require need support provide involve mean consist
    overall thus therefore hence additionally moreover furthermore respectively example instance particular namely
    because due instead also however both either various several many different number value amount type kind order
    short simply typically generally usually designed intended means purpose important note possible available set
    result change changes allows limited limit maximum total current currently specific certain additional only just
    available reduces reduce increase based depends dependent related whole entire complete fully
    """.split()
)
"""Words with which any sentence may be put; they add no fact of their own."""


def alien(
    lost: Sequence[str], known: Sequence[str], similarity: Similarity | None, nearness: float, opening: str = ""
) -> list[str]:
    """Words of a sentence that the evidence neither has nor comes near: they say something of their own.

    The word that opens a sentence may be a name, whose capital tells nothing there: it has to come nearer.
    """
    if similarity is None:
        return []
    heavy = [word for word in lost if stem(word) not in _LIGHT and not is_wide(word)]
    return [
        word
        for word in heavy
        if max(similarity(word, list(dict.fromkeys(known))), default=0.0)
        < (_ALIEN_NAME if word == opening else nearness)
    ]


def claims_nothing(text: str) -> bool:
    """Whether a sentence only leads over to the next ("In short:", "Here is how:") and states nothing to check."""
    bare = text.strip().rstrip(":")
    if not bare or not stems(bare):
        return True
    if figures(bare) or dates(bare):
        return False
    if text.strip().endswith((":", "?")):
        return len(content_words(bare)) <= 6  # its names are looked at all the same, see judging.py
    return len(content_words(bare)) <= 1 and not names_in(bare)
