"""Takes an answer's Markdown apart into statements with their citation numbers, and asks whether quotes bear
them out. By words and numbers, not by a language model: strict on figures, blind to paraphrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from evals.matching import plain

_MARK = re.compile(r"\[(\d+)\]")
_MARKS = re.compile(r"(?:\s*\[\d+\])+")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_RULE = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_MARKUP = re.compile(r"[*_`#>|]")

STOP_WORDS = frozenset(
    """a about above after all also an and any are as at be because been before being below between both but by can
    could did do does doing down during each either else for from further had has have having he her here hers him his
    how i if in into is it its itself just may me might more most must my no nor not of off on once one only or other
    our out over own same shall she should so some such than that the their them then there these they this those
    through to too under until up use used uses using very was we were what when where whereas which while who whom
    why will with within without would yes you your""".split()
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of the answer up to its marks: ``Statement("An item is at most 400 KB.", (1,))``."""

    text: str
    marks: tuple[int, ...]


def statements(answer: str) -> tuple[Statement, ...]:
    """The statements of an answer. A mark covers what stands before it in its paragraph, item or table row, back to
    the previous mark. Headings, lead-ins that end in a colon and table headers state nothing.

    >>> statements("Limits:\\n- Items: 400 KB [1]. Keys: 2 KB [2][3]\\n- Free.")
    (Statement(text='Items: 400 KB', marks=(1,)), Statement(text='Keys: 2 KB', marks=(2, 3)), \
Statement(text='Free.', marks=()))
    """
    return tuple(found for block in _blocks(answer) for found in _in_block(block))


def _blocks(answer: str) -> Iterator[str]:
    """Paragraphs (lines joined), list items and table rows; no headings, rules, table headers or lead-ins."""
    lines, paragraph, fenced = answer.splitlines(), list[str](), False
    for number, line in enumerate([*lines, ""]):
        fence = line.lstrip().startswith(("```", "~~~"))
        fenced = fenced != fence
        stripped = line.strip()
        starts = bool(_ITEM.match(line)) or stripped.startswith(("|", "#")) or not stripped or fence
        if paragraph and starts:
            yield " ".join(paragraph)
            paragraph = []
        header = number + 1 < len(lines) and stripped.startswith("|") and _RULE.match(lines[number + 1])
        if not stripped or fence or stripped.startswith("#") or header or (_RULE.match(line) and "-" in line):
            continue
        paragraph.append(_ITEM.sub("", stripped))
        if stripped.startswith("|"):
            yield paragraph.pop()


def _in_block(block: str) -> Iterator[Statement]:
    position = 0
    for run in _MARKS.finditer(block):
        text = block[position : run.start()]
        yield Statement(text.strip(" .;,|"), tuple(int(mark) for mark in _MARK.findall(run.group())))
        position = run.end()
    rest = block[position:].strip(" .;,|*_") if position else block.strip()
    if content_words(rest) and not rest.rstrip("*_ ").endswith(":"):
        yield Statement(rest, ())


@lru_cache(maxsize=50_000)
def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning, lower case. "The items are scalable" gives {"item", "scalabl"}."""
    import snowballstemmer

    words = [word.strip("'-") for word in _WORD.findall(_MARKUP.sub(" ", plain(text)))]
    parts = [part for word in words for part in (word, *word.split("-"))]
    kept = [part for part in parts if part not in STOP_WORDS and len(part) > 1]
    return frozenset(snowballstemmer.stemmer("english").stemWords(kept))


def numbers(text: str) -> frozenset[str]:
    """Figures without thousands separators: "1,000 of 400 KB" gives {"1000", "400"}."""
    return frozenset(found.replace(",", "").rstrip(".") for found in _NUMBER.findall(_MARK.sub(" ", text)))


def borne_out(statement: str, quote: str, context: str = "", share: float = 0.7) -> bool:
    """Whether the quote says it: all its numbers and at least ``share`` of its content words stand in the quote.

    ``context`` (title and heading path of the quote) may supply words, since "It is serverless" under the heading
    "Amazon Keyspaces" speaks of Keyspaces; numbers it may supply too ("Redis OSS 7").
    """
    known_numbers = numbers(quote) | numbers(context)
    if not numbers(statement) <= known_numbers:
        return False
    words = content_words(statement)
    known = content_words(quote) | content_words(context)
    return not words or len(words & known) / len(words) >= share
