"""What the provider does with one request: the words it says and the way it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Fault = Literal["none", "status", "stall", "cut", "clean_cut", "malformed", "empty", "silent_close"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived: both messages, and whether it was to stream."""

    system: str
    data: str
    model: str
    stream: bool

    @property
    def purpose(self) -> str:
        """ "answer", "repair", "rewrite" or "judge", told from the rules."""
        for word, purpose in (("You write one", "answer"), ("You correct", "repair"), ("You make", "rewrite")):
            if self.system.startswith(word):
                return purpose
        return "judge"

    def passage(self, words: str) -> int:
        """The number of the first passage that holds these words."""
        for part in self.data.split("<passage ")[1:]:
            if words in part.split("</passage", 1)[0]:
                return int(part.split(None, 1)[0].rstrip(">").split(">")[0])
        raise LookupError(f"no passage has {words!r}")


Words = str | Callable[[Asked], str]


@dataclass(frozen=True, slots=True)
class Reply:
    """``after`` pieces are sent before the fault happens; ``status`` and ``headers`` are those of a refusal."""

    text: Words = ""
    fault: Fault = "none"
    after: int = 0
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    finish: str = "stop"
    piece: int = 4
    usage: tuple[int, int] | None = (120, 30)
    seconds: float = 30.0
    """How long a stall lasts."""

    def words(self, asked: Asked) -> str:
        return self.text if isinstance(self.text, str) else self.text(asked)


def busy(status: int = 429, **headers: str) -> Reply:
    return Reply(fault="status", status=status, headers=tuple((n.replace("_", "-"), v) for n, v in headers.items()))
