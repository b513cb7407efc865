"""Rate limits, counted by the library ``limits`` in memory or Redis: for each address and for each key.

Told in the headers of draft-ietf-httpapi-ratelimit-headers (``RateLimit-Policy``, ``RateLimit``) and in the older
three; 429 with ``Retry-After`` beyond them. Reading the chat's own files costs nothing and is not counted.
"""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.callers import caller
from ingest.errors import BadInputError
from ui.http.problems import problem

log = logging.getLogger("askwell")

_COUNTED = ("/v1", "/sources", "/mcp", "/documents")
_NOT_COUNTED = ("/slack/events",)
"""Slack sends for a whole company from few addresses, and would switch the app off when refused."""

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


def rate_limiter(storage: str) -> SlidingWindowCounterRateLimiter:
    """Over ``memory://`` (each process counts alone) or ``redis://host:port/db``. Raises BadInputError."""
    if storage == "memory://":
        return SlidingWindowCounterRateLimiter(MemoryStorage())
    if storage.startswith(("redis://", "rediss://")):
        try:
            counted = RedisStorage("async+" + storage, wrap_exceptions=True, implementation="redispy")
        except Exception as error:
            raise BadInputError(
                "ASKWELL_RATE_LIMIT_STORAGE cannot be used. Run: pip install 'askwell[redis]', and write it as "
                "redis://host:6379/0."
            ) from error
        return SlidingWindowCounterRateLimiter(counted)
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

    def __init__(self, app: ASGIApp, limiter: SlidingWindowCounterRateLimiter, policy: Policy) -> None:
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
                stats = await self._limiter.get_window_stats(item, name, whose)
                if tightest is None or stats.remaining < tightest[1]:
                    tightest = (item, stats.remaining, stats.reset_time)
        except StorageError as error:
            log.warning("rate limits are not counted: %s", type(error.storage_error).__name__)
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

    def __init__(self, app: ASGIApp, limiter: SlidingWindowCounterRateLimiter) -> None:
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
            try:
                await self._limiter.hit(self._item, "wrong keys", whose)
            except StorageError as error:
                log.warning("wrong keys are not counted: %s", type(error.storage_error).__name__)


def _has_key(scope: Scope) -> bool:
    return any(name == b"authorization" for name, _ in scope["headers"])
