"""Every error leaves as RFC 9457 problem+json, with a sentence that a person can act on.

A browser that opens a document's address gets the same sentence as a small page.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from assistant.callers import NotAllowedError, SignInError
from ingest.errors import (
    AskwellError,
    BadInputError,
    BusyError,
    DatabaseAwayError,
    DiskFullError,
    IndexMismatchError,
    NoIndexError,
    NotFoundError,
)
from ui.templates import fill

log = logging.getLogger("askwell")

_STATUS: tuple[tuple[type[AskwellError], int], ...] = (
    (NotFoundError, 404),
    (SignInError, 401),
    (NotAllowedError, 403),
    (BadInputError, 422),
    (NoIndexError, 503),
    (IndexMismatchError, 503),
    (BusyError, 503),
    (DiskFullError, 507),
)

SENTENCES = {
    400: "The request is addressed to another server (see ASKWELL_ALLOWED_HOSTS), or it cannot be read.",
    404: "There is nothing at this address. GET /docs lists what there is.",
    405: "This address does not take that method. GET /docs shows how to ask.",
    413: "The request is larger than 1 MB. Send a shorter question.",
    415: "The body must be JSON: send the header Content-Type: application/json.",
}

UNEXPECTED = "Something went wrong on the server, and it was logged. Try again; if it stays, tell the operator."


_PAGES = ("/sources/", "/documents", "/quality", "/conversations/")
"""Addresses that people open: they get the sentence as a page."""


AWAY = "The server cannot reach its database at this moment, and that was logged. Try again."


def sentence_of(error: Exception) -> str:
    """What the outside is told: where the database is, is not for everyone."""
    if isinstance(error, DatabaseAwayError):
        log.error("%s", error)
        return AWAY
    return str(error)


def status_of(error: AskwellError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **extra: object) -> Response:
    """A problem+json response; ``extra`` members are added (for example ``errors``)."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    return Response(
        json.dumps(body, ensure_ascii=False), status, media_type="application/problem+json", headers=dict(headers or {})
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Registers the handlers for our errors, HTTP errors, refused bodies and everything unforeseen."""

    def askwell_error(request: Request, error: Exception) -> Response:
        status = status_of(error) if isinstance(error, AskwellError) else 500
        return _answer(request, status, sentence_of(error))

    def http_error(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return _answer(request, 500, UNEXPECTED)
        headers = dict(error.headers or {})
        if error.status_code == 405:
            detail = f"{request.method} is not possible here. Possible: {headers.get('Allow', 'see /docs')}."
        elif error.status_code == 400 and "parsing the body" in str(error.detail):
            detail = "The body is not valid JSON in UTF-8."
        elif error.detail == HTTPStatus(error.status_code).phrase or error.status_code in (413, 415):
            detail = SENTENCES.get(error.status_code, str(error.detail))
        else:
            detail = str(error.detail)
        return _answer(request, error.status_code, detail, headers)

    def refused_body(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            return _answer(request, 500, UNEXPECTED)
        found = error.errors()
        if any(one.get("type") == "json_invalid" for one in found):
            where = found[0].get("ctx", {}).get("error", "")
            return problem(400, f'The body is not valid JSON ({where}). Send an object such as {{"question": "..."}}.')
        content_type = request.headers.get("content-type", "")
        if request.method == "POST" and "json" not in content_type:
            return problem(415, SENTENCES[415])
        errors = [{"field": _field(one.get("loc", ())), "message": str(one.get("msg", ""))} for one in found]
        return problem(422, " ".join(_sentence(one) for one in errors[:3]), errors=errors)

    def unforeseen(request: Request, error: Exception) -> Response:
        log.error("unexpected error at %s", request.url.path, exc_info=error)
        return _answer(request, 500, UNEXPECTED)

    app.add_exception_handler(AskwellError, askwell_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, refused_body)
    app.add_exception_handler(Exception, unforeseen)


def _answer(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    if request.url.path.startswith(_PAGES) and "text/html" in request.headers.get("accept", ""):
        page = fill("message.html", title=HTTPStatus(status).phrase, sentence=detail)
        return HTMLResponse(page, status, headers=dict(headers or {}))
    return problem(status, detail, headers=headers, instance=request.url.path)


def _field(location: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in location if part not in ("body", "query", "path")) or "body"


def _sentence(error: Mapping[str, str]) -> str:
    if error["message"].startswith("Extra inputs"):
        return f"There is no field {error['field']!r}."
    return f"{error['field']}: {error['message']}."
