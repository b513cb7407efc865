"""A small Slack on loopback: the Web API methods that the bot calls, Socket Mode, and Slack's worse moods.

It refuses what Slack refuses (blocks over their limits, unknown channels) and remembers every message that was posted,
so that a test can count. A ``mood`` decides for each call whether it is answered well, with 429 or 500, late, or cut
off, before or after the message was really posted.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import WSMsgType, web

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT = "UBOT00001"
TEAM = "T0001"

Mood = Literal["well", "429", "500 before", "500 after", "stall before", "stall after", "cut", "internal_error"]


@dataclass
class Posted:
    """A message as Slack keeps it."""

    channel: str
    ts: str
    thread_ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any]
    edits: int = 0
    ephemeral_for: str = ""

    def as_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"type": "message", "ts": self.ts, "text": self.text, "blocks": self.blocks}
        return {**said, "user": BOT, "bot_id": "B1", "thread_ts": self.thread_ts, "metadata": self.metadata}


@dataclass
class FakeSlack:
    mood: Callable[[str], Mood] = lambda method: "well"
    stall_seconds: float = 1.0
    retry_after: int = 1
    channels_without_me: set[str] = field(default_factory=set)
    refuse_blocks: bool = False
    posted: list[Posted] = field(default_factory=list)
    private: list[dict[str, Any]] = field(default_factory=list)
    """What was sent to response URLs and by chat.postEphemeral."""
    views: list[dict[str, Any]] = field(default_factory=list)
    said_by_people: dict[tuple[str, str], str] = field(default_factory=dict)
    """(channel, ts) -> text, for conversations.replies."""
    page: int = 100
    calls: Counter[str] = field(default_factory=Counter)
    too_early: int = 0
    """Calls that came before the time that a 429 had named."""
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    acknowledged: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock, self._last = threading.Lock(), 0
        self._not_before: dict[str, float] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    # -- its life --

    def __enter__(self) -> FakeSlack:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def response_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/commands/1"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_post("/api/{method}", self._api)
        app.router.add_post("/commands/{id}", self._response)
        app.router.add_get("/socket", self._socket)
        runner = web.AppRunner(app, access_log=None)

        async def start() -> None:
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.port = runner.addresses[0][1]
            self._ready.set()

        self._loop.run_until_complete(start())
        self._loop.run_forever()

    # -- what it is asked --

    def new_ts(self) -> str:
        """A message's time, later than all before it, as Slack gives it."""
        with self._lock:
            self._last = max(self._last + 1, int(time.time() * 1_000_000))
            return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def in_thread(self, channel: str, thread: str) -> list[Posted]:
        return [one for one in self.posted if (one.channel, one.thread_ts) == (channel, thread)]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        if request.content_type == "application/json":
            asked = await request.json()
        else:
            asked = dict(await request.post())
        moment = time.monotonic()
        if moment < self._not_before.get(method, 0.0) - 0.02:
            self.too_early += 1
        mood = self.mood(method)
        if mood == "429":
            self._not_before[method] = moment + self.retry_after
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(self.retry_after)}
            )
        if mood == "500 before":
            return web.Response(status=500, text="<html>Server Error</html>")
        if mood == "internal_error":
            return web.json_response({"ok": False, "error": "internal_error"})
        if mood == "stall before":
            await asyncio.sleep(self.stall_seconds)
            return web.Response(status=503, text="")
        done = getattr(self, "_" + method.replace(".", "_"))(asked)
        if mood == "500 after":
            return web.Response(status=500, text="oops")
        if mood == "stall after":
            await asyncio.sleep(self.stall_seconds)
        if mood == "cut":
            assert request.transport is not None
            request.transport.close()
        return web.json_response(done)

    def _chat_postMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if asked["channel"] in self.channels_without_me:
            return {"ok": False, "error": "not_in_channel"}
        if (wrong := self._wrong_with(asked)) is not None:
            return {"ok": False, "error": wrong}
        ts = self.new_ts()
        one = Posted(
            channel=asked["channel"],
            ts=ts,
            thread_ts=asked.get("thread_ts") or ts,
            text=asked.get("text", ""),
            blocks=asked.get("blocks") or [],
            metadata=asked.get("metadata") or {},
        )
        self.posted.append(one)
        return {"ok": True, "ts": ts, "channel": one.channel, "message": one.as_json()}

    def _chat_update(self, asked: dict[str, Any]) -> dict[str, Any]:
        for one in self.posted:
            if (one.channel, one.ts) == (asked["channel"], asked["ts"]):
                if (wrong := self._wrong_with(asked)) is not None:
                    return {"ok": False, "error": wrong}
                one.text, one.blocks = asked.get("text", ""), asked.get("blocks") or []
                one.edits += 1
                return {"ok": True, "ts": one.ts, "channel": one.channel}
        return {"ok": False, "error": "message_not_found"}

    def _chat_postEphemeral(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.private.append(asked)
        return {"ok": True, "message_ts": "1.1"}

    def _views_open(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.views.append(asked)
        return {"ok": True, "view": {}}

    def _conversations_replies(self, asked: dict[str, Any]) -> dict[str, Any]:
        channel, thread = asked["channel"], asked["ts"]
        found = [one.as_json() for one in self.in_thread(channel, thread)]
        people = [
            {"type": "message", "ts": ts, "text": text, "user": "U1"}
            for (where, ts), text in self.said_by_people.items()
            if where == channel and str(asked.get("oldest", "0")) <= ts <= str(asked.get("latest", thread))
        ]
        return self._page([*people, *found], asked)

    def _conversations_history(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = [one.as_json() for one in self.posted if one.channel == asked["channel"] and one.thread_ts == one.ts]
        return self._page(found, asked)

    def _page(self, found: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
        since, until = str(asked.get("oldest", "0")), str(asked.get("latest", "9"))
        within = [one for one in found if since <= one["ts"] <= until]
        at = int(asked.get("cursor") or 0)
        more = str(at + self.page) if at + self.page < len(within) else ""
        if not asked.get("include_all_metadata"):
            within = [{**one, "metadata": {}} for one in within]
        return {"ok": True, "messages": within[at : at + self.page], "response_metadata": {"next_cursor": more}}

    def _auth_test(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "user_id": BOT, "team_id": TEAM, "bot_id": "B1"}

    def _apps_connections_open(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "url": f"ws://127.0.0.1:{self.port}/socket"}

    def _wrong_with(self, asked: dict[str, Any]) -> str | None:
        blocks = asked.get("blocks") or []
        if blocks and self.refuse_blocks:
            return "invalid_blocks"
        if len(blocks) > 50 or len(json.dumps(blocks)) > 40_000 or len(asked.get("text", "")) > 40_000:
            return "msg_too_long"
        for block in blocks:
            texts = [block.get("text")] if block["type"] == "section" else block.get("elements", [])
            for text in texts:
                said = text.get("text", "")
                limit = 75 if block["type"] == "actions" else 3000
                said = said["text"] if isinstance(said, dict) else said
                if not 0 < len(said) <= limit:
                    return "invalid_blocks"
        return None

    async def _response(self, request: web.Request) -> web.StreamResponse:
        self.calls["response_url"] += 1
        mood = self.mood("response_url")
        if mood == "429":
            return web.Response(status=429, headers={"Retry-After": str(self.retry_after)})
        if mood == "500 before":
            return web.Response(status=500)
        self.private.append(await request.json())
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                said = json.loads(message.data)
                self.acknowledged[said["envelope_id"]] = said
        return socket

    def send_over_socket(self, kind: str, payload: dict[str, Any], envelope: str) -> None:
        message = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        asyncio.run_coroutine_threadsafe(self.sockets[-1].send_json(message), self._loop).result(5)


# -- what Slack sends --


def signed(body: bytes, secret: str = SECRET, moment: float | None = None) -> dict[str, str]:
    """The headers of Slack's signature."""
    ts = str(int(time.time() if moment is None else moment))
    digest = hmac.new(secret.encode(), b"v0:" + ts.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": ts, "X-Slack-Signature": f"v0={digest}"}


def event_body(event: dict[str, Any], event_id: str) -> bytes:
    return json.dumps(
        {
            "type": "event_callback",
            "token": "x",
            "team_id": TEAM,
            "api_app_id": "A1",
            "event_id": event_id,
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
            "event": event,
        }
    ).encode()


def mention(text: str, ts: str, *, channel: str = "C0001", thread: str = "", **more: Any) -> dict[str, Any]:
    event = {"type": "app_mention", "user": "U1", "text": f"<@{BOT}> {text}", "ts": ts, "channel": channel}
    return {**event, **({"thread_ts": thread} if thread else {}), **more}


def message(text: str, ts: str, *, channel: str = "C0001", thread: str = "", **more: Any) -> dict[str, Any]:
    event = {"type": "message", "user": "U1", "text": text, "ts": ts, "channel": channel, "channel_type": "channel"}
    return {**event, **({"thread_ts": thread} if thread else {}), **more}


def direct(text: str, ts: str, **more: Any) -> dict[str, Any]:
    return {**message(text, ts, channel="D0001", **more), "channel_type": "im"}


def command_body(text: str, response_url: str, trigger: str) -> bytes:
    return urlencode(
        {
            "command": "/askwell",
            "text": text,
            "response_url": response_url,
            "trigger_id": trigger,
            "team_id": TEAM,
            "channel_id": "C0001",
            "user_id": "U1",
            "user_name": "ann",
        }
    ).encode()


def action_body(action: str, value: str, response_url: str, **more: Any) -> bytes:
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U1", "team_id": TEAM},
        "channel": {"id": "C0001"},
        "api_app_id": "A1",
        "trigger_id": f"trigger-{value[:20]}",
        "response_url": response_url,
        "container": {"type": "message", "channel_id": "C0001", "is_ephemeral": False},
        "actions": [
            {"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": f"{time.time():.6f}"}
        ],
        **more,
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def view_body(view: dict[str, Any]) -> bytes:
    payload = {"type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U1"}, "api_app_id": "A1", "view": view}
    return urlencode({"payload": json.dumps(payload)}).encode()
