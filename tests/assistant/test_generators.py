"""The contract of a generator (``assistant.protocols.Generator``): every implementation passes it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import pytest

from assistant.compose.draft import Draft
from assistant.compose.evidence import Evidence, UnitVectors, gather
from assistant.compose.extractive import ExtractiveGenerator
from assistant.protocols import Generator
from assistant.search import HybridSearch

QUESTIONS = [
    "What is Amazon DynamoDB?",
    "What are the strengths of DynamoDB?",
    "What are the weaknesses of DynamoDB?",
    "Which design principles belong to the cost pillar?",
    "What is the difference between ElastiCache and MemoryDB?",
    "Does DynamoDB support transactions?",
    "What is the maximum item size of DynamoDB?",
    "How do I restore an Aurora cluster to a point in time?",
    "Why can the history of QLDB be proved?",
    "Should I use Neptune or DynamoDB for fraud detection?",
    "What is the largest Quokka packet?",
    "telescope",
    "Who won the football world cup?",
]

LookUp = Callable[[str], Evidence]


@pytest.fixture(params=[ExtractiveGenerator], ids=lambda made: made.name)
def generator(request: pytest.FixtureRequest) -> Generator:
    made: Generator = request.param()
    return made


@pytest.fixture(scope="module")
def look_up(search: HybridSearch) -> LookUp:
    vectors = UnitVectors(search)

    def found(text: str) -> Evidence:
        query = search.query(text)
        return gather(query, search.hits(query, 10), search, vectors)

    return found


def nothing(search: HybridSearch, text: str) -> Evidence:
    """What a search that found nothing gives."""
    return gather(search.query(text), (), search, UnitVectors(search))


def test_it_has_a_name(generator: Generator) -> None:
    assert generator.name == generator.name.strip() != ""


def test_without_evidence_the_draft_is_empty(generator: Generator, search: HybridSearch) -> None:
    for question in QUESTIONS:
        draft = generator.draft(nothing(search, question), lambda text: nothing(search, text))
        assert draft.is_empty
        assert not draft.hits


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_statement_but_an_introduction_carries_spans_of_its_documents(
    generator: Generator, look_up: LookUp, search: HybridSearch, question: str
) -> None:
    draft = generator.draft(look_up(question), look_up)
    assert not draft.is_empty
    for statement in draft.statements:
        assert bool(statement.passages) == (statement.layout != "intro")
        assert "\n" not in statement.text or statement.layout == "code"
        if statement.layout == "row":
            assert 0 < len(statement.cells) <= len(statement.header)
        else:
            assert statement.text.strip()
    for passage in chain.from_iterable(statement.passages for statement in draft.statements):
        document = search.index.document(passage.document.id, passage.document.collection)
        assert passage.document == document
        assert passage.section in search.index.sections(document.id, document.collection)
        assert passage.section.start <= passage.start < passage.end <= passage.section.end
        assert passage.quote == document.text[passage.start : passage.end]
        assert passage.quote == passage.quote.strip()


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_evidence_gives_the_same_draft(generator: Generator, look_up: LookUp, question: str) -> None:
    drafts: list[Draft] = [generator.draft(look_up(question), look_up) for _ in range(2)]
    assert drafts[0] == drafts[1]


def test_a_part_that_nothing_speaks_of_is_missing_not_invented(
    generator: Generator, look_up: LookUp, search: HybridSearch
) -> None:
    draft = generator.draft(
        look_up("What is the difference between Neptune and Redshift?"), lambda text: nothing(search, text)
    )
    assert draft.missing == ("Amazon Redshift",)
    cited = {passage.document.id for statement in draft.statements for passage in statement.passages}
    assert cited == {"services/neptune.md"}
