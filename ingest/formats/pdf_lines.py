"""The lines of a PDF page in reading order, with their size and style, and its ruled tables.

Two columns are read one after the other where a gutter runs through many rows; a line across both ends them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_BOLD = re.compile(r"bold|black|heavy|semibold|demi|-bd\b", re.I)
_MONO = re.compile(r"courier|mono|nimbusmon|consol|menlo|typewriter|cmtt|cmsltt|sfttt?|sourcecode|firacode|code", re.I)
_CID = re.compile(r"\(cid:\d+\)")
_MARGIN = 0.12
"""Share of a page at its top and bottom where running lines stand."""
_EDGE = 0.06
_GUTTER = 9.0
_MIN_ROWS = 6
_TOUCHING = 0.12
"""Share of the size of the type that is no space between two words."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one column. ``size`` in points; ``bold`` and ``mono`` when all of its words are."""

    text: str
    page: int
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    mono: bool
    column: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]
    page: int
    top: float


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    font: str


def read_lines(page: Any) -> list[Line | Table]:
    tables = list(_tables(page))
    boxes = [box for _, box in tables]
    words = [
        _Word(_CID.sub("\ufffd", w["text"]), w["x0"], w["x1"], w["top"], w["bottom"], float(w["size"]), w["fontname"])
        for w in page.extract_words(extra_attrs=["fontname", "size"], x_tolerance_ratio=0.15, y_tolerance=2)
        if w["upright"] and not any(_inside(w, box) for box in boxes)
    ]
    lines: list[Line | Table] = list(_lines(words, float(page.width), page.page_number))
    for table, _ in tables:
        # Before the first line that stands below it and is read after what is beside it.
        at = next((i for i, line in enumerate(lines) if line.top >= table.top and _after(lines, i, table)), len(lines))
        lines.insert(at, table)
    return lines


def _after(lines: Sequence[Line | Table], position: int, table: Table) -> bool:
    """Whether nothing from ``position`` on stands above the table in the same column."""
    first = lines[position]
    column = first.column if isinstance(first, Line) else 0
    rest = (line for line in lines[position:] if isinstance(line, Line) and line.column == column)
    return all(line.top >= table.top for line in rest)


def _tables(page: Any) -> Iterator[tuple[Table, tuple[float, float, float, float]]]:
    if len(page.rects) + len(page.lines) + len(page.curves) < 4:
        return
    for found in page.find_tables():
        rows = [tuple(" ".join((cell or "").split()) for cell in row) for row in found.extract()]
        rows = [row for row in rows if any(row)]
        # A box drawn around text or code is a table of one cell.
        if len(rows) >= 2 and max(len(row) for row in rows) >= 2:
            yield Table(tuple(rows), page.page_number, found.bbox[1]), found.bbox


def _inside(word: Any, box: tuple[float, float, float, float]) -> bool:
    middle_x, middle_y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= middle_x <= box[2] and box[1] <= middle_y <= box[3])


def _lines(words: Sequence[_Word], width: float, page: int) -> Iterator[Line]:
    rows = _rows(words)
    gutter = _gutter(rows, width)
    if gutter is None:
        yield from (_line(row, page, 0) for row in rows)
        return
    left: list[Line] = []
    right: list[Line] = []
    for row in rows:
        if any(word.x0 < gutter - 1 and word.x1 > gutter + 1 for word in row) or _spans(row, gutter):
            yield from (*left, *right, _line(row, page, 0))
            left, right = [], []
            continue
        for side, column, kept in (
            (left, 1, [w for w in row if w.x1 <= gutter + 1]),
            (right, 2, [w for w in row if w.x0 >= gutter - 1]),
        ):
            if kept:
                side.append(_line(kept, page, column))
    yield from (*left, *right)


def _spans(row: Sequence[_Word], gutter: float) -> bool:
    """Words on both sides of the gutter with no more than a space between them: one line across both columns."""
    before = max((word.x1 for word in row if word.x1 <= gutter + 1), default=None)
    after = min((word.x0 for word in row if word.x0 >= gutter - 1), default=None)
    return before is not None and after is not None and after - before < _GUTTER * 0.8


