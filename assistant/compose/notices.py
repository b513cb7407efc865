"""Lifecycle notices: when a named service has ended or been closed, the answer says so.

The notice comes from front matter (``status``); the sentence shown is the document's own, quoted like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.compose.draft import Passage, Statement, safe_markdown
from assistant.compose.evidence import Evidence, EvidenceSection
from assistant.compose.units import section_units
from assistant.words import stem_set
from ingest.types import Notice

_STATES = {
    "ended": r"\b(?:end(?:s|ed)?|shut down|discontinued|no longer|retired|gone|withdrawn)\b",
    "closed to new customers": r"\b(?:closed|new customers|no longer (?:open|accept))",
}
_MOST = 2


def notices(evidence: Evidence, said: Sequence[Statement]) -> list[Statement]:
    """Notes on services that the question or the answer names, unless the answer says it already."""
    answer = " ".join(f"{statement.text} {' '.join(statement.cells)}" for statement in said)
    present = stem_set(f"{evidence.query.text} {answer}")
    found: list[Statement] = []
    services: set[str] = set()
    for source in evidence.sections:
        for notice in source.document.notices:
            if notice.state not in _STATES or notice.service in services or not _named(notice, present):
                continue
            services.add(notice.service)
            note = None if _says(notice, answer) else _quoted(notice, source)
            if note is not None and len(found) < _MOST:
                found.append(note)
    return found


def recommends_ended(evidence: Evidence, lead: Statement) -> bool:
    """Whether an answer that should name a choice leads with a service that has ended."""
    return any(_ended_in(lead.text, source) for source in evidence.sections)


def _ended_in(text: str, source: EvidenceSection) -> str:
    present = stem_set(text)
    named = (n.service for n in source.document.notices if n.state == "ended" and _named(n, present))
    return next(named, "")


def ended_first(
    statements: Sequence[Statement], notes: Sequence[Statement], look_up: Callable[[str], Evidence]
) -> list[Statement]:
    """The notice in front, then what replaces the service, then what was said: nobody should choose what is gone."""
    first = replace(notes[0], layout="lead")
    found = look_up(f"Which service replaces {_service_of(notes[0])}?")
    said = {passage.key for passage in first.passages}
    instead = [
        Statement(
            "sentence",
            safe_markdown(scored.unit.text),
            (
                Passage(
                    scored.source.document,
                    scored.source.section,
                    scored.source.hit.title,
                    scored.unit.start,
                    scored.unit.end,
                    scored.score,
                ),
            ),
        )
        for scored in found.units[:3]
        if _REPLACES.search(f"{scored.source.section.heading} {scored.unit.text}") and scored.unit.kind != "row"
    ][:1]
    rest = [replace(s, layout="sentence") if s.layout == "lead" else s for s in statements]
    known = said | {passage.key for statement in instead for passage in statement.passages}
    return [first, *instead, *(s for s in rest if not {p.key for p in s.passages} & known), *notes[1:]]


def _service_of(note: Statement) -> str:
    notices = (notice for passage in note.passages for notice in passage.document.notices)
    return next((n.service for n in notices if n.state == "ended" and _named(n, stem_set(note.text))), note.text)


_REPLACES = re.compile(r"\b(?:replac\w*|instead|successor|migrat\w*|in its place)\b", re.I)


def short_name(service: str) -> str:
    """ "Amazon Quantum Ledger Database (Amazon QLDB)" gives "QLDB": the part that every mention carries."""
    inner = re.search(r"\(([^)]+)\)", service)
    return re.sub(r"^(?:Amazon|AWS)\s+", "", inner.group(1) if inner else service)


def _named(notice: Notice, present: frozenset[str]) -> bool:
    return stem_set(short_name(notice.service)) <= present


def _says(notice: Notice, text: str) -> bool:
    year = notice.date[:4]
    return bool(year and year in text and re.search(_STATES[notice.state], text, re.I))


def _quoted(notice: Notice, source: EvidenceSection) -> Statement | None:
    """The document's own sentence on it: names the service, the year and what happened."""
    wanted = stem_set(short_name(notice.service))
    for section in source.sections:
        for unit in section_units(source.document.text, section).units:
            if unit.kind == "sentence" and wanted <= stem_set(unit.text) and _says(notice, unit.text):
                reference = Passage(source.document, section, source.hit.title, unit.start, unit.end, source.relative)
                return Statement("note", safe_markdown(unit.text), (reference,))
    return None
