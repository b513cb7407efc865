"""The bolt application: what Slack sends is stored first and acknowledged then, in well under its three seconds.

Signatures and timestamps are verified by bolt before anything here runs. Nothing is answered here.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from assistant.callers import acting_as
from assistant.records.inbox import Event, Inbox
from assistant.settings import Settings
from assistant.types import Rating
from ingest.errors import AskwellError, NotFoundError
from ui.metrics import slack_outcome
from ui.slack.askers import presser
from ui.slack.blocks import CHOOSE, DOWN, SHARE, UP, answer_message, marked
from ui.slack.reading import Payload, choice_of, command_of, message_of, share_of
from ui.slack.reasons import REASONS, Said, reason_view, said_in

if TYPE_CHECKING:
    from assistant.assistant import Assistant

log = logging.getLogger("askwell.slack")

SECONDS_TO_STORE = 2.5
THREADS_TO_STORE = 4
NOT_NOW = "That could not be recorded just now. Try again in a moment."
NOT_KEPT = "This answer is no longer kept here, so it cannot be rated. Ask the question again."
_AGAIN = BoltResponse(status=503, body="", headers={"Retry-After": "1"})

Next = Callable[[], Awaitable[BoltResponse]]


class Intake:
    """Stores events. ``wake`` is called for each that is new."""

    def __init__(self, inbox: Inbox, wake: Callable[[], None]) -> None:
        self._inbox, self._wake = inbox, wake
        # threads of its own: those of asyncio may all be waiting for a name server
        self._threads = ThreadPoolExecutor(THREADS_TO_STORE, thread_name_prefix="slack-intake")

    async def take(self, event: Event, *, unasked: bool = False) -> bool:
        """False when it could not be stored in time: Slack has to send it again."""
        try:
            stored = asyncio.get_running_loop().run_in_executor(self._threads, self._store, event, unasked)
            await asyncio.wait_for(stored, SECONDS_TO_STORE)
        except (TimeoutError, AskwellError) as error:
            log.error("an event from Slack could not be stored: %s", error or "the database is slow")
            return False
        return True

    def _store(self, event: Event, unasked: bool) -> None:
        hold = unasked and not self._inbox.knows(event.lane)
        if hold:  # words of a thread that may not be ours are not kept; they are fetched once it proves to be
            event = replace(event, body={**event.body, "text": ""})
        if not self._inbox.put(event, hold=hold):
            slack_outcome("duplicate")
        elif not hold:
            self._wake()


def bolt_app(assistant: Assistant, settings: Settings, intake: Intake) -> AsyncApp:
    """The application over HTTP and in Socket Mode."""
    token = settings.slack_bot_token.get_secret_value()

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # no auth.test: an acknowledgement must not wait for a call to Slack
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    app = AsyncApp(
        name="askwell",
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        authorize=authorize,
        client=AsyncWebClient(base_url=settings.slack_api_url, timeout=10),
        request_verification_enabled=True,
        logger=log,
    )

    @app.middleware
    async def store_messages(body: dict[str, Any], next: Next) -> BoltResponse:
        if body.get("type") != "event_callback":
            return await next()
        message = message_of(body)
        if message is not None and not await intake.take(message.event, unasked=message.unasked):
            return _AGAIN
        return BoltResponse(status=200, body="")

    @app.command("/askwell")
    async def command(ack: AsyncAck, body: dict[str, Any]) -> None:
        stored = await intake.take(command_of(body))
        await (ack() if stored else ack("I cannot take a question just now. Try again in a moment."))

    @app.action(SHARE)
    async def share(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await _pressed(share_of(body, _value(body)), ack, respond)

    @app.action(re.compile(f"{CHOOSE}_[0-9]+"))
    async def choose(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await _pressed(choice_of(body, _value(body)), ack, respond)

    async def _pressed(event: Event, ack: AsyncAck, respond: AsyncRespond) -> None:
        stored = await intake.take(event)
        await ack()
        if not stored:  # a button is not sent again as an event is
            await _say(respond, NOT_NOW)

    @app.action(UP)
    async def up(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        if await _rated(body, "up", ack, respond):
            await _shown(body, respond, "up")

    @app.action(DOWN)
    async def down(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient) -> None:
        if not await _rated(body, "down", ack, respond):
            return
        try:
            await client.views_open(trigger_id=str(body.get("trigger_id")), view=reason_view(_value(body)))
        except Exception as error:  # the vote counts without its reason
            log.warning("the window for a reason could not be opened: %s", error)
        await _shown(body, respond, "down")

    @app.view(REASONS)
    async def reason(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        await _soon(asyncio.to_thread(_reasoned, body, said_in(view)))
        await ack()

    def _reasoned(body: Payload, said: Said) -> None:
        with acting_as(presser(body, settings)):
            assistant.records.feedback(said.answer_id, "down", said.comment, said.expected, said.reason)

    def _vote(body: Payload, rating: Rating) -> None:
        with acting_as(presser(body, settings)):
            assistant.records.feedback(_value(body), rating)

    async def _rated(body: Payload, rating: Rating, ack: AsyncAck, respond: AsyncRespond) -> bool:
        """Whether the vote is recorded, or about to be; where it cannot be, the person is told."""
        try:
            await _soon(asyncio.to_thread(_vote, body, rating))
        except AskwellError as error:
            log.warning("a vote could not be recorded: %s", error)
            await ack()
            await _say(respond, NOT_KEPT if isinstance(error, NotFoundError) else NOT_NOW)
            return False
        await ack()
        return True

    async def _shown(body: Payload, respond: AsyncRespond, rating: Rating) -> None:
        """The pressed button is marked, so that one sees what counts and that it can be changed."""
        try:
            shown = marked(body.get("message") or {}, _value(body), rating)
            if shown is None:  # one that only this person sees, which Slack does not send along
                answer = await asyncio.to_thread(assistant.records.answer, _value(body))
                private = bool((body.get("container") or {}).get("is_ephemeral"))
                place: Literal["thread", "private"] = "private" if private else "thread"
                shown = answer_message(answer, settings.public_url, rating=rating, place=place)
            await respond(text=shown.text, blocks=list(shown.blocks), replace_original=True)
        except Exception as error:
            log.warning("a vote was recorded, but its button could not be marked: %s", error)

    return app


async def _say(respond: AsyncRespond, sentence: str) -> None:
    """To the person who pressed, below the message."""
    try:
        await respond(text=sentence, response_type="ephemeral", replace_original=False)
    except Exception as error:
        log.warning("nobody could be told %r: %s", sentence, error)


async def _soon(work: Coroutine[Any, Any, None]) -> None:
    """Waits as long as an acknowledgement may; what takes longer goes on, and its failure is logged by asyncio."""
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=SECONDS_TO_STORE)
    if task.done():
        task.result()


def _value(body: Payload) -> str:
    return str(((body.get("actions") or [{}])[0]).get("value") or "")
