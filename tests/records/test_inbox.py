"""The inbox: every event once, its thread in order, whoever dies. Over SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.event import listens_for

from assistant.records import open_records
from assistant.records.inbox import HELD_SECONDS, Event, Inbox, Posting
from assistant.records.store import SqlRecords
from assistant.records.used_keys import KEPT_SECONDS, LEASE_SECONDS, UsedKeys
from assistant.settings import Settings
from tests.records.answers import answer


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(records: SqlRecords, clock: Clock) -> Inbox:
    return Inbox(records.engine, clock)


def event(ts: str, thread: str | None = None, event_id: str | None = None) -> Event:
    return Event(f"T:C:{ts}", f"T:C:{thread or ts}", ts, "question", {"text": f"What is {ts}?"}, event_id)


def keys(inbox: Inbox, owner: str = "a") -> list[str]:
    """Claims all that is due, in the order it is handed out."""
    found = []
    while (job := inbox.claim(owner, 20)) is not None:
        found.append(job.event.position)
    return found


def test_an_event_is_kept_once_by_its_key_and_by_its_senders_id(inbox: Inbox) -> None:
    assert inbox.put(event("1", event_id="Ev1"))
    assert not inbox.put(event("1", event_id="Ev1"))
    assert not inbox.put(event("1", event_id="Ev2")), "the mention and the message are two events of one message"
    assert not inbox.put(event("2", event_id="Ev1"))
    assert keys(inbox) == ["1"]
    assert inbox.counts() == {"claimed": 1}


def test_what_an_acknowledgement_waits_for_is_one_statement_that_writes(records: SqlRecords, inbox: Inbox) -> None:
    """A writer that holds SQLite's lock from one statement to the next makes all others wait for its thread's turn."""
    said: list[str] = []

    @listens_for(records.engine, "before_cursor_execute")
    def listen(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement.split(maxsplit=1)[0])

    assert inbox.put(event("1"))
    assert not inbox.put(event("1"))
    assert inbox.put(event("2", thread="1"), hold=True)
    job = inbox.claim("a", 20)
    assert job is not None
    assert inbox.begin_posting(job)
    assert [one for one in said if one not in ("SELECT", "BEGIN")] == ["INSERT", "INSERT", "INSERT", "UPDATE", "UPDATE"]
    if records.engine.dialect.name == "sqlite":
        begun = [at for at, one in enumerate(said) if one == "BEGIN"]
        assert all(said[at + 1] == "SELECT" for at in begun), "what writes is its own transaction"


def test_no_acknowledgement_waits_for_the_disk(tmp_path: Path) -> None:
    """SQLite lets the writer that finds its log long move it into the file; the thread that tidies does that here."""
    records = open_records(Settings(data_dir=tmp_path, _env_file=None))
    assert isinstance(records, SqlRecords)
    inbox, log = Inbox(records.engine), tmp_path / "askwell.sqlite3-wal"
    for number in range(200):
        inbox.put(event(f"{number:03}"))
    grown = log.stat().st_size
    inbox.tidy()
    for number in range(200, 400):
        inbox.put(event(f"{number:03}"))
    assert log.stat().st_size < 1.2 * grown, "after tidying the log begins anew"
    with records.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
    assert pages * 4096 > 10 * grown / 200 * 15 * 5, "what arrives from one tidying to the next fits with room to spare"
    records.close()


def test_many_workers_share_the_events_and_none_gets_two_hands(records: SqlRecords, inbox: Inbox, clock: Clock) -> None:
    for number in range(60):
        inbox.put(event(f"{number:03}"))
    with ThreadPoolExecutor(6) as pool:
        shares = list(pool.map(lambda owner: keys(Inbox(records.engine, clock), owner), "abcdef"))
    handed = [key for share in shares for key in share]
    assert sorted(handed) == [f"{number:03}" for number in range(60)]


def test_a_thread_is_answered_in_its_own_order_one_at_a_time(inbox: Inbox) -> None:
    for ts in ("3", "1", "2"):
        inbox.put(event(ts, thread="1"))
    inbox.put(event("9"))
    first = inbox.claim("a", 20)
    assert first is not None
    assert first.event.position == "1"
    assert keys(inbox, "b") == ["9"]
    inbox.later(first, 0)
    assert keys(inbox, "b") == ["1"], "what was given back goes before what came after it"


def test_what_a_dead_worker_held_is_handed_out_again_with_the_same_answer_id(inbox: Inbox, clock: Clock) -> None:
    inbox.put(event("1"))
    dead = inbox.claim("dead", 20)
    assert dead is not None
    assert inbox.begin_posting(dead)
    clock.now += 15
    inbox.renew("dead", 20)
    clock.now += 15
    assert inbox.claim("b", 20) is None, "its lease was renewed"
    clock.now += 10
    again = inbox.claim("b", 20)
    assert again is not None
    assert (again.answer_id, again.posting, again.attempts) == (dead.answer_id, True, 2)
    assert not inbox.begin_posting(dead), "it woke up late and must not post"
    inbox.finish(dead)
    assert inbox.counts() == {"claimed": 1}
    inbox.finish(again)
    assert inbox.counts() == {"done": 1}


def test_being_told_to_wait_is_no_attempt(inbox: Inbox, clock: Clock) -> None:
    inbox.put(event("1"))
    job = inbox.claim("a", 20)
    assert job is not None
    inbox.later(job, 5, counted=False)
    assert inbox.claim("a", 20) is None
    clock.now += 6
    again = inbox.claim("a", 20)
    assert again is not None
    assert again.attempts == 1


def test_a_pause_holds_for_every_worker(inbox: Inbox, clock: Clock) -> None:
    inbox.put(event("1"))
    inbox.pause(5)
    assert keys(inbox, "a") == keys(inbox, "b") == []
    clock.now += 6
    assert keys(inbox, "b") == ["1"]


def test_a_reply_that_came_before_its_thread_waits_for_it(inbox: Inbox, clock: Clock) -> None:
    inbox.put(event("2", thread="1"), hold=True)
    inbox.put(event("8", thread="7"), hold=True)
    inbox.tidy()
    assert keys(inbox) == []
    assert not inbox.knows("T:C:1")
    inbox.put(event("1"))
    assert inbox.knows("T:C:1")
    assert keys(inbox) == ["1"]
    clock.now += HELD_SECONDS + 1
    inbox.tidy()
    assert inbox.counts() == {"claimed": 1, "waiting": 1}, "the reply to a thread that nobody knows is forgotten"


def test_a_held_reply_keeps_its_place_in_the_thread(inbox: Inbox) -> None:
    inbox.put(event("1"))
    root = inbox.claim("a", 20)
    assert root is not None
    inbox.put(event("2", thread="1"), hold=True)  # it was looked at before the first arrived, and stored after
    inbox.put(event("3", thread="1"), hold=True)
    inbox.finish(root)
    assert keys(inbox) == []
    inbox.tidy()
    second = inbox.claim("a", 20)
    assert second is not None
    assert second.event.position == "2"
    inbox.finish(second)
    assert keys(inbox) == ["3"]


def test_a_finished_event_keeps_no_words_but_where_its_answer_stands(records: SqlRecords, inbox: Inbox) -> None:
    inbox.put(event("1"))
    job = inbox.claim("a", 20)
    assert job is not None
    assert inbox.conversation(job.event.lane) is None
    conversation = records.ensure_conversation(None)
    inbox.converse(job.event.lane, conversation)
    assert inbox.conversation(job.event.lane) == conversation
    records.record(answer(conversation, answer_id=job.answer_id))
    where = Posting(job.answer_id, "T", "C", "1", "1.5")
    inbox.posted(job, "1.5")
    inbox.finish(job, "done", where)
    assert inbox.posting(job.answer_id) == where
    assert not inbox.put(event("1"))
    assert keys(inbox) == []


def test_an_idempotency_key_stands_for_one_answer(records: SqlRecords, clock: Clock) -> None:
    used = UsedKeys(records.engine, clock)
    first = used.claim("k", "body")
    assert first.state == "ask"
    assert used.claim("k", "body").state == "running"
    assert used.claim("k", "other body").state == "differs"
    assert used.claim("k2", "body").state == "ask"
    clock.now += LEASE_SECONDS + 1
    taken = used.claim("k", "body")
    assert (taken.state, taken.answer_id) == ("ask", first.answer_id), "who asked first is dead"
    assert used.claim("k", "body").state == "running"
    records.record(answer(records.ensure_conversation(None), answer_id=first.answer_id))
    assert used.claim("k", "body").state == "replay"
    used.release("k2")
    assert used.claim("k2", "x").state == "ask"
    clock.now += KEPT_SECONDS + 1
    assert used.claim("k", "other body").state == "ask"
