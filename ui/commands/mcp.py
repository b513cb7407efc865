"""``askwell mcp``: the MCP server over stdin and stdout, for assistants that start it themselves."""

from __future__ import annotations

from ui.commands.terminal import settings


def mcp() -> None:
    """Serve the documents to an MCP client over stdin and stdout. Keeps running until the client ends it.

    Examples:

        askwell mcp
    """
    import logging

    from assistant.wiring import assemble
    from ui.http.app import package_version
    from ui.mcp.server import mcp_server

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")  # to stderr
    current = settings()
    assistant = assemble(current)
    try:
        mcp_server(assistant, current, package_version()).run("stdio")
    finally:
        assistant.close()
