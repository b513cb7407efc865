"""Lines of a PDF written as Markdown: which are headings, which belong to one paragraph, list item or code block.

A heading is larger than the text, or bold and alone; its level is that of the bookmark with the same words, else it
follows from the sizes in use. Words divided at the end of a line are joined.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.formats.pdf_lines import Line, Table, body_size

_BULLET = re.compile(r"(?:[•◦▪▫‣●○■□–—·➢\uf0b7\uf0a7\ufffd*]|-|o(?=\s[A-Z]))\s+(?=\S)")
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]\s+(?=\S)")
_SECTION_NUMBER = re.compile(r"(?:\d+\.)*\d+\.?\s+|(?:chapter|appendix|part)\s+\w+[:.]?\s+", re.I)
_ENDS = re.compile(r"[.!?:;][\"'”’)\]]*$")
_DIVIDED = re.compile(r"([A-Za-zÀ-ɏ]{2,})[-\u00ad\u2010]$")
_DOTS = re.compile(r"(?:\s?\.){4,}\s*\d+$")
_STARTS = re.compile(r"([#>+-](?=\s)|={3,}\s*$|-{3,}\s*$)")
_LARGER = 1.08
_MOST = 160
_MOST_BOLD = 90


@dataclass(frozen=True, slots=True)
class Headings:
    """``outline``: (level from 1, title) of the document's bookmarks."""

    outline: tuple[tuple[int, str], ...] = ()

    def levels(self) -> dict[str, int]:
        return {_key(title): level for level, title in reversed(self.outline)}


@dataclass(slots=True)
class _Block:
    """``pieces`` are (page, text), joined without anything between them."""

    kind: str
    pieces: list[tuple[int, str]]
    last: Line | None = None
    level: int = 0
    indent: float = 0.0
    marker: str = ""
    lines: list[Line] = field(default_factory=list)


def write_markdown(pages: Sequence[Sequence[Line | Table]], headings: Headings) -> tuple[str, tuple[int, ...]]:
    """(text, offset at which each page begins)."""
    lines = [line for page in pages for line in page if isinstance(line, Line)]
    body = body_size(lines)
    blocks = list(_blocks(pages, body, headings, _words(lines)))
    _set_levels(blocks, headings)
    text: list[str] = []
    starts: dict[int, int] = {}
    at = 0

    def put(page: int, piece: str) -> None:
        nonlocal at
        starts.setdefault(page, at)
        text.append(piece)
        at += len(piece)

    previous: _Block | None = None
    for block in blocks:
        if previous is not None:
            together = previous.kind == "item" == block.kind
            put(previous.pieces[-1][0], "\n" if together else "\n\n")
        first = True
        for page, piece in _pieces(block):
            put(page, piece if not first else _opening(block) + piece)
            first = False
        previous = block
    text.append("\n" if text else "")
    offsets: list[int] = []
    for number in range(1, len(pages) + 1):
        following = [start for page, start in starts.items() if page >= number]
        offsets.append(min(following, default=at))
    return "".join(text), tuple(offsets)


