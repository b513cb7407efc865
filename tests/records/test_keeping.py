"""Retention and a person's data: what goes, what stays, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from assistant.callers import Caller, acting_as
from assistant.records import inbox_of, keeping_of
from assistant.records.inbox import Event
from assistant.records.keeping import Removed
from assistant.records.store import SqlRecords
from assistant.records.tables import now
from assistant.settings import Settings
from ingest.errors import BadInputError, NotFoundError
from tests.records.answers import answer
from ui.http.retention import kept_to_retention

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


def test_what_a_forgotten_person_asked_in_slack_and_nobody_answered_yet_goes_too(records: SqlRecords) -> None:
    inbox = inbox_of(records)

    def put(key: str, kind: str, team: str, user: str) -> None:
        body = {"team": team, "user": user, "channel": "C", "text": "a secret"}
        assert inbox.put(Event(key=key, lane=key, position="1", kind=kind, body=body))

    put("slack:T1:C:1", "question", "T1", "ANN")
    put("slack:share:a1:C:ANN", "share", "T1", "ANN")
    job = inbox.claim("a", 20)
    done = inbox.claim("a", 20)
    assert job is not None
    assert done is not None
    inbox.finish(done)  # its body is empty now, its key still names who shared
    put("slack:T1:C:2", "question", "T1", "BEN")
    put("slack:T2:C:3", "question", "T2", "ANN")  # somebody else, in another workspace
    keeping_of(records).forget("ANN")
    assert sum(inbox.counts().values()) == 4
    keeping_of(records).forget(ANN.id)
    with records.engine.connect() as connection:
        assert connection.execute(text("SELECT key FROM inbox ORDER BY key")).scalars().all() == [
            "slack:T1:C:2",
            "slack:T2:C:3",
        ]
    assert not inbox.begin_posting(job), "a worker that has it in hand does not post it"


def test_a_server_removes_what_is_too_old_and_another_keeps_it(records: SqlRecords) -> None:
    old = ask(records, None, "old")
    with records.engine.begin() as connection:
        long_ago = {"then": now() - timedelta(days=40), "id": old}
        connection.execute(text("UPDATE conversations SET updated_at = :then WHERE id = :id"), long_ago)
    for days, stay in ((0, ["old"]), (50, ["old"]), (30, [])):
        with kept_to_retention(records, Settings(retention_days=days, _env_file=None)):
            deadline = monotonic() + 10
            while stay != left(records, "answers") and monotonic() < deadline:
                sleep(0.02)
        assert left(records, "answers") == stay


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
