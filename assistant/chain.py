"""The read path: question -> standalone question -> hits -> evidence -> composed, cited answer.

LCEL runnables over frozen values; each stage returns a new one. The last stage streams, so a face can show words
while the rest is still being written.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Generator as PythonGenerator
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda

from assistant.compose.clarifying import ask_back
from assistant.compose.draft import Draft, Statement, render
from assistant.compose.evidence import Evidence, UnitVectors, gather
from assistant.compose.framing import framed, is_small_talk
from assistant.compose.parts import parts_of
from assistant.contextual import as_read
from assistant.generation.calls import CallLog
from assistant.generation.rewriting import rewritten
from assistant.generation.writer import ModelWriter, Task, Written
from assistant.knowing import Judge, signs_of
from assistant.links import source_url
from assistant.protocols import Generator
from assistant.query import Query
from assistant.resolving import resolve
from assistant.retriever import HybridRetriever
from assistant.search import HybridSearch, as_hits
from assistant.tracing import Trace
from assistant.types import (
    Answer,
    AnswerEvent,
    CitationEvent,
    DoneEvent,
    Hit,
    Question,
    Related,
    SourcesEvent,
    Status,
    TokenEvent,
    Turn,
)
from ingest.types import Scope

HITS = 10
_RELATED = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what its conversation said before, and the index it is asked of."""

    question: Question
    conversation_id: str
    turns: tuple[Turn, ...]
    scope: Scope
    search: HybridSearch
    vectors: UnitVectors
    judge: Judge
    generator: Generator
    writer: ModelWriter | None = None
    started: float = field(default_factory=time.perf_counter)
    calls: CallLog = field(default_factory=CallLog)
    trace: Trace = field(default_factory=Trace)


@dataclass(frozen=True, slots=True)
class Understood:
    """``ranked``: what a follow-up found while it was understood, which needs no second search."""

    asked: Asked
    standalone: str
    ranked: tuple[Hit, ...]
    timings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Retrieved:
    asked: Asked
    standalone: str
    query: Query
    hits: tuple[Hit, ...]
    timings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Weighed:
    asked: Asked
    standalone: str
    evidence: Evidence
    confidence: float
    timings: dict[str, float]


def answer_chain() -> Runnable[Asked, AnswerEvent]:
    return (
        RunnableLambda(understand).with_config(run_name="understand")
        | RunnableLambda(retrieve).with_config(run_name="retrieve")
        | RunnableLambda(weigh).with_config(run_name="weigh")
        | RunnableGenerator(write).with_config(run_name="write")
    )


def understand(asked: Asked) -> Understood:
    turns = () if asked.question.exact else asked.turns
    with asked.trace.step("understand", turns=len(turns)) as note:
        meant = resolve(asked.question.text, turns, asked.search, asked.scope)
        text, ranked = meant.text, tuple(as_hits(meant.ranked, HITS))
        if asked.writer is not None and turns and not is_small_talk(asked.question.text):
            with asked.trace.step("rewrite", model=asked.writer.name):
                names, caller = asked.search.names, asked.writer.caller
                text = rewritten(asked.question.text, meant.text, turns, names, caller, asked.calls)
        if text != meant.text:
            ranked = ()  # what was found for another wording
        note.set("changed", text != asked.question.text)
    return Understood(asked, text, ranked, {"understand": _since(asked.started)})


def retrieve(stage: Understood) -> Retrieved:
    began = time.perf_counter()
    asked = stage.asked
    with asked.trace.step("retrieve", k=HITS) as note:
        hits = stage.ranked
        if not hits:
            retriever = HybridRetriever(search=asked.search, k=HITS, scope=asked.scope)
            hits = tuple(document.metadata["hit"] for document in retriever.invoke(stage.standalone))
        query = asked.search.query(stage.standalone)
        note.set("hits", len(hits))
    return Retrieved(asked, stage.standalone, query, hits, {**stage.timings, "retrieve": _since(began)})


def weigh(stage: Retrieved) -> Weighed:
    began = time.perf_counter()
    asked = stage.asked
    with asked.trace.step("weigh") as note:
        weighed = _weighed(stage, asked)
        note.set("units", len(weighed.evidence.units))
        note.set("confidence", round(weighed.confidence, 4))
    return replace(weighed, timings={**stage.timings, "weigh": _since(began)})


def _weighed(stage: Retrieved, asked: Asked) -> Weighed:
    said = asked.question.text if asked.turns and stage.standalone != asked.question.text else ""
    read = asked.search.embed_turn(*as_read(asked.question.text, asked.turns)) if said else None
    evidence = gather(stage.query, stage.hits, asked.search, asked.vectors, said=said, read=read)
    confidence = asked.judge.probability(signs_of(evidence))
    if stage.query.analysis.kind == "comparison" and confidence < asked.judge.answered:
        # Two things that no section sets side by side can still be told one after the other.
        each = [asked.judge.probability(signs_of(look_up(asked, f"What is {name}?"))) for name in _compared(stage)]
        confidence = max(confidence, min(each, default=0.0))
    parts = [asked.judge.probability(signs_of(look_up(asked, part))) for part in parts_of(stage.query)]
    confidence = max((confidence, *parts))
    return Weighed(asked, stage.standalone, evidence, confidence, {})


