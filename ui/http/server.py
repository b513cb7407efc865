"""Runs the application under uvicorn on a socket that is already bound: one process, or several for the API."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from assistant.callers import OPERATOR, acting_as
from assistant.settings import Settings
from assistant.wiring import assemble
from ingest.errors import AskwellError
from ui.http.app import create_app
from ui.templates import fill

if TYPE_CHECKING:
    from assistant.assistant import Assistant

SECONDS_TO_FINISH = 10
"""How long running answers may take to end at shutdown; open chat pages hold their connections for ever."""

Say = Callable[[str], None]


def run(settings: Settings, listening: socket.socket, workers: int, say: Say) -> None:
    """Serves until it is told to stop (SIGINT, SIGTERM)."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    if workers > 1:
        from uvicorn.supervisors import Multiprocess

        config = _config(settings, "ui.http.server:worker", factory=True, workers=workers)
        say(f"Askwell API with {workers} processes at {address_of(listening)}")
        Multiprocess(config, [listening]).run()
        return
    assistant = assemble(settings)
    try:
        settings = settings.model_copy(update={"allowed_hosts": hosts_for(settings, listening)})
        if (missing := warm(assistant)) is not None:
            say(missing)
        assistant.keep_warm()
        app = create_app(assistant, settings)
        _Announcing(_config(settings, app), lambda: say(f"Askwell is ready at {address_of(listening)}")).run(
            [listening]
        )
    finally:
        assistant.close()


def worker() -> FastAPI:
    """The application of one of several processes. Gradio keeps a page's events in one process, so no chat here."""
    settings = Settings()
    assistant = assemble(settings)
    warm(assistant)
    app = create_app(assistant, settings, chat=False)

    @app.get("/", include_in_schema=False)
    def no_chat() -> HTMLResponse:
        sentence = "This server runs the API with several workers. The web chat needs one: askwell serve --workers 1."
        return HTMLResponse(fill("message.html", title="No chat here", sentence=sentence))

    return app


def warm(assistant: Assistant) -> str | None:
    """Opens the index and the model, so that the first question is as quick as the others. What is missing, if any."""
    from assistant import chain  # noqa: F401  (imports that the first person who asks would wait for)

    try:
        with acting_as(OPERATOR):
            assistant.search("warm up", 1)
    except AskwellError as error:
        return str(error)
    return None


def hosts_for(settings: Settings, listening: socket.socket) -> str:
    """The names to answer to. Where anybody on this machine may ask, a page of another site must not be able to by
    having its own name lead to 127.0.0.1 (DNS rebinding)."""
    alone = ipaddress.ip_address(listening.getsockname()[0]).is_loopback and not settings.require_key
    return settings.allowed_hosts or ("localhost, 127.0.0.1, [::1]" if alone else "")


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _config(
    settings: Settings, app: FastAPI | str, *, factory: bool = False, workers: int | None = None
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=factory,
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


class _Announcing(uvicorn.Server):
    """Says the address when requests are accepted, not before."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()
