"""One question's path is seen in the answer's steps, and in spans that a real collector receives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from assistant.types import Question
from tests.generation.conftest import MakeAssistant
from tests.generation.test_writing import good
from tests.provider.script import Reply
from tests.provider.server import Provider


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Keeps the spans that arrive over OTLP."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def Export(  # noqa: N802 (the name that the protocol gives it)
        self, request: trace_service_pb2.ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    kept = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(kept, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield kept, f"http://127.0.0.1:{port}"
    server.stop(None)


def test_the_steps_of_an_answer_tell_its_path(provider: Provider, with_model: MakeAssistant) -> None:
    provider.say("answer", Reply(lambda asked: good(asked) + " It has 77 lives."))
    provider.say("repair", Reply("A: REMOVE"))
    answer = with_model().ask(Question("What is Amazon DynamoDB?"))
    names = [step.name for step in answer.steps]
    assert names == ["understand", "retrieve", "weigh", "generate", "repair"]
    generate = dict(answer.steps[3].details)
    assert (generate["model"], generate["prompt"]) == ("openai:test-model", "answer.v1")
    assert (generate["input_tokens"], generate["output_tokens"]) == (120, 30)
    assert all(step.milliseconds >= 0 for step in answer.steps)


def test_ask_explains_itself_and_sends_spans(
    provider: Provider, collector: tuple[Collector, str], data_dir: Path, models: Path
) -> None:
    kept, address = collector
    if not (data_dir / "models").exists():
        (data_dir / "models").symlink_to(models / "models")  # the exported embedder, not to be exported again
    provider.say("answer", Reply(good))
    environment = {
        **os.environ,
        "ASKWELL_DATA_DIR": str(data_dir),
        "ASKWELL_MODEL": "openai:test-model",
        "ASKWELL_MODEL_BASE_URL": provider.url,
        "ASKWELL_OTLP_ENDPOINT": address,
        "ASKWELL_MODEL_INPUT_PRICE": "1",
    }
    command = [sys.executable, "-m", "ui.main", "ask", "What is Amazon DynamoDB?", "--explain", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("{")
    for said in ("understand", "retrieve", "generate", "supported [1]", "120 + 30 tokens", "services/dynamodb.md"):
        assert said in done.stderr
    spans = {span.name: span for span in kept.spans}
    root = spans["askwell.answer"]
    assert {"askwell.understand", "askwell.retrieve", "askwell.weigh", "askwell.generate"} <= set(spans)
    assert all(span.parent_span_id == root.span_id for name, span in spans.items() if name != "askwell.answer")
    attributes = {one.key: one.value for one in spans["askwell.generate"].attributes}
    assert attributes["gen_ai.usage.input_tokens"].int_value == 120
    everything = " ".join(str(span) for span in kept.spans)
    assert "What is Amazon DynamoDB" not in everything
