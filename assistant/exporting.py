"""Sends the spans of ``tracing.py`` to an OpenTelemetry collector, for a process that is told where one is.

A program that has set OpenTelemetry up itself (``opentelemetry-instrument``) needs none of this.
"""

from __future__ import annotations

import importlib.util
from threading import Lock

from ingest.errors import BadInputError

_lock = Lock()
_sending_to = ""


def send_spans(endpoint: str) -> None:
    """Once for a process. ``endpoint`` is an OTLP/gRPC address ("http://127.0.0.1:4317").

    Raises BadInputError with what to install when the exporter is missing.
    """
    global _sending_to
    with _lock:
        if not endpoint or _sending_to:
            return
        if importlib.util.find_spec("opentelemetry.sdk") is None:
            raise BadInputError("ASKWELL_OTLP_ENDPOINT needs more packages. Run: pip install 'askwell[tracing]'")
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": "askwell"}))
        exporter = OTLPSpanExporter(endpoint=endpoint, insecure=not endpoint.startswith("https://"))
        provider.add_span_processor(BatchSpanProcessor(exporter))
        trace.set_tracer_provider(provider)
        _sending_to = endpoint
