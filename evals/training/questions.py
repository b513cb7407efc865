"""The training questions: read strictly, checked against the documents they ask about. Trains nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from evals.cases import EvalCase, EvalTurn, Place, Suite, Target
from evals.check import Corpus
from ingest.errors import AskwellError

FOLDER = Path(__file__).parent
CORPUS = FOLDER.parents[1] / "corpus" / "questions.jsonl"
"""Shipped with the articles, where ingest reads it: questions that sections are known to answer ("corpus"), such as
none answers ("unanswerable"), and such as are understood only after another ("follow-ups")."""
CONVERSATIONS = FOLDER / "conversations.jsonl"
READ_CONVERSATIONS = FOLDER / "read-conversations.jsonl"
"""From which the encoder alone learns to read turns: what is learned of what it says has to be learned of others."""
SETS = ("archive", "corpus", "unanswerable")
FOLLOW_UPS = "follow-ups"
_STRICT = ConfigDict(extra="forbid")


Line = TypeVar("Line")


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
    """``targets``: each answers the question by itself, best first; none when the documents do not answer it.
    ``after``: the question before, for a follow-up."""

    id: str
    question: str
    kind: str = ""
    targets: tuple[Section, ...] = ()
    after: str = ""

    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class TrainingTurn:
    """``standalone``: the question as one would type it without the conversation, where it was written down."""

    question: str
    targets: tuple[Section, ...]
    standalone: str = ""

    __pydantic_config__ = _STRICT


@dataclass(frozen=True, slots=True)
class TrainingConversation:
    """What one person asked, turn by turn; each turn has the sections of which each answers it by itself."""

    id: str
    turns: tuple[TrainingTurn, ...]

    __pydantic_config__ = _STRICT


_LINE = TypeAdapter(TrainingQuestion)
_CONVERSATION = TypeAdapter(TrainingConversation)


def load(name: str, folder: Path = FOLDER) -> tuple[TrainingQuestion, ...]:
    """The questions of one of SETS, such as ``corpus``, or the FOLLOW_UPS. Raises TrainingError."""
    if folder != FOLDER or name == "archive":
        return tuple(_read(_LINE, line, where) for where, line in _lines(folder / f"{name}.jsonl"))
    shipped = (_read(_LINE, line, where) for where, line in _lines(CORPUS))
    return tuple(question for question in shipped if _set_of(question) == name)


def _set_of(question: TrainingQuestion) -> str:
    if question.after:
        return FOLLOW_UPS
    return "corpus" if question.targets else "unanswerable"


def load_conversations(path: Path = CONVERSATIONS) -> tuple[TrainingConversation, ...]:
    """Raises TrainingError."""
    return tuple(_read(_CONVERSATION, line, where) for where, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"The training questions {path} cannot be read ({error}).") from error
    yield from ((f"{path}:{number}", line) for number, line in enumerate(lines, 1))


def training_suite(name: str) -> Suite:
    """The same questions as cases; each target answers by itself, so they are places of one target."""
    return Suite(f"training/{name}", tuple(_case(question) for question in load(name)))


def training_conversations(path: Path = CONVERSATIONS) -> Suite:
    """The training conversations as cases."""
    return Suite(
        f"training/{path.stem}",
        tuple(
            EvalCase(talk.id, tuple(_turn(turn.question, turn.targets, turn.standalone) for turn in talk.turns), ())
            for talk in load_conversations(path)
        ),
    )


def _case(question: TrainingQuestion) -> EvalCase:
    return EvalCase(question.id, (_turn(question.question, question.targets),), (question.kind,))


def _turn(question: str, targets: tuple[Section, ...], standalone: str = "") -> EvalTurn:
    places = tuple(Place(target.document, (target.section,)) for target in targets)
    found = (Target(places),) if places else ()
    return EvalTurn(question, standalone=standalone, targets=found, answerable=bool(places))


def _read(kind: TypeAdapter[Line], line: str, where: str) -> Line:
    try:
        return kind.validate_json(line)
    except ValidationError as error:
        raise TrainingError(f"{where}: {error.errors()[0]['msg']}. See evals/training/README.md.") from error


def problems(asked: Iterable[tuple[str, tuple[Section, ...]]], documents: Path) -> Iterator[str]:
    """One line for each target of ``(id, targets)`` that is not exactly one section of a document under ``documents``,
    or whose quote does not stand in it."""
    corpus = Corpus(documents)
    for name, targets in asked:
        for target in targets:
            found = corpus.sections(Place(target.document, (target.section,)))
            if len(found) != 1:
                yield f"{name}: {len(found)} sections {target.section!r} in {target.document}"
            elif target.quote not in corpus.text(found[0]):
                yield f"{name}: {target.quote!r} is not in the section {target.section!r} of {target.document}"
