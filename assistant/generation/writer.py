"""A chat model writes the answer from the evidence; each sentence is checked before it is shown.

Sentences appear as soon as they are complete and borne out. From the first one that is not, the rest is held back
until the model has had one chance to correct it. Whatever goes wrong, the quotes of the built-in answerer follow, so a
question never goes unanswered because a provider is down.
"""

from __future__ import annotations

import logging
from collections.abc import Generator as PythonGenerator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.compose.draft import Statement, render
from assistant.compose.evidence import Evidence, UnitVectors
from assistant.compose.notices import notices
from assistant.generation.calls import Caller, CallLog, Deadline
from assistant.generation.failures import ModelFailure
from assistant.generation.judging import Judged, StatementJudge
from assistant.generation.model_judge import judged_by_model
from assistant.generation.page import Page
from assistant.generation.passages import SourcePassage, carried_over, estimate_tokens, passages
from assistant.generation.prompts import NOTHING, Block, Prompt, prompt, rules
from assistant.generation.repair import repaired
from assistant.generation.statements import StatementReader
from assistant.search import HybridSearch
from assistant.tracing import Trace
from assistant.types import AnswerEvent, Check, Citation, Status, Turn

log = logging.getLogger(__name__)

_HISTORY_SHARE = 0.15
_HISTORY_TURNS = 3


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """``seconds`` is for all calls of one answer together."""

    seconds: float = 45.0
    context_tokens: int = 8000
    unsupported: Literal["mark", "remove"] = "mark"
    judge: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """What one answer is written from. ``quoted`` is the built-in answerer's answer to the same question."""

    question: str
    standalone: str
    turns: tuple[Turn, ...]
    evidence: Evidence
    search: HybridSearch
    vectors: UnitVectors
    quoted: tuple[Statement, ...]
    status: Status
    calls: CallLog
    trace: Trace


@dataclass(frozen=True, slots=True)
class Written:
    """``generator`` names who wrote it; both, when the model was asked in vain."""

    text: str
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...]
    status: Status
    generator: str


