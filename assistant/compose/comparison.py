"""Comparisons: the section that sets the things side by side when there is one, else a small table, a cell for each.

What compares by itself comes first: a sentence that speaks of all the things, a table with a column for each, rows
that each name one. Otherwise each thing is looked up on its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.compose.draft import Passage, Statement, safe_markdown
from assistant.compose.evidence import Evidence, EvidenceSection, ScoredUnit, defines
from assistant.compose.parallels import Parallel, parallels
from assistant.compose.shapes import passage, row_statement
from assistant.compose.units import Unit, section_units
from assistant.subjects import spoken
from assistant.words import GENERIC_WORDS, overlap, stem, stem_set, stems

_MOST = 4
_MOST_ROWS = 8


def comparison(evidence: Evidence, look_up: Callable[[str], Evidence]) -> tuple[list[Statement], tuple[str, ...]]:
    """``(statements, names without evidence)``. ``look_up`` retrieves evidence for another question."""
    names = evidence.query.analysis.names[:_MOST]
    lead = _lead(evidence, names)
    table = _table(evidence, names) or _rows_by_name(evidence, names)
    if table:
        return [*lead, *table], ()
    things = [_thing(name, evidence, look_up, [statement.text for statement in lead]) for name in names]
    missing = tuple(thing.name for thing in things if thing.best is None)
    if missing:
        return [*lead, *(_bullet(thing) for thing in things if thing.best is not None)], missing
    return [*lead, *_cells(evidence, things)], ()


@dataclass(frozen=True, slots=True)
class _Thing:
    """One of the things compared. ``about`` is what a look-up of it alone found."""

    name: str
    label: str
    best: ScoredUnit | None
    about: Evidence | None


def _thing(name: str, evidence: Evidence, look_up: Callable[[str], Evidence], said: Sequence[str]) -> _Thing:
    aspect = _aspect(evidence)
    about = look_up(f"{aspect} of {_label(name, evidence)}" if aspect else f"What is {_label(name, evidence)}?")
    best = _about(name, evidence, said) if aspect else None
    best = best or _about(name, about, said, evidence) or _about(name, evidence, said)
    return _Thing(name, _label(name, evidence), best, about)


def _lead(evidence: Evidence, names: tuple[str, ...]) -> list[Statement]:
    """A sentence that speaks of all the things at once and sets them against each other."""
    for scored in evidence.units:
        text = scored.unit.text
        if scored.unit.kind not in ("sentence", "item") or not _COMPARES.search(text):
            continue
        if all(_mentions(name, text, evidence) for name in names):
            return [Statement("lead", safe_markdown(text), (passage(scored.source, scored.unit, scored.score),))]
    return []


def _table(evidence: Evidence, names: tuple[str, ...]) -> list[Statement]:
    """A table with a column for each thing."""
    for source in _with_siblings(evidence):
        rows = [unit for unit in source.parts.units if unit.kind == "row"]
        if not rows or not all(_mentions(name, " ".join(rows[0].header), evidence) for name in names):
            continue
        rows = [row for row in rows if row.block == rows[0].block]
        aspect = stem_set(_aspect(evidence))
        fitting = [row for row in rows if aspect & stem_set(row.text)]
        return [row_statement(source, unit, source.relative) for unit in (fitting or rows)[:_MOST_ROWS]]
    return []


def _rows_by_name(evidence: Evidence, names: tuple[str, ...]) -> list[Statement]:
    """The rows of one table that name one thing each, when together they name all of them."""
    for source in evidence.sections[:3]:
        rows = [unit for unit in source.parts.units if unit.kind == "row"]
        rows = [row for row in rows if row.block == rows[0].block]
        around = " ".join((source.section.heading, *(rows[0].header if rows else ())))
        if sum(_mentions(name, around, evidence) for name in names) == 1:
            continue  # a table of one of the things, which mentions the other in passing
        named = {row: [name for name in names if _mentions(name, _first_cell(row), evidence)] for row in rows}
        chosen = [row for row in rows if len(named[row]) == 1]
        if {name for row in chosen for name in named[row]} >= set(names):
            return [row_statement(source, unit, source.relative) for unit in chosen[:_MOST_ROWS]]
    return []


def _first_cell(row: Unit) -> str:
    """The cell without its column's name, which says the same in every row."""
    return row.text.split("; ")[0].removeprefix(f"{row.header[0]}: " if row.header else "")


