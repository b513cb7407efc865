"""Citation marks in a model's text, found while it streams: ``[1][2]``, ``[1, 2]``, ``[2-4]``, ``【1】``, ``[^1]``.

What is decided about a character depends on the text alone, never on how it was cut into pieces. Marks in code and
escaped ones stay text; which numbers exist is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST_MARK = 48
_LONGEST_LINK = 400
_WIDEST_RANGE = 12
_OPENERS = {"[": "]", "【": "】", "［": "］"}
_NUMBERS = re.compile(
    r"(?:(?:passages?|sources?|documents?|docs?|refs?|references?|citations?)\s*:?\s*)?[\^#]?"
    r"(\d{1,3}(?:\s*[-–]\s*[\^#]?\d{1,3})?(?:\s*[,;&]\s*[\^#]?\d{1,3}(?:\s*[-–]\s*[\^#]?\d{1,3})?)*)"
    r"(?:[:†‡|][^\[\]【】\n]*)?",
    re.I,
)
_FENCE = re.compile(r"(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    number: int


Token = Text | Mark


class MarkParser:
    """Feed pieces, get tokens; ``finish`` gives what was still undecided.

    >>> parser = MarkParser()
    >>> [*parser.feed("Keys are unique [1"), *parser.feed(", 2]."), *parser.finish()]
    [Text(text='Keys are unique '), Mark(number=1), Mark(number=2), Text(text='.')]
    """

    def __init__(self) -> None:
        self._buffer = ""
        self._line_start = True
        self._blank_line = True
        self._span = 0
        """Length of the run of backticks that opened the code span we are in, 0 outside."""
        self._fence = ""

    def feed(self, piece: str) -> list[Token]:
        self._buffer += piece
        return self._decide(last=False)

    def finish(self) -> list[Token]:
        return self._decide(last=True)

    def _decide(self, *, last: bool) -> list[Token]:
        tokens: list[Token] = []
        said: list[str] = []
        text, at = self._buffer, 0

        def flush() -> None:
            if said:
                tokens.append(Text("".join(said)))
                said.clear()

        while at < len(text):
            step = self._step(text, at, last)
            if step is None:
                break
            length, numbers = step
            if numbers is None:
                self._say(text[at : at + length])
                said.append(text[at : at + length])
            else:
                flush()
                tokens.extend(Mark(number) for number in numbers)
            at += length
        flush()
        self._buffer = text[at:]
        return tokens

    def _say(self, text: str) -> None:
        for character in text:
            if character == "\n":
                self._line_start = True
            elif not character.isspace():
                self._line_start = False

    def _step(self, text: str, at: int, last: bool) -> tuple[int, list[int] | None] | None:
        """``(length, numbers)`` of what stands at ``at`` (numbers None for text); None when more has to come first."""
        character = text[at]
        if self._fence:
            return self._in_fence(text, at, last)
        if character in "`~" and (self._line_start or character == "`"):
            run = _run(text, at)
            if at + run == len(text) and not last:
                return None
            if self._span:
                if character == "`" and run == self._span:
                    self._span = 0
            elif self._line_start and run >= 3:
                self._fence = character * run
            elif character == "`":
                self._span = run
            return run, None
        if character == "\n":
            if self._span:
                # A code span ends with its paragraph at the latest: an unpaired backtick must not hide what follows.
                blank = re.compile(r"\n[ \t]*(\n|$)").match(text, at)
                if blank and blank.end() == len(text) and not blank.group(1) and not last:
                    return None
                if blank and (blank.group(1) or last):
                    self._span = 0
            return 1, None
        if self._span:
            return 1, None
        if character == "\\":
            if at + 1 == len(text) and not last:
                return None
            return min(2, len(text) - at), None
        if character in _OPENERS:
            return self._bracket(text, at, last)
        return 1, None

    def _in_fence(self, text: str, at: int, last: bool) -> tuple[int, list[int] | None] | None:
        if self._line_start and text[at] == self._fence[0]:
            run = _run(text, at)
            end = text.find("\n", at)
            if end < 0 and not last:
                return None
            line = text[at : end if end >= 0 else len(text)]
            if run >= len(self._fence) and not line[run:].strip():
                self._fence = ""
            return len(line) or 1, None
        return 1, None

    def _bracket(self, text: str, at: int, last: bool) -> tuple[int, list[int] | None] | None:
        depth = 2 if text[at : at + 2] == "[[" else 1
        if text[at] == "[" and at + 1 == len(text) and not last:
            return None
        close = _OPENERS[text[at]] * depth
        window = text[at : at + _LONGEST_MARK]
        end = window.find(close, depth)
        line_end = window.find("\n")
        if end < 0 or 0 <= line_end < end:
            undecided = len(window) < _LONGEST_MARK and line_end < 0
            return None if undecided and not last else (1, None)
        match = _NUMBERS.fullmatch(window[depth:end].strip())
        if match is None:
            return 1, None
        length = end + depth
        link = self._link_after(text, at + length, last)
        if link is None:
            return None
        return length + link, _expanded(match.group(1))

    @staticmethod
    def _link_after(text: str, at: int, last: bool) -> int | None:
        """Length of a "(...)" that makes a mark a link: the number counts, the address was invented."""
        if at >= len(text):
            return 0 if last else None
        if text[at] != "(":
            return 0
        window = text[at : at + _LONGEST_LINK]
        match = re.match(r"\([^()\s]*\)", window)
        if match:
            return match.end()
        if re.fullmatch(r"\([^()\s]*", window) and len(window) < _LONGEST_LINK and not last:
            return None
        return 0


def _run(text: str, at: int) -> int:
    end = at
    while end < len(text) and text[end] == text[at]:
        end += 1
    return end - at


def _expanded(numbers: str) -> list[int]:
    """ "1, 3-5" gives [1, 3, 4, 5]; a range too wide to be meant gives its two ends."""
    found: list[int] = []
    for part in re.split(r"\s*[,;&]\s*", numbers):
        ends = [int(end) for end in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 < ends[1] - ends[0] <= _WIDEST_RANGE:
            found.extend(range(ends[0], ends[1] + 1))
        else:
            found.extend(ends)
    return list(dict.fromkeys(found))
