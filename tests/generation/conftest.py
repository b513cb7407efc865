"""An assistant over the library of ``tests/assistant`` whose chat model is the provider on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from assistant.assistant import Assistant
from assistant.generation.calls import Caller, Prices
from assistant.generation.chat_models import ModelOptions, open_chat_model
from assistant.generation.writer import ModelWriter, WriterOptions
from assistant.protocols import Records
from ingest.protocols import Embedder
from tests.assistant.conftest import data_dir, embedder, models, records
from tests.assistant.house import assistant_over
from tests.provider.server import Provider, running

__all__ = ["data_dir", "embedder", "models", "records"]


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(endpoint: Provider) -> Provider:
    endpoint.reset()
    return endpoint


@dataclass(frozen=True, slots=True)
class Model:
    """How a test wants its chat model."""

    seconds: float = 10.0
    attempts: int = 3
    unsupported: Literal["mark", "remove"] = "mark"
    judge: bool = False
    context_tokens: int = 8000


MakeAssistant = Callable[..., Assistant]


@pytest.fixture
def waits() -> list[float]:
    """The waits between attempts: they are noted, not slept."""
    return []


@pytest.fixture
def with_model(
    provider: Provider, data_dir: Path, embedder: Embedder, records: Records, waits: list[float]
) -> Iterator[MakeAssistant]:
    """``with_model(Model(...))`` gives an assistant whose answers the provider writes."""
    made: list[Assistant] = []

    def make(model: Model | None = None) -> Assistant:
        wanted = model or Model()
        opened = open_chat_model(ModelOptions("openai:test-model", provider.url, "key", seconds=wanted.seconds))
        caller = Caller(
            opened, attempts=wanted.attempts, prices=Prices(1.0, 10.0), sleep=waits.append, jitter=lambda: 0.5
        )
        options = WriterOptions(wanted.seconds, wanted.context_tokens, wanted.unsupported, wanted.judge)
        made.append(assistant_over(data_dir, embedder, records, writer=ModelWriter(caller, options)))
        return made[-1]

    yield make
    for one in made:
        one.holder.close()
