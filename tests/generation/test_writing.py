"""Answers written by a chat model: numbered anew, checked sentence by sentence, corrected once, streamed."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.generation.page import UNSUPPORTED
from assistant.types import Answer, Question, TokenEvent
from tests.assistant.house import check_stream, marks_in
from tests.generation.conftest import MakeAssistant, Model
from tests.provider.script import Asked, Reply
from tests.provider.server import Provider

QUESTION = "What is Amazon DynamoDB?"
GOOD = (
    "Amazon DynamoDB is a serverless key-value and document database [{intro}]. A table needs no servers to be patched."
)


def good(asked: Asked) -> str:
    return GOOD.format(intro=asked.passage("single-digit millisecond latency"))


def check_written(assistant: Assistant, answer: Answer) -> None:
    """The promises: quotes letter for letter, numbers by first use, no number without its citation."""
    index = assistant.holder.current()
    for citation in answer.citations:
        document = index.document(citation.document, citation.collection)
        assert document.text[citation.start : citation.end] == citation.quote
    assert list(dict.fromkeys(marks_in(answer.text))) == [citation.number for citation in answer.citations]
    for check in answer.checks:
        assert 0 <= check.start < check.end <= len(answer.text)
        assert (UNSUPPORTED in answer.text[check.start : check.end]) == (not check.supported)
        assert check.supported == (not check.reasons) or check.supported


def ask(assistant: Assistant, question: str = QUESTION, **more: object) -> Answer:
    answer = check_stream(list(assistant.stream(Question(question, **more))))  # type: ignore[arg-type]
    check_written(assistant, answer)
    return answer


def test_a_written_answer_is_cited_to_exact_spans(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(good))
    answer = ask(with_model())
    assert answer.generator == "openai:test-model"
    assert answer.status == "answered"
    assert answer.text.startswith("Amazon DynamoDB is a serverless key-value and document database. [1]")
    assert all(check.supported for check in answer.checks)
    assert len(answer.checks) == 2
    assert [call.purpose for call in answer.model_calls] == ["answer"]


def test_an_uncited_sentence_that_the_passages_bear_out_gets_its_number(
    provider: Provider, with_model: MakeAssistant
) -> None:
    provider.say("answer", Reply("A DynamoDB table needs no servers to be chosen or patched."))
    answer = ask(with_model())
    assert [citation.quote for citation in answer.citations] == ["A table needs\nno servers to be chosen or patched."]


def test_a_wrong_number_is_replaced_by_the_passage_that_says_it(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say(
        "answer",
        Reply(
            lambda asked: f"DynamoDB cannot join tables [{asked.passage('Maximum item size')}]. It is serverless [77]."
        ),
    )
    answer = ask(with_model())
    assert "cannot join tables" in answer.citations[0].quote
    assert answer.checks[0].reasons == ("The passage that was cited does not say it; the one shown does.",)
    assert "77" not in answer.text


LIE = "An item in DynamoDB can be at most 500 KB in size [{limits}]."


def lying(asked: Asked) -> str:
    return good(asked) + " " + LIE.format(limits=asked.passage("Maximum item size"))


def test_a_wrong_figure_is_corrected_once_by_the_model(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lying))
    provider.say("repair", Reply(lambda a: f"A: The maximum item size is 400 KB [{a.passage('Maximum item size')}]."))
    answer = ask(with_model())
    assert "500" not in answer.text
    assert "The maximum item size is 400 KB. [3]" in answer.text
    assert all(check.supported for check in answer.checks)
    repair = next(asked for asked in provider.asked if asked.purpose == "repair")
    assert "The figure 500 KB is not in the cited passage." in repair.data


@pytest.mark.parametrize(
    "answered", ["A: An item can be at most 600 KB.", "nonsense", "B: none", "A: none", "A: one [1]. Two [2]."]
)
def test_what_the_model_cannot_correct_is_marked(provider: Provider, with_model: MakeAssistant, answered: str) -> None:
    provider.say("answer", Reply(lying))
    provider.say("repair", Reply(answered))
    answer = ask(with_model())
    assert f"An item in DynamoDB can be at most 500 KB in size. {UNSUPPORTED}" in answer.text
    lost = answer.checks[-1]
    assert not lost.supported
    assert lost.citations == ()
    assert lost.reasons[0] == "The figure 500 KB is not in the cited passage."
    assert "400 KB" in lost.reasons[-1]


def test_or_it_is_removed_where_the_settings_say_so(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lying))
    provider.say("repair", Reply("nothing useful"))
    answer = ask(with_model(Model(unsupported="remove")))
    assert "500" not in answer.text
    assert all(check.supported for check in answer.checks)


def test_the_model_may_drop_a_sentence_itself(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lying))
    provider.say("repair", Reply("A: REMOVE"))
    assert "500" not in ask(with_model()).text


@pytest.mark.parametrize(
    "lie",
    [
        "The limits changed on March 3, 2025.",
        "DynamoDB supports joins between tables.",
        "Amazon Redshift answers in single-digit milliseconds at any scale.",
        "DynamoDB scales reads and writes with downtime, and 42 engineers watch it.",
        "Encryption at rest of a DynamoDB table can be switched off.",
        "## Version 7 of DynamoDB",
    ],
)
def test_what_stands_nowhere_in_the_evidence_never_passes_unmarked(
    provider: Provider, with_model: MakeAssistant, lie: str
) -> None:
    provider.say("answer", Reply(lambda asked: f"{good(asked)}\n\n{lie}"))
    provider.say("repair", Reply("nothing"))
    answer = ask(with_model())
    assert UNSUPPORTED in answer.text.split("patched.", 1)[1]


def test_sentences_appear_before_the_model_has_finished(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lambda a: good(a) + " It scales." * 3, fault="stall", after=40, seconds=1.0))
    events = with_model(Model(seconds=20)).stream(Question(QUESTION))
    first = next(event for event in events if isinstance(event, TokenEvent))
    assert first.text == "Amazon"
    assert len(provider.asked) == 1
    list(events)


def test_a_model_that_finds_nothing_is_believed(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply("NOT_IN_PASSAGES"))
    answer = ask(with_model())
    assert answer.status == "not_found"
    assert answer.text.startswith("The documents do not answer this question.")
    assert answer.related


def test_what_the_documents_do_not_say_makes_the_answer_partial(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lambda asked: f"{good(asked)} The passages do not say what DynamoDB costs."))
    answer = ask(with_model())
    assert answer.status == "partial"
    assert answer.text.endswith("The documents do not say what DynamoDB costs.")


def test_a_question_that_the_documents_do_not_answer_costs_no_call(
    provider: Provider, with_model: MakeAssistant
) -> None:
    answer = ask(with_model(), "Who won the football world cup in 1974?")
    assert answer.status == "not_found"
    assert provider.asked == []


def test_lists_tables_and_code_keep_their_shape(provider: Provider, with_model: MakeAssistant) -> None:
    def said(asked: Asked) -> str:
        limits = asked.passage("Maximum item size")
        return (
            "Limits of DynamoDB:\n\n| Limit | DynamoDB value |\n| --- | --- |\n"
            f"| Maximum item size | 400 KB [{limits}] |\n"
            "| Default tables in one Region | 2,500 |\n\n- An item has at most 400 KB. [9]\n- It flies to Mars. [1]\n"
        )

    provider.say("answer", Reply(said))
    provider.say("repair", Reply("A: REMOVE"))
    answer = ask(with_model(), "What are the limits of DynamoDB?")
    assert "| Maximum item size | 400 KB [1] |\n| Default tables in one Region | 2,500 [2] |" in answer.text
    assert "\n- An item has at most 400 KB. [1]" in answer.text
    assert "Mars" not in answer.text


def test_usage_and_cost_are_recorded_and_come_back(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(good, usage=(1000, 200)))
    assistant = with_model()
    answer = ask(assistant)
    call = answer.model_calls[0]
    assert (call.input_tokens, call.output_tokens, call.attempts, call.outcome) == (1000, 200, 1, "ok")
    assert call.cost == pytest.approx(0.001 + 0.002)
    recorded = assistant.records.answer(answer.id)
    assert recorded.model_calls == answer.model_calls
    assert recorded.checks == answer.checks


def test_the_second_opinion_can_only_take_support_away(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lying))
    provider.say("judge", Reply("A: NO\nB: YES\nC: YES"))
    provider.say("repair", Reply("nothing"))
    answer = ask(with_model(Model(judge=True)))
    assert [check.supported for check in answer.checks] == [False, True, False]


def test_the_prompt_fits_the_budget_of_tokens(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply("A table needs no servers to be chosen or patched."))
    for tokens in (900, 1500, 8000):
        ask(with_model(Model(context_tokens=tokens)))
    sizes = [(len(asked.system) + len(asked.data)) / 3 for asked in provider.asked if asked.purpose == "answer"]
    assert sizes[0] <= 900
    assert sizes[1] <= 1500
    assert sizes[0] < sizes[2]
