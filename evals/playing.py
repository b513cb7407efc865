"""Plays one case against the assistant and scores what comes back, but for what needs all cases at once.

Each conversation is played turn by turn under its own conversation id. A follow-up's standalone rewrite is asked
too, in no conversation, to see what resolving it well would give. Opens nothing and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from assistant.types import Answer, Hit, Question
from evals.cases import EvalCase, EvalTurn
from evals.matching import target_of
from evals.metrics.answers import answer_scores
from evals.metrics.citations import citation_scores
from evals.metrics.retrieval import RankedTurn, target_ranks
from evals.outcomes import CitedQuote, Outcome
from ingest.errors import AskwellError, BadInputError, NotFoundError
from ingest.types import Document, Section

DEPTH = 50
"""Sections looked at when a target is not among the hits: was it ranked too low, or not retrieved at all?"""

REPLAYED = 1
"""Turns up to this one (the openers) are not follow-ups."""


class Asked(Protocol):
    """The part of the assistant that is measured."""

    def ask(self, question: Question) -> Answer: ...

    def search(self, text: str, k: int = ...) -> list[Hit]: ...


class Documents(Protocol):
    """Where the text of a cited document is looked up. Raises NotFoundError."""

    def document(self, document_id: str, collection: str | None = None) -> Document: ...


@dataclass(frozen=True, slots=True)
class Played:
    """A turn with its outcome so far, and the ranking of its rewrite if it is a follow-up."""

    outcome: Outcome
    ranking: RankedTurn
    known_documents: bool
    rewrite: RankedTurn | None


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why there is no answer."""

    words: str = ""
    status: Literal["clarify", "error"] = "error"


class Player:
    def __init__(self, assistant: Asked, documents: Documents) -> None:
        self._assistant = assistant
        self._documents = documents

    def play(self, suite: str, case: EvalCase) -> tuple[Played, ...]:
        """One entry for each turn. A question that raises becomes an outcome with status "error"."""
        conversation: str | None = None
        played: list[Played] = []
        for number, turn in enumerate(case.turns, 1):
            answer, failure, milliseconds = self._ask(Question(turn.question, conversation))
            if answer is not None:
                conversation = answer.conversation_id
            played.append(self._judge(suite, case, number, turn, answer, failure, milliseconds))
        return tuple(played)

    def _ask(self, question: Question) -> tuple[Answer | None, _Failure, float]:
        started = time.perf_counter()
        answer, failure = None, _Failure()
        try:
            answer = self._assistant.ask(question)
        except BadInputError as raised:  # "???" is no question, and saying so is the right answer
            failure = _Failure(str(raised), "clarify")
        except AskwellError as raised:
            failure = _Failure(str(raised))
        except Exception as raised:  # a crash is a finding about this question, not the end of the run
            failure = _Failure(f"{type(raised).__name__}: {raised}")
        return answer, failure, (time.perf_counter() - started) * 1000

    def _judge(
        self,
        suite: str,
        case: EvalCase,
        number: int,
        turn: EvalTurn,
        answer: Answer | None,
        failure: _Failure,
        took: float,
    ) -> Played:
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
            status=answer.status if answer else failure.status,
            answer=answer.text if answer else failure.words,
            confidence=answer.confidence if answer else 0.0,
            citations=self._quotes(answer),
            ranked=tuple(map(_section_name, _sections(answer.hits))) if answer else (),
            milliseconds=took,
            timings_ms=dict(answer.timings_ms) if answer else {},
        )
        scores: dict[str, float] = {}
        if answer is not None and not outcome.refused:
            scores.update(citation_scores(outcome.answer, outcome.citations))
        if turn.answerable:
            facts = answer_scores(
                outcome.answer,
                refused=outcome.refused,
                facts=turn.facts,
                polarity=turn.polarity,
                question=turn.standalone or turn.question,
            )
            scores.update(facts)
        ranking = self._ranking(outcome.id, turn, answer)
        rewrite = None
        if number > REPLAYED and turn.answerable and turn.standalone:
            alone, alone_failure, _ = self._ask(Question(turn.standalone))
            rewrite = self._ranking(f"{outcome.id} rewrite", turn, alone)
            text, refused = (
                (alone.text, alone.status in ("not_found", "clarify")) if alone else (alone_failure.words, True)
            )
            whole = answer_scores(text, refused=refused, facts=turn.facts, polarity=None)["all_facts"]
            scores.update({"followup_all_facts": scores["all_facts"], "rewrite_all_facts": whole})
        outcome = replace(outcome, scores=scores, target_ranks=target_ranks(ranking))
        return Played(outcome, ranking, self._knows(turn), rewrite)

    def _quotes(self, answer: Answer | None) -> tuple[CitedQuote, ...]:
        return tuple(
            CitedQuote(
                number=citation.number,
                document=citation.document,
                heading_path=tuple(dict.fromkeys((citation.title, *citation.heading_path))),
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
        if answer is None or not turn.targets:
            return RankedTurn(turn_id, len(turn.targets), ())
        sections = _sections(answer.hits)
        found = self._found(sections, turn)
        if not any(target is not None for target in found):
            found += self._found(self._deeper(answer, sections), turn)
        return RankedTurn(turn_id, len(turn.targets), found)

    def _found(self, sections: Sequence[Section], turn: EvalTurn) -> tuple[int | None, ...]:
        texts = {section.document_id: "" for section in sections}
        if any(place.text and not place.section for target in turn.targets for place in target.places):
            texts = {section.document_id: self._text(section.document_id, section.collection) for section in sections}
        return tuple(target_of(section, turn.targets, texts[section.document_id]) for section in sections)

    def _deeper(self, answer: Answer, shown: Sequence[Section]) -> tuple[Section, ...]:
        """What the search has beyond the hits that the answer was made from."""
        try:
            hits = self._assistant.search(answer.standalone_question, DEPTH)
        except AskwellError:
            return ()
        known = set(map(_place, shown))
        return tuple(section for section in _sections(hits) if _place(section) not in known)

    def _knows(self, turn: EvalTurn) -> bool:
        return all(any(self._text(place.document, None) for place in target.places) for target in turn.targets)


def _place(section: Section) -> tuple[str, str, int]:
    return section.collection, section.document_id, section.index


def _sections(hits: Sequence[Hit]) -> tuple[Section, ...]:
    """The distinct sections of the hits, best first."""
    ordered = sorted(hits, key=lambda hit: hit.rank)
    return tuple({_place(hit.section): hit.section for hit in ordered}.values())


def _section_name(section: Section) -> str:
    return f"{section.document_id} § {' > '.join(section.heading_path)}"