def _words(lines: Sequence[Line]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in lines:
        found.update(re.findall(r"[a-zà-ɏ]+(?:-[a-zà-ɏ]+)*", line.text.lower()))
    return found


def _blocks(
    pages: Sequence[Sequence[Line | Table]], body: float, headings: Headings, words: Counter[str]
) -> Iterator[_Block]:
    open_block: _Block | None = None
    known = headings.levels()
    for line in (line for page in pages for line in page):
        if isinstance(line, Table):
            if open_block:
                yield open_block
                open_block = None
            yield _Block("table", [(line.page, _table(line))])
            continue
        if _DOTS.search(line.text):  # an entry of a printed table of contents
            continue
        kind, marker, text = _kind(line, body, known)
        if open_block is not None and _continues(open_block, line, kind):
            _join(open_block, line, text, words)
            continue
        if open_block:
            yield open_block
        open_block = _Block(kind, [(line.page, text)], line, indent=line.x0, marker=marker, lines=[line])
    if open_block:
        yield open_block


def _kind(line: Line, body: float, known: dict[str, int]) -> tuple[str, str, str]:
    """(kind, list marker, text without it)."""
    text = line.text.strip()
    larger = line.size > body * _LARGER
    short = len(text) <= _MOST and re.search(r"\w", text) is not None
    if line.mono and not larger:
        return "code", "", line.text
    in_outline = _key(text) in known and (line.bold or larger)
    if short and (larger or in_outline or (line.bold and line.size >= body * 0.95 and _names(text))):
        bullet = _BULLET.match(text)
        if not bullet:
            return "heading", "", text
    bullet = _BULLET.match(text)
    if bullet:
        return "item", "-", text[bullet.end() :]
    number = _NUMBER.match(text)
    if number:
        return "item", f"{number.group(1)}.", text[number.end() :]
    return "paragraph", "", text


def _names(text: str) -> bool:
    """Whether a bold line reads like a heading: short, and neither a sentence nor a piece of code."""
    return len(text) <= _MOST_BOLD and not _ENDS.search(text) and not re.search(r"[,()\[\]{}=]$|\w\(", text)


def _continues(block: _Block, line: Line, kind: str) -> bool:
    last = block.last
    if last is None:
        return False
    height = max(1.0, last.bottom - last.top)
    same_column = last.page == line.page and last.column == line.column
    gap = line.top - last.bottom if same_column else 0.0
    if block.kind == "code":
        return kind == "code" and (gap < height * 1.6)
    if block.kind == "heading":
        same = kind == "heading" and same_column and abs(line.size - last.size) < 0.6 and line.bold == last.bold
        return same and gap < height * 0.7 and len(block.pieces[0][1]) + len(line.text) < _MOST
    if kind != "paragraph":
        return False
    if not same_column:  # over to the next column or page: only in the middle of a sentence
        return not _ENDS.search(last.text) and line.text[:1].islower()
    if gap > height * 0.75 or abs(line.size - last.size) > 1.5:
        return False
    return block.kind != "item" or line.x0 > block.indent + 2


def _join(block: _Block, line: Line, text: str, words: Counter[str]) -> None:
    page, before = block.pieces[-1]
    divided = _DIVIDED.search(before)
    if block.kind == "code":
        block.lines.append(line)
        joined = "\n" + text
    elif divided and text[:1].islower():
        rest = re.match(r"[a-zà-ɏ]+", text)
        head, tail = divided.group(1).lower(), rest.group() if rest else ""
        # "read-" + "only" keeps its hyphen when the document writes "read-only" elsewhere.
        keeps = words[f"{head}-{tail}"] > words[head + tail]
        block.pieces[-1] = (page, before if keeps and before[-1] != "\u00ad" else before[:-1])
        joined = text
    else:
        joined = " " + text
    block.pieces.append((line.page, joined))
    block.last = line


def _set_levels(blocks: Sequence[_Block], headings: Headings) -> None:
    """Levels from the bookmarks where they name the heading, else from its size among those in use."""
    found = [block for block in blocks if block.kind == "heading"]
    known = headings.levels()
    levels = {id(block): known[key] for block in found if (key := _key(_text(block))) in known}
    sizes: dict[tuple[float, bool], int] = {}
    for block in found:  # what the bookmarks say of a size holds for others of that size
        if id(block) in levels and block.last:
            sizes.setdefault((block.last.size, block.last.bold), levels[id(block)])
    styles = sorted({(b.last.size, b.last.bold) for b in found if b.last}, key=lambda style: (-style[0], not style[1]))
    shift = 0
    if sizes:
        above = [style for style in styles if style not in sizes and style[0] > max(size for size, _ in sizes)]
        shift = 1 if above and min(sizes.values()) == 1 else 0
    deepest = 0
    for position, style in enumerate(styles):
        if sizes:
            deepest = sizes[style] + shift if style in sizes else (1 if style in above else deepest + 1)
        else:
            deepest = position + 1
        for block in found:
            if block.last and (block.last.size, block.last.bold) == style:
                block.level = min(6, levels[id(block)] + shift if id(block) in levels else deepest)


def _pieces(block: _Block) -> Iterator[tuple[int, str]]:
    if block.kind == "code":
        left = min(line.x0 for line in block.lines)
        widths = [(line.x1 - line.x0) / max(1, len(line.text)) for line in block.lines]
        width = max(1.0, sorted(widths)[len(widths) // 2])
        code = [" " * round((line.x0 - left) / width) + line.text for line in block.lines]
        yield block.lines[0].page, "```\n" + "\n".join(code) + "\n```"
        return
    for position, (page, piece) in enumerate(block.pieces):
        text = piece if block.kind == "table" else re.sub(r"<(?=[A-Za-z/!?])", r"\\<", piece)
        if position == 0 and block.kind == "paragraph":
            text = _STARTS.sub(lambda match: "\\" + match.group(), text, count=1) if _STARTS.match(text) else text
        yield page, text


def _opening(block: _Block) -> str:
    if block.kind == "heading":
        return "#" * max(1, block.level) + " "
    return f"{block.marker} " if block.kind == "item" else ""


def _text(block: _Block) -> str:
    return "".join(piece for _, piece in block.pieces)


def _key(title: str) -> str:
    """Titles are compared without their number, case and punctuation."""
    return re.sub(r"\W+", " ", _SECTION_NUMBER.sub("", title, count=1).lower()).strip()


def _table(table: Table) -> str:
    width = max(len(row) for row in table.rows)
    rows = [[cell.replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in table.rows]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "| " + " | ".join(["---"] * width) + " |", *lines[1:]])
