"""Shapes of an extractive answer: prose, list, table rows, comparison, steps. Each returns statements with passages.

Answer first: the unit that answers best leads, what supports it follows in the order of the documents. Nothing here
writes facts of its own: every statement is a unit's words with its span.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from assistant.compose.draft import Passage, Statement, safe_markdown
from assistant.compose.evidence import Evidence, EvidenceSection, ScoredUnit
from assistant.compose.units import ListBlock, Unit, children_of, heading_span, section_units
from assistant.query import Query
from assistant.stance import agreement, tells_uses
from assistant.words import overlap, stem_set, stems
from ingest.types import Section

_SUPPORT = 3
_NEAR = 0.66
_NEAR_ELSEWHERE = 0.88
"""Scores, as a share of the lead's, from which a unit supports it: in its own section and in another."""

_MAX_ITEMS = 14
_MAX_ROWS = 8
_SHORT_TABLE, _NEAR_ROW = 4, 0.85
"""Of a table with more rows than this, those are shown whose score comes near the best one's."""


def passage(source: EvidenceSection, unit: Unit, score: float) -> Passage:
    return Passage(source.document, source.section, source.hit.title, unit.start, unit.end, score)


def prose(evidence: Evidence, lead: ScoredUnit) -> list[Statement]:
    """The best unit in bold, then what supports it; a list that supplies more than one part of it is given whole."""
    chosen = _announced(lead) or _supporting(evidence, lead)
    part = _list_within(lead, chosen)
    if part is not None:
        items = _list_statements(lead.source, lead.source.section, part)
        if lead.unit.kind == "item":
            return items
        return [_statement(lead, "lead"), *(items if part.intro else items[1:])]
    statements = [_statement(lead, "lead")]
    for scored in chosen or _continued(lead):
        statements.append(_statement(scored, "bullet" if scored.unit.kind == "item" else "sentence"))
    return statements


def _continued(lead: ScoredUnit) -> list[ScoredUnit]:
    """The sentence that goes on where a lead without support stops."""
    if lead.unit.kind != "sentence":
        return []
    after = [unit for unit in lead.source.parts.units if unit.order == lead.unit.order + 1]
    return [replace(lead, unit=unit) for unit in after if unit.kind == "sentence" and not (unit.lead_in or unit.link)]


def _announced(lead: ScoredUnit) -> list[ScoredUnit]:
    """The sentences that a short lead announces: "Migration can be done in two ways." says nothing without them."""
    text = lead.unit.text
    if lead.unit.kind != "sentence" or len(text) > _SHORT or not _COUNTS.search(text):
        return []
    units = lead.source.parts.units
    after = units[units.index(lead.unit) + 1 :][:_SUPPORT]
    told = takewhile(lambda unit: unit.kind == "sentence" and unit.block == lead.unit.block, after)
    return [replace(lead, unit=unit) for unit in told if not (unit.lead_in or unit.link)]


_SHORT = 90
_COUNTS = re.compile(
    r"\b(?:two|three|four|five|six|several|different|following)\s+(?:\w+\s+){0,2}?(?:ways|kinds|types|modes|options|parts"
    r"|forms|reasons|phases|stages|variants|approaches|methods|choices)\b",
    re.I,
)


def _list_within(lead: ScoredUnit, chosen: Sequence[ScoredUnit]) -> ListBlock | None:
    """The list of the lead's section that the answer would quote in part: steps by one item, bullets by two."""
    items = [scored.unit for scored in (lead, *chosen) if scored.source is lead.source and scored.unit.kind == "item"]
    for part in lead.source.parts.lists:
        quoted = sum(part.start <= unit.start < part.end for unit in items)
        if 1 < len(part.items) <= _MAX_ITEMS and quoted >= (1 if part.ordered else 2):
            return part
    return None


def _statement(scored: ScoredUnit, layout: str) -> Statement:
    text = safe_markdown(scored.unit.text)
    reference = (passage(scored.source, scored.unit, scored.score),)
    if layout == "lead":
        return Statement("lead", text, reference)
    return Statement("bullet" if layout == "bullet" else "sentence", text, reference)


def _supporting(evidence: Evidence, lead: ScoredUnit) -> list[ScoredUnit]:
    """Units that add to the lead: near it in score, saying something else, from its section first."""
    chosen: list[ScoredUnit] = []
    for scored in evidence.units:
        if scored is lead or scored.unit.kind == "row":
            continue
        same = scored.source is lead.source
        if scored.score < lead.score * (_NEAR if same else _NEAR_ELSEWHERE):
            continue
        said = [lead, *chosen]
        if any(overlap(stems(scored.unit.text), stems(other.unit.text)) > 0.5 for other in said):
            continue
        chosen.append(scored)
        if len(chosen) == _SUPPORT:
            break
    return sorted(chosen, key=lambda scored: (scored.source.hit.rank, scored.unit.start))


