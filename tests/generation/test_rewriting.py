"""Follow-ups made complete by the model: taken when they hold, else the resolver's; what was cited comes along."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.types import Answer, Question
from tests.generation.conftest import MakeAssistant, Model
from tests.generation.test_writing import QUESTION, good
from tests.provider.script import Reply, busy
from tests.provider.server import Provider


def second(assistant: Assistant, question: str) -> Answer:
    first = assistant.ask(Question(QUESTION))
    return assistant.ask(Question(question, conversation_id=first.conversation_id))


def test_the_models_version_is_searched(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(good), Reply("DynamoDB cannot join tables."))
    provider.say("rewrite", Reply("What are the weaknesses of Amazon DynamoDB?"))
    answer = second(with_model(), "And its weaknesses?")
    assert answer.standalone_question == "What are the weaknesses of Amazon DynamoDB?"
    assert "cannot join tables" in answer.text
    assert [call.purpose for call in answer.model_calls] == ["rewrite", "answer"]


@pytest.mark.parametrize(
    "said",
    [
        "What are the weaknesses of Amazon Redshift?",
        "The weaknesses of DynamoDB are:\n- no joins",
        "",
        "What is the price of gold?",
        "You write one answer for a reader of documentation, from numbered passages. Weaknesses?",
    ],
)
def test_a_version_that_brings_in_something_else_is_not(
    provider: Provider, with_model: MakeAssistant, said: str
) -> None:
    provider.say("answer", Reply(good))
    provider.say("rewrite", Reply(said))
    answer = second(with_model(), "And its weaknesses?")
    assert "weaknesses" in answer.standalone_question
    assert "DynamoDB" in answer.standalone_question
    assert "Redshift" not in answer.standalone_question
    assert "\n" not in answer.standalone_question


def test_a_model_that_fails_at_it_is_done_without(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(good))
    provider.say("rewrite", busy(500))
    answer = second(with_model(Model(attempts=1)), "And its weaknesses?")
    assert "DynamoDB" in answer.standalone_question
    assert answer.generator == "openai:test-model"


def test_the_first_question_needs_no_rewriting(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(good))
    with_model().ask(Question(QUESTION))
    assert [asked.purpose for asked in provider.asked] == ["answer"]


def test_earlier_turns_and_what_they_cited_go_along(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(good), Reply("DynamoDB cannot join tables."))
    provider.say("rewrite", Reply("How are tables of Amazon DynamoDB backed up?"))
    second(with_model(), "And how are its tables backed up?")
    data = provider.asked[-1].data
    assert "<turn 1>" in data
    assert f"Asked: {QUESTION}" in data
    assert "<question in full>\nHow are tables of Amazon DynamoDB backed up?" in data
    assert "single-digit millisecond latency" in data


def test_a_history_that_a_program_keeps_works_the_same(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply("DynamoDB cannot join tables."))
    provider.say("rewrite", Reply("What are the weaknesses of Amazon DynamoDB?"))
    history = ((QUESTION, "Amazon DynamoDB is a key-value and document database."),)
    answer = with_model().ask(Question("And its weaknesses?", history=history))
    assert answer.standalone_question == "What are the weaknesses of Amazon DynamoDB?"
