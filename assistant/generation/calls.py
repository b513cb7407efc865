"""Calling a chat model so that it cannot hang, hammer or fail an answer: a time limit, retries with backoff and jitter,
``Retry-After``, and a note of what each call used.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from assistant.generation.chat_models import ChatModel, Delta
from assistant.generation.failures import ModelFailure, failure_of
from assistant.generation.passages import estimate_tokens
from assistant.generation.prompts import Prompt
from assistant.types import ModelCall, ModelOutcome, ModelPurpose

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 8.0


class Deadline:
    """A moment that all calls for one answer share."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds, never negative."""
        return max(0.0, self._end - self._clock())


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens; None when not known."""

    input: float | None = None
    output: float | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        if self.input is None and self.output is None:
            return None
        return round((input_tokens * (self.input or 0) + output_tokens * (self.output or 0)) / 1e6, 8)


@dataclass(slots=True)
class CallLog:
    """The calls made for one answer, in order."""

    calls: list[ModelCall] = field(default_factory=list)


class Caller:
    """One chat model with its rules for trying again. Safe for many threads."""

    def __init__(
        self,
        model: ChatModel,
        *,
        attempts: int = 3,
        prices: Prices | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.model = model
        self._attempts = attempts
        self._prices = prices or Prices()
        self._sleep = sleep
        self._jitter = jitter

    @property
    def name(self) -> str:
        return self.model.name

    def text(self, purpose: ModelPurpose, prompt: Prompt, deadline: Deadline, log: CallLog) -> str:
        """The whole answer. Raises ModelFailure."""
        return "".join(self.stream(purpose, prompt, deadline, log))

    def stream(self, purpose: ModelPurpose, prompt: Prompt, deadline: Deadline, log: CallLog) -> Iterator[str]:
        """The answer as it comes. Tries again until the first words have come; after that a failure is the caller's.

        Raises ModelFailure; whatever happens, one ModelCall goes into the log.
        """
        began = time.perf_counter()
        used = _Used(prompt)
        outcome: ModelOutcome = "ok"
        attempt = 0
        try:
            while True:
                attempt += 1
                used.again()
                try:
                    for delta in _until(self.model.stream(prompt.system, prompt.data), deadline):
                        used.add(delta)
                        if delta.text:
                            yield delta.text
                    if not used.text_length:
                        raise ModelFailure("unusable", "the answer was empty", transient=True)
                    outcome = "shortened" if used.shortened else "ok"
                    return
                except ModelFailure as failure:
                    if used.text_length or not self._tries_again(failure, attempt, deadline):
                        raise
        except ModelFailure as failure:
            outcome = failure.outcome
            raise
        except GeneratorExit:
            outcome = "cut"
            raise
        finally:
            log.calls.append(
                ModelCall(
                    purpose=purpose,
                    model=self.name,
                    outcome=outcome,
                    attempts=attempt,
                    input_tokens=used.input,
                    output_tokens=used.output,
                    milliseconds=round((time.perf_counter() - began) * 1000, 2),
                    cost=self._prices.cost(used.input, used.output),
                )
            )

    def _tries_again(self, failure: ModelFailure, attempt: int, deadline: Deadline) -> bool:
        """Waits and says yes; or no, when it would not help or not be in time."""
        if not failure.transient or attempt >= self._attempts:
            return False
        backoff = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1)) * (0.5 + self._jitter() / 2)
        # What the provider asks for is the least; the jitter keeps many servers from coming back at once.
        wait = backoff if failure.retry_after is None else failure.retry_after + 0.1 * self._jitter()
        if wait >= deadline.left:
            return False
        self._sleep(wait)
        return True


class _Used:
    """Tokens of one call: what the provider says, else an estimate."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = estimate_tokens(prompt.system) + estimate_tokens(prompt.data)
        self._said_input = self._said_output = 0
        self.text_length = 0
        self.shortened = False
        """Whether the model stopped at its limit of tokens."""

    def again(self) -> None:
        self.text_length = 0

    def add(self, delta: Delta) -> None:
        self.shortened = self.shortened or delta.too_short
        self.text_length += len(delta.text)
        self._said_input += delta.input_tokens
        self._said_output += delta.output_tokens

    @property
    def input(self) -> int:
        return self._said_input or (self._prompt if self.text_length else 0)

    @property
    def output(self) -> int:
        return self._said_output or self.text_length // 4


_END = object()


def _until(deltas: Iterator[Delta], deadline: Deadline) -> Iterator[Delta]:
    """The deltas, read in a thread of their own, so that a provider that stalls cannot hold the answer up."""
    arrived: queue.Queue[object] = queue.Queue()
    stopped = threading.Event()

    def read() -> None:
        try:
            for delta in deltas:
                if stopped.is_set():
                    return
                arrived.put(delta)
            arrived.put(_END)
        except BaseException as error:
            arrived.put(failure_of(error))

    threading.Thread(target=read, name="askwell-model", daemon=True).start()
    try:
        while True:
            try:
                item = arrived.get(timeout=max(0.001, deadline.left))
            except queue.Empty:
                raise ModelFailure("timed_out", "the time limit for the answer was reached") from None
            if item is _END:
                return
            if isinstance(item, ModelFailure):
                raise item
            if isinstance(item, Delta):
                yield item
            if deadline.left <= 0:
                raise ModelFailure("timed_out", "the time limit for the answer was reached")
    finally:
        stopped.set()
