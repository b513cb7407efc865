"""Exactly one answer whatever Slack and the machine do: duplicates, 429, 500, stalls, and a worker that dies."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from assistant.records import inbox_of
from assistant.records.inbox import Inbox, Job
from assistant.types import AnswerEvent, Question
from ingest.errors import DatabaseAwayError
from tests.slack.conftest import House, until
from tests.slack.fake import Mood, action_body, command_body, event_body, mention, message
from ui.slack import dispatcher, worker
from ui.slack.blocks import SlackMessage, plain_message
from ui.slack.dispatcher import Dispatcher
from ui.slack.posting import Growing, Poster
from ui.slack.reading import message_of
from ui.slack.web import SlackWeb, UnsureError
from ui.slack.worker import ATTEMPTS, Worker

WEAK = "What are the weaknesses of partition keys?"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own pauses are short; those that Slack asks for are kept."""
    monkeypatch.setattr(dispatcher, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(worker, "FIRST_PAUSE", 0.1)


def once(method: str, *moods: Mood) -> Callable[[str], Mood]:
    """The moods in turn for one method, well for everything else."""
    left = list(moods)

    def mood(called: str) -> Mood:
        if called != method:
            return "well"
        return left.pop(0) if left else "well"

    return mood


@pytest.mark.parametrize("mood", ["429", "500 before", "500 after", "stall after", "cut", "internal_error"])
def test_one_answer_when_posting_goes_wrong(house: House, mood: Mood, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.slack, "stall_seconds", 0.3)
    house.slack.mood = once("chat.postMessage", mood, mood)
    web = SlackWeb(house.settings)
    monkeypatch.setattr(web._client, "timeout", 0.1 if mood == "stall after" else 5)
    ts = house.ts()
    # a worker of the test's own, with no patience, on top of the application's
    worker = Worker(house.assistant, house.settings, house.inbox, web)
    taken = message_of(json.loads(event_body(mention(WEAK, ts), f"Ev{ts}")))
    assert taken is not None
    house.inbox.put(taken.event)
    Dispatcher(house.inbox, worker.do).run_until_empty()
    replies = house.replies(ts, seconds=20)
    assert len(replies) == 1
    assert "hot partition" in replies[0].text
    assert house.slack.too_early == 0


def test_an_update_that_fails_is_made_again(house: House) -> None:
    house.slack.mood = once("chat.update", "500 before", "429")
    ts = house.ts()
    job = claimed(house, ts)
    poster = Poster(SlackWeb(house.settings), house.inbox, job, "C0001", ts, ts)
    growing = Growing(poster, plain_message)
    growing.grown("too early to show")
    assert not house.slack.posted
    growing._next = 0.0
    growing.grown("**Partition** keys")
    assert house.slack.posted[0].text == "*Partition* keys"
    house.inbox.later(job, 0.0)
    (reply,) = house.replies(ts)
    until(lambda: "hot partition" in reply.text)
    assert reply.edits == 1


def claimed(house: House, ts: str) -> Job:
    """The job of a new mention, in the hands of the test before the application's own workers see it."""
    taken = message_of(json.loads(event_body(mention(WEAK, ts), f"Ev{ts}")))
    assert taken is not None
    claim = Inbox.claim
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Inbox, "claim", lambda inbox, who, lease: claim(inbox, who, lease) if who == "test" else None)
        house.inbox.put(taken.event)
        job = house.inbox.claim("test", 60)
    assert job is not None
    return job


def test_a_worker_that_died_after_posting_is_not_answered_again(house: House) -> None:
    ts = house.ts()
    job = claimed(house, ts)
    assert house.inbox.begin_posting(job)
    SlackWeb(house.settings).post("C0001", ts, SlackMessage("half", ()), job.answer_id)
    house.slack.page = 2
    for _ in range(3):  # so that the search has to turn pages
        SlackWeb(house.settings).post("C0001", ts, SlackMessage("other", ()), "another answer")
    house.inbox.later(job, 0.0)
    until(lambda: "hot partition" in house.slack.posted[0].text)
    until(house.idle)
    assert len(house.slack.in_thread("C0001", ts)) == 4


def test_an_answer_given_before_a_crash_is_not_given_anew(house: House) -> None:
    ts = house.ts()
    job = claimed(house, ts)
    worker = Worker(house.assistant, house.settings, house.inbox, SlackWeb(house.settings))
    answer = worker.ask(job, WEAK)
    house.inbox.later(job, 0.0)
    (reply,) = house.replies(ts)
    assert reply.metadata["event_payload"]["id"] == answer.id
    assert len(house.assistant.records.turns(answer.conversation_id)) == 1
    assert house.inbox.conversation(job.event.lane) == answer.conversation_id


def test_a_job_that_can_never_succeed_is_given_up_and_blocks_nobody(house: House) -> None:
    house.slack.channels_without_me.add("C0001")
    ts = house.ts()
    job = claimed(house, ts)
    worker = Worker(house.assistant, house.settings, house.inbox, SlackWeb(house.settings))
    worker.do(replace(job, attempts=ATTEMPTS))
    assert worker.outcomes == Counter({"question:failed": 1})
    assert house.inbox.counts() == {"failed": 1}


