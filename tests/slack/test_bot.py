"""The bot as people meet it, against a Slack on loopback: who is answered, where, how it looks, what buttons do."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY

from assistant.records import inbox_of
from assistant.settings import Settings
from assistant.types import AnswerEvent, Question, TokenEvent
from assistant.wiring import assemble
from tests.slack.conftest import PUBLIC, House, until
from tests.slack.fake import (
    BOT,
    SECRET,
    action_body,
    command_body,
    direct,
    event_body,
    mention,
    message,
    signed,
    view_body,
)
from ui.slack.blocks import answer_message
from ui.slack.posting import Growing

WEAK = "What are the weaknesses of partition keys?"


def texts(blocks: list[dict[str, Any]]) -> str:
    found = []
    for block in blocks:
        parts = [block["text"]] if block["type"] == "section" else block.get("elements", [])
        found += [part["text"]["text"] if isinstance(part["text"], dict) else part["text"] for part in parts]
    return "\n".join(found)


def buttons(blocks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["action_id"]: one for block in blocks if block["type"] == "actions" for one in block["elements"]}


def test_a_mention_is_answered_in_its_thread_with_linked_sources_and_buttons(house: House) -> None:
    ts = house.ts()
    sent = time.monotonic()
    house.event(mention(WEAK, ts))
    assert time.monotonic() - sent < 3
    (reply,) = house.replies(ts)
    said = texts(reply.blocks)
    assert "hot partition" in said
    assert f"<{PUBLIC}/sources/guides/keys.md?start=" in said
    assert "#quote|[1]>" in said
    assert "Keys in Orchid tables › Weaknesses of partition keys" in said
    assert set(buttons(reply.blocks)) == {"askwell_up", "askwell_down"}
    assert "hot partition" in reply.text
    assert "<http" not in reply.text


def test_a_direct_message_needs_no_mention(house: House) -> None:
    ts = house.ts()
    house.event(direct(WEAK, ts))
    (reply,) = house.replies(ts, channel="D0001")
    assert "hot partition" in texts(reply.blocks)


def test_a_thread_is_a_conversation_and_needs_no_second_mention(house: House) -> None:
    first, second = house.ts(), house.ts()
    house.event(mention("What is a partition key?", first))
    house.replies(first)
    house.event(message("And its weaknesses?", second, thread=first))
    replies = house.replies(first, 2)
    assert "Searched for:" in texts(replies[1].blocks)
    assert "hot partition" in texts(replies[1].blocks)
    answers = [house.assistant.records.answer(one.metadata["event_payload"]["id"]) for one in replies]
    assert answers[0].conversation_id == answers[1].conversation_id


def test_talk_that_is_not_for_us_is_left_alone(house: House) -> None:
    root = house.ts()
    house.event(mention("What is a partition key?", root))
    house.replies(root)
    for event in (
        message("What is a partition key?", house.ts()),
        message("What is a sort key?", house.ts(), thread="1600000000.000001"),
        message("<@U2> did you see this?", house.ts(), thread=root),
        message(":tada:", house.ts(), thread=root) | {"text": ""},
        mention("What is a sort key?", house.ts(), bot_id="B2"),
        mention("What is a sort key?", house.ts(), edited={"user": "U1", "ts": "1"}),
        message("What is a sort key?", house.ts(), thread=root, subtype="message_changed"),
        message("What is a sort key?", house.ts(), thread=root, subtype="bot_message"),
        message("An answer", house.ts(), thread=root) | {"user": BOT},
        message("thanks!", house.ts(), thread=root),
        {"type": "reaction_added", "user": "U1"},
    ):
        house.slack.said_by_people[str(event.get("channel")), str(event.get("ts"))] = str(event.get("text"))
        house.event(event)
    until(house.idle)
    time.sleep(0.2)
    assert len(house.slack.posted) == 1, [texts(one.blocks) or one.text for one in house.slack.posted]


def test_the_mention_and_the_message_of_one_post_are_one_question(house: House) -> None:
    ts = house.ts()
    house.event(message(f"<@{BOT}> {WEAK}", ts), "EvA")
    house.event(mention(WEAK, ts), "EvB")
    house.event(mention(WEAK, ts), "EvB", **{"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    assert len(house.replies(ts)) == 1


def test_what_is_not_in_the_documents_is_said_briefly(house: House) -> None:
    ts = house.ts()
    house.event(mention("Who won the chess championship of 1972 in Reykjavik?", ts))
    (reply,) = house.replies(ts)
    said = texts(reply.blocks)
    assert said.startswith("The documents do not answer this question.")
    assert "[1]" not in said
    assert "Nearest sections" in said


def test_an_empty_mention_gets_a_hint_and_an_endless_one_a_sentence(house: House) -> None:
    empty, endless = house.ts(), house.ts()
    house.event(mention("", empty))
    house.event(mention("x" * 5000, endless))
    assert "Ask me something" in texts(house.replies(empty)[0].blocks)
    assert "5,000 characters" in texts(house.replies(endless)[0].blocks)


def test_a_reply_that_arrives_before_the_mention_is_not_lost(house: House) -> None:
    first, second = house.ts(), house.ts()
    house.slack.said_by_people["C0001", second] = "And its weaknesses?"
    house.event(message("And its weaknesses?", second, thread=first))
    assert "And its" not in json.dumps(held(house)), "the words of a thread that may not be ours are not kept"
    house.event(mention("What is a partition key?", first))
    replies = house.replies(first, 2)
    assert [one.edits for one in replies] == [0, 0]
    assert "hot partition" in texts(replies[1].blocks)


def held(house: House) -> list[dict[str, str]]:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from assistant.records.inbox_tables import InboxRow
    from assistant.records.store import SqlRecords

    assert isinstance(house.assistant.records, SqlRecords)
    with Session(house.assistant.records.engine) as session:
        return list(session.scalars(select(InboxRow.body)))


def test_votes_are_recorded_shown_on_the_button_and_can_be_changed(house: House) -> None:
    ts = house.ts()
    house.event(mention(WEAK, ts))
    (reply,) = house.replies(ts)
    answer_id = buttons(reply.blocks)["askwell_up"]["value"]
    for action, style in (("askwell_up", "primary"), ("askwell_down", "danger")):
        assert house.form(action_body(action, answer_id, house.slack.response_url)).status_code == 200
        until(lambda: is_marked(house, action))  # noqa: B023
        marked = buttons(house.slack.private[-1]["blocks"])
        assert marked[action]["style"] == style
        assert sum("style" in one for one in marked.values()) == 1
        assert house.slack.private[-1]["replace_original"] is True
    assert rating(house, answer_id)[0] == "down"
    until(lambda: house.slack.views)
    view = house.slack.views[0]["view"]
    view = json.loads(view) if isinstance(view, str) else view
    view["state"] = {
        "values": {
            "reason": {"value": {"selected_option": {"value": "outdated"}}},
            "expected": {"value": {"value": "Say 512"}},
            "comment": {"value": {"value": None}},
        }
    }
    assert house.form(view_body(view)).status_code == 200
    assert rating(house, answer_id) == ("down", "Say 512", "outdated", "slack:T0001/U1")


def is_marked(house: House, action: str) -> bool:
    private = house.slack.private
    return bool(private) and "style" in buttons(private[-1]["blocks"])[action]


def rating(house: House, answer_id: str) -> tuple[str, ...]:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from assistant.records.store import SqlRecords
    from assistant.records.tables import FeedbackRow

    assert isinstance(house.assistant.records, SqlRecords)
    with Session(house.assistant.records.engine) as session:
        row = session.scalars(select(FeedbackRow).where(FeedbackRow.answer_id == answer_id)).one()
        return (row.rating, row.expected, row.reason, row.rater)


def test_a_slash_command_is_answered_privately_and_shared_once(house: House) -> None:
    sent = house.form(command_body(WEAK, house.slack.response_url, "trigger-1"))
    assert (sent.status_code, sent.text) == (200, "")
    until(lambda: house.slack.private)
    private = house.slack.private[0]
    assert private["response_type"] == "ephemeral"
    assert not house.slack.posted
    share = buttons(private["blocks"])["askwell_share"]["value"]
    for _ in range(2):
        body = action_body("askwell_share", share, house.slack.response_url, container={"is_ephemeral": True})
        assert house.form(body).status_code == 200
    until(lambda: house.slack.posted and house.idle())
    (shared,) = house.slack.posted
    assert "<@U1> asked: “What are the weaknesses of partition keys?”" in texts(shared.blocks)
    assert "hot partition" in texts(shared.blocks)
    vote = action_body("askwell_up", share, house.slack.response_url, message=shared.as_json())
    assert house.form(vote).status_code == 200
    until(lambda: len(house.slack.private) == 2)
    voted = house.slack.private[1]
    assert voted["blocks"][:-1] == shared.blocks[:-1], "who asked and what was answered stay as they were"
    assert {name: one.get("style") for name, one in buttons(voted["blocks"]).items()} == {
        "askwell_up": "primary",
        "askwell_down": None,
    }


def test_sharing_where_the_bot_is_not_says_what_to_do(house: House) -> None:
    house.slack.channels_without_me.add("C0001")
    house.form(command_body(WEAK, house.slack.response_url, "trigger-2"))
    until(lambda: house.slack.private)
    share = buttons(house.slack.private[0]["blocks"])["askwell_share"]["value"]
    house.form(action_body("askwell_share", share, house.slack.response_url))
    until(lambda: len(house.slack.private) == 2)
    assert "/invite" in house.slack.private[1]["text"]


def test_blocks_that_slack_refuses_do_not_cost_the_answer(house: House) -> None:
    house.slack.refuse_blocks = True
    ts = house.ts()
    house.event(mention(WEAK, ts))
    (reply,) = house.replies(ts)
    assert reply.blocks == []
    assert "hot partition" in reply.text


def test_an_answer_that_takes_its_time_is_shown_while_it_is_written(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, that grows; its sources and buttons come with its end."""
    stream, words = house.assistant.stream, ["**A hot** ", "partition ", "takes ", "everything. "]
    seen: list[tuple[str, set[str]]] = []
    ts = house.ts()

    def slow(question: Question) -> Iterator[AnswerEvent]:
        for word in words:
            yield TokenEvent(word)
            seen.extend((one.text, set(buttons(one.blocks))) for one in house.slack.in_thread("C0001", ts))
        yield from (event for event in stream(question) if not isinstance(event, TokenEvent))

    monkeypatch.setattr(house.assistant, "stream", slow)
    monkeypatch.setattr(Growing, "FIRST_AFTER", 0.0)
    monkeypatch.setattr(Growing, "THEN_EVERY", 0.0)
    house.event(mention(WEAK, ts))
    (reply,) = house.replies(ts)
    assert [text for text, _ in seen] == [
        "*A hot*",
        "*A hot* partition",
        "*A hot* partition takes",
        "*A hot* partition takes everything.",
    ]
    assert not any(shown for _, shown in seen)
    assert reply.edits == len(words), "three more words, then the answer"
    assert set(buttons(reply.blocks)) == {"askwell_up", "askwell_down"}
    assert "#quote|[1]>" in texts(reply.blocks)


