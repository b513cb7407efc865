"""The bot of docs/slack.md, run as a reader would run it: against a server of ours and a Slack on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.docs.pages import ROOT, fences
from tests.slack.conftest import until
from tests.slack.fake import FakeSlack, event_body, mention
from tests.ui.conftest import server  # noqa: F401

EXAMPLE = ROOT / "docs/examples/slack_bot.py"


def test_the_example_is_the_one_in_the_docs_and_has_thirty_lines() -> None:
    shown = [fence.body for fence in fences(ROOT / "docs/slack.md") if fence.kind == "python"]
    code = EXAMPLE.read_text("utf-8")
    assert shown == [code]
    assert len(code.splitlines()) <= 30


def test_the_example_answers_a_mention_and_its_follow_up(server: str) -> None:  # noqa: F811
    with FakeSlack() as slack:
        environment = {
            **os.environ,
            "ANSWERS_URL": f"{server}/v1/answers",
            "SLACK_BOT_TOKEN": "xoxb-test",
            "SLACK_APP_TOKEN": "xapp-test",
            "SLACK_API_URL": slack.api_url,
        }
        with subprocess.Popen([sys.executable, EXAMPLE], env=environment, stderr=subprocess.PIPE) as bot:
            try:
                until(lambda: slack.sockets, 30)
                root, later = slack.new_ts(), slack.new_ts()
                for number, event in enumerate(
                    (mention("What is a partition key?", root), mention("And its weaknesses?", later, thread=root)), 1
                ):
                    slack.send_over_socket("events_api", json.loads(event_body(event, f"Ev{number}")), str(number))
                    until(lambda count=number: len(slack.posted) == count, 30)  # type: ignore[misc]
            finally:
                bot.terminate()
        first, second = slack.in_thread("C0001", root)
        assert f"<{server}/sources/guides/keys.md?start=" in json.dumps(first.blocks)
        assert "hot partition" in json.dumps(second.blocks)
