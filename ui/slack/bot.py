"""The bot of one process: intake, workers and, where an app token is set, the Socket Mode connection."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from assistant.records import inbox_of
from assistant.settings import Settings
from ingest.errors import AskwellError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from assistant.assistant import Assistant

log = logging.getLogger("askwell.slack")

MISSING = "Slack needs the packages slack-bolt and aiohttp. Run: pip install 'askwell[slack]'"


class SlackBot:
    """Raises AskwellError when Slack's packages are not installed."""

    def __init__(self, assistant: Assistant, settings: Settings) -> None:
        if importlib.util.find_spec("slack_bolt") is None or importlib.util.find_spec("aiohttp") is None:
            raise AskwellError(MISSING)
        from ui.slack.bolt import Intake, bolt_app
        from ui.slack.dispatcher import Dispatcher
        from ui.slack.web import SlackWeb
        from ui.slack.worker import Worker

        inbox = inbox_of(assistant.records)
        self._settings = settings
        self.can_answer = bool(settings.slack_bot_token.get_secret_value())
        self.worker = Worker(assistant, settings, inbox, SlackWeb(settings))
        self.dispatcher = Dispatcher(inbox, self.worker.do, lease=settings.slack_lease_seconds)
        self.app: AsyncApp = bolt_app(assistant, settings, Intake(inbox, self.dispatcher.wake))
        self._socket: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Answers what waits, from before a restart too. Without a bot token nothing could be posted."""
        if self.can_answer:
            self.dispatcher.start()

    async def connect(self) -> None:
        """Opens the Socket Mode connection in the background, where an app token is set."""
        if self.can_answer and self._settings.slack_app_token.get_secret_value():
            self._socket = asyncio.create_task(self._stay_connected())

    async def stop(self) -> None:
        if self._socket is not None:
            self._socket.cancel()
            with suppress(asyncio.CancelledError):
                await self._socket
        await asyncio.to_thread(self.dispatcher.stop)

    async def _stay_connected(self) -> None:
        from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

        handler = AsyncSocketModeHandler(self.app, self._settings.slack_app_token.get_secret_value())
        handler.client.web_client.base_url = self._settings.slack_api_url
        pause = 1.0
        try:
            while True:
                try:
                    await handler.connect_async()  # type: ignore[no-untyped-call]
                    # from here on the client reconnects by itself
                    break
                except Exception as error:
                    log.error("Slack cannot be reached in Socket Mode (%s). Trying again in %.0f s.", error, pause)
                    await asyncio.sleep(pause)
                    pause = min(60.0, pause * 2)
            await asyncio.Event().wait()
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]
