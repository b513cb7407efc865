"""The training questions: read strictly, checked against the documents they ask about. Trains nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError

from evals.cases import EvalCase, EvalTurn, Place, Suite, Target
from evals.check import Corpus
from ingest.errors import AskwellError

FOLDER = Path(__file__).parent
CORPUS = FOLDER.parents[1] / "corpus" / "questions.jsonl"
"""Shipped with the articles, where ingest reads it: questions that sections are known to answer."""
FILES = ("corpus", *sorted(path.stem for path in FOLDER.glob("*.jsonl")))
_STRICT = ConfigDict(extra="forbid")


class TrainingError(AskwellError):
    """Training questions cannot be used; the sentence names the file and the line."""


@dataclass(frozen=True, slots=True)
class Section:
    """``section`` is a whole heading, the last of its heading path; ``quote`` words of the sentence that answers."""

    document: str
    section: str
    quote: str = ""

    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """``targets``: each answers the question by itself, best first; none when the documents do not answer it."""

    id: str
    question: str
    kind: str
    targets: tuple[Section, ...] = ()

    __pydantic_config__ = _STRICT


_LINE = TypeAdapter(TrainingQuestion)


def load(name: str, folder: Path = FOLDER) -> tuple[TrainingQuestion, ...]:
    """The questions of one of FILES, such as ``corpus``. Raises TrainingError."""
    path = CORPUS if name == "corpus" and folder == FOLDER else folder / f"{name}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"The training questions {path} cannot be read ({error}).") from error
    return tuple(_question(line, f"{path}:{number}") for number, line in enumerate(lines, 1))


def training_suite(name: str) -> Suite:
    """The same questions as cases; each target answers by itself, so they are places of one target."""
    return Suite(f"training/{name}", tuple(_case(question) for question in load(name)))


def _case(question: TrainingQuestion) -> EvalCase:
    places = tuple(Place(target.document, (target.section,)) for target in question.targets)
    targets = (Target(places),) if places else ()
    turn = EvalTurn(question.question, targets=targets, answerable=bool(places))
    return EvalCase(question.id, (turn,), (question.kind,))


def _question(line: str, where: str) -> TrainingQuestion:
    try:
        return _LINE.validate_json(line)
    except ValidationError as error:
        raise TrainingError(f"{where}: {error.errors()[0]['msg']}. See evals/training/README.md.") from error


def problems(questions: tuple[TrainingQuestion, ...], documents: Path) -> Iterator[str]:
    """One line for each target that is not exactly one section of a document under ``documents``."""
    corpus = Corpus(documents)
    for question in questions:
        for target in question.targets:
            found = corpus.sections(Place(target.document, (target.section,)))
            if len(found) != 1:
                yield f"{question.id}: {len(found)} sections {target.section!r} in {target.document}"
