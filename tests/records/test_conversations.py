"""The history of one browser: what it lists, and that nobody else can reach it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from assistant.records.store import SqlRecords
from ingest.errors import BadInputError, NotFoundError
from tests.records.answers import answer


def test_a_history_holds_what_was_answered_the_latest_first(records: SqlRecords) -> None:
    mine = records.conversations
    empty, first, second = (mine.begin("me") for _ in range(3))
    records.record(answer(first, "a1", "What is a key?"))
    records.record(answer(second, "a2", "What is a table?"))
    records.record(answer(first, "a3", "And its limits?"))
    assert [(one.id, one.title) for one in mine.of("me")] == [(first, "What is a key?"), (second, "What is a table?")]
    assert empty not in [one.id for one in mine.of("me")]


def test_the_latest_answers_come_back_whole_and_in_order(records: SqlRecords) -> None:
    conversation = records.conversations.begin("me")
    given = [answer(conversation, f"a{number}", f"Question {number}?") for number in range(5)]
    for one in given:
        records.record(one)
    assert records.conversations.answers("me", conversation, 2) == (tuple(given[3:]), 5)
    assert records.conversations.answers("me", conversation) == (tuple(given), 5)


def test_a_conversation_is_renamed_and_deleted(records: SqlRecords) -> None:
    conversation = records.conversations.begin("me")
    records.record(answer(conversation))
    records.conversations.rename("me", conversation, "  Sizes \n of items ")
    assert records.conversations.title("me", conversation) == "Sizes of items"
    with pytest.raises(BadInputError, match="title is empty"):
        records.conversations.rename("me", conversation, " \n")
    records.conversations.delete("me", conversation)
    assert records.conversations.of("me") == ()
    with pytest.raises(NotFoundError):
        records.answer("a1")


def test_a_replaced_question_leaves_the_conversation_and_keeps_its_rating(records: SqlRecords) -> None:
    conversation = records.conversations.begin("me")
    for number in range(3):
        records.record(answer(conversation, f"a{number}", f"Question {number}?"))
    records.feedback("a1", "down", reason="outdated")
    records.conversations.replace_from("me", conversation, "a1")
    assert [turn.question for turn in records.turns(conversation)] == ["Question 0?"]
    assert [one.id for one in records.conversations.answers("me", conversation)[0]] == ["a0"]
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT reason FROM feedback")).scalar_one() == "outdated"
    records.conversations.replace_from("me", conversation, "a0")
    assert records.conversations.of("me") == ()


def test_another_browser_sees_and_changes_nothing(records: SqlRecords) -> None:
    conversation = records.conversations.begin("me")
    records.record(answer(conversation))
    other = records.conversations
    assert other.of("you") == ()
    for owner in ("you", ""):
        for attempt in (
            lambda owner=owner: other.answers(owner, conversation),
            lambda owner=owner: other.title(owner, conversation),
            lambda owner=owner: other.rename(owner, conversation, "x"),
            lambda owner=owner: other.delete(owner, conversation),
            lambda owner=owner: other.replace_from(owner, conversation, "a1"),
        ):
            with pytest.raises(NotFoundError):
                attempt()
    assert records.conversations.title("me", conversation) == "How big?"
