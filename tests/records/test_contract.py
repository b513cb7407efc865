"""What every record keeper promises, held against SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from assistant.records import open_records
from assistant.records.store import SqlRecords
from assistant.settings import Settings
from assistant.types import Rating
from ingest.errors import AskwellError, BadInputError, NotFoundError
from tests.records.answers import answer, citation


def test_a_new_conversation_gets_an_id_that_is_known_from_then_on(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    assert records.ensure_conversation(conversation) == conversation
    assert records.ensure_conversation(None) != conversation
    assert records.turns(conversation) == ()


@pytest.mark.parametrize("unknown", ["nobody", "", "x" * 5000, "nul\x00", "half a surrogate \ud800"])
def test_an_unknown_conversation_is_named_in_the_error(records: SqlRecords, unknown: str) -> None:
    with pytest.raises(NotFoundError, match="no conversation"):
        records.ensure_conversation(unknown)
    with pytest.raises(NotFoundError, match="no conversation"):
        records.turns(unknown)
    with pytest.raises(NotFoundError, match="no conversation"):
        records.record(answer(unknown))


def test_an_answer_comes_back_as_it_was_recorded(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    kept = answer(conversation, citations=(citation(2, "Second."), citation(1, "Größe 中 👩‍💻 ok")))
    records.record(kept)
    assert records.answer(kept.id) == kept


def test_answers_outlive_the_process_that_recorded_them(records: SqlRecords, settings: Settings) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation))
    records.close()
    again = open_records(settings)
    assert again.answer("a1").conversation_id == conversation
    again.close()


def test_each_quote_is_kept_with_its_sha256(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation, citations=(citation(1, "Straße"),)))
    with records.engine.connect() as connection:
        (kept,) = connection.execute(text("SELECT quote_sha256 FROM citations")).scalars()
    assert kept == hashlib.sha256("Straße".encode()).hexdigest()


def test_turns_are_the_latest_ones_oldest_first(records: SqlRecords) -> None:
    conversation, other = records.ensure_conversation(None), records.ensure_conversation(None)
    for number in range(5):
        records.record(answer(conversation, f"a{number}", f"Question {number}?"))
        records.record(answer(other, f"b{number}", "Elsewhere?"))
    turns = records.turns(conversation, limit=3)
    assert [turn.question for turn in turns] == ["Question 2?", "Question 3?", "Question 4?"]
    assert turns[0].standalone_question == "Question 2? (DynamoDB item)"
    assert turns[0].status == "answered"
    path = ("Limits of DynamoDB", "How large an item can be")
    assert turns[0].cited == (("nonrelational/dynamodb/limits.md", path),)


def test_an_answer_id_is_taken_once(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation))
    with pytest.raises(AskwellError, match="already recorded"):
        records.record(answer(conversation, question="Another?"))
    assert len(records.turns(conversation)) == 1


def test_an_unknown_answer_is_named_in_the_error(records: SqlRecords) -> None:
    with pytest.raises(NotFoundError, match="no answer 'a9'"):
        records.answer("a9")
    with pytest.raises(NotFoundError, match="no answer 'a9'"):
        records.feedback("a9", "up")


def test_a_second_rating_replaces_the_first(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation))
    records.feedback("a1", "up", comment="good")
    records.feedback("a1", "down", comment="wrong", expected="409,600 bytes")
    with records.engine.connect() as connection:
        rows = connection.execute(text("SELECT rating, comment, expected FROM feedback")).all()
    assert [tuple(row) for row in rows] == [("down", "wrong", "409,600 bytes")]


def test_a_rating_is_up_or_down(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation))
    sideways: Rating = "sideways"  # type: ignore[assignment]
    with pytest.raises(BadInputError, match="'up' or 'down'"):
        records.feedback("a1", sideways)


def test_characters_that_no_database_takes_are_replaced_not_refused(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation, question="NUL \x00 and \ud800?", citations=(citation(1, "a\x00b"),)))
    kept = records.answer("a1")
    assert kept.question == "NUL \ufffd and \ufffd?"
    assert kept.citations[0].quote == "a\ufffdb"


def test_many_threads_record_and_rate_without_losing_any(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)

    def one(number: int) -> None:
        mine = records.ensure_conversation(None)
        records.record(answer(mine, f"own{number}"))
        records.record(answer(conversation, f"shared{number}"))
        records.feedback("shared0" if number else f"own{number}", "up", comment=str(number))

    records.record(answer(conversation, "shared-first"))
    one(0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(1, 25)))
    assert len(records.turns(conversation, limit=100)) == 26
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM feedback")).scalar_one() == 2


def test_deleting_a_conversation_takes_its_answers_citations_and_ratings_along(records: SqlRecords) -> None:
    conversation = records.ensure_conversation(None)
    records.record(answer(conversation))
    records.feedback("a1", "up")
    with records.engine.begin() as connection:
        connection.execute(text("DELETE FROM conversations"))
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("answers", "citations", "related", "feedback")
        ]
    assert counts == [0, 0, 0, 0]
