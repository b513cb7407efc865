"""One statement of a model, checked: what may be shown of it, which spans bear it out, and what speaks against it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.compose.draft import Passage
from assistant.generation.passages import SourcePassage
from assistant.generation.safe import echoes_rules, safe_code, safe_markdown_of
from assistant.generation.statements import Piece, mark_character, split_marks, without_marks
from assistant.names import Names
from assistant.support.addressed import addresses_a_model
from assistant.support.figures import dates, figures
from assistant.support.named import names_in, unnamed
from assistant.support.spans import Borne, Candidate, bear_out
from assistant.support.verdict import Finding, Similarity, claims_nothing
from ingest.plain import plain_inline

_LIMITS = re.compile(
    r"\b(?:documents?|passages?|documentation|sources?)\s+(?:here\s+)?(?:do|does|did)(?: not|n't)\s+"
    r"(?:say|mention|state|specify|cover|answer|tell|describe|give|provide|contain|include|explain|list|name|address)",
    re.I,
)
_PASSAGES = re.compile(r"\bpassages?(?= (?:do|does|did)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Judged:
    """``piece`` holds only what may be shown. ``cited`` pairs the number the model gave (0 for none) with a span.

    ``states`` is False for what claims nothing: a lead-over, a rule of a table. ``limit`` marks a sentence that says
    what the documents do not say. ``dropped`` ones are shown in no case.
    """

    piece: Piece
    supported: bool
    cited: tuple[tuple[int, Passage], ...] = ()
    findings: tuple[Finding, ...] = ()
    reasons: tuple[str, ...] = ()
    nearest: str = ""
    states: bool = True
    limit: bool = False
    dropped: bool = False

    @property
    def claim(self) -> str:
        return plain_of(self.piece)


_OPEN = re.compile(r"(?:do|does|did|is|are|was|can|could|will|would|should|must|has|have|whether)\b", re.I)


def _said_by(heading: str) -> str:
    """What a heading may add to a quote under it: of "Does DynamoDB support joins?" only the name, since it asks."""
    return " ".join(names_in(f"the {heading}")) if _OPEN.match(heading.strip()) else heading


def plain_of(piece: Piece) -> str:
    text = without_marks(piece.text)
    if piece.kind == "row":
        cells = [plain_inline(cell.strip()) for cell in text.strip().strip("|").split("|")]
        return "; ".join(cell for cell in cells if cell)
    return plain_inline(re.sub(r"^#{1,6}\s+", "", text))


class StatementJudge:
    """Knows the passages that one answer is written from."""

    def __init__(
        self,
        passages: Sequence[SourcePassage],
        question: str,
        names: Names | None,
        similarity: Similarity | None,
    ) -> None:
        self._passages = tuple(passages)
        self._names = names
        self._similarity = similarity
        self._question = question
        self._candidates: list[Candidate] = []
        self._places: list[tuple[SourcePassage, int, int]] = []
        for passage in passages:
            for unit in passage.units:
                if addresses_a_model(unit.text):
                    continue
                headings = map(_said_by, (passage.title, *passage.section.heading_path))
                context = ". ".join(filter(None, (*headings, unit.intro)))
                self._candidates.append(Candidate(len(self._places), unit.text, context))
                self._places.append((passage, unit.start, unit.end))
        self.evidence = "\n".join(f"{passage.headings}\n{passage.text}" for passage in passages)
        self._plain = " ".join((self.evidence, *(candidate.text for candidate in self._candidates)))
        self._header = ""
        self.spent = 0.0
        """Milliseconds that the checks took so far."""

    def judge(self, piece: Piece) -> Judged:
        began = time.perf_counter()
        try:
            return self._judged(piece)
        finally:
            self.spent += (time.perf_counter() - began) * 1000

    def _judged(self, piece: Piece) -> Judged:
        if piece.kind == "rule":
            return Judged(piece, True, states=False)
        if piece.kind == "code":
            return self._code(piece)
        safe = self._safe(piece)
        if not without_marks(safe.text).strip(" |*_-"):
            return Judged(safe, True, states=False, dropped=not safe.numbers)
        if echoes_rules(without_marks(safe.text), self._plain, (self._question,)):
            return Judged(safe, False, reasons=("It repeats the rules of the model.",), dropped=True)
        text = plain_of(safe)
        if _LIMITS.search(text) and not safe.numbers:
            limited = replace(
                safe, text=_PASSAGES.sub(lambda m: "documents" if m.group()[-1] == "s" else "document", safe.text)
            )
            return self._nowhere(limited, f"{self._plain} {self._question}", limit=True)
        if piece.kind == "heading" or (piece.kind == "row" and not self._header):
            if piece.kind == "row":
                self._header = text
            return self._nowhere(safe, f"{self._plain} {self._question}")
        if piece.kind != "row":
            self._header = ""
        if claims_nothing(text):
            return self._nowhere(safe, f"{self._plain} {self._question}")
        return self._statement(safe, text)

    def _statement(self, piece: Piece, text: str) -> Judged:
        known = {passage.number for passage in self._passages}
        cited = [number for number in piece.numbers if number in known]
        borne: Borne | None = None
        if cited:
            own = [c for c in self._candidates if self._places[c.key][0].number in cited]
            borne = bear_out(text, own, self._names, self._similarity)
        notes: tuple[str, ...] = ()
        if borne is None or not borne.verdict.supported:
            anywhere = bear_out(text, self._candidates, self._names, self._similarity)
            if anywhere.verdict.supported and cited:
                notes = ("The passage that was cited does not say it; the one shown does.",)
            elif anywhere.verdict.supported and piece.numbers:
                notes = ("The number that was cited does not exist; the passage shown says it.",)
            if borne is None or anywhere.verdict.supported:
                borne = anywhere
        if borne.verdict.supported:
            spans = tuple(self._span(candidate, borne.verdict.score, cited) for candidate in borne.chosen)
            return Judged(piece, True, spans, reasons=notes)
        nearest = borne.chosen[0].text if borne.chosen else ""
        return Judged(piece, False, (), borne.verdict.findings, borne.verdict.reasons, nearest)

    def _span(self, candidate: Candidate, score: float, cited: Sequence[int]) -> tuple[int, Passage]:
        passage, start, end = self._places[candidate.key]
        number = passage.number if passage.number in cited else 0
        return number, Passage(passage.document, passage.section, passage.title, start, end, score)

    def _nowhere(self, piece: Piece, evidence: str, *, limit: bool = False) -> Judged:
        """A piece that states nothing may still not bring in figures, dates or names of its own."""
        text = plain_of(piece)
        piece = replace(piece, text=without_marks(piece.text))
        strange = [f.text for f in figures(text) if all(abs(f.value - o.value) > 1e-9 for o in figures(evidence))]
        strange += [d.text for d in dates(text) if not any(d.within(other) for other in dates(evidence))]
        strange += unnamed(text, evidence, self._names)
        if not strange:
            return Judged(piece, True, states=False, limit=limit)
        reason = f"The documents given do not have: {', '.join(strange[:5])}."
        return Judged(piece, False, findings=("name",), reasons=(reason,), limit=limit)

    def _code(self, piece: Piece) -> Judged:
        """Code is shown as supported only if each of its lines stands in one passage."""
        piece = replace(piece, text=safe_code(piece.text, self.evidence))
        lines = [" ".join(line.split()) for line in piece.text.split("\n")[1:] if line.strip().strip("`~")]
        for passage in self._passages:
            folded = " ".join(passage.text.split())
            if lines and all(line in folded for line in lines):
                unit = next(
                    (u for u in passage.units if u.kind == "code" and lines[0] in " ".join(u.text.split())),
                    passage.units[0],
                )
                span = Passage(passage.document, passage.section, passage.title, unit.start, unit.end, passage.score)
                return Judged(piece, True, ((0, span),))
        return Judged(piece, False, (), ("words",), ("The code does not stand in the documents as it is here.",))

    def _safe(self, piece: Piece) -> Piece:
        """Text made safe between its marks; the marks themselves are ours."""
        parts = [part if isinstance(part, str) else mark_character(part) for part in split_marks(piece.text)]
        bare = "".join(parts)
        # Marks are single characters that no rule touches, so links that hold one are still seen whole.
        return replace(piece, text=safe_markdown_of(bare, self.evidence))
