"""Slack's Web API with its three kinds of failure kept apart: told to wait, refused, and "nobody knows".

The last is what makes exactly-once hard: a request that timed out or got a 500 may have been carried out.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlparse

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from assistant.settings import Settings
from ingest.errors import AskwellError
from ui.slack.blocks import SlackMessage

SECONDS_TO_WAIT = 10
METADATA = "askwell_answer"

_UNSURE = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "unknown_error"}
_HOPELESS = {
    "channel_not_found",
    "is_archived",
    "message_not_found",
    "thread_not_found",
    "user_not_found",
    "cant_update_message",
}
Json = Mapping[str, Any]


class WaitError(AskwellError):
    """Slack asked to come back in ``seconds``; nothing was done."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Slack asks to wait {seconds:g} s.")
        self.seconds = seconds


class UnsureError(AskwellError):
    """No clear reply: it may have been carried out or not."""


class RefusedError(AskwellError):
    """Slack said no, and nothing was done. ``hopeless`` when saying it again cannot help."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Slack refused: {reason}.")
        self.reason = reason
        self.hopeless = reason in _HOPELESS


class SlackWeb:
    """Safe for many threads. A method that was told to wait is not called again by anyone before its time."""

    def __init__(self, settings: Settings, seconds_to_wait: int = SECONDS_TO_WAIT) -> None:
        token = settings.slack_bot_token.get_secret_value()
        quiet = logging.getLogger("askwell.slack.http")
        quiet.setLevel(logging.CRITICAL)  # what goes wrong is told by who handles it
        self._client = WebClient(
            token, settings.slack_api_url, timeout=seconds_to_wait, retry_handlers=[], logger=quiet
        )
        self._api_host = urlparse(settings.slack_api_url).hostname or ""
        self._seconds_to_wait = seconds_to_wait
        self._not_before: dict[str, float] = {}
        self._lock = threading.Lock()

    def post(self, channel: str, thread: str, message: SlackMessage, marker: str) -> str:
        """Posts and gives the new message's ts. ``marker`` is found again by ``find``."""
        metadata = {"event_type": METADATA, "event_payload": {"id": marker}}
        said = self._call(
            "chat.postMessage",
            {
                "channel": channel,
                "text": message.text,
                "blocks": list(message.blocks),
                "metadata": metadata,
                "unfurl_links": False,
                "unfurl_media": False,
                **({"thread_ts": thread} if thread else {}),
            },
        )
        return str(said["ts"])

    def update(self, channel: str, ts: str, message: SlackMessage) -> None:
        blocks = list(message.blocks)
        self._call("chat.update", {"channel": channel, "ts": ts, "text": message.text, "blocks": blocks})

    def find(self, channel: str, thread: str, since: str, marker: str) -> str:
        """The ts of our message with this marker, "" when there is none: in a thread, or in a channel without one."""
        method = "conversations.replies" if thread else "conversations.history"
        cursor = ""
        while True:
            asked = {"channel": channel, "oldest": since, "limit": 200, "include_all_metadata": True}
            said = self._call(
                method, asked | ({"ts": thread} if thread else {}) | ({"cursor": cursor} if cursor else {}), form=True
            )
            for message in said.get("messages") or ():
                if _marker_of(message) == marker:
                    return str(message["ts"])
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return ""

    def text_of(self, channel: str, thread: str, ts: str) -> str:
        """What a message in a thread says now, "" when it is gone."""
        asked = {"channel": channel, "ts": thread, "oldest": ts, "latest": ts, "inclusive": True, "limit": 10}
        said = self._call("conversations.replies", asked, form=True)
        return next((str(one.get("text") or "") for one in said.get("messages") or () if one.get("ts") == ts), "")

    def say_privately(self, channel: str, user: str, message: SlackMessage) -> None:
        said = {"channel": channel, "user": user, "text": message.text, "blocks": list(message.blocks)}
        self._call("chat.postEphemeral", said)

    def respond(self, url: str, message: SlackMessage, *, replace: bool = False) -> None:
        """To a response_url: seen by one person. ``replace`` changes the message that was acted on."""
        host = urlparse(url).hostname or ""
        if host != self._api_host and not host.endswith((".slack.com", ".slack-gov.com")):
            raise RefusedError("the response_url is not Slack's")
        client = WebhookClient(url, timeout=self._seconds_to_wait, retry_handlers=[])
        try:
            said = client.send(
                text=message.text,
                blocks=list(message.blocks),
                response_type=None if replace else "ephemeral",
                replace_original=replace,
            )
        except (OSError, http.client.HTTPException, SlackClientError) as error:
            raise UnsureError(f"Slack did not reply ({error}).") from error
        self._check("response_url", said.status_code, said.headers, said.body)

    def _call(self, method: str, arguments: dict[str, Any], *, form: bool = False) -> Json:
        with self._lock:
            left = self._not_before.get(method, 0.0) - time.monotonic()
        if left > 0:
            raise WaitError(left)
        try:
            said = (
                self._client.api_call(method, params=arguments)
                if form
                else self._client.api_call(method, json=arguments)
            )
            return cast("Json", said.data)
        except SlackApiError as error:
            response = error.response
            status, headers = getattr(response, "status_code", 0), getattr(response, "headers", {})
            data = (
                response.get("error", "") if not isinstance(response, str) and isinstance(response.data, dict) else ""
            )
            self._check(method, status, headers, str(data))
            raise UnsureError(f"Slack's reply cannot be read ({error}).") from error
        except (OSError, http.client.HTTPException, SlackClientError, ValueError) as error:
            raise UnsureError(f"Slack did not reply ({type(error).__name__}).") from error

    def _check(self, method: str, status: int, headers: Mapping[str, str], reason: str) -> None:
        """Raises what a reply means; returns for one that is well."""
        if status == 429 or reason in ("ratelimited", "rate_limited"):
            seconds = _seconds(headers)
            with self._lock:
                self._not_before[method] = time.monotonic() + seconds
            raise WaitError(seconds)
        if status >= 500 or reason in _UNSURE:
            raise UnsureError(f"Slack had an error of its own ({reason or status}).")
        if method == "response_url" and status == 200:
            return
        if reason or status >= 400:
            raise RefusedError(reason or str(status))


def _seconds(headers: Mapping[str, str]) -> float:
    said = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    try:
        return min(max(float(said[0] if isinstance(said, list) else said), 0.1), 600.0)
    except ValueError:
        return 1.0


def _marker_of(message: Json) -> str:
    metadata: Json = message.get("metadata") or {}
    if metadata.get("event_type") == METADATA:
        payload: Json = metadata.get("event_payload") or {}
        return str(payload.get("id") or "")
    return ""