def list_answer(evidence: Evidence) -> list[Statement]:
    """The list, or the sub-headings, that the question asks for; empty when no section offers one."""
    best: tuple[float, EvidenceSection, Section, ListBlock | None] | None = None
    for source in evidence.sections:
        for section in _containers(source):
            parts = section_units(source.document.text, section)
            fit = _fit(evidence.query, source, section)
            offers = [(fit + _list_fit(evidence.query, part), part) for part in parts.lists if _offers(part, section)]
            children = children_of(source.sections, section)
            options: list[tuple[float, ListBlock | None]] = [(score, part) for score, part in offers]
            if len(children) > 1:
                # The sections of a whole document are rarely the list that is asked for.
                whole = 0.25 if section.parent < 0 else 0.0
                told = 0.25 * evidence.query.coverage(stem_set(_announcement(source, section)))
                options.append((fit + told + _children_fit(evidence.query, section, children) - whole, None))
            for score, part in options:
                if best is None or score > best[0]:
                    best = (score, source, section, part)
    named = _enumeration(evidence)
    if named is not None and named[0] > (best[0] if best is not None else 0.75):
        return prose(evidence, named[1])
    if best is None or best[0] < 0.75:
        return []
    _, source, section, part = best
    if part is not None:
        return _list_statements(source, section, part)
    return _children_statements(source, section)


def uses_answer(evidence: Evidence) -> list[Statement]:
    """ "When would I pick X?" wants the list of what X is good for, in or beside the section that was found."""
    for source in evidence.sections[:3]:
        near = [source.section, *children_of(source.sections, source.section)]
        if source.section.parent >= 0:
            near += children_of(source.sections, source.sections[source.section.parent])
        for section in near:
            if not tells_uses(section.heading) or evidence.query.coverage(_path_stems(section)) < _NAMES_IT:
                continue
            for part in section_units(source.document.text, section).lists:
                if _offers(part, section):
                    return _list_statements(source, section, part)
    return []


_NAMES_IT = 0.6
"""Share of the question that the headings of such a section carry: it is about the same thing."""


def _path_stems(section: Section) -> frozenset[str]:
    return stem_set(" ".join(section.heading_path))


_ENUMERATES = re.compile(
    r"\b(?:are|is|include|includes|including|supports?|covers?|names?|has|have)\b[^.]*?[^.,]{3,},\s[^.,]{3,},?\s+(?:and|or)\s",
    re.I,
)


def _enumeration(evidence: Evidence) -> tuple[float, ScoredUnit] | None:
    """The sentence that lists what is asked for ("The six pillars are ..., ... and ..."), on the scale of the lists."""
    fits = [
        (_fit(evidence.query, s.source, s.source.section) + 0.3 * evidence.query.coverage(stem_set(s.unit.text)), s)
        for s in evidence.units
        if s.unit.kind == "sentence" and s.covered > 0.95 and _ENUMERATES.search(s.unit.text)
    ]
    return max(fits, key=lambda fit: fit[0], default=None)


def _offers(part: ListBlock, section: Section) -> bool:
    """A list of one item answers only under a heading that names the aspect: "Weaknesses"."""
    return len(part.items) > 1 or bool(stem_set(section.heading) & _ASPECTS)


def _containers(source: EvidenceSection) -> list[Section]:
    """The section that was found and up to three around it, inner ones first."""
    around = [source.section]
    while around[-1].parent >= 0 and len(around) <= _LEVELS:
        around.append(source.sections[around[-1].parent])
    return around


_LEVELS = 3


def _fit(query: Query, source: EvidenceSection, section: Section) -> float:
    """How well a container's headings name what is asked, and how well its section was found."""
    covered = query.coverage(stem_set(" ".join(section.heading_path)))
    inner = query.coverage(stem_set(" ".join(source.section.heading_path)))
    # A section around the one that was found is meant when the inner heading adds nothing that was asked for.
    out = len(source.section.heading_path) - len(section.heading_path) + (section.index != source.section.index)
    named = covered >= max(inner, _SPEAKS_OF_IT) and section.parent >= 0
    own = 0.0 if section is source.section else 0.04 * out if named else -0.12 * out
    own += 0.4 * agreement(section.heading, query.analysis.text)
    return 0.7 * covered + 0.35 * source.relative + own


_SPEAKS_OF_IT = 0.25
"""Share of the question that a container's headings must carry to be more than merely around the section found."""


def _list_fit(query: Query, part: ListBlock) -> float:
    return 0.25 * query.coverage(stem_set(part.intro)) + (0.05 if part.intro else 0.0)


def _announcement(source: EvidenceSection, section: Section) -> str:
    """The last sentence before the sub-headings, if it announces them: "Here are the four principles:"."""
    body = source.document.text[section.body_start : section.end].rstrip(" *_\n")
    last = re.split(r"(?<=[.!?])\s+|\n", body)[-1] if body else ""
    return last if re.search(r":$|^(?:here|these|the following|below)\b", last, re.I) else ""


_ASPECTS = stem_set("strengths weaknesses benefits advantages disadvantages drawbacks limits services engines")


