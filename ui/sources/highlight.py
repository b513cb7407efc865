"""Highlights a span of the source text in its rendered form, exactly.

A Markdown renderer forgets where its output came from. So two characters that the text does not contain are put
into the source where the span starts and ends, and show up in the HTML at the same places. A bad place (inside a
list marker, a table pipe, an address) would change what is rendered: every place is therefore proved by rendering
and comparing with the undisturbed page, and the next one inwards is tried when it fails. In the end each run of
text between the two becomes a ``<mark>``, across as many paragraphs, cells and list items as the span covers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Render = Callable[[str], str]

_TRIES = 40
_MARKER = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])|#{1,6}(?=[ \t])|\||:(?=[ \t])))*[ \t]*")
_TAG = re.compile(r"(<[^>]*>)")
_WORD = re.compile(r"[^\W_]+")  # an underscore may be emphasis


@dataclass(frozen=True, slots=True)
class Marked:
    """The page and whether any of its words are marked."""

    html: str
    found: bool


def mark(render: Render, text: str, start: int, end: int) -> Marked:
    """``render(text)`` with the words of ``text[start:end]`` in ``<mark>``, the first of them ``id="quote"``.

    >>> mark(lambda text: f"<p>{text}</p>", "Keys are unique.", 0, 4).html
    '<p><mark id="quote">Keys</mark> are unique.</p>'
    """
    plain = render(text)
    start, end = max(0, start), min(len(text), end)
    if not text[start:end].strip():
        return Marked(plain, False)
    opener, closer = _unused_characters(text)
    starts, ends = list(_starts(text, start, end)), list(_ends(text, start, end))

    def with_marks(at: int, to: int) -> str:
        return render(f"{text[:at]}{opener}{text[at:to]}{closer}{text[to:]}")

    if starts and ends and starts[0] < ends[0]:
        html = with_marks(starts[0], ends[0])
        if _undisturbed(html, plain, opener, closer):
            return Marked(_wrap(html, opener, closer), True)
    at = next((p for p in starts if _undisturbed(render(text[:p] + opener + text[p:]), plain, opener)), None)
    to = next((p for p in ends if _undisturbed(render(text[:p] + closer + text[p:]), plain, closer)), None)
    if at is None or to is None or at >= to:
        return Marked(plain, False)
    html = with_marks(at, to)
    if not _undisturbed(html, plain, opener, closer):
        return Marked(plain, False)
    return Marked(_wrap(html, opener, closer), True)


def _unused_characters(text: str) -> tuple[str, str]:
    """Two characters that the text does not contain.

    Control characters first: they end a bare URL and count as letters beside emphasis marks, so they disturb least.
    """
    free = (chr(code) for code in (*range(1, 9), *range(0xE000, 0xF8FF)) if chr(code) not in text)
    return next(free), next(free)


def _undisturbed(html: str, plain: str, *sentinels: str) -> bool:
    """Whether the sentinels are in the visible text, once each, and nothing else changed."""
    if any(html.count(sentinel) != 1 for sentinel in sentinels):
        return False
    tags = "".join(_TAG.findall(html))
    bare = html
    for sentinel in sentinels:
        if sentinel in tags:
            return False
        bare = bare.replace(sentinel, "")
    return bare == plain


def _starts(text: str, start: int, end: int) -> Iterator[int]:
    """Places for the opening mark, best first: past the markers of its line, then inwards word by word."""
    seen: set[int] = set()
    at = start + len(text[start:end]) - len(text[start:end].lstrip())
    line = text.rfind("\n", 0, at) + 1
    marker = _MARKER.match(text, line, end)
    candidates = [max(at, marker.end() if marker else at)]
    first_word = _WORD.search(text, candidates[0], end)
    # Between the first character and the first word there may be emphasis, quotes or a backtick.
    candidates += range(candidates[0] + 1, min(first_word.start() + 1 if first_word else end, candidates[0] + 6))
    candidates += (match.start() for match, _ in zip(_WORD.finditer(text, at, end), range(_TRIES), strict=False))
    for place in candidates:
        if place not in seen and place < end:
            seen.add(place)
            yield place


def _ends(text: str, start: int, end: int) -> Iterator[int]:
    """Places for the closing mark, best first: after the last visible character, then inwards."""
    seen: set[int] = set()
    span = text[start:end].rstrip()
    bare = re.sub(r"[ \t]*\|?$", "", span)  # the last pipe of a table row is not text
    candidates = [start + len(bare), *(start + len(bare) - back for back in range(1, 6)), start + len(span)]
    ends = [match.end() for match in _WORD.finditer(text, max(start, end - 4000), end)]
    candidates += reversed(ends[-_TRIES:])
    for place in candidates:
        if place not in seen and place > start:
            seen.add(place)
            yield place


def _wrap(html: str, opener: str, closer: str) -> str:
    """Each run of text between the sentinels in its own ``<mark>``; white space between blocks stays as it is."""
    pieces: list[str] = []
    inside = False
    first = True

    def add(text: str) -> None:
        nonlocal first
        if inside and text.strip():
            pieces.append(f'<mark id="quote">{text}</mark>' if first else f"<mark>{text}</mark>")
            first = False
        else:
            pieces.append(text)

    for piece in _TAG.split(html):
        if piece.startswith("<") and piece.endswith(">"):
            pieces.append(piece)
            continue
        for part in re.split(f"([{opener}{closer}])", piece):
            if part == opener:
                inside = True
            elif part == closer:
                inside = False
            elif part:
                add(part)
    return "".join(pieces)
