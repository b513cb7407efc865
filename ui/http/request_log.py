"""An id for each request, told back in ``X-Request-ID``; one log line and the metrics when its response has ended."""

from __future__ import annotations

import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from ui.http.access import CALLER
from ui.logs import log
from ui.metrics import observe_request

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/ui/", "/assets/", "/svelte/", "/static/", "/gradio_api/", "/healthz", "/readyz", "/metrics", "/theme.css")
"""Logged on level debug: what every page and every monitor fetches again and again."""


class RequestLog:
    """ASGI middleware, the outermost one. The path is logged, the query string is not: it may hold a question."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        with bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, watched)
            finally:
                seconds = time.perf_counter() - began
                path, method = scope["path"], scope["method"]
                observe_request(method, path, status, seconds)
                who, client = scope.get(CALLER), scope.get("client")
                quiet = path.startswith(_QUIET) and status < 500
                (log.debug if quiet else log.info)(
                    "request",
                    method=method,
                    path=path,
                    status=status,
                    ms=round(seconds * 1000, 1),
                    caller=who.id if who else None,
                    address=client[0] if client else None,
                )
