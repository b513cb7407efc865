"""Highlights a span of the source text in its rendered form, exactly.

A Markdown renderer forgets where its output came from. So two characters that the text does not contain are put
into the source where the span starts and ends, and show up in the HTML at the same places. A bad place (inside a
list marker, a table pipe, an address) would change what is rendered: every place is therefore proved by rendering
and comparing with the undisturbed page, and the next one inwards is tried when it fails. In the end each run of
text between the two becomes a ``<mark>``, across as many paragraphs, cells and list items as the span covers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

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


def mark(render: Render, text: str, start: int, end: int, others: Sequence[tuple[int, int]] = ()) -> Marked:
    """``render(text)`` with the words of ``text[start:end]`` in ``<mark>``, the first of them ``id="quote"``.

    ``others`` are further spans, shown as ``<span class="also">`` as far as they overlap nothing marked before them.

    >>> mark(lambda text: f"<p>{text}</p>", "Keys are unique.", 0, 4, [(9, 15)]).html
    '<p><mark id="quote">Keys</mark> are <span class="also">unique</span>.</p>'
    """
    plain = render(text)
    characters = _unused_characters(text)
    quote = _proved(render, plain, text, start, end, next(characters))
    if quote is None:
        return Marked(plain, False)
    places = [quote]
    for at, to in others:
        if all(to <= place.start or at >= place.end for place in places):
            place = _proved(render, plain, text, at, to, next(characters))
            places += [place] if place else []
    html = render(_inserted(text, places)) if len(places) > 1 else quote.html
    if not _undisturbed(html, plain, places):
        html, places = quote.html, [quote]
    return Marked(_wrap(html, places), True)


@dataclass(frozen=True, slots=True)
class _Place:
    """A span whose two characters, put into the text, change nothing but themselves; ``html`` shows it."""

    start: int
    end: int
    opener: str
    closer: str
    html: str = ""


def _proved(render: Render, plain: str, text: str, start: int, end: int, characters: tuple[str, str]) -> _Place | None:
    """The place nearest to the span that can be marked, or None."""
    start, end = max(0, start), min(len(text), end)
    if not text[start:end].strip():
        return None
    starts, ends = list(_starts(text, start, end)), list(_ends(text, start, end))

    def tried(at: int, to: int) -> _Place | None:
        place = _Place(at, to, *characters)
        html = render(_inserted(text, [place]))
        return replace(place, html=html) if _undisturbed(html, plain, [place]) else None

    def harmless(at: int) -> bool:
        html = render(text[:at] + characters[0] + text[at:])
        return html.count(characters[0]) == 1 and _bare(html, characters[0]) == plain

    if starts and ends and starts[0] < ends[0] and (first := tried(starts[0], ends[0])):
        return first
    at, to = next(filter(harmless, starts), None), next(filter(harmless, ends), None)
    return tried(at, to) if at is not None and to is not None and at < to else None


def _inserted(text: str, places: Sequence[_Place]) -> str:
    """The text with the characters of all places in it; where one span ends as the next begins, the end comes first."""
    marks = sorted(
        [(place.end, 0, place.closer) for place in places] + [(place.start, 1, place.opener) for place in places]
    )
    pieces, at = [], 0
    for offset, _, character in marks:
        pieces += [text[at:offset], character]
        at = offset
    return "".join([*pieces, text[at:]])


def _unused_characters(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of characters that the text does not contain.

    Control characters first: they end a bare URL and count as letters beside emphasis marks, so they disturb least.
    """
    free = (chr(code) for code in (*range(1, 9), *range(0xE000, 0xF8FF)) if chr(code) not in text)
    return zip(free, free, strict=False)


def _undisturbed(html: str, plain: str, places: Sequence[_Place]) -> bool:
    """Whether the characters of the places are in the visible text, once each, and nothing else changed."""
    characters = "".join(place.opener + place.closer for place in places)
    return all(html.count(character) == 1 for character in characters) and _bare(html, characters) == plain


def _bare(html: str, characters: str) -> str:
    """The page without the characters, except those in tags, which would be a disturbance."""
    gone = {ord(character): None for character in characters}
    return "".join(piece if piece.startswith("<") else piece.translate(gone) for piece in _TAG.split(html))


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


def _wrap(html: str, places: Sequence[_Place]) -> str:
    """Each run of text of a place in its own element, the first place's in ``<mark>``; white space stays as it is."""
    pieces: list[str] = []
    inside: _Place | None = None
    first = True

    def add(text: str) -> None:
        nonlocal first
        if inside is None or not text.strip():
            pieces.append(text)
        elif inside is not places[0]:
            pieces.append(f'<span class="also">{text}</span>')
        else:
            pieces.append(f'<mark id="quote">{text}</mark>' if first else f"<mark>{text}</mark>")
            first = False

    opening = {place.opener: place for place in places}
    every = "".join(place.opener + place.closer for place in places)
    for piece in _TAG.split(html):
        if piece.startswith("<") and piece.endswith(">"):
            pieces.append(piece)
            continue
        for part in re.split(f"([{every}])", piece):
            if part and part in every:
                inside = opening.get(part)
            elif part:
                add(part)
    return "".join(pieces)
