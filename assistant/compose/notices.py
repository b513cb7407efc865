"""Lifecycle notices: when a named service has ended or been closed, the answer says so.

The notice comes from front matter (``status``); the sentence shown is the document's own, quoted like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
