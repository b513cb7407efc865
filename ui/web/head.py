"""Puts our style sheets and script into the head of Gradio's page before it is sent.

Gradio would add them from its own script, after the first paint (a flash of bare controls), and rewrites rules
inside ``@media``.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = """\
<link rel="stylesheet" href="/ui/tokens.css">
<link rel="stylesheet" href="/ui/reading.css">
<link rel="stylesheet" href="/ui/chat.css">
<link rel="icon" href="/ui/favicon.svg" type="image/svg+xml">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Answers from your documents, with numbered quotes.">
<script src="/ui/chat.js" defer></script>
<script src="/ui/tools.js" defer></script>
</head>"""


class ChatHead:
    """ASGI middleware: ``GET /`` is sent with our head; everything else passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def with_head(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body", False) or start is None:
                return
            headers = MutableHeaders(scope=start)
            if headers.get("content-type", "").startswith("text/html") and body:
                body = body.replace(b"</head>", HEAD.encode(), 1)
                headers["Content-Length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, with_head)
