"""What remains under the API's own paths after all routes: 405 for the wrong method, 404 otherwise.

The chat is mounted at / and would take every request that no route claims, also ``GET /v1/answers``.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.datastructures import URLPath
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from ui.http.security import is_own

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Unclaimed(BaseRoute):
    """The last route before the chat; it matches the API's own paths, whatever the method."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        own = scope["type"] == "http" and is_own(scope["path"])
        return (Match.FULL if own else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        possible = [method for method in _METHODS if self._answers({**scope, "method": method})]
        if possible:
            raise HTTPException(405, headers={"Allow": ", ".join(possible)})
        raise HTTPException(404)

    def _answers(self, scope: Scope) -> bool:
        others = (route for route in self.app.router.routes if route is not self)
        return any(route.matches(scope)[0] is Match.FULL for route in others if getattr(route, "path", None) != "")
