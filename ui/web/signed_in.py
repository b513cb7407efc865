"""Lets what Gradio runs run for who sent the request: its queue works outside the request's own context."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import gradio as gr

from assistant.callers import Caller, acting_as
from ui.http.access import CALLER

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


def as_sender(handler: Callable[Concatenate[S, Any, P], T]) -> Callable[Concatenate[S, Any, P], T]:
    """For a method whose first argument is the request."""

    @wraps(handler)
    def acting(self: S, request: gr.Request, /, *given: P.args, **named: P.kwargs) -> T:
        with acting_as(_sender(request)):
            return handler(self, request, *given, **named)

    return acting


def each_step_as_sender(
    handler: Callable[Concatenate[S, Any, P], Iterator[T]],
) -> Callable[Concatenate[S, Any, P], Iterator[T]]:
    """The same for a generator, of which each step may run in another thread."""

    @wraps(handler)
    def acting(self: S, request: gr.Request, /, *given: P.args, **named: P.kwargs) -> Iterator[T]:
        steps = handler(self, request, *given, **named)
        while True:
            with acting_as(_sender(request)):
                try:
                    step = next(steps)
                except StopIteration:
                    return
            yield step

    return acting


def _sender(request: gr.Request) -> Caller | None:
    inner = getattr(request, "request", None)
    who = inner.scope.get(CALLER) if inner is not None else None
    return who if isinstance(who, Caller) else None
