"""Comparisons: one cited part for each thing compared, and the section that compares them when there is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from assistant.compose.draft import Statement, safe_markdown
from assistant.compose.evidence import Evidence, EvidenceSection, ScoredUnit
from assistant.compose.shapes import passage
from assistant.compose.units import section_units
from assistant.subjects import spoken
from assistant.words import overlap, stem_set, stems

_MOST = 4


def comparison(evidence: Evidence, look_up: Callable[[str], Evidence]) -> tuple[list[Statement], tuple[str, ...]]:
    """``(statements, names without evidence)``. ``look_up`` retrieves evidence for another question."""
    names = evidence.query.analysis.names[:_MOST]
    statements = _direct(evidence, names)
    missing: list[str] = []
    for name in names:
        said = [statement.text for statement in statements]
        best = _about(name, evidence, said) or _about(name, look_up(_question_about(name, evidence)), said)
        if best is None:
            missing.append(name)
            continue
        reference = (passage(best.source, best.unit, best.score),)
        statements.append(
            Statement(
                "bullet", f"**{safe_markdown(_label(name, evidence))}**: {safe_markdown(best.unit.text)}", reference
            )
        )
    return statements, tuple(missing)


def _direct(evidence: Evidence, names: tuple[str, ...]) -> list[Statement]:
    """A sentence that speaks of all the things at once, and a table that sets them side by side."""
    for scored in evidence.units:
        if not _COMPARES.search(scored.unit.text):
            continue
        if scored.unit.kind in ("sentence", "item") and all(
            _mentions(name, scored.unit.text, evidence) for name in names
        ):
            lead = Statement(
                "lead", safe_markdown(scored.unit.text), (passage(scored.source, scored.unit, scored.score),)
            )
            return [lead, *_table(evidence, names)]
    return _table(evidence, names)


def _table(evidence: Evidence, names: tuple[str, ...]) -> list[Statement]:
    for source in _with_siblings(evidence):
        rows = [unit for unit in source.parts.units if unit.kind == "row"]
        if not rows:
            continue
        header = " ".join(rows[0].header)
        if not all(_mentions(name, header, evidence) for name in names):
            continue
        width = len(rows[0].header)
        statements = []
        for unit in [row for row in rows if row.block == rows[0].block][:8]:
            cells = [pair.partition(": ")[2] for pair in unit.text.split("; ")]
            if len(cells) != width:
                continue
            statements.append(
                Statement(
                    "row",
                    "",
                    (passage(source, unit, source.relative),),
                    cells=tuple(safe_markdown(cell) for cell in cells),
                    header=tuple(safe_markdown(name) or " " for name in unit.header),
                )
            )
        return statements
    return []


def _with_siblings(evidence: Evidence) -> Iterator[EvidenceSection]:
    """The best sections, then the others of the best document: its comparison table may stand further down."""
    yield from evidence.sections[:3]
    if not evidence.sections:
        return
    first = evidence.sections[0]
    for section in first.sections:
        yield replace(first, parts=section_units(first.document.text, section))


def _about(name: str, evidence: Evidence, said: Sequence[str]) -> ScoredUnit | None:
    """The best unit of a section that is about this thing and not about another; what was said is not repeated."""
    for scored in evidence.units:
        if scored.unit.kind == "row" or any(overlap(stems(scored.unit.text), stems(text)) > 0.7 for text in said):
            continue
        others = [other for other in evidence.query.analysis.names if other != name]
        text, heading = scored.unit.text, scored.source.section.heading
        if any(_mentions(other, text, evidence) or _mentions(other, heading, evidence) for other in others):
            continue
        # A title that sets several things side by side says nothing of whom this unit speaks.
        title = " ".join(_place(scored.source))
        of_title = _mentions(name, title, evidence) and not any(_mentions(other, title, evidence) for other in others)
        if of_title or _mentions(name, heading, evidence) or _mentions(name, text, evidence):
            return scored
    return None


def _label(name: str, evidence: Evidence) -> str:
    """The name as the table or the question would write it: not the four-word one when there is a short one."""
    mention = next((m for m in evidence.query.analysis.mentions if m.name.canonical == name), None)
    return spoken(mention) if mention is not None else name


def _place(source: EvidenceSection) -> tuple[str, ...]:
    return (source.hit.title, *source.section.heading_path)


def _mentions(name: str, text: str, evidence: Evidence) -> bool:
    present = stem_set(text)
    mention = next((m for m in evidence.query.analysis.mentions if m.name.canonical == name), None)
    aliases = mention.name.aliases if mention is not None else (name,)
    return any(stem_set(alias) <= present for alias in aliases)


def _question_about(name: str, evidence: Evidence) -> str:
    others = {part for mention in evidence.query.analysis.mentions for part in stem_set(mention.alias)}
    aspect = [word for word in evidence.query.analysis.asked if not stem_set(word) <= others and word not in _COMPARING]
    return f"What is {name}? {' '.join(aspect)}".strip()


_COMPARES = re.compile(
    r"\b(?:while|whereas|unlike|than|both|instead|rather|differ\w*|but|on the other hand|compared|either|choose|prefer"
    r"|better|when)\b",
    re.I,
)
_COMPARING = frozenset("vs versus difference differences compare compared comparison differ between better".split())
