"""Who may do what: one middleware in front of every route, so that a new one is closed until it is listed as open.

A program sends ``Authorization: Bearer askwell_...``; a page has a session cookie. The caller goes along in
``assistant.callers``, where the index and the records show it only what is its own. Without ``require_key`` everyone
may do everything, and nobody is named.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.callers import Caller, NotAllowedError, Right, acting_as
from ingest.errors import AskwellError
from ui.http.problems import AWAY, problem, sentence_of

if TYPE_CHECKING:
    from assistant.records.keys import Keys

log = logging.getLogger("askwell")

COOKIE = "askwell_session"

OPEN: Mapping[str, str] = {
    "/healthz": "tells only that the process runs",
    "/readyz": "tells only whether there is an index; load balancers have no key",
    "/sign-in": "where a page gets its session",
    "/sign-out": "ends the page's own session, whatever its key may do",
    "/slack/events": "every request is signed by Slack, and the signature is checked",
    "/ui": "style sheets and icons, which the sign-in page needs",
}
"""Paths that ask for no key, on purpose, each with its reason; what lies below a path is open with it."""

RIGHT_FOR: Mapping[str, Right] = {
    "/metrics": "metrics",
    "/sources": "read",
    "/documents": "read",
    "/quality": "metrics",
    "/v1/documents": "read",
    "/v1/models": "read",
    "/docs": "read",
    "/openapi.json": "read",
}
"""Which right a path needs; every other one needs "ask"."""

NO_KEY = (
    "This server needs a key: send the header Authorization: Bearer askwell_..., or open /sign-in. "
    "The operator makes keys with: askwell keys create"
)

WRONG_KEY = (
    "The key that was sent is not known here, has expired or was revoked. Send it as: Authorization: Bearer "
    "askwell_... The operator makes keys with: askwell keys create"
)

SECONDS_FOR_A_KEY = 10.0
"""A database that takes connections and says nothing must not hold every request."""

CALLER = "askwell.caller"
"""Where the caller stands in the ASGI scope, for faces that leave the request's context (Gradio's queue)."""


def is_open(path: str) -> bool:
    return _longest(path, OPEN) is not None


def right_for(path: str) -> Right:
    found = _longest(path, RIGHT_FOR)
    return RIGHT_FOR[found] if found else "ask"


def _longest(path: str, table: Mapping[str, object]) -> str | None:
    return next((own for own in table if path == own or path.startswith(own + "/")), None)


class Access:
    """ASGI middleware: 401 without a valid key or session, 403 without the right; browsers are sent to /sign-in."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        who, by_cookie = None, False
        failure: Response | None = None
        try:
            with anyio.fail_after(SECONDS_FOR_A_KEY):
                who, by_cookie = await self._who(headers)
        except AskwellError as error:  # the database of keys is away: closed, not open
            failure = problem(503, sentence_of(error), instance=scope["path"])
        except TimeoutError:
            log.error("the database did not say within %d s whose key it is", SECONDS_FOR_A_KEY)
            failure = problem(503, AWAY, instance=scope["path"])
        refusal = None if is_open(scope["path"]) else failure or self._refusal(scope, headers, who, by_cookie)
        if refusal is not None:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await refusal(scope, receive, send)
            return
        scope[CALLER] = who
        with acting_as(who):
            await self.app(scope, receive, send)

    async def _who(self, headers: Headers) -> tuple[Caller | None, bool]:
        """(caller, whether a cookie said so)."""
        scheme, _, text = headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer" and text:
            key = await run_sync(self._keys.holder, text.strip(), abandon_on_cancel=True)
            return (key.caller if key else None), False
        token = session_token(headers)
        if token:
            key = await run_sync(self._keys.session_holder, token, abandon_on_cancel=True)
            return (key.caller if key else None), True
        return None, False

    def _refusal(self, scope: Scope, headers: Headers, who: Caller | None, by_cookie: bool) -> Response | None:
        path = scope["path"]
        if who is None:
            if scope.get("method") in ("GET", "HEAD") and "text/html" in headers.get("accept", ""):
                query = scope.get("query_string", b"").decode("latin-1")
                return RedirectResponse(f"/sign-in?next={quote(path + ('?' + query if query else ''))}", 303)
            sentence = WRONG_KEY if headers.get("authorization") else NO_KEY
            return problem(
                401,
                "The session is over. Reload the page and sign in again." if by_cookie else sentence,
                headers={"WWW-Authenticate": 'Bearer realm="askwell"'},
                instance=path,
            )
        needed = right_for(path)
        if needed not in who.rights:
            return problem(403, f"This key may not do that: it lacks the scope {needed!r}.", instance=path)
        if by_cookie and scope.get("method") not in ("GET", "HEAD", "OPTIONS") and is_foreign(headers):
            return problem(403, "Another site's page sent this request. Use Askwell's own pages.", instance=path)
        return None


def session_token(headers: Headers) -> str:
    """The session cookie's value; empty when there is none, or the header cannot be read."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def is_foreign(headers: Headers) -> bool:
    """Whether a browser says that another site's page made it send this (a forged request)."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host", "")


def require(right: Right, who: Caller | None) -> None:
    """For faces that take several rights at one address. Raises NotAllowedError; nobody named may do everything."""
    if who is not None and right not in who.rights:
        raise NotAllowedError(f"This key may not do that: it lacks the scope {right!r}.")
