"""Chat models by name: each provider's library opens with our limits; what is missing is said with what to install."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.machinery import ModuleSpec

import httpx
import pytest

from assistant.generation.chat_models import LangChainChat, ModelOptions, open_chat_model
from assistant.generation.failures import failure_of, retry_after
from assistant.settings import Settings
from assistant.wiring import model_writer
from ingest.errors import BadInputError
from tests.provider.script import Reply
from tests.provider.server import Provider


@pytest.mark.parametrize("name", ["openai:gpt-5-mini", "anthropic:claude-sonnet-4-5", "ollama:llama3.2"])
def test_a_provider_opens_with_our_limits_and_without_a_network(name: str) -> None:
    opened = open_chat_model(ModelOptions(name, api_key="key", seconds=7, output_tokens=321))
    assert isinstance(opened, LangChainChat)
    assert opened.name == name
    model = opened._model
    if name.startswith("ollama"):
        assert (getattr(model, "num_predict"), getattr(model, "client_kwargs")) == (321, {"timeout": 7})  # noqa: B009
    else:
        assert (getattr(model, "max_retries"), getattr(model, "max_tokens")) == (0, 321)  # noqa: B009


def test_an_openai_compatible_server_needs_no_key(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    provider.say("judge", Reply("hello"))
    model = open_chat_model(ModelOptions("openai:local", provider.url))
    assert "".join(delta.text for delta in model.stream("You judge", "x")) == "hello"


@pytest.mark.parametrize("name", ["gpt-5", "openai:", ":x", "nosuchprovider:model"])
def test_a_name_that_says_no_provider_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(BadInputError, match="ASKWELL_MODEL"):
        open_chat_model(ModelOptions(name, api_key="key"))


def test_a_missing_key_is_said_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(BadInputError, match="ASKWELL_MODEL_API_KEY"):
        open_chat_model(ModelOptions("openai:gpt-5-mini"))


@pytest.mark.parametrize(("provider_name", "extra"), [("bedrock_converse", "bedrock"), ("google_genai", "google")])
def test_a_missing_package_is_said_with_what_to_install(
    provider_name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in ("langchain_aws", "langchain_google_genai") else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(BadInputError, match=rf"pip install 'askwell\[{extra}\]'"):
        open_chat_model(ModelOptions(f"{provider_name}:x"))


def test_without_the_setting_there_is_no_model() -> None:
    assert model_writer(Settings(_env_file=None)) is None


class RefusedError(Exception):
    def __init__(self, status: int, **headers: str) -> None:
        super().__init__("refused")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = httpx.Response(status, headers=named)


def test_waits_are_read_from_whatever_header_says_them() -> None:
    assert retry_after({"Retry-After": "3"}) == 3
    assert retry_after({"retry-after-ms": "1500"}) == 1.5
    now = datetime.now(UTC)
    date = format_datetime(now + timedelta(seconds=90), usegmt=True)
    assert 88 <= (retry_after({"retry-after": date}, now.timestamp()) or 0) <= 91
    exhausted = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m2.5s"}
    assert retry_after(exhausted) == 62.5
    assert retry_after({**exhausted, "x-ratelimit-remaining-tokens": "7"}) is None
    assert retry_after({"retry-after": "soon"}) is None


def test_failures_of_any_library_are_told_apart() -> None:
    limited = failure_of(RefusedError(429, retry_after="4"))
    assert (limited.outcome, limited.transient, limited.retry_after) == ("rate_limited", True, 4)
    assert not failure_of(RefusedError(401)).transient
    assert failure_of(RefusedError(529)).transient
    assert failure_of(httpx.ReadTimeout("slow")).outcome == "timed_out"
    assert failure_of(httpx.ConnectError("no route")).outcome == "unavailable"
    assert failure_of(ValueError("bad json"), begun=True).outcome == "cut"
    throttled = Exception("throttled")
    throttled.response = {"ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": {"retry-after": "9"}}}  # type: ignore[attr-defined]
    assert failure_of(throttled).retry_after == 9
