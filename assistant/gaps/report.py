"""Makes the gap report of a period: collects, groups, names, and looks up what the documents say nearby today."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from assistant.chain import related_sections
from assistant.gaps.clusters import clusters, rarity_of
from assistant.gaps.naming import subject_of
from assistant.gaps.values import Gap, GapQuestion, GapReport
from assistant.records.history import RecordedAnswer
from assistant.types import Related
from assistant.words import content_stems
from ingest.errors import BadInputError

if TYPE_CHECKING:
    from assistant.assistant import Assistant

MOST_GROUPED = 3000
"""Distinct questions that are grouped; comparing each with each takes memory that grows with their square."""
_NEAREST = 3


def gap_report(
    assistant: Assistant,
    answers: Iterable[RecordedAnswer],
    since: datetime | None = None,
    until: datetime | None = None,
) -> GapReport:
    """Largest gaps first. Raises NoIndexError where there is nothing to compare with."""
    every = [one for one in answers if one.answer.question.strip()]
    found = collected(every)
    kept = found[:MOST_GROUPED]
    return GapReport(
        since=since,
        until=until,
        answers=len(every),
        not_found=sum(question.not_found for question in found),
        partial=sum(question.partial for question in found),
        voted_down=sum(question.voted_down for question in found),
        gaps=_gaps(assistant, kept) if kept else (),
        left_out=len(found) - len(kept),
    )


def collected(answers: Iterable[RecordedAnswer]) -> list[GapQuestion]:
    """The questions that were not answered, answered in part or voted down, each once, the most frequent first."""
    groups: dict[str, list[RecordedAnswer]] = {}
    for one in answers:
        if one.answer.status in ("not_found", "partial") or one.rating == "down":
            words = " ".join(re.findall(r"\w+", one.answer.standalone_question.casefold()))
            if words:
                groups.setdefault(words, []).append(one)
    questions = [_question(group) for group in groups.values()]
    return sorted(questions, key=lambda question: (-question.asked, -question.voted_down, question.text))


def _question(group: list[RecordedAnswer]) -> GapQuestion:
    times = [one.asked_at for one in group]
    return GapQuestion(
        text=" ".join(group[-1].answer.standalone_question.split()),
        asked=len(group),
        not_found=sum(one.answer.status == "not_found" for one in group),
        partial=sum(one.answer.status == "partial" for one in group),
        voted_down=sum(one.rating == "down" for one in group),
        first=min(times),
        last=max(times),
        expected=tuple(dict.fromkeys(one.expected for one in group if one.expected)),
    )


def _gaps(assistant: Assistant, questions: list[GapQuestion]) -> tuple[Gap, ...]:
    search = assistant.searcher()
    texts = [question.text for question in questions]
    stems = sorted({stem for text in texts for stem in content_stems(text)})
    rarity = rarity_of(search.index.document_frequency(stems), search.index.manifest.chunks)
    groups = clusters(texts, search.embed_all(texts), rarity)
    gaps = []
    for group in groups:
        members = tuple(questions[at] for at in group)
        subject = subject_of([question.text for question in members], rarity)
        gaps.append(Gap(subject, members, _nearest(assistant, members[0].text)))
    return tuple(sorted(gaps, key=lambda gap: (-gap.asked, -gap.voted_down, gap.subject)))


def _nearest(assistant: Assistant, text: str) -> tuple[Related, ...]:
    try:
        return related_sections(tuple(assistant.search(text, _NEAREST)))
    except BadInputError:  # a question that would not be taken today
        return ()