def _with_siblings(evidence: Evidence) -> Iterator[EvidenceSection]:
    """The best sections, then the others of the best document: its comparison table may stand further down."""
    yield from evidence.sections[:3]
    if not evidence.sections:
        return
    first = evidence.sections[0]
    for section in first.sections:
        yield replace(first, parts=section_units(first.document.text, section))


def _cells(evidence: Evidence, things: Sequence[_Thing]) -> list[Statement]:
    """One row for what is asked, or, when nothing in particular is, what each thing is and where they differ."""
    aspect = _aspect(evidence)
    header = (" ", *(safe_markdown(thing.label) for thing in things))
    units = [thing.best for thing in things if thing.best is not None]
    label = f"{aspect[:1].upper()}{aspect[1:]}" if aspect else "What it is"
    rows = [_row(label, header, [(unit.unit.text, (passage(unit.source, unit.unit, unit.score),)) for unit in units])]
    if not aspect:
        own = {thing.name: stem_set(thing.label) for thing in things}
        rows.extend(_parallel_row(found, header) for found in parallels([t.about for t in things], list(own.values())))
    return rows


def _parallel_row(found: Parallel, header: tuple[str, ...]) -> Statement:
    cells = []
    for source, units in found.cells:
        text = "; ".join(unit.text.rstrip(".;") for unit in units)
        cells.append((text, tuple(passage(source, unit, source.relative) for unit in units)))
    return _row(found.label, header, cells)


def _row(label: str, header: tuple[str, ...], cells: Sequence[tuple[str, tuple[Passage, ...]]]) -> Statement:
    passages = tuple(passage for _text, found in cells for passage in found)
    texts = (f"**{safe_markdown(label)}**", *(safe_markdown(text) for text, _found in cells))
    return Statement("row", "", passages, texts, header, ((), *(found for _text, found in cells)))


def _bullet(thing: _Thing) -> Statement:
    assert thing.best is not None
    reference = (passage(thing.best.source, thing.best.unit, thing.best.score),)
    return Statement("bullet", f"**{safe_markdown(thing.label)}**: {safe_markdown(thing.best.unit.text)}", reference)


def _about(name: str, evidence: Evidence, said: Sequence[str], asked: Evidence | None = None) -> ScoredUnit | None:
    """The best unit of a section that is about this thing and not about another; what was said is not repeated."""
    asked = asked or evidence
    fitting: list[ScoredUnit] = []
    for scored in evidence.units:
        if scored.unit.kind == "row" or any(overlap(stems(scored.unit.text), stems(text)) > 0.7 for text in said):
            continue
        others = [other for other in asked.query.analysis.names if other != name]
        text, heading = scored.unit.text, scored.source.section.heading
        if any(_mentions(other, text, asked) or _mentions(other, heading, asked) for other in others):
            continue
        # A title that sets several things side by side says nothing of whom this unit speaks.
        title = " ".join(_place(scored.source))
        of_title = _mentions(name, title, asked) and not any(_mentions(other, title, asked) for other in others)
        if of_title or _mentions(name, heading, asked) or _mentions(name, text, asked):
            fitting.append(scored)
    if evidence is not asked and not _aspect(asked):
        return next((scored for scored in fitting if defines(evidence.query, scored.unit.text)), None) or _first(
            fitting
        )
    return _first(fitting)


def _first(found: Sequence[ScoredUnit]) -> ScoredUnit | None:
    return found[0] if found else None


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


def _aspect(evidence: Evidence) -> str:
    """What is compared of the things, in the words of the question; "" when nothing in particular is."""
    others = {part for mention in evidence.query.analysis.mentions for part in stem_set(mention.alias)}
    asked = (word for word in evidence.query.analysis.asked if not stem_set(word) <= others and word not in _COMPARING)
    return " ".join(word for word in asked if stem(word) not in _GENERIC)


_COMPARES = re.compile(
    r"\b(?:while|whereas|unlike|than|both|instead|rather|differ\w*|but|on the other hand|compared|either|choose|prefer"
    r"|better|when)\b",
    re.I,
)
_COMPARING = frozenset("vs versus difference differences compare compared comparison differ between better".split())
_GENERIC = frozenset(stem(word) for word in GENERIC_WORDS)