@pytest.mark.parametrize("sections", [3, 40])
@pytest.mark.parametrize("rows", [4, 60, 400])
def test_a_long_table_with_many_sources_is_a_message_that_slack_takes(
    house: House, monkeypatch: pytest.MonkeyPatch, rows: int, sections: int
) -> None:
    short = house.assistant.ask(Question(WEAK))
    first = short.citations[0]
    citations = tuple(
        replace(first, number=at + 1, heading_path=("Limits", f"Section {at} " + "of a long name " * 4))
        for at in range(sections)
    )
    lines = [f"| Row {at} | {'words & <more> ' * 12} [{at % sections + 1}] | {at} GB |" for at in range(rows)]
    text = "\n".join(["Limits:", "", "| What | Where | Most |", "| --- | --- | --- |", *lines])
    answer = replace(short, text=text, citations=citations)
    monkeypatch.setattr("ui.slack.worker.Worker.ask", lambda *_: answer)
    ts = house.ts()
    house.event(mention(WEAK, ts))
    (reply,) = house.replies(ts)
    assert reply.blocks, "Slack took the blocks, not only the words for notifications"
    said = texts(reply.blocks)
    assert len(said) < 13_000
    assert "*Most:* 0 GB" in said
    assert said.count("<") == said.count(">"), "no link is cut"
    assert ("The answer goes on" in said) == (rows > 4)
    assert f"|[{sections}]>" in said or "more sections; each number in the text opens its own" in said
    assert set(buttons(reply.blocks)) == {"askwell_up", "askwell_down"}


