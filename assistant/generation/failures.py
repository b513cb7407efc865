"""What can go wrong with a chat model, in our own terms, whichever provider's library raised it."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from assistant.types import ModelOutcome

_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_SENTENCES: dict[ModelOutcome, str] = {
    "rate_limited": "is asked too often at the moment",
    "timed_out": "did not answer in time",
    "unavailable": "cannot be reached",
    "cut": "broke off in the middle",
    "refused": "refused the request",
    "too_long": "was given more than it can read",
    "unusable": "gave an answer that the documents do not bear out",
}


class ModelFailure(Exception):  # noqa: N818 (it ends a call, and the answer goes on without the model)
    """``transient`` says whether trying again may help; ``retry_after`` is what the provider asked for, in seconds."""

    def __init__(
        self, outcome: ModelOutcome, detail: str = "", *, transient: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(detail or outcome)
        self.outcome: ModelOutcome = outcome
        self.detail = detail
        self.transient = transient
        self.retry_after = retry_after

    @property
    def sentence(self) -> str:
        """The end of a sentence that begins with the model's name."""
        return _SENTENCES.get(self.outcome, "failed")


def failure_of(error: BaseException, *, begun: bool = False) -> ModelFailure:
    """An error of any provider's library as ours. ``begun`` says whether some of the answer had arrived.

    Providers share no base class: the status code and the headers are looked for where their libraries keep them.
    """
    if isinstance(error, ModelFailure):
        return error
    status = _status(error)
    detail = f"{type(error).__name__}: {str(error)[:300]}"
    name = " ".join(kind.__name__ for kind in type(error).__mro__).lower()
    if status is None:
        if "timeout" in name or "timedout" in name:
            return ModelFailure("timed_out", detail, transient=True)
        if begun:
            return ModelFailure("cut", detail, transient=True)
        if "contextoverflow" in name:
            return ModelFailure("too_long", detail)
        connected = any(word in name for word in ("connect", "network", "protocol", "remote", "socket", "oserror"))
        return ModelFailure("unavailable" if connected else "unusable", detail, transient=True)
    wait = retry_after(_headers(error))
    if status == 429:
        # A used-up budget is told with the same status as a busy minute, and waiting does not help against it.
        transient = "insufficient_quota" not in str(error)
        return ModelFailure("rate_limited", detail, transient=transient, retry_after=wait)
    if status in (400, 413) and any(
        word in str(error).lower() for word in ("context", "too long", "maximum", "tokens")
    ):
        return ModelFailure("too_long", detail)
    if status in _BUSY:
        return ModelFailure(
            "timed_out" if status in (408, 504) else "unavailable", detail, transient=True, retry_after=wait
        )
    return ModelFailure("refused", detail)


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait, from ``Retry-After`` (seconds or a date), ``Retry-After-Ms`` or an exhausted rate-limit window.

    >>> retry_after({"retry-after": "7"}), retry_after({"retry-after-ms": "250"}), retry_after({})
    (7.0, 0.25, None)
    """
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    if "retry-after-ms" in lower:
        return _seconds(lower["retry-after-ms"], 1000)
    after = lower.get("retry-after")
    if after:
        plain = _seconds(after)
        if plain is not None:
            return plain
        try:
            when = email.utils.parsedate_to_datetime(after)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.fromtimestamp(now if now is not None else time.time(), UTC)).total_seconds())
    waits = [
        wait
        for kind in ("requests", "tokens")
        if lower.get(f"x-ratelimit-remaining-{kind}") == "0"
        and (wait := _spoken(lower.get(f"x-ratelimit-reset-{kind}", ""))) is not None
    ]
    return max(waits, default=None)


def _spoken(text: str) -> float | None:
    """ "1m30.5s" and "250ms" as seconds, as OpenAI's headers put it."""
    import re

    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
    factors = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
    return sum(float(number) * factors[unit] for number, unit in parts) if parts else _seconds(text)


def _seconds(text: str, per: float = 1) -> float | None:
    try:
        return max(0.0, float(text) / per)
    except ValueError:
        return None


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    for found in (
        getattr(error, "status_code", None),
        getattr(response, "status_code", None),
        getattr(error, "code", None),
        _botocore(response).get("HTTPStatusCode"),
    ):
        if isinstance(found, int) and 100 <= found < 600:
            return found
    return None


def _headers(error: BaseException) -> Mapping[str, str]:
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or _botocore(response).get("HTTPHeaders")
    return {str(name): str(value) for name, value in headers.items()} if isinstance(headers, Mapping) else {}


def _botocore(response: object) -> dict[str, object]:
    metadata = response.get("ResponseMetadata") if isinstance(response, dict) else None
    return metadata if isinstance(metadata, dict) else {}
