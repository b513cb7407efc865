"""Real questions that went wrong become draft cases; a person reviews them in the file; accepted ones join a suite.

A draft is a case (README.md) with a field ``review``: what was asked and answered, which stage failed and why, and
``accept``, which the reviewer sets to true. Nothing is accepted unseen, and only what fits the documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.records.history import RecordedAnswer
from evals.cases import CaseError, EvalCase, load_file, parse_line
from evals.diagnosis import Diagnosis, diagnose
from evals.matching import plain
from evals.metrics.answers import stands_in
from evals.playing import Asked, Documents
from ingest.errors import NotFoundError
from ingest.types import Section

_FACT_WORDS = 8
"""A longer expectation is prose, not a fact: the reviewer picks the words."""


@dataclass(frozen=True, slots=True)
class Review:
    """What the reviewer needs to judge, and the verdict. ``times``: how often it was asked and went wrong."""

    accept: bool
    stage: str
    why: str
    asked: str
    before: tuple[str, ...]
    status: str
    answer: str
    rating: str
    reason: str
    comment: str
    expected: str
    asked_at: str
    times: int
    found: tuple[str, ...]


class _Accept(BaseModel):
    model_config = ConfigDict(extra="ignore")
    accept: bool = False


def drafts(
    recorded: Iterable[RecordedAnswer], assistant: Asked, documents: Documents, known: frozenset[str] = frozenset()
) -> Iterator[dict[str, object]]:
    """One draft for each distinct question that was voted down or not answered; ``known`` ids are left out.

    Questions with the same words, once they stand alone, are one draft; the latest of them speaks.
    """
    before: dict[str, list[str]] = {}
    latest: dict[str, tuple[RecordedAnswer, tuple[str, ...], int]] = {}
    for one in recorded:
        answer = one.answer
        earlier = before.setdefault(answer.conversation_id, [])
        if one.rating == "down" or (answer.status == "not_found" and one.rating is None):
            key = plain(answer.standalone_question).strip(" ?.!")
            latest[key] = (one, tuple(earlier[-3:]), latest[key][2] + 1 if key in latest else 1)
        earlier.append(answer.question)
    for key, (one, earlier_questions, times) in latest.items():
        case_id = f"real-{hashlib.sha256(key.encode()).hexdigest()[:10]}"
        if case_id not in known:
            diagnosis = diagnose(one, earlier_questions, assistant, documents)
            yield _draft(case_id, one, earlier_questions, times, diagnosis)


def _draft(
    case_id: str, one: RecordedAnswer, before: tuple[str, ...], times: int, diagnosis: Diagnosis
) -> dict[str, object]:
    answer, expected = one.answer, one.expected.strip()
    place = diagnosis.place
    review = Review(
        accept=False,
        stage=diagnosis.stage,
        why=diagnosis.why,
        asked=answer.question,
        before=before,
        status=answer.status,
        answer=answer.text,
        rating=one.rating or "",
        reason=one.reason,
        comment=one.comment,
        expected=expected,
        asked_at=one.asked_at.isoformat(timespec="seconds"),
        times=times,
        found=tuple(map(_name, diagnosis.found)),
    )
    return {
        "id": case_id,
        "tags": ["real", "voted-down" if one.rating == "down" else "unanswered"],
        "question": answer.standalone_question,
        "targets": [{"document": place.document_id, "section": place.heading or place.document_id}] if place else [],
        "facts": [[expected]] if 0 < len(expected.split()) <= _FACT_WORDS else [],
        "review": asdict(review),
    }


def ids_in(path: Path) -> frozenset[str]:
    """Ids of the drafts or cases in a JSONL file; none when there is no such file. Raises CaseError."""
    if not path.is_file():
        return frozenset()
    return frozenset(str(line.get("id", "")) for _, line in _lines(path))


@dataclass(frozen=True, slots=True)
class Accepted:
    """``waiting`` drafts are not marked as accepted; ``known`` ones are in the suite already."""

    added: tuple[str, ...]
    waiting: int
    known: int


def accept(path: Path, suite: Path, documents: Documents) -> Accepted:
    """Appends the accepted drafts of ``path`` to ``suite``. Raises CaseError, and then nothing was written."""
    have = {case.id for case in load_file(suite).cases} if suite.is_file() and suite.stat().st_size else set[str]()
    added: list[tuple[str, str]] = []
    waiting = known = 0
    for where, line in _lines(path):
        try:
            marked = _Accept.model_validate(line.pop("review", {})).accept
        except ValidationError as error:
            raise CaseError(f"{where}: review.accept is true or false.") from error
        if not marked:
            waiting += 1
        elif line.get("id") in have:
            known += 1
        else:
            text = json.dumps(line, ensure_ascii=False)
            case = parse_line(text, where)
            _check(case, where, documents)
            added.append((case.id, text))
            have.add(case.id)
    if added:
        suite.parent.mkdir(parents=True, exist_ok=True)
        with suite.open("a", encoding="utf-8") as file:
            file.writelines(text + "\n" for _, text in added)
    return Accepted(tuple(name for name, _ in added), waiting, known)


def _check(case: EvalCase, where: str, documents: Documents) -> None:
    """Each target's document is in the index, and each fact stands in one of them. Raises CaseError."""
    for turn in case.turns:
        texts: list[str] = []
        for target in turn.targets:
            for place in target.places:
                try:
                    texts.append(plain(documents.document(place.document).text))
                except NotFoundError as error:
                    raise CaseError(f"{where}: {place.document} is not in the index. Mend the target.") from error
        for fact in turn.facts:
            if not any(stands_in(plain(words), text) for words in fact for text in texts):
                raise CaseError(f"{where}: no target says {' or '.join(map(repr, fact))}. Mend the fact or the target.")


def _lines(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read ({error}). Make it: askwell feedback export --out {path}") from error
    for number, text in enumerate(lines, 1):
        if text.strip() and not text.startswith("//"):
            try:
                line = json.loads(text)
            except ValueError as error:
                raise CaseError(f"{path}:{number} is not JSON. Undo the last change to that line.") from error
            if not isinstance(line, dict):
                raise CaseError(f"{path}:{number} is not a JSON object. Undo the last change to that line.")
            yield f"{path}:{number}", line


def _name(section: Section) -> str:
    return f"{section.document_id} § {' > '.join(section.heading_path)}"
