"""Socket Mode: the same events over a WebSocket that the bot opens itself, acknowledged and answered the same way."""

from __future__ import annotations

import json
from pathlib import Path

from fastapi.testclient import TestClient

from assistant.records import inbox_of
from assistant.settings import Settings
from assistant.wiring import assemble
from tests.slack.conftest import House, until
from tests.slack.fake import FakeSlack, event_body, mention
from ui.http.app import create_app


def test_events_over_a_socket_are_answered_without_a_public_address(slack_settings: Settings, tmp_path: Path) -> None:
    with FakeSlack() as slack:
        settings = slack_settings.model_copy(
            update={
                "slack_api_url": slack.api_url,
                "slack_signing_secret": type(slack_settings.slack_signing_secret)(""),
                "slack_app_token": type(slack_settings.slack_app_token)("xapp-test"),
                "database_url": f"sqlite:///{tmp_path / 'records.sqlite3'}",
            }
        )
        assistant = assemble(settings)
        with TestClient(create_app(assistant, settings, chat=False)) as client:
            house = House(slack, client, assistant, settings, inbox_of(assistant.records))
            until(lambda: slack.sockets)
            ts = house.ts()
            body = json.loads(event_body(mention("What are the weaknesses of partition keys?", ts), "EvS"))
            for envelope in ("one", "two"):
                slack.send_over_socket("events_api", body, envelope)
            (reply,) = house.replies(ts)
            assert "hot partition" in reply.text
            until(lambda: {"one", "two"} <= set(slack.acknowledged))
            assert client.post("/slack/events", content=b"{}").status_code == 503, "no secret, no HTTP"
        assistant.close()
