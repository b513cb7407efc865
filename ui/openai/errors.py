"""Problems at OpenAI's addresses carry the sentence where OpenAI's clients look for it, too: in ``error.message``."""

from __future__ import annotations

import json

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PATHS = ("/v1/chat/", "/v1/models")


class OpenAIErrors:
    """ASGI middleware in front of whatever refuses a request: routes, keys, limits."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_PATHS):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def with_error(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if message["status"] >= 400 and kind.startswith("application/problem+json"):
                    start = message
                    return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                told = _with_error(body)
                MutableHeaders(scope=start)["content-length"] = str(len(told))
                await send(start)
                await send({"type": "http.response.body", "body": told})

        await self.app(scope, receive, with_error)


def _with_error(body: bytes) -> bytes:
    problem = json.loads(body)
    kind = "invalid_request_error" if problem.get("status", 500) < 500 else "server_error"
    error = {"message": problem.get("detail"), "type": kind, "param": None, "code": str(problem.get("status"))}
    return json.dumps({**problem, "error": error}, ensure_ascii=False).encode()
