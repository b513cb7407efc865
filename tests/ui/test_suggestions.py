"""What to ask next, and what an empty page offers: questions that the documents answer, none asked before."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.examples import example_questions, question_of
from assistant.reliability import reliability
from assistant.suggestions import suggestions
from assistant.types import Question
from assistant.visible import VisibleIndex
from ingest.errors import NotFoundError
from ingest.generation import Generation


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Strengths of graph databases", "What are the strengths of graph databases?"),
        ("Choose something other than a cache when", "When is a cache the wrong choice?"),
        ("What Amazon Timestream is", "What is Amazon Timestream?"),
        ("The AWS services for caches", "What are the AWS services for caches?"),
        ("Is it encrypted?", "Is it encrypted?"),
        ("Overview", ""),
    ],
)
def test_a_heading_becomes_a_question_only_where_that_reads_well(heading: str, question: str) -> None:
    assert question_of(heading) == question


def test_examples_are_looked_for_once_for_each_generation_and_what_may_be_seen_of_it(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = assistant.holder.current()
    every = example_questions(index, 3)
    some = example_questions(VisibleIndex(index, ["handbook"]), 3)
    assert every
    assert some == ["What is Restart of the mail gateway?"]

    def read(*given: object) -> None:
        raise NotFoundError("the list of documents was read again")

    monkeypatch.setattr(Generation, "documents", read)
    assert example_questions(index, 3) == every
    assert example_questions(VisibleIndex(index, ["handbook"]), 3) == some
    assert VisibleIndex(index, ["handbook"]).document_counts() == {"handbook": 1}


def test_suggestions_are_the_neighbours_of_what_was_quoted_and_nothing_asked_before(assistant: Assistant) -> None:
    answer = assistant.ask(Question("What are the weaknesses of partition keys?"))
    index = assistant.holder.current()
    found = suggestions(index, answer)
    assert found[0] == "What are the limits of keys?"
    assert "What are the strengths of partition keys?" in found
    assert "What are the weaknesses of partition keys?" not in found
    assert "What are the strengths of partition keys?" not in suggestions(index, answer, found)
    for question in found:
        assert assistant.ask(Question(question, exact=True)).status == "answered"


def test_a_corrected_question_is_searched_as_written_whatever_was_said_before(assistant: Assistant) -> None:
    first = assistant.ask(Question("What is a partition key?"))
    answer = assistant.ask(Question("And its weaknesses?", first.conversation_id, exact=True))
    assert answer.standalone_question == "And its weaknesses?"


def test_a_higher_confidence_never_counts_for_less() -> None:
    shares = [reliability(step / 20).right for step in range(21)]
    assert shares == sorted(shares)
    assert reliability(0.0).level == "weak"
    assert reliability(1.0).level in ("fair", "strong")
    assert str(shares[-1]) in reliability(1.0).meaning
