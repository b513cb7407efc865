"""Figures and dates of a text, in a form that can be compared: "1,024 KB", "two minutes", "July 31, 2025", "$0.25".

Versions and identifiers ("db.r6g.large", "PostgreSQL 16.4") are names and belong to ``names.py``; plain numbers that
follow a name ("MySQL 8") are figures here all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

Bound = Literal["", "most", "least"]

_WORDS = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 1_000_000,
    "billion": 1_000_000_000, "half": 0.5, "twice": 2, "double": 2, "triple": 3, "dozen": 12,
}  # fmt: skip
_SCALES = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "k": 1e3}
_SECONDS = {
    "ns": 1e-9, "nanosecond": 1e-9, "us": 1e-6, "µs": 1e-6, "microsecond": 1e-6, "ms": 1e-3, "millisecond": 1e-3,
    "s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0, "day": 86400.0,
    "week": 604800.0, "month": 2_629_800.0, "year": 31_557_600.0,
}  # fmt: skip
_BYTES = {"byte": 0, "bytes": 0, "kb": 1, "kib": 1, "mb": 2, "mib": 2, "gb": 3, "gib": 3, "tb": 4, "tib": 4, "pb": 5}
_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES = (
    re.compile(rf"\b(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b", re.I),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{_MONTH}),?\s+(?P<y>(?:19|20)\d\d)\b", re.I),
    re.compile(r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)(?:-(?P<d>\d\d))?\b"),
    re.compile(rf"\b(?P<m>{_MONTH})\s+(?:of\s+)?(?P<y>(?:19|20)\d\d)\b", re.I),
    re.compile(rf"\b(?P<m>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*%)", re.I),
    re.compile(r"(?<![\w.,$-])(?P<y>(?:19|20)\d\d)(?![\w-]|[.,]\d)"),
)
_NUMBER = re.compile(
    r"(?<![\w.])(?P<money>[$€£]\s?)?(?P<sign>[-−](?=\d))?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<version>(?:\.\d+)*)(?![\d])(?:\s?(?P<scale>hundred|thousand|million|billion|trillion)\b)?"
    r"(?:\s?-?(?P<percent>%|percent\b|per cent\b)|[\s-]?(?P<unit>[a-zA-Zµ]+))?",
    re.I,
)
_WORD_NUMBER = re.compile(
    rf"\b(?P<word>{'|'.join(_WORDS)}|one(?=\s+(?:(?:to|or)\s+\w+\s+)?(?:{'|'.join((*_SECONDS, *_BYTES))})s?\b))\b"
    r"(?:[\s-](?P<scale>hundred|thousand|million|billion)\b)?(?:[\s-](?P<unit>[a-zA-Z]+))?",
    re.I,
)
_MOST = re.compile(
    r"(?:at most|up to|no more than|not more than|not exceed(?:ing)?|maximum(?: of| is)?|max|fewer than|less than|under"
    r"|below|as many as|limit(?:ed)?(?: of| is| to)?|no longer than|within|not larger than|ceiling of)\s*$",
    re.I,
)
_LEAST = re.compile(
    r"(?:at least|no less than|no fewer than|not less than|minimum(?: of| is)?|min|more than|over|above"
    r"|exceed(?:s|ing)?|larger than|greater than|longer than|starting at|from)\s*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` in base units (seconds, bytes as powers of 1024, per cent as such); ``unit`` is what it counts.

    ``start`` and ``end`` are its place in the text; ``bound`` tells "at most" from "at least".
    """

    value: float
    unit: str
    text: str
    start: int
    end: int
    bound: Bound = ""


