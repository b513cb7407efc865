"""Plays an MTRAG-style file (Katsis et al. 2025, arXiv:2501.03468) of conversations, so that public sets compare.

Each line is a task: ``conversation_id``, ``task_id``, ``input`` (messages with ``speaker`` and ``text``, the last one
the question), ``contexts`` (the passages that answer: ``document_id``, ``title``, ``text``), ``targets`` (reference
answers) and ``Answerability``. The passages of ``--corpus`` (BEIR's ``corpus.jsonl``) are searched; without it, those
that the tasks themselves name.

    python -m evals.mtrag TASKS.jsonl [--corpus CORPUS.jsonl] [--data-dir DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.types import Answer, Question
from evals.beir import file_name
from evals.markdown import table
from evals.metrics.retrieval import RankedTurn, retrieval_scores
from evals.metrics.statements import content_words
from evals.metrics.statistics import Estimate, ratio
from evals.outside import indexed
from evals.playing import Asked
from ingest.errors import AskwellError


class MtragError(AskwellError):
    """The file is not in MTRAG's form; the sentence names the line."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")
    speaker: str
    text: str


class Passage(BaseModel):
    """One passage of the corpus; in a corpus file its id may be called ``_id``."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    document_id: str
    title: str = ""
    text: str = ""


class Task(BaseModel):
    """One question with the conversation before it."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    conversation_id: str
    task_id: str
    input: Annotated[tuple[_Message, ...], Field(min_length=1)]
    contexts: tuple[Passage, ...] = ()
    targets: tuple[_Message, ...] = ()
    answerability: tuple[str, ...] = Field((), alias="Answerability")

    @property
    def questions(self) -> tuple[str, ...]:
        """What the user said so far, this question last."""
        return tuple(message.text for message in self.input if message.speaker == "user")

    @property
    def kind(self) -> Literal["answerable", "unanswerable", "other"]:
        """Small talk is "other"."""
        said = {word.upper() for word in self.answerability}
        if "UNANSWERABLE" in said:
            return "unanswerable"
        return "other" if "CONVERSATIONAL" in said or not self.questions else "answerable"


@dataclass(frozen=True, slots=True)
class Asking:
    """A task with what Askwell answered."""

    task: Task
    answer: Answer

    @property
    def refused(self) -> bool:
        return self.answer.status in ("not_found", "clarify")

    @property
    def reference_recall(self) -> float:
        """Share of the reference's content words that the answer has; 0.0 for a refusal."""
        wanted = content_words(self.task.targets[0].text) if self.task.targets else frozenset[str]()
        if self.refused or not wanted:
            return 0.0
        return len(wanted & content_words(self.answer.text)) / len(wanted)


def load_tasks(path: Path) -> tuple[Task, ...]:
    """Raises MtragError."""
    return tuple(_read(path, Task))


def write_passages(passages: Iterator[Passage], out: Path) -> int:
    """One Markdown file a passage, ready to be ingested. Returns their number."""
    out.mkdir(parents=True, exist_ok=True)
    names: set[str] = set()
    for passage in passages:
        title = " ".join(passage.title.split())
        name = file_name(passage.document_id)
        (out / name).write_text((f"# {title}\n\n" if title else "") + passage.text.strip() + "\n", encoding="utf-8")
        names.add(name)
    return len(names)


def load_corpus(path: Path) -> Iterator[Passage]:
    """BEIR's ``corpus.jsonl``, or lines with ``document_id``. Raises MtragError."""

    class Line(Passage):
        document_id: str = Field(alias="_id")

    return _read(path, Line)


