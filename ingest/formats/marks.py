r"""Anchors on their way through a converter: a number between two private-use characters, taken out again at the end.

>>> settle("# " + mark(0) + "Keys\n\n" + mark(1) + "\n\nText.", ["keys", "text"])
('# Keys\n\nText.\n', ((0, 'keys'), (8, 'text')))
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")


def mark(number: int) -> str:
    return f"{_OPEN}{number}{_CLOSE}"


def without_marks(text: str) -> str:
    """The text of a document before marks are put into it: characters that would be taken for them are dropped."""
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def settle(markdown: str, names: Sequence[str]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The text without marks, and where each named block begins. White space is tidied outside of code.

    An anchor that stood alone belongs to the block after it.
    """
    lines: list[str] = []
    anchors: list[tuple[int, str]] = []
    waiting: list[str] = []
    fence = ""
    offset = 0
    for line in markdown.split("\n"):
        waiting += [names[int(match)] for match in _MARK.findall(line)]
        bare = _MARK.sub("", line)
        opened = _FENCE.match(bare)
        if opened and (not fence or opened.group(1).startswith(fence)):
            fence = "" if fence else opened.group(1)
        elif not fence:
            bare = bare.rstrip()
            if not bare and (not lines or not lines[-1]):
                continue
        if waiting and bare.strip():
            anchors += [(offset, name) for name in dict.fromkeys(waiting)]
            waiting = []
        lines.append(bare)
        offset += len(bare) + 1
    while lines and not lines[-1].strip():
        lines.pop()
    text = "\n".join(lines) + "\n" if lines else ""
    return text, tuple((at, name) for at, name in anchors if at < len(text))
