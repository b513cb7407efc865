"""What Prometheus scrapes at /metrics, counted with prometheus-client. No text of questions or answers is in it.

With several workers each writes its numbers into a folder (``PROMETHEUS_MULTIPROC_DIR``), and a scrape sums them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from assistant.types import Answer
from ingest.errors import AskwellError

if TYPE_CHECKING:
    from assistant.assistant import Assistant

SlackOutcome = Literal["answered", "failed", "ignored", "duplicate", "rate_limited", "retried", "refused"]

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)

ANSWERS = Counter("askwell_answers", "Questions answered, over every face.", ["status", "generator"])
STAGES = Histogram("askwell_stage_seconds", "Time of each stage of an answer.", ["stage"], buckets=_SECONDS)
TOKENS = Counter("askwell_model_tokens", "Tokens read and written by chat models.", ["model", "kind"])
REQUESTS = Counter("askwell_http_requests", "Requests by route and status.", ["method", "route", "status"])
LATENCY = Histogram("askwell_http_request_seconds", "Time until a response ended.", ["route"], buckets=_SECONDS)
RATINGS = Counter("askwell_ratings", "Thumbs up and down.", ["rating"])
SLACK = Counter("askwell_slack_events", "What became of Slack's events.", ["outcome"])


def observe_answer(answer: Answer) -> None:
    ANSWERS.labels(answer.status, answer.generator).inc()
    for stage, milliseconds in answer.timings_ms.items():
        STAGES.labels(stage).observe(milliseconds / 1000)
    for call in answer.model_calls:
        count_tokens(call.model, call.input_tokens, call.output_tokens)


def count_tokens(model: str, read: int, written: int) -> None:
    TOKENS.labels(model, "input").inc(read)
    TOKENS.labels(model, "output").inc(written)


def slack_outcome(outcome: SlackOutcome, times: int = 1) -> None:
    """For the Slack bot: one event, posting or call ended like this."""
    SLACK.labels(outcome).inc(times)


def observe_request(method: str, path: str, status: int, seconds: float) -> None:
    route = route_of(path)
    known = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    LATENCY.labels(route).observe(seconds)


def route_of(path: str) -> str:
    """A name from a small set, since what people type into the address bar would make endless series.

    >>> route_of("/v1/documents/guides/keys.md"), route_of("/sources/a.md"), route_of("/wp-admin")
    ('/v1/documents', '/sources', 'other')
    """
    if path in _WHOLE:
        return path
    return next((route for route in _ROUTES if path.startswith(route + "/")), "other")


_ROUTES = (
    "/v1/answers",
    "/v1/search",
    "/v1/feedback",
    "/v1/documents",
    "/v1/conversations",
    "/v1/chat/completions",
    "/v1/models",
    "/sources",
    "/slack/events",
    "/mcp",
    "/gradio_api",
    "/assets",
    "/ui",
)
_WHOLE = {*_ROUTES, "/", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/sign-in", "/sign-out"}


class IndexMetrics(Collector):
    """The live index and the running answers at the moment of a scrape."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def collect(self) -> Iterator[Metric]:
        yield _gauge("askwell_running_answers", "Answers in the making, in this process.", self._assistant.running)
        live = GaugeMetricFamily("askwell_index_live", "1 when there is an index to answer from.")
        try:
            manifest = self._assistant.holder.manifest()
        except AskwellError:
            live.add_metric([], 0)
            yield live
            return
        live.add_metric([], 1)
        yield live
        age = (datetime.now(UTC) - _time(manifest.created)).total_seconds()
        yield _gauge("askwell_index_age_seconds", "Seconds since the live index was made.", age)
        yield _gauge("askwell_index_documents", "Documents in the live index.", manifest.documents)
        yield _gauge("askwell_index_chunks", "Chunks in the live index.", manifest.chunks)
        waiting = 1 if self._assistant.holder.problem else 0
        yield _gauge("askwell_index_refused", "1 when a newer index cannot be used and the old one serves.", waiting)
        slow = 1 if self._assistant.holder.slow else 0
        yield _gauge("askwell_vectors_away", "1 when the vector index cannot be used and every chunk is scored.", slow)


def exposition(assistant: Assistant) -> bytes:
    """The text that Prometheus reads."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    index = CollectorRegistry()
    index.register(IndexMetrics(assistant))
    return generate_latest(registry) + generate_latest(index)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _time(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
