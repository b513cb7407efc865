"""The app manifest: Slack's address in all three places, the scopes that the bot's calls need, and the commands."""

from __future__ import annotations

import pytest
import yaml

from ui.main import main
from ui.slack.manifest import manifest


def test_the_manifest_names_the_address_everywhere_and_the_scopes_that_are_needed() -> None:
    made = manifest("https://bot.example.org/")
    addresses = {
        made["features"]["slash_commands"][0]["url"],
        made["settings"]["event_subscriptions"]["request_url"],
        made["settings"]["interactivity"]["request_url"],
    }
    assert addresses == {"https://bot.example.org/slack/events"}
    scopes = set(made["oauth_config"]["scopes"]["bot"])
    assert {"app_mentions:read", "chat:write", "commands", "im:history", "channels:history"} <= scopes
    for event in made["settings"]["event_subscriptions"]["bot_events"]:
        kind = event.removeprefix("message.")
        assert event == "app_mention" or f"{kind}:history" in scopes
    assert made["settings"]["interactivity"]["is_enabled"]
    assert not made["settings"]["socket_mode_enabled"]


def test_socket_mode_has_no_address() -> None:
    assert "https://" not in yaml.safe_dump(manifest("", socket_mode=True))


def test_the_command_prints_it_or_says_what_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit):
        main(["slack", "manifest", "--url", "https://bot.example.org"])
    assert yaml.safe_load(capsys.readouterr().out) == manifest("https://bot.example.org")
    for arguments, sentence in (
        (["slack", "manifest"], "Slack needs an https address"),
        (["slack", "run"], "Set ASKWELL_SLACK_APP_TOKEN first"),
    ):
        monkeypatch.delenv("ASKWELL_SLACK_APP_TOKEN", raising=False)
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 1
        assert sentence in capsys.readouterr().err