def _rows(words: Sequence[_Word]) -> list[list[_Word]]:
    """Words whose middles are at the same height, from top to bottom, each row from left to right."""
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: ((word.top + word.bottom) / 2, word.x0)):
        middle = (word.top + word.bottom) / 2
        if rows:
            last = rows[-1][0]
            if abs(middle - (last.top + last.bottom) / 2) <= min(word.bottom - word.top, last.bottom - last.top) * 0.45:
                rows[-1].append(word)
                continue
        rows.append([word])
    return [sorted(row, key=lambda word: word.x0) for row in rows]


def _gutter(rows: Sequence[Sequence[_Word]], width: float) -> float | None:
    """The x that divides two columns of running text, or None."""
    votes: Counter[int] = Counter()
    for row in rows:
        for one, other in pairwise(row):
            if other.x0 - one.x1 >= _GUTTER and 0.3 * width < (one.x1 + other.x0) / 2 < 0.7 * width:
                votes.update(range(int(one.x1) + 2, int(other.x0) - 1))
    if not votes:
        return None
    most = max(votes.values())
    best = [x for x, count in votes.items() if count == most]
    gutter = sum(best) / len(best)
    beside = [row for row in rows if any(w.x1 < gutter for w in row) and any(w.x0 > gutter for w in row)]
    # Running text has several words on each side; the cells of a table without lines seldom do.
    text = [
        row
        for row in beside
        if sum(w.x1 < gutter for w in row) >= 3 and sum(w.x0 > gutter for w in row) >= 3 and not _spans(row, gutter)
    ]
    return gutter if len(text) >= _MIN_ROWS and len(text) * 2 >= len(beside) else None


def _line(words: Sequence[_Word], page: int, column: int) -> Line:
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.size * 2) / 2] += len(word.text)
    return Line(
        text=_joined(words),
        page=page,
        x0=min(word.x0 for word in words),
        x1=max(word.x1 for word in words),
        top=min(word.top for word in words),
        bottom=max(word.bottom for word in words),
        size=sizes.most_common(1)[0][0],
        bold=all(_BOLD.search(word.font) for word in words),
        mono=all(_MONO.search(word.font) for word in words),
        column=column,
    )


def _joined(words: Sequence[_Word]) -> str:
    """The words with spaces between them, except where only the typeface changes: "the `magic`, `glob` files"."""
    text = words[0].text
    for before, word in pairwise(words):
        text += word.text if word.x0 - before.x1 < _TOUCHING * word.size else f" {word.text}"
    return text


def without_running_lines(pages: Sequence[list[Line | Table]], heights: Sequence[float]) -> list[list[Line | Table]]:
    """The pages without headers and footers: what stands in the margin of most pages, numbers aside."""
    seen: Counter[str] = Counter()
    for lines, height in zip(pages, heights, strict=True):
        seen.update({_shape(line.text) for line in lines if isinstance(line, Line) and _in_margin(line, height)})
    enough = max(2, min(len(pages) // 3, 8))
    running = {shape for shape, count in seen.items() if count >= enough and len(pages) > 1}
    body = body_size(line for lines in pages for line in lines if isinstance(line, Line))
    running |= {"#", "page #", "page # of #", "# of #", "# / #", "- # -"}
    return [
        [line for line in lines if not (isinstance(line, Line) and _runs(line, height, body, running))]
        for lines, height in zip(pages, heights, strict=True)
    ]


def _runs(line: Line, height: float, body: float, running: set[str]) -> bool:
    at_the_edge = line.bottom < _EDGE * height or line.top > (1 - _EDGE) * height
    return (_in_margin(line, height) and _shape(line.text) in running) or (at_the_edge and line.size < body * 0.95)


def body_size(lines: Iterable[Line]) -> float:
    """The size that most of the text is set in."""
    sizes: Counter[float] = Counter()
    for line in lines:
        if not line.mono:
            sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _in_margin(line: Line, height: float) -> bool:
    return line.bottom < _MARGIN * height or line.top > (1 - _MARGIN) * height


def _shape(text: str) -> str:
    return re.sub(r"\d+|\b[ivxl]{1,6}\b", "#", text.lower()).strip()
