"""Socket Mode: the same events over a WebSocket that the bot opens itself, acknowledged and answered the same way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


def test_the_bot_runs_alone_and_ends_when_told(data_dir: Path, tmp_path: Path) -> None:
    with FakeSlack() as slack:
        environment = {
            **os.environ,
            "ASKWELL_DATA_DIR": str(data_dir),
            "ASKWELL_DATABASE_URL": f"sqlite:///{tmp_path / 'records.sqlite3'}",
            "ASKWELL_SLACK_API_URL": slack.api_url,
            "ASKWELL_SLACK_APP_TOKEN": "xapp-test",
            "ASKWELL_SLACK_BOT_TOKEN": "xoxb-test",
        }
        command = [sys.executable, "-m", "ui.main", "slack", "run"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as bot:
            until(lambda: slack.sockets, 60)
            ts = slack.new_ts()
            body = json.loads(event_body(mention("What are the weaknesses of partition keys?", ts), "EvR"))
            slack.send_over_socket("events_api", body, "one")
            until(lambda: slack.in_thread("C0001", ts), 30)
            bot.terminate()
            assert bot.wait(30) == 0
            assert bot.stderr is not None
            assert "The Slack bot is running." in bot.stderr.read()
        assert "hot partition" in slack.posted[0].text