def test_only_fresh_requests_with_slacks_signature_are_taken(house: House) -> None:
    body = event_body(mention(WEAK, house.ts()), "EvX")
    good = signed(body)
    for headers in (
        {},
        {**good, "X-Slack-Signature": "v0=" + "0" * 64},
        signed(body, secret="another"),
        signed(body, moment=time.time() - 600),
        {**good, "X-Slack-Request-Timestamp": "soon"},
    ):
        refused = house.client.post(
            "/slack/events", content=body, headers={**headers, "Content-Type": "application/json"}
        )
        assert refused.status_code in (400, 401), refused.text
        assert refused.headers["content-type"] == "application/problem+json"
    for nonsense in (b"\xff\xfe", b"{", b"", b"payload=%7B"):
        refused = house.client.post("/slack/events", content=nonsense, headers={"Content-Type": "application/json"})
        assert refused.status_code in (400, 401), refused.text
    assert house.inbox.counts() == {}


def test_slack_can_check_the_address(house: House) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    answered = house.send(body)
    assert answered.status_code == 200
    assert answered.json() == {"challenge": "abc"}


def test_without_a_signing_secret_the_address_says_what_is_missing(house: House) -> None:
    from ui.http.app import create_app

    for settings in (
        Settings(data_dir=house.settings.data_dir, _env_file=None),
        Settings(data_dir=house.settings.data_dir, slack_bot_token="xoxb-1", _env_file=None),
    ):
        client = TestClient(create_app(house.assistant, settings, chat=False))
        body = event_body(mention(WEAK, "1.1"), "EvY")
        refused = client.post("/slack/events", content=body, headers=signed(body, secret=""))
        assert refused.status_code == 503
        assert "ASKWELL_SLACK_SIGNING_SECRET" in refused.json()["detail"]
    assert client.get("/slack/events").status_code == 405