def _children_fit(query: Query, section: Section, children: Sequence[Section]) -> float:
    """Sub-headings answer "which principles", unless a child by itself names the aspect ("Weaknesses").

    A child that only repeats what the headings above it name ("Reduce cost" under "Cost") does not.
    """
    path = stem_set(" ".join(section.heading_path))
    own = [concept for concept in query.concepts if not concept.in_stems(path)]
    named = max(
        sum(concept.weight for concept in own if concept.in_stems(stem_set(child.heading))) / query.weight
        for child in children
    )
    aspect = any(_ASPECTS & set(stems(child.heading)[:2]) for child in children)  # not "Use managed services"
    return 0.12 - 0.5 * named - (0.3 if aspect else 0.0) + (0.1 if len(children) >= 3 else 0.0)


def _list_statements(source: EvidenceSection, section: Section, part: ListBlock) -> list[Statement]:
    score = source.relative
    statements = [Statement("intro", f"{safe_markdown(_list_title(section, part))}:")]
    for item in part.items[:_MAX_ITEMS]:
        reference = (Passage(source.document, section, source.hit.title, item.start, item.end, score),)
        statements.append(Statement("step" if part.ordered else "bullet", safe_markdown(item.text), reference))
    return statements


def _list_title(section: Section, part: ListBlock) -> str:
    if part.intro:
        return part.intro.rstrip(": ")
    names = [name for name in section.heading_path[-2:] if name]
    return " – ".join(names) if names else "The list"


def _children_statements(source: EvidenceSection, section: Section) -> list[Statement]:
    document = source.document
    statements = [Statement("intro", f"{safe_markdown(' – '.join(section.heading_path[-2:]))}:")]
    for child in children_of(source.sections, section)[:_MAX_ITEMS]:
        start, end = heading_span(document.text, child)
        first = next((unit for unit in section_units(document.text, child).units if unit.kind == "sentence"), None)
        title = f"**{safe_markdown(child.heading)}**"
        if first is not None and first.start - end < 12 and not first.lead_in:
            text, end = f"{title}: {safe_markdown(first.text)}", first.end
        else:
            text = title
        reference = (Passage(document, child, source.hit.title, start, end, source.relative),)
        statements.append(Statement("bullet", text, reference))
    return statements


def rows_answer(evidence: Evidence, lead: ScoredUnit) -> list[Statement]:
    """The rows of the lead's table that speak to the question, under its header; all of a short table, unless a value
    was asked for."""
    table = [unit for unit in lead.source.parts.units if unit.kind == "row" and unit.block == lead.unit.block]
    if len(table) <= _SHORT_TABLE and evidence.query.analysis.kind != "value":
        return [row_statement(lead.source, unit, lead.score) for unit in table]
    rows = [
        scored
        for scored in evidence.units
        if scored.unit.kind == "row" and scored.source is lead.source and scored.unit.block == lead.unit.block
    ]
    rows = [scored for scored in rows if scored.score >= lead.score * _NEAR_ROW][:_MAX_ROWS]
    rows.sort(key=lambda scored: scored.unit.start)
    return [row_statement(scored.source, scored.unit, scored.score) for scored in rows]


def _cell(unit: Unit, number: int) -> str:
    name = unit.header[number]
    for pair in unit.text.split("; "):
        if pair.startswith(f"{name}: "):
            return safe_markdown(pair[len(name) + 2 :])
    return ""


def _leads(evidence: Evidence, source: EvidenceSection) -> bool:
    return source.hit.rank == 1 or (evidence.best is not None and evidence.best.source is source)


def steps_answer(evidence: Evidence) -> list[Statement]:
    """A numbered list of the best section, or of one that comes near, in order; empty when there is none."""
    for source in evidence.sections[:3]:
        for part in source.parts.lists:
            if (
                part.ordered
                and len(part.items) > 1
                and source.relative > (0.8 if _leads(evidence, source) else _NEARLY_FIRST)
            ):
                return _list_statements(source, source.section, part)
    return []


_NEARLY_FIRST = 0.95
"""Ranking score, as a share of the best section's, from which another section's steps are those asked for."""


def table_of(source: EvidenceSection, query: Query) -> list[Statement]:
    """The first table of a section, the rows that share most with the question first cut to a readable number."""
    rows = [unit for unit in source.parts.units if unit.kind == "row"]
    rows = [unit for unit in rows if unit.block == rows[0].block]
    if not len(rows) > 1:
        return []
    if len(rows) > _MAX_ROWS:
        best = sorted(rows, key=lambda unit: -query.coverage(stem_set(unit.text)))[:_MAX_ROWS]
        rows = [unit for unit in rows if unit in best]
    return [row_statement(source, unit, source.relative) for unit in rows]


def row_statement(source: EvidenceSection, unit: Unit, score: float) -> Statement:
    cells = tuple(_cell(unit, name) for name in range(len(unit.header)))
    header = tuple(safe_markdown(name) or " " for name in unit.header)
    return Statement("row", "", (passage(source, unit, score),), cells=cells, header=header)
