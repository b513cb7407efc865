"""The path of one question as steps with timings: kept with the answer for ``--explain``, and sent as OpenTelemetry
spans to whatever the process is set up with (nothing, by default). No question or answer text is put into a span.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry import trace as otel
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from assistant.types import Answer, Step

Detail = str | int | float | bool


_GEN_AI = {
    "model": "gen_ai.request.model",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
}
"""OpenTelemetry's own names, where it has some."""


class Note:
    """What is worth knowing of a step, set while it runs."""

    def __init__(self, span: Span, details: dict[str, Detail]) -> None:
        self._span = span
        self._details = details

    def set(self, name: str, value: Detail) -> None:
        self._details[name] = value
        self._span.set_attribute(_GEN_AI.get(name, f"askwell.{name}"), value)


class Trace:
    """Steps of one answer. Parents are kept here and not in a context variable: a streamed answer is made by a
    generator, which other code runs between its steps."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._tracer = otel.get_tracer("askwell")
        self._root = self._tracer.start_span("askwell.answer", kind=SpanKind.INTERNAL)
        self._open: list[Span] = [self._root]
        self._steps: list[Step] = []
        self._finished = False

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)

    @contextmanager
    def step(self, name: str, **details: Detail) -> Iterator[Note]:
        span = self._tracer.start_span(f"askwell.{name}", otel.set_span_in_context(self._open[-1]))
        kept: dict[str, Detail] = {}
        note = Note(span, kept)
        for key, value in details.items():
            note.set(key, value)
        began = time.perf_counter()
        place = len(self._steps)
        depth = len(self._open) - 1
        self._steps.append(Step(name, round((began - self._began) * 1000, 2), 0.0, (), depth))
        self._open.append(span)
        try:
            yield note
        except Exception as error:
            span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            note.set("failed", type(error).__name__)
            raise
        finally:
            self._open.pop()
            span.end()
            spent = round((time.perf_counter() - began) * 1000, 2)
            self._steps[place] = replace(self._steps[place], milliseconds=spent, details=tuple(kept.items()))

    def finish(self, answer: Answer | None) -> None:
        """Ends the whole, once; None when there is no answer."""
        if self._finished:
            return
        self._finished = True
        if answer is None:
            self._root.set_status(Status(StatusCode.ERROR))
        else:
            for name, value in (
                ("status", answer.status),
                ("generator", answer.generator),
                ("index_generation", answer.index_generation),
                ("citations", len(answer.citations)),
                ("unsupported", sum(not check.supported for check in answer.checks)),
                ("input_tokens", sum(call.input_tokens for call in answer.model_calls)),
                ("output_tokens", sum(call.output_tokens for call in answer.model_calls)),
            ):
                self._root.set_attribute(f"askwell.{name}", value)
        self._root.end()
