"""Runs the application under uvicorn on a socket that is already bound: one process, or several for the API."""

from __future__ import annotations

import atexit
import ipaddress
import os
import socket
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from starlette.responses import HTMLResponse

from assistant.callers import OPERATOR, acting_as
from assistant.records import keys_of, open_records
from assistant.settings import Settings
from assistant.wiring import assemble
from ingest.errors import AskwellError
from ui.http.app import create_app
from ui.http.retention import kept_to_retention
from ui.http.stopping import FinishingServer, end_with_success
from ui.logs import configure_logs
from ui.templates import fill

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Say = Callable[[str], None]


def run(settings: Settings, listening: socket.socket, workers: int, say: Say) -> None:
    """Serves until it is told to stop (SIGINT, SIGTERM), which ends it with 0."""
    end_with_success()
    if workers > 1:
        _run_workers(settings, listening, workers, say)
        return
    configure_logs(settings)
    assistant = assemble(settings)
    try:
        settings = settings.model_copy(update={"allowed_hosts": hosts_for(settings, listening)})
        app = create_app(assistant, settings)
        if (missing := warm(assistant)) is not None:
            say(missing)
        if settings.require_key and not any(key.state == "active" for key in keys_of(assistant.records).list()):
            say('Everyone needs a key, and there is none yet. Run: askwell keys create "who uses it"')
        assistant.keep_warm()
        config = _config(settings, app)
        ready = f"Askwell is ready at {address_of(listening)}"
        with kept_to_retention(assistant.records, settings):
            FinishingServer(config, lambda: say(ready), lambda: assistant.running).run([listening])
    finally:
        assistant.close()


def _run_workers(settings: Settings, listening: socket.socket, workers: int, say: Say) -> None:
    """Several processes on one socket. What each is told, it is told by the environment."""
    from ui.http.workers import Workers

    # Made once here, so that the workers do not all export the model and migrate the records at the same time.
    assistant = assemble(settings)
    missing = warm(assistant)
    assistant.close()
    if missing is not None:
        say(missing)
    with tempfile.TemporaryDirectory(prefix="askwell-metrics-") as counted:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counted
        os.environ["ASKWELL_ALLOWED_HOSTS"] = hosts_for(settings, listening)
        config = _config(settings, "ui.http.server:worker", factory=True, workers=workers)
        ready = f"Askwell API with {workers} processes is ready at {address_of(listening)}"
        records = open_records(settings)
        try:
            with kept_to_retention(records, settings):
                Workers(config, [listening], lambda: say(ready)).run()
        finally:
            records.close()


def worker() -> FastAPI:
    """The application of one of several processes. Gradio keeps a page's events in one process, so no chat here."""
    settings = Settings()
    configure_logs(settings)
    assistant = assemble(settings)
    atexit.register(assistant.close)
    app = create_app(assistant, settings, chat=False)
    warm(assistant)
    assistant.keep_warm()

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
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
