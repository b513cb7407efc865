"""Logs of a serving process, made with structlog: one line an event, with the request's id, as text or JSON.

No words of questions or answers are in them unless ``ASKWELL_LOG_QUESTIONS`` says so: query strings are left out,
and an unexpected error is logged with its place, not with its message, which may repeat what somebody typed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from assistant.settings import Settings
from assistant.types import Answer
from ui.log_writer import PatientHandler

_OURS = ("askwell", "assistant", "ingest", "ui")
"""Loggers that follow ``ASKWELL_LOG_LEVEL``; other libraries are heard from warnings on."""

# Through the standard library from the start: a program that sets up logging itself is not written past.
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)
log = structlog.stdlib.get_logger("askwell")


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Sets up the whole process. ``stream`` is stderr unless given."""
    out = stream or sys.stderr
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_messages if settings.log_questions else _without_messages,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=0)
    )
    handler = PatientHandler(out) if stream is None else logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())


def log_answers(settings: Settings) -> Any:
    """A listener for ``Assistant.on_answer``: one line for each answer."""

    def answered(answer: Answer) -> None:
        words = {"question": answer.question} if settings.log_questions else {}
        log.info(
            "answered",
            answer_id=answer.id,
            conversation_id=answer.conversation_id,
            status=answer.status,
            generator=answer.generator,
            citations=len(answer.citations),
            index_generation=answer.index_generation,
            ms=round(answer.timings_ms.get("total", 0.0), 1),
            **words,
        )

    return answered


def _without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """``exc_info`` becomes the types and places of the error and its causes."""
    error = _error_in(event)
    if error is not None:
        event["exception"] = "\n".join(_places(error))
    return event


def _with_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    error = _error_in(event)
    if error is not None:
        event["exception"] = "".join(traceback.format_exception(error)).rstrip()
    return event


def _error_in(event: EventDict) -> BaseException | None:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _places(error: BaseException) -> list[str]:
    lines, seen = [], set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        lines.append(type(found).__qualname__)
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(found.__traceback__)
        ]
        found = found.__cause__ or found.__context__
    return lines
