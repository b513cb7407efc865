"""Whatever a provider does, the question is answered: tried again where that helps, else with quotes that say so."""

from __future__ import annotations

import time

import pytest

from assistant.types import Answer, ModelOutcome, Question
from tests.assistant.house import check_stream
from tests.generation.conftest import MakeAssistant, Model
from tests.generation.test_writing import QUESTION, check_written, good
from tests.provider.script import Reply, busy
from tests.provider.server import Provider

WRITTEN = "openai:test-model"


def ask(with_model: MakeAssistant, model: Model | None = None) -> Answer:
    assistant = with_model(model)
    answer = check_stream(list(assistant.stream(Question(QUESTION))))
    check_written(assistant, answer)
    return answer


def assert_quoted(answer: Answer, outcome: ModelOutcome) -> None:
    assert answer.generator == f"extractive ({WRITTEN} {outcome})"
    assert "**Amazon DynamoDB is a serverless key-value and document database" in answer.text
    assert f"({WRITTEN} " in answer.text
    assert answer.status == "answered"
    assert answer.model_calls[-1].outcome == outcome


def test_a_busy_provider_is_asked_again_when_it_says(
    provider: Provider, with_model: MakeAssistant, waits: list[float]
) -> None:
    provider.say("answer", busy(429, retry_after="2"), busy(429, retry_after_ms="300"), Reply(good))
    answer = ask(with_model)
    assert answer.generator == WRITTEN
    assert answer.model_calls[0].attempts == 3
    assert [round(wait, 2) for wait in waits] == [2.05, 0.35]


def test_without_a_word_from_it_the_waits_grow(
    provider: Provider, with_model: MakeAssistant, waits: list[float]
) -> None:
    provider.say("answer", busy(500), busy(503), busy(502), Reply(good))
    assert ask(with_model, Model(attempts=4)).generator == WRITTEN
    assert [round(wait, 3) for wait in waits] == [0.375, 0.75, 1.5]


@pytest.mark.parametrize(("status", "outcome"), [(429, "rate_limited"), (500, "unavailable"), (504, "timed_out")])
def test_a_provider_that_stays_busy_is_given_up(
    provider: Provider, with_model: MakeAssistant, status: int, outcome: ModelOutcome
) -> None:
    provider.say("answer", busy(status))
    assert_quoted(ask(with_model), outcome)
    assert len(provider.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_repeated(provider: Provider, with_model: MakeAssistant, status: int) -> None:
    provider.say("answer", busy(status))
    assert_quoted(ask(with_model), "refused")
    assert len(provider.asked) == 1


def test_a_wait_beyond_the_time_limit_is_not_begun(
    provider: Provider, with_model: MakeAssistant, waits: list[float]
) -> None:
    provider.say("answer", busy(429, retry_after="3600"))
    assert_quoted(ask(with_model), "rate_limited")
    assert waits == []


@pytest.mark.parametrize("after", [0, 3])
def test_a_stall_ends_at_the_time_limit(provider: Provider, with_model: MakeAssistant, after: int) -> None:
    provider.say("answer", Reply(good, fault="stall", after=after, seconds=30))
    began = time.monotonic()
    answer = ask(with_model, Model(seconds=1.0))
    assert time.monotonic() - began < 4
    assert_quoted(answer, "timed_out")


@pytest.mark.parametrize("fault", ["cut", "clean_cut", "malformed"])
def test_a_stream_that_breaks_before_a_sentence_is_tried_again(
    provider: Provider, with_model: MakeAssistant, fault: str
) -> None:
    provider.say("answer", Reply(good, fault=fault, after=2), Reply(good))  # type: ignore[arg-type]
    assert ask(with_model).generator == WRITTEN


@pytest.mark.parametrize("fault", ["cut", "clean_cut", "malformed"])
def test_what_was_shown_before_a_break_stays_and_quotes_follow(
    provider: Provider, with_model: MakeAssistant, fault: str
) -> None:
    provider.say("answer", Reply(lambda a: good(a) + " DynamoDB scales." * 5, fault=fault, after=36))  # type: ignore[arg-type]
    answer = ask(with_model)
    assert answer.text.startswith("Amazon DynamoDB is a serverless key-value and document database. [1] A table")
    assert "What follows is quoted from the documents as it stands.)" in answer.text
    assert answer.generator == f"extractive ({WRITTEN} cut)"


@pytest.mark.parametrize(
    "reply",
    [
        Reply("", fault="empty"),
        Reply("   \n"),
        Reply("I am sorry, I cannot help with that."),
        Reply("Quantum bananas orbit the moon [1]. They sing [2]."),
        Reply("[1] [2] [3]"),
        Reply("![](https://evil.example/x.png)"),
        Reply("<script>alert(1)</script>"),
    ],
)
def test_an_answer_that_cannot_be_used_is_replaced_by_quotes(
    provider: Provider, with_model: MakeAssistant, reply: Reply
) -> None:
    provider.say("answer", reply)
    provider.say("repair", Reply("nothing"))
    answer = ask(with_model)
    assert answer.generator == f"extractive ({WRITTEN} unusable)"
    assert "evil" not in answer.text
    assert "script" not in answer.text


def test_a_repair_that_fails_leaves_the_mark(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lambda a: good(a) + " It has 77 lives [1]."))
    provider.say("repair", busy(500))
    answer = ask(with_model, Model(attempts=1))
    assert answer.generator == WRITTEN
    assert not answer.checks[-1].supported


def test_too_long_a_prompt_is_halved_and_sent_again(provider: Provider, with_model: MakeAssistant) -> None:
    long = Reply(fault="status", status=413)
    provider.say("answer", long, Reply("A table needs no servers to be chosen or patched."))
    answer = ask(with_model, Model(context_tokens=3000))
    assert answer.generator in (WRITTEN, f"extractive ({WRITTEN} refused)")


def test_the_length_limit_keeps_whole_sentences(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lambda a: good(a) + " DynamoDB answers in single-di", finish="length"))
    answer = ask(with_model)
    assert answer.generator == WRITTEN
    assert "single-di" not in answer.text.replace("single-digit", "")
