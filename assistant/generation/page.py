"""The answer as it grows: statements become Markdown with marks numbered by first use, citations and checks.

A number is given when its span is first shown, one span keeps one number, and only spans that bear a statement out
get one: so no number can dangle, be late or lead to words that do not say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.compose.draft import Passage
from assistant.generation.judging import Judged
from assistant.generation.statements import split_marks
from assistant.links import source_url
from assistant.types import AnswerEvent, Check, Citation, CitationEvent, TokenEvent

UNSUPPORTED = "*(not supported by the documents)*"
_NEAREST = 160
_WORDS = re.compile(r"\s*\S+|\s+$")


class Page:
    def __init__(self) -> None:
        self.text = ""
        self.checks: list[Check] = []
        self._citations: dict[tuple[str, str, int, int], Citation] = {}
        self._lead = ""
        self.has_limits = False
        """Whether a sentence says what the documents do not say."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(self._citations.values())

    @property
    def has_statements(self) -> bool:
        return bool(self._citations)

    def add(self, judged: Judged) -> Iterator[AnswerEvent]:
        """Events for one statement: its words, each citation after the mark that first shows it."""
        lead = self._lead_of(judged)
        fresh: dict[int, Citation] = {}
        body = self._marked(judged, fresh)
        if not judged.supported:
            body = _with_note(body, judged.piece.kind)
        self.has_limits = self.has_limits or judged.limit
        start = len(self.text) + len(lead)
        yield from self._said(lead + body, fresh)
        numbers = tuple(self._citations[span.key].number for _, span in judged.cited)
        if judged.states or not judged.supported:
            reasons = judged.reasons
            if judged.nearest and not judged.supported:
                reasons = (*reasons, f"Nearest in the documents: “{_cut(judged.nearest)}”")
            self.checks.append(
                Check(start, start + len(body), judged.supported, reasons, tuple(dict.fromkeys(numbers)))
            )

    def drop(self, judged: Judged) -> None:
        """Leaves a statement out; what opens its line (a bullet, a paragraph) goes to the next one of the same line."""
        lead = judged.piece.lead
        if "\n" in lead or not self.text:
            self._lead = self._joined(lead)

    def append(self, text: str, citations: Sequence[Citation] = ()) -> Iterator[AnswerEvent]:
        """Text of another origin, with its own citations from 1, after what stands here."""
        numbers: dict[int, int] = {}
        fresh: dict[int, Citation] = {}
        for citation in citations:
            key = (citation.collection, citation.document, citation.start, citation.end)
            if key not in self._citations:
                self._citations[key] = _numbered(citation, len(self._citations) + 1)
                fresh[self._citations[key].number] = self._citations[key]
            numbers[citation.number] = self._citations[key].number
        moved = re.sub(
            r"(?<!\\)\[(\d+)\]", lambda m: f"[{numbers.get(int(m.group(1)), int(m.group(1)))}]", text.strip()
        )
        yield from self._said(("\n\n" if self.text else "") + moved, fresh)

    def _said(self, text: str, fresh: dict[int, Citation]) -> Iterator[AnswerEvent]:
        self.text += text
        for word in _WORDS.findall(text):
            yield TokenEvent(word)
            for mark in re.findall(r"(?<!\\)\[(\d+)\]", word):
                if int(mark) in fresh:
                    yield CitationEvent(fresh.pop(int(mark)))

    def _lead_of(self, judged: Judged) -> str:
        lead, self._lead = self._joined(judged.piece.lead), ""
        return lead if self.text else lead.lstrip("\n ")

    def _joined(self, lead: str) -> str:
        """Of two leads the one that opens a line; of two that do, the later."""
        return lead if "\n" in lead or not self._lead else self._lead

    def _marked(self, judged: Judged, fresh: dict[int, Citation]) -> str:
        """The statement's text with ``[n]`` where the model put its marks; what it did not mark goes to the end."""
        waiting = list(judged.cited)
        body = ""
        for part in split_marks(judged.piece.text):
            if isinstance(part, str):
                body += part
                continue
            here = [pair for pair in waiting if pair[0] == part]
            waiting = [pair for pair in waiting if pair[0] != part]
            body = self._put(body, [span for _, span in here], fresh)
        if waiting:
            spans = [span for _, span in waiting]
            if judged.piece.kind == "row" and body.rstrip().endswith("|"):
                return f"{self._put(body.rstrip()[:-1].rstrip(), spans, fresh)} |"
            if judged.piece.kind == "code":
                return f"{body}\n{self._marks(spans, fresh)}"
            body = self._put(body.rstrip(), spans, fresh)
        return _behind_the_stop(body.rstrip())

    def _put(self, body: str, spans: Sequence[Passage], fresh: dict[int, Citation]) -> str:
        if not spans:
            return body.rstrip(" ")  # a number that is not shown leaves no gap behind
        marks = self._marks(spans, fresh)
        joined = body.endswith("]") and re.search(r"(?<!\\)\[\d+\]$", body)
        return f"{body}{marks}" if joined else f"{body.rstrip(' ')} {marks}"

    def _marks(self, spans: Sequence[Passage], fresh: dict[int, Citation]) -> str:
        return "".join(dict.fromkeys(f"[{self._number(span, fresh)}]" for span in spans))

    def _number(self, span: Passage, fresh: dict[int, Citation]) -> int:
        known = self._citations.get(span.key)
        if known is None:
            known = Citation(
                number=len(self._citations) + 1,
                document=span.document.id,
                collection=span.document.collection,
                title=span.title,
                heading_path=span.section.heading_path,
                url=source_url(span.document.id, span.document.collection, span.start, span.end, span.section.anchor),
                quote=span.quote,
                start=span.start,
                end=span.end,
                score=round(span.score, 4),
                supported=True,
            )
            self._citations[span.key] = known
            fresh[known.number] = known
        return known.number


def _behind_the_stop(body: str) -> str:
    """ "It is fast [1]." becomes "It is fast. [1]": at the end of a statement, the marks stand behind its full stop."""
    return re.sub(r" ?((?:\[\d+\])+)([.!?…]+)$", r"\2 \1", body)


def _with_note(body: str, kind: str) -> str:
    if kind == "row" and body.rstrip().endswith("|"):
        return f"{body.rstrip()[:-1].rstrip()} {UNSUPPORTED} |"
    return f"{body}\n{UNSUPPORTED}" if kind == "code" else f"{body} {UNSUPPORTED}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _NEAREST else text[: _NEAREST - 1].rsplit(" ", 1)[0] + "…"


def _numbered(citation: Citation, number: int) -> Citation:
    return replace(citation, number=number)
