"""Which stage failed for a real question that nobody labelled, from what its asker said was expected.

A first guess for a reviewer, with its reason. With an expected text it is searched for what the documents say of
it; without one, only the status and the asker's reason speak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.records.history import RecordedAnswer
from assistant.types import Hit
from evals.metrics.statements import borne_out
from evals.outcomes import Stage
from evals.playing import DEPTH, Asked, Documents
from evals.stages import RANKED_WELL
from ingest.errors import AskwellError
from ingest.types import Section

_NEAR = 0.5
"""Cosine of the best section from which a refused question probably has its answer there (MiniLM)."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """``stage`` is "" when the question is answered as expected by now. ``place`` is the section that says what was
    expected, None when it is not known; ``found`` the sections that the search finds first.
    """

    stage: Stage
    why: str
    place: Section | None
    found: tuple[Section, ...]


def diagnose(recorded: RecordedAnswer, before: Sequence[str], assistant: Asked, documents: Documents) -> Diagnosis:
    """``before``: the questions of the same conversation before this one, oldest first."""
    answer, expected = recorded.answer, recorded.expected.strip()
    hits = _search(assistant, answer.standalone_question, DEPTH)
    found = tuple(hit.section for hit in hits[:RANKED_WELL])
    if not expected:
        stage, why = _without_expected(recorded, hits)
        return Diagnosis(stage, why, None, found)
    saying = [rank for rank, hit in enumerate(hits, 1) if _says(expected, hit.section, documents)]
    if saying:
        place = hits[saying[0] - 1].section
        if saying[0] > RANKED_WELL:
            why = f"The section that says it is found, but only in place {saying[0]}."
            if _resolved(answer.question, before, expected, assistant, documents):
                return Diagnosis("follow-up not resolved", "With the question before, it is found.", place, found)
            return Diagnosis("ranked too low", why, place, found)
        stage, why = _at_hand(recorded, saying[0])
        return Diagnosis(stage, why, place, found)
    elsewhere = _resolved(answer.question, before, expected, assistant, documents)
    if elsewhere:
        return Diagnosis("follow-up not resolved", "With the question before, it is found.", elsewhere, found)
    by_itself = [hit.section for hit in _search(assistant, expected, 10) if _says(expected, hit.section, documents)]
    if by_itself:
        return Diagnosis("not retrieved", "A section says it, but the question does not find it.", by_itself[0], found)
    return Diagnosis("document missing", "No section says what was expected.", None, found)


def _at_hand(recorded: RecordedAnswer, rank: int) -> tuple[Stage, str]:
    """The section that says it was among the first."""
    answer = recorded.answer
    if answer.status in ("not_found", "clarify"):
        return "wrongly refused", f"The section that says it is in place {rank}, and the question was refused."
    if recorded.reason == "unsupported":
        return "miscited", "The asker says that the quotes say something else."
    if borne_out(recorded.expected, answer.text):
        return "", "The answer says what was expected; see the comment."
    return "not composed", f"The section that says it is in place {rank}, and the answer does not."


def _without_expected(recorded: RecordedAnswer, hits: Sequence[Hit]) -> tuple[Stage, str]:
    answer = recorded.answer
    if answer.status in ("not_found", "clarify"):
        nearest = max((hit.dense for hit in hits[:RANKED_WELL]), default=0.0)
        if nearest >= _NEAR:
            return "wrongly refused", f"Refused although a section is near (cosine {nearest:.2f})."
        return "document missing", f"Refused, and no section is near (best cosine {nearest:.2f})."
    return {
        "unsupported": ("miscited", "The asker says that the quotes say something else."),
        "outdated": ("document missing", "The asker says that the documents are out of date."),
        "not_found": ("not retrieved", "The asker says that the documents hold the answer."),
    }.get(recorded.reason, ("not composed", "Marked as wrong without a reason: compare it with the sections found."))  # type: ignore[return-value]


def _resolved(
    question: str, before: Sequence[str], expected: str, assistant: Asked, documents: Documents
) -> Section | None:
    """The section that says it, if searching with the question before finds it where the turn alone does not."""
    if not before:
        return None
    hits = _search(assistant, f"{before[-1]} {question}", RANKED_WELL)
    return next((hit.section for hit in hits if _says(expected, hit.section, documents)), None)


def _says(expected: str, section: Section, documents: Documents) -> bool:
    text = documents.document(section.document_id, section.collection).text[section.start : section.end]
    return borne_out(expected, text, " ".join(section.heading_path))


def _search(assistant: Asked, text: str, k: int) -> list[Hit]:
    try:
        return assistant.search(text, k)
    except AskwellError:
        return []
