"""Sentences as exact spans: quotes are cut here, so a span never starts or ends inside a word."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…][\"'”’)\]*_`]*(?=\s)|[。！？]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|approx|incl|no|nos|fig|sec|ch|vol|ed|eds|st|mr|mrs|ms|dr|prof|inc|ltd|corp|co"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|u\.s|a\.k\.a|max|min)|\b[A-Z]|^\s*\d{1,3})\.$",
    re.I,
)
_OPENER = re.compile(r"\s*[\"'“‘(\[*_`<]*[A-Z0-9À-ÞΑ-ΩА-Я$]")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences in ``text[start:end]``, white space outside.

    >>> t = "It is at most 400 KB, e.g. an order. Larger goes to S3."
    >>> [t[a:b] for a, b in sentence_spans(t)]
    ['It is at most 400 KB, e.g. an order.', 'Larger goes to S3.']
    """
    stop = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, stop):
        cut = match.end()
        if not _OPENER.match(text, cut, stop) and text[match.start()] in ".…":
            continue
        if text[match.start()] == "." and _ABBREVIATION.search(text, max(begin, match.start() - 12), match.start() + 1):
            rest = text[cut:stop].lstrip()
            if not _closes_anyway(text, begin, match.start(), rest):
                continue
        _append(spans, text, begin, cut)
        begin = cut
    _append(spans, text, begin, stop)
    return spans


def _closes_anyway(text: str, begin: int, dot: int, rest: str) -> bool:
    """ "etc." and units may end a sentence: then a capitalised function word opens the next."""
    word = text[begin:dot].rsplit(None, 1)[-1].lower() if text[begin:dot].split() else ""
    opens = rest.split(None, 1)[0] if rest else ""
    return word in {"etc", "max", "min", "inc", "ltd", "co"} and opens in {
        "The", "A", "An", "It", "This", "These", "If", "In", "For", "You", "When", "With", "To", "AWS", "Amazon",
    }  # fmt: skip


def _append(spans: list[tuple[int, int]], text: str, begin: int, end: int) -> None:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    if end > begin:
        spans.append((begin, end))
