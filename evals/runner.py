"""Asks the questions and scores what comes back: cases in, outcomes out, in the order of the sets.

Each conversation is played turn by turn under its own conversation id. A follow-up's standalone rewrite is asked
too, in no conversation, to see what resolving it well would give. Opens nothing and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.types import Answer, Hit, Question
from evals.cases import EvalCase, EvalTurn, Suite
from evals.matching import target_of
from evals.metrics.answers import answer_scores
from evals.metrics.citations import citation_scores
from evals.metrics.retrieval import RankedTurn, hit_at, retrieval_scores, target_ranks
from evals.outcomes import CitedQuote, Outcome
from evals.stages import failing_stage
from ingest.errors import AskwellError, NotFoundError
from ingest.types import Document, Section

DEPTH = 20
"""Sections looked at when a target's rank is sought."""

REPLAYED = 1
"""Turns before this one (the openers) are not follow-ups."""


class Asked(Protocol):
    """The part of the assistant that is measured."""

    def ask(self, question: Question) -> Answer: ...


class Documents(Protocol):
    """Where the text of a cited document is looked up. Raises NotFoundError."""

    def document(self, document_id: str, collection: str | None = None) -> Document: ...


@dataclass(frozen=True, slots=True)
class _Played:
    """A turn with its outcome so far, and the ranking of its rewrite if it is a follow-up."""

    outcome: Outcome
    ranking: RankedTurn
    known_documents: bool
    rewrite: RankedTurn | None


def run_suites(
    suites: Sequence[Suite],
    assistant: Asked,
    documents: Documents,
    advance: Callable[[], None] = lambda: None,
) -> tuple[Outcome, ...]:
    """The outcome of every turn. ``advance`` is called after each case. A question that raises becomes an
    outcome with status "error" and the error's words.
    """
    player = _Player(assistant, documents)
    played: list[_Played] = []
    for suite in suites:
        for case in suite.cases:
            played.extend(player.play(suite.name, case))
            advance()
    found = retrieval_scores([turn.ranking for turn in played if turn.ranking.targets])
    return tuple(_scored(turn, found.get(turn.outcome.id, {})) for turn in played)


class _Player:
    def __init__(self, assistant: Asked, documents: Documents) -> None:
        self._assistant = assistant
        self._documents = documents

    def play(self, suite: str, case: EvalCase) -> Iterator[_Played]:
        conversation: str | None = None
        for number, turn in enumerate(case.turns, 1):
            answer, error, milliseconds = self._ask(Question(turn.question, conversation))
            if answer is not None:
                conversation = answer.conversation_id
            yield self._judge(suite, case, number, turn, answer, error, milliseconds)

    def _ask(self, question: Question) -> tuple[Answer | None, str, float]:
        started = time.perf_counter()
        try:
            answer, error = self._assistant.ask(question), ""
        except AskwellError as raised:
            answer, error = None, str(raised)
        except Exception as raised:  # a crash is a finding about this question, not the end of the run
            answer, error = None, f"{type(raised).__name__}: {raised}"
        return answer, error, (time.perf_counter() - started) * 1000

    def _judge(
        self, suite: str, case: EvalCase, number: int, turn: EvalTurn, answer: Answer | None, error: str, took: float
    ) -> _Played:
        outcome = Outcome(
            case=case.id,
            turn=number,
            suite=suite,
            split=case.split,
            tags=case.tags,
            question=turn.question,
            standalone=turn.standalone,
            expected=turn.facts,
            targets=tuple(map(str, turn.targets)),
            answerable=turn.answerable,
            polarity=turn.polarity,
            searched=answer.standalone_question if answer else "",
            status=answer.status if answer else "error",
            answer=answer.text if answer else error,
            confidence=answer.confidence if answer else 0.0,
            citations=self._quotes(answer),
            ranked=tuple(map(_section_name, _sections(answer.hits))) if answer else (),
            milliseconds=took,
        )
        scores: dict[str, float] = {}
        if answer is not None and not outcome.refused:
            scores.update(citation_scores(outcome.answer, outcome.citations))
        if turn.answerable:
            facts = answer_scores(outcome.answer, refused=outcome.refused, facts=turn.facts, polarity=turn.polarity)
            scores.update(facts)
        ranking = self._ranking(outcome.id, turn, answer)
        rewrite = None
        if number > REPLAYED and turn.answerable and turn.standalone:
            alone, alone_error, _ = self._ask(Question(turn.standalone))
            rewrite = self._ranking(f"{outcome.id} rewrite", turn, alone)
            text, refused = (alone.text, alone.status in ("not_found", "clarify")) if alone else (alone_error, True)
            whole = answer_scores(text, refused=refused, facts=turn.facts, polarity=None)["all_facts"]
            scores.update({"followup_all_facts": scores["all_facts"], "rewrite_all_facts": whole})
        outcome = replace(outcome, scores=scores, target_ranks=target_ranks(ranking))
        return _Played(outcome, ranking, self._knows(turn), rewrite)

    def _quotes(self, answer: Answer | None) -> tuple[CitedQuote, ...]:
        return tuple(
            CitedQuote(
                number=citation.number,
                document=citation.document,
                heading_path=(citation.title, *citation.heading_path),
                quote=citation.quote,
                start=citation.start,
                end=citation.end,
                exact=self._text(citation.document, citation.collection)[citation.start : citation.end]
                == citation.quote,
            )
            for citation in (answer.citations if answer else ())
        )

    def _text(self, document_id: str, collection: str | None) -> str:
        try:
            return self._documents.document(document_id, collection).text
        except NotFoundError:
            return ""

    def _ranking(self, turn_id: str, turn: EvalTurn, answer: Answer | None) -> RankedTurn:
        sections = _sections(answer.hits)[:DEPTH] if answer else ()
        texts = {section.document_id: "" for section in sections}
        if any(place.text and not place.section for target in turn.targets for place in target.places):
            texts = {section.document_id: self._text(section.document_id, section.collection) for section in sections}
        found = tuple(target_of(section, turn.targets, texts[section.document_id]) for section in sections)
        return RankedTurn(turn_id, len(turn.targets), found)

    def _knows(self, turn: EvalTurn) -> bool:
        return all(any(self._text(place.document, None) for place in target.places) for target in turn.targets)


def _sections(hits: Sequence[Hit]) -> tuple[Section, ...]:
    """The distinct sections of the hits, best first."""
    ordered = sorted(hits, key=lambda hit: hit.rank)
    distinct = {(hit.section.collection, hit.section.document_id, hit.section.index): hit.section for hit in ordered}
    return tuple(distinct.values())


def _section_name(section: Section) -> str:
    return f"{section.document_id} § {' > '.join(section.heading_path)}"


def _scored(played: _Played, found: Mapping[str, float]) -> Outcome:
    """The outcome with its retrieval scores and the stage that failed."""
    scores = {**played.outcome.scores, **found}
    ranks: tuple[int, ...] = ()
    if played.rewrite is not None:
        ranks = target_ranks(played.rewrite)
        as_asked, as_rewritten = hit_at(played.outcome.target_ranks, 1), hit_at(ranks, 1)
        scores.update({"followup_hit@1": as_asked, "rewrite_hit@1": as_rewritten})
        scores["followup_gap"] = as_rewritten - as_asked
    outcome = replace(played.outcome, scores=scores)
    return replace(outcome, stage=failing_stage(outcome, known_documents=played.known_documents, rewrite_ranks=ranks))
