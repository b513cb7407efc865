"""The oddities of a real document: pseudo-headings, lists under bold lines, sections that never name their subject."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.protocols import Records
from assistant.types import Answer, Question
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from tests.assistant.house import HERE, assistant_over, check_answer

SEED = HERE.parents[2] / "shared" / "seed" / "building-with-aws-databases.md"
pytestmark = pytest.mark.skipif(
    not SEED.exists(), reason="the seed document is not beside this checkout (../shared/seed)"
)


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, records: Records) -> Iterator[Assistant]:
    data_dir: Path = tmp_path_factory.mktemp("seed")
    ingest([SEED], data_dir=data_dir, embedder=embedder)
    made = assistant_over(data_dir, embedder, records)
    yield made
    made.holder.close()


def asked(seed: Assistant, question: str) -> Answer:
    answer = seed.ask(Question(question))
    check_answer(answer, seed.holder.current())
    return answer


def test_mechanical_sympathy_is_defined_from_its_pseudo_section(seed: Assistant) -> None:
    answer = asked(seed, "What is mechanical sympathy?")
    assert answer.status == "answered"
    assert answer.text.startswith("**Mechanical sympathy refers to designing systems that are aligned")
    assert answer.citations[0].heading_path[-2:] == ("Performance Efficiency", "Mechanical sympathy")


def test_the_weaknesses_of_graph_databases_are_the_three_that_are_listed(seed: Assistant) -> None:
    answer = asked(seed, "What are the weaknesses of graph databases?")
    assert answer.status == "answered"
    assert [citation.quote for citation in answer.citations] == [
        "They cannot adequately store transactional data.",
        "Analysts must learn new languages to query the data.",
        "Performing analytics on the data may not be as efficient as with other database types.",
    ]
    assert {citation.heading_path[-2:] for citation in answer.citations} == {("Graph databases", "Weaknesses")}


def test_the_principles_of_the_cost_pillar_are_its_five_pseudo_headings(seed: Assistant) -> None:
    answer = asked(seed, "Which design principles belong to the cost pillar?")
    assert answer.status == "answered"
    assert [citation.heading_path[-2:] for citation in answer.citations] == [
        ("Cost Optimization", name)
        for name in (
            "Adopt a consumption model",
            "Measure overall efficiency",
            "Stop spending money on undifferentiated heavy lifting",
            "Analyze and attribute expenditure",
            "Use managed services to reduce cost of ownership",
        )
    ]


@pytest.mark.parametrize(
    "question", ["Amazon MemoryDB leaderboards", "Can I build leaderboards of a game with Amazon MemoryDB?"]
)
def test_memorydb_leaderboards_finds_the_section_that_never_names_the_service(seed: Assistant, question: str) -> None:
    answer = asked(seed, question)
    assert answer.status == "answered"
    assert answer.hits[0].section.heading == "Develop online games"
    quote = next(quote for quote in answer.citations if quote.heading_path[-1] == "Develop online games").quote
    assert "leaderboards" in quote
    assert "MemoryDB" not in quote


def test_a_row_of_its_table_is_not_cut_out_of_context(seed: Assistant) -> None:
    answer = asked(seed, "What is semi-structured data?")
    assert answer.citations[0].heading_path[-1] == "Semi-Structured"
