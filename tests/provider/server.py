"""The provider itself: POST /v1/chat/completions, streaming and not, in a thread on a free port."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from tests.provider.script import Asked, Reply


class Provider:
    """``replies`` are used up one by one for each purpose; the last one of a purpose stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[Asked] = []
        self.times: list[float] = []
        self._replies: dict[str, list[Reply]] = {}

    def say(self, purpose: str = "answer", *replies: Reply) -> None:
        """From now on the provider answers requests of this purpose so."""
        self._replies[purpose] = list(replies)

    def reset(self) -> None:
        self.asked.clear()
        self.times.clear()
        self._replies.clear()

    def next_for(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        self.times.append(time.monotonic())
        waiting = self._replies.get(asked.purpose, [Reply("NOT_IN_PASSAGES")])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def application(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = await request.json()
        messages = {message["role"]: message["content"] for message in body["messages"]}
        stream = bool(body.get("stream"))
        asked = Asked(str(messages.get("system", "")), str(messages.get("user", "")), body["model"], stream)
        reply = provider.next_for(asked)
        if reply.fault == "status":
            error = {"message": "busy" if reply.status == 429 else "failed", "type": "error", "code": str(reply.status)}
            return JSONResponse({"error": error}, reply.status, headers=dict(reply.headers))
        if not stream:
            return JSONResponse(_whole(body["model"], reply.words(asked), reply))
        return StreamingResponse(_streamed(body["model"], reply.words(asked), reply), media_type="text/event-stream")

    return app


async def _streamed(model: str, text: str, reply: Reply) -> AsyncIterator[str]:
    pieces = [text[at : at + reply.piece] for at in range(0, len(text), reply.piece)] if reply.fault != "empty" else []
    yield _chunk(model, {"role": "assistant", "content": ""})
    for at, piece in enumerate(pieces):
        if at == reply.after and reply.fault == "stall":
            await asyncio.sleep(reply.seconds)
        if at == reply.after and reply.fault == "cut":
            raise ConnectionError("cut on purpose")
        if at == reply.after and reply.fault == "clean_cut":
            return
        if at == reply.after and reply.fault == "malformed":
            yield 'data: {"id": "x", "choices": [{"delta": {"content": \n\n'
        yield _chunk(model, {"content": piece})
    yield _chunk(model, {}, finish=reply.finish)
    if reply.usage:
        yield _chunk(model, None, usage=_usage(reply.usage))
    yield "data: [DONE]\n\n"


def _chunk(
    model: str, delta: dict[str, str] | None, *, finish: str | None = None, usage: dict[str, int] | None = None
) -> str:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
    chunk: dict[str, Any] = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    return f"data: {json.dumps({**chunk, 'choices': choices, 'usage': usage})}\n\n"


def _usage(usage: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}


def _whole(model: str, text: str, reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reply.finish, "logprobs": None}],
        "usage": _usage(reply.usage or (0, 0)),
    }


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port; ``provider.url`` ends with /v1."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}/v1")
    config = uvicorn.Config(application(provider), log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield provider
    finally:
        server.should_exit = True
        thread.join(timeout=5)
        listening.close()
