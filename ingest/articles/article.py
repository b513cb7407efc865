"""One article as its checks see it: front matter, sections, pieces of text and a masked copy for checking words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.blocks import Block, blocks, table_rows
from ingest.frontmatter import split_front_matter
from ingest.sections import find_sections, shifted
from ingest.types import Section

_CODE_SPAN = re.compile(r"(`+)[^`].*?\1", re.S)
_LINK = re.compile(r"(?P<text>\[[^\]]*\])\((?P<target>[^()\s]*(?:\([^()]*\))?[^()\s]*)(?:\s+\"[^\"]*\")?\)")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend. ``check`` names the rule in a word or two; ``line`` counts from 1."""

    document: str
    line: int
    check: str
    message: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, list item or table row: ``article.prose[start:end]`` is its text, the item's marker left out."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    target: str
    start: int


@dataclass(frozen=True, slots=True)
class Article:
    """``prose`` has the length of ``text``, with code, link targets and most of the front matter blanked out,
    so that an offset found in it is an offset of the file. ``problem`` says why front matter could not be read.
    """

    document: str
    text: str
    fields: Mapping[str, object]
    body: int
    prose: str
    sections: tuple[Section, ...]
    pieces: tuple[Piece, ...]
    links: tuple[Link, ...]
    problem: str = ""

    def finding(self, offset: int, check: str, message: str) -> Finding:
        return Finding(self.document, self.text.count("\n", 0, offset) + 1, check, message)

    def field_offset(self, name: str) -> int:
        """Where a front-matter field stands; the top of the file for one that is missing."""
        match = re.compile(rf"^{re.escape(name)}:", re.M).search(self.text, 0, self.body)
        return match.start() if match else 0

    @property
    def headings(self) -> tuple[Section, ...]:
        """Sections under real headings, in order (no pseudo-headings)."""
        return tuple(section for section in self.sections if section.kind == "heading")


def load_article(path: Path, document: str) -> Article:
    """Bytes that are not UTF-8 become U+FFFD, which the word checks then report."""
    return make_article(path.read_bytes().decode("utf-8", "replace"), document)


def make_article(text: str, document: str) -> Article:
    fields, body, warning = split_front_matter(text)
    found = shifted(blocks(text[body:]), body)
    prose = _front_matter_words(text[:body]) + _without_code(text, body, found)
    links = tuple(
        Link(match.group("target"), match.start()) for match in _LINK.finditer(prose, body) if match.group("target")
    )
    prose = _LINK.sub(lambda match: match.group("text") + " " * (len(match.group()) - len(match.group("text"))), prose)
    sections = find_sections(text, document, "corpus", body_offset=body, found=found)
    problem = warning or ("" if body else "there is no front matter")
    return Article(document, text, fields, body, prose, sections, tuple(_pieces(text, found)), links, problem)


def _front_matter_words(front: str) -> str:
    """Title and summary are read by people: they stay; the other lines are blanked."""
    lines = front.splitlines(keepends=True)
    return "".join(line if line.startswith(("title:", "summary:")) else _blank(line) for line in lines)


def _without_code(text: str, body: int, found: Sequence[Block]) -> str:
    prose = text
    for block in _walk(found):
        if block.kind == "code":
            prose = prose[: block.start] + _blank(text[block.start : block.end]) + prose[block.end :]
    return _CODE_SPAN.sub(lambda match: _blank(match.group()), prose[body:])


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _walk(found: Sequence[Block]) -> Iterator[Block]:
    for block in found:
        yield block
        yield from _walk(block.children)


def _pieces(text: str, found: Sequence[Block]) -> Iterator[Piece]:
    for block in _walk(found):
        if block.kind in ("paragraph", "html"):
            yield Piece(block.kind, block.start, block.end)
        elif block.kind == "table":
            yield from (Piece("row", start, end) for start, end in table_rows(text, block)[1:])
