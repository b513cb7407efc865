"""Rate limits, counted by the library ``limits`` in memory or Redis: for each address and for each key.

Told in the headers of draft-ietf-httpapi-ratelimit-headers (``RateLimit-Policy``, ``RateLimit``) and in the older
three; 429 with ``Retry-After`` beyond them. Reading the chat's own files costs nothing and is not counted.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from limits import RateLimitItem, WindowStats, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.callers import caller
from ingest.errors import BadInputError
from ui.http.problems import problem

log = logging.getLogger("askwell")

T = TypeVar("T")

_COUNTED = ("/v1", "/sources", "/mcp", "/documents")
_NOT_COUNTED = ("/slack/events",)
"""Slack sends for a whole company from few addresses, and would switch the app off when refused."""

SECONDS_FOR_REDIS = 1.0
REST_SECONDS = 10.0
WRONG_KEYS = "20/minute"
"""For each address: requests whose key is wrong."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``name`` is told to clients; ``of`` gives who a request counts for, None for nobody."""

    name: str
    items: tuple[RateLimitItem, ...]
    of: Callable[[Scope], str | None]


def policy(name: str, written: str, setting: str, of: Callable[[Scope], str | None]) -> Policy:
    """``written`` as in "120/minute; 2000/day", empty for no limit. Raises BadInputError that names the setting."""
    try:
        items = tuple(parse_many(written)) if written.strip() else ()
    except ValueError as error:
        raise BadInputError(f"{setting} is not a rate such as 120/minute, or 10/second; 2000/day.") from error
    return Policy(name, items, of)


class Counter:
    """A sliding window of ``limits``. Storage that failed is not asked again for a while, so that a Redis that takes
    connections and says nothing costs one request its patience, not every one. Raises StorageError.
    """

    def __init__(self, storage: Storage) -> None:
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._not_before = 0.0

    async def hit(self, item: RateLimitItem, *whose: str) -> bool:
        return await self._asked(self._window.hit, item, *whose)

    async def test(self, item: RateLimitItem, *whose: str) -> bool:
        return await self._asked(self._window.test, item, *whose)

    async def stats(self, item: RateLimitItem, *whose: str) -> WindowStats:
        return await self._asked(self._window.get_window_stats, item, *whose)

    async def _asked(self, ask: Callable[..., Awaitable[T]], item: RateLimitItem, *whose: str) -> T:
        if time.monotonic() < self._not_before:
            raise StorageError(ConnectionError("left alone after a failure"))
        try:
            async with asyncio.timeout(SECONDS_FOR_REDIS):
                return await ask(item, *whose)
        except (StorageError, TimeoutError) as error:
            self._not_before = time.monotonic() + REST_SECONDS
            reason = error.storage_error if isinstance(error, StorageError) else error
            log.warning("rate limits are not counted for %d s: %s", REST_SECONDS, type(reason).__name__)
            raise StorageError(reason) from error


def rate_limiter(storage: str) -> Counter:
    """Over ``memory://`` (each process counts alone) or ``redis://host:port/db``. Raises BadInputError."""
    if storage == "memory://":
        return Counter(MemoryStorage())
    if storage.startswith(("redis://", "rediss://")):
        try:
            counted = RedisStorage("async+" + storage, wrap_exceptions=True, implementation="redispy")
        except Exception as error:
            raise BadInputError(
                "ASKWELL_RATE_LIMIT_STORAGE cannot be used. Run: pip install 'askwell[redis]', and write it as "
                "redis://host:6379/0."
            ) from error
        return Counter(counted)
    raise BadInputError("ASKWELL_RATE_LIMIT_STORAGE is memory:// or redis://host:6379/0.")


def address(scope: Scope) -> str | None:
    """The other machine's address; None for this machine itself, which needs no guarding from."""
    client = scope.get("client")
    try:
        found = ipaddress.ip_address(client[0] if client else "")
    except ValueError:  # a unix socket, or a client in this process
        return None
    if found.is_loopback:
        return None
    if found.version == 6:  # a household or an office has a whole /64
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def key_of(_: Scope) -> str | None:
    who = caller()
    return who.id if who else None


def is_counted(scope: Scope) -> bool:
    path: str = scope["path"]
    if any(path == one or path.startswith(one + "/") for one in _NOT_COUNTED):
        return False
    return scope["method"] not in ("GET", "HEAD", "OPTIONS") or path.startswith(_COUNTED)


class RateLimits:
    """ASGI middleware: counts each request for whom its policy says."""

    def __init__(self, app: ASGIApp, limiter: Counter, policy: Policy) -> None:
        self.app = app
        self._limiter = limiter
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whose = self._policy.of(scope) if scope["type"] == "http" and self._policy.items else None
        if whose is None or not is_counted(scope):
            await self.app(scope, receive, send)
            return
        headers, refused = await self._count(whose)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                for name, value in headers.items():
                    told.setdefault(name, value)
            await send(message)

        if refused:
            detail = f"Too many requests for this {self._policy.name}. Try again in {headers['Retry-After']} seconds."
            await problem(429, detail, headers=headers, instance=scope["path"])(scope, receive, send)
            return
        await self.app(scope, receive, with_headers)

    async def _count(self, whose: str) -> tuple[dict[str, str], bool]:
        """(headers to tell, whether it is one too many). Without its storage nobody is refused: that is logged."""
        name, tightest, refused = self._policy.name, None, False
        try:
            for item in self._policy.items:
                refused = not await self._limiter.hit(item, name, whose) or refused
                stats = await self._limiter.stats(item, name, whose)
                if tightest is None or stats.remaining < tightest[1]:
                    tightest = (item, stats.remaining, stats.reset_time)
        except StorageError:
            return {}, False
        assert tightest is not None
        item, remaining, reset = tightest
        seconds = max(1, math.ceil(reset - time.time()))
        policies = ", ".join(f'"{name}";q={one.amount};w={one.get_expiry()}' for one in self._policy.items)
        headers = {
            "RateLimit-Policy": policies,
            "RateLimit": f'"{name}";r={0 if refused else remaining};t={seconds}',
            "RateLimit-Limit": str(item.amount),
            "RateLimit-Remaining": str(0 if refused else remaining),
            "RateLimit-Reset": str(seconds),
        }
        return ({**headers, "Retry-After": str(seconds)} if refused else headers), refused


class WrongKeys:
    """ASGI middleware: an address that keeps sending wrong keys is refused for a while, before any is looked up."""

    def __init__(self, app: ASGIApp, limiter: Counter) -> None:
        self.app = app
        self._limiter = limiter
        (self._item,) = parse_many(WRONG_KEYS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whose = address(scope) if scope["type"] == "http" else None
        tries = whose is not None and (_has_key(scope) or (scope["method"], scope["path"]) == ("POST", "/sign-in"))
        if whose is None or not tries:
            await self.app(scope, receive, send)
            return
        try:
            allowed = await self._limiter.test(self._item, "wrong keys", whose)
        except StorageError:
            allowed = True
        if not allowed:
            detail = "Too many wrong keys from this address. Try again in a minute."
            await problem(429, detail, headers={"Retry-After": "60"}, instance=scope["path"])(scope, receive, send)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.app(scope, receive, watched)
        if status == 401:
            with suppress(StorageError):
                await self._limiter.hit(self._item, "wrong keys", whose)


def _has_key(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])
