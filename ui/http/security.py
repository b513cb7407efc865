"""Headers that keep a page from loading, sending or being framed by anything that is not this server."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

OWN_PAGES = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Documents and the API need no script at all. (Inline style is for the alignment of table cells.)"""

_REST = (
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)

FORM_PAGES = OWN_PAGES.replace("form-action 'none'", "form-action 'self'")
"""The pages of ours with a form."""

GRADIO = f"default-src 'self'; script-src 'self'; {_REST}"
"""What Gradio's own addresses (its scripts, its events) are sent with; none of them is a page."""


def chat_policy(nonce: str) -> str:
    """For the chat: of inline scripts only those run that the server sent with this nonce, and nothing is evaluated."""
    return f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; {_REST}"


OWN_PATHS = (
    "/v1",
    "/sources",
    "/conversations",
    "/documents",
    "/quality",
    "/docs",
    "/healthz",
    "/readyz",
    "/metrics",
    "/sign-in",
    "/sign-out",
    "/ui",
    "/openapi.json",
    "/slack",
    "/mcp",
)


def is_own(path: str) -> bool:
    """Whether a path belongs to the API and the viewer rather than to the chat's host."""
    return any(path == own or path.startswith(own + "/") for own in OWN_PATHS)


class SecurityHeaders:
    """ASGI middleware: adds the headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = OWN_PAGES if is_own(scope["path"]) else GRADIO
        if scope["path"] in ("/sign-in", "/sign-out", "/documents"):
            policy = FORM_PAGES

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _COMMON.items():
                    headers[name] = value
                headers["Content-Security-Policy"] = policy
            await send(message)

        await self.app(scope, receive, with_headers)


OF_ANY_NAME = ("/healthz", "/readyz")
"""Asked by container engines and load balancers under whatever address they have; they tell no content."""


class OwnNames:
    """ASGI middleware: 400 for a request to a name that is not this server's, but for ``OF_ANY_NAME``."""

    def __init__(self, app: ASGIApp, names: Sequence[str]) -> None:
        self.app = app
        self._checked = TrustedHostMiddleware(app, allowed_hosts=list(names) or ["*"], www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self.app if scope.get("path") in OF_ANY_NAME else self._checked
        await app(scope, receive, send)
