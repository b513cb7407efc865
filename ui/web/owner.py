"""Whose conversations a page lists: a random id that the browser keeps in a cookie no script can read.

Leaves out who the person is: without a sign-in, a browser is all that is known.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

COOKIE = "askwell_browser"
_YEAR = 365 * 24 * 60 * 60
_ID = re.compile(r"[A-Za-z0-9_-]{32,64}")


def owner_of(cookies: Mapping[str, str]) -> str:
    """The browser's id, or "" when it sent none that we could have made."""
    given = cookies.get(COOKIE, "")
    return given if _ID.fullmatch(given) else ""


def owner_in(header: str) -> str:
    """The same from a ``Cookie`` header."""
    try:
        return owner_of({name: morsel.value for name, morsel in SimpleCookie(header).items()})
    except CookieError:
        return ""


def new_cookie(*, secure: bool) -> str:
    """A ``Set-Cookie`` value with a new id."""
    cookie = f"{COOKIE}={secrets.token_urlsafe(32)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
    return f"{cookie}; Secure" if secure else cookie
