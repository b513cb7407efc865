"""Cuts a long answer into pieces that each fit a limit, between blocks where it can, and never inside a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_FENCE = "```"
_UNBREAKABLE = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);|\s+|[^\s<&]+|.")


def pieces(blocks: Sequence[str], limit: int) -> list[str]:
    """The blocks, as many to a piece as fit into ``limit`` characters, a blank line between them.

    >>> pieces(["one", "two", "three"], 9)
    ['one\\n\\ntwo', 'three']
    """
    packed: list[str] = []
    for block in blocks:
        for part in _cut(block, limit):
            if packed and len(packed[-1]) + 2 + len(part) <= limit:
                packed[-1] += "\n\n" + part
            else:
                packed.append(part)
    return packed


def _cut(block: str, limit: int) -> Iterator[str]:
    """The block by lines, or by words where one line alone is too long; code stays code in every part."""
    if len(block) <= limit:
        yield block
        return
    is_code = block.startswith(_FENCE) and block.endswith(_FENCE)
    frame = len(_FENCE) * 2 + 2 if is_code else 0
    text = block[len(_FENCE) : -len(_FENCE)].strip("\n") if is_code else block
    for part in _filled(_lines(text, limit - frame), limit - frame):
        yield f"{_FENCE}\n{part}\n{_FENCE}" if is_code else part


def _lines(text: str, limit: int) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        if len(line) <= limit:
            yield line
        else:
            tokens = (found.group() for found in _UNBREAKABLE.finditer(line))
            for token in tokens:  # a single word beyond the limit has to be cut somewhere
                yield from (token[at : at + limit] for at in range(0, len(token), limit))
            yield "\n" if line.endswith("\n") and not line.isspace() else ""


def _filled(parts: Iterator[str], limit: int) -> Iterator[str]:
    filled = ""
    for part in parts:
        if filled and len(filled) + len(part) > limit:
            yield filled.strip("\n")
            filled = ""
        filled += part
    if filled.strip():
        yield filled.strip("\n")