def _compared(stage: Retrieved) -> tuple[str, ...]:
    """The things a comparison names, when it asks of nothing else that the documents would have to say."""
    return stage.query.analysis.names[:4]


def write(stages: Iterator[Weighed]) -> Iterator[AnswerEvent]:
    for stage in stages:
        try:
            yield from _write(stage)
        finally:
            stage.asked.trace.finish(None)  # no answer came: an error, or nobody reads on


def _write(stage: Weighed) -> Iterator[AnswerEvent]:
    began = time.perf_counter()
    asked = stage.asked
    yield SourcesEvent(stage.standalone, stage.evidence.hits)
    status: Status = "not_found"
    draft = Draft(hits=stage.evidence.hits)
    back = ask_back(stage.evidence)
    if is_small_talk(asked.question.text) or back is not None:
        status = "clarify"
    elif stage.confidence >= asked.judge.partial:
        draft = asked.generator.draft(stage.evidence, lambda text: look_up(asked, text))
        if not draft.is_empty:
            complete = stage.confidence >= asked.judge.answered and not draft.missing
            status = "answered" if complete else "partial"
    statements = framed(stage.evidence, draft, status, back)
    if asked.writer is not None and status in ("answered", "partial"):
        written = yield from asked.writer.write(_task(stage, statements, status))
        if written.status == "not_found":
            frame = framed(stage.evidence, draft, "not_found")
            written = replace((yield from _quoted(frame, "not_found", written.generator)), checks=())
    else:
        written = yield from _quoted(statements, status, asked.generator.name)
    status = written.status
    related = () if status in ("answered", "clarify") else related_sections(stage.evidence.hits)
    timings = {**stage.timings, "write": _since(began), "total": _since(asked.started)}
    done = DoneEvent(
        Answer(
            id=asked.question.answer_id or uuid.uuid4().hex,
            conversation_id=asked.conversation_id,
            question=asked.question.text,
            standalone_question=stage.standalone,
            status=status,
            text=written.text,
            citations=written.citations,
            related=related,
            hits=stage.evidence.hits,
            generator=written.generator,
            index_generation=asked.search.index.manifest.generation,
            confidence=round(stage.confidence, 4),
            choices=back.choices if back is not None else (),
            timings_ms={name: round(value, 2) for name, value in timings.items()},
            checks=written.checks,
            model_calls=tuple(asked.calls.calls),
            steps=asked.trace.steps,
        )
    )
    asked.trace.finish(done.answer)
    yield done


def _quoted(statements: list[Statement], status: Status, generator: str) -> PythonGenerator[AnswerEvent, None, Written]:
    """The statements as they stand, word by word, each citation after its mark."""
    lines, citations = render(statements)
    text = "\n".join(lines).strip()
    by_mark = {f"[{citation.number}]": citation for citation in citations}
    for piece in re.findall(r"\s*\S+|\s+$", text):
        yield TokenEvent(piece)
        for mark in re.findall(r"(?<!\\)\[\d+\]", piece):
            if mark in by_mark:
                yield CitationEvent(by_mark.pop(mark))
    return Written(text, citations, (), status, generator)


def _task(stage: Weighed, statements: list[Statement], status: Status) -> Task:
    asked = stage.asked
    return Task(
        question=asked.question.text,
        standalone=stage.standalone,
        turns=asked.turns,
        evidence=stage.evidence,
        search=asked.search,
        vectors=asked.vectors,
        quoted=tuple(statements),
        status=status,
        calls=asked.calls,
        trace=asked.trace,
    )


def related_sections(hits: tuple[Hit, ...]) -> tuple[Related, ...]:
    """The nearest sections, one per heading path, to offer when there is no full answer."""
    found: dict[tuple[str, tuple[str, ...]], Related] = {}
    for hit in hits:
        section = hit.section
        place = (hit.chunk.document_id, section.heading_path)
        url = source_url(hit.chunk.document_id, hit.chunk.collection, anchor=section.anchor)
        found.setdefault(
            place, Related(hit.chunk.document_id, hit.chunk.collection, hit.title, section.heading_path, url)
        )
    return tuple(found.values())[:_RELATED]


def look_up(asked: Asked, text: str) -> Evidence:
    query = asked.search.query(text)
    evidence = gather(query, asked.search.hits(query, HITS, asked.scope), asked.search, asked.vectors)
    return replace(evidence, answers=asked.judge.probability(signs_of(evidence)) >= asked.judge.partial)


def _since(began: float) -> float:
    """Milliseconds."""
    return (time.perf_counter() - began) * 1000
