"""A fake Slack and the application in this process, over the small house of the faces' tests."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.assistant import Assistant
from assistant.records import inbox_of
from assistant.records.inbox import Inbox
from assistant.settings import Settings
from assistant.wiring import assemble
from tests.slack.fake import SECRET, FakeSlack, Posted, event_body, signed
from tests.ui.conftest import data_dir, models  # noqa: F401  (the same small house)
from ui.http.app import create_app

_FORM = "application/x-www-form-urlencoded"
PUBLIC = "https://askwell.example.com"


@dataclass
class House:
    """The fake Slack, the application and what a test needs to look inside."""

    slack: FakeSlack
    client: TestClient
    assistant: Assistant
    settings: Settings
    inbox: Inbox

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    def ts(self) -> str:
        return self.slack.new_ts()

    def send(self, body: bytes, *, kind: str = "application/json", **headers: str) -> Any:
        return self.client.post(
            "/slack/events", content=body, headers={**signed(body), "Content-Type": kind, **headers}
        )

    def form(self, body: bytes) -> Any:
        return self.send(body, kind=_FORM)

    def event(self, event: dict[str, Any], event_id: str = "", **headers: str) -> Any:
        response = self.send(event_body(event, event_id or f"Ev{next(self._numbers)}-{time.time()}"), **headers)
        assert response.status_code == 200, response.text
        return response

    def replies(self, thread: str, count: int = 1, channel: str = "C0001", seconds: float = 15) -> list[Posted]:
        """The messages in a thread, once there are ``count`` and nothing is waiting."""
        until(lambda: len(self.slack.in_thread(channel, thread)) >= count and self.idle(), seconds)
        return self.slack.in_thread(channel, thread)

    def idle(self) -> bool:
        counts = self.inbox.counts()
        return not (counts.get("waiting") or counts.get("claimed"))


def until(true: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def slack_settings(data_dir: Path) -> Settings:  # noqa: F811
    return Settings(
        data_dir=data_dir,
        slack_signing_secret=SECRET,
        slack_bot_token="xoxb-test",
        slack_api_url="http://127.0.0.1:1/api/",
        public_url=PUBLIC,
        _env_file=None,
    )


@pytest.fixture
def house(slack_settings: Settings, tmp_path: Path) -> Iterator[House]:
    """Each test has a Slack and records of its own."""
    with FakeSlack() as slack:
        url = f"sqlite:///{tmp_path / 'records.sqlite3'}"
        settings = slack_settings.model_copy(update={"slack_api_url": slack.api_url, "database_url": url})
        assistant = assemble(settings)
        with TestClient(create_app(assistant, settings, chat=False), raise_server_exceptions=False) as client:
            yield House(slack, client, assistant, settings, inbox_of(assistant.records))
        assistant.close()
