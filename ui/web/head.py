"""Finishes Gradio's page before it is sent: our style sheets and scripts, what shows while it loads, the browser's
id, and a Content-Security-Policy whose nonce lets run just the scripts that the page came with.

Gradio would add head elements from its own script, after the first paint (a flash of bare controls), and rewrites
rules inside ``@media``.
"""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.http.security import chat_policy
from ui.web.owner import browser_in, new_cookie

HEAD = """\
<link rel="stylesheet" href="/ui/tokens.css">
<link rel="stylesheet" href="/ui/reading.css">
<link rel="stylesheet" href="/ui/chat.css">
<link rel="stylesheet" href="/ui/actions.css">
<link rel="stylesheet" href="/ui/side.css">
<link rel="stylesheet" href="/ui/panel.css">
<link rel="icon" href="/ui/favicon.svg" type="image/svg+xml">
<meta name="color-scheme" content="light dark">
<meta name="description" content="Answers from your documents, with numbered quotes.">
<script src="/ui/chat.js" defer></script>
<script src="/ui/tools.js" defer></script>
<script src="/ui/actions.js" defer></script>
<script src="/ui/connection.js" defer></script>
<script src="/ui/peek.js" defer></script>
</head>"""

LOADING = """\
<div id="loading"><img src="/ui/favicon.svg" alt="" width="40" height="40"><p role="status">Opening Askwell …</p></div>
<noscript><p id="unscripted">The chat needs JavaScript. <a href="/documents">The documents</a> can be read without.</p>
</noscript>
"""


class ChatHead:
    """ASGI middleware: ``GET /`` is sent finished; everything else passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        known = browser_in(Headers(scope=scope).get("cookie", ""))
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
                nonce = secrets.token_urlsafe(18)
                body = finished(body, nonce)
                headers["Content-Length"] = str(len(body))
                headers["Content-Security-Policy"] = chat_policy(nonce)
                headers["Cache-Control"] = "no-store"  # a nonce and a cookie are for one reading
                if not known:
                    headers.append("Set-Cookie", new_cookie(secure=scope.get("scheme") == "https"))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, with_head)


def finished(page: bytes, nonce: str) -> bytes:
    """The page with our head, and with the nonce on each of its scripts. Gradio's configuration stands inside a
    script, with every ``<`` escaped, so that ``<script`` is always the start of one.
    """
    page = re.sub(rb"<script(?=[\s>])", f'<script nonce="{nonce}"'.encode(), page)
    page = page.replace(b"</head>", HEAD.replace("<script ", f'<script nonce="{nonce}" ').encode(), 1)
    return re.sub(rb"(<body[^>]*>)", rb"\1" + LOADING.encode(), page, count=1)
