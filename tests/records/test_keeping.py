"""Retention and a person's data: what goes, what stays, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from assistant.callers import Caller, acting_as
from assistant.records import keeping_of
from assistant.records.keeping import Removed
from assistant.records.store import SqlRecords
from assistant.records.tables import now
from ingest.errors import BadInputError, NotFoundError
from tests.records.answers import answer

ANN, BEN = Caller("slack:T1/ANN"), Caller("slack:T1/BEN")


def ask(records: SqlRecords, who: Caller | None, answer_id: str, conversation: str | None = None) -> str:
    with acting_as(who):
        conversation = conversation or records.ensure_conversation(None)
        records.record(answer(conversation, answer_id))
    return conversation


def left(records: SqlRecords, table: str) -> Sequence[str]:
    column = "answer_id" if table == "feedback" else "id"
    with records.engine.connect() as connection:
        return connection.execute(text(f"SELECT {column} FROM {table} ORDER BY {column}")).scalars().all()


def test_conversations_that_nobody_continued_go_with_all_that_hangs_on_them(records: SqlRecords) -> None:
    old, new = ask(records, None, "old"), ask(records, None, "new")
    for answer_id in ("old", "new"):
        records.feedback(answer_id, "up")
    with records.engine.begin() as connection:
        long_ago = {"then": now() - timedelta(days=40), "id": old}
        connection.execute(text("UPDATE conversations SET updated_at = :then WHERE id = :id"), long_ago)
    assert keeping_of(records).prune(50) == Removed(0, 0, 0)
    assert keeping_of(records).prune(30) == Removed(1, 1, 1)
    assert (left(records, "conversations"), left(records, "answers"), left(records, "feedback")) == (
        [new],
        ["new"],
        ["new"],
    )
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM citations")).scalar_one() == 1


def test_a_person_is_forgotten_and_the_others_stay(records: SqlRecords) -> None:
    ask(records, ANN, "ann1")
    theirs = ask(records, BEN, "ben1")
    shared = records.ensure_conversation(None)  # a channel's thread belongs to nobody
    ask(records, ANN, "ann2", shared)
    ask(records, BEN, "ben2", shared)
    with acting_as(ANN):
        records.feedback("ann1", "down", "it told Ann's secret")
        records.feedback("ben2", "up")
    assert {one.id: one.answers for one in keeping_of(records).people()} == {ANN.id: 2, BEN.id: 2}
    assert keeping_of(records).forget(ANN.id) == Removed(1, 2, 2)
    assert left(records, "answers") == ["ben1", "ben2"]
    assert sorted(left(records, "conversations")) == sorted([theirs, shared])
    assert left(records, "feedback") == []
    with records.engine.connect() as connection:
        for table in ("conversations", "answers", "feedback"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert ANN.id not in repr(rows)


def test_a_shared_conversation_that_the_person_began_loses_its_owner_and_title(records: SqlRecords) -> None:
    with acting_as(ANN):
        shared = records.ensure_conversation(None)
        records.record(answer(shared, "ann1"))
    with records.engine.begin() as connection:
        connection.execute(text("UPDATE conversations SET title = 'What Ann asked'"))
    records.record(answer(shared, "ben1"))
    with records.engine.begin() as connection:
        connection.execute(text("UPDATE answers SET asker = :ben WHERE id = 'ben1'"), {"ben": BEN.id})
    keeping_of(records).forget(ANN.id)
    assert left(records, "answers") == ["ben1"]
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT owner, title FROM conversations")).one() == ("", "")


def test_nobody_is_not_a_person(records: SqlRecords) -> None:
    ask(records, None, "a1")
    with pytest.raises(BadInputError, match="Name the person"):
        keeping_of(records).forget(" ")
    assert keeping_of(records).forget("slack:nobody") == Removed(0, 0, 0)
    assert left(records, "answers") == ["a1"]
    with pytest.raises(BadInputError, match="at least one day"):
        keeping_of(records).prune(0)


def test_what_was_forgotten_cannot_be_reached(records: SqlRecords) -> None:
    conversation = ask(records, ANN, "ann1")
    keeping_of(records).forget(ANN.id)
    with pytest.raises(NotFoundError):
        records.answer("ann1")
    with pytest.raises(NotFoundError):
        records.turns(conversation)
