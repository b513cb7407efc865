"""The application: routers, pages and chat around one assistant. Wired here, configured nowhere else."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from assistant.records import keys_of
from assistant.settings import Settings
from ui.http.access import Access
from ui.http.answers import answers_router
from ui.http.conversations import conversations_router
from ui.http.documents import documents_router
from ui.http.feedback import feedback_router
from ui.http.health import health_router
from ui.http.load import RequestSize, Running
from ui.http.metrics import metrics_router
from ui.http.openapi import document_refusals
from ui.http.pages import pages_router
from ui.http.places import Places
from ui.http.problems import add_problem_handlers
from ui.http.problems_only import ProblemsOnly
from ui.http.rates import RateLimits, WrongKeys, address, key_of, policy, rate_limiter
from ui.http.reference import reference_page
from ui.http.request_log import RequestLog
from ui.http.search import search_router
from ui.http.security import OwnNames, SecurityHeaders
from ui.http.sign_in import sign_in_router
from ui.http.slack import add_slack
from ui.http.sources import sources_router
from ui.http.unclaimed import Unclaimed
from ui.logs import log_answers
from ui.metrics import observe_answer
from ui.openai.errors import OpenAIErrors
from ui.openai.routes import openai_router

if TYPE_CHECKING:
    from assistant.assistant import Assistant

ASSETS = Path(__file__).parent.parent / "assets"
MAX_BODY = 1_000_000


def create_app(assistant: Assistant, settings: Settings, *, chat: bool = True) -> FastAPI:
    """The ASGI application. Without ``chat`` the page at / is left out (the API alone needs 100 MB less)."""
    app = FastAPI(
        title="Askwell",
        summary="Answers from your documents, with numbered quotes.",
        version=package_version(),
        docs_url=None,  # FastAPI's page loads its scripts from a CDN; ours needs none
        redoc_url=None,
    )
    add_problem_handlers(app)
    if settings.require_key:
        assistant.require_sign_in()
        app.include_router(sign_in_router(keys_of(assistant.records), settings), max_body_size=MAX_BODY)
    places = Places(settings.max_running, settings.max_running_per_key)
    add_guards(app, assistant, settings, places)
    assistant.on_answer = [observe_answer, log_answers(settings)]
    for router in (
        answers_router(assistant, settings),
        openai_router(assistant, settings),
        search_router(assistant, settings),
        feedback_router(assistant),
        conversations_router(assistant),
        documents_router(assistant),
        pages_router(assistant, settings),
        sources_router(assistant),
        health_router(assistant),
        metrics_router(assistant),
    ):
        app.include_router(router, max_body_size=MAX_BODY)
    add_slack(app, assistant, settings, MAX_BODY)
    add_mcp(app, assistant, settings)
    app.mount("/ui", StaticFiles(directory=ASSETS))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()))

    document_refusals(app)
    app.router.routes.append(Unclaimed(app))
    if chat:
        from ui.web.chat import mount_chat

        mount_chat(app, assistant, settings, places)
    return app


def add_mcp(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    from ui.mcp.http import McpEndpoint

    endpoint = McpEndpoint(assistant, settings, package_version())
    app.router.routes.append(Route("/mcp", endpoint, methods=["GET", "POST", "DELETE"], include_in_schema=False))


def add_guards(app: FastAPI, assistant: Assistant, settings: Settings, places: Places) -> None:
    """What every request passes before a route sees it; the first one added is the innermost."""
    limiter = rate_limiter(settings.rate_limit_storage)
    by_key = policy("key", settings.rate_limit_key, "ASKWELL_RATE_LIMIT_KEY", key_of)
    by_address = policy("address", settings.rate_limit_address, "ASKWELL_RATE_LIMIT_ADDRESS", address)
    app.add_middleware(CORSMiddleware)  # allows no origin; without it Gradio would allow every one
    app.add_middleware(Running, places=places, seconds=settings.request_seconds)
    app.add_middleware(RequestSize, most=MAX_BODY)
    app.add_middleware(RateLimits, limiter=limiter, policy=by_key)
    if settings.require_key:
        app.add_middleware(Access, keys=keys_of(assistant.records))
        app.add_middleware(WrongKeys, limiter=limiter)
    app.add_middleware(RateLimits, limiter=limiter, policy=by_address)
    hosts = [name.strip() for name in settings.allowed_hosts.split(",") if name.strip()]
    app.add_middleware(OwnNames, names=hosts)
    app.add_middleware(ProblemsOnly)
    app.add_middleware(OpenAIErrors)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog)


def package_version() -> str:
    try:
        return version("askwell")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
