"""How many questions run at once in this process, and how many of one key: the API and the chat count together.

Leaves out for how long each may run: see ``load.py`` and ``ui/web/limited.py``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Refusal:
    """``status`` is what HTTP answers."""

    status: int
    sentence: str


class Places:
    """For any thread: whoever takes a place leaves it again."""

    def __init__(self, most: int, most_for_one: int) -> None:
        self._most = most
        self._most_for_one = most_for_one
        self._of: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, whose: str) -> Refusal | None:
        """``whose`` is the id of a caller; empty for nobody in particular. None when there was a place."""
        with self._lock:
            if self._of.total() >= self._most:
                return Refusal(503, "Too many questions are being answered at this moment. Try again.")
            if whose and self._of[whose] >= self._most_for_one:
                return Refusal(429, "This key has too many questions running at once. Wait for one.")
            self._of[whose] += 1
        return None

    def leave(self, whose: str) -> None:
        with self._lock:
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]


def given_up(seconds: float) -> str:
    """What is said of a question whose time is over."""
    return f"The answer took longer than {seconds:g} seconds and was given up. Ask something narrower."
