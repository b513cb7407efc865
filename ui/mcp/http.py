"""/mcp: the MCP server over streamable HTTP, without sessions, so that any worker can take any request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from assistant.settings import Settings
from ui.mcp.server import mcp_server

if TYPE_CHECKING:
    from assistant.assistant import Assistant

MAX_BODY = 1_000_000


class McpEndpoint:
    """ASGI application. Each request has a manager of its own: it then runs in the request's context, where the
    caller and what the caller may see are known, and needs nothing from the application's start-up."""

    def __init__(self, assistant: Assistant, settings: Settings, version: str) -> None:
        self._server = mcp_server(assistant, settings, version)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        manager = StreamableHTTPSessionManager(
            self._server._lowlevel_server, stateless=True, json_response=True, max_request_body_size=MAX_BODY
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)
