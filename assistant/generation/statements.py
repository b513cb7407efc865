"""A model's text, as it streams, cut into statements: sentences, list items, table rows, headings, code blocks.

Each statement keeps the marks that stand in or right after it. Like the marks, the cuts depend on the text alone,
not on how it arrived. What a statement is worth is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from assistant.generation.markers import Mark, MarkParser, Text
from ingest.sentences import sentence_spans

StatementKind = Literal["sentence", "row", "rule", "heading", "code"]

_FIRST_MARK = 0xE000
_MARKS = 1000
_MARK = re.compile(f"[{chr(_FIRST_MARK)}-{chr(_FIRST_MARK + _MARKS - 1)}]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LEAD = re.compile(r"\s*(?:>\s?)*(?:(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)?")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*|\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement. ``lead`` is what stands before it (line breaks, a bullet, a space), ``text`` the statement with
    each mark as ``mark_character(number)``, ``numbers`` those marks in order."""

    kind: StatementKind
    lead: str
    text: str

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(ord(mark) - _FIRST_MARK for mark in _MARK.findall(self.text)))

    @property
    def bare(self) -> str:
        """The text without marks and the spaces before them."""
        return without_marks(self.text)


def mark_character(number: int) -> str:
    return chr(_FIRST_MARK + min(number, _MARKS - 1))


def without_marks(text: str) -> str:
    return re.sub(rf"[ \t]*{_MARK.pattern}+", "", text).strip()


def split_marks(text: str) -> list[str | int]:
    """Text and mark numbers in order: "A is B⟨1⟩." gives ["A is B", 1, "."]."""
    found: list[str | int] = []
    for part in re.split(f"({_MARK.pattern})", text):
        if part:
            found.append(ord(part) - _FIRST_MARK if _MARK.fullmatch(part) else part)
    return found


class StatementReader:
    """Feed pieces of a model's text; statements come out as soon as they are certain."""

    def __init__(self) -> None:
        self._parser = MarkParser()
        self._line = ""
        self._lead = ""
        self._fence: list[str] = []
        self._begun = False
        """Whether the line's own lead (indentation, bullet) has been taken off it."""
        self._given = 0
        """How much of the line has been given out. It stays: where a sentence ends depends on what stands before."""

    def feed(self, piece: str) -> list[Piece]:
        return self._take(self._parser.feed(_PRIVATE.sub("�", piece).replace("\r\n", "\n").replace("\r", "\n")))

    def finish(self) -> list[Piece]:
        pieces = self._take(self._parser.finish())
        if self._line:
            pieces += self._end_of_line()
        if self._fence:
            pieces.append(Piece("code", self._lead, "\n".join(self._fence)))
            self._fence = []
        return pieces

    def unfinished(self) -> str:
        """What has been read and not been given out, for a stream that broke off."""
        return self._line[self._given :]

    def _take(self, tokens: list[Text | Mark]) -> list[Piece]:
        pieces: list[Piece] = []
        for token in tokens:
            if isinstance(token, Mark):
                self._line += mark_character(token.number)
                continue
            head, *rest = token.text.split("\n")
            self._line += head
            for line in rest:
                pieces += self._end_of_line()
                if not self._fence:
                    self._lead = self._lead.rstrip(" ") + "\n"
                self._line = line
            pieces += self._certain()
        return pieces

    def _end_of_line(self) -> list[Piece]:
        line, self._line = self._line, ""
        began, self._begun = self._begun, False
        given, self._given = self._given, 0
        if self._fence:
            return self._in_fence(line)
        if not began and _FENCE.match(line):
            self._fence = [line]
            return []
        if not line.strip():
            return []
        if not began:
            if _RULE.fullmatch(_MARK.sub("", line)):
                return [self._made("rule", line)]
            if line.lstrip().startswith("|"):
                return [self._made("row", line.strip())]
            if re.match(r"\s{0,3}#{1,6}\s", line):
                return [self._made("heading", line.strip())]
            if not _MARK.sub("", line).strip():
                return [self._made("sentence", line.strip())]  # marks alone on a line belong to what came before
            line = self._take_lead(line)
        return [self._made("sentence", line[start:end]) for start, end in _sentences(line) if start >= given]

    def _in_fence(self, line: str) -> list[Piece]:
        self._fence.append(line)
        opener = _FENCE.match(self._fence[0])
        closing = _FENCE.fullmatch(line.rstrip())
        if (
            opener
            and closing
            and closing.group(1)[0] == opener.group(1)[0]
            and len(closing.group(1)) >= len(opener.group(1))
        ):
            text, self._fence = "\n".join(self._fence), []
            return [self._made("code", text)]
        return []

    def _certain(self) -> list[Piece]:
        """Sentences of the line that nothing to come can change."""
        line = self._line
        if self._fence or not line.strip() or (not self._begun and not _is_prose(line)):
            return []
        if not self._begun:
            line = self._line = self._take_lead(line)
            self._begun = True
        spans = _sentences(line)
        done: list[Piece] = []
        for (start, end), (after, _) in pairwise(spans):
            # Whether a full stop ends a sentence is seen from the next word: it has to be there whole.
            if not re.match(r"\S+\s", _MARK.sub("", line[after:])) or len(line) - after < 12:
                break
            if start >= self._given:
                done.append(self._made("sentence", line[start:end]))
                self._given = after
        return done

    def _take_lead(self, line: str) -> str:
        match = _LEAD.match(line)
        length = match.end() if match else 0
        self._lead += line[:length]
        return line[length:]

    def _made(self, kind: StatementKind, text: str) -> Piece:
        lead, self._lead = self._lead, " "
        return Piece(kind, lead, text)


def _is_prose(line: str) -> bool:
    """Whether a line that has begun is sure to be prose: no table, heading, rule or code fence."""
    head = line.lstrip()
    if len(head) < 4 or head[0] in "|#`~" or _MARK.match(head):
        return False
    return re.fullmatch(r"[-*+•>\d.)(\[\]xX_:|\s]*", line) is None  # a bullet or a number may still become a lead


def _sentences(line: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a line, the marks right behind one included."""
    plain, places = [], []
    for at, character in enumerate(line):
        if not _MARK.fullmatch(character):
            plain.append(character)
            places.append(at)
        elif (
            plain
            and plain[-1] in ".!?…"
            and at + 1 < len(line)
            and not line[at + 1].isspace()
            and not _MARK.match(line[at + 1])
        ):
            plain.append(" ")  # "It is fast.[1]It is safe.": the mark parts them
            places.append(at)
    spans = sentence_spans("".join(plain))
    starts = [places[start] for start, _ in spans]
    found: list[tuple[int, int]] = []
    for index, (_, end) in enumerate(spans):
        begin = 0 if index == 0 else found[-1][1]
        stop = places[end - 1] + 1
        limit = starts[index + 1] if index + 1 < len(spans) else len(line)
        marks = re.compile(rf"\s*{_MARK.pattern}+").match(line, stop, limit)
        while marks:
            stop = marks.end()
            marks = re.compile(rf"\s*{_MARK.pattern}+").match(line, stop, limit)
        if index + 1 == len(spans):
            stop = len(line)
        text = line[begin:stop]
        found.append((begin + len(text) - len(text.lstrip()), stop))
    return found