class ModelWriter:
    """Safe for many threads."""

    def __init__(self, caller: Caller, options: WriterOptions | None = None) -> None:
        self._caller = caller
        self._options = options or WriterOptions()

    @property
    def name(self) -> str:
        return self._caller.name

    @property
    def caller(self) -> Caller:
        return self._caller

    def write(self, task: Task) -> PythonGenerator[AnswerEvent, None, Written]:
        """Events while it is written; returns the whole. Never raises because of the model."""
        deadline = Deadline(self._options.seconds)
        page = Page()
        failure: ModelFailure
        budget = self._options.context_tokens
        for again in (False, True):
            try:
                return (yield from self._written(task, page, deadline, budget))
            except ModelFailure as raised:
                failure = raised
                log.warning("%s: %s", self.name, raised.detail or raised.outcome)
                worth_it = raised.outcome in ("too_long", "cut") and deadline.left > 1
                if again or page.text or not worth_it:
                    break
                budget = budget // 2 if raised.outcome == "too_long" else budget
        return (yield from self._quoted(task, page, failure))

    def _written(
        self, task: Task, page: Page, deadline: Deadline, budget: int
    ) -> PythonGenerator[AnswerEvent, None, Written]:
        sources, asked = self._prompted(task, budget)
        if not sources:
            raise ModelFailure("unusable", "no passage fits the token budget")

        def similarity(text: str, others: Sequence[str]) -> Sequence[float]:
            rows = task.vectors.of([text, *others])
            return [float(cosine) for cosine in rows[1:] @ rows[0]]

        judge = StatementJudge(sources, f"{task.question} {task.standalone}", task.search.names, similarity)
        held: list[Judged] = []
        with task.trace.step("generate", model=self.name, prompt=asked.name, passages=len(sources)) as note:
            stream = self._caller.stream("answer", asked, deadline, task.calls)
            for judged in _judged(stream, judge, task.calls):
                if judged is None:
                    return self._nothing(page)
                held.append(judged)
                if not self._options.judge and all(one.supported or one.dropped for one in held) and _opens(page, held):
                    yield from self._shown(page, held)
                    held = []
            note.set("checks_ms", round(judge.spent, 2))
            note.set("input_tokens", task.calls.calls[-1].input_tokens)
            note.set("output_tokens", task.calls.calls[-1].output_tokens)
        held = self._checked(task, held, sources, judge, deadline)
        if not page.has_statements and not any(one.supported and one.cited for one in held):
            raise ModelFailure("unusable", "no sentence is borne out by the passages")
        yield from self._shown(page, held)
        for notice in notices(task.evidence, [Statement("sentence", page.text)]):
            lines, citations = render([notice])
            yield from page.append("\n".join(lines), citations)
        status: Status = "partial" if task.status == "answered" and page.has_limits else task.status
        return Written(page.text, page.citations, tuple(page.checks), status, self.name)

    def _checked(
        self,
        task: Task,
        held: list[Judged],
        sources: Sequence[SourcePassage],
        judge: StatementJudge,
        deadline: Deadline,
    ) -> list[Judged]:
        """The held statements after the second opinion and the one repair; as they are when that fails."""
        try:
            if self._options.judge and held:
                with task.trace.step("judge", sentences=len(held)):
                    held = judged_by_model(held, self._caller, deadline, task.calls)
            wanting = sum(not one.supported and not one.dropped for one in held)
            if wanting:
                with task.trace.step("repair", sentences=wanting) as note:
                    held = repaired(held, sources, judge, self._caller, deadline, task.calls)
                    note.set("left", sum(not one.supported and not one.dropped for one in held))
        except ModelFailure as failure:
            log.warning("%s: %s", self.name, failure.detail or failure.outcome)
        return held

    def _shown(self, page: Page, held: Sequence[Judged]) -> Iterator[AnswerEvent]:
        for judged in held:
            if judged.dropped or (not judged.supported and self._options.unsupported == "remove"):
                page.drop(judged)
            else:
                yield from page.add(judged)

    def _nothing(self, page: Page) -> Written:
        """The model says that the passages do not answer: that is an answer, not a failure."""
        return Written(page.text, (), (), "not_found", self.name)

    def _quoted(self, task: Task, page: Page, failure: ModelFailure) -> PythonGenerator[AnswerEvent, None, Written]:
        note = f"({self.name} {failure.sentence}, so this is quoted from the documents as it stands.)"
        if page.text:
            note = f"({self.name} {failure.sentence}. What follows is quoted from the documents as it stands.)"
            yield from page.append(note)
        cited = {(c.collection, c.document, c.start, c.end) for c in page.citations}
        new = [one for one in task.quoted if not one.passages or any(p.key not in cited for p in one.passages)]
        lines, citations = render(new)
        yield from page.append("\n".join(lines).strip(), citations)
        if not page.checks:
            yield from page.append(note)
        return Written(
            page.text, page.citations, tuple(page.checks), task.status, f"extractive ({self.name} {failure.outcome})"
        )

    def _prompted(self, task: Task, budget: int) -> tuple[tuple[SourcePassage, ...], Prompt]:
        history = _history(task.turns, int(budget * _HISTORY_SHARE))
        question = Block("question", "", task.question)
        searched = [Block("question in full", "", task.standalone)] if task.standalone != task.question else []
        fixed = sum(estimate_tokens(block.text) + 20 for block in (*history, question, *searched))
        room = budget - fixed - estimate_tokens(rules("answer")) - 60
        carried = carried_over(task.turns, task.search) if task.standalone != task.question else []
        sources = passages(task.evidence, room, carried)
        blocks = [*(source.block() for source in sources), *history, question, *searched]
        return sources, prompt("answer", blocks)


def _judged(stream: Iterator[str], judge: StatementJudge, calls: CallLog) -> Iterator[Judged | None]:
    """Statements as they complete; None alone when the model found nothing in the passages."""
    reader = StatementReader()
    said = ""
    first = True
    for text in stream:
        said += text
        if first and NOTHING.startswith(said.strip()[: len(NOTHING)]) and len(said) < 200:
            continue  # it may be going to say that nothing answers the question
        for piece in reader.feed(said if first else text):
            yield judge.judge(piece)
        first = False
    if first:
        if said.strip().strip(".*`").startswith(NOTHING):
            yield None
            return
        for piece in reader.feed(said):
            yield judge.judge(piece)
    rest = reader.finish()
    if calls.calls[-1].outcome == "shortened" and rest and rest[-1].bare[-1:] not in ".!?|":
        rest = rest[:-1]  # half a sentence
    for piece in rest:
        yield judge.judge(piece)


def _opens(page: Page, held: Sequence[Judged]) -> bool:
    """Nothing is shown before the first sentence that the documents bear out."""
    return page.has_statements or any(one.cited for one in held)


def _history(turns: Sequence[Turn], budget: int) -> list[Block]:
    """The latest turns that fit, oldest first."""
    blocks: list[Block] = []
    for turn in reversed(turns[-_HISTORY_TURNS:]):
        block = Block("turn", "", f"Asked: {turn.question}\nAnswered: {turn.answer}")
        budget -= estimate_tokens(block.text) + 20
        if budget < 0:
            break
        blocks.insert(0, replace(block, label=f"turn {len(turns) - len(blocks)}"))
    return blocks