@dataclass(frozen=True, slots=True)
class Date:
    year: int
    month: int
    day: int
    text: str
    start: int
    end: int

    def within(self, other: Date) -> bool:
        """Whether the other date, which may be more exact, says at least as much: 2025 lies in July 31, 2025."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine in (0, theirs) for mine, theirs in pairs)


def dates(text: str) -> list[Date]:
    """Dates in order; parts that are not said are 0.

    >>> [(d.year, d.month, d.day) for d in dates("It ended on July 31, 2025, announced in 2024.")]
    [(2025, 7, 31), (2024, 0, 0)]
    """
    found: list[Date] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if any(match.start() < date.end and date.start < match.end() for date in found):
                continue
            parts = match.groupdict()
            month = _month(parts.get("m") or "")
            if month is None:
                continue
            day = int(parts.get("d") or 0)
            found.append(Date(int(parts.get("y") or 0), month, day, match.group(), match.start(), match.end()))
    return sorted(found, key=lambda date: date.start)


def figures(text: str) -> list[Figure]:
    """Numbers in digits and words with what they count, dates left out, in order.

    >>> [(f.value, f.unit, f.bound) for f in figures("at most 400 KB, two minutes and 99.9%")]
    [(409600.0, 'bytes', 'most'), (120.0, 'seconds', ''), (99.9, '%', '')]
    """
    taken = [(date.start, date.end) for date in dates(text)]
    found: list[Figure] = []
    for match in (*_NUMBER.finditer(text), *_WORD_NUMBER.finditer(text)):
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        figure = _figure(match, text)
        if figure is not None:
            taken.append((figure.start, figure.end))
            found.append(figure)
    return _ranged(sorted(found, key=lambda figure: figure.start), text)


def unit_words(text: str) -> set[str]:
    """Units of time and size that stand without a figure: "reads in microseconds" gives {"microsecond"}."""
    taken = [(figure.start, figure.end) for figure in figures(text)]
    return {
        match.group().lower().removesuffix("s")
        for match in re.finditer(r"\b[A-Za-z]{4,}\b", text)
        if match.group().lower().removesuffix("s") in _SECONDS and not any(a <= match.start() < b for a, b in taken)
    }


def is_unit(word: str) -> bool:
    return _unit(word) is not None


def _ranged(found: list[Figure], text: str) -> list[Figure]:
    """ "60 to 120 seconds": the first figure has the unit of the second."""
    ranged = list(found)
    for at in range(len(ranged) - 2, -1, -1):
        figure, following = ranged[at], ranged[at + 1]
        between = text[figure.end : following.start]
        if not figure.unit and following.unit and re.fullmatch(r"\s*(?:to|-|–|and|or)\s*", between):
            own = _figure_of_unit(following)
            ranged[at] = replace(figure, value=figure.value * own, unit=following.unit)
    return ranged


def _figure_of_unit(figure: Figure) -> float:
    """The factor that a figure's own unit has brought in ("2 minutes": 60)."""
    unit = re.search(r"[a-zA-Zµ]+$", figure.text)
    known = _unit(unit.group()) if unit else None
    return known[1] if known else 1.0


def same_figure(one: Figure, other: Figure) -> bool:
    """Equal values of the same kind; a unit that only one of them names does not part them."""
    if abs(one.value - other.value) > 1e-9 * max(1.0, abs(one.value)):
        return False
    measured = {"seconds", "bytes", "%", "money"}
    return one.unit == other.unit or not {one.unit, other.unit} & measured


def _figure(match: re.Match[str], text: str) -> Figure | None:
    parts = match.groupdict()
    word = parts.get("word")
    if word:
        value = float(_WORDS.get(word.lower(), 1))
        end = match.end("word")
    else:
        if parts["version"]:
            return None  # 3.11.2 is a name
        value = float(parts["number"].replace(",", ""))
        end = match.end("number")
        if text[match.end("number") : match.end("number") + 1].isalpha() and _unit(parts["unit"] or "") is None:
            return None  # "3NF", "6g"
    if parts.get("scale"):
        value *= _SCALES[parts["scale"].lower()]
        end = match.end("scale")
    if parts.get("sign"):
        value = -value
    unit, factor = "", 1.0
    if parts.get("money"):
        unit = "money"
    elif parts.get("percent"):
        unit, end = "%", match.end("percent")
    elif parts.get("unit"):
        known = _unit(parts["unit"])
        if known is not None:
            unit, factor = known
            end = match.end("unit")
    before = text[max(0, match.start() - 28) : match.start()]
    bound: Bound = "most" if _MOST.search(before) else "least" if _LEAST.search(before) else ""
    return Figure(value * factor, unit, text[match.start() : end].strip(), match.start(), end, bound)


def _unit(word: str) -> tuple[str, float] | None:
    lower = word.lower()
    singular = lower if lower in _SECONDS or lower in _BYTES else lower.removesuffix("s")
    if singular in _BYTES and (len(singular) > 2 or word[:1].isupper() or lower in _BYTES):
        return "bytes", 1024.0 ** _BYTES[singular]
    if singular in _SECONDS and lower not in ("s", "h"):
        return "seconds", _SECONDS[singular]
    if lower in ("s", "h") and word == lower:
        return "seconds", _SECONDS[lower]
    return None


def _month(word: str) -> int | None:
    """1 to 12; 0 for none; None for a word that is no month ("marching")."""
    if not word:
        return 0
    if word.isdigit():
        return int(word) if 1 <= int(word) <= 12 else None
    bare = word.lower().rstrip(".")
    for number, name in enumerate(_MONTHS, 1):
        if (
            bare == name
            or (len(bare) >= 3 and bare[:3] == name[:3] and name.startswith(bare))
            or bare == "sept" == name[:4]
        ):
            return number
    return None
