"""Whose conversations a page lists: a random id that the browser keeps in a cookie no script can read.

Where people sign in, the conversations are theirs in every browser; without, a browser is all that is known.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from assistant.callers import owner

COOKIE = "askwell_browser"
_YEAR = 365 * 24 * 60 * 60
_ID = re.compile(r"[A-Za-z0-9_-]{32,64}")


def owner_of(cookies: Mapping[str, str]) -> str:
    """Who is signed in, else the browser's id, else "" when it sent none that we could have made."""
    return owner() or browser_of(cookies)


def browser_of(cookies: Mapping[str, str]) -> str:
    given = cookies.get(COOKIE, "")
    return given if _ID.fullmatch(given) else ""


def browser_in(header: str) -> str:
    """The same from a ``Cookie`` header."""
    try:
        return browser_of({name: morsel.value for name, morsel in SimpleCookie(header).items()})
    except CookieError:
        return ""


def new_cookie(*, secure: bool) -> str:
    """A ``Set-Cookie`` value with a new id."""
    cookie = f"{COOKIE}={secrets.token_urlsafe(32)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
    return f"{cookie}; Secure" if secure else cookie
