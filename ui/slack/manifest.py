"""The app manifest for api.slack.com: everything that the bot needs, over HTTP or in Socket Mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).with_name("manifest.yaml")


def manifest(public_url: str, *, socket_mode: bool = False) -> dict[str, Any]:
    """The manifest with this server's address, or without addresses for Socket Mode."""
    found: dict[str, Any] = yaml.safe_load(MANIFEST.read_text("utf-8"))
    address = public_url.rstrip("/") + "/slack/events"
    for place, name in _addresses(found):
        if socket_mode:
            del place[name]
        elif public_url:
            place[name] = address
    found["settings"]["socket_mode_enabled"] = socket_mode
    return found


def _addresses(found: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    settings = found["settings"]
    commands = [(command, "url") for command in found["features"]["slash_commands"]]
    return [*commands, (settings["event_subscriptions"], "request_url"), (settings["interactivity"], "request_url")]
