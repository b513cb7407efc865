"""What one caller recorded does not exist for another; the operator's terminal sees everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from assistant.callers import Caller, acting_as
from assistant.records.history import recorded_answers
from assistant.records.store import SqlRecords
from ingest.errors import NotFoundError
from tests.records.answers import answer, citation

ANN, BEN = Caller("key:ann"), Caller("key:ben")


def test_a_conversation_and_its_answers_are_their_owners(records: SqlRecords) -> None:
    with acting_as(ANN):
        conversation = records.ensure_conversation(None)
        records.record(answer(conversation))
    with acting_as(BEN):
        for use in (records.ensure_conversation, records.turns, lambda id: records.record(answer(id, "a2"))):
            with pytest.raises(NotFoundError, match="no conversation"):
                use(conversation)
        with pytest.raises(NotFoundError, match="no answer"):
            records.answer("a1")
        with pytest.raises(NotFoundError, match="no answer"):
            records.feedback("a1", "down")
    with acting_as(ANN):
        records.feedback("a1", "up")
        assert records.answer("a1").id == "a1"
    assert len(records.turns(conversation)) == 1  # nobody set: the operator's terminal


def test_what_nobody_owns_is_open_to_who_knows_its_id(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    with acting_as(BEN):
        assert records.ensure_conversation(conversation) == conversation


def test_who_asked_and_who_rated_is_kept(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    with acting_as(ANN):
        records.record(answer(conversation))
        records.feedback("a1", "up")
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT asker FROM answers")).scalar_one() == "key:ann"
        assert connection.execute(text("SELECT rater FROM feedback")).scalar_one() == "key:ann"


def test_the_history_gives_answers_of_a_period_with_their_ratings_and_document_hashes(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    hashed = replace(citation(1), document_sha256="ab" * 32)
    for number in range(3):
        records.record(answer(conversation, f"a{number}", citations=(hashed,)))
    records.feedback("a1", "down", "wrong", "409,600 bytes")
    told = list(recorded_answers(records.engine))
    assert [one.answer.id for one in told] == ["a0", "a1", "a2"]
    assert [(one.rating, one.comment) for one in told] == [(None, ""), ("down", "wrong"), (None, "")]
    assert told[0].answer.citations[0].document_sha256 == "ab" * 32
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert list(recorded_answers(records.engine, since=soon)) == []
    assert len(list(recorded_answers(records.engine, until=soon))) == 3


def test_a_long_history_is_read_in_pieces(records: SqlRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.records.history._AT_ONCE", 2)
    conversation = records.ensure_conversation(None)
    for number in range(5):
        records.record(answer(conversation, f"a{number}"))
    assert [one.answer.id for one in recorded_answers(records.engine)] == [f"a{number}" for number in range(5)]
