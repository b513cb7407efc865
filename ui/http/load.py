"""How much one request may bring, how long it may take and how many run at once.

Leaves out how often somebody may ask: see ``rates.py``.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.callers import caller
from ui.http.places import Places, given_up
from ui.http.problems import SENTENCES, problem

NOT_SERVED = ("/gradio_api/upload", "/gradio_api/proxy=", "/gradio_api/stream/", "/gradio_api/component_server")
"""What the chat's host would offer and our page never uses: files taken in, other addresses fetched."""

NO_QUESTIONS = ("/gradio_api/", "/slack/events")
"""Take no place. The chat's events, its Stop among them: its questions take theirs behind them (``limited.py``).
What Slack sends: it is only stored, and must be acknowledged however many answers are in the making."""

SECONDS_FOR_BODY = 30.0


class RequestSize:
    """ASGI middleware: 413 for a body that is too large, 408 for one that does not arrive, 404 for ``NOT_SERVED``."""

    def __init__(self, app: ASGIApp, most: int, seconds: float = SECONDS_FOR_BODY) -> None:
        self.app = app
        self._most = most
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].startswith(NOT_SERVED):
            await problem(404, SENTENCES[404], instance=scope["path"])(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "")
        if told.isdigit() and int(told) > self._most:
            await problem(413, SENTENCES[413], instance=scope["path"])(scope, receive, send)
            return
        arrived, complete = 0, False
        deadline = asyncio.get_running_loop().time() + self._seconds

        async def limited() -> Message:
            nonlocal arrived, complete
            if complete:  # what is waited for now is the client leaving, and that may take as long as it likes
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, "The body of the request did not arrive in time. Send it again.") from error
            if message["type"] == "http.request":
                arrived += len(message.get("body", b""))
                complete = not message.get("more_body", False)
                if arrived > self._most:
                    raise HTTPException(413)
            return message

        await self.app(scope, limited, send)


class Running:
    """ASGI middleware over questions and searches: how many run at once, and for how long each may.

    A question whose time is over is answered with 504 at once; what still works on it keeps its place until it ends,
    so that the machine is not overrun.
    """

    def __init__(self, app: ASGIApp, *, places: Places, seconds: float) -> None:
        self.app = app
        self._places = places
        self._seconds = seconds
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].startswith(NO_QUESTIONS):
            await self.app(scope, receive, send)
            return
        who = caller()
        whose = who.id if who else ""
        if refusal := self._places.take(whose):
            await _later(refusal.status, refusal.sentence, scope, receive, send)
            return
        await self._run(whose, scope, receive, send)

    async def _run(self, whose: str, scope: Scope, receive: Receive, send: Send) -> None:
        over = asyncio.Event()
        started = False

        async def answered(message: Message) -> None:
            nonlocal started
            if not over.is_set():
                started = True
                await send(message)

        async def heard() -> Message:
            """The client's messages; its leaving, once the time is over."""
            message, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
            try:
                await asyncio.wait((message, ended), return_when=asyncio.FIRST_COMPLETED)
                return message.result() if message.done() else {"type": "http.disconnect"}
            finally:
                message.cancel()
                ended.cancel()

        task = asyncio.ensure_future(self.app(scope, heard, answered))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._ended(task, whose))
        try:
            done, _ = await asyncio.wait((task,), timeout=self._seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            await task
            return
        over.set()
        if not started:
            await problem(504, given_up(self._seconds), instance=scope["path"])(scope, receive, send)
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _ended(self, task: asyncio.Task[None], whose: str) -> None:
        self._tasks.discard(task)
        self._places.leave(whose)
        if not task.cancelled():
            task.exception()  # seen: it was raised to the server, or came after the time was over


async def _later(status: int, detail: str, scope: Scope, receive: Receive, send: Send) -> None:
    await problem(status, detail, headers={"Retry-After": "1"}, instance=scope["path"])(scope, receive, send)
