"""Question sets: the cases, their JSONL form (documented in README.md) and their split. Runs nothing.

A target names a document and a section or a span, never a chunk, so re-chunking never breaks the gold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ingest.errors import AskwellError

SETS = Path(__file__).parent / "sets"
Polarity = Literal["yes", "no"]
Split = Literal["dev", "test"]


class CaseError(AskwellError):
    """A question set cannot be used; the sentence names the file, the line and the field."""


@dataclass(frozen=True, slots=True)
class Place:
    """A section (heading path, or its last part) or a span (its words) of a document."""

    document: str
    section: tuple[str, ...] = ()
    text: str = ""

    def __str__(self) -> str:
        return f"{self.document} § {' > '.join(self.section) or self.text[:60]}"


@dataclass(frozen=True, slots=True)
class Target:
    """What has to be found: the first place, or any other that says the same."""

    places: tuple[Place, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.places))


@dataclass(frozen=True, slots=True)
class EvalTurn:
    """One question and what a right answer needs.

    ``facts``: a right answer contains one alternative of each, compared without case:
    ``(("400 KB", "409,600 bytes"),)``. ``standalone`` is the question as it reads without the conversation.
    """

    question: str
    standalone: str = ""
    targets: tuple[Target, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    answerable: bool = True
    polarity: Polarity | None = None


@dataclass(frozen=True, slots=True)
class EvalCase:
    """A conversation of one or more turns, asked in order."""

    id: str
    turns: tuple[EvalTurn, ...]
    tags: tuple[str, ...] = ()

    @property
    def split(self) -> Split:
        """dev or test by the id alone, so a case never changes sides when the sets grow."""
        digest = hashlib.sha256(self.id.encode()).digest()
        return "test" if digest[-1] % 2 else "dev"


@dataclass(frozen=True, slots=True)
class Suite:
    name: str
    cases: tuple[EvalCase, ...]


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Place(_Strict):
    document: Words
    section: Words | tuple[Words, ...] = ()
    text: str = ""

    @model_validator(mode="after")
    def _names_a_section_or_a_span(self) -> _Place:
        if not self.section and not self.text:
            raise ValueError("a target needs a section or a text")
        return self

    def place(self) -> Place:
        section = (self.section,) if isinstance(self.section, str) else self.section
        return Place(self.document, section, self.text)


class _Target(_Place):
    alternatives: tuple[_Place, ...] = Field((), alias="or")

    def target(self) -> Target:
        return Target((self.place(), *(alternative.place() for alternative in self.alternatives)))


class _Turn(_Strict):
    question: str = Field(min_length=1)
    standalone: str = ""
    targets: tuple[_Target, ...] = ()
    facts: tuple[Annotated[tuple[Words, ...], Field(min_length=1)], ...] = ()
    answerable: bool = True
    polarity: Polarity | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> _Turn:
        if self.answerable and not (self.targets and self.facts):
            raise ValueError("an answerable question needs targets and facts")
        if not self.answerable and (self.targets or self.facts or self.polarity):
            raise ValueError("an unanswerable question has no targets, facts or polarity")
        return self

    def turn(self) -> EvalTurn:
        targets = tuple(target.target() for target in self.targets)
        return EvalTurn(self.question, self.standalone, targets, self.facts, self.answerable, self.polarity)


class _SingleLine(_Turn):
    id: Words
    tags: tuple[Words, ...] = Field(min_length=1)

    def case(self) -> EvalCase:
        return EvalCase(self.id, (self.turn(),), self.tags)


class _ConversationLine(_Strict):
    id: Words
    tags: tuple[Words, ...] = Field(min_length=1)
    turns: tuple[_Turn, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _rewrites_every_turn(self) -> _ConversationLine:
        missing = [number for number, turn in enumerate(self.turns, 1) if not turn.standalone]
        if missing:
            raise ValueError(f"turn {missing[0]} of a conversation needs a standalone rewrite")
        return self

    def case(self) -> EvalCase:
        return EvalCase(self.id, tuple(turn.turn() for turn in self.turns), self.tags)


def parse_line(line: str, where: str) -> EvalCase:
    """One JSON line. ``where`` opens the error: ``evals/sets/single.jsonl:7``. Raises CaseError."""
    form = _ConversationLine if '"turns"' in line else _SingleLine
    try:
        return form.model_validate_json(line).case()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise CaseError(f"{where}: {field + ': ' if field else ''}{first['msg']}. See evals/README.md.") from error


def load_file(path: Path) -> Suite:
    """The cases of one JSONL file, named after it; blank lines and lines that start with // are skipped."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"The question set {path} cannot be read ({error}). Name a JSONL file.") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("//")]
    cases = tuple(parse_line(line, f"{path}:{number}") for number, line in numbered)
    if not cases:
        raise CaseError(f"The question set {path} holds no case. Add at least one line.")
    _check_unique(path, cases)
    return Suite(path.stem, cases)


def _check_unique(path: Path, cases: Iterable[EvalCase]) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise CaseError(f"{path}: the id {case.id!r} occurs twice. Give each case its own id.")
        seen.add(case.id)


def load_suites(names: Sequence[str] = (), folder: Path = SETS) -> tuple[Suite, ...]:
    """The named suites (a shipped name such as ``single``, or a path to a JSONL file); for () all over ``corpus/``.

    Sets over documents that are not shipped lie in ``elsewhere/`` and are loaded only when they are named.
    """
    over_corpus = {path.stem: path for path in sorted(folder.glob("*.jsonl"))}
    shipped = over_corpus | {path.stem: path for path in sorted(folder.glob("elsewhere/*.jsonl"))}
    paths = [_suite_path(name, shipped) for name in names] or list(over_corpus.values())
    suites = tuple(load_file(path) for path in paths)
    ids: dict[str, str] = {}
    for suite in suites:
        for case in suite.cases:
            if case.id in ids:
                raise CaseError(f"The id {case.id!r} is in {ids[case.id]} and in {suite.name}. Ids must differ.")
            ids[case.id] = suite.name
    return suites


def _suite_path(name: str, shipped: dict[str, Path]) -> Path:
    if name in shipped:
        return shipped[name]
    if Path(name).suffix == ".jsonl":
        return Path(name)
    raise CaseError(f"There is no question set {name!r}. Choose from {', '.join(shipped)}, or name a .jsonl file.")
