"""POST /slack/events: the address that Slack sends events, slash commands and button presses to.

Open on purpose: Slack sends no key of ours. Every request carries Slack's signature, which is always verified.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from assistant.settings import Settings
from ingest.errors import AskwellError
from ui.http.problems import problem

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from ui.slack.bot import SlackBot

PATH = "/slack/events"
NOT_SET_UP = "Slack is not set up here. Set ASKWELL_SLACK_SIGNING_SECRET and ASKWELL_SLACK_BOT_TOKEN (docs/slack.md)."
NO_TOKEN = "The Slack app is not installed yet. Install it and set ASKWELL_SLACK_BOT_TOKEN (docs/slack.md)."
NOT_SIGNED = (
    "The request does not carry a fresh signature of Slack. "
    "Check ASKWELL_SLACK_SIGNING_SECRET and the clock of this machine."
)


def add_slack(app: FastAPI, assistant: Assistant, settings: Settings, max_body: int) -> None:
    """The route, and the bot's life within the application's."""
    is_set = bool(settings.slack_signing_secret.get_secret_value())
    over_socket = bool(settings.slack_app_token.get_secret_value())
    bot, reason = None, NOT_SET_UP
    if is_set or over_socket:
        from ui.slack.bot import SlackBot

        try:
            bot = SlackBot(assistant, settings)
        except AskwellError as error:
            reason = str(error)
    app.include_router(slack_router(bot if is_set else None, reason), max_body_size=max_body)
    if bot is not None:
        _live_with(app, bot)


def slack_router(bot: SlackBot | None, reason: str) -> APIRouter:
    router = APIRouter()

    @router.post(PATH, include_in_schema=False)
    async def events(request: Request) -> Response:
        if bot is None:
            return problem(503, reason)
        if not request.headers.get("x-slack-request-timestamp", "0").isdecimal():
            return problem(401, NOT_SIGNED)  # bolt would take it for a number
        from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler

        try:
            answered = await AsyncSlackRequestHandler(bot.app).handle(request)
        except ValueError:  # neither UTF-8 nor JSON nor a form: parsed before its signature can be looked at
            return problem(400, "The body is not what Slack sends.")
        if answered.status_code == 401:
            return problem(401, NOT_SIGNED)
        if answered.status_code >= 400:
            return problem(answered.status_code, "The event could not be taken. Slack sends it again.")
        if not bot.can_answer and "challenge" not in bytes(answered.body).decode("utf-8", "replace"):
            return problem(503, NO_TOKEN)
        bot.start()
        return answered

    return router


def _live_with(app: FastAPI, bot: SlackBot) -> None:
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: Any) -> AsyncIterator[Any]:
        async with inner(application) as state:
            bot.start()
            await bot.connect()
            try:
                yield state
            finally:
                await bot.stop()

    app.router.lifespan_context = lifespan