def test_a_private_answer_is_sent_again_after_an_error(house: House) -> None:
    house.slack.mood = once("response_url", "500 before", "429")
    house.form(command_body(WEAK, house.slack.response_url, "trigger-9"))
    until(lambda: house.slack.private and house.idle())
    assert len(house.slack.private) == 1
    refused = command_body(WEAK, "http://169.254.169.254/latest", "trigger-10")
    house.form(refused)
    time.sleep(0.3)
    assert len(house.slack.private) == 1, "an address that is not Slack's is not called"


def test_sixty_events_two_dispatchers_and_every_mood(house: House) -> None:
    chance = random.Random(7)
    moods: list[Mood] = ["429", "500 before", "500 after", "cut", "internal_error"]
    house.slack.mood = lambda method: chance.choice(moods) if chance.random() < 0.12 else "well"
    house.slack.retry_after = 0
    second = inbox_of(house.assistant.records)
    other = Dispatcher(second, Worker(house.assistant, house.settings, second, SlackWeb(house.settings)).do, threads=2)
    other.start()
    events = []
    for number in range(30):
        root = house.ts()
        events.append((mention("What is a partition key?", root), f"Ev{number}"))
        events.append((message("And its weaknesses?", house.ts(), thread=root), f"Ev{number}-1"))
    for event, _ in events:
        house.slack.said_by_people[event["channel"], event["ts"]] = event["text"]
    sent = events + chance.sample(events, 30)
    chance.shuffle(sent)
    for event, event_id in sent:
        house.event(event, event_id, **{"X-Slack-Retry-Num": "1"})
    until(lambda: len(house.slack.posted) >= 60 and house.idle(), 60)
    other.stop()
    threads = Counter(one.thread_ts for one in house.slack.posted)
    assert set(threads.values()) == {2}
    assert len({one.metadata["event_payload"]["id"] for one in house.slack.posted}) == 60
    assert house.inbox.counts() == {"done": 60}


def test_an_answer_that_is_gone_is_neither_shared_nor_rated_and_the_person_is_told(house: House) -> None:
    for action, words in (("askwell_share", "cannot be shared"), ("askwell_up", "cannot be rated")):
        house.slack.private.clear()
        assert house.form(action_body(action, "no-such-answer", house.slack.response_url)).status_code == 200
        until(lambda: house.slack.private and house.idle())
        (told,) = house.slack.private
        assert (told["response_type"], told["replace_original"]) == ("ephemeral", False)
        assert words in told["text"]
    assert not house.slack.posted


@pytest.mark.parametrize("action", ["askwell_share", "askwell_choose_0", "askwell_up", "askwell_down"])
def test_a_button_pressed_while_the_database_is_away_says_so_to_who_pressed_it(
    house: House, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """Slack sends events again, but nobody's press of a button."""

    def away(*_: object, **__: object) -> None:
        raise DatabaseAwayError("The database server at postgresql://db.internal went away.")

    monkeypatch.setattr(Inbox, "put", away)
    monkeypatch.setattr(type(house.assistant.records), "feedback", away)
    message_ = {"ts": "1.1", "thread_ts": "1.1"}
    assert house.form(action_body(action, "x", house.slack.response_url, message=message_)).status_code == 200
    until(lambda: house.slack.private)
    (told,) = house.slack.private
    assert (told["response_type"], told["replace_original"]) == ("ephemeral", False)
    assert told["text"] == "That could not be recorded just now. Try again in a moment."
    assert not house.slack.views


def test_acknowledging_waits_for_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every worker is in the middle of an answer that takes as long as it likes; then all are given."""
    go_on = threading.Event()
    stream = house.assistant.stream

    def slow(question: Question) -> Iterator[AnswerEvent]:
        go_on.wait(30)
        yield from stream(question)

    monkeypatch.setattr(house.assistant, "stream", slow)
    slowest, asked = 0.0, [house.ts() for _ in range(30)]
    for ts in asked:
        sent = time.monotonic()
        house.event(mention(WEAK, ts))
        slowest = max(slowest, time.monotonic() - sent)
    assert not house.slack.posted
    assert slowest < 1, slowest
    go_on.set()
    until(lambda: len(house.slack.posted) == len(asked) and house.idle(), 60)


def test_nothing_new_is_taken_once_it_stops(house: House) -> None:
    done: list[str] = []
    stopped = Dispatcher(house.inbox, lambda job: done.append(job.event.key), threads=1)
    stopped.start()
    stopped.stop()
    assert not any(thread.is_alive() for thread in stopped._threads)


def test_no_reply_is_no_certainty(house: House) -> None:
    settings = house.settings.model_copy(update={"slack_api_url": "http://127.0.0.1:9/api/"})
    with pytest.raises(UnsureError):
        SlackWeb(settings).post("C", "1.1", SlackMessage("x", ()), "m")
