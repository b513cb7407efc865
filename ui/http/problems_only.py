"""Turns errors that libraries answer in their own words (body too large, the chat's 404) into problem+json."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.http.problems import SENTENCES, problem

_LEFT_ALONE = ("/gradio_api/",)
"""Gradio's page reads its own server's errors in its own format."""


class ProblemsOnly:
    """ASGI middleware: an error that is neither problem+json nor a page is answered anew."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_LEFT_ALONE):
            await self.app(scope, receive, send)
            return
        replaced = False

        async def checked(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] >= 400:
                kind = Headers(raw=message["headers"]).get("content-type", "")
                replaced = not kind.startswith(("application/problem+json", "text/html"))
                if replaced:
                    status = message["status"]
                    detail = SENTENCES.get(status, "The request cannot be served as it is. GET /docs shows how to ask.")
                    await problem(status, detail, instance=scope["path"])(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, checked)
