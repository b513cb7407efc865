"""The assistant: what every face talks to. One object for the life of a process, safe for many threads."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import TYPE_CHECKING

from assistant.callers import Caller, acting_as, caller
from assistant.knowing import Judge
from assistant.names import Names
from assistant.protocols import Generator, Records
from assistant.ranking import Ranking
from assistant.search import HybridSearch
from assistant.spelling import Speller
from assistant.types import Answer, AnswerEvent, DoneEvent, Hit, Question, Turn
from assistant.visible import VisibleHolder, VisibleIndex
from ingest.errors import AskwellError, BadInputError, NotFoundError
from ingest.index import OpenIndex
from ingest.protocols import Embedder
from ingest.types import Scope

if TYPE_CHECKING:
    from assistant.compose.evidence import UnitVectors
    from assistant.generation.writer import ModelWriter
    from ingest.holder import IndexHolder

_SECONDS_TO_END = 10.0
_MOST_HEADINGS = 20_000
_EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class _Opened:
    search: HybridSearch
    vectors: UnitVectors


class Assistant:
    def __init__(
        self,
        *,
        holder: IndexHolder,
        embedder: Embedder,
        records: Records,
        glossary: Sequence[tuple[str, ...]],
        ranking: Ranking,
        judge: Judge,
        generator: Generator,
        writer: ModelWriter | None = None,
        max_question_chars: int = 4000,
    ) -> None:
        self.holder = VisibleHolder(holder)
        self._all = holder
        self.records = records
        self._embedder = embedder
        self._glossary = tuple(glossary)
        self._ranking = ranking
        self._judge = judge
        self._generator = generator
        self._writer = writer
        self._max_question_chars = max_question_chars
        self._opened: OrderedDict[str, _Opened] = OrderedDict()
        self._lock = Lock()
        self._warming = False
        self._reader: Thread | None = None
        self._running = 0
        self.on_answer: list[Callable[[Answer], None]] = []
        """Told of every recorded answer: metrics, logs."""

    @property
    def running(self) -> int:
        """Answers in the making, over every face; a shutdown waits for them."""
        return self._running

    def require_sign_in(self) -> None:
        """From now on whoever asks must be known (``assistant.callers.acting_as``): nobody else gets an index."""
        self.holder = VisibleHolder(self._all, sign_in=True)

    def keep_warm(self) -> None:
        """For a serving process: reads ahead in the background, now and whenever a new generation goes live."""
        with self._lock:
            self._warming = True
            open_already = tuple(self._opened.values())
        for opened in open_already:
            self._begin_reading_ahead(opened)
        try:
            self._opened_for(self._all.current())
        except AskwellError:
            return  # no index yet, or one that does not fit: the first question says so

    def ask(self, question: Question) -> Answer:
        """The answer, recorded. Raises BadInputError, NotFoundError or NoIndexError with a sentence for a person."""
        for event in self.stream(question):
            if isinstance(event, DoneEvent):
                return event.answer
        raise RuntimeError("the chain ended without an answer")

    def stream(self, question: Question) -> Iterator[AnswerEvent]:
        """The same answer while it is made: sources, then words and citations, then the whole, recorded.

        What is wrong with the question is raised before the first event.
        """
        from assistant.chain import Asked, answer_chain

        self._check(question.text)
        index = self.holder.current()
        scope = self.scope(index, question.collections, question.filters)
        conversation_id = self.records.ensure_conversation(question.conversation_id)
        opened = self._opened_for(index)
        asked = Asked(
            question=question,
            conversation_id=conversation_id,
            turns=self._turns(question, conversation_id, opened.search),
            scope=scope,
            search=opened.search,
            vectors=opened.vectors,
            judge=self._judge,
            generator=self._generator,
            writer=self._writer,
        )
        return self._recorded(answer_chain().stream(asked), index, caller())

    def search(self, text: str, k: int = 10, scope: Scope = _EVERYTHING) -> list[Hit]:
        """The best chunk of each of the k best sections, best first."""
        self._check(text)
        index = self.holder.current()
        scope = self.scope(index, scope.collections, scope.filters)
        search = self._opened_for(index).search
        return search.hits(search.query(text), k, scope)

    def searcher(self) -> HybridSearch:
        """The search of the live generation, for evaluation and training."""
        return self._opened_for(self._all.current()).search

    def examples(self, n: int = 4) -> list[str]:
        """Questions that the indexed documents answer, for an empty page; none when there is no index."""
        from assistant.examples import example_questions

        return example_questions(self.holder.current(), n)

    @staticmethod
    def scope(
        index: OpenIndex,
        collections: tuple[str, ...] | None,
        filters: tuple[tuple[str, tuple[str, ...]], ...],
    ) -> Scope:
        """Checks names against the index: a filter that is silently ignored would give wrong answers."""
        if collections is None and isinstance(index, VisibleIndex):
            collections = tuple(index.collections())
        elif collections is not None:
            known = index.collections()
            unknown = [name for name in collections if name not in known]
            if unknown:
                raise NotFoundError(
                    f"There is no collection {', '.join(map(repr, unknown))}. "
                    f"Collections here: {', '.join(known) or 'none'}"
                )
        if filters:
            facets = index.facets()
            for name, _values in filters:
                if name not in facets:
                    fields = ", ".join(sorted(facets)) or "none"
                    raise BadInputError(f"There is no filter {name!r}. Filters here: {fields}")
        return Scope(collections, filters)

    def close(self) -> None:
        """Ends what runs in the background. A process must not end while the embedder computes: it would crash."""
        self._warming = False
        if self._reader is not None:
            self._reader.join(_SECONDS_TO_END)
        self.records.close()
        self.holder.close()

    def _recorded(self, events: Iterator[AnswerEvent], index: OpenIndex, who: Caller | None) -> Iterator[AnswerEvent]:
        with self._lock:
            self._running += 1
        try:
            for event in events:
                if isinstance(event, DoneEvent):
                    event = DoneEvent(with_document_hashes(event.answer, index))
                    with acting_as(who):  # a stream may be read by another thread than the one that asked
                        self.records.record(event.answer)
                    for told in self.on_answer:
                        told(event.answer)
                yield event
        finally:
            with self._lock:
                self._running -= 1

    def _turns(self, question: Question, conversation_id: str, search: HybridSearch) -> tuple[Turn, ...]:
        """The recorded turns; or those that the asking program sent along, each question made complete in its turn."""
        if question.history:
            from assistant.followups import make_standalone

            turns: list[Turn] = []
            for asked, answered in question.history:
                standalone = make_standalone(asked, turns, search.names).text
                turns.append(Turn(asked, standalone, answered, "answered"))
            return tuple(turns)
        return self.records.turns(conversation_id) if question.conversation_id else ()

    def _begin_reading_ahead(self, opened: _Opened) -> None:
        self._reader = Thread(target=self._read_ahead, args=(opened,), name="read-ahead", daemon=True)
        self._reader.start()

    def _read_ahead(self, opened: _Opened) -> None:
        try:
            opened.vectors.warm(lambda: self._is_live(opened))
        except Exception as error:
            # Only speed is lost: a generation that closes under the reader, or a process that ends.
            logging.getLogger(__name__).debug("Reading ahead stopped: %s", error)

    def _is_live(self, opened: _Opened) -> bool:
        return self._warming and any(other is opened for other in tuple(self._opened.values()))

    def _speller(self, index: OpenIndex) -> Speller:
        # The embedder's own vocabulary holds the common English words whole, and misspelt ones in pieces.
        return Speller(index.vocabulary, lambda word: self._embedder.tokens.count([word])[0] == 1)

    def _check(self, text: str) -> None:
        if not any(character.isalnum() for character in text):
            raise BadInputError("The question is empty. Ask something, for example: What is Amazon Aurora?")
        if len(text) > self._max_question_chars:
            raise BadInputError(
                f"The question has {len(text):,} characters; the most that is read is {self._max_question_chars:,}. "
                "Shorten it."
            )

    def _opened_for(self, index: OpenIndex) -> _Opened:
        from assistant.compose.evidence import UnitVectors

        if isinstance(index, VisibleIndex):
            index = index.whole  # opened once for all callers; the scope keeps each to its collections

        generation = index.manifest.generation
        with self._lock:
            known = self._opened.get(generation)
            if known is not None and known.search.index is index:
                return known
            names = names_of(index, self._glossary)
            search = HybridSearch(index, self._embedder, names, self._speller(index), self._ranking)
            opened = _Opened(search, UnitVectors(search))
            self._opened[generation] = opened
            if self._warming:
                self._begin_reading_ahead(opened)
            while len(self._opened) > 1:
                # An old generation closes when its last request lets go of it.
                self._opened.popitem(last=False)
            return opened


def with_document_hashes(answer: Answer, index: OpenIndex) -> Answer:
    """Each citation with the content hash of its document, so that a later check can tell what changed since."""
    cited = {(citation.document, citation.collection) for citation in answer.citations}
    hashes = {place: index.document(*place).content_hash for place in cited}
    citations = tuple(
        replace(citation, document_sha256=hashes[citation.document, citation.collection])
        for citation in answer.citations
    )
    return replace(answer, citations=citations)


def names_of(index: OpenIndex, glossary: Sequence[tuple[str, ...]]) -> Names:
    """Names from the glossary, the front matter and, unless there are very many, the headings."""
    services = list(index.facets().get("services", {}))
    titles: dict[str, None] = {}
    headings: dict[str, None] = {}
    if index.manifest.sections <= _MOST_HEADINGS:
        for section in index.iter_sections():
            if section.heading:
                (titles if section.parent < 0 else headings).setdefault(section.heading)
    return Names(glossary, services, headings, titles)
