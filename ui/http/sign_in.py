"""GET and POST /sign-in and /sign-out: a page shows its key once and has a session cookie from then on.

The cookie is HttpOnly and SameSite=Lax, and Secure on https; the session itself lies in the database, hashed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from assistant.settings import Settings
from ui.http.access import COOKIE, is_foreign, session_token
from ui.http.problems import problem
from ui.templates import fill

if TYPE_CHECKING:
    from assistant.records.keys import Keys

_WRONG = "This key is not known here, has expired or was revoked. Ask whoever runs this server for another."


def sign_in_router(keys: Keys, settings: Settings) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    def page(next: str = "/") -> HTMLResponse:
        return _page(own_address(next))

    @router.post("/sign-in")
    def sign_in(
        request: Request, key: Annotated[str, Form(max_length=200)] = "", next: Annotated[str, Form()] = "/"
    ) -> Response:
        if is_foreign(request.headers):
            return problem(403, "Another site's page sent this request. Use Askwell's own pages.")
        found = keys.holder(key.strip())
        if found is None:
            return _page(own_address(next), _WRONG, 401)
        answer = RedirectResponse(own_address(next), 303)
        answer.set_cookie(
            COOKIE,
            keys.begin_session(found, settings.session_hours),
            max_age=settings.session_hours * 3600,
            path="/",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    @router.get("/sign-out")
    def leaving(request: Request) -> Response:
        key = keys.session_holder(session_token(request.headers))
        return HTMLResponse(fill("sign_out.html", name=key.name)) if key else RedirectResponse("/sign-in", 303)

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        if is_foreign(request.headers):
            return problem(403, "Another site's page sent this request. Use Askwell's own pages.")
        keys.end_session(session_token(request.headers))
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
        return answer

    return router


def own_address(address: str) -> str:
    """Where to go on after signing in: an address on this server, else the chat.

    >>> own_address("/sources/a.md?start=1"), own_address("https://evil.example"), own_address("//evil.example")
    ('/sources/a.md?start=1', '/', '/')
    """
    parts = urlsplit(address)
    strange = parts.scheme or parts.netloc or "\\" in address or any(ord(letter) < 32 for letter in address)
    return address if address.startswith("/") and not address.startswith("//") and not strange else "/"


def _page(next_address: str, wrong: str = "", status: int = 200) -> HTMLResponse:
    return HTMLResponse(fill("sign_in.html", next=next_address, wrong=wrong), status)