def test_a_database_that_is_slow_makes_slack_send_again(house: House, monkeypatch: Any) -> None:
    from ui.slack import bolt

    monkeypatch.setattr(bolt, "SECONDS_TO_STORE", 0.0)
    body = event_body(mention(WEAK, house.ts()), "EvZ")
    refused = house.send(body)
    assert refused.status_code == 503
    assert SECRET not in refused.text


def test_a_thread_may_have_many_askers_and_only_the_collections_of_slack(house: House, tmp_path: Path) -> None:
    from ui.http.app import create_app

    of_its_own = f"sqlite:///{tmp_path / 'guarded.sqlite3'}"  # the house's workers see all collections and take any job
    changes = {"slack_collections": "handbook", "require_key": True, "database_url": of_its_own}
    settings = house.settings.model_copy(update=changes)
    with_keys = assemble(settings)
    with TestClient(create_app(with_keys, settings, chat=False)) as client:
        other = House(house.slack, client, with_keys, settings, inbox_of(with_keys.records))
        first, second = other.ts(), other.ts()
        other.event(mention("How is the mail gateway restarted?", first))
        assert "gatectl restart" in texts(other.replies(first)[0].blocks)
        other.event(message(WEAK, second, thread=first) | {"user": "U2"})
        said = texts(other.replies(first, 2)[1].blocks)
        assert "hot partition" not in said, "that collection is not for Slack"
        assert with_keys.records.turns(with_keys.records.answer(answer_id(other, first)).conversation_id)
    with_keys.close()


def answer_id(house: House, thread: str) -> str:
    return str(house.slack.in_thread("C0001", thread)[1].metadata["event_payload"]["id"])


def test_a_question_with_several_readings_has_a_button_for_each(house: House) -> None:
    answer = house.assistant.ask(Question("What is a partition key?"))
    asks_back = replace(answer, status="clarify", citations=(), choices=(WEAK, "What are the limits of keys?"))
    message_ = answer_message(asks_back, PUBLIC, place="thread")
    shown = buttons(list(message_.blocks))
    assert [one["value"] for one in shown.values()] == list(asks_back.choices)
    root = house.ts()
    for _ in range(2):
        body = action_body("askwell_choose_0", WEAK, house.slack.response_url, message={"ts": root, "thread_ts": root})
        assert house.form(body).status_code == 200
    (reply,) = house.replies(root)
    assert "hot partition" in texts(reply.blocks)
    assert "weaknesses" not in kept_of_inbox(house), "no words outlive the question, not in its key either"


def kept_of_inbox(house: House) -> str:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from assistant.records.inbox_tables import InboxRow
    from assistant.records.store import SqlRecords

    assert isinstance(house.assistant.records, SqlRecords)
    with Session(house.assistant.records.engine) as session:
        return json.dumps([(row.key, row.lane, row.body) for row in session.scalars(select(InboxRow))])


def test_outcomes_are_counted_for_prometheus(house: House) -> None:
    before = {name: outcome(name) for name in ("answered", "duplicate")}
    ts = house.ts()
    for _ in range(2):
        house.event(mention(WEAK, ts), f"Ev{ts}")
    house.replies(ts)
    until(lambda: outcome("answered") == before["answered"] + 1)
    assert outcome("duplicate") == before["duplicate"] + 1


def outcome(name: str) -> float:
    return REGISTRY.get_sample_value("askwell_slack_events_total", {"outcome": name}) or 0.0


def test_without_slacks_packages_the_address_says_what_to_install(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.http.app import create_app

    monkeypatch.setattr("ui.slack.bot.importlib.util.find_spec", lambda name: None)
    client = TestClient(create_app(house.assistant, house.settings, chat=False))
    refused = client.post("/slack/events", content=b"{}")
    assert refused.status_code == 503
    assert "pip install 'askwell[slack]'" in refused.json()["detail"]