def play(tasks: Sequence[Task], assistant: Asked) -> tuple[Asking, ...]:
    """Asks each conversation's questions in order, in one conversation; tasks are answered where they stand."""
    by_conversation: dict[str, dict[int, Task]] = {}
    for task in tasks:
        by_conversation.setdefault(task.conversation_id, {})[len(task.questions)] = task
    asked: list[Asking] = []
    for turns in by_conversation.values():
        conversation: str | None = None
        for number, question in enumerate(turns[max(turns)].questions, 1):
            answer = assistant.ask(Question(question, conversation))
            conversation = answer.conversation_id
            if number in turns:
                asked.append(Asking(turns[number], answer))
    return tuple(asked)


def score(asked: Sequence[Asking]) -> Mapping[str, Estimate]:
    """Retrieval by passage over answerable questions (all, and follow-ups alone), refusals, and reference recall."""
    answerable = [one for one in asked if one.task.kind == "answerable"]
    judged = [one for one in answerable if one.task.contexts]
    found = retrieval_scores([_ranking(one) for one in judged])
    later = [one for one in judged if len(one.task.questions) > 1]
    scores: dict[str, Estimate | None] = {}
    for name in ("hit@1", "hit@5", "recall@5", "recall@10", "ndcg@10"):
        scores[name] = _mean(judged, [found[one.task.task_id][name] for one in judged])
        scores[f"{name}, follow-ups"] = _mean(later, [found[one.task.task_id][name] for one in later])
    unanswerable = [one for one in asked if one.task.kind == "unanswerable"]
    scores["abstention_recall"] = _mean(unanswerable, [float(one.refused) for one in unanswerable])
    scores["false_refusal_rate"] = _mean(answerable, [float(one.refused) for one in answerable])
    referred = [one for one in answerable if one.task.targets]
    scores["reference_recall"] = _mean(referred, [one.reference_recall for one in referred])
    return {name: estimate for name, estimate in scores.items() if estimate is not None}


def _mean(asked: Sequence[Asking], values: Sequence[float]) -> Estimate | None:
    return ratio(values, [1.0] * len(values), [one.task.conversation_id for one in asked])


def _ranking(one: Asking) -> RankedTurn:
    relevant = list(dict.fromkeys(file_name(passage.document_id) for passage in one.task.contexts))
    hits = sorted(one.answer.hits, key=lambda hit: hit.rank)
    documents = dict.fromkeys(hit.section.document_id for hit in hits)
    places = tuple(relevant.index(document) if document in relevant else None for document in documents)
    return RankedTurn(one.task.task_id, len(relevant), places)


_Line = TypeVar("_Line", bound=BaseModel)


def _read(path: Path, form: type[_Line]) -> Iterator[_Line]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        yield form.model_validate_json(line)
                    except ValidationError as error:
                        first = error.errors()[0]
                        field = ".".join(map(str, first["loc"]))
                        raise MtragError(f"{path}:{number}: {field + ': ' if field else ''}{first['msg']}.") from error
    except OSError as error:
        raise MtragError(f"{path} cannot be read ({error.strerror}). Name a file in MTRAG's form.") from error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.mtrag", description=__doc__)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("--corpus", type=Path, help="the passages to search (default: those that the tasks name)")
    parser.add_argument("--data-dir", type=Path, help="keep the index here (default: a scratch folder)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    chosen = parser.parse_args(arguments)
    try:
        tasks = load_tasks(chosen.tasks)
        named = (passage for task in tasks for passage in task.contexts)
        passages = load_corpus(chosen.corpus) if chosen.corpus else named
        with indexed(lambda out: write_passages(passages, out), chosen.data_dir) as assistant:
            found = score(play(tasks, assistant))
    except AskwellError as error:
        print(error, file=sys.stderr)
        return 1
    if chosen.json:
        print(json.dumps({"tasks": len(tasks), "scores": {name: one.value for name, one in found.items()}}))
        return 0
    rows = (
        (name, f"{one.value:.3f}", f"{one.low:.3f} to {one.high:.3f}" if one.low is not None else "", str(one.n))
        for name, one in found.items()
    )
    print("\n".join(table(("metric", "value", "95% interval", "questions"), rows)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
