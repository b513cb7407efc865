"""What a question asks for beyond its words: several things, one of many, or when not to."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.compose.parts import parts_of
from assistant.protocols import Records
from assistant.search import HybridSearch
from assistant.stance import agreement
from assistant.types import Question
from ingest.pipeline import ingest
from ingest.protocols import Embedder
from tests.assistant.conftest import Ask
from tests.assistant.house import SURE, assistant_over, check_answer


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What are the strengths and weaknesses of DynamoDB?",
            ("What are the strengths of DynamoDB?", "What are the weaknesses of DynamoDB?"),
        ),
        ("What is DynamoDB and how is it backed up?", ("What is DynamoDB?", "how is DynamoDB backed up?")),
        ("What is DynamoDB?", ()),
        ("What is the difference between DynamoDB and Aurora?", ()),
        ("The table is slow. What helps?", ()),
        ("Strengths and weaknesses", ()),
    ],
)
def test_a_question_of_several_parts_is_told_apart(search: HybridSearch, question: str, parts: tuple[str, ...]) -> None:
    assert parts_of(search.query(question)) == parts


def test_each_part_is_answered_by_itself(ask: Ask) -> None:
    answer = ask("What are the strengths and weaknesses of DynamoDB?")
    cited = [citation.heading_path[-1] for citation in answer.citations]
    assert cited == ["Strengths of DynamoDB"] * 3 + ["Weaknesses of DynamoDB"]


def test_the_part_that_is_not_answered_is_named(ask: Ask) -> None:
    answer = ask("What is DynamoDB and who invented penicillin?")
    assert answer.status == "partial"
    assert answer.text.endswith("The documents do not answer: Who invented penicillin?")
    assert answer.citations


@pytest.mark.parametrize(
    ("heading", "question", "side"),
    [
        ("Choose DynamoDB when", "When should I not use DynamoDB?", -1.0),
        ("Choose something other than DynamoDB when", "When should I not use DynamoDB?", 1.0),
        ("Weaknesses of DynamoDB", "why shouldn't we pick DynamoDB", 0.5),
        ("Choose something other than DynamoDB when", "When should I use DynamoDB?", -1.0),
        ("Choose DynamoDB when", "When should I use DynamoDB?", 0.0),
        ("Encryption", "When should I not use DynamoDB?", 0.0),
    ],
)
def test_a_heading_takes_a_side(heading: str, question: str, side: float) -> None:
    assert agreement(heading, question) == side


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("When should I use DynamoDB?", "Strengths of DynamoDB"),
        ("When should I not use DynamoDB?", "Weaknesses of DynamoDB"),
    ],
)
def test_when_to_gets_the_strengths_and_when_not_to_the_weaknesses(ask: Ask, question: str, section: str) -> None:
    assert {citation.heading_path[-1] for citation in ask(question).citations} == {section}


def test_a_question_that_fits_many_things_gets_one_back(tmp_path: Path, embedder: Embedder, records: Records) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("Amazon Aurora", "Amazon Neptune", "Amazon Redshift", "Amazon Timestream"):
        page = f"---\ntitle: {name}\nservices: [{name}]\n---\n# {name}\n\n{name} is a service.\n\n"
        page += f"## Limit of {name}\n\nThe limit of {name} is 40 instances.\n"
        (docs / f"{name.split()[-1]}.md").write_text(page)
    ingest([docs], data_dir=tmp_path / "data", embedder=embedder)
    assistant = assistant_over(tmp_path / "data", embedder, records, judge=SURE)
    answer = assistant.ask(Question("What is the limit?"))
    assert answer.status == "clarify"
    assert len(answer.choices) == 4
    assert "What is the limit of Amazon Neptune?" in answer.choices
    assert all(choice in answer.text for choice in answer.choices)
    check_answer(answer, assistant.holder.current())
    chosen = assistant.ask(Question("What is the limit of Amazon Neptune?"))
    assert chosen.citations[0].document == "Neptune.md"
    assert assistant.ask(Question("Which database is best?")).status == "clarify"
    assistant.holder.close()


def test_what_is_said_of_another_product_is_no_answer(ask: Ask) -> None:
    answer = ask("Does Neptune support joins?")
    assert not any("DynamoDB" in citation.quote for citation in answer.citations)
    assert "Yes" not in answer.text


def test_a_refusal_says_what_is_covered(ask: Ask) -> None:
    answer = ask("What does a Neptune licence from Oracle cost in Peru?")
    assert answer.status == "not_found"
    assert answer.text.startswith("The documents do not answer this question. They do cover Amazon Neptune, but")
    assert not answer.citations


def test_a_choice_that_has_ended_is_led_by_the_notice(ask: Ask) -> None:
    answer = ask("Which database should I use for a ledger?")
    lead = answer.text.splitlines()[0]
    assert "QLDB" in lead
    assert "ended" in lead or "end of support" in lead
