"""What a client raises: each with one sentence, the server's own where it gave one."""

from __future__ import annotations


class AskwellError(Exception):
    """Base of both."""


class NotReachedError(AskwellError):
    """No server answered at the address, or it did not answer in time."""


class RefusedError(AskwellError):
    """The server answered with an error. ``status`` is the HTTP status, ``retry_after`` in seconds where it said so."""

    def __init__(self, sentence: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after
